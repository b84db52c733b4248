/* Does everything that a lock or an object can do without a wait, as often as its argument says. None of it
 * needs the kernel, so that the number makes no difference to the system calls of the process
 * (tests/win/cases.py). */
#include <stdlib.h>
#include <windows.h>

static DWORD WINAPI return_at_once(void *unused)
{
    (void)unused;
    return 0;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1;
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL), manual = CreateEventW(NULL, TRUE, TRUE, NULL);
    HANDLE mutex = CreateMutexW(NULL, FALSE, NULL), semaphore = CreateSemaphoreW(NULL, 0, 10, NULL), thread,
           copy;
    HANDLE several[3] = {event, mutex, semaphore};
    SRWLOCK srw = SRWLOCK_INIT;
    CONDITION_VARIABLE variable = CONDITION_VARIABLE_INIT;
    INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    CRITICAL_SECTION section;
    int wrong = 0;

    /* A process with one thread might spare itself more than others. */
    thread = CreateThread(NULL, 0, return_at_once, NULL, 0, NULL);
    wrong += WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0;
    InitializeCriticalSection(&section);
    while (count-- > 0) {
        void *context;
        BOOL pending;
        EnterCriticalSection(&section);
        wrong += !TryEnterCriticalSection(&section);
        LeaveCriticalSection(&section);
        LeaveCriticalSection(&section);
        AcquireSRWLockExclusive(&srw);
        ReleaseSRWLockExclusive(&srw);
        AcquireSRWLockShared(&srw);
        ReleaseSRWLockShared(&srw);
        WakeConditionVariable(&variable);
        WakeAllConditionVariable(&variable);
        if (InitOnceBeginInitialize(&once, 0, &pending, &context) && pending)
            InitOnceComplete(&once, 0, NULL);
        SetEvent(event);
        wrong += WaitForSingleObject(event, INFINITE) != WAIT_OBJECT_0;
        wrong += WaitForSingleObject(event, 0) != WAIT_TIMEOUT;
        PulseEvent(event);
        wrong += WaitForSingleObject(manual, INFINITE) != WAIT_OBJECT_0;
        wrong += WaitForSingleObject(mutex, INFINITE) != WAIT_OBJECT_0;
        wrong += WaitForSingleObject(mutex, INFINITE) != WAIT_OBJECT_0;
        ReleaseMutex(mutex);
        ReleaseMutex(mutex);
        ReleaseSemaphore(semaphore, 2, NULL);
        wrong += WaitForSingleObject(semaphore, INFINITE) != WAIT_OBJECT_0;
        SetEvent(event);
        wrong += WaitForMultipleObjects(3, several, TRUE, INFINITE) != WAIT_OBJECT_0;
        ReleaseMutex(mutex);
        wrong += SignalObjectAndWait(event, event, INFINITE, FALSE) != WAIT_OBJECT_0;
        wrong += WaitForMultipleObjects(2, several, FALSE, INFINITE) != WAIT_OBJECT_0 + 1;
        ReleaseMutex(mutex);
        DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE,
                        DUPLICATE_SAME_ACCESS);
        CloseHandle(copy);
        CloseHandle(CreateEventW(NULL, FALSE, FALSE, NULL));
        wrong += WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0;
    }
    return wrong != 0;
}
