/* Where a DLL is looked for. The program's folder holds where1.dll to where3.dll and needs_where.dll; copies
 * of them, all named where.dll, are put in folders below the current directory. */
#include "check.h"
#include <stdio.h>
#include <string.h>

static char program_folder[MAX_PATH];
static char here[MAX_PATH];

enum { ABSENT = -1, NO_EXPORT = -2 };

/* The folder that a name is searched for in tells itself by a number; a failure is ABSENT with a last error.
 */
static int found_by(const char *name, DWORD flags)
{
    HMODULE module;
    int (*where)(void);
    int number;
    DWORD error;

    SetLastError(CHECK_SENTINEL);
    module = LoadLibraryExA(name, NULL, flags);
    error = GetLastError();
    if (!module)
        return ABSENT;
    where = (void *)GetProcAddress(module, "where");
    if (!where)
        where = (void *)GetProcAddress(module, "needed_where");
    number = where ? where() : NO_EXPORT;
    FreeLibrary(module);
    SetLastError(error);
    return number;
}

static char *in_program_folder(const char *name)
{
    static char path[MAX_PATH + 32];

    return strcat(strcat(strcpy(path, program_folder), "\\"), name);
}

static char *in_here(const char *name)
{
    static char paths[2][MAX_PATH + 32], *path;

    path = path == paths[0] ? paths[1] : paths[0];
    return strcat(strcat(strcpy(path, here), "\\"), name);
}

static void put(int number, const char *name)
{
    char source[] = "where0.dll";

    source[5] = (char)('0' + number);
    if (!CHECK(CopyFileA(in_program_folder(source), name, FALSE)))
        check_note(name);
}

TEST(a_name_and_its_extension)
{
    put(1, "where.dll");
    put(2, "where");
    put(3, "other.ext");
    CHECK_EQ(found_by("where.dll", 0), 1);
    CHECK_EQ(found_by("where", 0), 1);
    CHECK_EQ(found_by("WHERE.DLL", 0), 1);
    CHECK_EQ(found_by("where.", 0), 2);
    CHECK_EQ(found_by("other.ext", 0), 3);
    CHECK_EQ(found_by(".\\where.dll", 0), 1);
    CHECK_EQ(found_by("./where", 0), 1);
    CHECK_EQ(found_by(in_here("where"), 0), 1);
    CHECK_ERROR(found_by("other", 0) == ABSENT, ERROR_MOD_NOT_FOUND);
    CHECK_EQ(found_by("", 0), ABSENT);
    CHECK(DeleteFileA("where"));
    CHECK(DeleteFileA("other.ext"));
}

TEST(the_programs_folder_goes_before_the_current_one)
{
    put(3, "where1.dll");
    CHECK_EQ(found_by("where1.dll", 0), 1);
    CHECK_EQ(found_by(in_here("where1.dll"), 0), 3);
    CHECK(DeleteFileA("where1.dll"));
}

TEST(a_module_that_is_loaded_answers_to_its_name)
{
    HMODULE first = LoadLibraryA("one\\where.dll"), second;

    CHECK(first != NULL);
    CHECK_PTR(LoadLibraryA("where.dll"), first);
    CHECK_PTR(LoadLibraryA("ONE/Where"), first);
    FreeLibrary(first);
    FreeLibrary(first);
    second = LoadLibraryA("two\\where.dll");
    CHECK(second != NULL && second != first);
    CHECK_EQ(found_by("two\\where.dll", 0), 2);
    CHECK_EQ(found_by("one\\where.dll", 0), 1);
    FreeLibrary(second);
    FreeLibrary(first);
    CHECK_PTR(GetModuleHandleA("where"), NULL);
}

TEST(set_dll_directory)
{
    char text[MAX_PATH];

    CHECK_EQ(GetDllDirectoryA(MAX_PATH, text), 0);
    CHECK(SetDllDirectoryA("one"));
    CHECK_EQ(GetDllDirectoryA(MAX_PATH, text), 3);
    CHECK_STR(text, "one");
    CHECK_EQ(GetDllDirectoryA(2, text), 4);
    CHECK_EQ(found_by("where.dll", 0), 1);
    CHECK(SetDllDirectoryA(in_here("two")));
    CHECK_EQ(found_by("where.dll", 0), 2);
    /* It takes the current directory's place, and an empty one leaves that place empty. */
    put(3, "here_only.dll");
    CHECK_ERROR(found_by("here_only.dll", 0) == ABSENT, ERROR_MOD_NOT_FOUND);
    CHECK(SetDllDirectoryA(""));
    UNLESS_WINE("Wine goes on to look there")
    CHECK_ERROR(found_by("here_only.dll", 0) == ABSENT, ERROR_MOD_NOT_FOUND);
    CHECK(SetDllDirectoryA(NULL));
    CHECK_EQ(found_by("here_only.dll", 0), 3);
    CHECK(DeleteFileA("here_only.dll"));
}

TEST(the_path_comes_last)
{
    static char old[32767];
    char both[2 * MAX_PATH + 64];

    GetEnvironmentVariableA("PATH", old, sizeof old);
    sprintf(both, "%s\\nothing;%s;%s", here, in_here("two"), in_here("one"));
    SetEnvironmentVariableA("PATH", both);
    CHECK_EQ(found_by("where.dll", 0), 2);
    put(3, "where.dll");
    CHECK_EQ(found_by("where.dll", 0), 3);
    CHECK(DeleteFileA("where.dll"));
    SetEnvironmentVariableA("PATH", old);
    CHECK_ERROR(found_by("where.dll", 0) == ABSENT, ERROR_MOD_NOT_FOUND);
}

TEST(the_altered_search_path)
{
    /* What a DLL needs is looked for beside the program, unless its own folder takes the program's place. */
    CHECK_ERROR(found_by(in_here("one\\needs_where.dll"), 0) == ABSENT, ERROR_MOD_NOT_FOUND);
    CHECK_EQ(found_by(in_here("one\\needs_where.dll"), LOAD_WITH_ALTERED_SEARCH_PATH), 1);
    CHECK_EQ(found_by(in_here("one\\needs_where.dll"),
                      LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS),
             1);
    CHECK_ERROR(found_by(in_here("one\\needs_where.dll"), LOAD_LIBRARY_SEARCH_DEFAULT_DIRS) == ABSENT,
                ERROR_MOD_NOT_FOUND);
    CHECK_EQ(found_by("where1.dll", LOAD_WITH_ALTERED_SEARCH_PATH), 1);
}

TEST(directories_of_the_user)
{
    WCHAR path[MAX_PATH];
    DLL_DIRECTORY_COOKIE one, two;

    put(3, "where.dll");
    MultiByteToWideChar(CP_ACP, 0, in_here("one"), -1, path, MAX_PATH);
    one = AddDllDirectory(path);
    CHECK(one != NULL);
    CHECK_EQ(found_by("where.dll", LOAD_LIBRARY_SEARCH_USER_DIRS), 1);
    CHECK_EQ(found_by("where.dll", LOAD_LIBRARY_SEARCH_DEFAULT_DIRS), 1);
    /* Only a search that asks for them looks there. */
    CHECK_EQ(found_by("where.dll", 0), 3);
    CHECK_ERROR(found_by("where.dll", LOAD_LIBRARY_SEARCH_SYSTEM32) == ABSENT, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(found_by("where.dll", LOAD_LIBRARY_SEARCH_APPLICATION_DIR) == ABSENT, ERROR_MOD_NOT_FOUND);
    CHECK_EQ(found_by("where2.dll", LOAD_LIBRARY_SEARCH_APPLICATION_DIR), 2);
    MultiByteToWideChar(CP_ACP, 0, in_here("two"), -1, path, MAX_PATH);
    two = AddDllDirectory(path);
    CHECK(two != NULL && two != one);
    CHECK(RemoveDllDirectory(one));
    CHECK_EQ(found_by("where.dll", LOAD_LIBRARY_SEARCH_USER_DIRS), 2);
    CHECK(RemoveDllDirectory(two));
    CHECK_ERROR(found_by("where.dll", LOAD_LIBRARY_SEARCH_USER_DIRS) == ABSENT, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(AddDllDirectory(L"one") == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(AddDllDirectory(L"C:\\no such folder") == NULL, ERROR_FILE_NOT_FOUND);
}

TEST(flags_that_do_not_agree)
{
    CHECK_ERROR(found_by(in_here("one\\where.dll"),
                         LOAD_WITH_ALTERED_SEARCH_PATH | LOAD_LIBRARY_SEARCH_SYSTEM32) == ABSENT,
                ERROR_INVALID_PARAMETER);
    CHECK_ERROR(found_by("where.dll", LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR) == ABSENT, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(found_by("one\\where.dll", LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR) == ABSENT,
                ERROR_INVALID_PARAMETER);
    CHECK_ERROR(SetDefaultDllDirectories(0) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR) == FALSE, ERROR_INVALID_PARAMETER);
}

TEST(names_beyond_ascii)
{
    HMODULE module;

    CHECK(MoveFileW(L"where.dll", L"d\xE9j\xE0 \x4E2D.dll"));
    module = LoadLibraryW(L"d\xE9j\xE0 \x4E2D.dll");
    CHECK(module != NULL);
    CHECK_PTR(GetModuleHandleW(L"D\xC9J\xC0 \x4E2D"), module);
    CHECK(FreeLibrary(module));
    CHECK(MoveFileW(L"d\xE9j\xE0 \x4E2D.dll", L"where.dll"));
}

/* There is no way back from here. */
TEST(default_directories)
{
    WCHAR path[MAX_PATH];

    CHECK_EQ(found_by("where.dll", 0), 3);
    CHECK(SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DEFAULT_DIRS));
    CHECK_ERROR(found_by("where.dll", 0) == ABSENT, ERROR_MOD_NOT_FOUND);
    CHECK_EQ(found_by("where1.dll", 0), 1);
    CHECK(GetModuleHandleA("kernel32") != NULL && LoadLibraryA("kernel32.dll") != NULL);
    MultiByteToWideChar(CP_ACP, 0, in_here("two"), -1, path, MAX_PATH);
    CHECK(AddDllDirectory(path) != NULL);
    CHECK_EQ(found_by("where.dll", 0), 2);
    CHECK_EQ(found_by(in_here("where.dll"), 0), 3);
    CHECK(SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32));
    CHECK_ERROR(found_by("where1.dll", 0) == ABSENT, ERROR_MOD_NOT_FOUND);
}

int main(void)
{
    GetModuleFileNameA(NULL, program_folder, MAX_PATH);
    *strrchr(program_folder, '\\') = 0;
    GetCurrentDirectoryA(MAX_PATH, here);
    CHECK(CreateDirectoryA("one", NULL));
    CHECK(CreateDirectoryA("two", NULL));
    put(1, "one\\where.dll");
    put(2, "two\\where.dll");
    CHECK(CopyFileA(in_program_folder("needs_where.dll"), "one\\needs_where.dll", FALSE));
    RUN(a_name_and_its_extension);
    RUN(the_programs_folder_goes_before_the_current_one);
    CHECK(DeleteFileA("where.dll"));
    RUN(a_module_that_is_loaded_answers_to_its_name);
    RUN(set_dll_directory);
    RUN(the_path_comes_last);
    RUN(the_altered_search_path);
    RUN(directories_of_the_user);
    RUN(flags_that_do_not_agree);
    RUN(names_beyond_ascii);
    RUN(default_directories);
    return CHECK_END();
}
