#include <emmintrin.h>
#include "kernel/utf.h"

#define IS_HIGH_SURROGATE_UNIT(unit) (((unit)&0xfc00) == 0xd800)
#define IS_LOW_SURROGATE_UNIT(unit)  (((unit)&0xfc00) == 0xdc00)

#define REPLACEMENT 0xfffd

/* Where host names keep what a Windows name cannot hold as it is. */
#define ESCAPED_BYTE      0xdc00 /* plus the byte, 0x80 to 0xff */
#define ESCAPED_CHARACTER 0xf000 /* plus the ASCII character */

/* Runs of ASCII, which most text is */

static size_t ascii_run_utf8(const unsigned char *from, const unsigned char *end)
{
    const unsigned char *at = from;
    while (end - at >= 16 && !_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)at)))
        at += 16;
    while (at < end && *at < 0x80)
        at++;
    return at - from;
}

static size_t ascii_run_utf16(const WCHAR *from, const WCHAR *end)
{
    const WCHAR *at = from;
    const __m128i beyond_ascii = _mm_set1_epi16((short)0xff80), zero = _mm_setzero_si128();
    while (end - at >= 8) {
        __m128i units = _mm_and_si128(_mm_loadu_si128((const __m128i *)at), beyond_ascii);
        if (_mm_movemask_epi8(_mm_cmpeq_epi16(units, zero)) != 0xffff)
            break;
        at += 8;
    }
    while (at < end && *at < 0x80)
        at++;
    return at - from;
}

static void widen(WCHAR *to, const unsigned char *from, size_t count)
{
    const __m128i zero = _mm_setzero_si128();
    for (; count >= 16; count -= 16, from += 16, to += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)from);
        _mm_storeu_si128((__m128i *)to, _mm_unpacklo_epi8(bytes, zero));
        _mm_storeu_si128((__m128i *)(to + 8), _mm_unpackhi_epi8(bytes, zero));
    }
    while (count--)
        *to++ = *from++;
}

static void narrow(char *to, const WCHAR *from, size_t count)
{
    for (; count >= 16; count -= 16, from += 16, to += 16) {
        __m128i low = _mm_loadu_si128((const __m128i *)from);
        __m128i high = _mm_loadu_si128((const __m128i *)(from + 8));
        _mm_storeu_si128((__m128i *)to, _mm_packus_epi16(low, high));
    }
    while (count--)
        *to++ = (char)*from++;
}

/* Host names */

/* Control characters and "*:<>?\\|, as bits of two words. */
static const uint64_t forbidden_characters[2] = {
    0xfffffffe | 1ull << '"' | 1ull << '*' | 1ull << ':' | 1ull << '<' | 1ull << '>' | 1ull << '?',
    1ull << ('\\' - 64) | 1ull << ('|' - 64),
};

static bool forbidden_in_windows_names(uint32_t character)
{
    return character < 0x80 && forbidden_characters[character / 64] >> character % 64 & 1;
}

/* The ASCII character that an escape stands for, or 0. Dots and blanks are escaped at the end of a
 * name only, where Windows would drop them (path_name_from_host). */
static char escaped_character(uint32_t character)
{
    uint32_t plain = character - ESCAPED_CHARACTER;
    return plain == '.' || plain == ' ' || forbidden_in_windows_names(plain) ? (char)plain : 0;
}

static WCHAR host_ascii_to_windows(unsigned char character)
{
    if (character == '/')
        return '\\';
    return forbidden_in_windows_names(character) ? ESCAPED_CHARACTER + character : character;
}

/* UTF-8 to UTF-16 */

/* Decodes the sequence at `at`, which is not ASCII. Returns its length, or minus the length of the
 * maximal subpart of an ill-formed one. */
static int decode_utf8(const unsigned char *at, const unsigned char *end, enum utf_policy policy,
                       uint32_t *character)
{
    unsigned char lead = *at, lowest = 0x80, highest = 0xbf;
    int length;
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
        *character = lead & 0x1f;
    } else if ((lead & 0xf0) == 0xe0) {
        length = 3;
        *character = lead & 0x0f;
        if (lead == 0xe0)
            lowest = 0xa0; /* below are overlong forms */
        if (lead == 0xed && policy != UTF_SURROGATES)
            highest = 0x9f; /* above are surrogates */
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        *character = lead & 0x07;
        if (lead == 0xf0)
            lowest = 0x90;
        if (lead == 0xf4)
            highest = 0x8f; /* above is beyond U+10FFFF */
    } else {
        return -1;
    }
    for (int i = 1; i < length; i++) {
        if (at + i == end || at[i] < lowest || at[i] > highest)
            return -i;
        *character = *character << 6 | (at[i] & 0x3f);
        lowest = 0x80;
        highest = 0xbf;
    }
    return length;
}

size_t utf16_from_utf8(WCHAR *target, size_t capacity, const char *source, size_t length,
                       enum utf_policy policy)
{
    const unsigned char *at = (const unsigned char *)source, *end = at + length;
    size_t total = 0;
    while (at < end) {
        if (*at < 0x80) {
            if (policy == UTF_HOST_NAME) {
                if (total < capacity)
                    target[total] = host_ascii_to_windows(*at);
                total++;
                at++;
                continue;
            }
            size_t run = ascii_run_utf8(at, end);
            if (total < capacity)
                widen(target + total, at, run < capacity - total ? run : capacity - total);
            total += run;
            at += run;
            continue;
        }
        uint32_t character = REPLACEMENT;
        int consumed = decode_utf8(at, end, policy, &character);
        if (consumed < 0) {
            if (policy == UTF_STRICT || policy == UTF_SURROGATES)
                return UTF_INVALID;
            consumed = -consumed;
            character = REPLACEMENT;
            if (policy == UTF_HOST_NAME) {
                character = ESCAPED_BYTE + *at;
                consumed = 1;
            }
        } else if (policy == UTF_HOST_NAME && escaped_character(character)) {
            /* The host's name holds what we use as an escape: only its bytes lead back to it. */
            character = ESCAPED_BYTE + *at;
            consumed = 1;
        }
        size_t units = character >= 0x10000 ? 2 : 1;
        if (total + units <= capacity) {
            if (units == 2) {
                target[total] = 0xd800 + ((character - 0x10000) >> 10);
                target[total + 1] = 0xdc00 + (character & 0x3ff);
            } else {
                target[total] = (WCHAR)character;
            }
        }
        total += units;
        at += consumed;
    }
    return total;
}

/* UTF-16 to UTF-8 */

static size_t encode_utf8(unsigned char bytes[4], uint32_t character)
{
    if (character < 0x80) {
        bytes[0] = character;
        return 1;
    }
    if (character < 0x800) {
        bytes[0] = 0xc0 | character >> 6;
        bytes[1] = 0x80 | (character & 0x3f);
        return 2;
    }
    if (character < 0x10000) {
        bytes[0] = 0xe0 | character >> 12;
        bytes[1] = 0x80 | (character >> 6 & 0x3f);
        bytes[2] = 0x80 | (character & 0x3f);
        return 3;
    }
    bytes[0] = 0xf0 | character >> 18;
    bytes[1] = 0x80 | (character >> 12 & 0x3f);
    bytes[2] = 0x80 | (character >> 6 & 0x3f);
    bytes[3] = 0x80 | (character & 0x3f);
    return 4;
}

/* The bytes of a host name for one character, which may be a lone surrogate. */
static size_t encode_host_name(unsigned char bytes[4], uint32_t character)
{
    if (character >= ESCAPED_BYTE + 0x80 && character <= ESCAPED_BYTE + 0xff) {
        bytes[0] = (unsigned char)character;
        return 1;
    }
    if (escaped_character(character)) {
        bytes[0] = escaped_character(character);
        return 1;
    }
    return encode_utf8(bytes, character);
}

size_t utf8_from_utf16(char *target, size_t capacity, const WCHAR *source, size_t length,
                       enum utf_policy policy)
{
    const WCHAR *at = source, *end = source + length;
    size_t total = 0;
    while (at < end) {
        if (*at < 0x80 && policy == UTF_HOST_NAME) {
            if (total < capacity)
                target[total] = *at == '\\' ? '/' : (char)*at;
            total++;
            at++;
            continue;
        }
        if (*at < 0x80) {
            size_t run = ascii_run_utf16(at, end);
            if (total < capacity)
                narrow(target + total, at, run < capacity - total ? run : capacity - total);
            total += run;
            at += run;
            continue;
        }
        uint32_t character = *at++;
        if (IS_HIGH_SURROGATE_UNIT(character) && at < end && IS_LOW_SURROGATE_UNIT(*at)) {
            character = 0x10000 + ((character & 0x3ff) << 10 | (*at++ & 0x3ff));
        } else if ((character & 0xf800) == 0xd800 && policy != UTF_HOST_NAME && policy != UTF_SURROGATES) {
            if (policy == UTF_STRICT)
                return UTF_INVALID;
            character = REPLACEMENT;
        }
        unsigned char bytes[4];
        size_t count =
            policy == UTF_HOST_NAME ? encode_host_name(bytes, character) : encode_utf8(bytes, character);
        if (total + count <= capacity)
            memcpy(target + total, bytes, count);
        total += count;
    }
    return total;
}

size_t utf16_length(const WCHAR *string)
{
    const WCHAR *end = string;
    while (*end)
        end++;
    return end - string;
}
