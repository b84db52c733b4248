#include "kernel/alert.h"
#include "kernel/thread.h"

NTSTATUS alert_by_id(DWORD id)
{
    struct thread *thread;
    NTSTATUS status = thread_reference_by_id(id, &thread);
    if (!NT_SUCCESS(status))
        return STATUS_INVALID_CID;
    if (__atomic_exchange_n(&thread->alerts_by_id, 1, __ATOMIC_RELEASE) == 0)
        futex_wake(&thread->alerts_by_id, 1);
    thread_release(thread);
    return STATUS_SUCCESS;
}

NTSTATUS alert_wait(const LARGE_INTEGER *timeout)
{
    uint32_t *alerts = &thread_current()->alerts_by_id;
    struct deadline deadline = deadline_from_timeout(timeout);
    bool in_time = true;
    while (__atomic_exchange_n(alerts, 0, __ATOMIC_ACQUIRE) == 0) {
        if (!in_time)
            return STATUS_TIMEOUT;
        in_time = futex_wait(alerts, 0, &deadline);
    }
    return STATUS_ALERTED;
}
