/* Text between UTF-16 and bytes, and numbers to and from text. */
#include <litewin/windows.h>
#include "kernel/utf.h"

/* Bytes; the ANSI and OEM code pages are UTF-8 */

static ULONG smaller(size_t a, ULONG b)
{
    return a < b ? (ULONG)a : b;
}

NTSTATUS NTAPI RtlMultiByteToUnicodeN(WCHAR *target, ULONG size, ULONG *used, const char *source,
                                      ULONG length)
{
    size_t units = utf16_from_utf8(target, size / sizeof(WCHAR), source, length, UTF_REPLACE);
    if (used)
        *used = smaller(units * sizeof(WCHAR), size & ~1u);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlMultiByteToUnicodeSize(ULONG *size, const char *source, ULONG length)
{
    *size = utf16_from_utf8(NULL, 0, source, length, UTF_REPLACE) * sizeof(WCHAR);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlUnicodeToMultiByteN(char *target, ULONG size, ULONG *used, const WCHAR *source,
                                      ULONG length)
{
    size_t bytes = utf8_from_utf16(target, size, source, length / sizeof(WCHAR), UTF_REPLACE);
    if (used)
        *used = smaller(bytes, size);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlUnicodeToMultiByteSize(PULONG size, PWCH source, ULONG length)
{
    *size = utf8_from_utf16(NULL, 0, source, length / sizeof(WCHAR), UTF_REPLACE);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlOemToUnicodeN(WCHAR *target, ULONG size, ULONG *used, const char *source, ULONG length)
{
    return RtlMultiByteToUnicodeN(target, size, used, source, length);
}

NTSTATUS NTAPI RtlUnicodeToOemN(char *target, ULONG size, ULONG *used, const WCHAR *source, ULONG length)
{
    return RtlUnicodeToMultiByteN(target, size, used, source, length);
}

/* STATUS_SOME_NOT_MAPPED tells that something had to be replaced. */
NTSTATUS NTAPI RtlUTF8ToUnicodeN(WCHAR *target, ULONG size, ULONG *used, const char *source, ULONG length)
{
    if (!source || !used)
        return STATUS_INVALID_PARAMETER;
    size_t capacity = target ? size / sizeof(WCHAR) : 0;
    bool mapped = utf16_from_utf8(NULL, 0, source, length, UTF_STRICT) != UTF_INVALID;
    size_t units = utf16_from_utf8(target, capacity, source, length, UTF_REPLACE);
    *used = units * sizeof(WCHAR);
    if (target && units > capacity) {
        *used = capacity * sizeof(WCHAR);
        return STATUS_BUFFER_TOO_SMALL;
    }
    return mapped ? STATUS_SUCCESS : STATUS_SOME_NOT_MAPPED;
}

NTSTATUS NTAPI RtlUnicodeToUTF8N(char *target, ULONG size, ULONG *used, const WCHAR *source, ULONG length)
{
    if (!source || !used)
        return STATUS_INVALID_PARAMETER;
    if (length % sizeof(WCHAR))
        return STATUS_INVALID_PARAMETER_5;
    size_t capacity = target ? size : 0, units = length / sizeof(WCHAR);
    bool mapped = utf8_from_utf16(NULL, 0, source, units, UTF_STRICT) != UTF_INVALID;
    size_t bytes = utf8_from_utf16(target, capacity, source, units, UTF_REPLACE);
    *used = bytes;
    if (target && bytes > capacity) {
        *used = capacity;
        return STATUS_BUFFER_TOO_SMALL;
    }
    return mapped ? STATUS_SUCCESS : STATUS_SOME_NOT_MAPPED;
}

/* Numbers */

/* A base of 0 is said by the text: 0x, 0o or 0b before the digits, else ten. Reads up to the first character
 * that is no digit. */
static NTSTATUS parse(const WCHAR *text, size_t length, ULONG base, ULONG *value)
{
    size_t at = 0;
    bool negative = false;
    *value = 0;
    while (at < length && text[at] && text[at] <= ' ')
        at++;
    if (at < length && (text[at] == '+' || text[at] == '-'))
        negative = text[at++] == '-';
    if (!base) {
        base = 10;
        WCHAR mark = at + 1 < length && text[at] == '0' ? text[at + 1] : 0;
        if (mark == 'x' || mark == 'o' || mark == 'b') {
            base = mark == 'x' ? 16 : mark == 'o' ? 8 : 2;
            at += 2;
        }
    } else if (base != 2 && base != 8 && base != 10 && base != 16) {
        return STATUS_INVALID_PARAMETER;
    }
    for (; at < length; at++) {
        ULONG digit = text[at] >= '0' && text[at] <= '9'   ? (ULONG)text[at] - '0'
                      : text[at] >= 'A' && text[at] <= 'F' ? (ULONG)text[at] - 'A' + 10
                      : text[at] >= 'a' && text[at] <= 'f' ? (ULONG)text[at] - 'a' + 10
                                                           : base;
        if (digit >= base)
            break;
        *value = *value * base + digit;
    }
    if (negative)
        *value = -*value;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlUnicodeStringToInteger(const UNICODE_STRING *string, ULONG base, ULONG *value)
{
    return parse(string->Buffer, string->Length / sizeof(WCHAR), base, value);
}

NTSTATUS NTAPI RtlCharToInteger(PCSZ string, ULONG base, PULONG value)
{
    WCHAR text[80];
    size_t length = utf16_from_utf8(text, ARRAYSIZE(text), string, strlen(string), UTF_REPLACE);
    return parse(text, length < ARRAYSIZE(text) ? length : ARRAYSIZE(text), base, value);
}

/* The digits of a number, from the last one backwards; returns how many, 0 for a base that is not known. */
static size_t digits_of(ULONG value, ULONG base, char digits[33])
{
    size_t count = 0;
    if (!base)
        base = 10;
    if (base != 2 && base != 8 && base != 10 && base != 16)
        return 0;
    do {
        digits[count++] = "0123456789ABCDEF"[value % base];
        value /= base;
    } while (value);
    return count;
}

NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG value, ULONG base, PUNICODE_STRING string)
{
    char digits[33];
    size_t count = digits_of(value, base, digits);
    if (!count)
        return STATUS_INVALID_PARAMETER;
    if ((count + 1) * sizeof(WCHAR) > string->MaximumLength)
        return STATUS_BUFFER_OVERFLOW;
    for (size_t i = 0; i < count; i++)
        string->Buffer[i] = digits[count - 1 - i];
    string->Buffer[count] = 0;
    string->Length = count * sizeof(WCHAR);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlIntegerToChar(ULONG value, ULONG base, ULONG size, char *text)
{
    char digits[33];
    size_t count = digits_of(value, base, digits);
    if (!count)
        return STATUS_INVALID_PARAMETER;
    if (count > size)
        return STATUS_BUFFER_OVERFLOW;
    for (size_t i = 0; i < count; i++)
        text[i] = digits[count - 1 - i];
    if (count < size)
        text[count] = '\0';
    return STATUS_SUCCESS;
}
