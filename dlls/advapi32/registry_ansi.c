#include <stdlib.h>
#include "dlls/advapi32/registry.h"

/* The ANSI halves of functions that have nothing but names to convert, and what converts. The ANSI code page
 * is UTF-8. */

bool registry_wide_from_ansi(struct registry_wide *wide, LPCSTR ansi)
{
    wide->text = NULL;
    if (!ansi)
        return true;
    size_t size = strlen(ansi);
    wide->text = size < ARRAYSIZE(wide->local) ? wide->local : malloc((size + 1) * sizeof(WCHAR));
    if (!wide->text)
        return false;
    wide->text[utf16_from_utf8(wide->text, size, ansi, size, UTF_REPLACE)] = 0;
    return true;
}

void registry_wide_free(struct registry_wide *wide)
{
    if (wide->text != wide->local)
        free(wide->text);
}

char *registry_ansi_from_wide(const WCHAR *text, size_t length, size_t *size)
{
    char *ansi = malloc(3 * length + 1);
    if (ansi)
        *size = utf8_from_utf16(ansi, 3 * length, text, length, UTF_REPLACE);
    return ansi;
}

LSTATUS WINAPI RegOpenKeyExA(HKEY key, LPCSTR name, DWORD options, REGSAM access, PHKEY result)
{
    struct registry_wide wide;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = RegOpenKeyExW(key, wide.text, options, access, result);
    registry_wide_free(&wide);
    return error;
}

LSTATUS WINAPI RegOpenKeyA(HKEY key, LPCSTR name, PHKEY result)
{
    struct registry_wide wide;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = RegOpenKeyW(key, wide.text, result);
    registry_wide_free(&wide);
    return error;
}

LSTATUS WINAPI RegCreateKeyExA(HKEY key, LPCSTR name, DWORD reserved, LPSTR class, DWORD options,
                               REGSAM access, const LPSECURITY_ATTRIBUTES security, PHKEY result,
                               LPDWORD disposition)
{
    struct registry_wide wide, wide_class;
    bool converted = registry_wide_from_ansi(&wide, name);
    LSTATUS error = ERROR_NOT_ENOUGH_MEMORY;
    if (registry_wide_from_ansi(&wide_class, class) && converted)
        error = RegCreateKeyExW(key, wide.text, reserved, wide_class.text, options, access, security, result,
                                disposition);
    registry_wide_free(&wide);
    registry_wide_free(&wide_class);
    return error;
}

LSTATUS WINAPI RegCreateKeyA(HKEY key, LPCSTR name, PHKEY result)
{
    struct registry_wide wide;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = RegCreateKeyW(key, wide.text, result);
    registry_wide_free(&wide);
    return error;
}

LSTATUS WINAPI RegDeleteKeyExA(HKEY key, LPCSTR name, REGSAM view, DWORD reserved)
{
    struct registry_wide wide;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = RegDeleteKeyExW(key, wide.text, view, reserved);
    registry_wide_free(&wide);
    return error;
}

LSTATUS WINAPI RegDeleteKeyA(HKEY key, LPCSTR name)
{
    return RegDeleteKeyExA(key, name, 0, 0);
}

LSTATUS WINAPI RegDeleteTreeA(HKEY key, LPCSTR name)
{
    struct registry_wide wide;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = RegDeleteTreeW(key, wide.text);
    registry_wide_free(&wide);
    return error;
}

LSTATUS WINAPI RegCopyTreeA(HKEY key, LPCSTR name, HKEY target)
{
    struct registry_wide wide;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = RegCopyTreeW(key, wide.text, target);
    registry_wide_free(&wide);
    return error;
}

LSTATUS WINAPI RegDeleteValueA(HKEY key, LPCSTR name)
{
    struct registry_wide wide;
    if (!registry_wide_from_ansi(&wide, name))
        return ERROR_NOT_ENOUGH_MEMORY;
    LSTATUS error = RegDeleteValueW(key, wide.text);
    registry_wide_free(&wide);
    return error;
}

LSTATUS WINAPI RegDeleteKeyValueA(HKEY key, LPCSTR subkey, LPCSTR name)
{
    struct registry_wide wide, wide_name;
    bool converted = registry_wide_from_ansi(&wide, subkey);
    LSTATUS error = ERROR_NOT_ENOUGH_MEMORY;
    if (registry_wide_from_ansi(&wide_name, name) && converted)
        error = RegDeleteKeyValueW(key, wide.text, wide_name.text);
    registry_wide_free(&wide);
    registry_wide_free(&wide_name);
    return error;
}
