/* The runtime's data of each thread, and threads that the runtime starts. */
#include <pthread.h>
#include <stdlib.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"

typedef void(GUEST_CDECL *thread_routine)(void *argument);

__thread struct crt_thread crt_thread __attribute__((tls_model("initial-exec"))) = {.random = 1};

static pthread_key_t buffers_key;
static pthread_once_t buffers_once = PTHREAD_ONCE_INIT;

/* The key is there for its destructor: threads end by returning to their pthread. By then the thread is no
 * Windows thread any more, which is why the buffers come from Linux's heap and not from HeapAlloc. */
static void make_buffers_key(void)
{
    if (pthread_key_create(&buffers_key, free) != 0)
        abort();
}

struct crt_buffers *crt_thread_buffers(void)
{
    if (crt_thread.buffers)
        return crt_thread.buffers;
    pthread_once(&buffers_once, make_buffers_key);
    struct crt_buffers *buffers = calloc(1, sizeof *buffers);
    if (buffers && pthread_setspecific(buffers_key, buffers) != 0) {
        free(buffers);
        buffers = NULL;
    }
    if (!buffers)
        crt_thread.error = CRT_ENOMEM;
    crt_thread.buffers = buffers;
    return buffers;
}

static int errno_of_thread_creation(DWORD error)
{
    switch (error) {
    case ERROR_ACCESS_DENIED:
        return CRT_EACCES;
    case ERROR_INVALID_PARAMETER:
        return CRT_EINVAL;
    default:
        return CRT_EAGAIN;
    }
}

static void report_thread_creation(void)
{
    crt_thread.dos_error = GetLastError();
    crt_thread.error = errno_of_thread_creation(crt_thread.dos_error);
}

/* A new thread needs nothing set up here: its struct crt_thread comes with it. */
uintptr_t crt_beginthreadex(SECURITY_ATTRIBUTES *security, unsigned stack_size, LPTHREAD_START_ROUTINE start,
                            void *argument, unsigned flags, DWORD *id)
{
    if (!start) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    HANDLE thread = CreateThread(security, stack_size, start, argument, flags, id);
    if (!thread)
        report_thread_creation();
    return (uintptr_t)thread;
}

void crt_endthreadex(unsigned code)
{
    ExitThread(code);
}

/* _beginthread's thread owns its handle, and closes it at its end. */
void crt_endthread(void)
{
    HANDLE handle = crt_thread.thread_handle;
    crt_thread.thread_handle = NULL;
    if (handle)
        CloseHandle(handle);
    ExitThread(0);
}

struct new_thread {
    thread_routine start;
    void *argument;
    HANDLE handle;
};

static DWORD GUEST_STDCALL run_thread(void *parameter)
{
    struct new_thread new_thread = *(struct new_thread *)parameter;
    crt_free(parameter);
    crt_thread.thread_handle = new_thread.handle;
    new_thread.start(new_thread.argument);
    crt_endthread();
    return 0;
}

uintptr_t crt_beginthread(thread_routine start, unsigned stack_size, void *argument)
{
    if (!start) {
        crt_invalid_parameter(CRT_EINVAL);
        return (uintptr_t)-1;
    }
    struct new_thread *new_thread = crt_malloc(sizeof *new_thread);
    if (!new_thread)
        return (uintptr_t)-1;
    *new_thread = (struct new_thread){start, argument, NULL};
    HANDLE thread = CreateThread(NULL, stack_size, run_thread, new_thread, CREATE_SUSPENDED, NULL);
    if (!thread) {
        report_thread_creation();
        crt_free(new_thread);
        return (uintptr_t)-1;
    }
    new_thread->handle = thread;
    ResumeThread(thread);
    return (uintptr_t)thread;
}

DWORD crt_threadid(void)
{
    return GetCurrentThreadId();
}

intptr_t crt_threadhandle(void)
{
    return (intptr_t)GetCurrentThread();
}
