/* Threads and what they wait for: exit codes, events, mutexes, semaphores, critical sections, TLS slots. */
#include "threading.h"
#include <process.h>

static DWORD WINAPI return_parameter(void *parameter)
{
    return (DWORD)(ULONG_PTR)parameter;
}

static DWORD WINAPI wait_for_event(void *event)
{
    return WaitForSingleObject(event, INFINITE);
}

static DWORD WINAPI leave_by_exit(void *parameter)
{
    ExitThread((DWORD)(ULONG_PTR)parameter + 1);
}

TEST(a_thread_has_an_exit_code)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE thread;
    DWORD id = 0, code = 0;

    thread = CreateThread(NULL, 0, return_parameter, (void *)0x1234, 0, &id);
    CHECK(id != 0 && id != GetCurrentThreadId());
    CHECK_EQ(GetThreadId(thread), id);
    CHECK_EQ(join(thread), 0x1234);
    CHECK_EQ(join(start(leave_by_exit, (void *)41)), 42);
    thread = start(wait_for_event, event);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(event));
    CHECK_EQ(join(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
}

TEST(a_thread_may_start_suspended)
{
    HANDLE thread = CreateThread(NULL, 0, return_parameter, (void *)5, CREATE_SUSPENDED, NULL);

    CHECK_EQ(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
    CHECK_EQ(SuspendThread(thread), 1);
    CHECK_EQ(ResumeThread(thread), 2);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(join(thread), 5);
}

static unsigned __stdcall crt_thread(void *parameter)
{
    *(DWORD *)parameter = GetCurrentThreadId();
    _endthreadex(77);
    return 0;
}

TEST(the_c_librarys_threads)
{
    unsigned id = 0;
    DWORD seen = 0;
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, crt_thread, &seen, 0, &id);

    CHECK(thread != NULL);
    CHECK_EQ(join(thread), 77);
    CHECK_EQ(seen, id);
}

TEST(events)
{
    HANDLE manual = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE automatic = CreateEventW(NULL, FALSE, TRUE, NULL);

    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(manual));
    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    CHECK(ResetEvent(manual));
    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(automatic, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(automatic, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(automatic));
    CHECK(SetEvent(automatic));
    CHECK_EQ(WaitForSingleObject(automatic, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(automatic, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(manual));
    CHECK(CloseHandle(automatic));
}

TEST(names_of_objects)
{
    HANDLE first = CreateEventW(NULL, TRUE, FALSE, L"litewin test event");
    HANDLE second;

    SetLastError(CHECK_SENTINEL);
    second = CreateEventW(NULL, TRUE, TRUE, L"litewin test event");
    CHECK(second != NULL && second != first);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    /* The object keeps the state that its first creator gave it. */
    CHECK_EQ(WaitForSingleObject(second, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(first));
    CHECK_EQ(WaitForSingleObject(second, 0), WAIT_OBJECT_0);
    CHECK_ERROR(CreateMutexW(NULL, FALSE, L"litewin test event") == NULL, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(first));
    first = OpenEventW(EVENT_ALL_ACCESS, FALSE, L"litewin test event");
    CHECK(first != NULL);
    CHECK(CloseHandle(first));
    CHECK(CloseHandle(second));
    CHECK_ERROR(OpenEventW(EVENT_ALL_ACCESS, FALSE, L"litewin test event") == NULL, ERROR_FILE_NOT_FOUND);
}

static DWORD WINAPI take_and_keep(void *mutex)
{
    return WaitForSingleObject(mutex, INFINITE);
}

static DWORD WINAPI release_of_another(void *mutex)
{
    return ReleaseMutex(mutex) ? 0 : GetLastError();
}

TEST(mutexes)
{
    HANDLE mutex = CreateMutexW(NULL, TRUE, NULL);

    /* The owner may take it again, and gives it up as often. */
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    CHECK_EQ(join(start(release_of_another, mutex)), ERROR_NOT_OWNER);
    CHECK(ReleaseMutex(mutex));
    CHECK(ReleaseMutex(mutex));
    CHECK_ERROR(ReleaseMutex(mutex) == FALSE, ERROR_NOT_OWNER);
    CHECK_EQ(join(start(take_and_keep, mutex)), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_ABANDONED);
    CHECK(ReleaseMutex(mutex));
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    CHECK(CloseHandle(mutex));
}

TEST(semaphores)
{
    HANDLE semaphore = CreateSemaphoreW(NULL, 1, 3, NULL);
    LONG previous = -1;

    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CHECK(ReleaseSemaphore(semaphore, 2, &previous));
    CHECK_EQ(previous, 0);
    CHECK_ERROR(ReleaseSemaphore(semaphore, 2, &previous) == FALSE, ERROR_TOO_MANY_POSTS);
    CHECK(ReleaseSemaphore(semaphore, 1, NULL));
    UNLESS_WINE("Wine does not mind")
    CHECK_ERROR(ReleaseSemaphore(semaphore, 0, NULL) == FALSE, ERROR_INVALID_PARAMETER);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(semaphore));
    CHECK_ERROR(CreateSemaphoreW(NULL, 2, 1, NULL) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateSemaphoreW(NULL, 0, 0, NULL) == NULL, ERROR_INVALID_PARAMETER);
}

TEST(waiting_for_several)
{
    HANDLE events[3];

    for (int i = 0; i < 3; i++)
        events[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK_EQ(WaitForMultipleObjects(3, events, FALSE, 0), WAIT_TIMEOUT);
    SetEvent(events[2]);
    SetEvent(events[1]);
    CHECK_EQ(WaitForMultipleObjects(3, events, FALSE, 0), WAIT_OBJECT_0 + 1);
    /* Nothing is taken unless all can be. */
    CHECK_EQ(WaitForMultipleObjects(3, events, TRUE, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(events[2], 0), WAIT_OBJECT_0);
    for (int i = 0; i < 3; i++)
        SetEvent(events[i]);
    CHECK_EQ(WaitForMultipleObjects(3, events, TRUE, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(3, events, FALSE, 0), WAIT_TIMEOUT);
    CHECK_ERROR(WaitForMultipleObjects(0, events, FALSE, 0) == WAIT_FAILED, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS + 1, events, FALSE, 0) == WAIT_FAILED,
                ERROR_INVALID_PARAMETER);
    CHECK_EQ(SignalObjectAndWait(events[0], events[0], 0, FALSE), WAIT_OBJECT_0);
    for (int i = 0; i < 3; i++)
        CHECK(CloseHandle(events[i]));
}

static CRITICAL_SECTION section;
static int guarded;

static DWORD WINAPI count_up(void *unused)
{
    (void)unused;
    for (int i = 0; i < 20000; i++) {
        EnterCriticalSection(&section);
        guarded++;
        LeaveCriticalSection(&section);
    }
    return 0;
}

static DWORD WINAPI try_to_enter(void *unused)
{
    (void)unused;
    return TryEnterCriticalSection(&section);
}

TEST(critical_sections)
{
    HANDLE threads[4];

    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    CHECK(TryEnterCriticalSection(&section));
    CHECK_EQ(section.RecursionCount, 2);
    CHECK_PTR(section.OwningThread, GetCurrentThreadId());
    CHECK_EQ(join(start(try_to_enter, NULL)), FALSE);
    LeaveCriticalSection(&section);
    LeaveCriticalSection(&section);
    CHECK_EQ(section.LockCount, -1);
    for (int i = 0; i < 4; i++)
        threads[i] = start(count_up, NULL);
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    CHECK_EQ(guarded, 4 * 20000);
    DeleteCriticalSection(&section);
}

static DWORD slot;

static DWORD WINAPI use_slot(void *unused)
{
    void *before = TlsGetValue(slot);

    (void)unused;
    TlsSetValue(slot, (void *)2);
    return before == NULL && TlsGetValue(slot) == (void *)2;
}

TEST(more_stack_is_guaranteed_than_there_is)
{
    ULONG size = 0xFFFFF000;
    CHECK(!SetThreadStackGuarantee(&size));
    CHECK_EQ(size, 0);
}

/* Sets a guarantee and returns what was guaranteed before. */
static ULONG guarantee(ULONG size)
{
    CHECK(SetThreadStackGuarantee(&size));
    return size;
}

static DWORD WINAPI guarantee_stack(void *unused)
{
    const ULONG least = sizeof(void *) == 8 ? 0x2000 : 0x1000;

    (void)unused;
    CHECK_EQ(guarantee(0), 0);
    CHECK_EQ(guarantee(1), 0);
    CHECK_EQ(guarantee(0), least);
    CHECK_EQ(guarantee(0x1001), least);
    CHECK_EQ(guarantee(1), 0x2000);
    CHECK_EQ(guarantee(0x2001), 0x2000);
    CHECK_EQ(guarantee(0), 0x3000);
    return 0;
}

TEST(a_stack_guarantee_only_grows)
{
    join(start(guarantee_stack, NULL));
}

TEST(thread_local_slots)
{
    DWORD more[1100];
    int count = 0;

    slot = TlsAlloc();
    CHECK(slot != TLS_OUT_OF_INDEXES);
    CHECK_ERROR(TlsGetValue(slot) == NULL, NO_ERROR);
    CHECK(TlsSetValue(slot, (void *)1));
    CHECK_EQ(join(start(use_slot, NULL)), TRUE);
    CHECK_PTR(TlsGetValue(slot), 1);
    CHECK(TlsFree(slot));
    CHECK_ERROR(TlsFree(slot) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(TlsSetValue(5000, NULL) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(TlsGetValue(5000) == NULL, ERROR_INVALID_PARAMETER);
    while (count < 1100 && (more[count] = TlsAlloc()) != TLS_OUT_OF_INDEXES)
        count++;
    CHECK(count >= 1000 && count < 1088);
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_ITEMS);
    CHECK(TlsSetValue(more[count - 1], (void *)3));
    CHECK_PTR(TlsGetValue(more[count - 1]), 3);
    while (count > 0 && TlsFree(more[count - 1]))
        count--;
    CHECK_EQ(count, 0);
}

static DWORD WINAPI own_last_error(void *unused)
{
    DWORD before = GetLastError();

    (void)unused;
    SetLastError(5);
    return before;
}

TEST(the_last_error_belongs_to_the_thread)
{
    HANDLE thread;

    SetLastError(123);
    thread = start(own_last_error, NULL);
    WaitForSingleObject(thread, INFINITE);
    CHECK_EQ(GetLastError(), 123);
    CHECK_EQ(join(thread), 0);
}

static void CALLBACK note_call(ULONG_PTR parameter)
{
    *(LONG *)parameter += 1;
}

TEST(queued_calls)
{
    LONG calls = 0;

    CHECK(QueueUserAPC(note_call, GetCurrentThread(), (ULONG_PTR)&calls));
    CHECK(QueueUserAPC(note_call, GetCurrentThread(), (ULONG_PTR)&calls));
    CHECK_EQ(calls, 0);
    CHECK_EQ(SleepEx(1000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls, 2);
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

TEST(interlocked_operations)
{
    LONG value = 5;

    CHECK_EQ(InterlockedIncrement(&value), 6);
    CHECK_EQ(InterlockedExchange(&value, 10), 6);
    CHECK_EQ(InterlockedCompareExchange(&value, 20, 11), 10);
    CHECK_EQ(InterlockedExchangeAdd(&value, 3), 10);
    CHECK_EQ(value, 13);
}

int main(void)
{
    RUN(a_thread_has_an_exit_code);
    RUN(a_thread_may_start_suspended);
    RUN(the_c_librarys_threads);
    RUN(events);
    RUN(names_of_objects);
    RUN(mutexes);
    RUN(semaphores);
    RUN(waiting_for_several);
    RUN(critical_sections);
    RUN(more_stack_is_guaranteed_than_there_is);
    RUN(a_stack_guarantee_only_grows);
    RUN(thread_local_slots);
    RUN(the_last_error_belongs_to_the_thread);
    RUN(queued_calls);
    RUN(interlocked_operations);
    return CHECK_END();
}
