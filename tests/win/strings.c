/* The C library's strings, memory, conversions of numbers, sorting and division. */
#include "check.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <mbstring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

TEST(narrow_strings)
{
    char text[32] = "abc";
    char list[] = "one,two,,three";

    CHECK_EQ(strlen(""), 0);
    CHECK_EQ(strlen(text), 3);
    CHECK_PTR(strcpy(text + 4, "xyz"), text + 4);
    CHECK_STR(strcat(text, "def"), "abcdef");
    CHECK_STR(strncat(text, "ghijkl", 2), "abcdefgh");
    CHECK_EQ(sign(strcmp("a", "b")), -1);
    CHECK_EQ(sign(strcmp("\xFF", "a")), 1);
    CHECK_EQ(strcmp("a", "a"), 0);
    CHECK_EQ(sign(strcmp("ab", "a")), 1);
    CHECK_EQ(strncmp("abcx", "abcy", 3), 0);
    CHECK_EQ(sign(strncmp("abcx", "abcy", 4)), -1);
    CHECK_EQ(_stricmp("HeLLo", "hEllO"), 0);
    CHECK_EQ(sign(_stricmp("a_", "aB")), -1);
    CHECK_EQ(_strnicmp("HeLLo", "hELP", 3), 0);
    CHECK_STR(strchr("abcabc", 'b'), "bcabc");
    CHECK_STR(strrchr("abcabc", 'b'), "bc");
    CHECK_STR(strchr("abc", 0), "");
    CHECK_PTR(strchr("abc", 'x'), NULL);
    CHECK_STR(strstr("hello world", "o w"), "o world");
    CHECK_STR(strstr("hello", ""), "hello");
    CHECK_PTR(strstr("hello", "lx"), NULL);
    CHECK_STR(strpbrk("hello", "xol"), "llo");
    CHECK_EQ(strspn("aabbc", "ab"), 4);
    CHECK_EQ(strcspn("aabbc", "c"), 4);
    CHECK_STR(strtok(list, ","), "one");
    CHECK_STR(strtok(NULL, ","), "two");
    CHECK_STR(strtok(NULL, ","), "three");
    CHECK_PTR(strtok(NULL, ","), NULL);
    CHECK_STR(_strupr(strcpy(text, "aBc1")), "ABC1");
    CHECK_STR(_strlwr(text), "abc1");
    CHECK_STR(_strrev(text), "1cba");
    CHECK_STR(_strset(text, 'x'), "xxxx");
    UNLESS_WINE("Wine returns a pointer behind what it set")
    CHECK_STR(_strnset(text, 'y', 2), "yyxx");
    memset(text, '#', sizeof text);
    strncpy(text, "ab", 5);
    CHECK_MEM(text, "ab\0\0\0#", 6);
    strncpy(text, "abcdef", 3);
    CHECK_MEM(text, "abc\0\0#", 6);
}

TEST(duplicates)
{
    char *copy = _strdup("abc");
    WCHAR *wide = _wcsdup(L"abc");

    CHECK_STR(copy, "abc");
    CHECK_WSTR(wide, L"abc");
    CHECK_PTR(_strdup(NULL), NULL);
    free(copy);
    free(wide);
}

TEST(memory)
{
    char buffer[16] = "0123456789";

    CHECK_PTR(memcpy(buffer + 12, "ab", 2), buffer + 12);
    CHECK_PTR(memmove(buffer + 2, buffer, 5), buffer + 2);
    CHECK_MEM(buffer, "0101234789", 10);
    memmove(buffer, buffer + 2, 5);
    CHECK_MEM(buffer, "0123434789", 10);
    CHECK_EQ(memcmp("abc", "abd", 2), 0);
    CHECK_EQ(sign(memcmp("abc", "abd", 3)), -1);
    CHECK_EQ(sign(memcmp("\x80", "\x7F", 1)), 1);
    CHECK_PTR(memset(buffer, 'z', 3), buffer);
    CHECK_MEM(buffer, "zzz3", 4);
    CHECK_PTR(memchr(buffer, '3', 10), buffer + 3);
    CHECK_PTR(memchr(buffer, 'q', 10), NULL);
    CHECK_EQ(_memicmp("ABC", "abd", 2), 0);
    CHECK_PTR(_memccpy(buffer, "abcdef", 'c', 6), buffer + 3);
    CHECK_MEM(buffer, "abc", 3);
    _swab(strcpy(buffer, "badc"), buffer + 8, 4);
    CHECK_MEM(buffer + 8, "abcd", 4);
}

TEST(wide_strings)
{
    WCHAR text[32] = L"abc";
    WCHAR list[] = L"one two";

    CHECK_EQ(wcslen(L"\xD83D\xDE00"), 2);
    CHECK_WSTR(wcscat(text, L"def"), L"abcdef");
    CHECK_WSTR(wcsncat(text, L"ghijkl", 2), L"abcdefgh");
    CHECK_EQ(sign(wcscmp(L"a", L"b")), -1);
    CHECK_EQ(sign(wcscmp(L"\xFFFF", L"a")), 1);
    CHECK_EQ(wcsncmp(L"abcx", L"abcy", 3), 0);
    CHECK_EQ(_wcsicmp(L"HeLLo", L"hEllO"), 0);
    CHECK_EQ(_wcsnicmp(L"HeLLo", L"hELP", 3), 0);
    CHECK_WSTR(wcschr(L"abcabc", L'b'), L"bcabc");
    CHECK_WSTR(wcsrchr(L"abcabc", L'b'), L"bc");
    CHECK_WSTR(wcsstr(L"hello world", L"o w"), L"o world");
    CHECK_WSTR(wcspbrk(L"hello", L"xol"), L"llo");
    CHECK_EQ(wcsspn(L"aabbc", L"ab"), 4);
    CHECK_EQ(wcscspn(L"aabbc", L"c"), 4);
    CHECK_WSTR(wcstok(list, L" "), L"one");
    CHECK_WSTR(_wcsupr(wcscpy(text, L"aBc1")), L"ABC1");
    CHECK_WSTR(_wcslwr(text), L"abc1");
    CHECK_WSTR(_wcsrev(text), L"1cba");
}

TEST(characters)
{
    CHECK(isalpha('a') && isalpha('Z') && !isalpha('1') && !isalpha(0));
    CHECK(isdigit('0') && !isdigit('a') && isxdigit('f') && !isxdigit('g'));
    CHECK(isspace(' ') && isspace('\t') && isspace('\v') && !isspace('x'));
    CHECK(isupper('A') && !isupper('a') && islower('a') && !islower('A'));
    CHECK(ispunct('!') && !ispunct('a') && iscntrl('\n') && !iscntrl(' '));
    CHECK(isprint(' ') && !isprint('\t') && isgraph('!') && !isgraph(' '));
    CHECK(isalnum('a') && isalnum('5') && !isalnum('_'));
    CHECK(!isalpha(EOF) && !isspace(EOF));
    /* In the C locale nothing beyond ASCII is anything. */
    CHECK(!isalpha(0xE4) && !isupper(0xC4) && !isprint(0xA9));
    CHECK_EQ(toupper('a'), 'A');
    CHECK_EQ(toupper('1'), '1');
    CHECK_EQ(tolower('A'), 'a');
    CHECK_EQ(toupper(0xE4), 0xE4);
    CHECK_EQ(towupper(L'a'), L'A');
    CHECK_EQ(towlower(L'A'), L'a');
    CHECK(iswalpha(L'a') && iswdigit(L'5') && iswspace(L' ') && !iswalpha(L'5'));
    CHECK(isascii(0x7F) && !isascii(0x80));
    CHECK(__iscsym('_') && __iscsymf('a') && !__iscsymf('1'));
}

TEST(integers_from_text)
{
    static const struct {
        const char *text;
        int base, value, used, error;
    } rows[] = {
        {"0", 10, 0, 1},
        {"123", 10, 123, 3},
        {"  \t\n-42x", 10, -42, 7},
        {"+7", 10, 7, 2},
        {"", 10, 0, 0},
        {"x", 10, 0, 0},
        {"- 1", 10, 0, 0},
        {"0x1F", 16, 31, 4},
        {"0x1F", 0, 31, 4},
        {"0X1f", 0, 31, 4},
        {"017", 0, 15, 3},
        {"09", 0, 0, 1},
        {"1F", 16, 31, 2},
        {"zz", 36, 35 * 36 + 35, 2},
        {"101", 2, 5, 3},
        {"102", 2, 2, 2},
        {"2147483647", 10, INT_MAX, 10},
        {"2147483648", 10, INT_MAX, 10, ERANGE},
        {"-2147483648", 10, INT_MIN, 11},
        {"-2147483649", 10, INT_MIN, 11, ERANGE},
        {"99999999999999999999z", 10, INT_MAX, 20, ERANGE},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *end = NULL;
        LONG failed = check_failed;

        errno = 0;
        CHECK_EQ(strtol(rows[i].text, &end, rows[i].base), rows[i].value);
        CHECK_EQ(end - rows[i].text, rows[i].used);
        CHECK_EQ(errno, rows[i].error);
        if (check_failed != failed)
            check_note(rows[i].text);
    }
    CHECK_EQ(sizeof(long), 4);
    CHECK_EQ(strtoul("4294967295", NULL, 10), 4294967295u);
    CHECK_EQ(strtoul("-1", NULL, 10), 4294967295u);
    errno = 0;
    CHECK_EQ(strtoul("4294967296", NULL, 10), 4294967295u);
    CHECK_EQ(errno, ERANGE);
    CHECK_EQ(_strtoi64("-9223372036854775808", NULL, 10), LLONG_MIN);
    errno = 0;
    CHECK_EQ(_strtoi64("9223372036854775808", NULL, 10), LLONG_MAX);
    CHECK_EQ(errno, ERANGE);
    CHECK_EQ(_strtoui64("18446744073709551615", NULL, 10), (long long)ULLONG_MAX);
    CHECK_EQ(wcstol(L" -12abc", NULL, 10), -12);
    CHECK_EQ(wcstoul(L"0xFFFFFFFF", NULL, 0), 0xFFFFFFFFu);
    CHECK_EQ(atoi(" -12x"), -12);
    CHECK_EQ(atoi(""), 0);
    CHECK_EQ(atol("77"), 77);
    CHECK_EQ(_atoi64("1099511627776"), 1LL << 40);
    CHECK_EQ(_wtoi(L"-5"), -5);
}

TEST(fractions_from_text)
{
    /* MinGW links a strtod of its own; this is about the DLL's. */
    double(__cdecl * strtod)(const char *, char **) = (double(__cdecl *)(const char *, char **))(
        void *)GetProcAddress(GetModuleHandleA("msvcrt"), "strtod");
    char *end;

    CHECK(strtod("3.25", NULL) == 3.25);
    CHECK(strtod("  -1.5e3xyz", &end) == -1500.0);
    CHECK_STR(end, "xyz");
    /* The documentation of msvcrt has d for an exponent, too; Wine does not. */
    UNLESS_WINE("see above")
    {
        CHECK(strtod("1d2", &end) == 100.0);
        CHECK_STR(end, "");
    }
    CHECK(strtod(".5", NULL) == 0.5);
    CHECK(strtod("5.", &end) == 5.0);
    CHECK_STR(end, "");
    CHECK(strtod("1e", &end) == 1.0);
    CHECK_STR(end, "e");
    CHECK(strtod("x", &end) == 0.0);
    CHECK_STR(end, "x");
    CHECK(strtod("0.1", NULL) == 0.1);
    CHECK(strtod("1.7976931348623157e308", NULL) == 1.7976931348623157e308);
    errno = 0;
    CHECK(strtod("1e400", NULL) == HUGE_VAL);
    CHECK_EQ(errno, ERANGE);
    CHECK(strtod("-1e400", NULL) == -HUGE_VAL);
    CHECK(atof("2.5") == 2.5);
    CHECK(wcstod(L"2.5z", NULL) == 2.5);
}

TEST(text_from_integers)
{
    char text[80];
    WCHAR wide[80];

    CHECK_STR(_itoa(-12, text, 10), "-12");
    CHECK_STR(_itoa(-1, text, 16), "ffffffff");
    CHECK_STR(_itoa(5, text, 2), "101");
    CHECK_STR(_ultoa(4294967295u, text, 10), "4294967295");
    CHECK_STR(_i64toa(LLONG_MIN, text, 10), "-9223372036854775808");
    CHECK_STR(_ui64toa(ULLONG_MAX, text, 36), "3w5e11264sgsf");
    CHECK_WSTR(_itow(255, wide, 16), L"ff");
    CHECK_WSTR(_i64tow(-1, wide, 10), L"-1");
}

TEST(text_from_fractions)
{
    char text[80];
    int point, negative;

    CHECK_STR(_gcvt(1.5, 6, text), "1.5");
    UNLESS_WINE("Wine drops the point")
    CHECK_STR(_gcvt(100.0, 6, text), "100.");
    CHECK_STR(_ecvt(3.14159, 4, &point, &negative), "3142");
    CHECK_EQ(point, 1);
    CHECK_EQ(negative, 0);
    CHECK_STR(_fcvt(-3.14159, 2, &point, &negative), "314");
    CHECK_EQ(point, 1);
    CHECK_EQ(negative, 1);
}

TEST(bytes_and_wide_characters)
{
    WCHAR wide[8] = {0};
    char bytes[8] = "";

    CHECK_EQ(mbstowcs(wide, "abc", 8), 3);
    CHECK_WSTR(wide, L"abc");
    CHECK_EQ(mbstowcs(NULL, "abcd", 0), 4);
    CHECK_EQ(wcstombs(bytes, L"xyz", 8), 3);
    CHECK_STR(bytes, "xyz");
    CHECK_EQ(wcstombs(NULL, L"xyzw", 0), 4);
    CHECK_EQ(mbtowc(wide, "q", 1), 1);
    CHECK_EQ(wide[0], L'q');
    CHECK_EQ(mbtowc(wide, "", 1), 0);
    CHECK_EQ(wctomb(bytes, L'r'), 1);
    CHECK_EQ(bytes[0], 'r');
    /* The C locale has one byte a character, and no character beyond 255. */
    CHECK_EQ(MB_CUR_MAX, 1);
    CHECK_EQ(wctomb(bytes, 0x20AC), -1);
    CHECK_EQ(mblen("a", 1), 1);
    CHECK_EQ(_mbslen((const unsigned char *)"abc"), 3);
    CHECK_STR((char *)_mbschr((const unsigned char *)"abc", 'b'), "bc");
    CHECK_STR((char *)_mbsrchr((const unsigned char *)"a/b/c", '/'), "/c");
}

static int compare_integers(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

TEST(sorting_and_searching)
{
    int numbers[500], key = 777 * 7, sorted = 1;
    int three[3] = {3, 1, 2};

    for (int i = 0; i < 500; i++)
        numbers[i] = (i * 7919) % 10007;
    qsort(numbers, 500, sizeof numbers[0], compare_integers);
    for (int i = 1; i < 500; i++)
        sorted &= numbers[i - 1] <= numbers[i];
    CHECK(sorted);
    qsort(three, 3, sizeof three[0], compare_integers);
    CHECK(three[0] == 1 && three[1] == 2 && three[2] == 3);
    qsort(three, 0, sizeof three[0], compare_integers);
    CHECK_PTR(bsearch(&numbers[123], numbers, 500, sizeof numbers[0], compare_integers), &numbers[123]);
    CHECK_PTR(bsearch(&key, three, 3, sizeof three[0], compare_integers), NULL);
    CHECK_PTR(bsearch(&key, three, 0, sizeof three[0], compare_integers), NULL);
}

TEST(division)
{
    div_t d = div(-7, 2);
    ldiv_t l = ldiv(1000000007, -10);
    lldiv_t ll = lldiv(-10000000000007LL, 10);

    CHECK_EQ(d.quot, -3);
    CHECK_EQ(d.rem, -1);
    CHECK_EQ(l.quot, -100000000);
    CHECK_EQ(l.rem, 7);
    CHECK_EQ(ll.quot, -1000000000000LL);
    CHECK_EQ(ll.rem, -7);
    CHECK_EQ(abs(-5), 5);
    CHECK_EQ(labs(-5L), 5);
    CHECK_EQ(_abs64(-(1LL << 40)), 1LL << 40);
    CHECK_EQ(_rotl(0x80000001u, 1), 3);
    CHECK_EQ(_rotr(3, 1), 0x80000001u);
}

int main(void)
{
    RUN(narrow_strings);
    RUN(duplicates);
    RUN(memory);
    RUN(wide_strings);
    RUN(characters);
    RUN(integers_from_text);
    RUN(fractions_from_text);
    RUN(text_from_integers);
    RUN(text_from_fractions);
    RUN(bytes_and_wide_characters);
    RUN(sorting_and_searching);
    RUN(division);
    return CHECK_END();
}
