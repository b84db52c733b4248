/* The process as it finds itself: TEB, PEB, the page that all processes share, parameters, registers. */
#include "check.h"
#include <stddef.h>
#include <string.h>
#include <wchar.h>

#ifdef _WIN64
#define TEB_AT(x64, x86)       ((ULONG_PTR)__readgsqword(x64))
#define OFFSET(x64, x86)       (x64)
#define TEB_DWORD_AT(x64, x86) ((DWORD)__readgsdword(x64))
#else
#define TEB_AT(x64, x86)       ((ULONG_PTR)__readfsdword(x86))
#define OFFSET(x64, x86)       (x86)
#define TEB_DWORD_AT(x64, x86) ((DWORD)__readfsdword(x86))
#endif

static ULONG_PTR pointer_at(const void *base, SIZE_T offset)
{
    ULONG_PTR value;

    memcpy(&value, (const char *)base + offset, sizeof value);
    return value;
}

static ULONG dword_at(const void *base, SIZE_T offset)
{
    ULONG value;

    memcpy(&value, (const char *)base + offset, sizeof value);
    return value;
}

static void *peb(void)
{
    return (void *)TEB_AT(0x60, 0x30);
}

TEST(the_threads_block)
{
    char here;
    void *teb = (void *)TEB_AT(0x30, 0x18);
    DWORD slot = TlsAlloc();

    CHECK_PTR(NtCurrentTeb(), teb);
    CHECK(TEB_AT(0x08, 0x04) > (ULONG_PTR)&here);
    CHECK(TEB_AT(0x10, 0x08) <= (ULONG_PTR)&here);
    CHECK_EQ(TEB_AT(0x40, 0x20), GetCurrentProcessId());
    CHECK_EQ(TEB_AT(0x48, 0x24), GetCurrentThreadId());
    CHECK(pointer_at(teb, OFFSET(0x1478, 0xE0C)) <= TEB_AT(0x10, 0x08));
    SetLastError(0x1234567);
    CHECK_EQ(TEB_DWORD_AT(0x68, 0x34), 0x1234567);
    memcpy((char *)teb + OFFSET(0x68, 0x34), "\x78\x56\x34\x12", 4);
    CHECK_EQ(GetLastError(), 0x12345678);
    CHECK(slot < 64);
    TlsSetValue(slot, (void *)0x5A5A);
    CHECK_EQ(pointer_at(teb, OFFSET(0x1480, 0xE10) + slot * sizeof(void *)), 0x5A5A);
    TlsFree(slot);
#ifndef _WIN64
    /* The last exception registration, and the handlers' chain ends with -1. */
    CHECK(__readfsdword(0) != 0);
#endif
}

static DWORD WINAPI look_at_own_block(void *main_teb)
{
    char here;
    void *teb = (void *)TEB_AT(0x30, 0x18);

    CHECK(teb != main_teb);
    CHECK(TEB_AT(0x08, 0x04) > (ULONG_PTR)&here && TEB_AT(0x10, 0x08) <= (ULONG_PTR)&here);
    CHECK_EQ(TEB_AT(0x48, 0x24), GetCurrentThreadId());
    CHECK_PTR(TEB_AT(0x60, 0x30), ((void **)main_teb)[OFFSET(0x60 / 8, 0x30 / 4)]);
    return 0;
}

TEST(each_thread_has_a_block)
{
    HANDLE thread = CreateThread(NULL, 0, look_at_own_block, (void *)TEB_AT(0x30, 0x18), 0, NULL);

    CHECK_EQ(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    CloseHandle(thread);
}

TEST(the_processs_block)
{
    OSVERSIONINFOW version = {sizeof version};
    SYSTEM_INFO info;
    BOOL debugged = 2;

    GetSystemInfo(&info);
    CHECK_EQ(((BYTE *)peb())[2], IsDebuggerPresent() != 0);
    CHECK(CheckRemoteDebuggerPresent(GetCurrentProcess(), &debugged));
    CHECK_EQ(debugged, IsDebuggerPresent());
    CHECK_ERROR(!CheckRemoteDebuggerPresent(NULL, &debugged), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!CheckRemoteDebuggerPresent(GetCurrentProcess(), NULL), ERROR_INVALID_PARAMETER);
    CHECK_PTR(pointer_at(peb(), OFFSET(0x10, 0x08)), GetModuleHandleW(NULL));
    CHECK(pointer_at(peb(), OFFSET(0x18, 0x0C)) != 0);
    CHECK(pointer_at(peb(), OFFSET(0x20, 0x10)) != 0);
    CHECK_PTR(pointer_at(peb(), OFFSET(0x30, 0x18)), GetProcessHeap());
    CHECK_EQ(dword_at(peb(), OFFSET(0xB8, 0x64)), info.dwNumberOfProcessors);
    CHECK_EQ(dword_at(peb(), OFFSET(0xBC, 0x68)), 0);
    CHECK(GetVersionExW(&version));
    CHECK(version.dwMajorVersion >= 6);
    CHECK_EQ(version.dwPlatformId, VER_PLATFORM_WIN32_NT);
    CHECK(dword_at(peb(), OFFSET(0x118, 0xA4)) >= version.dwMajorVersion);
    CHECK(dword_at(peb(), OFFSET(0x120, 0xAC)) >= 7601);
    CHECK_EQ(dword_at(peb(), OFFSET(0x124, 0xB0)), VER_PLATFORM_WIN32_NT);
}

/* A UNICODE_STRING in the process parameters against what the API returns. */
static void check_parameter(SIZE_T offset, const WCHAR *expected)
{
    const char *parameters = (const char *)pointer_at(peb(), OFFSET(0x20, 0x10));
    WORD bytes;
    const WCHAR *text = (const WCHAR *)pointer_at(parameters, offset + sizeof(void *));

    memcpy(&bytes, parameters + offset, sizeof bytes);
    CHECK_EQ(bytes, wcslen(expected) * sizeof(WCHAR));
    CHECK_EQ(wcsncmp(text, expected, wcslen(expected)), 0);
}

TEST(the_processs_parameters)
{
    const void *parameters = (const void *)pointer_at(peb(), OFFSET(0x20, 0x10));
    WCHAR text[MAX_PATH];

    CHECK_PTR(pointer_at(parameters, OFFSET(0x20, 0x18)), GetStdHandle(STD_INPUT_HANDLE));
    CHECK_PTR(pointer_at(parameters, OFFSET(0x28, 0x1C)), GetStdHandle(STD_OUTPUT_HANDLE));
    CHECK_PTR(pointer_at(parameters, OFFSET(0x30, 0x20)), GetStdHandle(STD_ERROR_HANDLE));
    GetCurrentDirectoryW(MAX_PATH, text);
    if (text[wcslen(text) - 1] != L'\\')
        wcscat(text, L"\\");
    check_parameter(OFFSET(0x38, 0x24), text);
    GetModuleFileNameW(NULL, text, MAX_PATH);
    check_parameter(OFFSET(0x60, 0x38), text);
    check_parameter(OFFSET(0x70, 0x40), GetCommandLineW());
    CHECK(pointer_at(parameters, OFFSET(0x80, 0x48)) != 0);
}

static ULONGLONG shared_time(SIZE_T offset)
{
    const volatile LONG *parts = (const volatile LONG *)(ULONG_PTR)(0x7FFE0000 + offset);
    LONG high, low;

    do {
        high = parts[1];
        low = parts[0];
    } while (high != parts[2]);
    return ((ULONGLONG)(ULONG)high << 32) | (ULONG)low;
}

static ULONGLONG system_time(void)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return ((ULONGLONG)now.dwHighDateTime << 32) | now.dwLowDateTime;
}

TEST(the_shared_page)
{
    const BYTE *shared = (const BYTE *)0x7FFE0000;
    MEMORY_BASIC_INFORMATION region;
    ULONGLONG interrupt = shared_time(0x08), started = GetTickCount64(), before, now;
    int advanced = 0;

    before = system_time();
    now = shared_time(0x14);
    CHECK(now + 10000000 > before && now < before + 10000000);
    for (int i = 0; i < 200 && !advanced; i++) {
        Sleep(5);
        advanced = shared_time(0x08) > interrupt && shared_time(0x14) > now;
    }
    CHECK(advanced);
    now = (shared_time(0x320) * dword_at(shared, 4)) >> 24;
    CHECK(now + 100 > started && now < GetTickCount64() + 100);
    CHECK_EQ(memcmp(shared + 0x30, L"C:\\", 6) == 0 || memcmp(shared + 0x30, L"c:\\", 6) == 0, 1);
    CHECK(dword_at(shared, 0x26C) >= 6);
    CHECK_EQ(VirtualQuery(shared, &region, sizeof region), sizeof region);
    CHECK_EQ(region.Protect, PAGE_READONLY);
}

TEST(identity)
{
    DWORD code = 0;
    HANDLE self;

    CHECK(GetCurrentProcessId() != 0);
    CHECK(GetCurrentThreadId() != 0);
    CHECK(GetExitCodeProcess(GetCurrentProcess(), &code));
    CHECK_EQ(code, STILL_ACTIVE);
    self = OpenProcess(PROCESS_QUERY_INFORMATION | SYNCHRONIZE, FALSE, GetCurrentProcessId());
    CHECK(self != NULL);
    CHECK_EQ(WaitForSingleObject(self, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(self));
    CHECK_ERROR(OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, 0x7FFFFFF0) == NULL, ERROR_INVALID_PARAMETER);
}

TEST(start_up_information)
{
    STARTUPINFOW wide;
    STARTUPINFOA narrow;

    memset(&wide, 0xEE, sizeof wide);
    memset(&narrow, 0xEE, sizeof narrow);
    GetStartupInfoW(&wide);
    GetStartupInfoA(&narrow);
    CHECK_EQ(wide.cb, sizeof wide);
    CHECK_EQ(narrow.cb, sizeof narrow);
    CHECK_EQ(wide.dwFlags, narrow.dwFlags);
    CHECK_PTR(wide.lpReserved, NULL);
}

TEST(the_command_line)
{
    const WCHAR *wide = GetCommandLineW();
    const char *narrow = GetCommandLineA();

    CHECK(wcsstr(wide, L"process.exe") != NULL);
    CHECK(strstr(narrow, "process.exe") != NULL);
    CHECK_PTR(GetCommandLineW(), wide);
    CHECK_PTR(GetCommandLineA(), narrow);
    CHECK_EQ(strlen(narrow), wcslen(wide));
}

TEST(the_floating_point_unit)
{
    unsigned mxcsr;

    __asm__("stmxcsr %0" : "=m"(mxcsr));
    CHECK_EQ(mxcsr & 0xFFC0, 0x1F80);
}

TEST(what_the_processor_can)
{
    CHECK(IsProcessorFeaturePresent(PF_XMMI_INSTRUCTIONS_AVAILABLE));
    CHECK(IsProcessorFeaturePresent(PF_XMMI64_INSTRUCTIONS_AVAILABLE));
    CHECK(IsProcessorFeaturePresent(PF_COMPARE_EXCHANGE_DOUBLE));
    CHECK(IsProcessorFeaturePresent(PF_RDTSC_INSTRUCTION_AVAILABLE));
    CHECK(!IsProcessorFeaturePresent(0xFFFF));
}

int main(void)
{
    RUN(the_threads_block);
    RUN(each_thread_has_a_block);
    RUN(the_processs_block);
    RUN(the_processs_parameters);
    RUN(the_shared_page);
    RUN(identity);
    RUN(start_up_information);
    RUN(the_command_line);
    RUN(the_floating_point_unit);
    RUN(what_the_processor_can);
    return CHECK_END();
}
