/* Locks and kin that ntdll implements and kernel32 and others use. MinGW-w64's headers do not declare them.
 */
#ifndef NTDLL_SYNC_H
#define NTDLL_SYNC_H

#include <litewin/windows.h>

#pragma GCC visibility push(default)

/* critsec.c */
NTSTATUS WINAPI RtlInitializeCriticalSection(RTL_CRITICAL_SECTION *section);
NTSTATUS WINAPI RtlInitializeCriticalSectionAndSpinCount(RTL_CRITICAL_SECTION *section, ULONG spin_count);
NTSTATUS WINAPI RtlInitializeCriticalSectionEx(RTL_CRITICAL_SECTION *section, ULONG spin_count, ULONG flags);
NTSTATUS WINAPI RtlDeleteCriticalSection(RTL_CRITICAL_SECTION *section);
NTSTATUS WINAPI RtlEnterCriticalSection(RTL_CRITICAL_SECTION *section);
BOOLEAN WINAPI RtlTryEnterCriticalSection(RTL_CRITICAL_SECTION *section);
NTSTATUS WINAPI RtlLeaveCriticalSection(RTL_CRITICAL_SECTION *section);
ULONG WINAPI RtlSetCriticalSectionSpinCount(RTL_CRITICAL_SECTION *section, ULONG spin_count);

/* srwlock.c */
void WINAPI RtlInitializeSRWLock(RTL_SRWLOCK *lock);
void WINAPI RtlAcquireSRWLockExclusive(RTL_SRWLOCK *lock);
void WINAPI RtlAcquireSRWLockShared(RTL_SRWLOCK *lock);
BOOLEAN WINAPI RtlTryAcquireSRWLockExclusive(RTL_SRWLOCK *lock);
BOOLEAN WINAPI RtlTryAcquireSRWLockShared(RTL_SRWLOCK *lock);
void WINAPI RtlReleaseSRWLockExclusive(RTL_SRWLOCK *lock);
void WINAPI RtlReleaseSRWLockShared(RTL_SRWLOCK *lock);

/* condvar.c */
void WINAPI RtlInitializeConditionVariable(RTL_CONDITION_VARIABLE *variable);
void WINAPI RtlWakeConditionVariable(RTL_CONDITION_VARIABLE *variable);
void WINAPI RtlWakeAllConditionVariable(RTL_CONDITION_VARIABLE *variable);
NTSTATUS WINAPI RtlSleepConditionVariableCS(RTL_CONDITION_VARIABLE *variable, RTL_CRITICAL_SECTION *section,
                                            const LARGE_INTEGER *timeout);
NTSTATUS WINAPI RtlSleepConditionVariableSRW(RTL_CONDITION_VARIABLE *variable, RTL_SRWLOCK *lock,
                                             const LARGE_INTEGER *timeout, ULONG flags);

/* initonce.c */
void WINAPI RtlRunOnceInitialize(RTL_RUN_ONCE *once);
NTSTATUS WINAPI RtlRunOnceBeginInitialize(RTL_RUN_ONCE *once, ULONG flags, void **context);
NTSTATUS WINAPI RtlRunOnceComplete(RTL_RUN_ONCE *once, ULONG flags, void *context);
NTSTATUS WINAPI RtlRunOnceExecuteOnce(RTL_RUN_ONCE *once, PRTL_RUN_ONCE_INIT_FN function, void *parameter,
                                      void **context);

/* barrier.c */
NTSTATUS WINAPI RtlInitBarrier(RTL_BARRIER *barrier, ULONG total, ULONG spins);
BOOLEAN WINAPI RtlBarrier(RTL_BARRIER *barrier, ULONG flags);
NTSTATUS WINAPI RtlDeleteBarrier(RTL_BARRIER *barrier);

/* waitonaddress.c */
NTSTATUS WINAPI RtlWaitOnAddress(const void *address, const void *compare, SIZE_T size,
                                 const LARGE_INTEGER *timeout);
void WINAPI RtlWakeAddressSingle(const void *address);
void WINAPI RtlWakeAddressAll(const void *address);

/* fls.c */
NTSTATUS WINAPI RtlFlsAlloc(PFLS_CALLBACK_FUNCTION callback, ULONG *index);
NTSTATUS WINAPI RtlFlsFree(ULONG index);
NTSTATUS WINAPI RtlFlsGetValue(ULONG index, void **value);
NTSTATUS WINAPI RtlFlsSetValue(ULONG index, void *value);

#pragma GCC visibility pop

#endif
