#include "dlls/ntdll/peb_lock.h"
#include "dlls/ntdll/sync.h"
#include "kernel/teb.h"

static RTL_CRITICAL_SECTION peb_lock;

void peb_lock_initialize(void)
{
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
