/* How a process ends: its other threads first, wherever they are; what they held; and who is told. Each case
 * is a child that is this program again, since it does not come back. */
#include "check.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <winternl.h>

enum { CHILD_PATIENCE = 60000, CHILD_HANGS = 3000 };

typedef NTSTATUS(NTAPI *terminate_process)(HANDLE, NTSTATUS);
typedef BOOLEAN(NTAPI *shutdown_in_progress)(void);
typedef void(NTAPI *plain)(void);

static FARPROC ntdll(const char *name)
{
    FARPROC found = GetProcAddress(GetModuleHandleA("ntdll"), name);
    CHECK(found);
    return found;
}

static CRITICAL_SECTION section;
static HANDLE held, mutex;

static DWORD WINAPI hold_section(void *unused)
{
    (void)unused;
    EnterCriticalSection(&section);
    SetEvent(held);
    Sleep(INFINITE);
    return 1;
}

static DWORD WINAPI hold_mutex(void *unused)
{
    (void)unused;
    WaitForSingleObject(mutex, INFINITE);
    SetEvent(held);
    for (volatile bool forever = true; forever;)
        continue;
    return 1;
}

static DWORD WINAPI hold_heap(void *unused)
{
    (void)unused;
    HeapLock(GetProcessHeap());
    SetEvent(held);
    Sleep(INFINITE);
    return 1;
}

static DWORD WINAPI hold_peb(void *unused)
{
    (void)unused;
    ((plain)ntdll("RtlAcquirePebLock"))();
    SetEvent(held);
    Sleep(INFINITE);
    return 1;
}

static HANDLE start(LPTHREAD_START_ROUTINE routine)
{
    held = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, routine, NULL, 0, NULL);
    WaitForSingleObject(held, INFINITE);
    return thread;
}

/* In children */

static void want_section(void)
{
    EnterCriticalSection(&section);
}

/* The runtime calls it while the process ends. Windows ends a process at once whose last thread would wait
 * for a section that nobody is there to leave. */
static void end_with_orphaned_section(void)
{
    InitializeCriticalSection(&section);
    start(hold_section);
    atexit(want_section);
    ExitProcess(199);
}

static void end_with_orphaned_heap(void)
{
    start(hold_heap);
    ExitProcess(198);
}

static void end_under_peb_lock(void)
{
    start(hold_peb);
    ExitProcess(197);
}

static DWORD WINAPI end_too(void *unused)
{
    (void)unused;
    SetEvent(held);
    ExitProcess(196);
}

static void end_twice(void)
{
    start(end_too);
    ExitProcess(196);
}

static void end_step_by_step(void)
{
    terminate_process terminate = (terminate_process)(void *)ntdll("NtTerminateProcess");
    shutdown_in_progress shutting_down = (shutdown_in_progress)(void *)ntdll("RtlDllShutdownInProgress");
    DWORD code = 0;
    mutex = CreateMutexW(NULL, FALSE, NULL);
    HANDLE thread = start(hold_mutex);
    CHECK_EQ(terminate(NULL, 195), 0);
    CHECK_EQ(WaitForSingleObject(thread, CHILD_PATIENCE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 195);
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_ABANDONED);
    CHECK_ERROR(CreateThread(NULL, 0, hold_mutex, NULL, 0, NULL) == NULL, ERROR_ACCESS_DENIED);
    CHECK(!shutting_down());
    ((plain)ntdll("LdrShutdownProcess"))();
    CHECK(shutting_down());
    ExitProcess(check_failed ? 1 : 195);
}

static const struct {
    const char *name;
    void (*run)(void);
    DWORD code;
    BOOL hangs;
} children[] = {
    {"section", end_with_orphaned_section, 199, FALSE},
    {"heap", end_with_orphaned_heap, 198, FALSE},
    {"peb", end_under_peb_lock, 197, TRUE},
    {"twice", end_twice, 196, FALSE},
    {"steps", end_step_by_step, 195, FALSE},
};

/* In the parent */

static void check_child(size_t index)
{
    char path[MAX_PATH], line[MAX_PATH + 32];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    DWORD code = 0;
    GetModuleFileNameA(NULL, path, sizeof path);
    snprintf(line, sizeof line, "\"%s\" %s", path, children[index].name);
    CHECK(CreateProcessA(path, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &child));
    if (children[index].hangs) {
        CHECK_EQ(WaitForSingleObject(child.hProcess, CHILD_HANGS), WAIT_TIMEOUT);
        CHECK(TerminateProcess(child.hProcess, children[index].code));
    }
    CHECK_EQ(WaitForSingleObject(child.hProcess, CHILD_PATIENCE), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(child.hProcess, &code));
    CHECK_EQ(code, children[index].code);
    CloseHandle(child.hThread);
    CloseHandle(child.hProcess);
}

TEST(ends)
{
    for (size_t i = 0; i < ARRAYSIZE(children); i++) {
        /* Windows and Wine differ in what becomes of a heap that nobody can unlock: a process hangs, or ends.
         */
        if (check_on_wine() && !strcmp(children[i].name, "heap"))
            continue;
        check_child(i);
    }
}

/* There is nothing here to debug, and that is said. */
TEST(debugging)
{
    DEBUG_EVENT event;
    CHECK_ERROR(!WaitForDebugEvent(&event, 0), ERROR_INVALID_HANDLE);
    CHECK_ERROR(!DebugActiveProcess(GetCurrentProcessId()), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!WaitForDebugEvent(&event, 0), ERROR_SEM_TIMEOUT);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < ARRAYSIZE(children); i++) {
        if (!strcmp(argv[1], children[i].name))
            children[i].run();
    }
    RUN(ends);
    RUN(debugging);
    return CHECK_END();
}
