#include <stdlib.h>
#include "dlls/advapi32/registry.h"

/* RegGetValue: a value of one of the types that the caller takes, whose text has an end. */

#define SUBKEY_VIEW_64 0x00010000 /* RRF_SUBKEY_WOW6464KEY */
#define SUBKEY_VIEW_32 0x00020000 /* RRF_SUBKEY_WOW6432KEY */

/* The value as it is given; `data` is malloc's. */
struct got_value {
    DWORD type;
    size_t size;
    void *data;
};

static DWORD flag_of(DWORD type)
{
    static const DWORD flags[] = {
        [REG_NONE] = RRF_RT_REG_NONE,           [REG_SZ] = RRF_RT_REG_SZ,
        [REG_EXPAND_SZ] = RRF_RT_REG_EXPAND_SZ, [REG_BINARY] = RRF_RT_REG_BINARY,
        [REG_DWORD] = RRF_RT_REG_DWORD,         [REG_MULTI_SZ] = RRF_RT_REG_MULTI_SZ,
        [REG_QWORD] = RRF_RT_REG_QWORD,
    };
    return type < ARRAYSIZE(flags) ? flags[type] : 0;
}

/* Numbers may be kept as bytes, if there are as many as the number has. */
static LSTATUS check_type(DWORD type, size_t size, DWORD flags)
{
    DWORD wanted = flags & RRF_RT_ANY;
    if (wanted == RRF_RT_ANY)
        return ERROR_SUCCESS;
    if (!(flag_of(type) & wanted))
        return ERROR_UNSUPPORTED_TYPE;
    bool wrong = type == REG_BINARY && ((wanted == RRF_RT_DWORD && size != sizeof(DWORD)) ||
                                        (wanted == RRF_RT_QWORD && size != sizeof(ULONGLONG)));
    return wrong ? ERROR_DATATYPE_MISMATCH : ERROR_SUCCESS;
}

/* Two NULs end a list, one a text. */
static size_t missing_ends(const WCHAR *text, size_t length, DWORD type)
{
    size_t wanted = type == REG_MULTI_SZ ? 2 : registry_is_text(type), there = 0;
    while (there < wanted && there < length && !text[length - 1 - there])
        there++;
    return wanted - there;
}

static bool copy_value(const struct registry_value *value, struct got_value *got)
{
    size_t size = registry_is_text(value->type) ? value->size & ~(size_t)1 : value->size;
    got->type = value->type;
    got->data = calloc(1, size + 2 * sizeof(WCHAR));
    if (!got->data)
        return false;
    memcpy(got->data, value->data, size);
    got->size = size + missing_ends(got->data, size / sizeof(WCHAR), value->type) * sizeof(WCHAR);
    return true;
}

static bool expand(struct got_value *got)
{
    DWORD units = ExpandEnvironmentStringsW(got->data, NULL, 0);
    WCHAR *text = malloc((units + 1) * sizeof *text);
    if (!text)
        return false;
    units = ExpandEnvironmentStringsW(got->data, text, units + 1);
    free(got->data);
    *got = (struct got_value){.type = REG_SZ, .size = units * sizeof *text, .data = text};
    return true;
}

static bool convert(struct got_value *got)
{
    if (!registry_is_text(got->type))
        return true;
    char *text = registry_ansi_from_wide(got->data, got->size / sizeof(WCHAR), &got->size);
    free(got->data);
    got->data = text;
    return text;
}

static LSTATUS read_value(HKEY key, LPCWSTR subkey, LPCWSTR name, DWORD flags, struct got_value *got)
{
    struct registry_value *value;
    HKEY opened;
    REGSAM view =
        (flags & SUBKEY_VIEW_64 ? KEY_WOW64_64KEY : 0) | (flags & SUBKEY_VIEW_32 ? KEY_WOW64_32KEY : 0);
    LSTATUS error = registry_open_subkey(key, subkey, KEY_QUERY_VALUE | view, &opened);
    if (error)
        return error;
    NTSTATUS status = registry_get_value(opened, name, registry_text_length(name), &value);
    RegCloseKey(opened);
    if (!NT_SUCCESS(status))
        return status_to_win32(status);
    bool copied = copy_value(value, got);
    registry_value_release(value);
    bool expands = copied && got->type == REG_EXPAND_SZ && !(flags & RRF_NOEXPAND);
    return copied && (!expands || expand(got)) ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

static LSTATUS get_value(HKEY key, LPCWSTR subkey, LPCWSTR name, DWORD flags, bool ansi, LPDWORD type,
                         PVOID data, LPDWORD size)
{
    struct got_value got = {0};
    DWORD room = data && size ? *size : 0;
    bool expands = (flags & RRF_RT_REG_EXPAND_SZ) && !(flags & RRF_NOEXPAND);
    if ((data && !size) || (expands && (flags & RRF_RT_ANY) != RRF_RT_ANY) ||
        (flags & (SUBKEY_VIEW_64 | SUBKEY_VIEW_32)) == (SUBKEY_VIEW_64 | SUBKEY_VIEW_32))
        return ERROR_INVALID_PARAMETER;
    LSTATUS error = read_value(key, subkey, name, flags, &got);
    if (!error)
        error = check_type(got.type, got.size, flags);
    if (!error && ansi && !convert(&got))
        error = ERROR_NOT_ENOUGH_MEMORY;
    if (!error)
        error = registry_give_data(got.data, got.size, got.type, type, data, size);
    else if (type && got.data)
        *type = got.type;
    if (error && data && flags & RRF_ZEROONFAILURE)
        memset(data, 0, room);
    free(got.data);
    return error;
}

LSTATUS WINAPI RegGetValueW(HKEY key, LPCWSTR subkey, LPCWSTR name, DWORD flags, LPDWORD type, PVOID data,
                            LPDWORD size)
{
    return get_value(key, subkey, name, flags, false, type, data, size);
}

LSTATUS WINAPI RegGetValueA(HKEY key, LPCSTR subkey, LPCSTR name, DWORD flags, LPDWORD type, PVOID data,
                            LPDWORD size)
{
    struct registry_wide wide_subkey, wide_name;
    bool converted = registry_wide_from_ansi(&wide_subkey, subkey);
    LSTATUS error = ERROR_NOT_ENOUGH_MEMORY;
    if (registry_wide_from_ansi(&wide_name, name) && converted)
        error = get_value(key, wide_subkey.text, wide_name.text, flags, true, type, data, size);
    registry_wide_free(&wide_subkey);
    registry_wide_free(&wide_name);
    return error;
}
