/* Version resources: this program's own, the system's, and files without one. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

static WCHAR own_path[MAX_PATH];

static void *own_version(void)
{
    DWORD size = GetFileVersionInfoSizeW(own_path, NULL);
    void *data = malloc(size);

    CHECK(size > 0);
    CHECK(GetFileVersionInfoW(own_path, 0, size, data));
    return data;
}

TEST(sizes)
{
    DWORD zeroed = 1;
    char narrow[MAX_PATH];

    GetModuleFileNameA(NULL, narrow, MAX_PATH);
    DWORD size = GetFileVersionInfoSizeW(own_path, &zeroed);
    CHECK(size > 0);
    CHECK_EQ(zeroed, 0);
    CHECK_EQ(GetFileVersionInfoSizeA(narrow, NULL), size);
    /* MinGW-w64's import library for i386 lacks the next two. */
    HMODULE version = GetModuleHandleA("version.dll");
    DWORD(WINAPI * size_wide)
    (DWORD, LPCWSTR, DWORD *) = (void *)GetProcAddress(version, "GetFileVersionInfoSizeExW");
    DWORD(WINAPI * size_narrow)
    (DWORD, LPCSTR, DWORD *) = (void *)GetProcAddress(version, "GetFileVersionInfoSizeExA");
    CHECK_EQ(size_wide(FILE_VER_GET_NEUTRAL, own_path, &zeroed), size);
    CHECK_EQ(size_narrow(FILE_VER_GET_NEUTRAL, narrow, &zeroed), size);
}

TEST(files_without_a_version)
{
    DWORD zeroed = 1;
    char data[64];
    HANDLE file = CreateFileA("text.txt", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    WriteFile(file, "no image", 8, &zeroed, NULL);
    CloseHandle(file);
    CHECK_ERROR(!GetFileVersionInfoSizeA("text.txt", &zeroed), ERROR_RESOURCE_DATA_NOT_FOUND);
    CHECK_EQ(zeroed, 0);
    CHECK(DeleteFileA("text.txt"));
    CHECK_ERROR(!GetFileVersionInfoSizeA(".\\missing.dll", &zeroed), ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(!GetFileVersionInfoA(".\\missing.dll", 0, sizeof data, data), ERROR_FILE_NOT_FOUND);
    CHECK(!GetFileVersionInfoSizeW(NULL, &zeroed));
    CHECK(!GetFileVersionInfoSizeA(NULL, &zeroed));
    CHECK(!GetFileVersionInfoSizeA("", &zeroed));
}

TEST(the_fixed_part)
{
    VS_FIXEDFILEINFO *fixed = NULL;
    UINT length = 0;
    void *data = own_version();

    CHECK(VerQueryValueW(data, L"\\", (void **)&fixed, &length));
    CHECK_EQ(length, sizeof *fixed);
    CHECK_EQ(fixed->dwSignature, 0xfeef04bd);
    CHECK_EQ(fixed->dwFileVersionMS, 0x10002);
    CHECK_EQ(fixed->dwFileVersionLS, 0x30004);
    CHECK_EQ(fixed->dwProductVersionMS, 0x50006);
    fixed = NULL;
    CHECK(VerQueryValueA(data, "", (void **)&fixed, &length));
    CHECK_EQ(length, sizeof *fixed);
    CHECK_EQ(fixed->dwProductVersionLS, 0x70008);
    free(data);
}

TEST(translations)
{
    static const WORD expected[] = {0x409, 1200, 0x407, 1200};
    WORD *found = NULL;
    UINT length = 0;
    void *data = own_version();

    CHECK(VerQueryValueW(data, L"\\VarFileInfo\\Translation", (void **)&found, &length));
    CHECK_EQ(length, sizeof expected);
    CHECK_MEM(found, expected, sizeof expected);
    CHECK(VerQueryValueA(data, "\\varfileinfo\\translation", (void **)&found, &length));
    CHECK_EQ(length, sizeof expected);
    CHECK_MEM(found, expected, sizeof expected);
    free(data);
}

TEST(strings)
{
    WCHAR *wide = NULL;
    char *narrow = NULL;
    UINT length = 0;
    void *data = own_version();

    CHECK(VerQueryValueW(data, L"\\StringFileInfo\\040904B0\\ProductName", (void **)&wide, &length));
    CHECK_WSTR(wide, L"versions");
    CHECK_EQ(length, 9);
    CHECK(VerQueryValueW(data, L"\\StringFileInfo\\040704b0\\ProductName", (void **)&wide, &length));
    CHECK_WSTR(wide, L"Versionen");
    CHECK_EQ(length, 10);
    CHECK(VerQueryValueA(data, "StringFileInfo\\040904b0\\\\FILE", (void **)&narrow, &length));
    CHECK_STR(narrow, "short");
    CHECK_EQ(length, 6);
    CHECK(VerQueryValueA(data, "\\StringFileInfo\\040904B0\\FileVersion", (void **)&narrow, &length));
    CHECK_STR(narrow, "1.2.3.4");
    /* What has been converted stays while more is. */
    char *second = NULL;
    CHECK(VerQueryValueA(data, "\\StringFileInfo\\040704B0\\ProductName", (void **)&second, &length));
    CHECK_STR(second, "Versionen");
    CHECK_STR(narrow, "1.2.3.4");
    free(data);
}

/* In a code page where they take more room than in UTF-16, too. */
TEST(long_strings)
{
    WCHAR *wide = NULL;
    char *narrow = NULL, expected[64];
    UINT length = 0;
    void *data = own_version();

    CHECK(VerQueryValueW(data, L"\\StringFileInfo\\040904B0\\Comments", (void **)&wide, &length));
    CHECK_EQ(length, 17);
    CHECK_EQ(wide[15], 0x6587);
    int size = WideCharToMultiByte(CP_ACP, 0, wide, -1, expected, sizeof expected, NULL, NULL);
    CHECK(VerQueryValueA(data, "\\StringFileInfo\\040904B0\\Comments", (void **)&narrow, &length));
    CHECK_EQ(length, size);
    CHECK_STR(narrow, expected);
    free(data);
}

static void check_missing(const void *data, const WCHAR *path)
{
    void *value = &value;
    UINT length = 1;

    CHECK_ERROR(!VerQueryValueW(data, path, &value, &length), ERROR_RESOURCE_TYPE_NOT_FOUND);
    CHECK_PTR(value, &value);
    CHECK_EQ(length, 0);
}

TEST(what_is_not_there)
{
    void *data = own_version(), *value;
    UINT length = 1;

    check_missing(data, L"\\StringFileInfo\\040904B0\\Product");
    check_missing(data, L"\\StringFileInfo\\040904B0\\ProductName\\More");
    check_missing(data, L"\\StringFileInfo\\04090000\\ProductName");
    check_missing(data, L"ProductName");
    CHECK(VerQueryValueW(data, L"\\StringFileInfo\\040904B0", &value, &length));
    CHECK_EQ(length, 0);
    CHECK_ERROR(!VerQueryValueA(data, "missing", &value, &length), ERROR_RESOURCE_TYPE_NOT_FOUND);
    free(data);
}

/* A buffer that is too small gets what there is room for, and nothing behind it is touched. */
TEST(small_buffers)
{
    static const char untouched[] = "untouched";
    DWORD size = GetFileVersionInfoSizeW(own_path, NULL);

    for (DWORD part = 400; part < size; part += 99) {
        char *data = malloc(part + sizeof untouched);
        VS_FIXEDFILEINFO *fixed = NULL;
        void *value;
        UINT length;
        memcpy(data + part, untouched, sizeof untouched);
        CHECK(GetFileVersionInfoW(own_path, 0, part, data));
        CHECK(VerQueryValueA(data, "\\", (void **)&fixed, &length));
        CHECK_EQ(fixed->dwFileVersionMS, 0x10002);
        VerQueryValueA(data, "\\StringFileInfo\\040904B0\\Comments", &value, &length);
        VerQueryValueA(data, "\\StringFileInfo\\040704B0\\ProductName", &value, &length);
        UNLESS_WINE("converted texts are written there") CHECK_STR(data + part, untouched);
        free(data);
    }
}

/* Lengths that lead out of their block. */
TEST(damaged_blocks)
{
    WORD *data = own_version();
    void *value;
    UINT length;

    for (WORD at = 0; at < data[0] / sizeof *data; at++) {
        WORD *copy = malloc(data[0] * 4);
        memcpy(copy, data, data[0]);
        if (at)
            copy[at] = 0xffff;
        VerQueryValueW(copy, L"\\StringFileInfo\\040704B0\\ProductName", &value, &length);
        VerQueryValueW(copy, L"\\VarFileInfo\\Translation", &value, &length);
        free(copy);
    }
    CHECK(VerQueryValueW(data, L"\\", &value, &length));
    free(data);
}

TEST(system_files)
{
    VS_FIXEDFILEINFO *fixed = NULL;
    UINT length;
    DWORD size = GetFileVersionInfoSizeA("kernel32.dll", NULL);
    char *data = malloc(size);

    CHECK(size > 0);
    CHECK(GetFileVersionInfoA("kernel32.dll", 0, size, data));
    CHECK(VerQueryValueA(data, "\\", (void **)&fixed, &length));
    UNLESS_WINE("its version follows the registry") CHECK_EQ(fixed->dwFileVersionMS, MAKELONG(0, 10));
    CHECK_EQ(fixed->dwFileType, VFT_DLL);
    free(data);
}

int main(void)
{
    GetModuleFileNameW(NULL, own_path, MAX_PATH);
    RUN(sizes);
    RUN(files_without_a_version);
    RUN(the_fixed_part);
    RUN(translations);
    RUN(strings);
    RUN(long_strings);
    RUN(what_is_not_there);
    RUN(small_buffers);
    RUN(damaged_blocks);
    RUN(system_files);
    return CHECK_END();
}
