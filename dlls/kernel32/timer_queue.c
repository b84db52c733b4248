#include "dlls/kernel32/error.h"
#include "dlls/ntdll/threadpool_api.h"

/* Timer queues and registered waits. That a callback still runs when its timer or wait has been deleted is
 * success to ntdll, and an error here. */
static BOOL ended(NTSTATUS status)
{
    if (status != STATUS_PENDING)
        return set_last_status(status);
    SetLastError(ERROR_IO_PENDING);
    return FALSE;
}

HANDLE WINAPI CreateTimerQueue(void)
{
    HANDLE queue;
    return set_last_status(RtlCreateTimerQueue(&queue)) ? queue : NULL;
}

BOOL WINAPI DeleteTimerQueueEx(HANDLE queue, HANDLE completion)
{
    return ended(RtlDeleteTimerQueueEx(queue, completion));
}

BOOL WINAPI DeleteTimerQueue(HANDLE queue)
{
    return DeleteTimerQueueEx(queue, NULL);
}

BOOL WINAPI CreateTimerQueueTimer(HANDLE *timer, HANDLE queue, WAITORTIMERCALLBACK function, void *parameter,
                                  DWORD due, DWORD period, ULONG flags)
{
    return set_last_status(RtlCreateTimer(queue, timer, function, parameter, due, period, flags));
}

BOOL WINAPI ChangeTimerQueueTimer(HANDLE queue, HANDLE timer, ULONG due, ULONG period)
{
    return set_last_status(RtlUpdateTimer(queue, timer, due, period));
}

BOOL WINAPI DeleteTimerQueueTimer(HANDLE queue, HANDLE timer, HANDLE completion)
{
    return ended(RtlDeleteTimer(queue, timer, completion));
}

BOOL WINAPI RegisterWaitForSingleObject(HANDLE *wait, HANDLE object, WAITORTIMERCALLBACK function,
                                        void *context, ULONG milliseconds, ULONG flags)
{
    return set_last_status(RtlRegisterWait(wait, object, function, context, milliseconds, flags));
}

HANDLE WINAPI RegisterWaitForSingleObjectEx(HANDLE object, WAITORTIMERCALLBACK function, void *context,
                                            ULONG milliseconds, ULONG flags)
{
    HANDLE wait;
    return RegisterWaitForSingleObject(&wait, object, function, context, milliseconds, flags) ? wait : NULL;
}

BOOL WINAPI UnregisterWait(HANDLE wait)
{
    return ended(RtlDeregisterWait(wait));
}

BOOL WINAPI UnregisterWaitEx(HANDLE wait, HANDLE completion)
{
    return ended(RtlDeregisterWaitEx(wait, completion));
}
