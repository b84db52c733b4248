/* The order of strings in English, which is that of most languages with Latin letters.
 *
 * Strings are compared by the weights of what they consist of: first by letters alone, then by the marks on
 * them, then by case. A hyphen or an apostrophe counts only where all of that is equal, unless
 * SORT_STRINGSORT says that it is a symbol like any other: "coop", "co-op" and "coops" stand in this order.
 * The weights of ASCII and of Latin letters are Windows' own; all other characters follow those in the order
 * of their codes. */
#include "dlls/kernel32/characters.h"
#include "dlls/kernel32/latin_letters.h"
#include "kernel/upcase.h"

#define SCRIPT_PUNCTUATION 0x06 /* what a word sort looks at last */
#define SCRIPT_SYMBOL_LAST 0x0c
#define SCRIPT_OTHER       0xfe

#define MARK_NONE  2
#define CASE_LOWER 2
#define CASE_UPPER 0x10
#define WIDTH_FULL 0x01

/* Script in the high byte, place within it in the low one. 0: no weight at all. */
static const uint16_t ascii_weights[128] =
    {
        [1] = 0x0603,   0x0604,         0x0605,          0x0606,         0x0607,         0x0608,
        0x0609,         0x060a,         ['\t'] = 0x0705, 0x0706,         0x0707,         0x0708,
        0x0709,         [14] = 0x060b,  0x060c,          0x060d,         0x060e,         0x060f,
        0x0610,         0x0611,         0x0612,          0x0613,         0x0614,         0x0615,
        0x0616,         0x0617,         0x0618,          0x0619,         0x061a,         0x061b,
        0x061c,         [' '] = 0x0702, 0x071c,          0x071d,         0x071f,         0x0721,
        0x0723,         0x0725,         0x0680,          ['('] = 0x0727, 0x072a,         0x072d,
        0x0803,         0x072f,         0x0682,          0x0733,         0x0735,         ['0'] = 0x0d03,
        0x0d1a,         0x0d1c,         0x0d1e,          0x0d20,         0x0d22,         0x0d24,
        0x0d26,         0x0d28,         0x0d2a,          [':'] = 0x0737, 0x073a,         0x080e,
        0x0812,         0x0814,         0x073c,          0x073e,         ['A'] = 0x0e02, 0x0e09,
        0x0e0a,         0x0e1a,         0x0e21,          0x0e23,         0x0e25,         0x0e2c,
        0x0e32,         0x0e35,         0x0e36,          0x0e48,         0x0e51,         ['N'] = 0x0e70,
        0x0e7c,         0x0e7e,         0x0e89,          0x0e8a,         0x0e91,         0x0e99,
        0x0e9f,         0x0ea2,         0x0ea4,          0x0ea6,         0x0ea7,         0x0ea9,
        ['['] = 0x073f, 0x0741,         0x0742,          0x0743,         0x0744,         0x0748,
        ['a'] = 0x0e02, 0x0e09,         0x0e0a,          0x0e1a,         0x0e21,         0x0e23,
        0x0e25,         0x0e2c,         0x0e32,          0x0e35,         0x0e36,         0x0e48,
        0x0e51,         ['n'] = 0x0e70, 0x0e7c,          0x0e7e,         0x0e89,         0x0e8a,
        0x0e91,         0x0e99,         0x0e9f,          0x0ea2,         0x0ea4,         0x0ea6,
        0x0ea7,         0x0ea9,         ['{'] = 0x074a,  0x074c,         0x074e,         0x0750,
        0x061d,
};

/* Letters that sort as two others. */
static const struct {
    WCHAR letter;
    char expansion[2];
} expansions[] = {
    {0x00c6, "AE"}, {0x00de, "TH"}, {0x00df, "ss"}, {0x00e6, "ae"}, {0x00fe, "th"},
    {0x0132, "IJ"}, {0x0133, "ij"}, {0x0152, "OE"}, {0x0153, "oe"},
};

struct element {
    uint16_t primary; /* 0: none */
    WCHAR code;       /* for SCRIPT_OTHER: the order within it */
    uint8_t mark;
    uint8_t letter_case;
};

struct cursor {
    const WCHAR *at, *end;
    DWORD flags;
    char pending; /* the second letter of an expansion */
};

static struct element element_of_ascii(char c)
{
    bool upper = c >= 'A' && c <= 'Z';
    return (struct element){ascii_weights[(uint8_t)c], 0, MARK_NONE,
                            upper ? CASE_LOWER | CASE_UPPER : CASE_LOWER};
}

static const struct latin_letter *latin_letter(WCHAR unit)
{
    const struct latin_letter *letter = NULL;
    if (unit >= 0x00c0 && unit < 0x00c0 + ARRAYSIZE(latin_00c0))
        letter = &latin_00c0[unit - 0x00c0];
    else if (unit >= 0x1e00 && unit < 0x1e00 + ARRAYSIZE(latin_1e00))
        letter = &latin_1e00[unit - 0x1e00];
    return letter && letter->base ? letter : NULL;
}

static char second_of_expansion(WCHAR unit, char *first)
{
    for (size_t i = 0; i < ARRAYSIZE(expansions); i++) {
        if (expansions[i].letter == unit) {
            *first = expansions[i].expansion[0];
            return expansions[i].expansion[1];
        }
    }
    return 0;
}

static struct element element_of_other(WCHAR unit)
{
    if (unit == 0x00a0)
        return (struct element){0x0704, 0, MARK_NONE, CASE_LOWER};
    WCHAR upper = upcase(unit);
    bool is_upper = character_to_lower(unit) != unit;
    WORD type = character_type(CT_CTYPE1, unit);
    if (!(type & C1_DEFINED) || type & C1_CNTRL)
        return (struct element){0};
    /* Symbols come before digits, and digits before letters. */
    uint16_t primary = type & C1_PUNCT ? 0x0a01 + (unit & 0xfe) : SCRIPT_OTHER << 8;
    return (struct element){primary, upper, MARK_NONE, is_upper ? CASE_LOWER | CASE_UPPER : CASE_LOWER};
}

static struct element element_of(struct cursor *cursor, WCHAR unit)
{
    char first;
    if (unit < 0x80)
        return element_of_ascii(unit);
    if (unit > 0xff00 && unit < 0xff5f) {
        struct element element = element_of_ascii(unit - 0xfee0);
        element.letter_case |= WIDTH_FULL;
        return element;
    }
    const struct latin_letter *letter = latin_letter(unit);
    if (letter) {
        struct element element = element_of_ascii(letter->base);
        element.mark = letter->weight;
        return element;
    }
    if (unit < 0x0180 && (cursor->pending = second_of_expansion(unit, &first)))
        return element_of_ascii(first);
    return element_of_other(unit);
}

static bool is_mark(WCHAR unit)
{
    return unit >= 0x0300 && unit < 0x0300 + ARRAYSIZE(mark_weights);
}

static uint8_t add_marks(struct cursor *cursor, uint8_t mark)
{
    unsigned sum = mark == MARK_NONE ? 0 : mark;
    while (cursor->at < cursor->end && is_mark(*cursor->at))
        sum += mark_weights[*cursor->at++ - 0x0300];
    return sum > 0xff ? 0xff : sum ? sum : MARK_NONE;
}

static void apply_flags(struct element *element, DWORD flags)
{
    if (flags & (NORM_IGNORENONSPACE | LINGUISTIC_IGNOREDIACRITIC))
        element->mark = MARK_NONE;
    if (flags & (NORM_IGNORECASE | LINGUISTIC_IGNORECASE))
        element->letter_case &= ~CASE_UPPER;
    if (flags & NORM_IGNOREWIDTH)
        element->letter_case &= ~WIDTH_FULL;
    if (flags & NORM_IGNORESYMBOLS && element->primary >> 8 <= SCRIPT_SYMBOL_LAST)
        element->primary = 0;
}

/* The next element that has a weight; false at the end. */
static bool next_element(struct cursor *cursor, struct element *element)
{
    do {
        if (cursor->pending) {
            *element = element_of_ascii(cursor->pending);
            cursor->pending = 0;
        } else if (cursor->at == cursor->end) {
            return false;
        } else {
            *element = element_of(cursor, *cursor->at++);
            element->mark = add_marks(cursor, element->mark);
        }
        apply_flags(element, cursor->flags);
    } while (!element->primary);
    return true;
}

static bool is_punctuation(const struct element *element, DWORD flags)
{
    return element->primary >> 8 == SCRIPT_PUNCTUATION && !(flags & SORT_STRINGSORT);
}

static bool next_letter(struct cursor *cursor, struct element *element)
{
    while (next_element(cursor, element)) {
        if (!is_punctuation(element, cursor->flags))
            return true;
    }
    return false;
}

/* Comparison */

static int order_of(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

static int compare_letters(const struct cursor *a_start, const struct cursor *b_start)
{
    struct cursor a = *a_start, b = *b_start;
    struct element left, right;
    int mark_order = 0, case_order = 0;
    for (;;) {
        bool has_left = next_letter(&a, &left), has_right = next_letter(&b, &right);
        if (!has_left || !has_right)
            return has_left != has_right ? (has_left ? 1 : -1) : mark_order ? mark_order : case_order;
        int order = order_of(left.primary, right.primary);
        if (!order)
            order = order_of(left.code, right.code);
        if (order)
            return order;
        if (!mark_order)
            mark_order = order_of(left.mark, right.mark);
        if (!case_order)
            case_order = order_of(left.letter_case, right.letter_case);
    }
}

/* The next punctuation, and how many letters stand before it. */
static bool next_punctuation(struct cursor *cursor, struct element *element, size_t *position)
{
    while (next_element(cursor, element)) {
        if (is_punctuation(element, cursor->flags))
            return true;
        ++*position;
    }
    return false;
}

static int compare_punctuation(const struct cursor *a_start, const struct cursor *b_start)
{
    struct cursor a = *a_start, b = *b_start;
    struct element left, right;
    size_t left_position = 0, right_position = 0;
    for (;;) {
        bool has_left = next_punctuation(&a, &left, &left_position);
        bool has_right = next_punctuation(&b, &right, &right_position);
        if (!has_left || !has_right)
            return has_left - has_right;
        int order = order_of(left_position, right_position);
        if (!order)
            order = order_of(left.primary, right.primary);
        if (order)
            return order;
    }
}

int collation_compare(const WCHAR *a, size_t a_length, const WCHAR *b, size_t b_length, DWORD flags)
{
    const struct cursor left = {a, a + a_length, flags, 0}, right = {b, b + b_length, flags, 0};
    int order = compare_letters(&left, &right);
    if (order || flags & (SORT_STRINGSORT | NORM_IGNORESYMBOLS))
        return order;
    return compare_punctuation(&left, &right);
}

/* Keys */

struct key {
    uint8_t *bytes;
    size_t room, length;
};

static void put(struct key *key, uint8_t byte)
{
    if (key->length < key->room)
        key->bytes[key->length] = byte;
    key->length++;
}

static void put_primary(struct key *key, const struct element *element)
{
    put(key, element->primary >> 8);
    if (element->primary >> 8 != SCRIPT_OTHER) {
        put(key, element->primary);
        return;
    }
    /* No byte of a key may be as small as what ends a part of it. */
    put(key, 0x80 | element->code >> 12);
    put(key, 0x80 | (element->code >> 6 & 0x3f));
    put(key, 0x80 | (element->code & 0x3f));
}

/* One byte for each letter, without those at the end that are as usual. */
static void put_level(struct key *key, struct cursor cursor, size_t offset, uint8_t usual)
{
    struct element element;
    size_t end = key->length;
    while (next_letter(&cursor, &element)) {
        uint8_t weight = ((uint8_t *)&element)[offset];
        put(key, weight);
        if (weight != usual)
            end = key->length;
    }
    key->length = end;
}

static void put_punctuation(struct key *key, struct cursor cursor)
{
    struct element element;
    size_t position = 0;
    while (next_punctuation(&cursor, &element, &position)) {
        unsigned place = 0x8007 + 4 * position;
        put(key, place >> 8);
        put(key, place);
        put(key, element.primary >> 8);
        put(key, element.primary);
    }
}

size_t collation_key(const WCHAR *text, size_t length, DWORD flags, uint8_t *bytes, size_t room)
{
    const struct cursor start = {text, text + length, flags, 0};
    struct key key = {bytes, room, 0};
    struct element element;
    struct cursor cursor = start;
    while (next_letter(&cursor, &element))
        put_primary(&key, &element);
    put(&key, 1);
    put_level(&key, start, offsetof(struct element, mark), MARK_NONE);
    put(&key, 1);
    put_level(&key, start, offsetof(struct element, letter_case), CASE_LOWER);
    put(&key, 1);
    put(&key, 1);
    if (!(flags & (SORT_STRINGSORT | NORM_IGNORESYMBOLS)))
        put_punctuation(&key, start);
    put(&key, 0);
    return key.length;
}
