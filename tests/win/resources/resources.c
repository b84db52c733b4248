/* Resources: finding them by type, name and language, in the program and in a file mapped as data. */
#include "check.h"
#include <string.h>
#include <wchar.h>

#define DATA    MAKEINTRESOURCEW(10)
#define DATA_A  MAKEINTRESOURCEA(10)
#define ENGLISH MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US)
#define GERMAN  MAKELANGID(LANG_GERMAN, SUBLANG_GERMAN)

static void check_resource(HMODULE module, HRSRC resource, const char *expected)
{
    DWORD size = (DWORD)strlen(expected);

    if (!CHECK(resource != NULL))
        return;
    if (CHECK_EQ(SizeofResource(module, resource), size))
        CHECK_MEM(LockResource(LoadResource(module, resource)), expected, size);
}

static void check_module(HMODULE module)
{
    check_resource(module, FindResourceW(module, MAKEINTRESOURCEW(7), DATA), "seven in English");
    check_resource(module, FindResourceA(module, MAKEINTRESOURCEA(7), DATA_A), "seven in English");
    check_resource(module, FindResourceA(module, "#7", "#10"), "seven in English");
    check_resource(module, FindResourceW(module, L"NAMED", DATA), "named");
    check_resource(module, FindResourceW(module, L"named", DATA), "named");
    check_resource(module, FindResourceA(module, "Named", DATA_A), "named");
    check_resource(module, FindResourceW(module, MAKEINTRESOURCEW(1), L"STRANGE"), "a type with a name");
    check_resource(module, FindResourceW(module, L"#1", L"Strange"), "a type with a name");
    check_resource(module, FindResourceW(module, MAKEINTRESOURCEW(8), DATA), "acht");
    check_resource(module, FindResourceW(module, MAKEINTRESOURCEW(9), DATA), "nine");
    check_resource(module, FindResourceExW(module, DATA, MAKEINTRESOURCEW(7), GERMAN), "sieben");
    check_resource(module, FindResourceExA(module, DATA_A, MAKEINTRESOURCEA(7), ENGLISH), "seven in English");
    check_resource(module, FindResourceExW(module, DATA, MAKEINTRESOURCEW(9), GERMAN), "nine");
    CHECK_ERROR(FindResourceW(module, MAKEINTRESOURCEW(6), DATA) == NULL, ERROR_RESOURCE_NAME_NOT_FOUND);
    CHECK_ERROR(FindResourceW(module, L"absent", DATA) == NULL, ERROR_RESOURCE_NAME_NOT_FOUND);
    CHECK_ERROR(FindResourceW(module, MAKEINTRESOURCEW(7), L"absent") == NULL, ERROR_RESOURCE_TYPE_NOT_FOUND);
}

TEST(of_the_program)
{
    check_module(NULL);
    check_module(GetModuleHandleW(NULL));
}

TEST(of_a_file_mapped_as_data)
{
    static const DWORD flags[] = {LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE, LOAD_LIBRARY_AS_IMAGE_RESOURCE};
    WCHAR path[MAX_PATH];

    GetModuleFileNameW(NULL, path, MAX_PATH);
    CHECK(CopyFileW(path, L"copy.dll", FALSE));
    for (int i = 0; i < 2; i++) {
        HMODULE module = LoadLibraryExW(L".\\copy.dll", NULL, flags[i]);

        if (CHECK(module != NULL))
            check_module(module);
        CHECK(FreeLibrary(module));
    }
    CHECK(DeleteFileW(L"copy.dll"));
}

TEST(a_resource_that_is_none)
{
    CHECK(LoadResource(NULL, NULL) == NULL);
    CHECK_EQ(SizeofResource(NULL, NULL), 0);
    CHECK(LockResource(NULL) == NULL);
}

static BOOL CALLBACK count_types(HMODULE module, LPWSTR type, LONG_PTR parameter)
{
    (void)module;
    if (type == (LPWSTR)DATA)
        ++*(int *)parameter;
    else if (!IS_INTRESOURCE(type) && wcscmp(type, L"STRANGE") == 0)
        *(int *)parameter += 10;
    return TRUE;
}

static BOOL CALLBACK count_names(HMODULE module, LPCSTR type, LPSTR name, LONG_PTR parameter)
{
    (void)module;
    CHECK(type == DATA_A);
    *(int *)parameter += !IS_INTRESOURCE(name) ? (strcmp(name, "NAMED") == 0) * 100 : (int)(ULONG_PTR)name;
    return TRUE;
}

static BOOL CALLBACK count_languages(HMODULE module, LPCWSTR type, LPCWSTR name, WORD language,
                                     LONG_PTR parameter)
{
    (void)module;
    CHECK(type == DATA && name == MAKEINTRESOURCEW(7));
    *(int *)parameter += language;
    return TRUE;
}

static BOOL CALLBACK stop(HMODULE module, LPCSTR type, LPSTR name, LONG_PTR parameter)
{
    (void)module, (void)type, (void)name;
    ++*(int *)parameter;
    return FALSE;
}

TEST(lists)
{
    int sum = 0;

    CHECK(EnumResourceTypesW(NULL, count_types, (LONG_PTR)&sum));
    CHECK_EQ(sum, 11);
    sum = 0;
    CHECK(EnumResourceNamesA(NULL, DATA_A, count_names, (LONG_PTR)&sum));
    CHECK_EQ(sum, 100 + 7 + 8 + 9);
    sum = 0;
    CHECK(EnumResourceLanguagesW(NULL, DATA, MAKEINTRESOURCEW(7), count_languages, (LONG_PTR)&sum));
    CHECK_EQ(sum, ENGLISH + GERMAN);
    sum = 0;
    CHECK_ERROR(!EnumResourceNamesA(NULL, "absent", count_names, (LONG_PTR)&sum),
                ERROR_RESOURCE_TYPE_NOT_FOUND);
    CHECK_EQ(sum, 0);
    UNLESS_WINE("it sets no error")
    CHECK_ERROR(!EnumResourceNamesA(NULL, DATA_A, stop, (LONG_PTR)&sum), ERROR_RESOURCE_ENUM_USER_STOP);
}

TEST(strings)
{
    WCHAR wide[40];
    char text[40];
    const WCHAR *resource = NULL;

    CHECK_EQ(LoadStringW(NULL, 33, wide, 40), 12);
    CHECK_WSTR(wide, L"thirty-three");
    CHECK_EQ(LoadStringW(NULL, 33, wide, 7), 6);
    CHECK_WSTR(wide, L"thirty");
    CHECK_EQ(LoadStringA(NULL, 40, text, sizeof text), 5);
    CHECK_STR(text, "forty");
    CHECK_EQ(LoadStringA(NULL, 40, text, 3), 2);
    CHECK_STR(text, "fo");
    CHECK_EQ(LoadStringW(NULL, 40, (WCHAR *)&resource, 0), 5);
    CHECK(resource && resource[0] == 'f' && resource[-1] == 5);
    CHECK_EQ(LoadStringW(NULL, 34, wide, 40), 0);
    CHECK_EQ(LoadStringW(NULL, 500, wide, 40), 0);
}

int main(void)
{
    RUN(of_the_program);
    RUN(of_a_file_mapped_as_data);
    RUN(a_resource_that_is_none);
    RUN(lists);
    RUN(strings);
    return CHECK_END();
}
