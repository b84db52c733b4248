#include <stdlib.h>
#include "dlls/advapi32/registry.h"
#include "kernel/peek.h"

/* Reading */

LSTATUS registry_give_data(const void *data, size_t size, DWORD type, DWORD *type_result, void *buffer,
                           DWORD *buffer_size)
{
    DWORD room = buffer && buffer_size ? *buffer_size : 0;
    if (type_result)
        *type_result = type;
    if (buffer_size)
        *buffer_size = size;
    if (!buffer)
        return ERROR_SUCCESS;
    if (room < size)
        return ERROR_MORE_DATA;
    if (size)
        memcpy(buffer, data, size);
    return ERROR_SUCCESS;
}

/* A text that was stored without its end gets one where there is room, which its size does not tell. */
static void terminate(DWORD type, size_t unit, void *buffer, DWORD room, DWORD size)
{
    if (buffer && registry_is_text(type) && room >= size + unit)
        memset((char *)buffer + size, 0, unit);
}

static LSTATUS give_wide(const struct registry_value *value, LPDWORD type, LPBYTE data, LPDWORD size)
{
    DWORD room = size ? *size : 0;
    LSTATUS error = registry_give_data(value->data, value->size, value->type, type, data, size);
    if (!error)
        terminate(value->type, sizeof(WCHAR), data, room, value->size);
    return error;
}

static LSTATUS give_ansi(const struct registry_value *value, LPDWORD type, LPBYTE data, LPDWORD size)
{
    DWORD room = size ? *size : 0;
    size_t converted;
    if (!registry_is_text(value->type))
        return registry_give_data(value->data, value->size, value->type, type, data, size);
    char *text = registry_ansi_from_wide(value->data, value->size / sizeof(WCHAR), &converted);
    if (!text)
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = registry_give_data(text, converted, value->type, type, data, size);
    if (!error)
        terminate(value->type, sizeof(char), data, room, converted);
    free(text);
    return error;
}

typedef LSTATUS (*give_function)(const struct registry_value *value, LPDWORD type, LPBYTE data, LPDWORD size);

static LSTATUS query_value(HKEY key, LPCWSTR name, give_function give, LPDWORD type, LPBYTE data,
                           LPDWORD size)
{
    struct registry_value *value;
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);
    if (NT_SUCCESS(status))
        status = registry_get_value(handle, name, registry_text_length(name), &value);
    if (!NT_SUCCESS(status))
        return status_to_win32(status);
    LSTATUS error = give(value, type, data, size);
    registry_value_release(value);
    return error;
}

LSTATUS WINAPI RegQueryValueExW(HKEY key, LPCWSTR name, LPDWORD reserved, LPDWORD type, LPBYTE data,
                                LPDWORD size)
{
    if (reserved || (data && !size))
        return ERROR_INVALID_PARAMETER;
    return query_value(key, name, give_wide, type, data, size);
}

LSTATUS WINAPI RegQueryValueExA(HKEY key, LPCSTR name, LPDWORD reserved, LPDWORD type, LPBYTE data,
                                LPDWORD size)
{
    struct registry_wide wide;
    if (reserved || (data && !size))
        return ERROR_INVALID_PARAMETER;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = query_value(key, wide.text, give_ansi, type, data, size);
    registry_wide_free(&wide);
    return error;
}

/* A key's default value, which is empty where there is none. */
static LSTATUS query_default(HKEY key, LPCWSTR name, give_function give, size_t unit, void *data, PLONG size)
{
    HKEY opened;
    DWORD type = REG_SZ;
    if (data && !size)
        return ERROR_INVALID_PARAMETER;
    LSTATUS error = registry_open_subkey(key, name, KEY_QUERY_VALUE, &opened);
    if (error)
        return error;
    error = query_value(opened, NULL, give, &type, data, (LPDWORD)size);
    RegCloseKey(opened);
    if (error == ERROR_FILE_NOT_FOUND)
        return registry_give_data(L"", unit, REG_SZ, NULL, data, (LPDWORD)size);
    return !error && type != REG_SZ && type != REG_EXPAND_SZ ? ERROR_INVALID_DATA : error;
}

LSTATUS WINAPI RegQueryValueW(HKEY key, LPCWSTR name, LPWSTR data, PLONG size)
{
    return query_default(key, name, give_wide, sizeof(WCHAR), data, size);
}

LSTATUS WINAPI RegQueryValueA(HKEY key, LPCSTR name, LPSTR data, PLONG size)
{
    struct registry_wide wide;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = query_default(key, wide.text, give_ansi, sizeof(char), data, size);
    registry_wide_free(&wide);
    return error;
}

/* Enumerating */

static LSTATUS get_value_at(HKEY key, DWORD index, struct registry_value **value)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);
    return status_to_win32(NT_SUCCESS(status) ? registry_get_value_at(handle, index, value) : status);
}

LSTATUS WINAPI RegEnumValueW(HKEY key, DWORD index, LPWSTR name, LPDWORD name_size, LPDWORD reserved,
                             LPDWORD type, LPBYTE data, LPDWORD size)
{
    struct registry_value *value;
    if (reserved || !name || !name_size || (data && !size))
        return ERROR_INVALID_PARAMETER;
    LSTATUS error = get_value_at(key, index, &value);
    if (error)
        return error;
    if (*name_size <= value->name_length) {
        error = ERROR_MORE_DATA;
    } else {
        memcpy(name, value->name, value->name_length * sizeof *name);
        name[value->name_length] = 0;
        *name_size = value->name_length;
        error = give_wide(value, type, data, size);
    }
    registry_value_release(value);
    return error;
}

LSTATUS WINAPI RegEnumValueA(HKEY key, DWORD index, LPSTR name, LPDWORD name_size, LPDWORD reserved,
                             LPDWORD type, LPBYTE data, LPDWORD size)
{
    struct registry_value *value;
    if (reserved || !name || !name_size || (data && !size))
        return ERROR_INVALID_PARAMETER;
    LSTATUS error = get_value_at(key, index, &value);
    if (error)
        return error;
    size_t length = utf8_from_utf16(NULL, 0, value->name, value->name_length, UTF_REPLACE);
    if (*name_size <= length) {
        error = ERROR_MORE_DATA;
    } else {
        utf8_from_utf16(name, length, value->name, value->name_length, UTF_REPLACE);
        name[length] = '\0';
        *name_size = length;
        error = give_ansi(value, type, data, size);
    }
    registry_value_release(value);
    return error;
}

/* Writing */

/* A caller who does not count the end of a text has it counted for him. */
static size_t count_terminator(DWORD type, const void *data, size_t size, size_t unit)
{
    WCHAR last = 0, next = 1;
    if (!registry_is_text(type) || type == REG_MULTI_SZ || size < unit || size % unit)
        return size;
    bool readable = peek(&last, (const char *)data + size - unit, unit);
    return readable && last && peek(&next, (const char *)data + size, unit) &&
                   !(unit == 1 ? next & 0xff : next)
               ? size + unit
               : size;
}

static LSTATUS set_value(HKEY key, LPCWSTR name, DWORD type, const void *data, size_t size)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);
    if (NT_SUCCESS(status))
        status = registry_set_value(handle, name, registry_text_length(name), type, data, size);
    return status_to_win32(status);
}

LSTATUS WINAPI RegSetValueExW(HKEY key, LPCWSTR name, DWORD reserved, DWORD type, const BYTE *data,
                              DWORD size)
{
    if (reserved || (!data && size))
        return ERROR_INVALID_PARAMETER;
    return set_value(key, name, type, data, count_terminator(type, data, size, sizeof(WCHAR)));
}

static LSTATUS set_ansi_data(HKEY key, LPCWSTR name, DWORD type, const BYTE *data, size_t size)
{
    if (!registry_is_text(type))
        return set_value(key, name, type, data, size);
    size = count_terminator(type, data, size, sizeof(char));
    WCHAR *text = malloc((size + 1) * sizeof *text);
    if (!text)
        return ERROR_NOT_ENOUGH_MEMORY;
    size_t length = utf16_from_utf8(text, size, (const char *)data, size, UTF_REPLACE);
    LSTATUS error = set_value(key, name, type, text, length * sizeof *text);
    free(text);
    return error;
}

LSTATUS WINAPI RegSetValueExA(HKEY key, LPCSTR name, DWORD reserved, DWORD type, const BYTE *data, DWORD size)
{
    struct registry_wide wide;
    if (reserved || (!data && size))
        return ERROR_INVALID_PARAMETER;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = set_ansi_data(key, wide.text, type, data, size);
    registry_wide_free(&wide);
    return error;
}

/* With a name, the key is made where there is none. */
static LSTATUS open_to_set(HKEY key, LPCWSTR name, HKEY *opened)
{
    if (!name || !*name)
        return registry_open_subkey(key, NULL, KEY_SET_VALUE, opened);
    return RegCreateKeyExW(key, name, 0, NULL, 0, KEY_SET_VALUE, NULL, opened, NULL);
}

LSTATUS WINAPI RegSetKeyValueW(HKEY key, LPCWSTR subkey, LPCWSTR name, DWORD type, LPCVOID data, DWORD size)
{
    HKEY opened;
    LSTATUS error = open_to_set(key, subkey, &opened);
    if (error)
        return error;
    error = RegSetValueExW(opened, name, 0, type, data, size);
    RegCloseKey(opened);
    return error;
}

LSTATUS WINAPI RegSetKeyValueA(HKEY key, LPCSTR subkey, LPCSTR name, DWORD type, LPCVOID data, DWORD size)
{
    struct registry_wide wide;
    HKEY opened;
    if (!registry_wide_from_ansi(&wide, subkey))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = open_to_set(key, wide.text, &opened);
    registry_wide_free(&wide);
    if (error)
        return error;
    error = RegSetValueExA(opened, name, 0, type, data, size);
    RegCloseKey(opened);
    return error;
}

/* The text's end is found, whatever its size is said to be. */
LSTATUS WINAPI RegSetValueW(HKEY key, LPCWSTR subkey, DWORD type, LPCWSTR data, DWORD size)
{
    if (type != REG_SZ || !data)
        return ERROR_INVALID_PARAMETER;
    return RegSetKeyValueW(key, subkey, NULL, type, data, (utf16_length(data) + 1) * sizeof *data);
}

LSTATUS WINAPI RegSetValueA(HKEY key, LPCSTR subkey, DWORD type, LPCSTR data, DWORD size)
{
    if (type != REG_SZ || !data)
        return ERROR_INVALID_PARAMETER;
    return RegSetKeyValueA(key, subkey, NULL, type, data, strlen(data) + 1);
}

/* Deleting */

LSTATUS WINAPI RegDeleteValueW(HKEY key, LPCWSTR name)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);
    return status_to_win32(
        NT_SUCCESS(status) ? registry_delete_value(handle, name, registry_text_length(name)) : status);
}

LSTATUS WINAPI RegDeleteKeyValueW(HKEY key, LPCWSTR subkey, LPCWSTR name)
{
    HKEY opened;
    LSTATUS error = registry_open_subkey(key, subkey, KEY_SET_VALUE, &opened);
    if (error)
        return error;
    error = RegDeleteValueW(opened, name);
    RegCloseKey(opened);
    return error;
}
