/* user32's text: wsprintf and characters, and what a program without windows asks of it. */
#include "check.h"

/* The 'A' functions are run in whatever code page there is: only ASCII is certain. */

#define PRINTS(expected, ...)                                         \
    do {                                                              \
        char text_[1100] = "unwritten";                               \
        CHECK_EQ(wsprintfA(text_, __VA_ARGS__), sizeof expected - 1); \
        CHECK_STR(text_, expected);                                   \
    } while (0)

#define PRINTS_WIDE(expected, ...)                                                    \
    do {                                                                              \
        WCHAR text_[1100] = L"unwritten";                                             \
        CHECK_EQ(wsprintfW(text_, __VA_ARGS__), sizeof expected / sizeof(WCHAR) - 1); \
        CHECK_WSTR(text_, expected);                                                  \
    } while (0)

TEST(numbers)
{
    PRINTS("-12", "%d", -12);
    PRINTS("4294967284", "%u", -12);
    PRINTS("[  12]", "[%4d]", 12);
    PRINTS("[12  ]", "[%-4d]", 12);
    PRINTS("[0012]", "[%04d]", 12);
    PRINTS("-000000001", "%010ld", -1);
    PRINTS("[ 0012]", "[%5.4d]", 12);
    PRINTS("0x1f 0X1F", "%#x %#X", 31, 31);
    PRINTS("65535", "%hd", 0xffff);
    PRINTS("123450067890A", "%I64X", 0x123450067890Aull);
    PRINTS("-543210000000 7", "%I64d %d", -543210000000ll, 7);
    PRINTS("67890a", "%I32x", 0x67890a);
    PRINTS_WIDE(L"-12 4294967284 00ff", L"%i %u %04x", -12, -12, 255);
    if (sizeof(void *) == 8)
        PRINTS("FFFFFFFFFFFEDCBB", "%p", (void *)(LONG_PTR)-0x12345);
    else
        PRINTS("FFFEDCBB", "%p", (void *)(LONG_PTR)-0x12345);
}

TEST(strings)
{
    static const char unterminated[3] = {'a', 'b', 'c'};
    PRINTS("[text]", "[%s]", "text");
    PRINTS("[  text]", "[%6s]", "text");
    PRINTS("[text  ]", "[%-6s]", "text");
    PRINTS("[tex]", "[%.3s]", "text");
    PRINTS("abc", "%.3s", unterminated);
    PRINTS("wide wide text", "%S %ls %hs", L"wide", L"wide", "text");
    PRINTS("[ c]x", "[%2c]%C", 'c', L'x');
    PRINTS_WIDE(L"wide text wide", L"%s %S %ls", L"wide", "text", L"wide");
    PRINTS_WIDE(L"\u2606[abc]", L"%c[%.3hs]", 0x2606, unterminated);
}

TEST(what_is_no_directive)
{
    PRINTS("100% q", "100%% %q");
    PRINTS("end", "end%");
}

TEST(no_more_than_the_limit)
{
    static char text[3000], result[3000];
    memset(text, 'x', sizeof text - 1);
    memset(result, '.', sizeof result - 1);
    int length = wsprintfA(result, "%s%s", text, text);
    CHECK(length == 1023 || length == 1024);
    CHECK(strlen(result) <= 1024);
    CHECK_EQ(result[1025], '.');
}

TEST(cases)
{
    char text[] = "aBc1", part[] = "abcdef";
    WCHAR wide[] = L"\u00e4B";
    CHECK_PTR(CharUpperA(text), text);
    CHECK_STR(text, "ABC1");
    CHECK_STR(CharLowerA(text), "abc1");
    CHECK_EQ(CharUpperBuffA(part, 3), 3);
    CHECK_STR(part, "ABCdef");
    CHECK_EQ(CharLowerBuffA(part, 2), 2);
    CHECK_STR(part, "abCdef");
    CHECK_PTR(CharUpperA((LPSTR)'x'), 'X');
    CHECK_PTR(CharLowerA((LPSTR)'X'), 'x');
    CHECK_WSTR(CharUpperW(wide), L"\u00c4B");
    CHECK_PTR(CharLowerW((LPWSTR)0xc4), 0xe4);
}

TEST(kinds)
{
    CHECK(IsCharAlphaA('a') && !IsCharAlphaA('1') && !IsCharAlphaA('_'));
    CHECK(IsCharAlphaNumericA('1') && !IsCharAlphaNumericA(' '));
    CHECK(IsCharUpperA('A') && !IsCharUpperA('a'));
    CHECK(IsCharLowerA('a') && !IsCharLowerA('A'));
    CHECK(IsCharAlphaW(0xe4) && IsCharLowerW(0xe4) && IsCharUpperW(0xc4));
    CHECK(IsCharAlphaNumericW(L'7') && !IsCharAlphaW(L'7'));
}

TEST(the_way_through_text)
{
    static const char text[] = "ab";
    CHECK_PTR(CharNextA(text), text + 1);
    CHECK_PTR(CharNextA(text + 2), text + 2);
    CHECK_PTR(CharNextExA(1252, text, 0), text + 1);
    CHECK_PTR(CharNextExA(932, "\x83\x41", 0)[0], 0);
    CHECK_PTR(CharPrevA(text, text + 2), text + 1);
    CHECK_PTR(CharPrevA(text, text), text);
}

TEST(oem_text)
{
    char text[8];
    WCHAR wide[8];
    CHECK(CharToOemA("abc", text));
    CHECK_STR(text, "abc");
    CHECK(OemToCharA("xyz", text));
    CHECK_STR(text, "xyz");
    CHECK(CharToOemW(L"wide", text));
    CHECK_STR(text, "wide");
    CHECK(OemToCharW("abc", wide));
    CHECK_WSTR(wide, L"abc");
    CHECK(!CharToOemA(NULL, text));
}

TEST(no_windows)
{
    CHECK(GetDesktopWindow() != NULL);
    CHECK(IsWindow(GetDesktopWindow()));
    CHECK_ERROR(!IsWindow((HWND)0x7654), ERROR_INVALID_WINDOW_HANDLE);
    CHECK_PTR(GetFocus(), NULL);
    CHECK_PTR(GetActiveWindow(), NULL);
}

int main(void)
{
    RUN(numbers);
    RUN(strings);
    RUN(what_is_no_directive);
    RUN(no_more_than_the_limit);
    RUN(cases);
    RUN(kinds);
    RUN(the_way_through_text);
    RUN(oem_text);
    RUN(no_windows);
    return CHECK_END();
}
