/* Directories: making, listing, moving, copying, deleting, attributes and links. */
#include "check.h"
#include <stdlib.h>
#include <string.h>
#include <winternl.h>

static void make_file(const char *name, const char *content)
{
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD written;

    CHECK(file != INVALID_HANDLE_VALUE);
    WriteFile(file, content, (DWORD)strlen(content), &written, NULL);
    CloseHandle(file);
}

static int exists(const char *name)
{
    return GetFileAttributesA(name) != INVALID_FILE_ATTRIBUTES;
}

static const char *content_of(const char *name)
{
    static char buffer[64];
    HANDLE file = CreateFileA(name, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    DWORD count = 0;

    ReadFile(file, buffer, sizeof buffer - 1, &count, NULL);
    buffer[count] = 0;
    CloseHandle(file);
    return buffer;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The names that a pattern finds, in order, each followed by a blank. */
static const char *list(const char *pattern)
{
    static char text[1024];
    char names[32][32];
    int count = 0;
    WIN32_FIND_DATAA data;
    HANDLE search = FindFirstFileA(pattern, &data);

    text[0] = 0;
    if (search == INVALID_HANDLE_VALUE)
        return text;
    do {
        lstrcpynA(names[count++], data.cFileName, 32);
    } while (count < 32 && FindNextFileA(search, &data));
    FindClose(search);
    qsort(names, count, sizeof names[0], compare_names);
    for (int i = 0; i < count; i++)
        strcat(strcat(text, names[i]), " ");
    return text;
}

TEST(making_and_removing)
{
    CHECK(CreateDirectoryA("one", NULL));
    CHECK_EQ(GetFileAttributesA("one") & FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_DIRECTORY);
    CHECK_ERROR(CreateDirectoryA("one", NULL) == FALSE, ERROR_ALREADY_EXISTS);
    CHECK_ERROR(CreateDirectoryA("no/two", NULL) == FALSE, ERROR_PATH_NOT_FOUND);
    CHECK_ERROR(CreateDirectoryA("", NULL) == FALSE, ERROR_PATH_NOT_FOUND);
    CHECK(CreateDirectoryA("one/two\\", NULL));
    CHECK_ERROR(RemoveDirectoryA("one") == FALSE, ERROR_DIR_NOT_EMPTY);
    CHECK_ERROR(DeleteFileA("one\\two") == FALSE, ERROR_ACCESS_DENIED);
    CHECK(RemoveDirectoryA("one\\two"));
    CHECK_ERROR(RemoveDirectoryA("one\\two") == FALSE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(RemoveDirectoryA("no\\two") == FALSE, ERROR_PATH_NOT_FOUND);
    make_file("file", "x");
    CHECK_ERROR(RemoveDirectoryA("file") == FALSE, ERROR_DIRECTORY);
    CHECK_ERROR(CreateDirectoryA("file", NULL) == FALSE, ERROR_ALREADY_EXISTS);
    CHECK_ERROR(CreateDirectoryA("file\\in", NULL) == FALSE, ERROR_PATH_NOT_FOUND);
    CHECK(DeleteFileA("file"));
    CHECK_ERROR(DeleteFileA("file") == FALSE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(DeleteFileA("no\\file") == FALSE, ERROR_PATH_NOT_FOUND);
    CHECK(RemoveDirectoryA("one/"));
    CHECK(!exists("one"));
}

static const char *const fixture[] = {"a.txt", "ab.txt", "abc.c", "noext", "x.y.z", "UPPER.TXT"};

TEST(patterns)
{
    static const struct {
        const char *pattern, *names;
        BOOL wine_differs;
    } rows[] = {
        {"find\\*", ". .. UPPER.TXT a.txt ab.txt abc.c noext x.y.z "},
        {"find/*", ". .. UPPER.TXT a.txt ab.txt abc.c noext x.y.z "},
        {"find\\*.*", ". .. UPPER.TXT a.txt ab.txt abc.c noext x.y.z "},
        {"find\\*.txt", "UPPER.TXT a.txt ab.txt "},
        {"find\\*.TXT", "UPPER.TXT a.txt ab.txt "},
        {"FIND\\A*", "a.txt ab.txt abc.c "},
        /* A question mark before a dot or at the end also matches nothing; Wine takes it literally. */
        {"find\\a?.txt", "a.txt ab.txt ", TRUE},
        {"find\\??.txt", "a.txt ab.txt ", TRUE},
        {"find\\noext??", "noext ", TRUE},
        {"find\\a.txt", "a.txt "},
        {"find\\A.TXT", "a.txt "},
        /* The asterisk stops at the name's last dot, or takes all of a name that has none. */
        {"find\\*.?", ". .. abc.c noext x.y.z ", TRUE},
        {"find\\*.z", "x.y.z "},
        {"find\\x*z", "x.y.z "},
        {"find\\*e*t", "UPPER.TXT noext "},
        {"find\\none*", ""},
        {"find", "find "},
        {"fin?", "find "},
    };

    CHECK(CreateDirectoryA("find", NULL));
    CHECK(SetCurrentDirectoryA("find"));
    for (unsigned i = 0; i < sizeof fixture / sizeof fixture[0]; i++)
        make_file(fixture[i], "12345");
    CHECK(SetCurrentDirectoryA(".."));
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!(rows[i].wine_differs && check_on_wine()) && !CHECK_STR(list(rows[i].pattern), rows[i].names))
            check_note(rows[i].pattern);
}

TEST(what_a_search_tells)
{
    WIN32_FIND_DATAW data;
    HANDLE search = FindFirstFileW(L"find\\a.txt", &data);
    WIN32_FILE_ATTRIBUTE_DATA attributes;

    CHECK(search != INVALID_HANDLE_VALUE);
    CHECK_WSTR(data.cFileName, L"a.txt");
    CHECK_EQ(data.nFileSizeLow, 5);
    CHECK_EQ(data.nFileSizeHigh, 0);
    CHECK_EQ(data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY, 0);
    CHECK(GetFileAttributesExA("find\\a.txt", GetFileExInfoStandard, &attributes));
    CHECK_EQ(CompareFileTime(&attributes.ftLastWriteTime, &data.ftLastWriteTime), 0);
    CHECK_EQ(attributes.nFileSizeLow, 5);
    CHECK_ERROR(FindNextFileW(search, &data) == FALSE, ERROR_NO_MORE_FILES);
    CHECK_ERROR(FindNextFileW(search, &data) == FALSE, ERROR_NO_MORE_FILES);
    CHECK(FindClose(search));
    CHECK_ERROR(FindClose(INVALID_HANDLE_VALUE) == FALSE, ERROR_INVALID_HANDLE);
    search = FindFirstFileW(L"find\\*", &data);
    CHECK_WSTR(data.cFileName, L".");
    CHECK_EQ(data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_DIRECTORY);
    CHECK(FindNextFileW(search, &data));
    CHECK_WSTR(data.cFileName, L"..");
    CHECK(FindClose(search));
}

TEST(searches_that_fail)
{
    WIN32_FIND_DATAA data;

    CHECK_ERROR(FindFirstFileA("find\\none", &data) == INVALID_HANDLE_VALUE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(FindFirstFileA("find\\none*", &data) == INVALID_HANDLE_VALUE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(FindFirstFileA("none\\*", &data) == INVALID_HANDLE_VALUE, ERROR_PATH_NOT_FOUND);
    UNLESS_WINE("Wine reports ERROR_INVALID_NAME")
    CHECK_ERROR(FindFirstFileA("find\\a.txt\\*", &data) == INVALID_HANDLE_VALUE, ERROR_DIRECTORY);
    CHECK_ERROR(FindFirstFileA("find\\", &data) == INVALID_HANDLE_VALUE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(FindFirstFileA("", &data) == INVALID_HANDLE_VALUE, ERROR_PATH_NOT_FOUND);
    for (unsigned i = 0; i < sizeof fixture / sizeof fixture[0]; i++) {
        char name[64] = "find\\";

        CHECK(DeleteFileA(strcat(name, fixture[i])));
    }
    CHECK_STR(list("find\\*"), ". .. ");
    CHECK(RemoveDirectoryA("find"));
}

TEST(attributes)
{
    WIN32_FILE_ATTRIBUTE_DATA data;

    make_file("file", "123");
    CHECK(SetFileAttributesA("file", FILE_ATTRIBUTE_READONLY));
    CHECK_EQ(GetFileAttributesA("file") & FILE_ATTRIBUTE_READONLY, FILE_ATTRIBUTE_READONLY);
    CHECK(GetFileAttributesExA("FILE", GetFileExInfoStandard, &data));
    CHECK_EQ(data.nFileSizeLow, 3);
    CHECK_EQ(data.dwFileAttributes & FILE_ATTRIBUTE_READONLY, FILE_ATTRIBUTE_READONLY);
    CHECK(SetFileAttributesA("file", FILE_ATTRIBUTE_NORMAL));
    CHECK_EQ(GetFileAttributesA("file") & (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_DIRECTORY), 0);
    CHECK_ERROR(GetFileAttributesA("none") == INVALID_FILE_ATTRIBUTES, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(GetFileAttributesA("none\\x") == INVALID_FILE_ATTRIBUTES, ERROR_PATH_NOT_FOUND);
    CHECK_ERROR(SetFileAttributesA("none", 0) == FALSE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(GetFileAttributesExA("none", GetFileExInfoStandard, &data) == FALSE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(GetFileAttributesExA("none\\x", GetFileExInfoStandard, &data) == FALSE, ERROR_PATH_NOT_FOUND);
    CHECK_ERROR(GetFileAttributesExA("file", GetFileExMaxInfoLevel, &data) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK(DeleteFileA("file"));
}

TEST(moving)
{
    make_file("from", "1");
    make_file("taken", "2");
    CHECK(CreateDirectoryA("directory", NULL));
    CHECK(MoveFileA("from", "to"));
    CHECK(!exists("from"));
    CHECK_STR(content_of("to"), "1");
    CHECK_ERROR(MoveFileA("from", "elsewhere") == FALSE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(MoveFileA("to", "taken") == FALSE, ERROR_ALREADY_EXISTS);
    CHECK_ERROR(MoveFileA("to", "no\\to") == FALSE, ERROR_PATH_NOT_FOUND);
    CHECK(MoveFileA("to", "TO"));
    UNLESS_WINE("Wine leaves the name as it is")
    CHECK_STR(list("t?"), "TO ");
    CHECK(MoveFileA("TO", "TO"));
    CHECK(MoveFileExA("to", "taken", MOVEFILE_REPLACE_EXISTING));
    CHECK_STR(content_of("taken"), "1");
    CHECK(!exists("to"));
    CHECK_ERROR(MoveFileExA("taken", "directory", MOVEFILE_REPLACE_EXISTING) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(MoveFileA("taken", "directory\\inside"));
    CHECK(MoveFileA("directory", "renamed"));
    CHECK_STR(content_of("renamed\\inside"), "1");
    CHECK(DeleteFileA("renamed\\inside"));
    CHECK(RemoveDirectoryA("renamed"));
}

TEST(copying)
{
    make_file("from", "content");
    make_file("taken", "longer content");
    CHECK(CopyFileA("from", "copy", TRUE));
    CHECK_STR(content_of("copy"), "content");
    CHECK_ERROR(CopyFileA("from", "taken", TRUE) == FALSE, ERROR_FILE_EXISTS);
    CHECK_STR(content_of("taken"), "longer content");
    CHECK(CopyFileA("from", "taken", FALSE));
    CHECK_STR(content_of("taken"), "content");
    CHECK_ERROR(CopyFileA("none", "copy2", FALSE) == FALSE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(CopyFileA("from", "no\\copy", FALSE) == FALSE, ERROR_PATH_NOT_FOUND);
    CHECK(DeleteFileA("from"));
    CHECK(DeleteFileA("copy"));
    CHECK(DeleteFileA("taken"));
}

TEST(hard_links)
{
    BY_HANDLE_FILE_INFORMATION information;
    HANDLE file;

    make_file("file", "shared");
    CHECK(CreateHardLinkA("link", "file", NULL));
    CHECK_ERROR(CreateHardLinkA("link", "file", NULL) == FALSE, ERROR_ALREADY_EXISTS);
    CHECK_ERROR(CreateHardLinkA("other", "none", NULL) == FALSE, ERROR_FILE_NOT_FOUND);
    CHECK_STR(content_of("link"), "shared");
    file = CreateFileA("link", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(GetFileInformationByHandle(file, &information));
    CHECK_EQ(information.nNumberOfLinks, 2);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("file"));
    CHECK_STR(content_of("link"), "shared");
    CHECK(DeleteFileA("link"));
}

/* Where the process parameters keep the handle of the current directory, which the headers leave unnamed. */
#define DIRECTORY_HANDLE_OFFSET (sizeof(void *) == 8 ? 0x48 : 0x2c)

static HANDLE directory_handle(void)
{
    return *(HANDLE *)((char *)NtCurrentTeb()->ProcessEnvironmentBlock->ProcessParameters +
                       DIRECTORY_HANDLE_OFFSET);
}

static NTSTATUS open_in_current_directory(WCHAR *name, HANDLE *file)
{
    NTSTATUS(NTAPI * create)
    (HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *, ULONG, ULONG, ULONG,
     ULONG, void *, ULONG) = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtCreateFile");
    UNICODE_STRING text = {lstrlenW(name) * sizeof(WCHAR), lstrlenW(name) * sizeof(WCHAR), name};
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK io;

    InitializeObjectAttributes(&attributes, &text, 0, directory_handle(), NULL);
    return create(file, GENERIC_READ | SYNCHRONIZE, &attributes, &io, NULL, 0, 7, FILE_OPEN,
                  FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
}

TEST(the_current_directory_has_a_handle)
{
    WCHAR old[MAX_PATH];
    HANDLE file = NULL;

    GetCurrentDirectoryW(MAX_PATH, old);
    CHECK(CreateDirectoryA("current", NULL));
    make_file("current\\inside", "x");
    CHECK(directory_handle() != NULL);
    CHECK_EQ(open_in_current_directory(L"current\\inside", &file), 0);
    CloseHandle(file);
    CHECK(SetCurrentDirectoryA("current"));
    CHECK_EQ(open_in_current_directory(L"inside", &file), 0);
    CloseHandle(file);
    CHECK(DeleteFileA("inside"));
    CHECK_ERROR(!RemoveDirectoryW(L"..\\current"), ERROR_SHARING_VIOLATION);
    CHECK_ERROR(!SetCurrentDirectoryA("missing"), ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(!RemoveDirectoryW(L"..\\current"), ERROR_SHARING_VIOLATION);
    CHECK(SetCurrentDirectoryW(old));
    CHECK(RemoveDirectoryA("current"));
}

int main(void)
{
    RUN(making_and_removing);
    RUN(patterns);
    RUN(what_a_search_tells);
    RUN(searches_that_fail);
    RUN(attributes);
    RUN(moving);
    RUN(copying);
    RUN(hard_links);
    RUN(the_current_directory_has_a_handle);
    return CHECK_END();
}
