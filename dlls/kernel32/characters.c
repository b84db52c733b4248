#include "dlls/kernel32/character_tables.h"
#include "dlls/kernel32/characters.h"
#include "kernel/upcase.h"

/* The kind of a character: the last run that begins at it or before. */
static unsigned kind_of(WCHAR unit)
{
    size_t low = 0, high = ARRAYSIZE(type_runs);
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (type_runs[middle] <= unit)
            low = middle;
        else
            high = middle;
    }
    return type_kinds[low];
}

static bool is_between(WCHAR unit, WCHAR first, WCHAR last)
{
    return unit >= first && unit <= last;
}

/* How a character is used in text, as far as its block and its class tell. */
static WORD text_type(WCHAR unit)
{
    WORD type = type_values[kind_of(unit)][0], result = 0;
    if (type & (C1_ALPHA | C1_UPPER | C1_LOWER))
        result |= C3_ALPHA;
    if (type & C1_PUNCT && unit < 0x80)
        result |= strchr("'-", unit)             ? C3_LEXICAL
                  : strchr("\"$/=@\\^_`~", unit) ? C3_SYMBOL | C3_LEXICAL
                                                 : C3_SYMBOL;
    else if (type & C1_PUNCT || (is_between(unit, 9, 13)) || unit == ' ')
        result |= C3_SYMBOL;
    if (unit == '^' || unit == '`')
        result |= C3_DIACRITIC;
    if (is_between(unit, ' ', '~') || is_between(unit, 0xff61, 0xffdc))
        result |= C3_HALFWIDTH;
    if (is_between(unit, 0x0300, 0x036f))
        result |= C3_NONSPACING | C3_DIACRITIC;
    if (is_between(unit, 0x3041, 0x3096))
        result |= C3_HIRAGANA | C3_FULLWIDTH;
    if (is_between(unit, 0x30a1, 0x30fa))
        result |= C3_KATAKANA | C3_FULLWIDTH;
    if (is_between(unit, 0xff01, 0xff5e) || is_between(unit, 0xac00, 0xd7a3))
        result |= C3_FULLWIDTH;
    if (is_between(unit, 0x4e00, 0x9fff) || is_between(unit, 0x3400, 0x4dbf))
        result |= C3_IDEOGRAPH | C3_FULLWIDTH;
    if (IS_HIGH_SURROGATE(unit))
        result |= C3_HIGHSURROGATE;
    if (IS_LOW_SURROGATE(unit))
        result |= C3_LOWSURROGATE;
    return result;
}

WORD character_type(DWORD kind, WCHAR unit)
{
    return kind == CT_CTYPE3 ? text_type(unit) : type_values[kind_of(unit)][kind == CT_CTYPE2];
}

WCHAR character_to_lower(WCHAR unit)
{
    if (unit < 0x80)
        return unit >= 'A' && unit <= 'Z' ? unit + 32 : unit;
    size_t low = 0, high = ARRAYSIZE(lower_ranges);
    while (low < high) {
        size_t middle = (low + high) / 2;
        const uint16_t *range = lower_ranges[middle];
        if (unit > range[1])
            low = middle + 1;
        else if (unit < range[0])
            high = middle;
        else
            return (unit - range[0]) % range[2] ? unit : (WCHAR)(unit + range[3]);
    }
    return unit;
}
