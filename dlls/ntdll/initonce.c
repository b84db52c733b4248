#include "dlls/ntdll/sync.h"

/* The low two bits of the one pointer; the rest is the caller's context once it is done. */
enum { UNTOUCHED = 0, RUNNING = 1, RUNNING_ASYNC = 3, DONE = 2 };

#define STATE_BITS ((ULONG_PTR)(1 << RTL_RUN_ONCE_CTX_RESERVED_BITS) - 1)

static ULONG_PTR *word_of(RTL_RUN_ONCE *once)
{
    return (ULONG_PTR *)&once->Ptr;
}

static bool change(RTL_RUN_ONCE *once, ULONG_PTR from, ULONG_PTR to)
{
    return __atomic_compare_exchange_n(word_of(once), &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void WINAPI RtlRunOnceInitialize(RTL_RUN_ONCE *once)
{
    once->Ptr = NULL;
}

static NTSTATUS report_done(ULONG_PTR word, void **context)
{
    if (context)
        *context = (void *)(word & ~STATE_BITS);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlRunOnceBeginInitialize(RTL_RUN_ONCE *once, ULONG flags, void **context)
{
    bool asynchronous = flags & RTL_RUN_ONCE_ASYNC;
    if (flags & RTL_RUN_ONCE_CHECK_ONLY) {
        ULONG_PTR word = __atomic_load_n(word_of(once), __ATOMIC_ACQUIRE);
        if (asynchronous)
            return STATUS_INVALID_PARAMETER;
        return (word & STATE_BITS) == DONE ? report_done(word, context) : STATUS_UNSUCCESSFUL;
    }
    for (;;) {
        ULONG_PTR word = __atomic_load_n(word_of(once), __ATOMIC_ACQUIRE);
        switch (word & STATE_BITS) {
        case DONE:
            return report_done(word, context);
        case UNTOUCHED:
            if (change(once, word, asynchronous ? RUNNING_ASYNC : RUNNING))
                return STATUS_PENDING;
            break;
        case RUNNING:
            if (asynchronous)
                return STATUS_INVALID_PARAMETER;
            RtlWaitOnAddress(&once->Ptr, &word, sizeof word, NULL);
            break;
        case RUNNING_ASYNC:
            return asynchronous ? STATUS_PENDING : STATUS_INVALID_PARAMETER;
        }
    }
}

NTSTATUS WINAPI RtlRunOnceComplete(RTL_RUN_ONCE *once, ULONG flags, void *context)
{
    bool failed = flags & RTL_RUN_ONCE_INIT_FAILED, asynchronous = flags & RTL_RUN_ONCE_ASYNC;
    if ((failed && (context || asynchronous)) || (ULONG_PTR)context & STATE_BITS)
        return STATUS_INVALID_PARAMETER;
    ULONG_PTR word = __atomic_load_n(word_of(once), __ATOMIC_ACQUIRE);
    ULONG_PTR result = failed ? UNTOUCHED : (ULONG_PTR)context | DONE;
    if ((word & STATE_BITS) == RUNNING) {
        if (asynchronous)
            return STATUS_INVALID_PARAMETER;
        __atomic_store_n(word_of(once), result, __ATOMIC_RELEASE);
        RtlWakeAddressAll(&once->Ptr);
        return STATUS_SUCCESS;
    }
    if ((word & STATE_BITS) != RUNNING_ASYNC)
        return STATUS_UNSUCCESSFUL;
    if (!asynchronous)
        return STATUS_INVALID_PARAMETER;
    return change(once, word, result) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

NTSTATUS WINAPI RtlRunOnceExecuteOnce(RTL_RUN_ONCE *once, PRTL_RUN_ONCE_INIT_FN function, void *parameter,
                                      void **context)
{
    NTSTATUS status = RtlRunOnceBeginInitialize(once, 0, context);
    if (status != STATUS_PENDING)
        return status;
    /* The function finds in its context what the caller has put there, and leaves it if it likes. */
    void *own_context = NULL;
    if (!context)
        context = &own_context;
    if (!function(once, parameter, context)) {
        RtlRunOnceComplete(once, RTL_RUN_ONCE_INIT_FAILED, NULL);
        return STATUS_UNSUCCESSFUL;
    }
    return RtlRunOnceComplete(once, 0, *context);
}
