/* The C library's frame around a program: exit handlers, start-up tables, signals, random numbers, locale,
 * time, errno and jumps. */
#include "check.h"
#include <errno.h>
#include <io.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void(__cdecl *initializer)(void);
typedef int(__cdecl *exit_function)(void);

void __cdecl _initterm(initializer *, initializer *);
exit_function __cdecl __dllonexit(exit_function, exit_function **, exit_function **);

static char order[16];

static void note(char c)
{
    size_t length = strlen(order);

    order[length] = c;
    order[length + 1] = 0;
}

static void note_a(void)
{
    note('a');
}

static void note_b(void)
{
    note('b');
}

static int note_c(void)
{
    note('c');
    return 0;
}

static int note_d(void)
{
    note('d');
    return 0;
}

TEST(tables_of_initializers)
{
    initializer table[] = {NULL, note_a, NULL, note_b, note_a, NULL};

    order[0] = 0;
    _initterm(table, table + 6);
    CHECK_STR(order, "aba");
    _initterm(table, table);
    CHECK_STR(order, "aba");
}

static int caught;

static void catch_signal(int signal)
{
    caught = signal;
}

TEST(signals)
{
    CHECK_PTR(signal(SIGINT, catch_signal), SIG_DFL);
    CHECK_EQ(raise(SIGINT), 0);
    CHECK_EQ(caught, SIGINT);
    /* A signal that was caught has its default action again. */
    CHECK_PTR(signal(SIGINT, SIG_IGN), SIG_DFL);
    caught = 0;
    CHECK_EQ(raise(SIGINT), 0);
    CHECK_EQ(caught, 0);
    CHECK_PTR(signal(SIGINT, SIG_DFL), SIG_IGN);
    signal(SIGTERM, catch_signal);
    CHECK_EQ(raise(SIGTERM), 0);
    CHECK_EQ(caught, SIGTERM);
    signal(SIGABRT, catch_signal);
    CHECK_EQ(raise(SIGABRT), 0);
    CHECK_EQ(caught, SIGABRT);
    signal(SIGFPE, catch_signal);
    CHECK_EQ(raise(SIGFPE), 0);
    CHECK_EQ(caught, SIGFPE);
    errno = 0;
    CHECK_PTR(signal(99, catch_signal), SIG_ERR);
    UNLESS_WINE("Wine leaves errno alone")
    CHECK_EQ(errno, EINVAL);
}

TEST(random_numbers)
{
    static const int first[] = {41, 18467, 6334, 26500, 19169, 15724, 11478, 29358, 26962, 24464};

    CHECK_EQ(RAND_MAX, 0x7FFF);
    srand(1);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(rand(), first[i]);
    srand(1);
    CHECK_EQ(rand(), 41);
    srand(12345);
    CHECK_EQ(rand(), 7584);
}

static DWORD WINAPI first_random_number(void *unused)
{
    (void)unused;
    return (DWORD)rand();
}

TEST(each_thread_has_its_own_random_numbers)
{
    HANDLE thread;
    DWORD number = 0;

    srand(12345);
    rand();
    thread = CreateThread(NULL, 0, first_random_number, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &number);
    CloseHandle(thread);
    CHECK_EQ(number, 41);
}

TEST(locale)
{
    struct lconv *conventions;

    CHECK_STR(setlocale(LC_ALL, NULL), "C");
    CHECK_STR(setlocale(LC_ALL, "C"), "C");
    CHECK_PTR(setlocale(LC_ALL, "no such locale"), NULL);
    CHECK_STR(setlocale(LC_NUMERIC, NULL), "C");
    CHECK(setlocale(LC_ALL, "") != NULL);
    CHECK_STR(setlocale(LC_ALL, "C"), "C");
    CHECK_PTR(setlocale(99, "C"), NULL);
    conventions = localeconv();
    CHECK_STR(conventions->decimal_point, ".");
    CHECK_STR(conventions->thousands_sep, "");
    CHECK_STR(conventions->currency_symbol, "");
    CHECK_EQ(conventions->frac_digits, CHAR_MAX);
}

TEST(times)
{
    __time64_t moment = 951827696; /* 29 February 2000, 12:34:56 UTC, a Tuesday */
    struct tm *utc = _gmtime64(&moment);
    struct tm broken;
    char text[64];
    __time64_t now = _time64(NULL), local;

    CHECK_EQ(utc->tm_year, 100);
    CHECK_EQ(utc->tm_mon, 1);
    CHECK_EQ(utc->tm_mday, 29);
    CHECK_EQ(utc->tm_hour, 12);
    CHECK_EQ(utc->tm_min, 34);
    CHECK_EQ(utc->tm_sec, 56);
    CHECK_EQ(utc->tm_wday, 2);
    CHECK_EQ(utc->tm_yday, 59);
    CHECK_EQ(utc->tm_isdst, 0);
    CHECK_STR(asctime(utc), "Tue Feb 29 12:34:56 2000\n");
    CHECK_EQ(strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", utc), 19);
    CHECK_STR(text, "2000-02-29 12:34:56");
    CHECK(strftime(text, sizeof text, "%a %A %b %B %j %U %w %W %y %I %p %%", utc) > 0);
    CHECK_STR(text, "Tue Tuesday Feb February 060 09 2 09 00 12 PM %");
    CHECK(strftime(text, sizeof text, "%c|%x|%X", utc) > 0);
    CHECK_STR(text, "02/29/00 12:34:56|02/29/00|12:34:56");
    CHECK(strftime(text, sizeof text, "%#d %#m %#H %#j", utc) > 0);
    CHECK_STR(text, "29 2 12 60");
    CHECK_EQ(strftime(text, 5, "%Y-%m", utc), 0);
    /* A local time goes there and back. */
    broken = *_localtime64(&moment);
    local = _mktime64(&broken);
    CHECK_EQ(local, moment);
    broken.tm_mday += 1;
    CHECK_EQ(_mktime64(&broken), moment + 86400);
    CHECK_EQ(broken.tm_mon, 2);
    CHECK_EQ(broken.tm_mday, 1);
    CHECK(now > 1600000000 && now < 0x100000000LL);
    CHECK_EQ(_time64(&local) == local, 1);
    CHECK(_difftime64(10, 4) == 6.0);
    moment = -1;
    CHECK_PTR(_gmtime64(&moment), NULL);
    CHECK_EQ(CLOCKS_PER_SEC, 1000);
    CHECK(clock() >= 0 && clock() < 60 * 1000);
}

TEST(error_numbers)
{
    CHECK(fopen("none", "r") == NULL);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(_doserrno, ERROR_FILE_NOT_FOUND);
    CHECK(fopen("none\\none", "r") == NULL);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(_doserrno, ERROR_PATH_NOT_FOUND);
    CHECK(fopen(".", "w") == NULL);
    CHECK_EQ(errno, EACCES);
    CHECK_EQ(_close(99), -1);
    CHECK_EQ(errno, EBADF);
    CHECK_EQ(_read(99, order, 1), -1);
    CHECK_EQ(errno, EBADF);
    CHECK_EQ(_open("none", _O_RDONLY), -1);
    CHECK_EQ(errno, ENOENT);
    UNLESS_WINE("Wine has a text of its own")
    CHECK_STR(strerror(0), "No error");
    CHECK_STR(strerror(ENOENT), "No such file or directory");
    CHECK_STR(strerror(EINVAL), "Invalid argument");
    UNLESS_WINE("Wine has a text of its own")
    CHECK_STR(strerror(ERANGE), "Result too large");
    CHECK_STR(strerror(9999), "Unknown error");
    CHECK_EQ(EILSEQ, 42);
    errno = 0;
    CHECK(sqrt(-1.0) != sqrt(-1.0));
    CHECK_EQ(errno, EDOM);
}

static DWORD WINAPI set_errno(void *unused)
{
    (void)unused;
    errno = ENOMEM;
    return 0;
}

TEST(errno_belongs_to_the_thread)
{
    HANDLE thread;

    errno = ERANGE;
    thread = CreateThread(NULL, 0, set_errno, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CHECK_EQ(errno, ERANGE);
}

static jmp_buf target;

static void jump(int depth, int value)
{
    volatile char frame[256];

    frame[0] = (char)depth;
    if (depth == 0)
        longjmp(target, value);
    jump(depth - 1, value);
    frame[1] = frame[0];
}

TEST(jumps)
{
    volatile int visits = 0;
    int value;

    value = setjmp(target);
    visits++;
    if (value == 0)
        jump(10, 7);
    CHECK_EQ(value, 7);
    CHECK_EQ(visits, 2);
    /* A jump with 0 arrives as 1. */
    value = setjmp(target);
    if (value == 0)
        jump(0, 0);
    CHECK_EQ(value, 1);
    for (visits = 0; visits < 1000; visits++)
        if (setjmp(target) == 0)
            jump(visits % 5, 1);
    CHECK_EQ(visits, 1000);
}

static int __cdecl jump_out_of_sorting(const void *a, const void *b)
{
    (void)a, (void)b;
    longjmp(target, 3);
}

TEST(a_jump_out_of_a_callback)
{
    int numbers[4] = {4, 3, 2, 1};
    volatile int value = setjmp(target);

    if (value == 0)
        qsort(numbers, 4, sizeof numbers[0], jump_out_of_sorting);
    CHECK_EQ(value, 3);
}

TEST(heap)
{
    char *block = malloc(10);
    char *zeroed = calloc(100, 3);
    int clear = 1;
    volatile size_t half_of_all = (size_t)-1 / 2;

    CHECK(block != NULL && ((ULONG_PTR)block & (2 * sizeof(void *) - 1)) == 0);
    CHECK(_msize(block) >= 10);
    strcpy(block, "123456789");
    block = realloc(block, 100000);
    CHECK_STR(block, "123456789");
    block = realloc(block, 5);
    CHECK_MEM(block, "12345", 5);
    CHECK_PTR(realloc(block, 0), NULL);
    block = realloc(NULL, 8);
    CHECK(block != NULL);
    free(block);
    free(NULL);
    for (int i = 0; i < 300; i++)
        clear &= zeroed[i] == 0;
    CHECK(clear);
    free(zeroed);
    CHECK((block = malloc(0)) != NULL);
    free(block);
    CHECK_PTR(calloc(half_of_all, 4), NULL);
    CHECK_PTR(malloc(half_of_all * 2 - 64), NULL);
    block = _aligned_malloc(100, 64);
    CHECK_EQ((ULONG_PTR)block & 63, 0);
    _aligned_free(block);
}

static exit_function *dll_begin, *dll_end;

TEST(a_dlls_own_exit_table)
{
    order[0] = 0;
    dll_begin = dll_end = malloc(4 * sizeof(exit_function));
    CHECK_PTR(__dllonexit(note_c, &dll_begin, &dll_end), note_c);
    CHECK_PTR(__dllonexit(note_d, &dll_begin, &dll_end), note_d);
    CHECK_EQ(dll_end - dll_begin, 2);
    CHECK_PTR(dll_begin[0], note_c);
    CHECK_PTR(dll_begin[1], note_d);
}

/* Registered first, this runs last, when the others have left their marks. */
static void finish(void)
{
    check_test = "exit handlers";
    CHECK_STR(order, "cba");
    if (CHECK_END())
        _exit(1);
}

int main(void)
{
    atexit(finish);
    RUN(tables_of_initializers);
    RUN(signals);
    RUN(random_numbers);
    RUN(each_thread_has_its_own_random_numbers);
    RUN(locale);
    RUN(times);
    RUN(error_numbers);
    RUN(errno_belongs_to_the_thread);
    RUN(jumps);
    RUN(a_jump_out_of_a_callback);
    RUN(heap);
    RUN(a_dlls_own_exit_table);
    order[0] = 0;
    CHECK_EQ(atexit(note_a), 0);
    CHECK_EQ(atexit(note_b), 0);
    CHECK_PTR(_onexit(note_c), note_c);
    return 0;
}
