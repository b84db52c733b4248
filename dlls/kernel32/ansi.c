#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "kernel/utf.h"

bool wide_from_ansi(struct wide *wide, const char *ansi)
{
    wide->text = NULL;
    wide->length = 0;
    if (!ansi)
        return true;
    size_t bytes = strlen(ansi);
    wide->text = wide->local;
    /* UTF-16 never has more units than UTF-8 has bytes. */
    if (bytes >= ARRAYSIZE(wide->local))
        wide->text = malloc((bytes + 1) * sizeof *wide->text);
    if (!wide->text) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return false;
    }
    wide->length = utf16_from_utf8(wide->text, bytes, ansi, bytes, UTF_REPLACE);
    wide->text[wide->length] = 0;
    return true;
}

void wide_free(struct wide *wide)
{
    if (wide->text != wide->local)
        free(wide->text);
}

bool wide_pair_from_ansi(struct wide_pair *pair, const char *first, const char *second)
{
    if (!wide_from_ansi(&pair->first, first))
        return false;
    if (wide_from_ansi(&pair->second, second))
        return true;
    wide_free(&pair->first);
    return false;
}

void wide_pair_free(struct wide_pair *pair)
{
    wide_free(&pair->first);
    wide_free(&pair->second);
}

DWORD ansi_return(const WCHAR *text, size_t length, char *buffer, DWORD size)
{
    size_t bytes = utf8_from_utf16(NULL, 0, text, length, UTF_REPLACE);
    if (bytes >= size)
        return bytes + 1;
    utf8_from_utf16(buffer, size, text, length, UTF_REPLACE);
    buffer[bytes] = '\0';
    return bytes;
}

DWORD wide_return(const WCHAR *text, size_t length, WCHAR *buffer, DWORD size)
{
    if (length >= size)
        return length + 1;
    memcpy(buffer, text, length * sizeof *text);
    buffer[length] = 0;
    return length;
}

DWORD wide_return_cut(const WCHAR *text, size_t length, WCHAR *buffer, DWORD size)
{
    bool fits = length < size;
    DWORD copied = fits ? length : size;
    memcpy(buffer, text, copied * sizeof *text);
    if (size)
        buffer[fits ? length : size - 1] = 0;
    SetLastError(fits ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER);
    return copied;
}

DWORD ansi_return_cut(const WCHAR *text, size_t length, char *buffer, DWORD size)
{
    size_t bytes = utf8_from_utf16(buffer, size, text, length, UTF_REPLACE);
    bool fits = bytes < size;
    DWORD copied = fits ? bytes : size;
    if (size)
        buffer[fits ? bytes : size - 1] = '\0';
    SetLastError(fits ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER);
    return copied;
}
