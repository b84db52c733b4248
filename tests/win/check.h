/* Self-checking Windows programs, in C or C++.
 *
 *     #include "check.h"
 *
 *     TEST(a_handle_closes_once)
 *     {
 *         HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
 *         CHECK(CloseHandle(event));
 *         CHECK_ERROR(CloseHandle(event) == FALSE, ERROR_INVALID_HANDLE);
 *     }
 *
 *     int main(void)
 *     {
 *         RUN(a_handle_closes_once);
 *         return CHECK_END();
 *     }
 *
 * A failing check prints `handles.c:7 a_handle_closes_once: what was, what was expected`; the last line is
 * `handles: 2 passed, 0 failed` and the exit code 1 if any failed. Everything is printed by WriteFile, so
 * that the harness works while much of the system under test does not. */
#ifndef CHECK_H
#define CHECK_H

#include <windows.h>

#define TEST(name) static void name(void)
#define RUN(name)  (check_test = #name, name())

#define CHECK(condition) check_true(__FILE__, __LINE__, (condition) != 0, #condition)

/* Integers; each side keeps the sign that its own type has. */
#define CHECK_EQ(actual, expected) \
    check_equal(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

#define CHECK_PTR(actual, expected) \
    check_equal(__FILE__, __LINE__, #actual, (long long)(ULONG_PTR)(actual), (long long)(ULONG_PTR)(expected))

#define CHECK_STR(actual, expected)  check_string(__FILE__, __LINE__, #actual, (actual), (expected))
#define CHECK_WSTR(actual, expected) check_wide(__FILE__, __LINE__, #actual, (actual), (expected))

#define CHECK_MEM(actual, expected, size) \
    check_memory(__FILE__, __LINE__, #actual, (actual), (expected), (size))

/* The call fails as `failed` says, and leaves `error` as the thread's last error. */
#define CHECK_ERROR(failed, error)                                                        \
    do {                                                                                  \
        SetLastError(CHECK_SENTINEL);                                                     \
        int check_failure = (failed) != 0;                                                \
        check_error(__FILE__, __LINE__, #failed, check_failure, GetLastError(), (error)); \
    } while (0)

#define CHECK_SENTINEL 0xBADC0DEu

/* Goes before a check that Windows meets and Wine, where the programs are tried out, does not:
 *     UNLESS_WINE("Wine 8 reports 5 here") CHECK_ERROR(...); */
#define UNLESS_WINE(reason) \
    if (check_on_wine()) {  \
    } else

#define CHECK_END() check_end(__FILE__)

static const char *check_test = "main";
static volatile LONG check_passed;
static volatile LONG check_failed;

struct check_line {
    char text[1500];
    DWORD length;
};

static inline void check_put_char(struct check_line *line, char c)
{
    if (line->length < sizeof line->text - 1)
        line->text[line->length++] = c;
}

static inline void check_put(struct check_line *line, const char *text)
{
    while (*text)
        check_put_char(line, *text++);
}

static inline void check_put_digits(struct check_line *line, unsigned long long value, unsigned base)
{
    char digits[24];
    int count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (count)
        check_put_char(line, digits[--count]);
}

/* A number of any size is easiest to recognise in decimal when small, in hexadecimal when large. */
static inline void check_put_number(struct check_line *line, long long value)
{
    if (value < 0)
        check_put_char(line, '-');
    check_put_digits(line, value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value, 10);
    if (value > 9) {
        check_put(line, " (0x");
        check_put_digits(line, (unsigned long long)value, 16);
        check_put(line, ")");
    }
}

static inline void check_put_unit(struct check_line *line, unsigned unit)
{
    if (unit >= 0x20 && unit < 0x7F) {
        if (unit == '"' || unit == '\\')
            check_put_char(line, '\\');
        check_put_char(line, (char)unit);
    } else {
        check_put(line, "\\x{");
        check_put_digits(line, unit, 16);
        check_put(line, "}");
    }
}

static inline void check_put_text(struct check_line *line, const char *text)
{
    if (!text) {
        check_put(line, "NULL");
        return;
    }
    check_put_char(line, '"');
    while (*text)
        check_put_unit(line, (unsigned char)*text++);
    check_put_char(line, '"');
}

static inline void check_put_wide(struct check_line *line, const WCHAR *text)
{
    if (!text) {
        check_put(line, "NULL");
        return;
    }
    check_put_char(line, '"');
    while (*text)
        check_put_unit(line, *text++);
    check_put_char(line, '"');
}

static inline void check_print(struct check_line *line)
{
    DWORD written;

    check_put_char(line, '\n');
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line->text, line->length, &written, NULL);
}

static inline const char *check_base_name(const char *path)
{
    const char *base = path;

    for (; *path; path++)
        if (*path == '/' || *path == '\\')
            base = path + 1;
    return base;
}

/* Counts one check; for a failed one begins the line that says so. Checks may run in any thread, and the
 * last error is kept, since the next check may be about it. */
static inline int check_count(struct check_line *line, const char *file, int number, const char *what,
                              int passed)
{
    InterlockedIncrement(passed ? &check_passed : &check_failed);
    if (passed)
        return 1;
    line->length = 0;
    check_put(line, check_base_name(file));
    check_put_char(line, ':');
    check_put_digits(line, (unsigned)number, 10);
    check_put_char(line, ' ');
    check_put(line, check_test);
    check_put(line, ": ");
    check_put(line, what);
    return 0;
}

static inline int check_true(const char *file, int number, int condition, const char *what)
{
    struct check_line line;
    DWORD error = GetLastError();

    if (check_count(&line, file, number, what, condition))
        return 1;
    check_put(&line, " is false (last error ");
    check_put_digits(&line, error, 10);
    check_put(&line, ")");
    check_print(&line);
    SetLastError(error);
    return 0;
}

static inline int check_equal(const char *file, int number, const char *what, long long actual,
                              long long expected)
{
    struct check_line line;
    DWORD error = GetLastError();

    if (check_count(&line, file, number, what, actual == expected))
        return 1;
    check_put(&line, " is ");
    check_put_number(&line, actual);
    check_put(&line, ", expected ");
    check_put_number(&line, expected);
    check_print(&line);
    SetLastError(error);
    return 0;
}

static inline int check_error(const char *file, int number, const char *what, int failed, DWORD actual,
                              DWORD expected)
{
    struct check_line line;

    if (check_count(&line, file, number, what, failed && actual == expected))
        return 1;
    check_put(&line, failed ? " holds with" : " is false with");
    if (actual == CHECK_SENTINEL) {
        check_put(&line, " last error not set");
    } else {
        check_put(&line, " last error ");
        check_put_digits(&line, actual, 10);
    }
    check_put(&line, ", expected to hold with ");
    check_put_digits(&line, expected, 10);
    check_print(&line);
    SetLastError(actual);
    return 0;
}

static inline int check_string(const char *file, int number, const char *what, const char *actual,
                               const char *expected)
{
    struct check_line line;
    const char *a = actual;
    const char *e = expected;
    DWORD error = GetLastError();

    while (a && e && *a && *a == *e)
        a++, e++;
    if (check_count(&line, file, number, what, a && e ? *a == *e : a == e))
        return 1;
    check_put(&line, " is ");
    check_put_text(&line, actual);
    check_put(&line, ", expected ");
    check_put_text(&line, expected);
    check_print(&line);
    SetLastError(error);
    return 0;
}

static inline int check_wide(const char *file, int number, const char *what, const WCHAR *actual,
                             const WCHAR *expected)
{
    struct check_line line;
    const WCHAR *a = actual;
    const WCHAR *e = expected;
    DWORD error = GetLastError();

    while (a && e && *a && *a == *e)
        a++, e++;
    if (check_count(&line, file, number, what, a && e ? *a == *e : a == e))
        return 1;
    check_put(&line, " is ");
    check_put_wide(&line, actual);
    check_put(&line, ", expected ");
    check_put_wide(&line, expected);
    check_print(&line);
    SetLastError(error);
    return 0;
}

static inline int check_memory(const char *file, int number, const char *what, const void *actual,
                               const void *expected, SIZE_T size)
{
    struct check_line line;
    const unsigned char *a = (const unsigned char *)actual;
    const unsigned char *e = (const unsigned char *)expected;
    DWORD error = GetLastError();
    SIZE_T at = 0;

    while (at < size && a[at] == e[at])
        at++;
    if (check_count(&line, file, number, what, at == size))
        return 1;
    check_put(&line, " differs at byte ");
    check_put_digits(&line, at, 10);
    check_put(&line, ": 0x");
    check_put_digits(&line, a[at], 16);
    check_put(&line, ", expected 0x");
    check_put_digits(&line, e[at], 16);
    check_print(&line);
    SetLastError(error);
    return 0;
}

/* Names the case that a failing check in a table or loop belongs to. */
static inline void check_note(const char *text)
{
    struct check_line line;

    line.length = 0;
    check_put(&line, "  in ");
    check_put(&line, text);
    check_print(&line);
}

static inline void check_note_wide(const WCHAR *text)
{
    struct check_line line;

    line.length = 0;
    check_put(&line, "  in ");
    check_put_wide(&line, text);
    check_print(&line);
}

static inline int check_on_wine(void)
{
    return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != NULL;
}

static inline int check_end(const char *file)
{
    struct check_line line;
    const char *name = check_base_name(file);

    line.length = 0;
    while (*name && *name != '.')
        check_put_char(&line, *name++);
    check_put(&line, ": ");
    check_put_digits(&line, (unsigned)check_passed, 10);
    check_put(&line, " passed, ");
    check_put_digits(&line, (unsigned)check_failed, 10);
    check_put(&line, " failed");
    check_print(&line);
    return check_failed != 0;
}

#endif
