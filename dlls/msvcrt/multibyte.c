/* Between multibyte characters of the locale and UTF-16. The "C" locale's bytes are U+0000 to U+00FF. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"

/* Of any code page: GB18030 and UTF-8 take four bytes. */
#define MAX_BYTES 8
#define TRUNCATE  ((size_t)-1)

static size_t character_length(const uint8_t *bytes)
{
    if (locale_code_page() == CP_UTF8 && *bytes >= 0xc2 && *bytes < 0xf5)
        return *bytes < 0xe0 ? 2 : *bytes < 0xf0 ? 3 : 4;
    return crt_isleadbyte(*bytes) ? 2 : 1;
}

static int illegal_sequence(void)
{
    crt_thread.error = CRT_EILSEQ;
    return -1;
}

int locale_decode(WCHAR units[2], const char *bytes, size_t count, size_t *taken)
{
    if (!locale_code_page() || !(*bytes & 0x80)) {
        units[0] = (uint8_t)*bytes;
        *taken = 1;
        return 1;
    }
    *taken = character_length((const uint8_t *)bytes);
    if (*taken > count)
        return illegal_sequence();
    int converted =
        MultiByteToWideChar(locale_code_page(), MB_ERR_INVALID_CHARS, bytes, (int)*taken, units, 2);
    return converted ? converted : illegal_sequence();
}

int locale_encode(char *bytes, const WCHAR *units, size_t *taken)
{
    UINT code_page = locale_code_page();
    *taken = 1;
    if (!code_page || units[0] < 0x80) {
        bytes[0] = (char)units[0];
        return units[0] < 0x100 ? 1 : illegal_sequence();
    }
    if (IS_SURROGATE_PAIR(units[0], units[1]))
        *taken = 2;
    BOOL lost = FALSE;
    int count = code_page == CP_UTF8
                    ? WideCharToMultiByte(code_page, WC_ERR_INVALID_CHARS, units, (int)*taken, bytes,
                                          MAX_BYTES, NULL, NULL)
                    : WideCharToMultiByte(code_page, 0, units, (int)*taken, bytes, MAX_BYTES, NULL, &lost);
    return count && !lost ? count : illegal_sequence();
}

int crt_mbtowc(WCHAR *target, const char *bytes, size_t count)
{
    WCHAR units[2];
    size_t taken;
    if (!bytes || !count)
        return 0;
    if (!*bytes) {
        if (target)
            *target = 0;
        return 0;
    }
    if (locale_decode(units, bytes, count, &taken) != 1)
        return illegal_sequence();
    if (target)
        *target = units[0];
    return (int)taken;
}

int crt_mblen(const char *bytes, size_t count)
{
    return crt_mbtowc(NULL, bytes, count);
}

int crt_wctomb(char *bytes, WCHAR c)
{
    char encoded[MAX_BYTES];
    size_t taken;
    if (!bytes)
        return 0;
    int count = locale_encode(encoded, (WCHAR[]){c, 0}, &taken);
    if (count > 0)
        memcpy(bytes, encoded, count);
    return count;
}

int crt_wctomb_s(int *length, char *bytes, size_t size, WCHAR c)
{
    char encoded[MAX_BYTES];
    size_t taken;
    if (!bytes && size) {
        if (length)
            *length = 0;
        return crt_invalid_parameter(CRT_EINVAL);
    }
    if (!bytes) {
        if (length)
            *length = 0;
        return 0;
    }
    int count = locale_encode(encoded, (WCHAR[]){c, 0}, &taken);
    if (length)
        *length = count;
    if (count < 0)
        return CRT_EILSEQ;
    if ((size_t)count > size) {
        memset(bytes, 0, size);
        return crt_invalid_parameter(CRT_ERANGE);
    }
    memcpy(bytes, encoded, count);
    return 0;
}

/* Bytes of the text to decode next; a NUL, or fewer than `limit`, end it. */
static size_t bytes_left(const char *source, size_t limit)
{
    size_t left = 0;
    while (left < limit && left < MAX_BYTES && source[left])
        left++;
    return left;
}

/* Converts up to `count` units, a NUL included where it fits; without a target it counts. */
size_t crt_mbstowcs(WCHAR *target, const char *source, size_t count)
{
    size_t written = 0, taken;
    if (!source) {
        crt_invalid_parameter(CRT_EINVAL);
        return (size_t)-1;
    }
    while (!target || written < count) {
        WCHAR units[2];
        if (!*source) {
            if (target)
                target[written] = 0;
            break;
        }
        int converted = locale_decode(units, source, bytes_left(source, MAX_BYTES), &taken);
        if (converted < 0)
            return (size_t)-1;
        if (target && written + converted > count)
            break;
        if (target)
            memcpy(target + written, units, converted * sizeof *units);
        written += converted;
        source += taken;
    }
    return written;
}

/* Characters of the locale in the string; with a limit, of its first `limit` bytes. */
size_t crt_mbstrlen(const char *string)
{
    size_t count = 0, taken;
    for (WCHAR units[2]; *string; string += taken, count++) {
        if (locale_decode(units, string, bytes_left(string, MAX_BYTES), &taken) < 0)
            return (size_t)-1;
    }
    return count;
}

size_t crt_mbstrnlen(const char *string, size_t limit)
{
    size_t count = 0, taken;
    const char *end = string + limit;
    for (WCHAR units[2]; string < end && *string; string += taken, count++) {
        if (locale_decode(units, string, bytes_left(string, MAX_BYTES), &taken) < 0)
            return (size_t)-1;
    }
    return string < end ? count : limit;
}

size_t crt_wcstombs(char *target, const WCHAR *source, size_t count)
{
    size_t written = 0, taken;
    if (!source) {
        crt_invalid_parameter(CRT_EINVAL);
        return (size_t)-1;
    }
    while (!target || written < count) {
        char bytes[MAX_BYTES];
        if (!*source) {
            if (target)
                target[written] = 0;
            break;
        }
        int converted = locale_encode(bytes, source, &taken);
        if (converted < 0)
            return (size_t)-1;
        if (target && written + converted > count)
            break;
        if (target)
            memcpy(target + written, bytes, converted);
        written += converted;
        source += taken;
    }
    return written;
}

/* How many units, the terminator included, the _s conversions leave in a buffer of `size`, where the whole
 * text takes `needed`; 0 with an error for a text that was not to be cut off. */
static size_t fit(size_t needed, size_t size, size_t count, int *error)
{
    *error = 0;
    if (needed <= size)
        return needed;
    *error = count == TRUNCATE ? CRT_STRUNCATE : crt_invalid_parameter(CRT_ERANGE);
    return count == TRUNCATE ? size : 0;
}

/* Without a target they only count. */
int crt_mbstowcs_s(size_t *converted, WCHAR *target, size_t size, const char *source, size_t count)
{
    if (converted)
        *converted = 0;
    if (!source || !target != !size) {
        if (target && size)
            *target = 0;
        return crt_invalid_parameter(CRT_EINVAL);
    }
    int error = 0;
    size_t kept = crt_mbstowcs(target, source, count < size ? count : size) + 1;
    if (target) {
        kept = fit(kept, size, count, &error);
        target[kept ? kept - 1 : 0] = 0;
    }
    if (converted)
        *converted = kept;
    return kept ? error : crt_thread.error;
}

int crt_wcstombs_s(size_t *converted, char *target, size_t size, const WCHAR *source, size_t count)
{
    if (converted)
        *converted = 0;
    if (!source || !target != !size) {
        if (target && size)
            *target = 0;
        return crt_invalid_parameter(CRT_EINVAL);
    }
    int error = 0;
    size_t kept = crt_wcstombs(target, source, count < size ? count : size) + 1;
    if (target) {
        kept = fit(kept, size, count, &error);
        target[kept ? kept - 1 : 0] = 0;
    }
    if (converted)
        *converted = kept;
    return kept ? error : crt_thread.error;
}

/* The restartable functions keep no state: a character is never left in parts. */
int crt_mbsrtowcs_s(size_t *converted, WCHAR *target, size_t size, const char **source, size_t count,
                    int *state)
{
    if (!source)
        return crt_invalid_parameter(CRT_EINVAL);
    int error = crt_mbstowcs_s(converted, target, size, *source, count);
    if (!error && target)
        *source = NULL;
    return error;
}

int crt_wcsrtombs_s(size_t *converted, char *target, size_t size, const WCHAR **source, size_t count,
                    int *state)
{
    if (!source)
        return crt_invalid_parameter(CRT_EINVAL);
    int error = crt_wcstombs_s(converted, target, size, *source, count);
    if (!error && target)
        *source = NULL;
    return error;
}

int crt_wcrtomb_s(size_t *converted, char *target, size_t size, WCHAR c, int *state)
{
    int length;
    int error = crt_wctomb_s(&length, target, size, c);
    if (converted)
        *converted = target ? (size_t)length : 1;
    return error;
}
