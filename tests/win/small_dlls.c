/* DLLs of which programs use a function or two: winmm, powrprof, bcrypt, bcryptprimitives, userenv, psapi,
 * oleaut32, user32's text, advapi32's random numbers and tokens, ws2_32's catalogue of protocols, ntdll's
 * version. */
#include <winsock2.h>
#include "check.h"
#include <bcrypt.h>
#include <mmsystem.h>
#include <ntstatus.h>
#include <ole2.h>
#include <psapi.h>
#include <userenv.h>
#include <wincrypt.h>
#include <winternl.h>

static FARPROC find(const char *dll, const char *name)
{
    HMODULE module = LoadLibraryA(dll);

    CHECK(module);
    return GetProcAddress(module, name);
}

TEST(a_clock_in_milliseconds)
{
    TIMECAPS caps = {0};
    MMTIME time = {0};
    DWORD before = GetTickCount(), now = timeGetTime();

    CHECK(now - before < 60000);
    Sleep(20);
    CHECK(timeGetTime() - now >= 19);
    CHECK_EQ(timeGetDevCaps(&caps, sizeof caps), TIMERR_NOERROR);
    CHECK_EQ(caps.wPeriodMin, 1);
    CHECK(caps.wPeriodMax >= 1000);
    CHECK_EQ(timeGetDevCaps(NULL, sizeof caps), TIMERR_NOCANDO);
    CHECK_EQ(timeGetDevCaps(&caps, sizeof caps - 1), TIMERR_NOCANDO);
    CHECK_EQ(timeBeginPeriod(1), TIMERR_NOERROR);
    CHECK_EQ(timeEndPeriod(1), TIMERR_NOERROR);
    CHECK_EQ(timeBeginPeriod(0), TIMERR_NOCANDO);
    CHECK_EQ(timeEndPeriod(0), TIMERR_NOCANDO);
    CHECK_EQ(timeGetSystemTime(&time, sizeof time), TIMERR_NOERROR);
    CHECK_EQ(time.wType, TIME_MS);
    CHECK(time.u.ms - now < 60000);
}

TEST(no_policy_asks_for_validated_algorithms)
{
    BOOLEAN enabled = 7;

    CHECK_EQ(BCryptGetFipsAlgorithmMode(&enabled), STATUS_SUCCESS);
    CHECK_EQ(enabled, FALSE);
    CHECK_EQ(BCryptGetFipsAlgorithmMode(NULL), STATUS_INVALID_PARAMETER);
}

static int all_zero(const BYTE *bytes, int count)
{
    while (count && !*bytes)
        bytes++, count--;
    return !count;
}

/* 300 bytes: more than Linux gives at once without a chance of interruption. */
static BYTE random_bytes[4][300];

TEST(random_bytes_from_everywhere)
{
    HMODULE primitives = LoadLibraryA("bcryptprimitives.dll");
    BOOL(WINAPI * process_prng)(BYTE *, SIZE_T) = (void *)GetProcAddress(primitives, "ProcessPrng");
    BOOLEAN(WINAPI * rtl_gen_random)(void *, ULONG) = (void *)find("advapi32.dll", "SystemFunction036");
    ULONG size = sizeof random_bytes[0];

    UNLESS_WINE("Wine 8 has no such DLL") CHECK(process_prng && process_prng(random_bytes[0], size));
    CHECK(rtl_gen_random(random_bytes[1], size));
    CHECK_EQ(BCryptGenRandom(NULL, random_bytes[2], size, BCRYPT_USE_SYSTEM_PREFERRED_RNG), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++)
        UNLESS_WINE("Wine 8 has no such DLL") CHECK(!all_zero(random_bytes[i], size));
    CHECK(memcmp(random_bytes[1], random_bytes[2], size));
    CHECK(rtl_gen_random(random_bytes[0], 1));
    CHECK(rtl_gen_random(random_bytes[0], 0));
    CHECK(all_zero(random_bytes[3], size));
}

TEST(a_generator_of_random_numbers_that_is_opened)
{
    BCRYPT_ALG_HANDLE generator = NULL;
    BYTE bytes[16] = {0};

    CHECK_EQ(BCryptOpenAlgorithmProvider(&generator, BCRYPT_RNG_ALGORITHM, NULL, 0), STATUS_SUCCESS);
    CHECK(generator);
    CHECK_EQ(BCryptGenRandom(generator, bytes, sizeof bytes, 0), STATUS_SUCCESS);
    CHECK(!all_zero(bytes, sizeof bytes));
    CHECK_EQ(BCryptGenRandom(generator, NULL, sizeof bytes, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(BCryptCloseAlgorithmProvider(generator, 0), STATUS_SUCCESS);
    CHECK_EQ(BCryptCloseAlgorithmProvider(NULL, 0), STATUS_INVALID_HANDLE);
    CHECK_EQ(BCryptGenRandom(NULL, bytes, sizeof bytes, 0), STATUS_INVALID_HANDLE);
    CHECK_EQ(BCryptOpenAlgorithmProvider(NULL, BCRYPT_RNG_ALGORITHM, NULL, 0), STATUS_INVALID_PARAMETER);
    UNLESS_WINE("Wine 8 has STATUS_NOT_IMPLEMENTED for it")
    CHECK_EQ(BCryptOpenAlgorithmProvider(&generator, L"no such algorithm", NULL, 0), STATUS_NOT_FOUND);
}

TEST(providers_without_keys)
{
    HCRYPTPROV provider = 1, second;
    BYTE bytes[64] = {0}, zeros[64] = {0};

    CHECK(CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT | CRYPT_SILENT));
    CHECK(CryptGenRandom(provider, sizeof bytes, bytes));
    CHECK(memcmp(bytes, zeros, sizeof bytes) != 0);
    CHECK(CryptContextAddRef(provider, NULL, 0));
    CHECK(CryptReleaseContext(provider, 0));
    CHECK(CryptGenRandom(provider, sizeof bytes, bytes));
    CHECK(CryptReleaseContext(provider, 0));
    CHECK_ERROR(!CryptGenRandom(0, sizeof bytes, bytes), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!CryptReleaseContext(0, 0), ERROR_INVALID_PARAMETER);
    CHECK(CryptAcquireContextW(&second, NULL, MS_ENH_RSA_AES_PROV_W, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    CHECK(CryptReleaseContext(second, 0));
    CHECK_ERROR(!CryptAcquireContextW(&second, NULL, NULL, 0, CRYPT_VERIFYCONTEXT), NTE_BAD_PROV_TYPE);
    CHECK_ERROR(!CryptAcquireContextW(&second, NULL, L"no such provider", PROV_RSA_FULL, CRYPT_VERIFYCONTEXT),
                NTE_KEYSET_NOT_DEF);
    CHECK_ERROR(!CryptAcquireContextW(&second, L"no such container", NULL, PROV_RSA_FULL, 0), NTE_BAD_KEYSET);
}

TEST(events_that_nobody_traces)
{
    ULONG(WINAPI * event_register)
    (const GUID *, void *, void *, ULONGLONG *) = (void *)find("advapi32.dll", "EventRegister");
    ULONG(WINAPI * event_unregister)(ULONGLONG) = (void *)find("advapi32.dll", "EventUnregister");
    ULONG(WINAPI * event_write)
    (ULONGLONG, const void *, ULONG, void *) = (void *)find("advapi32.dll", "EventWrite");
    BOOLEAN(WINAPI * event_enabled)(ULONGLONG, const void *) = (void *)find("advapi32.dll", "EventEnabled");
    static const GUID provider = {0x6c697465, 0x7769, 0x6e00, {1, 2, 3, 4, 5, 6, 7, 8}};
    static const ULONGLONG event[2] = {1, 0}; /* an EVENT_DESCRIPTOR */
    ULONGLONG handle = 0;

    CHECK_EQ(event_register(&provider, NULL, NULL, &handle), ERROR_SUCCESS);
    CHECK(handle != 0);
    CHECK(!event_enabled(handle, event));
    CHECK_EQ(event_write(handle, event, 0, NULL), ERROR_SUCCESS);
    CHECK_EQ(event_unregister(handle), ERROR_SUCCESS);
    UNLESS_WINE("it keeps no account of providers")
    {
        CHECK_EQ(event_unregister(handle), ERROR_INVALID_HANDLE);
        CHECK_EQ(event_unregister(0), ERROR_INVALID_HANDLE);
    }
}

TEST(tables_of_security_functions)
{
    HMODULE secur32 = LoadLibraryA("secur32.dll");
    ULONG_PTR *(WINAPI * table_wide)(void) = (void *)GetProcAddress(secur32, "InitSecurityInterfaceW");
    ULONG_PTR *(WINAPI * table_narrow)(void) = (void *)GetProcAddress(secur32, "InitSecurityInterfaceA");
    ULONG_PTR *wide = table_wide(), *narrow = table_narrow();

    CHECK((ULONG)wide[0] >= 1);
    for (int i = 1; i <= 16; i++) {
        CHECK(i == 5 || wide[i]);
        CHECK(i == 5 || narrow[i]);
    }
    UNLESS_WINE("the table leads to the functions behind the exports")
    {
        CHECK_PTR(wide[3], GetProcAddress(secur32, "AcquireCredentialsHandleW"));
        CHECK_PTR(narrow[6], GetProcAddress(secur32, "InitializeSecurityContextA"));
        CHECK_PTR(wide[16], GetProcAddress(secur32, "FreeContextBuffer"));
    }
}

TEST(no_display)
{
    CHECK_EQ(GetSystemMetrics(SM_CLEANBOOT), 0);
    CHECK_EQ(GetSystemMetrics(SM_REMOTESESSION), 0);
    CHECK(GetSystemMetrics(SM_NETWORK) & 1);
    CHECK_EQ(GetSystemMetrics(-1), 0);
}

TEST(the_directory_of_a_user)
{
    HANDLE token = (HANDLE)(LONG_PTR)-4;
    WCHAR path[MAX_PATH] = L"", profiles[MAX_PATH] = L"", variable[MAX_PATH];
    char narrow[MAX_PATH];
    DWORD size = 0, needed;

    CHECK_ERROR(!GetUserProfileDirectoryW(token, NULL, &size), ERROR_INSUFFICIENT_BUFFER);
    CHECK(size > 1);
    needed = size--;
    CHECK_ERROR(!GetUserProfileDirectoryW(token, path, &size), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, needed);
    CHECK(GetUserProfileDirectoryW(token, path, &size));
    CHECK_EQ(lstrlenW(path) + 1, needed);
    CHECK(GetEnvironmentVariableW(L"USERPROFILE", variable, MAX_PATH));
    CHECK_WSTR(path, variable);
    size = MAX_PATH;
    CHECK(GetUserProfileDirectoryA(token, narrow, &size));
    CHECK_EQ(size, needed);
    CHECK_EQ(lstrlenA(narrow) + 1, needed);
    size = MAX_PATH;
    CHECK(GetProfilesDirectoryW(profiles, &size));
    CHECK(!memcmp(path, profiles, lstrlenW(profiles) * sizeof *profiles));
    CHECK_ERROR(!GetUserProfileDirectoryW((HANDLE)(LONG_PTR)0xDEAD0, path, &size), ERROR_INVALID_HANDLE);
}

TEST(memory_of_a_process)
{
    PROCESS_MEMORY_COUNTERS_EX counters = {0};
    SIZE_T size = 16 << 20, before;
    char *block;

    CHECK(GetProcessMemoryInfo(GetCurrentProcess(), (PROCESS_MEMORY_COUNTERS *)&counters, sizeof counters));
    CHECK(counters.WorkingSetSize > 0);
    CHECK(counters.PeakWorkingSetSize >= counters.WorkingSetSize);
    before = counters.PrivateUsage;
    block = VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    for (SIZE_T i = 0; i < size; i += 4096)
        block[i] = 1;
    CHECK(GetProcessMemoryInfo(GetCurrentProcess(), (PROCESS_MEMORY_COUNTERS *)&counters, sizeof counters));
    UNLESS_WINE("Wine 8 counts neither")
    {
        CHECK(counters.PrivateUsage >= before + size / 2);
        CHECK(counters.PageFaultCount > 0);
    }
    VirtualFree(block, 0, MEM_RELEASE);
    CHECK_ERROR(!GetProcessMemoryInfo(GetCurrentProcess(), (PROCESS_MEMORY_COUNTERS *)&counters,
                                      sizeof(PROCESS_MEMORY_COUNTERS) - 1),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_ERROR(!GetProcessMemoryInfo(NULL, (PROCESS_MEMORY_COUNTERS *)&counters, sizeof counters),
                ERROR_INVALID_HANDLE);
}

TEST(modules_by_psapi)
{
    HMODULE(WINAPI * enumerate)
    (HANDLE, HMODULE *, DWORD, DWORD *) = (void *)find("psapi.dll", "EnumProcessModules");
    HMODULE modules[64] = {0};
    DWORD needed = 0;

    CHECK(enumerate(GetCurrentProcess(), modules, sizeof modules, &needed));
    CHECK(needed >= 3 * sizeof *modules);
    CHECK_PTR(modules[0], GetModuleHandleW(NULL));
}

TEST(no_notice_of_sleep_where_there_is_none)
{
    DWORD(WINAPI * subscribe)
    (DWORD, void *, void **) = (void *)find("powrprof.dll", "PowerRegisterSuspendResumeNotification");

    UNLESS_WINE("Wine 8 has no such function")
    CHECK_EQ(subscribe(2, NULL, NULL), ERROR_FILE_NOT_FOUND); /* as in Windows' containers */
}

TEST(boost_of_priority)
{
    BOOL disabled = 7;

    CHECK(GetProcessPriorityBoost(GetCurrentProcess(), &disabled));
    CHECK_EQ(disabled, FALSE);
    CHECK(SetProcessPriorityBoost(GetCurrentProcess(), TRUE));
    UNLESS_WINE("Wine 8 remembers nothing")
    {
        CHECK(GetProcessPriorityBoost(GetCurrentProcess(), &disabled));
        CHECK_EQ(disabled, TRUE);
    }
    CHECK(SetProcessPriorityBoost(GetCurrentProcess(), FALSE));
    UNLESS_WINE("Wine 8 looks at nothing")
    CHECK_ERROR(!SetProcessPriorityBoost(NULL, TRUE), ERROR_INVALID_HANDLE);
}

TEST(the_true_version)
{
    void(WINAPI * numbers)(DWORD *, DWORD *, DWORD *) = (void *)find("ntdll.dll", "RtlGetNtVersionNumbers");
    NTSTATUS(WINAPI * version)(OSVERSIONINFOEXW *) = (void *)find("ntdll.dll", "RtlGetVersion");
    PEB *(WINAPI * current_peb)(void) = (void *)find("ntdll.dll", "RtlGetCurrentPeb");
    OSVERSIONINFOEXW info = {sizeof info};
    DWORD major = 0, minor = 7, build = 0;

    numbers(&major, &minor, &build);
    numbers(NULL, NULL, NULL);
    CHECK_EQ(version(&info), STATUS_SUCCESS);
    CHECK_EQ(info.dwMajorVersion, major);
    CHECK_EQ(info.dwMinorVersion, minor);
    CHECK_EQ(info.dwBuildNumber, build & 0xFFFF);
    CHECK_EQ(build >> 28, 15);
    UNLESS_WINE("Wine may be configured for another version") CHECK_EQ(major, 10);
    CHECK_PTR(current_peb(), NtCurrentTeb()->ProcessEnvironmentBlock);
}

TEST(pointers_in_code)
{
    void *encoded = EncodePointer((void *)&random_bytes), *null = EncodePointer(NULL);

    CHECK_PTR(DecodePointer(encoded), (void *)&random_bytes);
    CHECK_PTR(DecodePointer(null), NULL);
    CHECK(encoded != (void *)&random_bytes);
    CHECK_PTR(EncodePointer((void *)&random_bytes), encoded);
}

TEST(the_token_of_the_process)
{
    TOKEN_PRIVILEGES privileges = {1}, previous = {7};
    HANDLE token = NULL;
    DWORD size = MAX_PATH, returned = 0;
    WCHAR path[MAX_PATH];
    LUID luid;

    CHECK(LookupPrivilegeValueW(NULL, L"SeDebugPrivilege", &luid));
    CHECK_EQ(luid.LowPart, 20);
    CHECK_EQ(luid.HighPart, 0);
    CHECK(LookupPrivilegeValueA(NULL, "sebackupprivilege", &luid));
    CHECK_EQ(luid.LowPart, 17);
    CHECK_ERROR(!LookupPrivilegeValueW(NULL, L"SeNoSuchPrivilege", &luid), ERROR_NO_SUCH_PRIVILEGE);
    CHECK(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    CHECK_ERROR(!AdjustTokenPrivileges(token, TRUE, NULL, 0, NULL, NULL), ERROR_ACCESS_DENIED);
    CHECK(GetUserProfileDirectoryW(token, path, &size));
    CHECK(CloseHandle(token));
    CHECK(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &token));
    SetLastError(1);
    CHECK(AdjustTokenPrivileges(token, TRUE, NULL, 0, NULL, NULL));
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    privileges.Privileges[0].Luid.LowPart = 2; /* to make tokens, which hardly anybody may */
    privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    CHECK(AdjustTokenPrivileges(token, FALSE, &privileges, sizeof previous, &previous, &returned));
    CHECK_EQ(GetLastError(), ERROR_NOT_ALL_ASSIGNED);
    CHECK_EQ(previous.PrivilegeCount, 0);
    CHECK(CloseHandle(token));
    CHECK_ERROR(!OpenProcessToken(NULL, TOKEN_QUERY, &token), ERROR_INVALID_HANDLE);
    CHECK_ERROR(!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token), ERROR_NO_TOKEN);
}

TEST(cases_of_characters)
{
    WCHAR text[] = L"aBc\x00e4";

    CHECK_PTR(CharUpperW(text), text);
    CHECK_WSTR(text, L"ABC\x00c4");
    CHECK_EQ(CharLowerBuffW(text + 1, 1), 1);
    CHECK_WSTR(text, L"AbC\x00c4");
    CHECK_PTR(CharLowerW(text), text);
    CHECK_WSTR(text, L"abc\x00e4");
    CHECK_EQ(CharUpperBuffW(text, 0), 0);
    CHECK_PTR(CharUpperW((WCHAR *)(ULONG_PTR)'x'), (void *)(ULONG_PTR)'X');
    CHECK_PTR(CharNextW(text), text + 1);
    CHECK_PTR(CharNextW(text + 4), text + 4);
    CHECK_PTR(CharPrevW(text, text + 2), text + 1);
    CHECK_PTR(CharPrevW(text, text), text);
    CHECK_STR(CharPrevExA(1252, "abc", "abc" + 3, 0), "c");
}

/* For interfaces in variants. */
static LONG references;

static HRESULT WINAPI query(IUnknown *this, REFIID id, void **result)
{
    (void)this, (void)id;
    *result = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI add_reference(IUnknown *this)
{
    (void)this;
    return ++references;
}

static ULONG WINAPI release(IUnknown *this)
{
    (void)this;
    return --references;
}

TEST(strings_of_automation)
{
    BSTR string = SysAllocString(L"text"), bytes = SysAllocStringByteLen("abc", 3);

    CHECK_WSTR(string, L"text");
    CHECK_EQ(SysStringLen(string), 4);
    CHECK_EQ(((DWORD *)string)[-1], 8);
    CHECK_EQ(SysStringByteLen(bytes), 3);
    CHECK_EQ(SysStringLen(bytes), 1);
    CHECK(SysReAllocStringLen(&string, L"a\0b", 3));
    CHECK_EQ(SysStringLen(string), 3);
    CHECK_MEM(string, L"a\0b", 8);
    CHECK(SysReAllocString(&string, L"new"));
    CHECK_WSTR(string, L"new");
    CHECK_EQ(SysStringLen(NULL), 0);
    CHECK(SysAllocString(NULL) == NULL);
    SysFreeString(NULL);
    SysFreeString(string);
    SysFreeString(bytes);
}

TEST(variants)
{
    static IUnknownVtbl table = {query, add_reference, release};
    IUnknown object = {&table};
    VARIANT from, to;

    VariantInit(&to);
    VariantInit(&from);
    CHECK_EQ(to.vt, VT_EMPTY);
    from.vt = VT_BSTR;
    from.bstrVal = SysAllocStringLen(L"x\0y", 3);
    CHECK_EQ(VariantCopy(&to, &from), S_OK);
    CHECK(to.vt == VT_BSTR && to.bstrVal != from.bstrVal);
    CHECK_MEM(to.bstrVal, L"x\0y", 8);
    CHECK_EQ(VariantClear(&from), S_OK);
    CHECK_EQ(from.vt, VT_EMPTY);
    from.vt = VT_UNKNOWN;
    from.punkVal = &object;
    references = 1;
    CHECK_EQ(VariantCopy(&to, &from), S_OK);
    CHECK_EQ(references, 2);
    CHECK_EQ(VariantClear(&to), S_OK);
    CHECK_EQ(VariantClear(&from), S_OK);
    CHECK_EQ(references, 0);
    from.vt = 0x0FFE;
    CHECK_EQ(VariantClear(&from), DISP_E_BADVARTYPE);
}

TEST(blocks_of_memory)
{
    char block[] = "abcdefgh";
    void(WINAPI * move)(void *, const void *, SIZE_T) = (void *)find("ntdll.dll", "RtlMoveMemory");
    void(WINAPI * fill)(void *, SIZE_T, UCHAR) = (void *)find("kernel32.dll", "RtlFillMemory");
    void(WINAPI * zero)(void *, SIZE_T) = (void *)find("kernel32.dll", "RtlZeroMemory");
    SIZE_T(WINAPI * compare)
    (const void *, const void *, SIZE_T) = (void *)find("ntdll.dll", "RtlCompareMemory");

    move(block + 1, block, 4);
    CHECK_STR(block, "aabcdfgh");
    fill(block, 2, 'x');
    CHECK_STR(block, "xxbcdfgh");
    CHECK_EQ(compare(block, "xxbcDfgh", 8), 4);
    CHECK_EQ(compare(block, "xxbcdfgh", 8), 8);
    CHECK_EQ(compare(block, "y", 0), 0);
    zero(block + 1, 2);
    CHECK_MEM(block, "x\0\0cdfgh", 9);
}

TEST(protocols_that_sockets_may_speak)
{
    static WSAPROTOCOL_INFOW all[32];
    static WSAPROTOCOL_INFOA narrow[32];
    INT tcp[] = {IPPROTO_TCP, 0}, unknown[] = {250, 0};
    DWORD size = 0, needed;
    WSADATA data;
    int count;

    UNLESS_WINE("Wine 8 answers before WSAStartup")
    CHECK_ERROR(WSAEnumProtocolsW(NULL, NULL, &size) == SOCKET_ERROR, WSANOTINITIALISED);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_ERROR(WSAEnumProtocolsW(tcp, NULL, &size) == SOCKET_ERROR, WSAENOBUFS);
    needed = size;
    CHECK(needed >= sizeof *all && needed % sizeof *all == 0);
    size = sizeof all;
    count = WSAEnumProtocolsW(tcp, all, &size);
    CHECK_EQ(count, needed / sizeof *all);
    for (int i = 0; i < count; i++) {
        CHECK_EQ(all[i].iProtocol, IPPROTO_TCP);
        CHECK_EQ(all[i].iSocketType, SOCK_STREAM);
        CHECK(all[i].iAddressFamily == AF_INET || all[i].iAddressFamily == AF_INET6);
        CHECK(all[i].dwServiceFlags1 & XP1_IFS_HANDLES);
        CHECK(all[i].szProtocol[0]);
    }
    size = sizeof narrow;
    CHECK(WSAEnumProtocolsA(NULL, narrow, &size) > count);
    CHECK_EQ(narrow[0].iVersion, 2);
    size = sizeof all;
    CHECK_EQ(WSAEnumProtocolsW(unknown, all, &size), 0);
    CHECK_EQ(WSACleanup(), 0);
}

int main(void)
{
    RUN(a_clock_in_milliseconds);
    RUN(no_policy_asks_for_validated_algorithms);
    RUN(random_bytes_from_everywhere);
    RUN(a_generator_of_random_numbers_that_is_opened);
    RUN(providers_without_keys);
    RUN(events_that_nobody_traces);
    RUN(tables_of_security_functions);
    RUN(no_display);
    RUN(the_directory_of_a_user);
    RUN(memory_of_a_process);
    RUN(modules_by_psapi);
    RUN(no_notice_of_sleep_where_there_is_none);
    RUN(boost_of_priority);
    RUN(the_true_version);
    RUN(pointers_in_code);
    RUN(the_token_of_the_process);
    RUN(cases_of_characters);
    RUN(strings_of_automation);
    RUN(variants);
    RUN(blocks_of_memory);
    RUN(protocols_that_sockets_may_speak);
    return CHECK_END();
}
