/* Environment variables: Win32's and the C library's view of them. */
#include "check.h"
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

TEST(a_variable_is_set_read_and_removed)
{
    WCHAR value[16];

    CHECK(SetEnvironmentVariableW(L"LW_ONE", L"first"));
    CHECK_EQ(GetEnvironmentVariableW(L"LW_ONE", value, 16), 5);
    CHECK_WSTR(value, L"first");
    CHECK(SetEnvironmentVariableW(L"LW_ONE", L"other"));
    CHECK_EQ(GetEnvironmentVariableW(L"LW_ONE", value, 16), 5);
    CHECK_WSTR(value, L"other");
    CHECK(SetEnvironmentVariableW(L"LW_ONE", NULL));
    CHECK_ERROR(GetEnvironmentVariableW(L"LW_ONE", value, 16) == 0, ERROR_ENVVAR_NOT_FOUND);
}

TEST(the_size_that_is_needed_counts_the_terminator)
{
    WCHAR wide[8] = L"zzzzzzz";
    char narrow[8] = "zzzzzzz";

    SetEnvironmentVariableW(L"LW_SIZE", L"12345");
    CHECK_EQ(GetEnvironmentVariableW(L"LW_SIZE", NULL, 0), 6);
    CHECK_EQ(GetEnvironmentVariableA("LW_SIZE", NULL, 0), 6);
    CHECK_EQ(GetEnvironmentVariableW(L"LW_SIZE", wide, 5), 6);
    CHECK_EQ(GetEnvironmentVariableA("LW_SIZE", narrow, 5), 6);
    CHECK_EQ(GetEnvironmentVariableW(L"LW_SIZE", wide, 6), 5);
    CHECK_WSTR(wide, L"12345");
    CHECK_EQ(GetEnvironmentVariableA("LW_SIZE", narrow, 6), 5);
    CHECK_STR(narrow, "12345");
    SetEnvironmentVariableW(L"LW_SIZE", NULL);
}

TEST(names_are_compared_without_case)
{
    char value[16];

    SetEnvironmentVariableA("Lw_Case", "1");
    CHECK_EQ(GetEnvironmentVariableA("LW_CASE", value, sizeof value), 1);
    CHECK(SetEnvironmentVariableA("lw_case", "22"));
    CHECK_EQ(GetEnvironmentVariableA("Lw_Case", value, sizeof value), 2);
    CHECK_STR(value, "22");
    CHECK(SetEnvironmentVariableA("LW_CASE", NULL));
    CHECK_EQ(GetEnvironmentVariableA("Lw_Case", value, sizeof value), 0);
}

TEST(an_empty_value_is_a_value)
{
    char value[4] = "zzz";

    CHECK(SetEnvironmentVariableA("LW_EMPTY", ""));
    SetLastError(NO_ERROR);
    CHECK_EQ(GetEnvironmentVariableA("LW_EMPTY", value, sizeof value), 0);
    CHECK_EQ(GetLastError(), NO_ERROR);
    CHECK_STR(value, "");
    CHECK_EQ(GetEnvironmentVariableA("LW_EMPTY", NULL, 0), 1);
    CHECK_EQ(GetEnvironmentVariableW(L"LW_EMPTY", NULL, 0), 1);
    CHECK(SetEnvironmentVariableA("LW_EMPTY", NULL));
}

TEST(names_that_are_none)
{
    char value[4];

    CHECK_ERROR(SetEnvironmentVariableA("LW=X", "1") == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(SetEnvironmentVariableA("", "1") == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(GetEnvironmentVariableA("", value, sizeof value) == 0, ERROR_ENVVAR_NOT_FOUND);
    CHECK_ERROR(GetEnvironmentVariableA("LW_NEVER_SET", value, sizeof value) == 0, ERROR_ENVVAR_NOT_FOUND);
}

TEST(drive_variables_begin_with_an_equals_sign)
{
    WCHAR value[16];

    CHECK(SetEnvironmentVariableW(L"=Q:", L"Q:\\deep"));
    CHECK_EQ(GetEnvironmentVariableW(L"=Q:", value, 16), 7);
    CHECK_WSTR(value, L"Q:\\deep");
    CHECK(SetEnvironmentVariableW(L"=Q:", NULL));
}

TEST(values_keep_every_character)
{
    WCHAR value[16];
    char narrow[16];

    CHECK(SetEnvironmentVariableW(L"LW_\x4E2D", L"= \x20AC\xD83D\xDE00="));
    CHECK_EQ(GetEnvironmentVariableW(L"LW_\x4E2D", value, 16), 6);
    CHECK_WSTR(value, L"= \x20AC\xD83D\xDE00=");
    CHECK(SetEnvironmentVariableW(L"LW_\x4E2D", NULL));
    CHECK(SetEnvironmentVariableA("LW_BYTES", "a=b; c"));
    CHECK_EQ(GetEnvironmentVariableA("LW_BYTES", narrow, 16), 6);
    CHECK_STR(narrow, "a=b; c");
    CHECK(SetEnvironmentVariableA("LW_BYTES", NULL));
}

TEST(a_long_value)
{
    static char value[32767], read[32767];

    memset(value, 'v', sizeof value - 1);
    CHECK(SetEnvironmentVariableA("LW_LONG", value));
    CHECK_EQ(GetEnvironmentVariableA("LW_LONG", NULL, 0), sizeof value);
    CHECK_EQ(GetEnvironmentVariableA("LW_LONG", read, sizeof read), sizeof value - 1);
    CHECK_STR(read, value);
    CHECK(SetEnvironmentVariableA("LW_LONG", NULL));
}

static int block_holds(const WCHAR *block, const WCHAR *entry)
{
    for (; *block; block += wcslen(block) + 1)
        if (wcscmp(block, entry) == 0)
            return 1;
    return 0;
}

TEST(the_whole_block)
{
    WCHAR *wide;
    char *narrow, *entry;
    int found = 0;

    SetEnvironmentVariableW(L"LW_BLOCK", L"in the block");
    wide = GetEnvironmentStringsW();
    CHECK(wide != NULL);
    CHECK(block_holds(wide, L"LW_BLOCK=in the block"));
    /* It is a copy: later changes do not show. */
    SetEnvironmentVariableW(L"LW_BLOCK", NULL);
    CHECK(block_holds(wide, L"LW_BLOCK=in the block"));
    CHECK(FreeEnvironmentStringsW(wide));

    SetEnvironmentVariableW(L"LW_BLOCK", L"2");
    narrow = GetEnvironmentStringsA();
    CHECK(narrow != NULL);
    for (entry = narrow; *entry; entry += strlen(entry) + 1)
        found += strcmp(entry, "LW_BLOCK=2") == 0;
    CHECK_EQ(found, 1);
    CHECK(FreeEnvironmentStringsA(narrow));
    SetEnvironmentVariableW(L"LW_BLOCK", NULL);
}

TEST(expansion)
{
    static const struct {
        const WCHAR *source, *expanded;
    } rows[] = {
        {L"", L""},
        {L"plain", L"plain"},
        {L"%LW_A%", L"alpha"},
        {L"%lw_a%", L"alpha"},
        {L"<%LW_A%|%LW_B%>", L"<alpha|b>"},
        {L"%LW_NOT_SET%", L"%LW_NOT_SET%"},
        {L"100%", L"100%"},
        {L"%%", L"%%"},
        {L"%LW_A", L"%LW_A"},
        /* What a variable holds is not expanded again. */
        {L"%LW_NESTED%", L"%LW_A%"},
    };
    WCHAR out[64];

    SetEnvironmentVariableW(L"LW_A", L"alpha");
    SetEnvironmentVariableW(L"LW_B", L"b");
    SetEnvironmentVariableW(L"LW_NESTED", L"%LW_A%");
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_EQ(ExpandEnvironmentStringsW(rows[i].source, out, 64), wcslen(rows[i].expanded) + 1);
        CHECK_WSTR(out, rows[i].expanded);
    }
    CHECK_EQ(ExpandEnvironmentStringsW(L"%LW_A%!", NULL, 0), 7);
    CHECK_EQ(ExpandEnvironmentStringsW(L"%LW_A%!", out, 6), 7);
    CHECK_EQ(ExpandEnvironmentStringsW(L"%LW_A%!", out, 7), 7);
    CHECK_WSTR(out, L"alpha!");
    SetEnvironmentVariableW(L"LW_A", NULL);
    SetEnvironmentVariableW(L"LW_B", NULL);
    SetEnvironmentVariableW(L"LW_NESTED", NULL);
}

TEST(expansion_of_bytes)
{
    char out[64];

    SetEnvironmentVariableA("LW_A", "alpha");
    CHECK(ExpandEnvironmentStringsA("%LW_A%!", NULL, 0) >= 7);
    CHECK(ExpandEnvironmentStringsA("%LW_A%!", out, sizeof out) >= 7);
    CHECK_STR(out, "alpha!");
    SetEnvironmentVariableA("LW_A", NULL);
}

TEST(what_every_process_has)
{
    char value[MAX_PATH], directory[MAX_PATH];

    CHECK_EQ(GetEnvironmentVariableA("OS", value, sizeof value), 10);
    CHECK_STR(value, "Windows_NT");
    CHECK(GetEnvironmentVariableA("PROCESSOR_ARCHITECTURE", value, sizeof value) > 0);
    CHECK_STR(value, sizeof(void *) == 8 ? "AMD64" : "x86");
    CHECK(GetEnvironmentVariableA("NUMBER_OF_PROCESSORS", value, sizeof value) > 0);
    CHECK(atoi(value) >= 1);
    CHECK(GetEnvironmentVariableA("COMPUTERNAME", value, sizeof value) > 0);
    CHECK(GetEnvironmentVariableA("SystemDrive", value, sizeof value) > 0);
    CHECK_STR(value, "C:");
    CHECK(GetEnvironmentVariableA("SystemRoot", value, sizeof value) > 0);
    CHECK(GetWindowsDirectoryA(directory, sizeof directory) > 0);
    CHECK_EQ(_stricmp(value, directory), 0);
    CHECK(GetEnvironmentVariableA("windir", value, sizeof value) > 0);
    CHECK_EQ(_stricmp(value, directory), 0);
    CHECK(GetEnvironmentVariableA("ComSpec", value, sizeof value) > 0);
    CHECK(GetEnvironmentVariableA("PATHEXT", value, sizeof value) > 0);
    CHECK(GetEnvironmentVariableA("PATH", value, sizeof value) > 0);
    CHECK(GetEnvironmentVariableA("USERPROFILE", value, sizeof value) > 0);
    CHECK(GetEnvironmentVariableA("APPDATA", value, sizeof value) > 0);
    CHECK(GetEnvironmentVariableA("LOCALAPPDATA", value, sizeof value) > 0);
    CHECK(GetEnvironmentVariableA("TEMP", value, sizeof value) > 0);
    CHECK(GetFileAttributesA(value) & FILE_ATTRIBUTE_DIRECTORY);
    CHECK(GetEnvironmentVariableA("TMP", value, sizeof value) > 0);
    CHECK(GetFileAttributesA(value) & FILE_ATTRIBUTE_DIRECTORY);
}

TEST(the_temporary_directory_follows_tmp_then_temp)
{
    char tmp[MAX_PATH], temp[MAX_PATH], here[MAX_PATH], value[MAX_PATH];
    DWORD length;

    GetEnvironmentVariableA("TMP", tmp, sizeof tmp);
    GetEnvironmentVariableA("TEMP", temp, sizeof temp);
    GetCurrentDirectoryA(sizeof here, here);
    strcat(here, "\\");
    CreateDirectoryA("sub", NULL);

    SetEnvironmentVariableA("TMP", ".");
    SetEnvironmentVariableA("TEMP", "sub");
    length = GetTempPathA(sizeof value, value);
    CHECK_EQ(length, strlen(here));
    CHECK_STR(value, here);
    CHECK_EQ(GetTempPathA(0, NULL), length + 1);
    CHECK_EQ(GetTempPathA(length, value), length + 1);
    CHECK_EQ(GetTempPathA(length + 1, value), length);
    SetEnvironmentVariableA("TMP", NULL);
    strcat(here, "sub\\");
    CHECK_EQ(GetTempPathA(sizeof value, value), strlen(here));
    CHECK_STR(value, here);
    SetEnvironmentVariableA("TMP", tmp);
    SetEnvironmentVariableA("TEMP", temp);
    RemoveDirectoryA("sub");
}

TEST(the_c_library_has_a_view_of_its_own)
{
    char value[16];
    char *text;

    SetEnvironmentVariableA("LW_LATE", "1");
    CHECK_PTR(getenv("LW_LATE"), NULL);
    SetEnvironmentVariableA("LW_LATE", NULL);

    CHECK_EQ(_putenv("LW_CRT=one"), 0);
    CHECK_STR(getenv("LW_CRT"), "one");
    CHECK_STR(getenv("lw_crt"), "one");
    CHECK_EQ(GetEnvironmentVariableA("LW_CRT", value, sizeof value), 3);
    CHECK_STR(value, "one");
    CHECK_EQ(_putenv("Lw_Crt=two"), 0);
    CHECK_STR(getenv("LW_CRT"), "two");
    /* With nothing after the sign, the variable goes. */
    CHECK_EQ(_putenv("LW_CRT="), 0);
    CHECK_PTR(getenv("LW_CRT"), NULL);
    CHECK_EQ(GetEnvironmentVariableA("LW_CRT", value, sizeof value), 0);
    CHECK_EQ(_putenv("no equals sign"), -1);
    CHECK_PTR(getenv(""), NULL);
    text = getenv("OS");
    CHECK_STR(text, "Windows_NT");
    CHECK_PTR(getenv("os"), text);
}

TEST(the_c_librarys_array)
{
    int entries = 0, found = 0;

    CHECK_EQ(_putenv("LW_ARRAY=x"), 0);
    CHECK(_environ != NULL);
    for (char **entry = _environ; entry && *entry; entry++) {
        entries++;
        found += strcmp(*entry, "LW_ARRAY=x") == 0;
    }
    CHECK(entries > 5);
    CHECK_EQ(found, 1);
    CHECK_EQ(_putenv("LW_ARRAY="), 0);
}

TEST(wide_and_narrow_agree)
{
    CHECK_EQ(_wputenv(L"LW_WIDE=w"), 0);
    CHECK_WSTR(_wgetenv(L"LW_WIDE"), L"w");
    CHECK_STR(getenv("LW_WIDE"), "w");
    CHECK_EQ(_putenv("LW_WIDE=n"), 0);
    CHECK_WSTR(_wgetenv(L"LW_WIDE"), L"n");
    CHECK_EQ(_wputenv(L"LW_WIDE="), 0);
    CHECK_PTR(getenv("LW_WIDE"), NULL);
}

int main(void)
{
    RUN(a_variable_is_set_read_and_removed);
    RUN(the_size_that_is_needed_counts_the_terminator);
    RUN(names_are_compared_without_case);
    RUN(an_empty_value_is_a_value);
    RUN(names_that_are_none);
    RUN(drive_variables_begin_with_an_equals_sign);
    RUN(values_keep_every_character);
    RUN(a_long_value);
    RUN(the_whole_block);
    RUN(expansion);
    RUN(expansion_of_bytes);
    RUN(what_every_process_has);
    RUN(the_temporary_directory_follows_tmp_then_temp);
    RUN(the_c_library_has_a_view_of_its_own);
    RUN(the_c_librarys_array);
    RUN(wide_and_narrow_agree);
    return CHECK_END();
}
