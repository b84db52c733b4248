/* The PathCch functions: roots, canonical forms, paths put together, ends. */
#include "check.h"
#include <pathcch.h>

#define VOLUME           L"\\\\?\\Volume{e51a1864-6f2d-4019-b73d-f4e60e600c26}"
#define TOO_SMALL        HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER)
#define TOO_LONG         HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE)
#define KEEP_DOTS        8
#define EXTENDED         0x10
#define TRAILING_SLASH   0x20
#define FORCE_LONG_NAMES 2

static void check_canonical(const WCHAR *path, DWORD flags, const WCHAR *expected)
{
    WCHAR buffer[MAX_PATH];
    PWSTR allocated = NULL;

    CHECK_EQ(PathCchCanonicalizeEx(buffer, MAX_PATH, path, flags), S_OK);
    CHECK_WSTR(buffer, expected);
    CHECK_EQ(PathAllocCanonicalize(path, flags, &allocated), S_OK);
    CHECK_WSTR(allocated, expected);
    CHECK_PTR(LocalFree(allocated), NULL);
}

TEST(canonical_forms)
{
    check_canonical(L"C:\\a\\.\\b\\..\\c", 0, L"C:\\a\\c");
    check_canonical(L"C:\\a\\..\\..\\..\\b", 0, L"C:\\b");
    check_canonical(L"C:\\a\\..", 0, L"C:\\");
    check_canonical(L"C:\\.", 0, L"C:\\");
    check_canonical(L"C:\\a\\\\b", 0, L"C:\\a\\\\b");
    check_canonical(L"C:\\a\\", 0, L"C:\\a\\");
    check_canonical(L"a\\..\\b", 0, L"\\b");
    check_canonical(L"a\\.", 0, L"a");
    check_canonical(L"", 0, L"\\");
    check_canonical(L"..", 0, L"\\");
    check_canonical(L"\\\\server\\share\\a\\..\\b", 0, L"\\\\server\\share\\b");
    check_canonical(L"\\\\server\\share\\..", 0, L"\\\\server");
    check_canonical(VOLUME L"\\a\\..\\..\\b", 0, VOLUME L"\\b");
}

TEST(prefixes_are_dropped)
{
    check_canonical(L"\\\\?\\C:\\a\\..\\b", 0, L"C:\\b");
    check_canonical(L"\\\\?\\C:", 0, L"C:\\");
    check_canonical(L"\\\\?\\UNC\\server\\share", 0, L"\\\\server\\share");
    check_canonical(L"\\\\?\\a", 0, L"\\\\?\\a");
}

TEST(dots_at_the_end)
{
    check_canonical(L"C:\\a...", 0, L"C:\\a");
    check_canonical(L"C:\\a.\\", 0, L"C:\\a.\\");
    check_canonical(L"C:\\*.", 0, L"C:\\*.");
    check_canonical(L"C:\\*...", 0, L"C:\\*.");
    check_canonical(L"C:\\a...", KEEP_DOTS, L"C:\\a...");
    check_canonical(L"C:\\a\\.", KEEP_DOTS, L"C:\\a");
}

TEST(flags)
{
    WCHAR buffer[MAX_PATH];

    check_canonical(L"C:\\a.", EXTENDED, L"\\\\?\\C:\\a.");
    UNLESS_WINE("servers get no prefix")
    check_canonical(L"\\\\server\\share", EXTENDED, L"\\\\?\\UNC\\server\\share");
    check_canonical(L"\\a", EXTENDED, L"\\a");
    check_canonical(L"C:\\a", TRAILING_SLASH, L"C:\\a\\");
    check_canonical(L"C:\\a\\", TRAILING_SLASH, L"C:\\a\\");
    CHECK_EQ(PathCchCanonicalizeEx(buffer, MAX_PATH, L"C:\\a", FORCE_LONG_NAMES), E_INVALIDARG);
    CHECK_EQ(PathCchCanonicalizeEx(buffer, MAX_PATH, L"C:\\a", EXTENDED | PATHCCH_ALLOW_LONG_PATHS),
             E_INVALIDARG);
}

static void fill(WCHAR *path, const WCHAR *start, int length)
{
    lstrcpyW(path, start);
    for (int i = lstrlenW(start); i < length; i++)
        path[i] = 'a';
    path[length] = 0;
}

TEST(long_paths)
{
    static WCHAR path[PATHCCH_MAX_CCH + 1], expected[MAX_PATH + 8];
    WCHAR buffer[MAX_PATH + 8];
    PWSTR allocated = NULL;

    fill(path, L"C:\\", MAX_PATH - 1);
    CHECK_EQ(PathCchCanonicalize(buffer, ARRAYSIZE(buffer), path), S_OK);
    CHECK_WSTR(buffer, path);
    fill(path, L"C:\\", MAX_PATH);
    CHECK_EQ(PathCchCanonicalize(buffer, ARRAYSIZE(buffer), path), TOO_LONG);
    UNLESS_WINE("what fails leaves the buffer as it was") CHECK_WSTR(buffer, L"");
    fill(expected, L"\\\\?\\C:\\", MAX_PATH + 4);
    CHECK_EQ(PathCchCanonicalizeEx(buffer, ARRAYSIZE(buffer), path, PATHCCH_ALLOW_LONG_PATHS), S_OK);
    CHECK_WSTR(buffer, expected);
    CHECK_EQ(
        PathCchCanonicalizeEx(buffer, ARRAYSIZE(buffer), path, PATHCCH_ALLOW_LONG_PATHS | FORCE_LONG_NAMES),
        S_OK);
    CHECK_WSTR(buffer, path);
    /* A relative name leaves room for a drive. */
    fill(path, L"", MAX_PATH - 4);
    CHECK_EQ(PathCchCanonicalize(buffer, ARRAYSIZE(buffer), path), S_OK);
    fill(path, L"", MAX_PATH - 3);
    CHECK_EQ(PathCchCanonicalize(buffer, ARRAYSIZE(buffer), path), TOO_LONG);
    fill(path, L"", PATHCCH_MAX_CCH - 1);
    CHECK_EQ(PathAllocCanonicalize(path, PATHCCH_ALLOW_LONG_PATHS, &allocated), S_OK);
    CHECK_WSTR(allocated, path);
    LocalFree(allocated);
    fill(path, L"", PATHCCH_MAX_CCH);
    CHECK_EQ(PathAllocCanonicalize(path, PATHCCH_ALLOW_LONG_PATHS, &allocated), TOO_LONG);
    CHECK_PTR(allocated, NULL);
}

TEST(small_buffers)
{
    WCHAR buffer[8] = L"old";

    CHECK_EQ(PathCchCanonicalize(buffer, 0, L"C:\\a"), E_INVALIDARG);
    CHECK_WSTR(buffer, L"old");
    CHECK_EQ(PathCchCanonicalize(buffer, 4, L"C:\\a"), TOO_SMALL);
    UNLESS_WINE("what fails leaves the buffer as it was") CHECK_WSTR(buffer, L"");
    CHECK_EQ(PathCchCanonicalize(buffer, 5, L"C:\\a"), S_OK);
    CHECK_WSTR(buffer, L"C:\\a");
    UNLESS_WINE("any size is good")
    CHECK_EQ(PathCchCanonicalize(buffer, PATHCCH_MAX_CCH + 1, L"C:\\a"), E_INVALIDARG);
    /* A drive becomes a root where there is room. */
    CHECK_EQ(PathCchCanonicalize(buffer, 3, L"C:"), S_OK);
    CHECK_WSTR(buffer, L"C:");
    CHECK_EQ(PathCchCanonicalize(buffer, 4, L"C:"), S_OK);
    CHECK_WSTR(buffer, L"C:\\");
}

static void check_combined(const WCHAR *first, const WCHAR *second, const WCHAR *expected)
{
    WCHAR buffer[MAX_PATH];
    PWSTR allocated = NULL;

    CHECK_EQ(PathCchCombine(buffer, MAX_PATH, first, second), S_OK);
    CHECK_WSTR(buffer, expected);
    CHECK_EQ(PathAllocCombine(first, second, 0, &allocated), S_OK);
    CHECK_WSTR(allocated, expected);
    LocalFree(allocated);
    lstrcpyW(buffer, first ? first : L"");
    CHECK_EQ(PathCchCombine(buffer, MAX_PATH, buffer, second), S_OK);
    CHECK_WSTR(buffer, expected);
}

TEST(combining)
{
    WCHAR buffer[MAX_PATH] = L"old";

    check_combined(L"C:\\a", L"b", L"C:\\a\\b");
    check_combined(L"C:\\a\\", L"..\\b", L"C:\\b");
    check_combined(L"C:", L"b", L"C:\\b");
    check_combined(L"C:\\a", L"", L"C:\\a");
    check_combined(L"C:\\a", NULL, L"C:\\a");
    check_combined(NULL, L"C:\\a", L"C:\\a");
    check_combined(L"C:\\a\\b", L"\\c", L"C:\\c");
    check_combined(L"\\\\server\\share\\a", L"\\c", L"\\\\server\\share\\c");
    check_combined(L"C:\\a", L"D:\\b", L"D:\\b");
    check_combined(L"C:\\a", L"\\\\server\\share", L"\\\\server\\share");
    check_combined(L"a", L"b", L"a\\b");
    CHECK_EQ(PathCchCombine(buffer, MAX_PATH, NULL, NULL), E_INVALIDARG);
    CHECK_WSTR(buffer, L"");
    CHECK_EQ(PathCchCombine(buffer, 6, L"C:\\a", L"b"), TOO_SMALL);
    CHECK_EQ(PathCchCombine(buffer, 7, L"C:\\a", L"b"), S_OK);
}

TEST(appending)
{
    WCHAR path[MAX_PATH] = L"C:\\a";

    CHECK_EQ(PathCchAppend(path, MAX_PATH, L"b"), S_OK);
    CHECK_WSTR(path, L"C:\\a\\b");
    CHECK_EQ(PathCchAppend(path, MAX_PATH, L"\\c"), S_OK);
    CHECK_WSTR(path, L"C:\\a\\b\\c");
    CHECK_EQ(PathCchAppend(path, MAX_PATH, L"..\\..\\d"), S_OK);
    CHECK_WSTR(path, L"C:\\a\\d");
    CHECK_EQ(PathCchAppend(path, MAX_PATH, NULL), S_OK);
    CHECK_WSTR(path, L"C:\\a\\d");
    CHECK_EQ(PathCchAppend(path, MAX_PATH, L"\\\\server\\share"), S_OK);
    CHECK_WSTR(path, L"\\\\server\\share");
}

/* Where the root ends, whether it is all there is, and what stripping to it leaves. */
static void check_root(const WCHAR *path, int end, BOOL is_root, const WCHAR *stripped)
{
    PCWSTR root_end = NULL;
    WCHAR buffer[MAX_PATH];

    CHECK_EQ(PathCchSkipRoot(path, &root_end), S_OK);
    CHECK_EQ(root_end - path, end);
    CHECK_EQ(PathCchIsRoot(path), is_root);
    lstrcpyW(buffer, path);
    CHECK_EQ(PathCchStripToRoot(buffer, MAX_PATH), lstrcmpW(path, stripped) ? S_OK : S_FALSE);
    CHECK_WSTR(buffer, stripped);
}

TEST(roots)
{
    PCWSTR end;
    WCHAR path[] = L"C:\\a";

    check_root(L"C:\\a", 3, FALSE, L"C:\\");
    check_root(L"C:\\", 3, TRUE, L"C:\\");
    check_root(L"C:", 2, FALSE, L"C:");
    check_root(L"C:a", 2, FALSE, L"C:");
    check_root(L"\\a", 1, FALSE, L"\\");
    check_root(L"\\\\server\\share", 14, TRUE, L"\\\\server\\share");
    check_root(L"\\\\server\\share\\", 15, FALSE, L"\\\\server\\share");
    check_root(L"\\\\server\\share\\a", 15, FALSE, L"\\\\server\\share");
    check_root(L"\\\\?\\C:\\a", 7, FALSE, L"\\\\?\\C:\\");
    check_root(L"\\\\?\\unc\\server\\share\\a", 21, FALSE, L"\\\\?\\unc\\server\\share");
    check_root(VOLUME L"\\a", 49, FALSE, VOLUME L"\\");
    CHECK_EQ(PathCchSkipRoot(L"a", &end), E_INVALIDARG);
    CHECK_EQ(PathCchSkipRoot(L"", &end), E_INVALIDARG);
    CHECK_EQ(PathCchSkipRoot(L"\\\\?\\a", &end), E_INVALIDARG);
    CHECK_EQ(PathCchStripToRoot(path, 3), E_INVALIDARG);
    CHECK(!PathCchIsRoot(NULL));
    CHECK(!PathCchIsRoot(L""));
}

TEST(servers)
{
    static const WCHAR plain[] = L"\\\\server", prefixed[] = L"\\\\?\\UNC\\server";
    PCWSTR server = NULL;

    CHECK(PathIsUNCEx(plain, &server));
    CHECK_PTR(server, plain + 2);
    CHECK(PathIsUNCEx(prefixed, &server));
    CHECK_PTR(server, prefixed + 8);
    CHECK(!PathIsUNCEx(L"\\\\?\\C:\\", &server));
    CHECK_PTR(server, NULL);
    CHECK(!PathIsUNCEx(L"C:\\", NULL));
}

static void check_file_spec(const WCHAR *path, HRESULT result, const WCHAR *expected)
{
    WCHAR buffer[MAX_PATH];

    lstrcpyW(buffer, path);
    CHECK_EQ(PathCchRemoveFileSpec(buffer, MAX_PATH), result);
    CHECK_WSTR(buffer, expected);
}

TEST(file_specs)
{
    WCHAR path[] = L"C:\\a";

    check_file_spec(L"C:\\a\\b", S_OK, L"C:\\a");
    check_file_spec(L"C:\\a\\", S_OK, L"C:\\a");
    check_file_spec(L"C:\\a", S_OK, L"C:\\");
    check_file_spec(L"C:\\", S_FALSE, L"C:\\");
    check_file_spec(L"C:a", S_OK, L"C:");
    check_file_spec(L"a", S_OK, L"");
    check_file_spec(L"", S_FALSE, L"");
    check_file_spec(L"\\\\server\\share\\a", S_OK, L"\\\\server\\share");
    check_file_spec(L"\\\\server\\share", S_FALSE, L"\\\\server\\share");
    CHECK_EQ(PathCchRemoveFileSpec(path, 3), E_INVALIDARG);
    CHECK_EQ(PathCchRemoveFileSpec(NULL, MAX_PATH), E_INVALIDARG);
}

TEST(extensions)
{
    WCHAR path[16] = L"C:\\a.b\\c";
    PCWSTR extension = NULL;

    CHECK_EQ(PathCchFindExtension(path, ARRAYSIZE(path), &extension), S_OK);
    CHECK_PTR(extension, path + 8);
    CHECK_EQ(PathCchAddExtension(path, ARRAYSIZE(path), L"txt"), S_OK);
    CHECK_WSTR(path, L"C:\\a.b\\c.txt");
    CHECK_EQ(PathCchAddExtension(path, ARRAYSIZE(path), L".c"), S_FALSE);
    CHECK_EQ(PathCchRenameExtension(path, ARRAYSIZE(path), L".c"), S_OK);
    CHECK_WSTR(path, L"C:\\a.b\\c.c");
    CHECK_EQ(PathCchAddExtension(path, ARRAYSIZE(path), L". c"), E_INVALIDARG);
    CHECK_EQ(PathCchRemoveExtension(path, ARRAYSIZE(path)), S_OK);
    CHECK_WSTR(path, L"C:\\a.b\\c");
    CHECK_EQ(PathCchRemoveExtension(path, ARRAYSIZE(path)), S_FALSE);
    CHECK_EQ(PathCchAddExtension(path, 12, L".txt"), TOO_SMALL);
    CHECK_EQ(PathCchAddExtension(path, 13, L".txt"), S_OK);
    CHECK_EQ(PathCchFindExtension(path, 12, &extension), E_INVALIDARG);
    CHECK_PTR(extension, NULL);
}

TEST(backslashes)
{
    WCHAR path[8] = L"C:\\a";
    PWSTR end;
    size_t remaining;

    CHECK_EQ(PathCchAddBackslashEx(path, 5, &end, &remaining), TOO_SMALL);
    CHECK_PTR(end, NULL);
    CHECK_EQ(PathCchAddBackslashEx(path, 8, &end, &remaining), S_OK);
    CHECK_WSTR(path, L"C:\\a\\");
    CHECK_PTR(end, path + 5);
    CHECK_EQ(remaining, 3);
    CHECK_EQ(PathCchAddBackslash(path, 8), S_FALSE);
    CHECK_EQ(PathCchRemoveBackslashEx(path, 8, &end, &remaining), S_OK);
    CHECK_WSTR(path, L"C:\\a");
    CHECK_PTR(end, path + 4);
    CHECK_EQ(remaining, 4);
    CHECK_EQ(PathCchRemoveBackslash(path, 8), S_FALSE);
    lstrcpyW(path, L"C:\\");
    CHECK_EQ(PathCchRemoveBackslashEx(path, 8, &end, &remaining), S_FALSE);
    CHECK_WSTR(path, L"C:\\");
    CHECK_PTR(end, path + 2);
    CHECK_EQ(remaining, 6);
}

TEST(stripping_prefixes)
{
    WCHAR path[MAX_PATH] = L"\\\\?\\C:\\a";

    CHECK_EQ(PathCchStripPrefix(path, MAX_PATH), S_OK);
    CHECK_WSTR(path, L"C:\\a");
    CHECK_EQ(PathCchStripPrefix(path, MAX_PATH), S_FALSE);
    lstrcpyW(path, L"\\\\?\\UNC\\server\\share");
    CHECK_EQ(PathCchStripPrefix(path, MAX_PATH), S_OK);
    CHECK_WSTR(path, L"\\\\server\\share");
    CHECK_EQ(PathCchStripPrefix(path, 0), E_INVALIDARG);
}

int main(void)
{
    RUN(canonical_forms);
    RUN(prefixes_are_dropped);
    RUN(dots_at_the_end);
    RUN(flags);
    RUN(long_paths);
    RUN(small_buffers);
    RUN(combining);
    RUN(appending);
    RUN(roots);
    RUN(servers);
    RUN(file_specs);
    RUN(extensions);
    RUN(backslashes);
    RUN(stripping_prefixes);
    return CHECK_END();
}
