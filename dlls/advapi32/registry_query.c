#include "dlls/advapi32/registry.h"

/* What keys tell of themselves and of the keys below them. */

/* The length becomes the name's; too small a buffer is told by the error alone. */
static LSTATUS give_name(const WCHAR *text, size_t length, LPWSTR buffer, LPDWORD size)
{
    if (*size <= length)
        return ERROR_MORE_DATA;
    memcpy(buffer, text, length * sizeof *text);
    buffer[length] = 0;
    *size = length;
    return ERROR_SUCCESS;
}

static void give_time(LONGLONG written, PFILETIME time)
{
    if (time)
        *time = (FILETIME){.dwLowDateTime = (DWORD)written, .dwHighDateTime = written >> 32};
}

static void give_number(DWORD number, LPDWORD result)
{
    if (result)
        *result = number;
}

static LSTATUS query_subkey(HKEY key, DWORD index, struct registry_information *information)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);
    return status_to_win32(NT_SUCCESS(status) ? registry_query_subkey(handle, index, information) : status);
}

static LSTATUS query_key(HKEY key, struct registry_information *information)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);
    return status_to_win32(NT_SUCCESS(status) ? registry_query(handle, information) : status);
}

LSTATUS WINAPI RegEnumKeyExW(HKEY key, DWORD index, LPWSTR name, LPDWORD name_size, LPDWORD reserved,
                             LPWSTR class, LPDWORD class_size, PFILETIME written)
{
    struct registry_information child;
    if (reserved || !name_size || !name || (class && !class_size))
        return ERROR_INVALID_PARAMETER;
    LSTATUS error = query_subkey(key, index, &child);
    if (!error)
        error = give_name(child.name, child.name_length, name, name_size);
    if (!error && class)
        error = give_name(child.class, child.class_length, class, class_size);
    if (!error)
        give_time(child.written, written);
    return error;
}

LSTATUS WINAPI RegEnumKeyW(HKEY key, DWORD index, LPWSTR name, DWORD size)
{
    return RegEnumKeyExW(key, index, name, &size, NULL, NULL, NULL, NULL);
}

static LSTATUS give_ansi_name(const WCHAR *text, size_t length, LPSTR buffer, LPDWORD size)
{
    size_t needed = utf8_from_utf16(NULL, 0, text, length, UTF_REPLACE);
    if (*size <= needed)
        return ERROR_MORE_DATA;
    utf8_from_utf16(buffer, needed, text, length, UTF_REPLACE);
    buffer[needed] = '\0';
    *size = needed;
    return ERROR_SUCCESS;
}

LSTATUS WINAPI RegEnumKeyExA(HKEY key, DWORD index, LPSTR name, LPDWORD name_size, LPDWORD reserved,
                             LPSTR class, LPDWORD class_size, PFILETIME written)
{
    struct registry_information child;
    if (reserved || !name_size || !name || (class && !class_size))
        return ERROR_INVALID_PARAMETER;
    LSTATUS error = query_subkey(key, index, &child);
    if (!error)
        error = give_ansi_name(child.name, child.name_length, name, name_size);
    if (!error && class)
        error = give_ansi_name(child.class, child.class_length, class, class_size);
    if (!error)
        give_time(child.written, written);
    return error;
}

LSTATUS WINAPI RegEnumKeyA(HKEY key, DWORD index, LPSTR name, DWORD size)
{
    return RegEnumKeyExA(key, index, name, &size, NULL, NULL, NULL, NULL);
}

/* Keys have no security descriptors here. */
static void give_numbers(const struct registry_information *information, LPDWORD subkeys,
                         LPDWORD longest_subkey, LPDWORD longest_class, LPDWORD values, LPDWORD longest_value,
                         LPDWORD largest_data, LPDWORD security_size, PFILETIME written)
{
    give_number(information->subkeys, subkeys);
    give_number(information->longest_subkey, longest_subkey);
    give_number(information->longest_class, longest_class);
    give_number(information->values, values);
    give_number(information->longest_value_name, longest_value);
    give_number(information->largest_data, largest_data);
    give_number(0, security_size);
    give_time(information->written, written);
}

LSTATUS WINAPI RegQueryInfoKeyW(HKEY key, LPWSTR class, LPDWORD class_size, LPDWORD reserved, LPDWORD subkeys,
                                LPDWORD longest_subkey, LPDWORD longest_class, LPDWORD values,
                                LPDWORD longest_value, LPDWORD largest_data, LPDWORD security_size,
                                PFILETIME written)
{
    struct registry_information information;
    if ((class && !class_size) || reserved)
        return ERROR_INVALID_PARAMETER;
    LSTATUS error = query_key(key, &information);
    if (error)
        return error;
    if (class)
        error = give_name(information.class, information.class_length, class, class_size);
    if (class_size)
        *class_size = information.class_length;
    give_numbers(&information, subkeys, longest_subkey, longest_class, values, longest_value, largest_data,
                 security_size, written);
    return error;
}

LSTATUS WINAPI RegQueryInfoKeyA(HKEY key, LPSTR class, LPDWORD class_size, LPDWORD reserved, LPDWORD subkeys,
                                LPDWORD longest_subkey, LPDWORD longest_class, LPDWORD values,
                                LPDWORD longest_value, LPDWORD largest_data, LPDWORD security_size,
                                PFILETIME written)
{
    struct registry_information information;
    if ((class && !class_size) || reserved)
        return ERROR_INVALID_PARAMETER;
    LSTATUS error = query_key(key, &information);
    if (error)
        return error;
    if (class)
        error = give_ansi_name(information.class, information.class_length, class, class_size);
    if (class_size)
        *class_size = utf8_from_utf16(NULL, 0, information.class, information.class_length, UTF_REPLACE);
    give_numbers(&information, subkeys, longest_subkey, longest_class, values, longest_value, largest_data,
                 security_size, written);
    return error;
}
