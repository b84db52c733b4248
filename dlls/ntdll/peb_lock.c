#include "dlls/ntdll/peb_lock.h"
#include "dlls/ntdll/sync.h"
#include "kernel/process.h"
#include "kernel/teb.h"

static RTL_CRITICAL_SECTION peb_lock;

static void acquire(void)
{
    RtlEnterCriticalSection(&peb_lock);
}

static void release(void)
{
    RtlLeaveCriticalSection(&peb_lock);
}

/* Who ends the process does so under this lock: whoever holds it must not be ended then. */
void peb_lock_initialize(void)
{
    process_set_exit_lock(acquire, release);
    RtlInitializeCriticalSection(&peb_lock);
    process_environment.FastPebLock = &peb_lock;
}

NTSTATUS WINAPI RtlAcquirePebLock(void)
{
    return RtlEnterCriticalSection(&peb_lock);
}

NTSTATUS WINAPI RtlReleasePebLock(void)
{
    return RtlLeaveCriticalSection(&peb_lock);
}
