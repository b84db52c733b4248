/* The Universal C runtime: this program is linked with ucrtbase instead of msvcrt. What both have in common
 * is tested with msvcrt. */
#include "check.h"
#include <math.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Missing in the headers. */
char **__cdecl _get_initial_narrow_environment(void);
int __cdecl _configure_narrow_argv(int mode);
int __cdecl _configthreadlocale(int type);
int __cdecl _set_new_mode(int mode);

#define LEGACY_TERMINATION 1ull
#define STANDARD_SNPRINTF  2ull
#define LEGACY_WIDE        4ull

static int print(unsigned long long options, char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int count = __stdio_common_vsprintf(options, buffer, size, format, NULL, arguments);
    va_end(arguments);
    return count;
}

static int print_s(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int count = __stdio_common_vsprintf_s(0, buffer, size, format, NULL, arguments);
    va_end(arguments);
    return count;
}

static int print_n_s(char *buffer, size_t size, size_t limit, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int count = __stdio_common_vsnprintf_s(0, buffer, size, limit, format, NULL, arguments);
    va_end(arguments);
    return count;
}

static int print_wide(unsigned long long options, WCHAR *buffer, size_t size, const WCHAR *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int count = __stdio_common_vswprintf(options, buffer, size, format, NULL, arguments);
    va_end(arguments);
    return count;
}

static int scan(const char *text, size_t length, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int count = __stdio_common_vsscanf(0, text, length, format, NULL, arguments);
    va_end(arguments);
    return count;
}

static void __cdecl ignore(const wchar_t *expression, const wchar_t *function, const wchar_t *file,
                           unsigned line, uintptr_t reserved)
{
    (void)expression, (void)function, (void)file, (void)line, (void)reserved;
}

TEST(text_that_fits)
{
    char text[16] = "xxxxxxxxxxxxxxx";
    WCHAR wide[16];

    CHECK_EQ(print(0, text, sizeof text, "%d %s", 42, "ab"), 5);
    CHECK_STR(text, "42 ab");
    CHECK_EQ(print(0, NULL, 0, "%d", 12345), 5);
    CHECK_EQ(print(0, text, SIZE_MAX, "%5.1f", 2.25), 5);
    CHECK_STR(text, "  2.3");
    CHECK_EQ(print_wide(0, wide, ARRAYSIZE(wide), L"%s", "narrow"), 6);
    CHECK_WSTR(wide, L"narrow");
    CHECK_EQ(print_wide(LEGACY_WIDE, wide, ARRAYSIZE(wide), L"%s", L"wide"), 4);
    CHECK_WSTR(wide, L"wide");
    CHECK_EQ(print(0, text, sizeof text, "%e", 1.0), 12);
    CHECK_STR(text, "1.000000e+00");
    CHECK_EQ(print(0, text, sizeof text, "%f", INFINITY), 3);
    CHECK_STR(text, "inf");
}

/* What is left of a text depends on the options. */
TEST(text_that_does_not_fit)
{
    char text[8] = "xxxxxxx";

    CHECK_EQ(print(STANDARD_SNPRINTF, text, 4, "%s", "abcdef"), 6);
    CHECK_STR(text, "abc");
    CHECK_EQ(text[4], 'x');
    CHECK_EQ(print(0, text, 3, "%s", "ABCDEF"), -2);
    CHECK_STR(text, "AB");
    strcpy(text, "xxxxxxx");
    CHECK_EQ(print(LEGACY_TERMINATION, text, 4, "%s", "abcdef"), -1);
    CHECK_STR(text, "abcdxxx");
    CHECK_EQ(print(LEGACY_TERMINATION, text, 4, "%s", "ABCD"), 4);
    CHECK_STR(text, "ABCDxxx");
    CHECK_EQ(print_s(text, 4, "%s", "abcdef"), -1);
    UNLESS_WINE("it leaves a part") CHECK_STR(text, "");
    CHECK_EQ(print_n_s(text, sizeof text, 3, "%s", "abcdef"), -1);
    CHECK_STR(text, "abc");
    CHECK_EQ(print_n_s(text, 4, (size_t)-1, "%s", "ABCDEF"), -1);
    CHECK_STR(text, "ABC");
}

TEST(scanning)
{
    int number = 0;
    char word[8] = "";

    CHECK_EQ(scan("42 word", SIZE_MAX, "%d %7s", &number, word), 2);
    CHECK_EQ(number, 42);
    CHECK_STR(word, "word");
    CHECK_EQ(scan("1234", 2, "%d", &number), 1);
    CHECK_EQ(number, 12);
    CHECK_EQ(scan("", SIZE_MAX, "%d", &number), EOF);
}

TEST(streams)
{
    char line[16] = "";
    FILE *file = fopen("ucrt.txt", "w");

    CHECK(__acrt_iob_func(1) == stdout);
    CHECK_EQ(_fileno(__acrt_iob_func(2)), 2);
    CHECK_EQ(fprintf(file, "%s %d\n", "line", 1), 7);
    CHECK_EQ(fwprintf(file, L"%d\n", 2), 2);
    CHECK_EQ(fclose(file), 0);
    file = fopen("ucrt.txt", "r");
    CHECK(fgets(line, sizeof line, file));
    CHECK_STR(line, "line 1\n");
    CHECK_EQ(fscanf(file, "%15s", line), 1);
    CHECK_STR(line, "2");
    CHECK_EQ(fclose(file), 0);
    CHECK_EQ(remove("ucrt.txt"), 0);
}

static char order[8];

static int __cdecl first(void)
{
    strcat(order, "1");
    return 0;
}

static int __cdecl second(void)
{
    strcat(order, "2");
    return 0;
}

static _onexit_table_t table;

/* Registers another while the table is worked off. */
static int __cdecl third(void)
{
    strcat(order, "3");
    return _register_onexit_function(&table, second);
}

TEST(tables_of_exit_functions)
{
    CHECK_EQ(_initialize_onexit_table(&table), 0);
    CHECK_EQ(_register_onexit_function(&table, first), 0);
    CHECK_EQ(_register_onexit_function(&table, third), 0);
    CHECK_EQ(_execute_onexit_table(&table), 0);
    UNLESS_WINE("a function registered meanwhile waits for the next time") CHECK_STR(order, "321");
    CHECK_EQ(_execute_onexit_table(&table), 0);
    UNLESS_WINE("a function registered meanwhile waits for the next time") CHECK_STR(order, "321");
    CHECK_EQ(_initialize_onexit_table(NULL), -1);
    CHECK_EQ(_register_onexit_function(NULL, first), -1);
    CHECK_EQ(_execute_onexit_table(NULL), -1);
    order[0] = 0;
    for (int i = 0; i < 100; i++)
        CHECK_EQ(_register_onexit_function(&table, i ? (_onexit_t)_getpid : first), 0);
    CHECK_EQ(_execute_onexit_table(&table), 0);
    CHECK_STR(order, "1");
}

TEST(types)
{
    struct {
        const char *readable;
        char mangled[16];
    } first_type = {NULL, ".?AVfirst@@"}, same = {NULL, ".?AVfirst@@"}, other = {NULL, ".?AVother@@"};
    HMODULE runtime = LoadLibraryA("vcruntime140.dll");
    int (*compare)(const void *, const void *) = (void *)GetProcAddress(runtime, "__std_type_info_compare");
    size_t (*hash)(const void *) = (void *)GetProcAddress(runtime, "__std_type_info_hash");

    CHECK_EQ(compare(&first_type, &same), 0);
    CHECK(compare(&first_type, &other) < 0);
    CHECK(compare(&other, &first_type) > 0);
    CHECK_EQ(hash(&first_type), hash(&same));
    CHECK(hash(&first_type) != hash(&other));
}

TEST(locked_streams)
{
    void (*lock)(FILE *) = (void *)GetProcAddress(GetModuleHandleA("ucrtbase.dll"), "_lock_file");
    void (*unlock)(FILE *) = (void *)GetProcAddress(GetModuleHandleA("ucrtbase.dll"), "_unlock_file");
    int (*get_status)(const char *, void *) =
        (void *)GetProcAddress(GetModuleHandleA("ucrtbase.dll"), "_stat64i32");
    struct _stat64i32 status;

    lock(stdin);
    lock(stdin);
    unlock(stdin);
    unlock(stdin);
    if (sizeof(void *) == 8)
        CHECK_EQ(get_status("C:\\", &status), 0);
}

TEST(the_start)
{
    CHECK(*__p___argc() >= 1);
    CHECK((*__p___argv())[0] != NULL);
    CHECK_EQ(_configure_narrow_argv(0), 0);
    CHECK(_get_initial_narrow_environment() != NULL);
    CHECK_EQ(_configthreadlocale(0), 2);
    CHECK_EQ(_set_new_mode(0), 0);
}

static FARPROC find(const char *name)
{
    return GetProcAddress(GetModuleHandleA("ucrtbase.dll"), name);
}

TEST(numbers)
{
    char *end;
    WCHAR text[] = L"a b", *rest = NULL;
    /* The header has the old one, with two parameters. */
    WCHAR *(*next_token)(WCHAR *, const WCHAR *, WCHAR **) = (void *)find("wcstok");

    CHECK_EQ(strtoll("-9223372036854775808", &end, 10), LLONG_MIN);
    CHECK_EQ(strtoull("ffffffffffffffff", &end, 16), ULLONG_MAX);
    CHECK_WSTR(next_token(text, L" ", &rest), L"a");
    CHECK_WSTR(next_token(NULL, L" ", &rest), L"b");
}

/* By address, since the compiler knows them. */
TEST(mathematics)
{
    double (*function_round)(double) = (void *)find("round"),
           (*function_trunc)(double) = (void *)find("trunc"), (*function_log2)(double) = (void *)find("log2"),
           (*function_cbrt)(double) = (void *)find("cbrt"), (*function_expm1)(double) = (void *)find("expm1");
    long (*function_lround)(double) = (void *)find("lround");
    long long (*function_llrint)(double) = (void *)find("llrint");
    double (*function_fmax)(double, double) = (void *)find("fmax");
    float (*function_roundf)(float) = (void *)find("roundf");

    CHECK(function_round(2.5) == 3);
    CHECK(function_round(-2.5) == -3);
    CHECK(function_trunc(-1.75) == -1);
    CHECK(function_log2(1024) == 10);
    CHECK(fabs(function_cbrt(27) - 3) < 1e-15);
    CHECK(function_expm1(0) == 0);
    CHECK_EQ(function_lround(-3.5), -4);
    CHECK_EQ(function_llrint(4.5), 4);
    CHECK(function_fmax(1, 2) == 2);
    CHECK(function_roundf(0.5f) == 1);
}

struct exception_text {
    char *text;
    char is_owned;
};

TEST(exceptions)
{
    HMODULE runtime = LoadLibraryA("vcruntime140.dll");
    void (*copy)(const struct exception_text *, struct exception_text *) =
        (void *)GetProcAddress(runtime, "__std_exception_copy");
    void (*destroy)(struct exception_text *) = (void *)GetProcAddress(runtime, "__std_exception_destroy");
    void **(*current)(void) = (void *)GetProcAddress(runtime, "__current_exception");
    char text[] = "what";
    struct exception_text constant = {text, 0}, owned = {text, 1}, result;

    copy(&constant, &result);
    CHECK_PTR(result.text, text);
    CHECK_EQ(result.is_owned, 0);
    copy(&owned, &result);
    CHECK(result.text != text);
    CHECK_STR(result.text, "what");
    CHECK_EQ(result.is_owned, 1);
    destroy(&result);
    CHECK_PTR(result.text, NULL);
    CHECK(current() != NULL);
    CHECK_PTR(*current(), NULL);
}

int main(void)
{
    _set_invalid_parameter_handler(ignore);
    RUN(text_that_fits);
    RUN(text_that_does_not_fit);
    RUN(scanning);
    RUN(streams);
    RUN(tables_of_exit_functions);
    RUN(types);
    RUN(locked_streams);
    RUN(the_start);
    RUN(numbers);
    RUN(mathematics);
    RUN(exceptions);
    return CHECK_END();
}
