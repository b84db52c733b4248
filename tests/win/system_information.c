/* What the native interface tells of the system and of the process. */
#include "check.h"
#include <winternl.h>

#define LENGTH_MISMATCH ((NTSTATUS)0xC0000004)
#define INVALID_HANDLE  ((NTSTATUS)0xC0000008)
#define INVALID_CLASS   ((NTSTATUS)0xC0000003)
#define PORT_NOT_SET    ((NTSTATUS)0xC0000353)

typedef NTSTATUS(NTAPI *query_system_function)(ULONG class, void *buffer, ULONG size, ULONG *returned);
typedef NTSTATUS(NTAPI *query_process_function)(HANDLE process, ULONG class, void *buffer, ULONG size,
                                                ULONG *returned);
static query_system_function query_system;
static query_process_function query_process;

TEST(basic_system)
{
    SYSTEM_BASIC_INFORMATION basic;
    SYSTEM_INFO info;
    ULONG returned = 0;
    GetSystemInfo(&info);
    CHECK_EQ(query_system(0, &basic, sizeof basic, &returned), 0);
    CHECK_EQ(returned, sizeof basic);
    CHECK_EQ(basic.NumberOfProcessors, info.dwNumberOfProcessors);
    CHECK_EQ(query_system(0, &basic, sizeof basic - 1, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_system(0, &basic, sizeof basic + 1, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_system(0, NULL, 0, &returned), LENGTH_MISMATCH);
    UNLESS_WINE("Wine 8 says that it is not implemented")
    CHECK_EQ(query_system(9999, &basic, sizeof basic, NULL), INVALID_CLASS);
}

TEST(kernel_debugger)
{
    BOOLEAN debugger[2] = {TRUE, FALSE};
    CHECK_EQ(query_system(35, debugger, sizeof debugger, NULL), 0);
    CHECK_EQ(debugger[0], FALSE);
    CHECK_EQ(debugger[1], TRUE);
}

TEST(basic_process)
{
    PROCESS_BASIC_INFORMATION basic;
    ULONG returned = 0;
    CHECK_EQ(query_process(GetCurrentProcess(), 0, &basic, sizeof basic, &returned), 0);
    CHECK_EQ(returned, sizeof basic);
    CHECK_EQ(((ULONG_PTR *)&basic)[4], GetCurrentProcessId());
    CHECK_EQ(query_process(GetCurrentProcess(), 0, &basic, sizeof basic - 1, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_process((HANDLE)0x7654320, 0, &basic, sizeof basic, NULL), INVALID_HANDLE);
}

TEST(debugging)
{
    ULONG_PTR port = 1;
    ULONG flags = 0, handles = 0;
    HANDLE debugger = GetCurrentThread();
    CHECK_EQ(query_process(GetCurrentProcess(), 7, &port, sizeof port, NULL), 0);
    CHECK_EQ(port, 0);
    CHECK_EQ(query_process(GetCurrentProcess(), 30, &debugger, sizeof debugger, NULL), PORT_NOT_SET);
    CHECK_PTR(debugger, NULL);
    CHECK_EQ(query_process(GetCurrentProcess(), 31, &flags, sizeof flags, NULL), 0);
    CHECK_EQ(flags, TRUE);
    CHECK_EQ(query_process(GetCurrentProcess(), 20, &handles, sizeof handles, NULL), 0);
    UNLESS_WINE("Wine 8 counts none") CHECK(handles > 0);
}

int main(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    query_system = (query_system_function)(void *)GetProcAddress(ntdll, "NtQuerySystemInformation");
    query_process = (query_process_function)(void *)GetProcAddress(ntdll, "NtQueryInformationProcess");
    RUN(basic_system);
    RUN(kernel_debugger);
    RUN(basic_process);
    RUN(debugging);
    return CHECK_END();
}
