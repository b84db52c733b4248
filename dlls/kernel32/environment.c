#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/environment.h"
#include "kernel/utf.h"

/* One variable */

/* Copies a variable's value under the lock; NULL with ERROR_ENVVAR_NOT_FOUND where there is none. The
 * caller frees it. */
static WCHAR *copy_value(const WCHAR *name, size_t name_length, size_t *length)
{
    environment_lock();
    const WCHAR *value = environment_get(name, name_length, length);
    WCHAR *copy = value ? malloc((*length + 1) * sizeof *copy) : NULL;
    if (copy)
        memcpy(copy, value, (*length + 1) * sizeof *copy);
    environment_unlock();
    if (!copy)
        SetLastError(value ? ERROR_NOT_ENOUGH_MEMORY : ERROR_ENVVAR_NOT_FOUND);
    return copy;
}

DWORD WINAPI GetEnvironmentVariableW(LPCWSTR name, LPWSTR buffer, DWORD size)
{
    size_t length, name_length = name ? utf16_length(name) : 0;
    environment_lock();
    const WCHAR *value = environment_get(name, name_length, &length);
    DWORD result = value ? wide_return(value, length, buffer, size) : 0;
    environment_unlock();
    /* An empty value is told from a missing variable by the last error alone. */
    SetLastError(value ? ERROR_SUCCESS : ERROR_ENVVAR_NOT_FOUND);
    return result;
}

DWORD WINAPI GetEnvironmentVariableA(LPCSTR name, LPSTR buffer, DWORD size)
{
    struct wide wide_name;
    size_t length;
    if (!wide_from_ansi(&wide_name, name))
        return 0;
    WCHAR *value = copy_value(wide_name.text, wide_name.length, &length);
    wide_free(&wide_name);
    if (!value)
        return 0;
    DWORD result = ansi_return(value, length, buffer, size);
    free(value);
    SetLastError(ERROR_SUCCESS);
    return result;
}

BOOL WINAPI SetEnvironmentVariableW(LPCWSTR name, LPCWSTR value)
{
    if (!name) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    return set_last_status(environment_set(name, utf16_length(name), value, value ? utf16_length(value) : 0));
}

BOOL WINAPI SetEnvironmentVariableA(LPCSTR name, LPCSTR value)
{
    struct wide_pair pair;
    if (!wide_pair_from_ansi(&pair, name, value))
        return FALSE;
    BOOL done = SetEnvironmentVariableW(pair.first.text, pair.second.text);
    wide_pair_free(&pair);
    return done;
}

/* The whole block */

LPWCH WINAPI GetEnvironmentStringsW(void)
{
    size_t length;
    environment_lock();
    const WCHAR *block = environment_block(&length);
    WCHAR *copy = HeapAlloc(GetProcessHeap(), 0, length * sizeof *copy);
    if (copy)
        memcpy(copy, block, length * sizeof *copy);
    environment_unlock();
    return copy;
}

LPCH WINAPI GetEnvironmentStrings(void)
{
    size_t length;
    environment_lock();
    const WCHAR *block = environment_block(&length);
    size_t bytes = utf8_from_utf16(NULL, 0, block, length, UTF_REPLACE);
    char *copy = HeapAlloc(GetProcessHeap(), 0, bytes);
    if (copy)
        utf8_from_utf16(copy, bytes, block, length, UTF_REPLACE);
    environment_unlock();
    return copy;
}

BOOL WINAPI FreeEnvironmentStringsW(LPWCH block)
{
    return HeapFree(GetProcessHeap(), 0, block);
}

BOOL WINAPI FreeEnvironmentStringsA(LPCH block)
{
    return HeapFree(GetProcessHeap(), 0, block);
}

BOOL WINAPI SetEnvironmentStringsW(LPWCH block)
{
    return set_last_status(environment_replace(block));
}

/* Expansion */

/* Text that grows; counts on when it is beyond its room, so that the size needed is known. */
struct expansion {
    WCHAR *buffer;
    size_t room, length;
};

static void append(struct expansion *expansion, const WCHAR *text, size_t length)
{
    for (size_t i = 0; i < length; i++, expansion->length++) {
        if (expansion->length < expansion->room)
            expansion->buffer[expansion->length] = text[i];
    }
}

/* Replaces each %NAME% by its value; what is no variable's name stays as it is, percent signs and all. */
static void expand(struct expansion *expansion, const WCHAR *text)
{
    environment_lock();
    while (*text) {
        size_t part = 0, length;
        if (*text != '%') {
            while (text[part] && text[part] != '%')
                part++;
            append(expansion, text, part);
            text += part;
            continue;
        }
        while (text[1 + part] && text[1 + part] != '%')
            part++;
        const WCHAR *value = text[1 + part] ? environment_get(text + 1, part, &length) : NULL;
        if (value) {
            append(expansion, value, length);
            text += part + 2;
        } else {
            append(expansion, text, part + 1);
            text += part + 1;
        }
    }
    environment_unlock();
    append(expansion, L"", 1);
}

DWORD WINAPI ExpandEnvironmentStringsW(LPCWSTR source, LPWSTR buffer, DWORD size)
{
    struct expansion expansion = {buffer, buffer ? size : 0, 0};
    expand(&expansion, source);
    return expansion.length;
}

DWORD WINAPI ExpandEnvironmentStringsA(LPCSTR source, LPSTR buffer, DWORD size)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, source))
        return 0;
    DWORD result = 0, length = ExpandEnvironmentStringsW(wide.text, NULL, 0);
    WCHAR *expanded = malloc(length * sizeof *expanded);
    if (expanded) {
        length = ExpandEnvironmentStringsW(wide.text, expanded, length);
        result = utf8_from_utf16(NULL, 0, expanded, length, UTF_REPLACE);
        if (buffer && size)
            buffer[0] = '\0';
        if (buffer && result <= size)
            utf8_from_utf16(buffer, size, expanded, length, UTF_REPLACE);
        free(expanded);
    } else {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    }
    wide_free(&wide);
    return result;
}
