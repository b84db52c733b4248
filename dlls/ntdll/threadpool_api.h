/* ntdll's thread pools: what kernel32 and programs call. MinGW-w64's headers do not declare it. */
#ifndef NTDLL_THREADPOOL_API_H
#define NTDLL_THREADPOOL_API_H

#include <litewin/windows.h>

typedef void(GUEST_STDCALL *tp_io_callback)(TP_CALLBACK_INSTANCE *instance, void *context, void *value,
                                            IO_STATUS_BLOCK *status, TP_IO *io);

#pragma GCC visibility push(default)

NTSTATUS WINAPI TpAllocPool(TP_POOL **pool, void *reserved);
void WINAPI TpReleasePool(TP_POOL *pool);
void WINAPI TpSetPoolMaxThreads(TP_POOL *pool, ULONG maximum);
NTSTATUS WINAPI TpSetPoolMinThreads(TP_POOL *pool, ULONG minimum);
NTSTATUS WINAPI TpSetPoolStackInformation(TP_POOL *pool, const TP_POOL_STACK_INFORMATION *information);
NTSTATUS WINAPI TpQueryPoolStackInformation(TP_POOL *pool, TP_POOL_STACK_INFORMATION *information);

NTSTATUS WINAPI TpAllocCleanupGroup(TP_CLEANUP_GROUP **group);
void WINAPI TpReleaseCleanupGroup(TP_CLEANUP_GROUP *group);

NTSTATUS WINAPI TpSimpleTryPost(PTP_SIMPLE_CALLBACK callback, void *context,
                                TP_CALLBACK_ENVIRON *environment);
NTSTATUS WINAPI TpAllocWork(TP_WORK **work, PTP_WORK_CALLBACK callback, void *context,
                            TP_CALLBACK_ENVIRON *environment);
NTSTATUS WINAPI TpAllocTimer(TP_TIMER **timer, PTP_TIMER_CALLBACK callback, void *context,
                             TP_CALLBACK_ENVIRON *environment);
NTSTATUS WINAPI TpAllocWait(TP_WAIT **wait, PTP_WAIT_CALLBACK callback, void *context,
                            TP_CALLBACK_ENVIRON *environment);
NTSTATUS WINAPI TpAllocIoCompletion(TP_IO **io, HANDLE file, tp_io_callback callback, void *context,
                                    TP_CALLBACK_ENVIRON *environment);
/* The same with a callback of Win32's form. */
NTSTATUS tp_allocate_win32_io(TP_IO **io, HANDLE file, PTP_WIN32_IO_CALLBACK callback, void *context,
                              TP_CALLBACK_ENVIRON *environment);

NTSTATUS WINAPI TpCallbackMayRunLong(TP_CALLBACK_INSTANCE *instance);

NTSTATUS WINAPI RtlQueueWorkItem(LPTHREAD_START_ROUTINE function, void *context, ULONG flags);
NTSTATUS WINAPI RtlSetIoCompletionCallback(HANDLE file, LPOVERLAPPED_COMPLETION_ROUTINE function,
                                           ULONG flags);

NTSTATUS WINAPI RtlCreateTimerQueue(HANDLE *queue);
NTSTATUS WINAPI RtlDeleteTimerQueueEx(HANDLE queue, HANDLE completion);
NTSTATUS WINAPI RtlCreateTimer(HANDLE queue, HANDLE *timer, WAITORTIMERCALLBACKFUNC function, void *context,
                               ULONG due, ULONG period, ULONG flags);
NTSTATUS WINAPI RtlUpdateTimer(HANDLE queue, HANDLE timer, ULONG due, ULONG period);
NTSTATUS WINAPI RtlDeleteTimer(HANDLE queue, HANDLE timer, HANDLE completion);

NTSTATUS WINAPI RtlRegisterWait(HANDLE *wait, HANDLE object, WAITORTIMERCALLBACKFUNC function, void *context,
                                ULONG milliseconds, ULONG flags);
NTSTATUS WINAPI RtlDeregisterWait(HANDLE wait);
NTSTATUS WINAPI RtlDeregisterWaitEx(HANDLE wait, HANDLE completion);

#pragma GCC visibility pop

#endif
