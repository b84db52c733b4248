/* The parts of the shell that console programs use: shell32's folders and command lines, shlwapi's paths and
 * strings, and that comctl32 has something to initialize. */
#include "check.h"
#include <commctrl.h>
#include <initguid.h>
#include <knownfolders.h>
#include <shlobj.h>
#include <shlwapi.h>

static void check_line(const WCHAR *line, int count, const WCHAR *const *expected)
{
    int found = -1;
    WCHAR **arguments = CommandLineToArgvW(line, &found);

    CHECK(arguments);
    CHECK_EQ(found, count);
    for (int i = 0; i < count && i < found; i++)
        CHECK_WSTR(arguments[i], expected[i]);
    CHECK_PTR(arguments[found], NULL);
    CHECK_PTR(LocalFree(arguments), NULL);
}

#define LINE(line, ...)                                       \
    do {                                                      \
        static const WCHAR *const expected[] = {__VA_ARGS__}; \
        check_line(line, ARRAYSIZE(expected), expected);      \
    } while (0)

TEST(command_lines)
{
    LINE(L"program", L"program");
    LINE(L"program a b", L"program", L"a", L"b");
    LINE(L"program  \t a ", L"program", L"a");
    LINE(L"\"a program\" b", L"a program", L"b");
    LINE(L"\"a\\\" b", L"a\\", L"b"); /* no escapes there */
    LINE(L"p \"a b\" c", L"p", L"a b", L"c");
    LINE(L"p a\"b c\"d", L"p", L"ab cd");
    LINE(L"p a\\b", L"p", L"a\\b");
    LINE(L"p a\\\\b", L"p", L"a\\\\b");
    LINE(L"p a\\\"b", L"p", L"a\"b");
    LINE(L"p \"a\\\\\" b", L"p", L"a\\", L"b");
    LINE(L"p a\\\\\\\"b", L"p", L"a\\\"b");
    LINE(L"p \"\" a", L"p", L"", L"a");
    LINE(L"p \"a", L"p", L"a");
    LINE(L"p \"\"\"a b\"\"\"", L"p", L"\"a", L"b\"");
    LINE(L"p a\\", L"p", L"a\\");
}

TEST(an_empty_command_line_is_the_programs_path)
{
    WCHAR path[MAX_PATH];
    const WCHAR *expected[] = {path};

    GetModuleFileNameW(NULL, path, MAX_PATH);
    check_line(L"", 1, expected);
}

TEST(folders)
{
    WCHAR path[MAX_PATH], expected[MAX_PATH];
    char narrow[MAX_PATH];
    PWSTR known = NULL;

    CHECK_EQ(SHGetFolderPathW(NULL, CSIDL_WINDOWS, NULL, SHGFP_TYPE_CURRENT, path), S_OK);
    GetWindowsDirectoryW(expected, MAX_PATH);
    CHECK(!lstrcmpiW(path, expected));
    CHECK_EQ(SHGetFolderPathA(NULL, CSIDL_SYSTEM, NULL, SHGFP_TYPE_CURRENT, narrow), S_OK);
    CHECK(!lstrcmpiA(narrow, "C:\\windows\\system32"));
    CHECK_EQ(
        SHGetFolderPathW(NULL, CSIDL_LOCAL_APPDATA | CSIDL_FLAG_DONT_VERIFY, NULL, SHGFP_TYPE_CURRENT, path),
        S_OK);
    CHECK_EQ(SHGetKnownFolderPath(&FOLDERID_LocalAppData, KF_FLAG_DONT_VERIFY, NULL, &known), S_OK);
    CHECK_WSTR(known, path);
    CoTaskMemFree(known);
    CHECK_EQ(SHGetFolderPathW(NULL, 0x7f, NULL, SHGFP_TYPE_CURRENT, path), E_INVALIDARG);
    CHECK_WSTR(path, L"");
}

/* A folder that every profile has from the start; here, the profile is wherever the variable says. */
TEST(a_folder_of_every_user)
{
    WCHAR old[MAX_PATH], path[MAX_PATH];
    PWSTR known = NULL;

    GetEnvironmentVariableW(L"LOCALAPPDATA", old, MAX_PATH);
    UNLESS_WINE("the variable means nothing to it")
    {
        GetFullPathNameW(L"profile\\Local", MAX_PATH, path, NULL);
        CHECK(SetEnvironmentVariableW(L"LOCALAPPDATA", path));
        CHECK_EQ(SHGetKnownFolderPath(&FOLDERID_LocalAppData, KF_FLAG_DEFAULT, NULL, &known), S_OK);
        CHECK_WSTR(known, path);
        CHECK(PathIsDirectoryW(path));
        CoTaskMemFree(known);
        CHECK(SetEnvironmentVariableW(L"LOCALAPPDATA", old));
        CHECK(RemoveDirectoryW(path));
        CHECK(RemoveDirectoryW(L"profile"));
    }
}

static void check_url(const WCHAR *url, const WCHAR *expected)
{
    WCHAR path[MAX_PATH];
    DWORD size = MAX_PATH;

    CHECK(UrlIsW(url, URLIS_FILEURL));
    CHECK_EQ(PathCreateFromUrlW(url, path, &size, 0), S_OK);
    CHECK_WSTR(path, expected);
    CHECK_EQ(size, lstrlenW(expected));
}

TEST(paths_of_urls)
{
    WCHAR path[8];
    DWORD size = 4;

    check_url(L"file:///C:/a%20b/c", L"C:\\a b\\c");
    check_url(L"FILE:///C|/a", L"C:\\a");
    check_url(L"file://server/share/a", L"\\\\server\\share\\a");
    check_url(L"file:////server/share/a", L"\\\\server\\share\\a");
    check_url(L"file://localhost/C:/a", L"C:\\a");
    check_url(L"file:C:/a", L"C:\\a");
    check_url(L"file:///a/b", L"\\a\\b");
    check_url(L"file:a", L"a");
    check_url(L"file:///C:/%zz", L"C:\\%zz");
    UNLESS_WINE("its ANSI code page is another") check_url(L"file:///C:/%C3%A9%zz", L"C:\\\u00e9%zz");
    CHECK_EQ(PathCreateFromUrlW(L"file:///C:/a", path, &size, 0), E_POINTER);
    CHECK_EQ(size, 5);
    CHECK_EQ(PathCreateFromUrlW(L"file:///C:/a", path, &size, 0), S_OK);
    CHECK_EQ(size, 4);
    CHECK_EQ(PathCreateFromUrlW(L"http://a/b", path, &size, 0), E_INVALIDARG);
    CHECK_EQ(PathCreateFromUrlW(L"C:\\a", path, &size, 0), E_INVALIDARG);
    CHECK_EQ(PathCreateFromUrlW(NULL, path, &size, 0), E_INVALIDARG);
}

TEST(kinds_of_urls)
{
    CHECK(UrlIsW(L"http://a", URLIS_URL));
    CHECK(UrlIsW(L"ab+c.d-e:f", URLIS_URL));
    CHECK(!UrlIsW(L"C:\\a", URLIS_URL));
    CHECK(!UrlIsW(L"a/b", URLIS_URL));
    CHECK(UrlIsW(L"mailto:a", URLIS_OPAQUE));
    CHECK(!UrlIsW(L"http://a", URLIS_OPAQUE));
    CHECK(!UrlIsW(L"http://a", URLIS_FILEURL));
    CHECK(UrlIsW(L"http://a/", URLIS_DIRECTORY));
    CHECK(!UrlIsW(L"http://a/b", URLIS_DIRECTORY));
    UNLESS_WINE("it does not look for a query") CHECK(UrlIsW(L"http://a/b?c", URLIS_HASQUERY));
    CHECK(!UrlIsW(L"http://a/b#c?d", URLIS_HASQUERY));
}

TEST(paths)
{
    static const struct {
        const WCHAR *path, *directory, *name, *extension;
    } cases[] = {
        {L"C:\\a\\b.c", L"C:\\a", L"b.c", L".c"},
        {L"C:\\a", L"C:\\", L"a", L""},
        {L"a", L"", L"a", L""},
        {L"a\\b", L"a", L"b", L""},
        {L"\\a.b", L"\\", L"a.b", L".b"},
        {L"C:\\a.b\\c", L"C:\\a.b", L"c", L""},
        {L"a.b.c", L"", L"a.b.c", L".c"},
        {L"a. b", L"", L"a. b", L""},
    };
    WCHAR path[MAX_PATH];
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        CHECK_WSTR(PathFindFileNameW(cases[i].path), cases[i].name);
        CHECK_WSTR(PathFindExtensionW(cases[i].path), cases[i].extension);
        lstrcpyW(path, cases[i].path);
        CHECK(PathRemoveFileSpecW(path));
        CHECK_WSTR(path, cases[i].directory);
        lstrcpyW(path, cases[i].path);
        PathStripPathW(path);
        CHECK_WSTR(path, cases[i].name);
    }
    lstrcpyW(path, L"C:\\");
    CHECK(!PathRemoveFileSpecW(path));
    PathRemoveBackslashW(path);
    CHECK_WSTR(path, L"C:\\");
    lstrcpyW(path, L"\"a b\"");
    PathUnquoteSpacesW(path);
    CHECK_WSTR(path, L"a b");
    PathQuoteSpacesW(path);
    CHECK_WSTR(path, L"\"a b\"");
    lstrcpyW(path, L"a");
    CHECK_PTR(PathAddBackslashW(path), path + 2);
    CHECK_PTR(PathAddBackslashW(path), path + 2);
    CHECK_WSTR(path, L"a\\");
    CHECK(PathIsRelativeA("a\\b") && !PathIsRelativeA("\\a") && !PathIsRelativeA("C:a"));
    GetWindowsDirectoryW(path, MAX_PATH);
    CHECK(PathFileExistsW(path));
    CHECK(PathIsDirectoryW(path));
    CHECK(!PathFileExistsA("C:\\no such file"));
}

TEST(strings)
{
    static const WCHAR text[] = L"Abc abC";
    WCHAR *copy = NULL;
    CHECK_PTR(StrStrIW(text, L"BC"), text + 1);
    CHECK_PTR(StrStrW(text, L"bC"), text + 5);
    CHECK_PTR(StrStrW(text, L"x"), NULL);
    CHECK_PTR(StrChrW(text, 'c'), text + 2);
    CHECK_PTR(StrRChrW(text, NULL, 'b'), text + 5);
    CHECK_EQ(SHStrDupA("copy", &copy), S_OK);
    CHECK_WSTR(copy, L"copy");
    CoTaskMemFree(copy);
}

TEST(controls)
{
    INITCOMMONCONTROLSEX classes = {sizeof classes, ICC_WIN95_CLASSES};
    CHECK(InitCommonControlsEx(&classes));
    classes.dwSize--;
    CHECK(!InitCommonControlsEx(&classes));
}

TEST(memory_of_components)
{
    char *block = CoTaskMemAlloc(5);
    CHECK(block);
    lstrcpyA(block, "four");
    block = CoTaskMemRealloc(block, 100);
    CHECK_STR(block, "four");
    CHECK_PTR(CoTaskMemRealloc(block, 0), NULL);
    CoTaskMemFree(NULL);
}

int main(void)
{
    RUN(command_lines);
    RUN(an_empty_command_line_is_the_programs_path);
    RUN(folders);
    RUN(a_folder_of_every_user);
    RUN(paths_of_urls);
    RUN(kinds_of_urls);
    RUN(paths);
    RUN(strings);
    RUN(controls);
    RUN(memory_of_components);
    return CHECK_END();
}
