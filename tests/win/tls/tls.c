/* Thread-local data of the program and of a DLL that comes late, and the callbacks of both. */
#include "check.h"
#include "directory.h"
#include <string.h>

#define IN_TEMPLATE __attribute__((section(".tls$M"), used))

/* MinGW's start-up code holds the directory, its index and the start of the template. */
extern ULONG _tls_index;
extern char _tls_start;

IN_TEMPLATE static int number = 0x12345678;
IN_TEMPLATE static char text[32] = "from the template";
IN_TEMPLATE static int zero = 0;

#define LOCAL(variable) \
    ((__typeof__(variable) *)((char *)tls_array()[_tls_index] + ((char *)&(variable) - &_tls_start)))

static char calls[64];
static volatile LONG call_count;
static DWORD last_caller;
static int number_at_attach;

static void WINAPI callback(void *module, DWORD reason, void *reserved)
{
    LONG at = InterlockedIncrement(&call_count) - 1;

    (void)module, (void)reserved;
    if (at < (LONG)sizeof calls - 1)
        calls[at] = (char)('0' + reason);
    last_caller = GetCurrentThreadId();
    if (reason == DLL_PROCESS_ATTACH)
        number_at_attach = *LOCAL(number);
}

__attribute__((section(".CRT$XLM"), used)) static const PIMAGE_TLS_CALLBACK in_table =
    (PIMAGE_TLS_CALLBACK)callback;

static struct late {
    HMODULE module;
    ULONG (*index)(void);
    int *(*numbers)(void);
    BOOL (*zeros)(void);
    BOOL (*attach_had_data)(void);
    const char *(*log)(void);
    void (*clear_log)(void);
} late;

static void load_late(void)
{
    late.module = LoadLibraryA("late.dll");
    if (!CHECK(late.module != NULL))
        ExitProcess((UINT)CHECK_END());
    late.index = (void *)GetProcAddress(late.module, "late_index");
    late.numbers = (void *)GetProcAddress(late.module, "late_numbers");
    late.zeros = (void *)GetProcAddress(late.module, "late_zeros");
    late.attach_had_data = (void *)GetProcAddress(late.module, "late_attach_had_data");
    late.log = (void *)GetProcAddress(late.module, "late_log");
    late.clear_log = (void *)GetProcAddress(late.module, "late_clear_log");
}

static void run_thread(LPTHREAD_START_ROUTINE function)
{
    HANDLE thread = CreateThread(NULL, 0, function, NULL, 0, NULL);

    CHECK_EQ(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
}

TEST(the_programs_callback_came_first)
{
    CHECK_STR(calls, "1");
    CHECK_EQ(number_at_attach, 0x12345678);
    CHECK_EQ(last_caller, GetCurrentThreadId());
}

TEST(the_main_threads_data)
{
    CHECK_EQ(*LOCAL(number), 0x12345678);
    CHECK_STR(*LOCAL(text), "from the template");
    CHECK_EQ(*LOCAL(zero), 0);
    CHECK((void *)LOCAL(number) != (void *)&number);
    *LOCAL(number) = 1;
    *LOCAL(zero) = 2;
    CHECK_EQ(number, 0x12345678);
}

static DWORD WINAPI look_at_fresh_data(void *unused)
{
    (void)unused;
    CHECK_EQ(*LOCAL(number), 0x12345678);
    CHECK_STR(*LOCAL(text), "from the template");
    CHECK_EQ(*LOCAL(zero), 0);
    CHECK_EQ(last_caller, GetCurrentThreadId());
    *LOCAL(number) = 77;
    (*LOCAL(text))[0] = 'X';
    return 0;
}

TEST(every_thread_starts_with_the_template)
{
    call_count = 0;
    memset(calls, 0, sizeof calls);
    run_thread(look_at_fresh_data);
    CHECK_STR(calls, "23");
    run_thread(look_at_fresh_data);
    CHECK_STR(calls, "2323");
    CHECK_EQ(*LOCAL(number), 1);
    CHECK_STR(*LOCAL(text), "from the template");
}

enum { RUNNING = 4 };

static HANDLE loaded_event;
static HANDLE ready_semaphore;
static int *seen_numbers[RUNNING];

/* Runs before, while and after the DLL comes. */
static DWORD WINAPI outlast_the_loading(void *parameter)
{
    int self = (int)(INT_PTR)parameter;
    int *numbers;

    *LOCAL(number) = 100 + self;
    ReleaseSemaphore(ready_semaphore, 1, NULL);
    WaitForSingleObject(loaded_event, INFINITE);
    numbers = late.numbers();
    seen_numbers[self] = numbers;
    CHECK(numbers[0] == 11 && numbers[3] == 44);
    CHECK(late.zeros());
    UNLESS_WINE("Wine does not read the alignment")
    CHECK_EQ((ULONG_PTR)numbers % 64, 0);
    numbers[0] = self;
    CHECK_EQ(*LOCAL(number), 100 + self);
    return 0;
}

TEST(threads_that_run_get_a_late_dlls_data)
{
    HANDLE threads[RUNNING];
    const char *log;

    loaded_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    ready_semaphore = CreateSemaphoreW(NULL, 0, RUNNING, NULL);
    for (int i = 0; i < RUNNING; i++)
        threads[i] = CreateThread(NULL, 0, outlast_the_loading, (void *)(INT_PTR)i, 0, NULL);
    for (int i = 0; i < RUNNING; i++)
        WaitForSingleObject(ready_semaphore, INFINITE);
    load_late();
    /* The callbacks go before DllMain; threads that run already are not announced. */
    CHECK_STR(late.log(), "a1b1m1");
    CHECK(late.attach_had_data());
    CHECK(late.index() != _tls_index);
    CHECK(late.index() != 12345);
    CHECK(late.numbers()[1] == 22 && late.zeros());
    UNLESS_WINE("Wine does not read the alignment")
    CHECK_EQ((ULONG_PTR)late.numbers() % 64, 0);
    late.clear_log();
    SetEvent(loaded_event);
    CHECK_EQ(WaitForMultipleObjects(RUNNING, threads, TRUE, 10000), WAIT_OBJECT_0);
    for (int i = 0; i < RUNNING; i++) {
        CHECK(seen_numbers[i] != late.numbers());
        for (int j = 0; j < i; j++)
            CHECK(seen_numbers[i] != seen_numbers[j]);
        CloseHandle(threads[i]);
    }
    CHECK_EQ(late.numbers()[0], 11);
    /* They are announced when they end. */
    log = late.log();
    CHECK_EQ(strlen(log), RUNNING * 6);
    CHECK(strstr(log, "a3") && strstr(log, "b3") && strstr(log, "m3") && !strchr(log, '2'));
    CloseHandle(loaded_event);
    CloseHandle(ready_semaphore);
}

static DWORD WINAPI look_at_late_data(void *unused)
{
    (void)unused;
    CHECK_EQ(late.numbers()[0], 11);
    CHECK(late.zeros());
    late.numbers()[0] = 5;
    memset(late.numbers() + 4, 1, 16);
    return 0;
}

TEST(new_threads_are_announced)
{
    late.clear_log();
    run_thread(look_at_late_data);
    CHECK_STR(late.log(), "a2b2m2a3b3m3");
    late.clear_log();
    run_thread(look_at_late_data);
    CHECK_STR(late.log(), "a2b2m2a3b3m3");
    CHECK_EQ(late.numbers()[0], 11);
}

TEST(a_dll_may_come_again)
{
    late.numbers()[0] = 99;
    CHECK(FreeLibrary(late.module));
    CHECK_PTR(GetModuleHandleA("late.dll"), NULL);
    CHECK_EQ(*LOCAL(number), 1);
    load_late();
    CHECK_EQ(late.numbers()[0], 11);
    CHECK(late.zeros());
    CHECK_STR(late.log(), "a1b1m1");
    CHECK_EQ(*LOCAL(number), 1);
}

static DWORD WINAPI load_in_a_thread(void *unused)
{
    (void)unused;
    load_late();
    late.numbers()[0] = 7;
    return 0;
}

TEST(a_dll_may_be_loaded_by_a_thread_that_ends)
{
    CHECK(FreeLibrary(late.module));
    run_thread(load_in_a_thread);
    CHECK_EQ(late.numbers()[0], 11);
    CHECK(FreeLibrary(late.module));
}

int main(void)
{
    RUN(the_programs_callback_came_first);
    RUN(the_main_threads_data);
    RUN(every_thread_starts_with_the_template);
    RUN(threads_that_run_get_a_late_dlls_data);
    RUN(new_threads_are_announced);
    RUN(a_dll_may_come_again);
    RUN(a_dll_may_be_loaded_by_a_thread_that_ends);
    return CHECK_END();
}
