#include "dlls/kernel32/error.h"
#include "dlls/ntdll/sync.h"
#include "kernel/wait.h"

/* For the C code of other DLLs; programs reach ntdll's functions through forwarders */

void WINAPI InitializeCriticalSection(CRITICAL_SECTION *section)
{
    RtlInitializeCriticalSection(section);
}

void WINAPI DeleteCriticalSection(CRITICAL_SECTION *section)
{
    RtlDeleteCriticalSection(section);
}

void WINAPI EnterCriticalSection(CRITICAL_SECTION *section)
{
    RtlEnterCriticalSection(section);
}

BOOL WINAPI TryEnterCriticalSection(CRITICAL_SECTION *section)
{
    return RtlTryEnterCriticalSection(section);
}

void WINAPI LeaveCriticalSection(CRITICAL_SECTION *section)
{
    RtlLeaveCriticalSection(section);
}

void WINAPI AcquireSRWLockExclusive(SRWLOCK *lock)
{
    RtlAcquireSRWLockExclusive(lock);
}

void WINAPI ReleaseSRWLockExclusive(SRWLOCK *lock)
{
    RtlReleaseSRWLockExclusive(lock);
}

void WINAPI AcquireSRWLockShared(SRWLOCK *lock)
{
    RtlAcquireSRWLockShared(lock);
}

void WINAPI ReleaseSRWLockShared(SRWLOCK *lock)
{
    RtlReleaseSRWLockShared(lock);
}

/* Where Win32 differs from ntdll */

BOOL WINAPI InitializeCriticalSectionAndSpinCount(CRITICAL_SECTION *section, DWORD spin_count)
{
    return set_last_status(RtlInitializeCriticalSectionAndSpinCount(section, spin_count));
}

BOOL WINAPI InitializeCriticalSectionEx(CRITICAL_SECTION *section, DWORD spin_count, DWORD flags)
{
    return set_last_status(RtlInitializeCriticalSectionEx(section, spin_count, flags));
}

/* A timeout is STATUS_TIMEOUT, which is a success. */
static BOOL sleep_result(NTSTATUS status)
{
    if (status != STATUS_TIMEOUT)
        return set_last_status(status);
    teb_current()->LastErrorValue = ERROR_TIMEOUT;
    return FALSE;
}

BOOL WINAPI SleepConditionVariableCS(CONDITION_VARIABLE *variable, CRITICAL_SECTION *section,
                                     DWORD milliseconds)
{
    LARGE_INTEGER timeout;
    return sleep_result(
        RtlSleepConditionVariableCS(variable, section, wait_milliseconds(&timeout, milliseconds)));
}

BOOL WINAPI SleepConditionVariableSRW(CONDITION_VARIABLE *variable, SRWLOCK *lock, DWORD milliseconds,
                                      ULONG flags)
{
    LARGE_INTEGER timeout;
    return sleep_result(
        RtlSleepConditionVariableSRW(variable, lock, wait_milliseconds(&timeout, milliseconds), flags));
}

BOOL WINAPI WaitOnAddress(volatile void *address, void *compare, SIZE_T size, DWORD milliseconds)
{
    LARGE_INTEGER timeout;
    return sleep_result(
        RtlWaitOnAddress((const void *)address, compare, size, wait_milliseconds(&timeout, milliseconds)));
}

BOOL WINAPI InitOnceBeginInitialize(INIT_ONCE *once, DWORD flags, BOOL *pending, void **context)
{
    NTSTATUS status = RtlRunOnceBeginInitialize(once, flags, context);
    if (!set_last_status(status))
        return FALSE;
    *pending = status == STATUS_PENDING;
    return TRUE;
}

BOOL WINAPI InitOnceComplete(INIT_ONCE *once, DWORD flags, void *context)
{
    return set_last_status(RtlRunOnceComplete(once, flags, context));
}

/* Its failure leaves the last error that the program's function has set. */
BOOL WINAPI InitOnceExecuteOnce(INIT_ONCE *once, PINIT_ONCE_FN function, void *parameter, void **context)
{
    return NT_SUCCESS(
        RtlRunOnceExecuteOnce(once, (PRTL_RUN_ONCE_INIT_FN)(void *)function, parameter, context));
}

/* Barriers */

BOOL WINAPI InitializeSynchronizationBarrier(SYNCHRONIZATION_BARRIER *barrier, LONG total, LONG spins)
{
    return set_last_status(RtlInitBarrier(barrier, total, spins));
}

BOOL WINAPI EnterSynchronizationBarrier(SYNCHRONIZATION_BARRIER *barrier, DWORD flags)
{
    return RtlBarrier(barrier, flags);
}

BOOL WINAPI DeleteSynchronizationBarrier(SYNCHRONIZATION_BARRIER *barrier)
{
    return set_last_status(RtlDeleteBarrier(barrier));
}
