#include "dlls/kernel32/error.h"
#include "dlls/ntdll/threadpool_api.h"

/* What of thread pools is not simply ntdll's. */

TP_POOL *WINAPI CreateThreadpool(void *reserved)
{
    TP_POOL *pool;
    return set_last_status(TpAllocPool(&pool, reserved)) ? pool : NULL;
}

BOOL WINAPI SetThreadpoolThreadMinimum(TP_POOL *pool, DWORD minimum)
{
    return set_last_status(TpSetPoolMinThreads(pool, minimum));
}

BOOL WINAPI SetThreadpoolStackInformation(TP_POOL *pool, TP_POOL_STACK_INFORMATION *information)
{
    return set_last_status(TpSetPoolStackInformation(pool, information));
}

BOOL WINAPI QueryThreadpoolStackInformation(TP_POOL *pool, TP_POOL_STACK_INFORMATION *information)
{
    return set_last_status(TpQueryPoolStackInformation(pool, information));
}

TP_CLEANUP_GROUP *WINAPI CreateThreadpoolCleanupGroup(void)
{
    TP_CLEANUP_GROUP *group;
    return set_last_status(TpAllocCleanupGroup(&group)) ? group : NULL;
}

BOOL WINAPI TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK callback, void *context,
                                        TP_CALLBACK_ENVIRON *environment)
{
    return set_last_status(TpSimpleTryPost(callback, context, environment));
}

TP_WORK *WINAPI CreateThreadpoolWork(PTP_WORK_CALLBACK callback, void *context,
                                     TP_CALLBACK_ENVIRON *environment)
{
    TP_WORK *work;
    return set_last_status(TpAllocWork(&work, callback, context, environment)) ? work : NULL;
}

TP_TIMER *WINAPI CreateThreadpoolTimer(PTP_TIMER_CALLBACK callback, void *context,
                                       TP_CALLBACK_ENVIRON *environment)
{
    TP_TIMER *timer;
    return set_last_status(TpAllocTimer(&timer, callback, context, environment)) ? timer : NULL;
}

TP_WAIT *WINAPI CreateThreadpoolWait(PTP_WAIT_CALLBACK callback, void *context,
                                     TP_CALLBACK_ENVIRON *environment)
{
    TP_WAIT *wait;
    return set_last_status(TpAllocWait(&wait, callback, context, environment)) ? wait : NULL;
}

TP_IO *WINAPI CreateThreadpoolIo(HANDLE file, PTP_WIN32_IO_CALLBACK callback, void *context,
                                 TP_CALLBACK_ENVIRON *environment)
{
    TP_IO *io;
    return set_last_status(tp_allocate_win32_io(&io, file, callback, context, environment)) ? io : NULL;
}

BOOL WINAPI CallbackMayRunLong(TP_CALLBACK_INSTANCE *instance)
{
    return set_last_status(TpCallbackMayRunLong(instance));
}

BOOL WINAPI QueueUserWorkItem(LPTHREAD_START_ROUTINE function, void *context, ULONG flags)
{
    return set_last_status(RtlQueueWorkItem(function, context, flags));
}

BOOL WINAPI BindIoCompletionCallback(HANDLE file, LPOVERLAPPED_COMPLETION_ROUTINE function, ULONG flags)
{
    return set_last_status(RtlSetIoCompletionCallback(file, function, flags));
}
