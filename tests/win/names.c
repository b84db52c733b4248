/* Names of files: full paths, slashes, case, prefixes, trailing dots and blanks, devices. */
#include "check.h"
#include <string.h>
#include <wchar.h>

static WCHAR here[MAX_PATH];

static void make_file(const WCHAR *name, const char *content)
{
    HANDLE file = CreateFileW(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD written;

    CHECK(file != INVALID_HANDLE_VALUE);
    WriteFile(file, content, (DWORD)strlen(content), &written, NULL);
    CloseHandle(file);
}

/* A name of three parts; the C library's own formatting is not what is tried here. */
static void join(WCHAR *out, const WCHAR *a, const WCHAR *b, const WCHAR *c)
{
    wcscat(wcscat(wcscpy(out, a), b), c);
}

static int exists(const WCHAR *name)
{
    return GetFileAttributesW(name) != INVALID_FILE_ATTRIBUTES;
}

static HANDLE open_file(const WCHAR *name)
{
    return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL);
}

TEST(full_paths)
{
    static const struct {
        const WCHAR *name, *full, *file;
    } rows[] = {
        {L"C:\\", L"C:\\", NULL},
        {L"C:\\a", L"C:\\a", L"a"},
        {L"C:\\a\\", L"C:\\a\\", NULL},
        {L"C:\\a\\b.txt", L"C:\\a\\b.txt", L"b.txt"},
        {L"C:/a/b", L"C:\\a\\b", L"b"},
        {L"C:\\a\\\\b", L"C:\\a\\b", L"b"},
        {L"C:\\a//\\\\b", L"C:\\a\\b", L"b"},
        {L"C:\\a\\.\\b", L"C:\\a\\b", L"b"},
        {L"C:\\a\\..\\b", L"C:\\b", L"b"},
        {L"C:\\a\\b\\..", L"C:\\a", L"a"},
        {L"C:\\a\\..\\..\\..\\b", L"C:\\b", L"b"},
        {L"C:\\..", L"C:\\", NULL},
        {L"C:\\a\\.", L"C:\\a", L"a"},
        {L"C:\\a.", L"C:\\a", L"a"},
        {L"C:\\a...", L"C:\\a", L"a"},
        {L"C:\\a ", L"C:\\a", L"a"},
        {L"C:\\a. . ", L"C:\\a", L"a"},
        {L"C:\\ a", L"C:\\ a", L" a"},
        {L"C:\\a.\\b", L"C:\\a\\b", L"b"},
        {L"C:\\a \\b", L"C:\\a \\b", L"b"},
        {L"C:\\.a", L"C:\\.a", L".a"},
        {L"c:\\a", L"c:\\a", L"a"},
        {L"C:\\a*b?c", L"C:\\a*b?c", L"a*b?c"},
        {L"\\\\server\\share\\a", L"\\\\server\\share\\a", L"a"},
        {L"//server/share/a/../../b", L"\\\\server\\share\\b", L"b"},
        {L"\\\\?\\C:\\a", L"\\\\?\\C:\\a", L"a"},
        {L"\\\\.\\pipe\\x", L"\\\\.\\pipe\\x", L"x"},
        {L"NUL", L"\\\\.\\NUL", NULL},
        {L"nul", L"\\\\.\\nul", NULL},
        {L"CON", L"\\\\.\\CON", NULL},
        {L"COM1", L"\\\\.\\COM1", NULL},
        {L"LPT9:", L"\\\\.\\LPT9", NULL},
        {L"NULL", NULL, NULL},
        {L"COM0", NULL, NULL},
        {L"CONS", NULL, NULL},
    };
    WCHAR full[MAX_PATH], expected[2 * MAX_PATH];

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        WCHAR *file = (WCHAR *)-1;

        /* A name without a full path of its own here is one in the current directory. */
        if (rows[i].full)
            wcscpy(expected, rows[i].full);
        else
            join(expected, here, L"\\", rows[i].name);
        CHECK_EQ(GetFullPathNameW(rows[i].name, MAX_PATH, full, &file), wcslen(expected));
        CHECK_WSTR(full, expected);
        if (rows[i].full && wcsncmp(rows[i].full, L"\\\\.", 3))
            CHECK_WSTR(file, rows[i].file);
    }
}

TEST(full_paths_of_relative_names)
{
    WCHAR full[MAX_PATH], expected[MAX_PATH], drive[3] = {here[0], here[1], 0};

    join(expected, L"", here, L"\\x");
    CHECK_EQ(GetFullPathNameW(L"x", MAX_PATH, full, NULL), wcslen(expected));
    CHECK_WSTR(full, expected);
    CHECK(GetFullPathNameW(L".\\y\\..\\x", MAX_PATH, full, NULL) > 0);
    CHECK_WSTR(full, expected);
    CHECK(GetFullPathNameW(L".", MAX_PATH, full, NULL) > 0);
    CHECK_WSTR(full, here);
    CHECK(GetFullPathNameW(drive, MAX_PATH, full, NULL) > 0);
    UNLESS_WINE("Wine leaves a backslash at the end")
    CHECK_WSTR(full, here);
    join(expected, L"", drive, L"x");
    CHECK(GetFullPathNameW(expected, MAX_PATH, full, NULL) > 0);
    join(expected, L"", here, L"\\x");
    CHECK_WSTR(full, expected);
    CHECK(GetFullPathNameW(L"\\x", MAX_PATH, full, NULL) > 0);
    join(expected, L"", drive, L"\\x");
    CHECK_WSTR(full, expected);
    CHECK(GetFullPathNameW(L"/x/", MAX_PATH, full, NULL) > 0);
    join(expected, L"", drive, L"\\x\\");
    CHECK_WSTR(full, expected);
}

TEST(the_size_of_a_full_path)
{
    WCHAR full[16];
    char narrow[16];

    CHECK_EQ(GetFullPathNameW(L"C:\\abc", 0, NULL, NULL), 7);
    CHECK_EQ(GetFullPathNameW(L"C:\\abc", 6, full, NULL), 7);
    CHECK_EQ(GetFullPathNameW(L"C:\\abc", 7, full, NULL), 6);
    CHECK_WSTR(full, L"C:\\abc");
    CHECK_EQ(GetFullPathNameA("C:\\abc", 6, narrow, NULL), 7);
    CHECK_EQ(GetFullPathNameA("C:\\abc", 7, narrow, NULL), 6);
    CHECK_STR(narrow, "C:\\abc");
    CHECK_EQ(GetFullPathNameW(L"", 16, full, NULL), 0);
}

TEST(the_current_directory)
{
    WCHAR directory[MAX_PATH], inner[MAX_PATH];
    DWORD length = (DWORD)wcslen(here);

    CHECK_EQ(GetCurrentDirectoryW(0, NULL), length + 1);
    CHECK_EQ(GetCurrentDirectoryW(length, directory), length + 1);
    CHECK_EQ(GetCurrentDirectoryW(length + 1, directory), length);
    CHECK(CreateDirectoryW(L"Inner", NULL));
    CHECK(SetCurrentDirectoryW(L"Inner"));
    join(inner, L"", here, L"\\Inner");
    CHECK_EQ(GetCurrentDirectoryW(MAX_PATH, directory), length + 6);
    CHECK_WSTR(directory, inner);
    make_file(L"file", "x");
    CHECK(exists(L"..\\Inner\\file"));
    CHECK_ERROR(SetCurrentDirectoryW(L"file") == FALSE, ERROR_DIRECTORY);
    CHECK_ERROR(SetCurrentDirectoryW(L"missing") == FALSE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(SetCurrentDirectoryW(L"missing\\more") == FALSE, ERROR_PATH_NOT_FOUND);
    GetCurrentDirectoryW(MAX_PATH, directory);
    CHECK_WSTR(directory, inner);
    CHECK(SetCurrentDirectoryA(".."));
    CHECK(exists(L"Inner/file"));
    CHECK(SetCurrentDirectoryW(L"Inner\\"));
    GetCurrentDirectoryW(MAX_PATH, directory);
    CHECK_WSTR(directory, inner);
    CHECK(SetCurrentDirectoryW(here));
    CHECK(DeleteFileW(L"Inner\\file"));
    CHECK(RemoveDirectoryW(L"Inner"));
}

TEST(one_file_has_many_names)
{
    static const WCHAR *const names[] = {
        L"Sub\\File.Txt",
        L"Sub/File.Txt",
        L"sub\\file.txt",
        L"SUB/FILE.TXT",
        L".\\Sub\\File.Txt",
        L"./Sub/./File.Txt",
        L"Sub\\\\File.Txt",
        L"Sub\\..\\Sub\\File.Txt",
        L"missing\\..\\Sub\\File.Txt",
        L"Sub\\File.Txt.",
        L"Sub\\File.Txt   ",
        L"Sub\\File.Txt. . ",
        L"Sub.\\File.Txt",
        L"Sub\\missing\\..\\File.Txt",
    };
    WCHAR name[2 * MAX_PATH];
    HANDLE file;

    CHECK(CreateDirectoryW(L"Sub", NULL));
    make_file(L"Sub\\File.Txt", "x");
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        file = open_file(names[i]);
        if (!CHECK(file != INVALID_HANDLE_VALUE))
            check_note_wide(names[i]);
        CloseHandle(file);
    }
    join(name, L"", here, L"\\sub\\FILE.txt");
    CHECK(exists(name));
    join(name, L"\\\\?\\", here, L"\\Sub\\File.Txt");
    CHECK(exists(name));
    join(name, L"\\\\.\\", here, L"\\Sub\\File.Txt");
    CHECK(exists(name));
    CHECK(CreateDirectoryW(L"SUB", NULL) == FALSE);
    file = CreateFileW(L"sub\\FILE.TXT", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    CHECK_PTR(file, INVALID_HANDLE_VALUE);
    CHECK(DeleteFileW(L"SUB\\fILE.tXT"));
    CHECK(!exists(L"Sub\\File.Txt"));
    CHECK(RemoveDirectoryW(L"sUB"));
}

TEST(the_verbatim_prefix)
{
    WCHAR name[2 * MAX_PATH];
    HANDLE file;

    make_file(L"plain", "x");
    /* After \\?\ nothing is interpreted: a slash is part of a name, and so are dots. */
    join(name, L"\\\\?\\", here, L"/plain");
    CHECK_ERROR((file = open_file(name)) == INVALID_HANDLE_VALUE, ERROR_INVALID_NAME);
    join(name, L"\\\\?\\", here, L"\\plain.");
    CHECK_ERROR((file = open_file(name)) == INVALID_HANDLE_VALUE, ERROR_FILE_NOT_FOUND);
    join(name, L"\\\\?\\", here, L"\\PLAIN");
    CHECK(exists(name));
    CHECK(DeleteFileW(name));
}

TEST(creation_drops_trailing_dots_and_blanks)
{
    WIN32_FIND_DATAW found;
    HANDLE search;

    make_file(L"trail. .", "x");
    search = FindFirstFileW(L"trai*", &found);
    CHECK(search != INVALID_HANDLE_VALUE);
    CHECK_WSTR(found.cFileName, L"trail");
    CHECK(FindClose(search));
    CHECK(DeleteFileW(L"trail"));
}

TEST(names_keep_their_case_and_characters)
{
    static const WCHAR *const names[] = {
        L"MixedCase", L"\xE4\xF6\xFC", L"\x4E2D\x6587",    L"\xD83D\xDE00", L"a b",
        L"a'b",       L"a;b,c=d+e[f]", L"#$%&@!^~`{}()-_", L".hidden",      L"a.b.c.d",
    };
    WIN32_FIND_DATAW found;

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        HANDLE search;

        make_file(names[i], "x");
        search = FindFirstFileW(names[i], &found);
        CHECK(search != INVALID_HANDLE_VALUE);
        CHECK_WSTR(found.cFileName, names[i]);
        FindClose(search);
        CHECK(DeleteFileW(names[i]));
    }
    make_file(L"\xC4rger", "x");
    CHECK(exists(L"\xE4RGER"));
    CHECK(DeleteFileW(L"\xE4rger"));
}

TEST(the_null_device)
{
    static const WCHAR *const names[] = {L"NUL", L"nul", L"NUL:", L"\\\\.\\NUL"};
    char buffer[4];
    DWORD count;

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        HANDLE nul = open_file(names[i]);

        CHECK(nul != INVALID_HANDLE_VALUE);
        CHECK(WriteFile(nul, "abc", 3, &count, NULL));
        CHECK_EQ(count, 3);
        CHECK(ReadFile(nul, buffer, 4, &count, NULL));
        CHECK_EQ(count, 0);
        CHECK_EQ(GetFileType(nul), FILE_TYPE_CHAR);
        CHECK(CloseHandle(nul));
    }
}

TEST(names_that_cannot_be)
{
    WCHAR name[400];

    CHECK_ERROR(open_file(L"a<b") == INVALID_HANDLE_VALUE, ERROR_INVALID_NAME);
    CHECK_ERROR(open_file(L"a>b") == INVALID_HANDLE_VALUE, ERROR_INVALID_NAME);
    CHECK_ERROR(open_file(L"a|b") == INVALID_HANDLE_VALUE, ERROR_INVALID_NAME);
    CHECK_ERROR(open_file(L"a\"b") == INVALID_HANDLE_VALUE, ERROR_INVALID_NAME);
    CHECK_ERROR(open_file(L"missing.txt") == INVALID_HANDLE_VALUE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(open_file(L"no\\such") == INVALID_HANDLE_VALUE, ERROR_PATH_NOT_FOUND);
    UNLESS_WINE("Wine does not tell an absent drive from an absent file")
    CHECK_ERROR(open_file(L"Q:\\x") == INVALID_HANDLE_VALUE, ERROR_PATH_NOT_FOUND);
    for (int i = 0; i < 300; i++)
        name[i] = 'x';
    name[300] = 0;
    CHECK(open_file(name) == INVALID_HANDLE_VALUE);
    CHECK(GetLastError() != CHECK_SENTINEL && GetLastError() != 0);
}

TEST(temporary_names)
{
    WCHAR name[MAX_PATH], expected[MAX_PATH], other[MAX_PATH], digits[16];
    UINT unique = GetTempFileNameW(L".", L"cfgx", 0, name);

    /* Three letters of the prefix, the number in hexadecimal; an unchosen number makes the file. */
    CHECK(unique != 0);
    CHECK_EQ(unique & 0xFFFF, unique);
    CHECK(exists(name));
    _itow((int)unique, digits, 16);
    join(expected, L".\\cfg", digits, L".tmp");
    CHECK_EQ(_wcsicmp(name, expected), 0);
    CHECK(GetTempFileNameW(L".", L"cfg", 0, other) != 0);
    CHECK(_wcsicmp(name, other) != 0);
    CHECK(DeleteFileW(name));
    CHECK(DeleteFileW(other));
    CHECK_EQ(GetTempFileNameW(L".\\", L"ab", 0x2345, name), 0x2345);
    CHECK_EQ(_wcsicmp(name, L".\\ab2345.tmp"), 0);
    CHECK(!exists(name));
    /* Only 16 bits of the number show. */
    CHECK(GetTempFileNameW(L".", L"ab", 0x1CDEF, name) != 0);
    CHECK_EQ(_wcsicmp(name, L".\\abcdef.tmp"), 0);
    CHECK_ERROR(GetTempFileNameW(L"missing", L"ab", 0, name) == 0, ERROR_DIRECTORY);
}

int main(void)
{
    GetCurrentDirectoryW(MAX_PATH, here);
    RUN(full_paths);
    RUN(full_paths_of_relative_names);
    RUN(the_size_of_a_full_path);
    RUN(the_current_directory);
    RUN(one_file_has_many_names);
    RUN(the_verbatim_prefix);
    RUN(creation_drops_trailing_dots_and_blanks);
    RUN(names_keep_their_case_and_characters);
    RUN(the_null_device);
    RUN(names_that_cannot_be);
    RUN(temporary_names);
    return CHECK_END();
}
