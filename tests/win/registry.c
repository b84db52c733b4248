#include "check.h"

/* Everything happens below a key of the test's own, which is removed. */
#define HOME L"Software\\litewin test"

static HKEY home;

static void set_up(void)
{
    DWORD disposition = 0;

    RegDeleteTreeW(HKEY_CURRENT_USER, HOME);
    CHECK_EQ(RegCreateKeyExW(HKEY_CURRENT_USER, HOME, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &home, &disposition),
             0);
    CHECK_EQ(disposition, REG_CREATED_NEW_KEY);
}

static void tear_down(void)
{
    HKEY key;

    CHECK_EQ(RegCloseKey(home), 0);
    CHECK_EQ(RegDeleteTreeW(HKEY_CURRENT_USER, HOME), 0);
    CHECK_EQ(RegOpenKeyExW(HKEY_CURRENT_USER, HOME, 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
}

TEST(keys)
{
    HKEY key, same, below;
    DWORD disposition;

    CHECK_EQ(RegCreateKeyExW(home, L"One\\Two\\Three", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, &disposition),
             0);
    CHECK_EQ(disposition, REG_CREATED_NEW_KEY);
    CHECK_EQ(RegCreateKeyExA(home, "ONE\\two\\THREE", 0, NULL, 0, KEY_READ, NULL, &same, &disposition), 0);
    CHECK_EQ(disposition, REG_OPENED_EXISTING_KEY);
    CHECK_EQ(RegSetValueExW(same, L"x", 0, REG_SZ, (const BYTE *)L"", 2), ERROR_ACCESS_DENIED);
    CHECK_EQ(RegCloseKey(same), 0);
    CHECK_EQ(RegOpenKeyExW(home, L"one\\two", 0, KEY_READ, &same), 0);
    CHECK_EQ(RegOpenKeyExA(same, "three", 0, KEY_QUERY_VALUE, &below), 0);
    CHECK_EQ(RegCloseKey(below), 0);
    CHECK_EQ(RegCloseKey(same), 0);
    CHECK_EQ(RegOpenKeyExW(home, L"one\\four", 0, KEY_READ, &same), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegOpenKeyExW(home, L"none\\four", 0, KEY_READ, &same), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegOpenKeyExW(home, L"one", 0, KEY_READ, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(RegOpenKeyExW(NULL, L"one", 0, KEY_READ, &same), ERROR_INVALID_HANDLE);
    CHECK_EQ(RegDeleteKeyW(home, L"One"), ERROR_ACCESS_DENIED);
    CHECK_EQ(RegDeleteKeyW(home, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(RegDeleteKeyA(home, "one\\two\\three"), 0);
    CHECK_EQ(RegSetValueExW(key, L"x", 0, REG_SZ, (const BYTE *)L"", 2), ERROR_KEY_DELETED);
    CHECK_EQ(RegOpenKeyExW(key, L"x", 0, KEY_READ, &same), ERROR_KEY_DELETED);
    CHECK_EQ(RegCloseKey(key), 0);
    CHECK_EQ(RegDeleteKeyExW(home, L"one\\two", 0, 0), 0);
    CHECK_EQ(RegDeleteKeyW(home, L"one\\two"), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegDeleteKeyW(home, L"one"), 0);
    CHECK_EQ(RegCloseKey(HKEY_CURRENT_USER), 0);
    CHECK_EQ(RegCloseKey(NULL), ERROR_INVALID_HANDLE);
}

TEST(values)
{
    BYTE bytes[64];
    WCHAR text[8];
    DWORD type, size, number = 0xC0FFEE;

    CHECK_EQ(RegSetValueExW(home, L"Text", 0, REG_SZ, (const BYTE *)L"abc", 8), 0);
    CHECK_EQ(RegSetValueExA(home, "number", 0, REG_DWORD, (const BYTE *)&number, sizeof number), 0);
    CHECK_EQ(RegSetValueExA(home, NULL, 0, REG_BINARY, (const BYTE *)"\0\1\2", 3), 0);

    size = sizeof bytes;
    type = 99;
    CHECK_EQ(RegQueryValueExW(home, L"tEXT", NULL, &type, bytes, &size), 0);
    CHECK_EQ(type, REG_SZ);
    CHECK_EQ(size, 8);
    CHECK_WSTR((WCHAR *)bytes, L"abc");
    size = sizeof bytes;
    CHECK_EQ(RegQueryValueExA(home, "text", NULL, &type, bytes, &size), 0);
    CHECK_EQ(size, 4);
    CHECK_STR((char *)bytes, "abc");

    size = 7;
    type = 99;
    CHECK_EQ(RegQueryValueExW(home, L"text", NULL, &type, (BYTE *)text, &size), ERROR_MORE_DATA);
    CHECK_EQ(size, 8);
    CHECK_EQ(type, REG_SZ);
    size = 1;
    CHECK_EQ(RegQueryValueExW(home, L"text", NULL, &type, NULL, &size), 0);
    CHECK_EQ(size, 8);
    CHECK_EQ(RegQueryValueExW(home, L"text", NULL, NULL, NULL, NULL), 0);
    CHECK_EQ(RegQueryValueExW(home, L"text", NULL, NULL, bytes, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(RegQueryValueExW(home, L"none", NULL, &type, bytes, &size), ERROR_FILE_NOT_FOUND);

    size = sizeof number;
    number = 0;
    CHECK_EQ(RegQueryValueExW(home, L"NUMBER", NULL, &type, (BYTE *)&number, &size), 0);
    CHECK_EQ(number, 0xC0FFEE);
    CHECK_EQ(type, REG_DWORD);
    size = sizeof bytes;
    CHECK_EQ(RegQueryValueExW(home, L"", NULL, &type, bytes, &size), 0);
    CHECK_EQ(size, 3);
    CHECK_MEM(bytes, "\0\1\2", 3);

    CHECK_EQ(RegDeleteValueA(home, "TEXT"), 0);
    CHECK_EQ(RegDeleteValueW(home, L"text"), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegDeleteValueW(home, L"number"), 0);
    CHECK_EQ(RegDeleteValueW(home, NULL), 0);
}

/* The end of a text is counted for those who do not. */
TEST(ends_of_texts)
{
    BYTE bytes[16];
    DWORD size = sizeof bytes;

    CHECK_EQ(RegSetValueExW(home, L"t", 0, REG_SZ, (const BYTE *)L"abc", 6), 0);
    CHECK_EQ(RegQueryValueExW(home, L"t", NULL, NULL, bytes, &size), 0);
    CHECK_EQ(size, 8);
    CHECK_EQ(RegSetValueExW(home, L"t", 0, REG_SZ, (const BYTE *)L"abc", 4), 0);
    size = sizeof bytes;
    FillMemory(bytes, sizeof bytes, 0xEE);
    CHECK_EQ(RegQueryValueExW(home, L"t", NULL, NULL, bytes, &size), 0);
    CHECK_EQ(size, 4);
    CHECK_WSTR((WCHAR *)bytes, L"ab");
    CHECK_EQ(RegDeleteValueW(home, L"t"), 0);
}

static const struct {
    const WCHAR *name;
    DWORD type;
    const char *data;
    DWORD size;
} odd_values[] = {
    {L"]", REG_SZ, "]\0\"\0\\\0\0\0", 8},
    {L"a=b", REG_SZ, "a\0\n\0b\0\0\0", 8},
    {L"q\"u\\ote", REG_SZ, "a\0\0\0b\0\0\0", 8},
    {L"line\nfeed\r", REG_EXPAND_SZ, "%\0x\0%\0\0\0", 8},
    {L"lone \xD800 surrogate", REG_SZ, "\x00\xD8\0\0", 4},
    {L"\x4E2D\x6587", REG_SZ, "-\x4E\x87\x65\0\0", 6},
    {L";comment", REG_NONE, "", 0},
    {L" blank ", REG_SZ, "", 0},
    {L"odd", REG_SZ, "abc", 3},
    {L"short", REG_DWORD, "ab", 2},
    {L"list", REG_MULTI_SZ, "a\0\0\0b\0\0\0\0\0", 10},
    {L"qword", REG_QWORD, "12345678", 8},
    {L"big", REG_DWORD_BIG_ENDIAN, "1234", 4},
    {L"unknown", 0x12345678, "1", 1},
};

TEST(odd_values_come_back)
{
    for (unsigned i = 0; i < ARRAYSIZE(odd_values); i++) {
        CHECK_EQ(RegSetValueExW(home, odd_values[i].name, 0, odd_values[i].type,
                                (const BYTE *)odd_values[i].data, odd_values[i].size),
                 0);
    }
    for (unsigned i = 0; i < ARRAYSIZE(odd_values); i++) {
        BYTE bytes[32];
        DWORD size = sizeof bytes, type = 99;

        CHECK_EQ(RegQueryValueExW(home, odd_values[i].name, NULL, &type, bytes, &size), 0);
        CHECK_EQ(type, odd_values[i].type);
        CHECK_EQ(size, odd_values[i].size);
        CHECK_MEM(bytes, odd_values[i].data, odd_values[i].size);
    }
    for (unsigned i = 0; i < ARRAYSIZE(odd_values); i++)
        CHECK_EQ(RegDeleteValueW(home, odd_values[i].name), 0);
}

TEST(odd_keys)
{
    static const WCHAR *const names[] = {L"a]b",    L"]",         L"[x]",       L" blank ",
                                         L"\xD801", L"new\nline", L"\"quoted\""};
    WCHAR name[256];
    DWORD length;
    HKEY key;

    for (unsigned i = 0; i < ARRAYSIZE(names); i++) {
        CHECK_EQ(RegCreateKeyW(home, names[i], &key), 0);
        CHECK_EQ(RegSetValueExW(key, L"x", 0, REG_SZ, (const BYTE *)names[i], 2 * lstrlenW(names[i]) + 2), 0);
        CHECK_EQ(RegCloseKey(key), 0);
    }
    for (unsigned i = 0; i < ARRAYSIZE(names); i++) {
        length = sizeof name;
        CHECK_EQ(RegGetValueW(home, names[i], L"x", RRF_RT_REG_SZ, NULL, name, &length), 0);
        CHECK_WSTR(name, names[i]);
        CHECK_EQ(RegDeleteKeyW(home, names[i]), 0);
    }
    length = ARRAYSIZE(name);
    CHECK_EQ(RegEnumKeyExW(home, 0, name, &length, NULL, NULL, NULL, NULL), ERROR_NO_MORE_ITEMS);
}

TEST(enumeration)
{
    static const WCHAR *const names[] = {L"beta", L"Alpha", L"gamma"}, *const sorted[] = {L"Alpha", L"beta",
                                                                                          L"gamma"};
    DWORD length, subkeys, longest, values, longest_value, largest;
    WCHAR name[16];
    char ansi[16];
    FILETIME written = {0};
    HKEY key;

    for (unsigned i = 0; i < ARRAYSIZE(names); i++) {
        CHECK_EQ(RegCreateKeyW(home, names[i], &key), 0);
        CHECK_EQ(RegCloseKey(key), 0);
    }
    for (unsigned i = 0; i < ARRAYSIZE(names); i++) {
        length = ARRAYSIZE(name);
        CHECK_EQ(RegEnumKeyExW(home, i, name, &length, NULL, NULL, NULL, &written), 0);
        CHECK_WSTR(name, sorted[i]);
        CHECK_EQ(length, lstrlenW(sorted[i]));
        CHECK(written.dwHighDateTime != 0);
    }
    length = ARRAYSIZE(name);
    CHECK_EQ(RegEnumKeyExW(home, 3, name, &length, NULL, NULL, NULL, NULL), ERROR_NO_MORE_ITEMS);
    length = 5;
    CHECK_EQ(RegEnumKeyExW(home, 0, name, &length, NULL, NULL, NULL, NULL), ERROR_MORE_DATA);
    CHECK_EQ(RegEnumKeyA(home, 0, ansi, sizeof ansi), 0);
    CHECK_STR(ansi, "Alpha");
    CHECK_EQ(RegEnumKeyA(home, 0, ansi, 5), ERROR_MORE_DATA);

    CHECK_EQ(RegSetValueExW(home, L"value", 0, REG_BINARY, (const BYTE *)"12345", 5), 0);
    CHECK_EQ(RegSetValueExW(home, L"value 2", 0, REG_BINARY, (const BYTE *)"1", 1), 0);
    CHECK_EQ(RegQueryInfoKeyW(home, NULL, NULL, NULL, &subkeys, &longest, NULL, &values, &longest_value,
                              &largest, NULL, &written),
             0);
    CHECK_EQ(subkeys, 3);
    CHECK_EQ(longest, 5);
    CHECK_EQ(values, 2);
    CHECK_EQ(longest_value, 7);
    CHECK_EQ(largest, 5);
    length = ARRAYSIZE(name);
    CHECK_EQ(RegEnumValueW(home, 2, name, &length, NULL, NULL, NULL, NULL), ERROR_NO_MORE_ITEMS);
    length = 5;
    CHECK_EQ(RegEnumValueW(home, 0, name, &length, NULL, NULL, NULL, NULL), ERROR_MORE_DATA);
    length = sizeof ansi;
    CHECK_EQ(RegEnumValueA(home, 0, ansi, &length, NULL, NULL, NULL, NULL), 0);
    CHECK_STR(ansi, "value");

    CHECK_EQ(RegDeleteTreeW(home, NULL), 0);
    CHECK_EQ(RegQueryInfoKeyA(home, NULL, NULL, NULL, &subkeys, NULL, NULL, &values, NULL, NULL, NULL, NULL),
             0);
    CHECK_EQ(subkeys, 0);
    CHECK_EQ(values, 0);
}

TEST(getting)
{
    WCHAR text[64], windows[MAX_PATH];
    DWORD size, type, number = 7;
    char ansi[16];

    CHECK_EQ(RegSetKeyValueW(home, L"Sub", L"path", REG_EXPAND_SZ, L"%SystemRoot%\\x", 30), 0);
    CHECK_EQ(RegSetKeyValueW(home, L"Sub", L"number", REG_DWORD, &number, sizeof number), 0);
    CHECK_EQ(RegSetKeyValueA(home, "Sub", "bytes", REG_BINARY, "123", 3), 0);
    GetEnvironmentVariableW(L"SystemRoot", windows, ARRAYSIZE(windows));
    lstrcatW(windows, L"\\x");

    size = sizeof text;
    CHECK_EQ(RegGetValueW(home, L"sub", L"path", RRF_RT_REG_SZ, &type, text, &size), 0);
    CHECK_EQ(type, REG_SZ);
    CHECK_WSTR(text, windows);
    CHECK_EQ(size, 2 * lstrlenW(windows) + 2);
    size = sizeof text;
    CHECK_EQ(RegGetValueW(home, L"sub", L"path", RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND, &type, text, &size), 0);
    CHECK_EQ(type, REG_EXPAND_SZ);
    CHECK_WSTR(text, L"%SystemRoot%\\x");
    size = sizeof text;
    CHECK_EQ(RegGetValueW(home, L"sub", L"path", RRF_RT_REG_EXPAND_SZ, &type, text, &size),
             ERROR_INVALID_PARAMETER);
    size = 4;
    CHECK_EQ(RegGetValueW(home, L"sub", L"path", RRF_RT_ANY | RRF_NOEXPAND, &type, text, &size),
             ERROR_MORE_DATA);
    CHECK_EQ(size, 30);
    size = sizeof text;
    text[0] = 'x';
    CHECK_EQ(RegGetValueW(home, L"sub", L"number", RRF_RT_REG_SZ | RRF_ZEROONFAILURE, &type, text, &size),
             ERROR_UNSUPPORTED_TYPE);
    CHECK_EQ(text[0], 0);
    size = sizeof number;
    number = 0;
    CHECK_EQ(RegGetValueA(home, "sub", "number", RRF_RT_DWORD, &type, &number, &size), 0);
    CHECK_EQ(number, 7);
    size = sizeof number;
    CHECK_EQ(RegGetValueA(home, "sub", "bytes", RRF_RT_DWORD, &type, &number, &size),
             ERROR_DATATYPE_MISMATCH);
    size = sizeof ansi;
    CHECK_EQ(RegGetValueA(home, "sub", "none", RRF_RT_ANY, &type, ansi, &size), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegGetValueW(home, L"sub", L"path", RRF_RT_ANY, NULL, text, NULL), ERROR_INVALID_PARAMETER);

    /* Missing ends are added. */
    CHECK_EQ(RegSetValueExW(home, L"open", 0, REG_MULTI_SZ, (const BYTE *)L"ab", 4), 0);
    size = sizeof text;
    CHECK_EQ(RegGetValueW(home, NULL, L"open", RRF_RT_REG_MULTI_SZ, &type, text, &size), 0);
    UNLESS_WINE("Wine 8 adds one end") CHECK_EQ(size, 8);
    CHECK_MEM(text, L"ab\0", 6);
    CHECK_EQ(RegDeleteKeyValueW(home, L"sub", L"path"), 0);
    CHECK_EQ(RegDeleteKeyValueA(home, "sub", "path"), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegDeleteTreeW(home, NULL), 0);
}

TEST(old_functions)
{
    WCHAR text[16];
    char ansi[16];
    LONG size;
    HKEY same;

    CHECK_EQ(RegSetValueW(home, L"old", REG_SZ, L"text", 0), 0);
    size = sizeof text;
    CHECK_EQ(RegQueryValueW(home, L"old", text, &size), 0);
    CHECK_WSTR(text, L"text");
    CHECK_EQ(size, 10);
    size = sizeof ansi;
    CHECK_EQ(RegQueryValueA(home, "old", ansi, &size), 0);
    CHECK_STR(ansi, "text");
    CHECK_EQ(size, 5);
    CHECK_EQ(RegSetValueA(home, "old", REG_DWORD, "text", 4), ERROR_INVALID_PARAMETER);
    size = sizeof ansi;
    CHECK_EQ(RegQueryValueA(home, NULL, ansi, &size), 0);
    CHECK_STR(ansi, "");
    CHECK_EQ(size, 1);
    CHECK_EQ(RegOpenKeyA(home, NULL, &same), 0);
    CHECK_PTR(same, home);
    CHECK_EQ(RegDeleteKeyA(home, "old"), 0);
}

TEST(copies)
{
    HKEY from, to;
    DWORD number = 0, size = sizeof number;

    CHECK_EQ(RegCreateKeyW(home, L"from\\a\\b", &from), 0);
    CHECK_EQ(RegSetValueExW(from, L"n", 0, REG_DWORD, (const BYTE *)"\1\0\0", 4), 0);
    CHECK_EQ(RegCloseKey(from), 0);
    CHECK_EQ(RegCreateKeyW(home, L"to", &to), 0);
    CHECK_EQ(RegCopyTreeW(home, L"from", to), 0);
    CHECK_EQ(RegGetValueW(to, L"a\\b", L"n", RRF_RT_DWORD, NULL, &number, &size), 0);
    CHECK_EQ(number, 1);
    CHECK_EQ(RegCloseKey(to), 0);
    CHECK_EQ(RegDeleteTreeA(home, "from"), 0);
    CHECK_EQ(RegDeleteTreeA(home, "from"), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegDeleteTreeW(home, L"to"), 0);
}

TEST(volatile_keys)
{
    HKEY key, below;

    CHECK_EQ(
        RegCreateKeyExW(home, L"volatile", 0, NULL, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, &key, NULL),
        0);
    CHECK_EQ(RegCreateKeyExW(key, L"lasting", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &below, NULL),
             ERROR_CHILD_MUST_BE_VOLATILE);
    CHECK_EQ(RegSetValueExW(key, L"v", 0, REG_SZ, (const BYTE *)L"1", 4), 0);
    CHECK_EQ(RegCloseKey(key), 0);
    CHECK_EQ(RegOpenKeyExW(home, L"volatile", 0, KEY_READ, &key), 0);
    CHECK_EQ(RegQueryValueExW(key, L"v", NULL, NULL, NULL, NULL), 0);
    CHECK_EQ(RegCloseKey(key), 0);
    CHECK_EQ(RegDeleteKeyW(home, L"volatile"), 0);
    CHECK_EQ(RegOpenKeyExW(home, L"volatile", 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
}

TEST(classes)
{
    static const WCHAR name[] = L"litewin.test";
    WCHAR text[16];
    DWORD size = sizeof text;
    HKEY key, user;

    CHECK_EQ(RegCreateKeyW(HKEY_CURRENT_USER, L"Software\\Classes\\litewin.test", &user), 0);
    CHECK_EQ(RegSetValueExW(user, L"who", 0, REG_SZ, (const BYTE *)L"user", 10), 0);
    CHECK_EQ(RegOpenKeyExW(HKEY_CLASSES_ROOT, name, 0, KEY_READ, &key), 0);
    CHECK_EQ(RegQueryValueExW(key, L"who", NULL, NULL, (BYTE *)text, &size), 0);
    CHECK_WSTR(text, L"user");
    CHECK_EQ(RegCloseKey(key), 0);
    CHECK_EQ(RegCloseKey(user), 0);
    CHECK_EQ(RegDeleteKeyW(HKEY_CURRENT_USER, L"Software\\Classes\\litewin.test"), 0);
    CHECK_EQ(RegOpenKeyExW(HKEY_CLASSES_ROOT, name, 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
}

TEST(views)
{
    static const WCHAR path[] = L"Software\\litewin test views",
                       other[] = L"Software\\Wow6432Node\\litewin test views";
    HKEY key;

    CHECK_EQ(RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_ALL_ACCESS | KEY_WOW64_32KEY, NULL,
                             &key, NULL),
             0);
    CHECK_EQ(RegCloseKey(key), 0);
    CHECK_EQ(RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ | KEY_WOW64_64KEY, &key),
             ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegOpenKeyExW(HKEY_LOCAL_MACHINE, other, 0, KEY_READ | KEY_WOW64_64KEY, &key), 0);
    CHECK_EQ(RegCloseKey(key), 0);
    CHECK_EQ(RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key),
             sizeof(void *) == 4 ? 0 : ERROR_FILE_NOT_FOUND);
    if (sizeof(void *) == 4)
        RegCloseKey(key);
    CHECK_EQ(RegDeleteKeyExW(HKEY_LOCAL_MACHINE, path, KEY_WOW64_64KEY, 0), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(RegDeleteKeyExW(HKEY_LOCAL_MACHINE, path, KEY_WOW64_32KEY, 0), 0);
    CHECK_EQ(RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ | KEY_WOW64_32KEY, &key),
             ERROR_FILE_NOT_FOUND);
}

/* What many programs ask. */
TEST(what_is_there)
{
    OSVERSIONINFOW version = {sizeof version};
    WCHAR text[64], expected[64];
    DWORD size = sizeof text, number;

    GetVersionExW(&version);
    CHECK_EQ(RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
                          L"CurrentBuildNumber", RRF_RT_REG_SZ, NULL, text, &size),
             0);
    CHECK(lstrlenW(text) >= 4);
    size = sizeof text;
    CHECK_EQ(RegGetValueW(HKEY_LOCAL_MACHINE,
                          L"SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName",
                          L"ComputerName", RRF_RT_REG_SZ, NULL, text, &size),
             0);
    size = ARRAYSIZE(expected);
    GetComputerNameW(expected, &size);
    CHECK_WSTR(text, expected);
    size = sizeof number;
    CHECK_EQ(RegGetValueW(HKEY_LOCAL_MACHINE, L"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", L"~MHz",
                          RRF_RT_DWORD, NULL, &number, &size),
             0);
    CHECK(number > 100);
}

/* Several processes write at once. */

enum { WRITERS = 4, VALUES = 25 };

static int write_values(const WCHAR *who)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_CURRENT_USER, HOME, 0, KEY_ALL_ACCESS, &key))
        return 1;
    for (DWORD i = 0; i < VALUES; i++) {
        WCHAR name[32];
        wsprintfW(name, L"%s %u", who, i);
        if (RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&i, sizeof i))
            return 2;
    }
    return RegCloseKey(key) != 0;
}

TEST(writers)
{
    HANDLE processes[WRITERS];
    WCHAR program[MAX_PATH], line[MAX_PATH + 16], name[32];
    DWORD code, number, size;

    GetModuleFileNameW(NULL, program, MAX_PATH);
    for (unsigned i = 0; i < WRITERS; i++) {
        STARTUPINFOW startup = {.cb = sizeof startup};
        PROCESS_INFORMATION process;
        wsprintfW(line, L"registry writer%u", i);
        CHECK(CreateProcessW(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
        processes[i] = process.hProcess;
        CloseHandle(process.hThread);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        CHECK_EQ(WaitForSingleObject(processes[i], 60000), WAIT_OBJECT_0);
        CHECK(GetExitCodeProcess(processes[i], &code));
        CHECK_EQ(code, 0);
        CloseHandle(processes[i]);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        for (unsigned j = 0; j < VALUES; j++) {
            wsprintfW(name, L"writer%u %u", i, j);
            size = sizeof number;
            CHECK_EQ(RegGetValueW(home, NULL, name, RRF_RT_DWORD, NULL, &number, &size), 0);
            CHECK_EQ(number, j);
        }
    }
    CHECK_EQ(RegDeleteTreeW(home, NULL), 0);
}

/* What a program of that name is to be debugged by. */
TEST(global_flag)
{
    static const WCHAR options[] =
        L"Software\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\registry.exe";
    DWORD flag = 0x10, code = 0;
    WCHAR program[MAX_PATH];
    WCHAR line[] = L"registry flag";
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;

    CHECK_EQ(RegSetKeyValueW(HKEY_LOCAL_MACHINE, options, L"GlobalFlag", REG_DWORD, &flag, sizeof flag), 0);
    GetModuleFileNameW(NULL, program, MAX_PATH);
    CHECK(CreateProcessW(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
    CHECK_EQ(WaitForSingleObject(process.hProcess, 60000), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process.hProcess, &code));
    CHECK_EQ(code, 0x10);
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
    CHECK_EQ(RegDeleteTreeW(HKEY_LOCAL_MACHINE, options), 0);
}

static int tell_flag(void)
{
    ULONG(NTAPI * flags)(void) = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlGetNtGlobalFlags");
    return (int)flags();
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        WCHAR who[16];
        wsprintfW(who, L"%S", argv[1]);
        return argv[1][0] == 'f' ? tell_flag() : write_values(who);
    }
    set_up();
    RUN(keys);
    RUN(values);
    RUN(ends_of_texts);
    RUN(odd_values_come_back);
    RUN(odd_keys);
    RUN(enumeration);
    RUN(getting);
    RUN(old_functions);
    RUN(copies);
    RUN(volatile_keys);
    UNLESS_WINE("Wine 8 does not look at the user's classes") RUN(classes);
    RUN(views);
    RUN(what_is_there);
    RUN(writers);
    RUN(global_flag);
    tear_down();
    return CHECK_END();
}
