/* Strings in resources: sixteen of them in a block, each with its length before it. */
#include "kernel/utf.h"
#include <winuser.h>

/* The string's units, not terminated; NULL with the last error set where there is no such block. */
static const WCHAR *find_string(HINSTANCE module, UINT id, size_t *length)
{
    HRSRC resource = FindResourceW(module, MAKEINTRESOURCEW((id >> 4 & 0xffff) + 1), (LPCWSTR)RT_STRING);
    const WCHAR *at = resource ? LoadResource(module, resource) : NULL;
    if (!at)
        return NULL;
    const WCHAR *end = at + SizeofResource(module, resource) / sizeof(WCHAR);
    for (UINT skip = id & 15; skip > 0 && at < end; skip--)
        at += 1 + *at;
    *length = at < end && *at < end - at ? *at : 0;
    return at + 1;
}

/* With no room at all, the buffer receives a pointer to the resource itself. */
int WINAPI LoadStringW(HINSTANCE module, UINT id, LPWSTR buffer, int size)
{
    size_t length;
    if (!buffer)
        return 0;
    const WCHAR *string = find_string(module, id, &length);
    if (size == 0) {
        if (string)
            memcpy(buffer, &string, sizeof string);
        return string ? length : 0;
    }
    if (size < 0)
        return 0;
    length = string ? min(length, (size_t)size - 1) : 0;
    if (length)
        memcpy(buffer, string, length * sizeof *buffer);
    buffer[length] = 0;
    return length;
}

int WINAPI LoadStringA(HINSTANCE module, UINT id, LPSTR buffer, int size)
{
    size_t length;
    if (!buffer || size <= 0)
        return -1;
    const WCHAR *string = find_string(module, id, &length);
    size_t used = string ? utf8_from_utf16(NULL, 0, string, length, UTF_REPLACE) : 0;
    while (used >= (size_t)size)
        used = utf8_from_utf16(NULL, 0, string, --length, UTF_REPLACE);
    if (used)
        utf8_from_utf16(buffer, size, string, length, UTF_REPLACE);
    buffer[used] = 0;
    return used;
}
