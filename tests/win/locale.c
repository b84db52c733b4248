/* Strings as the locale has them: order, case, classes of characters, and what the locale says of itself. */
#include "check.h"
#include <string.h>
#include <wchar.h>

#define ENGLISH 0x0409

static int order(const WCHAR *a, const WCHAR *b, DWORD flags)
{
    int result = CompareStringW(ENGLISH, flags, a, -1, b, -1);

    CHECK(result >= CSTR_LESS_THAN && result <= CSTR_GREATER_THAN);
    CHECK_EQ(CompareStringW(ENGLISH, flags, b, -1, a, -1), 4 - result);
    return result - CSTR_EQUAL;
}

TEST(words_are_in_order)
{
    static const WCHAR *const ascending[] = {
        L"",     L" ",     L" a",    L"!",  L"+",    L"0",  L"09",       L"1",  L"10", L"2",  L"a",  L"A",
        L"\xe1", L"\xc1",  L"\xe4",  L"aa", L"aA",   L"ab", L"\xe6",     L"af", L"b",  L"B",  L"co", L"coo",
        L"coop", L"co-op", L"coops", L"e",  L"\xe9", L"f",  L"stra\xdf", L"z",  L"Z",  L"zz",
    };

    for (unsigned i = 0; i + 1 < sizeof ascending / sizeof *ascending; i++)
        if (!CHECK_EQ(order(ascending[i], ascending[i + 1], 0), -1))
            check_note_wide(ascending[i]);
}

TEST(what_is_equal)
{
    CHECK_EQ(order(L"Hello", L"hELLO", NORM_IGNORECASE), 0);
    CHECK_EQ(order(L"\xc9t\xe9", L"\xe9t\xc9", NORM_IGNORECASE), 0);
    CHECK_EQ(order(L"r\xe9sum\xe9", L"resume", NORM_IGNORENONSPACE), 0);
    CHECK_EQ(order(L"e\x301", L"\xe9", 0), 0);
    CHECK_EQ(order(L"stra\xdf"
                   L"e",
                   L"strasse", NORM_IGNORECASE),
             0);
    CHECK_EQ(order(L"a.b", L"ab", NORM_IGNORESYMBOLS), 0);
    CHECK_EQ(order(L"co-op", L"coop", 0), 1);
    CHECK_EQ(order(L"co-op", L"coop", SORT_STRINGSORT), -1);
    CHECK_EQ(order(L"\x3b1", L"\x3b1", 0), 0);
    CHECK_EQ(order(L"\x430", L"\x431", 0), -1);
    CHECK_EQ(order(L"\x430", L"\x410", NORM_IGNORECASE), 0);
    CHECK_EQ(CompareStringW(ENGLISH, 0, L"abc", 2, L"abd", 2), CSTR_EQUAL);
    CHECK_EQ(CompareStringA(ENGLISH, NORM_IGNORECASE, "ABC", 3, "abcd", 3), CSTR_EQUAL);
    CHECK_EQ(lstrcmpA("a", "A"), -1);
    CHECK_EQ(lstrcmpiA("a", "A"), 0);
    CHECK_EQ(lstrcmpW(L"a", L"B"), -1);
    CHECK_EQ(lstrcmpiW(L"B", L"a"), 1);
}

TEST(comparisons_that_fail)
{
    CHECK_ERROR(!CompareStringW(ENGLISH, 0, NULL, 0, L"", 0), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!CompareStringW(ENGLISH, 0x80000, L"", 0, L"", 0), ERROR_INVALID_FLAGS);
    CHECK_ERROR(!CompareStringW(0xFFF1, 0, L"", 0, L"", 0), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!CompareStringOrdinal(NULL, 0, L"", 0, FALSE), ERROR_INVALID_PARAMETER);
}

TEST(order_by_code)
{
    CHECK_EQ(CompareStringOrdinal(L"a", -1, L"B", -1, FALSE), CSTR_GREATER_THAN);
    CHECK_EQ(CompareStringOrdinal(L"a", -1, L"B", -1, TRUE), CSTR_LESS_THAN);
    CHECK_EQ(CompareStringOrdinal(L"\xe9", -1, L"\xc9", -1, TRUE), CSTR_EQUAL);
    CHECK_EQ(CompareStringOrdinal(L"ab", 1, L"ac", 1, FALSE), CSTR_EQUAL);
    CHECK_EQ(CompareStringOrdinal(L"ab", -1, L"a", -1, FALSE), CSTR_GREATER_THAN);
}

static void check_key(const WCHAR *text, DWORD flags, const char *expected, int size)
{
    BYTE key[100];
    int length = LCMapStringW(ENGLISH, LCMAP_SORTKEY | flags, text, -1, (WCHAR *)key, sizeof key);

    CHECK_EQ(LCMapStringW(ENGLISH, LCMAP_SORTKEY | flags, text, -1, NULL, 0), length);
    if (!CHECK_EQ(length, size) || !CHECK_MEM(key, expected, size))
        check_note_wide(text);
}

TEST(sort_keys)
{
    check_key(L"", 0, "\x01\x01\x01\x01\x00", 5);
    check_key(L"abc", 0, "\x0e\x02\x0e\x09\x0e\x0a\x01\x01\x01\x01\x00", 11);
    check_key(L"aBc", 0, "\x0e\x02\x0e\x09\x0e\x0a\x01\x01\x02\x12\x01\x01\x00", 13);
    check_key(L"aBc", NORM_IGNORECASE, "\x0e\x02\x0e\x09\x0e\x0a\x01\x01\x01\x01\x00", 11);
    check_key(L"a\xe9", 0, "\x0e\x02\x0e\x21\x01\x02\x0e\x01\x01\x01\x00", 11);
    CHECK_ERROR(!LCMapStringW(ENGLISH, LCMAP_SORTKEY, L"abc", -1, (WCHAR[2]){0}, 4),
                ERROR_INSUFFICIENT_BUFFER);
}

TEST(upper_and_lower_case)
{
    WCHAR text[20];
    char narrow[20];

    CHECK_EQ(LCMapStringW(ENGLISH, LCMAP_UPPERCASE, L"aZ\xe9\xff\x3b1\x44f\xdf", -1, text, 20), 8);
    CHECK_WSTR(text, L"AZ\xc9\x178\x391\x42f\xdf");
    CHECK_EQ(LCMapStringW(ENGLISH, LCMAP_LOWERCASE, L"aZ\xc9\x178\x391\x42f\xd7", -1, text, 20), 8);
    CHECK_WSTR(text, L"az\xe9\xff\x3b1\x44f\xd7");
    CHECK_EQ(LCMapStringW(ENGLISH, LCMAP_UPPERCASE, L"abc", 2, NULL, 0), 2);
    wcscpy(text, L"in place");
    CHECK_EQ(LCMapStringW(ENGLISH, LCMAP_UPPERCASE, text, -1, text, 20), 9);
    CHECK_WSTR(text, L"IN PLACE");
    CHECK_EQ(LCMapStringA(ENGLISH, LCMAP_UPPERCASE, "narrow", -1, narrow, 20), 7);
    CHECK_STR(narrow, "NARROW");
    CHECK_EQ(LCMapStringEx(L"", LCMAP_UPPERCASE, L"x", -1, text, 20, NULL, NULL, 0), 2);
    CHECK_WSTR(text, L"X");
    CHECK_ERROR(!LCMapStringW(ENGLISH, LCMAP_UPPERCASE, L"abc", -1, text, 3), ERROR_INSUFFICIENT_BUFFER);
    CHECK_ERROR(!LCMapStringW(ENGLISH, LCMAP_UPPERCASE, L"abc", 0, text, 3), ERROR_INVALID_PARAMETER);
    UNLESS_WINE("it takes both")
    CHECK_ERROR(!LCMapStringW(ENGLISH, LCMAP_UPPERCASE | LCMAP_SORTKEY, L"abc", -1, text, 3),
                ERROR_INVALID_FLAGS);
}

TEST(classes_of_characters)
{
    static const struct {
        WCHAR character;
        WORD type;
    } rows[] = {
        {'A', C1_DEFINED | C1_UPPER | C1_ALPHA | C1_XDIGIT},
        {'z', C1_DEFINED | C1_LOWER | C1_ALPHA},
        {'5', C1_DEFINED | C1_DIGIT | C1_XDIGIT},
        {' ', C1_DEFINED | C1_SPACE | C1_BLANK},
        {'\t', C1_DEFINED | C1_SPACE | C1_BLANK | C1_CNTRL},
        {'\n', C1_DEFINED | C1_SPACE | C1_CNTRL},
        {'.', C1_DEFINED | C1_PUNCT},
        {0, C1_DEFINED | C1_CNTRL},
        {0xe9, C1_DEFINED | C1_LOWER | C1_ALPHA},
        {0xd7, C1_DEFINED | C1_PUNCT},
        {0x416, C1_DEFINED | C1_UPPER | C1_ALPHA},
        {0x4e2d, C1_DEFINED | C1_ALPHA},
        {0x301, C1_DEFINED},
        {0x378, 0},
    };
    WORD type, types[4];

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(GetStringTypeW(CT_CTYPE1, &rows[i].character, 1, &type));
        if (!CHECK_EQ(type, rows[i].type))
            check_note_wide((WCHAR[]){rows[i].character, 0});
    }
    CHECK(GetStringTypeW(CT_CTYPE1, L"a1", -1, types));
    CHECK_EQ(types[2], C1_DEFINED | C1_CNTRL);
    CHECK(GetStringTypeA(ENGLISH, CT_CTYPE1, "a1", 2, types));
    CHECK_EQ(types[1], C1_DEFINED | C1_DIGIT | C1_XDIGIT);
    CHECK(GetStringTypeW(CT_CTYPE2, L"a1", 2, types));
    CHECK_EQ(types[0], C2_LEFTTORIGHT);
    CHECK_EQ(types[1], C2_EUROPENUMBER);
    CHECK(GetStringTypeW(CT_CTYPE3, L"a-", 2, types));
    CHECK_EQ(types[0], C3_ALPHA | C3_HALFWIDTH);
    CHECK_ERROR(!GetStringTypeW(7, L"a", 1, types), ERROR_INVALID_PARAMETER);
}

static void check_info(LCTYPE type, const WCHAR *expected)
{
    WCHAR text[100] = L"nothing";

    CHECK_EQ(GetLocaleInfoW(ENGLISH, type, NULL, 0), wcslen(expected) + 1);
    CHECK_EQ(GetLocaleInfoW(ENGLISH, type, text, 100), wcslen(expected) + 1);
    CHECK_WSTR(text, expected);
}

TEST(what_the_locale_says)
{
    char narrow[20];
    WCHAR text[20];
    DWORD number = 99;

    check_info(LOCALE_ILANGUAGE, L"0409");
    check_info(LOCALE_SENGLANGUAGE, L"English");
    check_info(LOCALE_SENGCOUNTRY, L"United States");
    check_info(LOCALE_SNAME, L"en-US");
    check_info(LOCALE_SDECIMAL, L".");
    check_info(LOCALE_STHOUSAND, L",");
    check_info(LOCALE_SCURRENCY, L"$");
    check_info(LOCALE_SSHORTDATE, L"M/d/yyyy");
    check_info(LOCALE_STIMEFORMAT, L"h:mm:ss tt");
    check_info(LOCALE_SDAYNAME7, L"Sunday");
    check_info(LOCALE_SABBREVMONTHNAME1 + 8, L"Sep");
    check_info(LOCALE_SMONTHNAME12, L"December");
    CHECK_EQ(GetLocaleInfoW(ENGLISH, LOCALE_IDIGITS | LOCALE_RETURN_NUMBER, (WCHAR *)&number, 2), 2);
    CHECK_EQ(number, 2);
    CHECK_EQ(GetLocaleInfoA(ENGLISH, LOCALE_SISO639LANGNAME, narrow, 20), 3);
    CHECK_STR(narrow, "en");
    CHECK_EQ(GetLocaleInfoEx(L"en-US", LOCALE_SISO3166CTRYNAME, text, 20), 3);
    CHECK_WSTR(text, L"US");
    CHECK_ERROR(!GetLocaleInfoW(ENGLISH, LOCALE_SENGLANGUAGE, text, 3), ERROR_INSUFFICIENT_BUFFER);
    CHECK_ERROR(!GetLocaleInfoW(ENGLISH, 0xFFFF, text, 3), ERROR_INVALID_FLAGS);
    CHECK_ERROR(!GetLocaleInfoW(ENGLISH, LOCALE_SENGLANGUAGE | LOCALE_RETURN_NUMBER, text, 20),
                ERROR_INVALID_FLAGS);
    CHECK_ERROR(!GetLocaleInfoW(0xFFF1, LOCALE_SENGLANGUAGE, text, 20), ERROR_INVALID_PARAMETER);
}

TEST(dates_and_times)
{
    static const SYSTEMTIME time = {2024, 3, 0, 7, 15, 4, 9, 123};
    static const struct {
        DWORD flags;
        const WCHAR *picture, *text;
    } dates[] =
        {
            {0, NULL, L"3/7/2024"},
            {DATE_LONGDATE, NULL, L"Thursday, March 7, 2024"},
            {DATE_YEARMONTH, NULL, L"March 2024"},
            {0, L"yyyy-MM-dd", L"2024-03-07"},
            {0, L"ddd d MMM yy", L"Thu 7 Mar 24"},
            {0, L"'day' dd 'o''clock'", L"day 07 o'clock"},
        },
      times[] = {
          {0, NULL, L"3:04:09 PM"},
          {TIME_NOSECONDS, NULL, L"3:04 PM"},
          {TIME_NOMINUTESORSECONDS, NULL, L"3 PM"},
          {TIME_NOTIMEMARKER, NULL, L"3:04:09"},
          {TIME_FORCE24HOURFORMAT | TIME_NOTIMEMARKER, NULL, L"15:04:09"},
          {0, L"HH:mm:ss", L"15:04:09"},
          {0, L"hh'h'm t", L"03h4 P"},
      };
    SYSTEMTIME wrong = time;
    WCHAR text[100];
    char narrow[100];

    for (unsigned i = 0; i < sizeof dates / sizeof *dates; i++) {
        CHECK_EQ(GetDateFormatW(ENGLISH, dates[i].flags, &time, dates[i].picture, text, 100),
                 wcslen(dates[i].text) + 1);
        CHECK_WSTR(text, dates[i].text);
    }
    for (unsigned i = 0; i < sizeof times / sizeof *times; i++) {
        CHECK_EQ(GetTimeFormatW(ENGLISH, times[i].flags, &time, times[i].picture, text, 100),
                 wcslen(times[i].text) + 1);
        CHECK_WSTR(text, times[i].text);
    }
    CHECK_EQ(GetDateFormatA(ENGLISH, 0, &time, "d/M", narrow, 100), 4);
    CHECK_STR(narrow, "7/3");
    CHECK_EQ(GetTimeFormatA(ENGLISH, 0, &time, NULL, NULL, 0), 11);
    CHECK(GetDateFormatW(ENGLISH, 0, NULL, NULL, text, 100) > 8);
    CHECK_ERROR(!GetDateFormatW(ENGLISH, 0, &time, NULL, text, 3), ERROR_INSUFFICIENT_BUFFER);
    CHECK_ERROR(!GetDateFormatW(ENGLISH, DATE_LONGDATE, &time, L"d", text, 100), ERROR_INVALID_FLAGS);
    wrong.wMonth = 13;
    CHECK_ERROR(!GetDateFormatW(ENGLISH, 0, &wrong, NULL, text, 100), ERROR_INVALID_PARAMETER);
    wrong.wHour = 24;
    CHECK_ERROR(!GetTimeFormatW(ENGLISH, 0, &wrong, NULL, text, 100), ERROR_INVALID_PARAMETER);
}

TEST(names_and_numbers)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH];

    CHECK_EQ(GetUserDefaultLCID(), ENGLISH);
    CHECK_EQ(GetUserDefaultLangID(), ENGLISH);
    CHECK_EQ(GetThreadLocale(), ENGLISH);
    CHECK(IsValidLocale(ENGLISH, LCID_INSTALLED));
    CHECK(!IsValidLocale(0xFFF1, LCID_INSTALLED));
    CHECK_EQ(GetUserDefaultLocaleName(name, LOCALE_NAME_MAX_LENGTH), 6);
    CHECK_WSTR(name, L"en-US");
    CHECK_EQ(LCIDToLocaleName(ENGLISH, name, LOCALE_NAME_MAX_LENGTH, 0), 6);
    CHECK_EQ(LCIDToLocaleName(LOCALE_INVARIANT, name, LOCALE_NAME_MAX_LENGTH, 0), 1);
    CHECK_EQ(LocaleNameToLCID(L"en-us", 0), ENGLISH);
    CHECK_EQ(LocaleNameToLCID(L"", 0), LOCALE_INVARIANT);
    CHECK_ERROR(!LocaleNameToLCID(L"nowhere-at-all", 0), ERROR_INVALID_PARAMETER);
    CHECK(IsValidLocaleName(L"en-US"));
    CHECK(SetThreadLocale(LOCALE_INVARIANT));
    CHECK_EQ(GetThreadLocale(), LOCALE_INVARIANT);
    CHECK(SetThreadLocale(ENGLISH));
    CHECK_EQ(ConvertDefaultLocale(LOCALE_USER_DEFAULT), ENGLISH);
}

TEST(strings_of_old)
{
    char narrow[20];
    WCHAR wide[20];

    CHECK_EQ(lstrlenA("four"), 4);
    CHECK_EQ(lstrlenW(NULL), 0);
    CHECK(lstrcpyA(narrow, "one") == narrow);
    CHECK(lstrcatA(narrow, "two") == narrow);
    CHECK_STR(narrow, "onetwo");
    CHECK(lstrcpynW(wide, L"longer", 4) == wide);
    CHECK_WSTR(wide, L"lon");
    CHECK(lstrcpynA(narrow, "ab", 20) == narrow);
    CHECK_STR(narrow, "ab");
    /* Memory that is not there is no fault. */
    char *page = VirtualAlloc(NULL, 8192, MEM_RESERVE, PAGE_READWRITE);
    CHECK(VirtualAlloc(page, 4096, MEM_COMMIT, PAGE_READWRITE) == page);
    memset(page, 'x', 4096);
    CHECK_EQ(lstrlenA(page), 0);
    CHECK_EQ(lstrlenW((WCHAR *)page), 0);
    CHECK_EQ(lstrlenW((WCHAR *)(page + 1)), 0);
    CHECK(lstrcpyA(narrow, page) == NULL);
    CHECK(lstrcpyA(page + 4094, "ab") == NULL);
    CHECK(lstrcatA(page, "a") == NULL);
    page[4095] = 0;
    CHECK_EQ(lstrlenA(page), 4095);
    CHECK_EQ(lstrlenA(page + 4000), 95);
    CHECK(VirtualFree(page, 0, MEM_RELEASE));
    CHECK_EQ(MulDiv(7, 3, 2), 11);
    CHECK_EQ(MulDiv(-7, 3, 2), -11);
    CHECK_EQ(MulDiv(7, 3, -2), -11);
    CHECK_EQ(MulDiv(100000, 100000, 100000), 100000);
    CHECK_EQ(MulDiv(1, 1, 0), -1);
    CHECK_EQ(MulDiv(0x7FFFFFFF, 2, 1), -1);
}

TEST(the_country)
{
    WCHAR text[16] = L"old";
    GEOID own = GetUserGeoID(GEOCLASS_NATION);

    CHECK_EQ(GetGeoInfoW(own, GEO_ISO2, text, ARRAYSIZE(text), 0), 3);
    CHECK_WSTR(text, L"US");
    CHECK_EQ(GetGeoInfoW(own, GEO_ISO3, NULL, 0, 0), 4);
    CHECK_ERROR(!GetGeoInfoW(own, GEO_ISO3, text, 3, 0), ERROR_INSUFFICIENT_BUFFER);
    CHECK_ERROR(!GetGeoInfoW(own, 0, text, ARRAYSIZE(text), 0), ERROR_INVALID_FLAGS);
    CHECK_ERROR(!GetGeoInfoW(99999, GEO_ISO2, text, ARRAYSIZE(text), 0), ERROR_INVALID_PARAMETER);
}

int main(void)
{
    RUN(words_are_in_order);
    RUN(what_is_equal);
    RUN(comparisons_that_fail);
    RUN(order_by_code);
    RUN(sort_keys);
    RUN(upper_and_lower_case);
    RUN(classes_of_characters);
    RUN(what_the_locale_says);
    RUN(dates_and_times);
    RUN(names_and_numbers);
    RUN(strings_of_old);
    RUN(the_country);
    return CHECK_END();
}
