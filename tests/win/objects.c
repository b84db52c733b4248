/* Events, mutexes and semaphores: what they are created with, their names, and what a handle to them permits.
 */
#include "threading.h"
#include <stdlib.h>

/* Events */

TEST(events_by_flags)
{
    HANDLE event = CreateEventExW(NULL, NULL, CREATE_EVENT_INITIAL_SET, EVENT_ALL_ACCESS);

    CHECK_EQ(poll(event), WAIT_OBJECT_0);
    CHECK_EQ(poll(event), WAIT_TIMEOUT);
    CHECK(CloseHandle(event));
    event =
        CreateEventExA(NULL, NULL, CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET, EVENT_ALL_ACCESS);
    CHECK_EQ(poll(event), WAIT_OBJECT_0);
    CHECK_EQ(poll(event), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
    UNLESS_WINE("Wine takes any flags")
    CHECK_ERROR(CreateEventExW(NULL, NULL, 4, EVENT_ALL_ACCESS) == NULL, ERROR_INVALID_PARAMETER);
    UNLESS_WINE("Wine takes any flags")
    CHECK_ERROR(CreateMutexExW(NULL, NULL, 2, MUTEX_ALL_ACCESS) == NULL, ERROR_INVALID_PARAMETER);
}

TEST(creation_clears_the_last_error)
{
    HANDLE event;

    SetLastError(CHECK_SENTINEL);
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(CloseHandle(event));
}

TEST(wrong_handles)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL), mutex = CreateMutexW(NULL, FALSE, NULL);

    CHECK_ERROR(SetEvent(NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(SetEvent(mutex) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(ResetEvent(GetCurrentThread()) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(PulseEvent(mutex) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(ReleaseMutex(event) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(ReleaseSemaphore(event, 1, NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
    CHECK_ERROR(SetEvent(event) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(poll(event) == WAIT_FAILED, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(mutex));
}

struct pulse {
    HANDLE event;
    volatile LONG waiting, woken;
};

static DWORD WINAPI wait_for_pulse(void *argument)
{
    struct pulse *pulse = argument;

    InterlockedIncrement(&pulse->waiting);
    WaitForSingleObject(pulse->event, 20000);
    InterlockedIncrement(&pulse->woken);
    return 0;
}

/* PulseEvent reaches those who wait by then, so it is repeated until all have come to wait. */
static void pulse_three_waiters(BOOL manual_reset)
{
    struct pulse pulse = {CreateEventW(NULL, manual_reset, FALSE, NULL), 0, 0};
    HANDLE threads[3];

    for (int i = 0; i < 3; i++)
        threads[i] = start(wait_for_pulse, &pulse);
    for (LONG pulses = 1; pulse.woken < 3; pulses++) {
        CHECK(PulseEvent(pulse.event));
        Sleep(1);
        /* An event that resets itself lets one go at a time. */
        if (!manual_reset && pulse.woken > pulses)
            CHECK(FALSE);
        CHECK_EQ(poll(pulse.event), WAIT_TIMEOUT);
    }
    for (int i = 0; i < 3; i++)
        join(threads[i]);
    CHECK(CloseHandle(pulse.event));
}

TEST(pulses)
{
    pulse_three_waiters(TRUE);
    pulse_three_waiters(FALSE);
}

/* Mutexes */

TEST(a_mutex_counts_its_owners_waits)
{
    HANDLE mutex = CreateMutexExW(NULL, NULL, CREATE_MUTEX_INITIAL_OWNER, MUTEX_ALL_ACCESS);

    for (int i = 0; i < 1000; i++)
        CHECK_EQ(poll(mutex), WAIT_OBJECT_0);
    for (int i = 0; i < 1001; i++)
        CHECK(ReleaseMutex(mutex));
    CHECK_ERROR(ReleaseMutex(mutex) == FALSE, ERROR_NOT_OWNER);
    CHECK(CloseHandle(mutex));
}

static DWORD WINAPI take_all_and_die(void *argument)
{
    HANDLE *mutexes = argument;

    for (int i = 0; i < 4; i++)
        if (WaitForSingleObject(mutexes[i], INFINITE) != WAIT_OBJECT_0)
            return 1;
    /* However often it is taken: it is abandoned once. */
    return WaitForSingleObject(mutexes[0], INFINITE);
}

static void make_abandoned(HANDLE *mutexes)
{
    CHECK_EQ(join(start(take_all_and_die, mutexes)), 0);
}

TEST(several_mutexes_are_abandoned)
{
    HANDLE mutexes[4], event = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE any[3];

    for (int i = 0; i < 4; i++)
        mutexes[i] = CreateMutexW(NULL, FALSE, NULL);
    make_abandoned(mutexes);
    CHECK_EQ(poll(mutexes[0]), WAIT_ABANDONED_0);
    any[0] = event;
    any[1] = event;
    any[2] = mutexes[1];
    CHECK_EQ(WaitForMultipleObjects(3, any, FALSE, 0), WAIT_ABANDONED_0 + 2);
    CHECK_EQ(WaitForMultipleObjects(3, any, FALSE, 0), WAIT_OBJECT_0 + 2);
    CHECK_EQ(WaitForMultipleObjects(4, mutexes, TRUE, 0), WAIT_ABANDONED_0);
    CHECK_EQ(WaitForMultipleObjects(4, mutexes, TRUE, 0), WAIT_OBJECT_0);
    for (int i = 0; i < 4; i++)
        while (ReleaseMutex(mutexes[i]))
            ;
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(poll(mutexes[i]), WAIT_OBJECT_0);
        CHECK(ReleaseMutex(mutexes[i]));
    }
    make_abandoned(mutexes);
    /* A wait for all that is not satisfied takes no abandoned mutex. */
    CHECK_EQ(WaitForMultipleObjects(2, (HANDLE[]){mutexes[0], event}, TRUE, 0), WAIT_TIMEOUT);
    CHECK_EQ(poll(mutexes[0]), WAIT_ABANDONED_0);
    for (int i = 0; i < 4; i++)
        CHECK(CloseHandle(mutexes[i]));
    CHECK(CloseHandle(event));
}

static DWORD WINAPI wait_for_mutex(void *mutex)
{
    return WaitForSingleObject(mutex, 20000);
}

static DWORD WINAPI own_until_event(void *argument)
{
    HANDLE *handles = argument; /* the mutex, taken, may end */

    WaitForSingleObject(handles[0], INFINITE);
    SetEvent(handles[1]);
    WaitForSingleObject(handles[2], INFINITE);
    return 0;
}

TEST(who_waits_for_a_mutex_learns_that_it_is_abandoned)
{
    HANDLE handles[3] = {CreateMutexW(NULL, FALSE, NULL), CreateEventW(NULL, FALSE, FALSE, NULL),
                         CreateEventW(NULL, FALSE, FALSE, NULL)};
    HANDLE owner = start(own_until_event, handles), waiter;

    CHECK_EQ(WaitForSingleObject(handles[1], 20000), WAIT_OBJECT_0);
    waiter = start(wait_for_mutex, handles[0]);
    CHECK_EQ(WaitForSingleObject(waiter, 20), WAIT_TIMEOUT);
    SetEvent(handles[2]);
    join(owner);
    CHECK_EQ(join(waiter), WAIT_ABANDONED_0);
    /* And has abandoned it in turn. */
    CHECK_EQ(poll(handles[0]), WAIT_ABANDONED_0);
    for (int i = 0; i < 3; i++)
        CHECK(CloseHandle(handles[i]));
}

/* Semaphores */

TEST(semaphores_count)
{
    HANDLE semaphore = CreateSemaphoreExW(NULL, 0, 0x7FFFFFFF, NULL, 0, SEMAPHORE_ALL_ACCESS);
    LONG previous = 77;

    CHECK(ReleaseSemaphore(semaphore, 0x7FFFFFFE, &previous));
    CHECK_EQ(previous, 0);
    previous = 77;
    CHECK_ERROR(ReleaseSemaphore(semaphore, 2, &previous) == FALSE, ERROR_TOO_MANY_POSTS);
    CHECK_EQ(previous, 77);
    CHECK(ReleaseSemaphore(semaphore, 1, &previous));
    CHECK_EQ(previous, 0x7FFFFFFE);
    CHECK_ERROR(ReleaseSemaphore(semaphore, 0x7FFFFFFF, NULL) == FALSE, ERROR_TOO_MANY_POSTS);
    UNLESS_WINE("Wine calls it too many")
    CHECK_ERROR(ReleaseSemaphore(semaphore, -1, NULL) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(semaphore));
    CHECK_ERROR(CreateSemaphoreW(NULL, -1, 1, NULL) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateSemaphoreW(NULL, 0, -1, NULL) == NULL, ERROR_INVALID_PARAMETER);
}

/* Names */

static void check_same(const WCHAR *first, const WCHAR *second, BOOL same)
{
    HANDLE one = CreateEventW(NULL, TRUE, FALSE, first), two;

    CHECK(one != NULL);
    two = OpenEventW(EVENT_ALL_ACCESS, FALSE, second);
    if (!CHECK_EQ(two != NULL, same)) {
        check_note_wide(first);
        check_note_wide(second);
    }
    if (!two)
        CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    else
        CHECK(CloseHandle(two));
    CHECK(CloseHandle(one));
}

TEST(namespaces)
{
    check_same(L"litewin o1", L"Local\\litewin o1", TRUE);
    check_same(L"Local\\litewin o1", L"litewin o1", TRUE);
    check_same(L"Global\\litewin o1", L"Global\\litewin o1", TRUE);
    check_same(L"litewin o1", L"LITEWIN o1", FALSE);
    UNLESS_WINE("Wine has one session")
    {
        check_same(L"Global\\litewin o1", L"litewin o1", FALSE);
        check_same(L"Session\\0\\litewin o1", L"Global\\litewin o1", TRUE);
        check_same(L"Session\\1\\litewin o1", L"litewin o1", TRUE);
    }
}

static void check_refused(const WCHAR *name, DWORD error)
{
    SetLastError(CHECK_SENTINEL);
    CHECK_PTR(CreateEventW(NULL, TRUE, FALSE, name), 0);
    if (!CHECK_EQ(GetLastError(), error) && lstrlenW(name) < 100)
        check_note_wide(name);
    SetLastError(CHECK_SENTINEL);
    CHECK_PTR(OpenMutexW(SYNCHRONIZE, FALSE, name), 0);
    if (!CHECK_EQ(GetLastError(), error) && lstrlenW(name) < 100)
        check_note_wide(name);
}

TEST(names_that_are_refused)
{
    static WCHAR name[40000];
    HANDLE event = NULL;

    check_refused(L"no such directory\\x", ERROR_PATH_NOT_FOUND);
    check_refused(L"Global\\no such directory\\x", ERROR_PATH_NOT_FOUND);
    check_refused(L"Local\\a\\b", ERROR_PATH_NOT_FOUND);
    check_refused(L"Session\\77\\x", ERROR_PATH_NOT_FOUND);
    UNLESS_WINE("Wine ignores their case")
    {
        check_refused(L"global\\x", ERROR_PATH_NOT_FOUND);
        check_refused(L"LOCAL\\x", ERROR_PATH_NOT_FOUND);
    }
    check_refused(L"\\x", ERROR_BAD_PATHNAME);
    check_refused(L"Global", ERROR_INVALID_HANDLE);
    /* MAX_PATH is no limit of wide names: a counted string is. */
    for (int i = 0; i < 39999; i++)
        name[i] = 'n';
    UNLESS_WINE("Wine takes what is left of the length in 16 bits")
    check_refused(name, ERROR_FILENAME_EXCED_RANGE);
    name[MAX_PATH + 10] = 0;
    event = CreateEventW(NULL, TRUE, FALSE, name);
    CHECK(event != NULL);
    CHECK(CloseHandle(event));
}

TEST(narrow_names_are_limited)
{
    char name[MAX_PATH + 2];
    HANDLE event;

    memset(name, 'n', sizeof name);
    name[MAX_PATH + 1] = 0;
    CHECK_ERROR(CreateEventA(NULL, TRUE, FALSE, name) == NULL, ERROR_FILENAME_EXCED_RANGE);
    CHECK_ERROR(CreateMutexA(NULL, TRUE, name) == NULL, ERROR_FILENAME_EXCED_RANGE);
    CHECK_ERROR(CreateSemaphoreA(NULL, 1, 1, name) == NULL, ERROR_FILENAME_EXCED_RANGE);
    CHECK_ERROR(CreateWaitableTimerA(NULL, FALSE, name) == NULL, ERROR_FILENAME_EXCED_RANGE);
    CHECK_ERROR(OpenEventA(SYNCHRONIZE, FALSE, name) == NULL, ERROR_FILENAME_EXCED_RANGE);
    CHECK_ERROR(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, name) == NULL,
                ERROR_FILENAME_EXCED_RANGE);
    CHECK_ERROR(OpenFileMappingA(FILE_MAP_READ, FALSE, name) == NULL, ERROR_FILENAME_EXCED_RANGE);
    name[MAX_PATH - 1] = 0;
    event = CreateEventA(NULL, TRUE, FALSE, name);
    CHECK(event != NULL);
    CHECK(CloseHandle(event));
}

TEST(an_empty_name_is_none)
{
    HANDLE first = CreateEventW(NULL, TRUE, FALSE, L""), second;

    SetLastError(CHECK_SENTINEL);
    second = CreateEventW(NULL, TRUE, FALSE, L"");
    CHECK(second != NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(SetEvent(first));
    CHECK_EQ(poll(second), WAIT_TIMEOUT);
    CHECK(CloseHandle(first));
    CHECK(CloseHandle(second));
}

/* All kinds of object share one namespace. */
TEST(a_name_of_another_kind)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, L"litewin kind"), other;

    CHECK_ERROR(CreateMutexW(NULL, FALSE, L"litewin kind") == NULL, ERROR_INVALID_HANDLE);
    CHECK_ERROR(CreateSemaphoreW(NULL, 0, 1, L"litewin kind") == NULL, ERROR_INVALID_HANDLE);
    CHECK_ERROR(CreateWaitableTimerW(NULL, FALSE, L"litewin kind") == NULL, ERROR_INVALID_HANDLE);
    CHECK_ERROR(CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, L"litewin kind") ==
                    NULL,
                ERROR_INVALID_HANDLE);
    CHECK_ERROR(OpenMutexW(SYNCHRONIZE, FALSE, L"litewin kind") == NULL, ERROR_INVALID_HANDLE);
    CHECK_ERROR(OpenSemaphoreW(SYNCHRONIZE, FALSE, L"litewin kind") == NULL, ERROR_INVALID_HANDLE);
    CHECK_ERROR(OpenWaitableTimerW(SYNCHRONIZE, FALSE, L"litewin kind") == NULL, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
    /* The name is free again. */
    SetLastError(CHECK_SENTINEL);
    other = CreateSemaphoreW(NULL, 0, 1, L"litewin kind");
    CHECK(other != NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(CloseHandle(other));
}

TEST(an_existing_object_is_not_changed)
{
    HANDLE first = CreateSemaphoreW(NULL, 1, 2, L"litewin again"), second, mutex;
    LONG previous = -1;

    SetLastError(CHECK_SENTINEL);
    second = CreateSemaphoreW(NULL, 5, 100, L"litewin again");
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK_ERROR(ReleaseSemaphore(second, 2, &previous) == FALSE, ERROR_TOO_MANY_POSTS);
    CHECK(ReleaseSemaphore(second, 1, &previous));
    CHECK_EQ(previous, 1);
    CHECK(CloseHandle(first));
    CHECK(CloseHandle(second));
    /* Nor is it owned by who asks for that. */
    first = CreateMutexW(NULL, FALSE, L"litewin again");
    mutex = CreateMutexW(NULL, TRUE, L"litewin again");
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK_ERROR(ReleaseMutex(mutex) == FALSE, ERROR_NOT_OWNER);
    CHECK(CloseHandle(first));
    CHECK(CloseHandle(mutex));
}

/* Access */

TEST(a_handle_permits_what_it_was_created_for)
{
    HANDLE wait_only = CreateEventExW(NULL, L"litewin access", CREATE_EVENT_MANUAL_RESET, SYNCHRONIZE);
    HANDLE set_only = CreateEventExW(NULL, L"litewin access", 0, EVENT_MODIFY_STATE);
    HANDLE semaphore = CreateSemaphoreExW(NULL, 0, 1, NULL, 0, SYNCHRONIZE);
    HANDLE mutex = CreateMutexExW(NULL, NULL, CREATE_MUTEX_INITIAL_OWNER, SYNCHRONIZE);
    HANDLE timer = CreateWaitableTimerExW(NULL, NULL, 0, SYNCHRONIZE);
    LARGE_INTEGER due = {.QuadPart = -1};

    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK_ERROR(SetEvent(wait_only) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_ERROR(ResetEvent(wait_only) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_EQ(poll(wait_only), WAIT_TIMEOUT);
    CHECK(SetEvent(set_only));
    CHECK_ERROR(poll(set_only) == WAIT_FAILED, ERROR_ACCESS_DENIED);
    CHECK_ERROR(WaitForMultipleObjects(2, (HANDLE[]){wait_only, set_only}, FALSE, 0) == WAIT_FAILED,
                ERROR_ACCESS_DENIED);
    CHECK_EQ(poll(wait_only), WAIT_OBJECT_0);
    CHECK_ERROR(ReleaseSemaphore(semaphore, 1, NULL) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_ERROR(SignalObjectAndWait(semaphore, wait_only, 0, FALSE) == WAIT_FAILED, ERROR_ACCESS_DENIED);
    CHECK_ERROR(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_ERROR(CancelWaitableTimer(timer) == FALSE, ERROR_ACCESS_DENIED);
    /* To release a mutex takes no right. */
    CHECK(ReleaseMutex(mutex));
    CHECK(CloseHandle(wait_only));
    CHECK(CloseHandle(set_only));
    CHECK(CloseHandle(semaphore));
    CHECK(CloseHandle(mutex));
    CHECK(CloseHandle(timer));
}

TEST(what_may_be_asked_for)
{
    HANDLE mutex = CreateMutexW(NULL, FALSE, L"litewin asked");
    DWORD refused = 0;

    for (int bit = 0; bit < 32; bit++) {
        HANDLE opened = OpenMutexW((DWORD)1 << bit, FALSE, L"litewin asked");
        if (opened)
            CHECK(CloseHandle(opened));
        else
            refused |= (DWORD)1 << bit;
    }
    UNLESS_WINE("Wine grants rights that there are not")
    {
        CHECK_EQ(refused, 0x0DE0FFFE);
        CHECK_ERROR(OpenMutexW(0, FALSE, L"litewin asked") == NULL, ERROR_ACCESS_DENIED);
        CHECK_ERROR(OpenMutexW(2, FALSE, L"litewin asked") == NULL, ERROR_ACCESS_DENIED);
        CHECK_ERROR(OpenMutexW(ACCESS_SYSTEM_SECURITY, FALSE, L"litewin asked") == NULL,
                    ERROR_PRIVILEGE_NOT_HELD);
        CHECK_ERROR(CreateMutexExW(NULL, L"litewin asked", 0, 0) == NULL, ERROR_ACCESS_DENIED);
    }
    CHECK_ERROR(OpenMutexW(SYNCHRONIZE, FALSE, NULL) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(OpenMutexA(SYNCHRONIZE, FALSE, NULL) == NULL, ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(mutex));
}

TEST(generic_rights)
{
    HANDLE read, write, execute;

    read = CreateEventExW(NULL, L"litewin generic", CREATE_EVENT_MANUAL_RESET, GENERIC_READ);
    write = OpenEventW(GENERIC_WRITE, FALSE, L"litewin generic");
    execute = OpenEventW(GENERIC_EXECUTE, FALSE, L"litewin generic");
    CHECK_ERROR(poll(read) == WAIT_FAILED, ERROR_ACCESS_DENIED);
    CHECK_ERROR(SetEvent(read) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(SetEvent(write));
    CHECK_ERROR(poll(write) == WAIT_FAILED, ERROR_ACCESS_DENIED);
    CHECK_EQ(poll(execute), WAIT_OBJECT_0);
    CHECK_ERROR(SetEvent(execute) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(read));
    CHECK(CloseHandle(write));
    CHECK(CloseHandle(execute));
}

TEST(duplicates_with_less_access)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL), process = GetCurrentProcess();
    HANDLE wait_only = NULL, same = NULL;
    DWORD information = 0;

    CHECK(DuplicateHandle(process, event, process, &wait_only, SYNCHRONIZE, TRUE, 0));
    CHECK_ERROR(SetEvent(wait_only) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_EQ(poll(wait_only), WAIT_TIMEOUT);
    CHECK(GetHandleInformation(wait_only, &information));
    CHECK_EQ(information, HANDLE_FLAG_INHERIT);
    CHECK(DuplicateHandle(process, wait_only, process, &same, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK_ERROR(SetEvent(same) == FALSE, ERROR_ACCESS_DENIED);
    /* Signals reach the object by whatever handle. */
    CHECK(SetEvent(event));
    CHECK_EQ(poll(same), WAIT_OBJECT_0);
    CHECK(CloseHandle(wait_only));
    CHECK(CloseHandle(same));
    CHECK(CloseHandle(event));
}

TEST(a_duplicate_in_the_place_of_its_source)
{
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL), process = GetCurrentProcess(), moved = NULL;

    CHECK(
        DuplicateHandle(process, event, process, &moved, EVENT_MODIFY_STATE, FALSE, DUPLICATE_CLOSE_SOURCE));
    CHECK(moved != event);
    CHECK_ERROR(SetEvent(event) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(SetEvent(moved));
    CHECK_ERROR(poll(moved) == WAIT_FAILED, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(moved));
}

TEST(handles_are_inheritable_when_asked)
{
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, TRUE};
    HANDLE created = CreateMutexW(&attributes, FALSE, L"litewin inherit");
    HANDLE opened = OpenMutexW(SYNCHRONIZE, TRUE, L"litewin inherit");
    HANDLE plain = OpenMutexW(SYNCHRONIZE, FALSE, L"litewin inherit");
    DWORD flags = 99;

    CHECK(GetHandleInformation(created, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(GetHandleInformation(opened, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(GetHandleInformation(plain, &flags));
    CHECK_EQ(flags, 0);
    CHECK(CloseHandle(created));
    CHECK(CloseHandle(opened));
    CHECK(CloseHandle(plain));
}

int main(void)
{
    RUN(events_by_flags);
    RUN(creation_clears_the_last_error);
    RUN(wrong_handles);
    RUN(pulses);
    RUN(a_mutex_counts_its_owners_waits);
    RUN(several_mutexes_are_abandoned);
    RUN(who_waits_for_a_mutex_learns_that_it_is_abandoned);
    RUN(semaphores_count);
    RUN(namespaces);
    RUN(names_that_are_refused);
    RUN(narrow_names_are_limited);
    RUN(an_empty_name_is_none);
    RUN(a_name_of_another_kind);
    RUN(an_existing_object_is_not_changed);
    RUN(a_handle_permits_what_it_was_created_for);
    RUN(what_may_be_asked_for);
    RUN(generic_rights);
    RUN(duplicates_with_less_access);
    UNLESS_WINE("Wine 8 gives the source's handle back")
    RUN(a_duplicate_in_the_place_of_its_source);
    RUN(handles_are_inheritable_when_asked);
    return CHECK_END();
}
