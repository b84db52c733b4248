/* What the native interface tells of handles and their objects. */
#include "check.h"
#include <winternl.h>

enum { BASIC, NAME, TYPE, FLAGS = 4 };
#define LENGTH_MISMATCH ((NTSTATUS)0xC0000004)
#define INVALID_CLASS   ((NTSTATUS)0xC0000003)
#define INVALID_HANDLE  ((NTSTATUS)0xC0000008)

struct basic {
    ULONG attributes, access, handles, pointers, rest[10];
};

typedef NTSTATUS(NTAPI *query_object)(HANDLE handle, ULONG class, void *buffer, ULONG size, ULONG *needed);
typedef NTSTATUS(NTAPI *set_object)(HANDLE handle, ULONG class, void *buffer, ULONG size);
static query_object query;
static set_object set;

TEST(handles_count_for_their_object)
{
    HANDLE first = CreateEventW(NULL, TRUE, FALSE, NULL), second;
    struct basic basic;
    ULONG size = 0;

    CHECK_EQ(query(first, BASIC, &basic, sizeof basic, &size), 0);
    CHECK_EQ(size, sizeof basic);
    CHECK_EQ(basic.handles, 1);
    CHECK_EQ(basic.access, EVENT_ALL_ACCESS);
    CHECK(DuplicateHandle(GetCurrentProcess(), first, GetCurrentProcess(), &second, SYNCHRONIZE, TRUE, 0));
    CHECK_EQ(query(second, BASIC, &basic, sizeof basic, NULL), 0);
    CHECK_EQ(basic.handles, 2);
    CHECK_EQ(basic.access, SYNCHRONIZE);
    CHECK(basic.pointers >= 2);
    CHECK(CloseHandle(second));
    CHECK_EQ(query(first, BASIC, &basic, sizeof basic, NULL), 0);
    CHECK_EQ(basic.handles, 1);
    CHECK_EQ(query(first, BASIC, &basic, sizeof basic - 1, NULL), LENGTH_MISMATCH);
    UNLESS_WINE("Wine 8 says that it is not implemented")
    CHECK_EQ(query(first, 77, &basic, sizeof basic, NULL), INVALID_CLASS);
    CHECK_EQ(query((HANDLE)0x7654320, BASIC, &basic, sizeof basic, NULL), INVALID_HANDLE);
    CHECK(CloseHandle(first));
}

static void check_ends_with(const UNICODE_STRING *name, const WCHAR *end)
{
    ULONG length = lstrlenW(end), whole = name->Length / sizeof(WCHAR);

    CHECK(whole > length);
    CHECK_WSTR(name->Buffer + (whole - length), end);
}

TEST(names)
{
    union {
        UNICODE_STRING name;
        char bytes[500];
    } buffer;
    HANDLE named = CreateMutexW(NULL, FALSE, L"litewin object"), unnamed = CreateMutexW(NULL, FALSE, NULL);
    ULONG needed = 0;

    CHECK_EQ(query(named, NAME, &buffer, sizeof buffer, &needed), 0);
    check_ends_with(&buffer.name, L"\\BaseNamedObjects\\litewin object");
    CHECK_EQ(needed, sizeof(UNICODE_STRING) + buffer.name.MaximumLength);
    CHECK_EQ(buffer.name.MaximumLength, buffer.name.Length + sizeof(WCHAR));
    needed = 0;
    CHECK_EQ(query(named, NAME, &buffer, sizeof(UNICODE_STRING) + 4, &needed), LENGTH_MISMATCH);
    CHECK(needed > sizeof(UNICODE_STRING) + 28);
    CHECK_EQ(query(named, NAME, &buffer, 2, &needed), LENGTH_MISMATCH);
    CHECK_EQ(query(unnamed, NAME, &buffer, sizeof buffer, &needed), 0);
    CHECK_EQ(buffer.name.Length, 0);
    CHECK_PTR(buffer.name.Buffer, NULL);
    CHECK(CloseHandle(named));
    CHECK(CloseHandle(unnamed));
}

static void check_type(HANDLE handle, const WCHAR *type)
{
    union {
        UNICODE_STRING name;
        char bytes[500];
    } buffer;

    CHECK_EQ(query(handle, TYPE, &buffer, sizeof buffer, NULL), 0);
    CHECK_WSTR(buffer.name.Buffer, type);
    CHECK_EQ(buffer.name.Length, lstrlenW(type) * sizeof(WCHAR));
}

TEST(types)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL), semaphore = CreateSemaphoreW(NULL, 0, 1, NULL);
    HANDLE mutex = CreateMutexW(NULL, FALSE, NULL), timer = CreateWaitableTimerW(NULL, FALSE, NULL);

    check_type(event, L"Event");
    check_type(semaphore, L"Semaphore");
    check_type(mutex, L"Mutant");
    check_type(timer, L"Timer");
    check_type(GetCurrentProcess(), L"Process");
    check_type(GetCurrentThread(), L"Thread");
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(semaphore));
    CHECK(CloseHandle(mutex));
    CHECK(CloseHandle(timer));
}

TEST(flags)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    BOOLEAN flags[2] = {7, 7};
    DWORD seen = 7;

    CHECK_EQ(query(event, FLAGS, flags, sizeof flags, NULL), 0);
    CHECK_EQ(flags[0], FALSE);
    CHECK_EQ(flags[1], FALSE);
    flags[0] = flags[1] = TRUE;
    CHECK_EQ(set(event, FLAGS, flags, sizeof flags), 0);
    CHECK(GetHandleInformation(event, &seen));
    CHECK_EQ(seen, HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE);
    flags[0] = flags[1] = FALSE;
    CHECK_EQ(set(event, FLAGS, flags, sizeof flags), 0);
    CHECK(CloseHandle(event));
}

int main(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");

    query = (query_object)(void *)GetProcAddress(ntdll, "NtQueryObject");
    set = (set_object)(void *)GetProcAddress(ntdll, "NtSetInformationObject");
    CHECK(query && set);
    RUN(handles_count_for_their_object);
    RUN(names);
    RUN(types);
    RUN(flags);
    return CHECK_END();
}
