#include "kernel/wildcard.h"
#include "kernel/upcase.h"

bool wildcard_present(const WCHAR *pattern, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == WILDCARD_DOS_STAR ||
            pattern[i] == WILDCARD_DOS_QM || pattern[i] == WILDCARD_DOS_DOT)
            return true;
    return false;
}

/* `?` may stand for nothing at the end, a dot before a wildcard may be missing in the name, an asterisk
 * before such a dot ends where the extension begins, and "*." names what has no extension. */
size_t wildcard_from_win32(WCHAR *pattern, size_t length)
{
    if (length == 3 && pattern[0] == '*' && pattern[1] == '.' && pattern[2] == '*')
        return 1;
    size_t last = length;
    if (length && pattern[length - 1] == '.') {
        /* A final dot is dropped, but not its meaning. */
        while (length && pattern[length - 1] == '.')
            length--;
        last = length;
        if (length && pattern[length - 1] == '*')
            pattern[length - 1] = WILDCARD_DOS_STAR;
    }
    for (size_t i = 0; i < length; i++) {
        bool before_wildcard = i + 1 < last && (pattern[i + 1] == '?' || pattern[i + 1] == '*');
        bool before_extension =
            i + 2 < last && pattern[i + 1] == '.' && (pattern[i + 2] == '?' || pattern[i + 2] == '*');
        if (pattern[i] == '?')
            pattern[i] = WILDCARD_DOS_QM;
        else if (pattern[i] == '*' && before_extension)
            pattern[i] = WILDCARD_DOS_STAR;
        else if (pattern[i] == '.' && before_wildcard)
            pattern[i] = WILDCARD_DOS_DOT;
    }
    return length;
}

struct subject {
    const WCHAR *pattern;
    size_t pattern_length;
    const WCHAR *name;
    size_t name_length;
    size_t last_dot; /* `name_length` if there is none */
};

/* Whether one unit of the pattern takes one of the name. */
static bool takes(WCHAR pattern, WCHAR unit)
{
    if (pattern == '?' || pattern == WILDCARD_DOS_QM)
        return true;
    if (pattern == WILDCARD_DOS_DOT)
        return unit == '.';
    return upcase(pattern) == upcase(unit);
}

/* Whether a unit of the pattern is satisfied by nothing here. */
static bool is_optional(WCHAR pattern, const struct subject *subject, size_t n)
{
    if (n == subject->name_length)
        return pattern == WILDCARD_DOS_QM || pattern == WILDCARD_DOS_DOT;
    return pattern == WILDCARD_DOS_QM && subject->name[n] == '.';
}

static bool match_from(const struct subject *subject, size_t p, size_t n);

/* Takes any units, but not the last dot: that one the rest of the pattern must take. */
static bool match_dos_star(const struct subject *subject, size_t p, size_t n)
{
    for (;; n++) {
        if (match_from(subject, p, n))
            return true;
        if (n == subject->name_length || n == subject->last_dot)
            return false;
    }
}

static bool match_from(const struct subject *subject, size_t p, size_t n)
{
    size_t after_star = 0, star_end = 0; /* where pattern and name go on after the last star */
    for (;;) {
        bool more = p < subject->pattern_length;
        if (more && subject->pattern[p] == '*') {
            after_star = ++p;
            star_end = n;
        } else if (more && subject->pattern[p] == WILDCARD_DOS_STAR && match_dos_star(subject, p + 1, n)) {
            return true;
        } else if (more && is_optional(subject->pattern[p], subject, n)) {
            p++;
        } else if (more && n < subject->name_length && takes(subject->pattern[p], subject->name[n])) {
            p++;
            n++;
        } else if (!more && n == subject->name_length) {
            return true;
        } else if (after_star && star_end < subject->name_length) {
            p = after_star;
            n = ++star_end;
        } else {
            return false;
        }
    }
}

bool wildcard_match(const WCHAR *pattern, size_t pattern_length, const WCHAR *name, size_t name_length)
{
    struct subject subject = {pattern, pattern_length, name, name_length, name_length};
    for (size_t i = 0; i < name_length; i++)
        if (name[i] == '.')
            subject.last_dot = i;
    return match_from(&subject, 0, 0);
}
