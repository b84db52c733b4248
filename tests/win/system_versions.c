/* Whether this Windows is new enough, and for which one a program is made. */
#include "check.h"

static BOOL verify(DWORD major, DWORD minor, WORD service_pack, BYTE condition)
{
    OSVERSIONINFOEXW wanted = {
        .dwOSVersionInfoSize = sizeof wanted,
        .dwMajorVersion = major,
        .dwMinorVersion = minor,
        .wServicePackMajor = service_pack,
    };
    ULONGLONG mask = VerSetConditionMask(0, VER_MAJORVERSION, condition);

    mask = VerSetConditionMask(mask, VER_MINORVERSION, condition);
    mask = VerSetConditionMask(mask, VER_SERVICEPACKMAJOR, condition);
    return VerifyVersionInfoW(&wanted, VER_MAJORVERSION | VER_MINORVERSION | VER_SERVICEPACKMAJOR, mask);
}

TEST(masks)
{
    CHECK_EQ(VerSetConditionMask(0, VER_MINORVERSION, VER_EQUAL), 1);
    CHECK_EQ(VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL), 3 << 3);
    CHECK_EQ(VerSetConditionMask(1, VER_PRODUCT_TYPE, VER_EQUAL), (1 << 21) | 1);
    CHECK_EQ(VerSetConditionMask(5, 0, VER_EQUAL), 5);
}

/* A part of the version counts only where those before it are equal. */
TEST(versions)
{
    OSVERSIONINFOEXW own = {.dwOSVersionInfoSize = sizeof own};

    CHECK(GetVersionExW((OSVERSIONINFOW *)&own));
    DWORD major = own.dwMajorVersion, minor = own.dwMinorVersion, pack = own.wServicePackMajor;
    CHECK(verify(major, minor, pack, VER_EQUAL));
    CHECK(verify(major, minor, pack, VER_GREATER_EQUAL));
    CHECK(verify(major - 1, minor + 1, 9, VER_GREATER_EQUAL));
    CHECK(verify(major - 1, minor + 1, 9, VER_GREATER));
    CHECK(verify(major + 1, 0, 0, VER_LESS));
    CHECK_ERROR(!verify(major, minor + 1, 0, VER_GREATER_EQUAL), ERROR_OLD_WIN_VERSION);
    CHECK_ERROR(!verify(major, minor, pack + 1, VER_GREATER_EQUAL), ERROR_OLD_WIN_VERSION);
    CHECK_ERROR(!verify(major + 1, 0, 0, VER_GREATER_EQUAL), ERROR_OLD_WIN_VERSION);
    CHECK_ERROR(!verify(major, minor, pack, VER_GREATER), ERROR_OLD_WIN_VERSION);
    CHECK_ERROR(!verify(major - 1, minor, 0, VER_EQUAL), ERROR_OLD_WIN_VERSION);
}

TEST(other_parts)
{
    OSVERSIONINFOEXA wanted = {.dwOSVersionInfoSize = sizeof wanted, .wProductType = VER_NT_WORKSTATION};

    wanted.dwPlatformId = VER_PLATFORM_WIN32_NT;
    CHECK(VerifyVersionInfoA(&wanted, VER_PRODUCT_TYPE, VerSetConditionMask(0, VER_PRODUCT_TYPE, VER_EQUAL)));
    CHECK(VerifyVersionInfoA(&wanted, VER_PLATFORMID, VerSetConditionMask(0, VER_PLATFORMID, VER_EQUAL)));
    CHECK(VerifyVersionInfoA(&wanted, VER_BUILDNUMBER, VerSetConditionMask(0, VER_BUILDNUMBER, VER_GREATER)));
    CHECK(VerifyVersionInfoA(&wanted, VER_SUITENAME, VerSetConditionMask(0, VER_SUITENAME, VER_AND)));
    wanted.wSuiteMask = VER_SUITE_DATACENTER;
    CHECK_ERROR(!VerifyVersionInfoA(&wanted, VER_SUITENAME, VerSetConditionMask(0, VER_SUITENAME, VER_AND)),
                ERROR_OLD_WIN_VERSION);
    wanted.wProductType = VER_NT_SERVER;
    CHECK_ERROR(
        !VerifyVersionInfoA(&wanted, VER_PRODUCT_TYPE, VerSetConditionMask(0, VER_PRODUCT_TYPE, VER_EQUAL)),
        ERROR_OLD_WIN_VERSION);
}

TEST(what_cannot_be_asked)
{
    OSVERSIONINFOEXW wanted = {.dwOSVersionInfoSize = sizeof wanted};
    ULONGLONG mask = VerSetConditionMask(0, VER_MAJORVERSION, VER_EQUAL);

    CHECK_ERROR(!VerifyVersionInfoW(&wanted, 0, mask), ERROR_BAD_ARGUMENTS);
    CHECK_ERROR(!VerifyVersionInfoW(&wanted, VER_MAJORVERSION, 0), ERROR_BAD_ARGUMENTS);
    UNLESS_WINE("it takes no condition for a failed one")
    CHECK_ERROR(!VerifyVersionInfoW(&wanted, VER_BUILDNUMBER, mask), ERROR_BAD_ARGUMENTS);
}

static void write_file(const char *name, const void *bytes, DWORD size)
{
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD written;

    WriteFile(file, bytes, size, &written, NULL);
    CloseHandle(file);
}

TEST(kinds_of_programs)
{
    char own[MAX_PATH];
    DWORD type = 99;
    IMAGE_DOS_HEADER dos = {.e_magic = IMAGE_DOS_SIGNATURE, .e_lfanew = sizeof dos};

    GetModuleFileNameA(NULL, own, MAX_PATH);
    CHECK(GetBinaryTypeA(own, &type));
    CHECK_EQ(type, sizeof(void *) == 8 ? SCS_64BIT_BINARY : SCS_32BIT_BINARY);
    write_file("dos.exe", &dos, sizeof dos);
    CHECK(GetBinaryTypeW(L"dos.exe", &type));
    CHECK_EQ(type, SCS_DOS_BINARY);
    CHECK(DeleteFileA("dos.exe"));
    write_file("text.com", "text", 4);
    CHECK(GetBinaryTypeA("text.com", &type));
    CHECK_EQ(type, SCS_DOS_BINARY);
    CHECK(DeleteFileA("text.com"));
    type = 99;
    write_file("text.exe", "text", 4);
    UNLESS_WINE("it sets no error") CHECK_ERROR(!GetBinaryTypeA("text.exe", &type), ERROR_BAD_EXE_FORMAT);
    CHECK(DeleteFileA("text.exe"));
    CHECK_ERROR(!GetBinaryTypeA("missing.exe", &type), ERROR_FILE_NOT_FOUND);
    UNLESS_WINE("it says nothing about libraries")
    CHECK_ERROR(!GetBinaryTypeA("C:\\windows\\system32\\kernel32.dll", &type), ERROR_BAD_EXE_FORMAT);
    CHECK_EQ(type, 99);
}

int main(void)
{
    RUN(masks);
    RUN(versions);
    RUN(other_parts);
    RUN(what_cannot_be_asked);
    RUN(kinds_of_programs);
    return CHECK_END();
}
