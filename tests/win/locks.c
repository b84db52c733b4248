/* Locks that are not objects: critical sections, SRW locks, condition variables, one-time initialization,
 * waiting on addresses, and interlocked lists. */
#include "threading.h"

static DWORD run(LPTHREAD_START_ROUTINE function, void *parameter)
{
    return join(start(function, parameter));
}

/* Until a counter that another thread changes has a value; no longer than it takes to find that it hangs. */
static BOOL becomes(volatile LONG *counter, LONG value)
{
    for (int i = 0; i < 20000 && *counter != value; i++)
        Sleep(1);
    return *counter == value;
}

/* Critical sections */

static CRITICAL_SECTION section;

static DWORD WINAPI try_to_enter(void *unused)
{
    BOOL entered = TryEnterCriticalSection(&section);

    (void)unused;
    if (entered)
        LeaveCriticalSection(&section);
    return entered;
}

TEST(fields_of_a_critical_section)
{
    memset(&section, 0xCC, sizeof section);
    InitializeCriticalSection(&section);
    /* Since Windows 8, there is no debug information unless it is asked for; Wine still has it. */
    CHECK(section.DebugInfo != NULL);
    UNLESS_WINE("Wine 8 keeps debug information")
    CHECK_PTR(section.DebugInfo, (ULONG_PTR)-1);
    CHECK_EQ(section.LockCount, -1);
    CHECK_EQ(section.RecursionCount, 0);
    CHECK_PTR(section.OwningThread, 0);
    CHECK_PTR(section.LockSemaphore, 0);
    EnterCriticalSection(&section);
    CHECK_EQ(section.RecursionCount, 1);
    CHECK_PTR(section.OwningThread, GetCurrentThreadId());
    UNLESS_WINE("Wine counts as Windows did before Vista")
    CHECK_EQ(section.LockCount, -2);
    EnterCriticalSection(&section);
    CHECK_EQ(section.RecursionCount, 2);
    UNLESS_WINE("Wine counts as Windows did before Vista")
    CHECK_EQ(section.LockCount, -2);
    CHECK_EQ(run(try_to_enter, NULL), FALSE);
    LeaveCriticalSection(&section);
    CHECK_EQ(run(try_to_enter, NULL), FALSE);
    LeaveCriticalSection(&section);
    CHECK_EQ(run(try_to_enter, NULL), TRUE);
    CHECK_EQ(section.LockCount, -1);
    CHECK_EQ(section.RecursionCount, 0);
    CHECK_PTR(section.OwningThread, 0);
    DeleteCriticalSection(&section);
    CHECK_PTR(section.DebugInfo, 0);
}

TEST(debug_information_that_is_asked_for)
{
    CRITICAL_SECTION copy;

    CHECK(InitializeCriticalSectionEx(&section, 0, RTL_CRITICAL_SECTION_FLAG_FORCE_DEBUG_INFO));
    CHECK(section.DebugInfo != NULL && section.DebugInfo != (void *)-1);
    CHECK_PTR(section.DebugInfo->CriticalSection, &section);
    CHECK_EQ(section.DebugInfo->Type, 0);
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    /* What belongs to another section stays. */
    copy = section;
    UNLESS_WINE("Wine 8 frees it")
    {
        DeleteCriticalSection(&copy);
        CHECK_PTR(section.DebugInfo->CriticalSection, &section);
    }
    DeleteCriticalSection(&section);
    CHECK_PTR(section.DebugInfo, 0);
}

TEST(spin_counts)
{
    CHECK(InitializeCriticalSectionAndSpinCount(&section, 4000));
    CHECK_EQ(SetCriticalSectionSpinCount(&section, 100), 4000);
    CHECK_EQ(SetCriticalSectionSpinCount(&section, 0), 100);
    CHECK_EQ(run(try_to_enter, NULL), TRUE);
    DeleteCriticalSection(&section);
    CHECK(InitializeCriticalSectionEx(&section, 4000, CRITICAL_SECTION_NO_DEBUG_INFO));
    CHECK_PTR(section.DebugInfo, (ULONG_PTR)-1);
    CHECK_EQ(section.SpinCount & 0xFFFFFF, 4000);
    CHECK_EQ(run(try_to_enter, NULL), TRUE);
    DeleteCriticalSection(&section);
    UNLESS_WINE("Wine takes any")
    {
        CHECK_ERROR(!InitializeCriticalSectionEx(&section, 0x1000000, 0), ERROR_INVALID_PARAMETER);
        CHECK_ERROR(!InitializeCriticalSectionEx(&section, 0, 1), ERROR_INVALID_PARAMETER);
        CHECK_ERROR(!InitializeCriticalSectionEx(&section, 0, 0x80000000), ERROR_INVALID_PARAMETER);
    }
}

static volatile LONG entered;

static DWORD WINAPI enter_and_leave(void *unused)
{
    (void)unused;
    EnterCriticalSection(&section);
    InterlockedIncrement(&entered);
    LeaveCriticalSection(&section);
    return 0;
}

TEST(who_waits_for_a_critical_section_gets_it)
{
    HANDLE threads[5];

    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    for (int i = 0; i < 5; i++)
        threads[i] = start(enter_and_leave, NULL);
    Sleep(20);
    CHECK_EQ(entered, 0);
    UNLESS_WINE("Wine counts as Windows did before Vista")
    {
        /* Bits from 2 up: the complement of the number that wait. */
        for (int i = 0; i < 20000 && section.LockCount != -2 - 5 * 4; i++)
            Sleep(1);
        CHECK_EQ(section.LockCount, -2 - 5 * 4);
    }
    LeaveCriticalSection(&section);
    for (int i = 0; i < 5; i++)
        join(threads[i]);
    CHECK_EQ(entered, 5);
    CHECK_EQ(section.LockCount, -1);
    DeleteCriticalSection(&section);
}

/* SRW locks */

static SRWLOCK srw;

static DWORD WINAPI try_srw(void *shared)
{
    if (shared) {
        if (!TryAcquireSRWLockShared(&srw))
            return FALSE;
        ReleaseSRWLockShared(&srw);
        return TRUE;
    }
    if (!TryAcquireSRWLockExclusive(&srw))
        return FALSE;
    ReleaseSRWLockExclusive(&srw);
    return TRUE;
}

static DWORD WINAPI acquire_srw(void *shared)
{
    if (shared) {
        AcquireSRWLockShared(&srw);
        InterlockedIncrement(&entered);
        ReleaseSRWLockShared(&srw);
    } else {
        AcquireSRWLockExclusive(&srw);
        InterlockedIncrement(&entered);
        ReleaseSRWLockExclusive(&srw);
    }
    return 0;
}

TEST(srw_locks)
{
    HANDLE threads[6];

    /* Zeroes are a free lock, with and without a call to say so. */
    memset(&srw, 0, sizeof srw);
    CHECK_EQ(try_srw(NULL), TRUE);
    memset(&srw, 0xCC, sizeof srw);
    InitializeSRWLock(&srw);
    CHECK_PTR(srw.Ptr, 0);
    AcquireSRWLockExclusive(&srw);
    CHECK_EQ(TryAcquireSRWLockExclusive(&srw), FALSE);
    CHECK_EQ(TryAcquireSRWLockShared(&srw), FALSE);
    CHECK_EQ(run(try_srw, NULL), FALSE);
    CHECK_EQ(run(try_srw, &srw), FALSE);
    /* Neither a thread nor a number of times owns it: whoever has the lock may release it elsewhere. */
    ReleaseSRWLockExclusive(&srw);
    AcquireSRWLockShared(&srw);
    AcquireSRWLockShared(&srw);
    CHECK_EQ(run(try_srw, &srw), TRUE);
    CHECK_EQ(run(try_srw, NULL), FALSE);
    ReleaseSRWLockShared(&srw);
    CHECK_EQ(run(try_srw, NULL), FALSE);
    ReleaseSRWLockShared(&srw);
    CHECK_EQ(run(try_srw, NULL), TRUE);
    entered = 0;
    AcquireSRWLockExclusive(&srw);
    for (int i = 0; i < 6; i++)
        threads[i] = start(acquire_srw, i % 2 ? &srw : NULL);
    Sleep(20);
    CHECK_EQ(entered, 0);
    ReleaseSRWLockExclusive(&srw);
    for (int i = 0; i < 6; i++)
        join(threads[i]);
    CHECK_EQ(entered, 6);
    CHECK_PTR(srw.Ptr, 0);
}

/* Condition variables */

static CONDITION_VARIABLE variable;
static volatile LONG sleeping, permits, woken;

static DWORD WINAPI take_permit_of_section(void *unused)
{
    (void)unused;
    EnterCriticalSection(&section);
    sleeping++;
    while (!permits)
        CHECK(SleepConditionVariableCS(&variable, &section, INFINITE));
    permits--;
    woken++;
    LeaveCriticalSection(&section);
    return 0;
}

static DWORD WINAPI take_permit_of_srw(void *shared)
{
    ULONG flags = shared ? CONDITION_VARIABLE_LOCKMODE_SHARED : 0;

    (shared ? AcquireSRWLockShared : AcquireSRWLockExclusive)(&srw);
    InterlockedIncrement(&sleeping);
    while (!permits)
        CHECK(SleepConditionVariableSRW(&variable, &srw, INFINITE, flags));
    InterlockedDecrement(&permits);
    InterlockedIncrement(&woken);
    (shared ? ReleaseSRWLockShared : ReleaseSRWLockExclusive)(&srw);
    return 0;
}

TEST(timeouts_of_condition_variables)
{
    LARGE_INTEGER frequency, before, after;

    InitializeCriticalSection(&section);
    InitializeSRWLock(&srw);
    InitializeConditionVariable(&variable);
    EnterCriticalSection(&section);
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    CHECK_ERROR(!SleepConditionVariableCS(&variable, &section, 0), ERROR_TIMEOUT);
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&before);
    CHECK_ERROR(!SleepConditionVariableCS(&variable, &section, 20), ERROR_TIMEOUT);
    QueryPerformanceCounter(&after);
    CHECK((after.QuadPart - before.QuadPart) * 1000 / frequency.QuadPart >= 19);
    CHECK_EQ(section.RecursionCount, 1);
    LeaveCriticalSection(&section);
    AcquireSRWLockShared(&srw);
    CHECK_ERROR(!SleepConditionVariableSRW(&variable, &srw, 5, CONDITION_VARIABLE_LOCKMODE_SHARED),
                ERROR_TIMEOUT);
    CHECK_EQ(run(try_srw, &srw), TRUE);
    CHECK_EQ(run(try_srw, NULL), FALSE);
    ReleaseSRWLockShared(&srw);
    AcquireSRWLockExclusive(&srw);
    CHECK_ERROR(!SleepConditionVariableSRW(&variable, &srw, 5, 0), ERROR_TIMEOUT);
    UNLESS_WINE("Wine takes any flags")
    CHECK_ERROR(!SleepConditionVariableSRW(&variable, &srw, 5, 2), ERROR_INVALID_PARAMETER);
    CHECK_EQ(run(try_srw, &srw), FALSE);
    ReleaseSRWLockExclusive(&srw);
}

static void wake_sleepers(LPTHREAD_START_ROUTINE sleeper, void *argument)
{
    HANDLE threads[4];

    sleeping = permits = woken = 0;
    for (int i = 0; i < 4; i++)
        threads[i] = start(sleeper, argument);
    CHECK(becomes(&sleeping, 4));
    /* Nobody takes what is not there, and one wake-up is enough for one permit. */
    WakeAllConditionVariable(&variable);
    Sleep(5);
    CHECK_EQ(woken, 0);
    EnterCriticalSection(&section);
    AcquireSRWLockExclusive(&srw);
    permits = 1;
    ReleaseSRWLockExclusive(&srw);
    LeaveCriticalSection(&section);
    WakeConditionVariable(&variable);
    CHECK(becomes(&woken, 1));
    EnterCriticalSection(&section);
    AcquireSRWLockExclusive(&srw);
    permits = 3;
    ReleaseSRWLockExclusive(&srw);
    LeaveCriticalSection(&section);
    WakeAllConditionVariable(&variable);
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    CHECK_EQ(woken, 4);
    CHECK_EQ(permits, 0);
}

TEST(condition_variables)
{
    InitializeCriticalSection(&section);
    InitializeSRWLock(&srw);
    InitializeConditionVariable(&variable);
    WakeConditionVariable(&variable);
    WakeAllConditionVariable(&variable);
    wake_sleepers(take_permit_of_section, NULL);
    wake_sleepers(take_permit_of_srw, NULL);
}

/* In any place */

/* Windows does not mind where they are, and those who wait for them sleep. */
static char places[3][64] __attribute__((aligned(64)));
#define UNALIGNED_SRW      ((SRWLOCK *)(void *)(places[0] + 1))
#define UNALIGNED_VARIABLE ((CONDITION_VARIABLE *)(void *)(places[1] + 2))
#define UNALIGNED_SECTION  ((CRITICAL_SECTION *)(void *)(places[2] + 3))

static DWORD WINAPI use_unaligned(void *unused)
{
    (void)unused;
    AcquireSRWLockExclusive(UNALIGNED_SRW);
    sleeping++;
    while (!permits)
        CHECK(SleepConditionVariableSRW(UNALIGNED_VARIABLE, UNALIGNED_SRW, INFINITE, 0));
    permits--;
    ReleaseSRWLockExclusive(UNALIGNED_SRW);
    EnterCriticalSection(UNALIGNED_SECTION);
    woken++;
    LeaveCriticalSection(UNALIGNED_SECTION);
    return 0;
}

static LONGLONG processor_time(void)
{
    FILETIME created, ended;
    ULARGE_INTEGER kernel, user;

    GetProcessTimes(GetCurrentProcess(), &created, &ended, (FILETIME *)&kernel, (FILETIME *)&user);
    return (LONGLONG)(kernel.QuadPart + user.QuadPart);
}

TEST(unaligned_locks)
{
    HANDLE threads[4];
    LONGLONG before;

    InitializeCriticalSection(UNALIGNED_SECTION);
    AcquireSRWLockExclusive(UNALIGNED_SRW);
    CHECK_ERROR(!SleepConditionVariableSRW(UNALIGNED_VARIABLE, UNALIGNED_SRW, 5, 0), ERROR_TIMEOUT);
    sleeping = permits = woken = 0;
    for (int i = 0; i < 4; i++)
        threads[i] = start(use_unaligned, NULL);
    Sleep(20);
    before = processor_time();
    Sleep(50);
    CHECK(processor_time() - before < 25 * 10000);
    EnterCriticalSection(UNALIGNED_SECTION);
    ReleaseSRWLockExclusive(UNALIGNED_SRW);
    CHECK(becomes(&sleeping, 4));
    AcquireSRWLockExclusive(UNALIGNED_SRW);
    permits = 4;
    ReleaseSRWLockExclusive(UNALIGNED_SRW);
    for (int i = 0; i < 4; i++)
        WakeConditionVariable(UNALIGNED_VARIABLE);
    CHECK(becomes(&permits, 0));
    before = processor_time();
    Sleep(50);
    CHECK(processor_time() - before < 25 * 10000);
    CHECK_EQ(woken, 0);
    LeaveCriticalSection(UNALIGNED_SECTION);
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    CHECK_EQ(woken, 4);
    DeleteCriticalSection(UNALIGNED_SECTION);
}

/* One-time initialization */

static volatile LONG initializations;

static BOOL CALLBACK initialize(INIT_ONCE *once, void *parameter, void **context)
{
    (void)once;
    Sleep(1);
    if (InterlockedIncrement(&initializations) == 1 && !parameter) {
        SetLastError(CHECK_SENTINEL);
        return FALSE;
    }
    *context = (void *)0x1230;
    return TRUE;
}

static DWORD WINAPI execute_once(void *once)
{
    void *context = NULL;

    CHECK(InitOnceExecuteOnce(once, initialize, once, &context));
    return (DWORD)(ULONG_PTR)context;
}

TEST(initialization_once)
{
    INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    HANDLE threads[6];
    void *context = NULL;
    BOOL pending = FALSE;

    /* One that fails may be tried again, and leaves the last error that it has set. */
    CHECK_ERROR(!InitOnceExecuteOnce(&once, initialize, NULL, &context), CHECK_SENTINEL);
    initializations = 1;
    for (int i = 0; i < 6; i++)
        threads[i] = start(execute_once, &once);
    for (int i = 0; i < 6; i++)
        CHECK_EQ(join(threads[i]), 0x1230);
    CHECK_EQ(initializations, 2);
    CHECK(InitOnceBeginInitialize(&once, INIT_ONCE_CHECK_ONLY, &pending, &context));
    CHECK_EQ(pending, FALSE);
    CHECK_PTR(context, 0x1230);
    CHECK(InitOnceBeginInitialize(&once, 0, &pending, NULL));
    CHECK_EQ(pending, FALSE);
}

static BOOL CALLBACK keep_context(INIT_ONCE *once, void *parameter, void **context)
{
    (void)once;
    CHECK_PTR(*context, (ULONG_PTR)parameter);
    return TRUE;
}

TEST(the_context_goes_in_and_out)
{
    INIT_ONCE once = INIT_ONCE_STATIC_INIT, without = INIT_ONCE_STATIC_INIT;
    void *context = (void *)0x4560;

    CHECK(InitOnceExecuteOnce(&once, keep_context, context, &context));
    CHECK_PTR(context, 0x4560);
    context = NULL;
    CHECK(InitOnceExecuteOnce(&once, keep_context, NULL, &context));
    CHECK_PTR(context, 0x4560);
    UNLESS_WINE("Windows gives the function no place for it then, and Wine fails")
    CHECK(InitOnceExecuteOnce(&without, initialize, &once, NULL));
}

TEST(initialization_step_by_step)
{
    INIT_ONCE once;
    void *context = (void *)0x77;
    BOOL pending = FALSE;

    InitOnceInitialize(&once);
    pending = 0xF;
    CHECK_ERROR(!InitOnceBeginInitialize(&once, INIT_ONCE_CHECK_ONLY, &pending, &context), ERROR_GEN_FAILURE);
    CHECK_EQ(pending, 0xF);
    CHECK_ERROR(!InitOnceBeginInitialize(&once, INIT_ONCE_CHECK_ONLY | INIT_ONCE_ASYNC, &pending, &context),
                ERROR_INVALID_PARAMETER);
    CHECK(InitOnceBeginInitialize(&once, 0, &pending, &context));
    CHECK_EQ(pending, TRUE);
    CHECK_ERROR(!InitOnceBeginInitialize(&once, INIT_ONCE_ASYNC, &pending, &context),
                ERROR_INVALID_PARAMETER);
    /* The two low bits of a context are not the program's. */
    CHECK_ERROR(!InitOnceComplete(&once, 0, (void *)0x1231), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!InitOnceComplete(&once, 0, (void *)0x1232), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!InitOnceComplete(&once, INIT_ONCE_INIT_FAILED, (void *)0x1230), ERROR_INVALID_PARAMETER);
    CHECK(InitOnceComplete(&once, INIT_ONCE_INIT_FAILED, NULL));
    CHECK(InitOnceBeginInitialize(&once, 0, &pending, &context));
    CHECK_EQ(pending, TRUE);
    CHECK(InitOnceComplete(&once, 0, (void *)0x1230));
    CHECK_ERROR(!InitOnceComplete(&once, 0, NULL), ERROR_GEN_FAILURE);
}

/* Any number may try at the same time; the first that completes has done it. */
TEST(asynchronous_initialization)
{
    INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    void *context = NULL;
    BOOL pending = FALSE;

    for (int i = 0; i < 3; i++) {
        CHECK(InitOnceBeginInitialize(&once, INIT_ONCE_ASYNC, &pending, &context));
        CHECK_EQ(pending, TRUE);
    }
    CHECK_ERROR(!InitOnceBeginInitialize(&once, 0, &pending, &context), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!InitOnceComplete(&once, 0, NULL), ERROR_INVALID_PARAMETER);
    CHECK(InitOnceComplete(&once, INIT_ONCE_ASYNC, (void *)0x4560));
    CHECK_ERROR(!InitOnceComplete(&once, INIT_ONCE_ASYNC, (void *)0x7890), ERROR_GEN_FAILURE);
    CHECK(InitOnceBeginInitialize(&once, INIT_ONCE_ASYNC, &pending, &context));
    CHECK_EQ(pending, FALSE);
    CHECK_PTR(context, 0x4560);
}

/* Waiting on addresses */

static union {
    unsigned char bytes[8];
    LONG64 whole;
} watched;
static volatile LONG waiting;

static DWORD WINAPI wait_for_change(void *argument)
{
    SIZE_T size = (SIZE_T)(ULONG_PTR)argument;
    LONG64 zero = 0;

    InterlockedIncrement(&waiting);
    while (!watched.bytes[size - 1])
        if (!WaitOnAddress(&watched, &zero, size, 20000))
            return GetLastError();
    return 0;
}

TEST(waiting_on_addresses)
{
    LONG64 zero = 0, one = 1;

    watched.whole = 0;
    CHECK(WaitOnAddress(&watched, &one, 1, INFINITE));
    CHECK_ERROR(!WaitOnAddress(&watched, &zero, 1, 0), ERROR_TIMEOUT);
    CHECK_ERROR(!WaitOnAddress(&watched, &zero, 8, 10), ERROR_TIMEOUT);
    CHECK_ERROR(!WaitOnAddress(&watched, &zero, 3, 10), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!WaitOnAddress(&watched, &zero, 0, 10), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!WaitOnAddress(&watched, &zero, 16, 10), ERROR_INVALID_PARAMETER);
    WakeByAddressSingle(&watched);
    WakeByAddressAll(&watched);
    for (SIZE_T size = 1; size <= 8; size *= 2) {
        HANDLE threads[3];
        watched.whole = 0;
        waiting = 0;
        for (int i = 0; i < 3; i++)
            threads[i] = start(wait_for_change, (void *)size);
        CHECK(becomes(&waiting, 3));
        /* A wake-up without a change is none to them. What does not belong to the value does not count. */
        WakeByAddressAll(&watched);
        watched.bytes[size - 1] = 1;
        WakeByAddressSingle(&watched);
        WakeByAddressAll(&watched);
        for (int i = 0; i < 3; i++)
            CHECK_EQ(join(threads[i]), 0);
    }
}

/* Lists */

#ifdef __i386__
typedef SLIST_ENTRY *(__fastcall *push_list_function)(SLIST_HEADER *, SLIST_ENTRY *, SLIST_ENTRY *, ULONG);
#else
typedef SLIST_ENTRY *(WINAPI *push_list_function)(SLIST_HEADER *, SLIST_ENTRY *, SLIST_ENTRY *, ULONG);
#endif

TEST(lists)
{
    static SLIST_HEADER list __attribute__((aligned(16)));
    static struct {
        SLIST_ENTRY entry;
    } __attribute__((aligned(16))) items[4];
    push_list_function push_list = (push_list_function)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"),
                                                                              "RtlInterlockedPushListSList");

    CHECK_EQ(sizeof list, sizeof(void *) * 2);
    memset(&list, 0xCC, sizeof list);
    InitializeSListHead(&list);
    CHECK_EQ(QueryDepthSList(&list), 0);
    CHECK_PTR(InterlockedPopEntrySList(&list), 0);
    CHECK_PTR(InterlockedFlushSList(&list), 0);
    CHECK_PTR(InterlockedPushEntrySList(&list, &items[0].entry), 0);
    CHECK_PTR(InterlockedPushEntrySList(&list, &items[1].entry), (ULONG_PTR)&items[0]);
    CHECK_EQ(QueryDepthSList(&list), 2);
    CHECK_PTR(items[1].entry.Next, (ULONG_PTR)&items[0]);
    CHECK_PTR(InterlockedPopEntrySList(&list), (ULONG_PTR)&items[1]);
    CHECK_EQ(QueryDepthSList(&list), 1);
    items[2].entry.Next = &items[3].entry;
    CHECK_PTR(push_list(&list, &items[2].entry, &items[3].entry, 2), (ULONG_PTR)&items[0]);
    CHECK_EQ(QueryDepthSList(&list), 3);
    CHECK_PTR(InterlockedFlushSList(&list), (ULONG_PTR)&items[2]);
    CHECK_PTR(items[2].entry.Next, (ULONG_PTR)&items[3]);
    CHECK_PTR(items[3].entry.Next, (ULONG_PTR)&items[0]);
    CHECK_PTR(items[0].entry.Next, 0);
    CHECK_EQ(QueryDepthSList(&list), 0);
}

/* The lock of the process's environment block */

static volatile LONG peb_lock_passes;

static void peb_lock(const char *function)
{
    void(WINAPI * call)(void) = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), function);

    call();
}

/* It has started before the lock is taken, as the start of a thread may itself need that lock. */
static DWORD WINAPI pass_through_peb_lock(void *go)
{
    InterlockedIncrement(&peb_lock_passes);
    CHECK_EQ(WaitForSingleObject(go, 20000), WAIT_OBJECT_0);
    InterlockedIncrement(&peb_lock_passes);
    peb_lock("RtlAcquirePebLock");
    InterlockedIncrement(&peb_lock_passes);
    peb_lock("RtlReleasePebLock");
    return 5;
}

TEST(the_lock_of_the_process)
{
    HANDLE go = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE thread = start(pass_through_peb_lock, go);

    CHECK(becomes(&peb_lock_passes, 1));
    peb_lock("RtlAcquirePebLock");
    peb_lock("RtlAcquirePebLock");
    CHECK(SetEvent(go));
    CHECK(becomes(&peb_lock_passes, 2));
    peb_lock("RtlReleasePebLock");
    CHECK_EQ(WaitForSingleObject(thread, 50), WAIT_TIMEOUT);
    CHECK_EQ(peb_lock_passes, 2);
    peb_lock("RtlReleasePebLock");
    CHECK_EQ(join(thread), 5);
    CHECK(CloseHandle(go));
    CHECK_EQ(peb_lock_passes, 3);
}

int main(void)
{
    RUN(fields_of_a_critical_section);
    RUN(debug_information_that_is_asked_for);
    RUN(spin_counts);
    RUN(who_waits_for_a_critical_section_gets_it);
    RUN(srw_locks);
    RUN(timeouts_of_condition_variables);
    RUN(condition_variables);
    RUN(unaligned_locks);
    RUN(initialization_once);
    RUN(the_context_goes_in_and_out);
    RUN(initialization_step_by_step);
    RUN(asynchronous_initialization);
    RUN(waiting_on_addresses);
    RUN(lists);
    RUN(the_lock_of_the_process);
    return CHECK_END();
}
