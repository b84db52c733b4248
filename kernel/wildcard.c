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

/* `?` may stand for nothing at the end, a dot before a wildcard may be missing in the name, and an asterisk
 * before a dot stops at the name's last dot, so that "*." names what has no extension and "*.?" no longer
 * ones. */
size_t wildcard_from_win32(WCHAR *pattern, size_t length)
{
    /* Dots and blanks at the end are dropped, but a final dot keeps its meaning. */
    bool final_dot = length && pattern[length - 1] == '.';
    while (length && (pattern[length - 1] == '.' || pattern[length - 1] == ' '))
        length--;
    if (length == 3 && pattern[0] == '*' && pattern[1] == '.' && pattern[2] == '*')
        return 1;
    if (final_dot && length && pattern[length - 1] == '*')
        pattern[length - 1] = WILDCARD_DOS_STAR;
    for (size_t i = 0; i < length; i++) {
        bool before_wildcard = i + 1 < length && (pattern[i + 1] == '?' || pattern[i + 1] == '*');
        if (pattern[i] == '?')
            pattern[i] = WILDCARD_DOS_QM;
        else if (pattern[i] == '.' && before_wildcard)
            pattern[i] = WILDCARD_DOS_DOT;
        else if (pattern[i] == '*' && i + 1 < length && pattern[i + 1] == '.')
            pattern[i] = WILDCARD_DOS_STAR;
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

/* Takes any units up to the last dot, which is the last it may take. Behind that dot, it takes the rest. */
static bool match_dos_star(const struct subject *subject, size_t p, size_t n)
{
    size_t end = n <= subject->last_dot && subject->last_dot < subject->name_length ? subject->last_dot + 1
                                                                                    : subject->name_length;
    for (; n <= end; n++)
        if (match_from(subject, p, n))
            return true;
    return false;
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
    /* Dots at the beginning do not make an extension: on Windows, the file's short name has none. */
    bool begun = false;
    for (size_t i = 0; i < name_length; i++) {
        if (name[i] == '.' && begun)
            subject.last_dot = i;
        begun |= name[i] != '.';
    }
    return match_from(&subject, 0, 0);
}
