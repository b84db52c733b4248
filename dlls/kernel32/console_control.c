/* Ctrl+C and its kin: Linux's signals become calls of the program's handlers, on a thread of their own. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "dlls/kernel32/error.h"
#include "kernel/helper_thread.h"
#include "kernel/futex.h"
#include "kernel/lock.h"
#include "kernel/process.h"
#include "kernel/thread.h"

/* Which event a signal is. Until the program asks for events, signals do what they do to a Linux program. */
static const struct {
    int number;
    DWORD event;
} signals[] = {
    {SIGINT, CTRL_C_EVENT},
    {SIGQUIT, CTRL_BREAK_EVENT},
    {SIGHUP, CTRL_CLOSE_EVENT},
    {SIGTERM, CTRL_CLOSE_EVENT},
};

static struct lock handlers_lock;
static PHANDLER_ROUTINE *handlers; /* the newest is the last */
static unsigned handler_count, handler_capacity;

/* Running the handlers */

/* A handler may be added or removed by another while it runs, so each step looks at the list anew. */
static PHANDLER_ROUTINE handler_below(unsigned *position)
{
    lock_acquire(&handlers_lock);
    if (*position > handler_count)
        *position = handler_count;
    PHANDLER_ROUTINE handler = *position ? handlers[--*position] : NULL;
    lock_release(&handlers_lock);
    return handler;
}

static DWORD GUEST_STDCALL run_handlers(void *argument)
{
    DWORD event = (DWORD)(ULONG_PTR)argument;
    unsigned position = UINT_MAX;
    PHANDLER_ROUTINE handler;
    bool handled = false;
    while (!handled && (handler = handler_below(&position)))
        handled = handler(event);
    /* Nobody keeps a closed console's process alive. */
    if (!handled || event == CTRL_CLOSE_EVENT)
        process_exit(STATUS_CONTROL_C_EXIT);
    return 0;
}

static void start_handlers(DWORD event)
{
    const struct thread_parameters parameters = {.start = run_handlers, .argument = (void *)(ULONG_PTR)event};
    struct thread *thread;
    if (NT_SUCCESS(thread_create(&parameters, &thread)))
        thread_release(thread);
}

/* From a signal to a thread */

/* Bits are events. A signal handler can do no more than set one and wake whoever waits for them. */
static uint32_t pending;

static void on_signal(int number)
{
    int error = errno;
    for (size_t i = 0; i < ARRAYSIZE(signals); i++) {
        if (signals[i].number == number)
            __atomic_fetch_or(&pending, 1u << signals[i].event, __ATOMIC_RELEASE);
    }
    futex_wake(&pending, 1);
    errno = error;
}

static void deliver(void)
{
    while (futex_wait(&pending, 0, NULL)) {
        uint32_t events = __atomic_exchange_n(&pending, 0, __ATOMIC_ACQUIRE);
        for (DWORD event = 0; events >> event; event++) {
            if (events >> event & 1)
                start_handlers(event);
        }
    }
}

static void take_signal(int number)
{
    struct sigaction present, action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    /* What is ignored stays so: nohup, or a parent that has Ctrl+C ignored. */
    if (!sigaction(number, NULL, &present) && present.sa_handler == SIG_DFL)
        sigaction(number, &action, NULL);
}

static bool start_delivery(void)
{
    if (!helper_thread_start(deliver))
        return false;
    for (size_t i = 0; i < ARRAYSIZE(signals); i++)
        take_signal(signals[i].number);
    return true;
}

/* The list of handlers */

/* Under the lock. */
static NTSTATUS add_handler(PHANDLER_ROUTINE handler)
{
    static bool delivering;
    if (handler_count == handler_capacity) {
        unsigned capacity = handler_capacity ? 2 * handler_capacity : 4;
        PHANDLER_ROUTINE *larger = realloc(handlers, capacity * sizeof *larger);
        if (!larger)
            return STATUS_NO_MEMORY;
        handlers = larger;
        handler_capacity = capacity;
    }
    if (!delivering && !(delivering = start_delivery()))
        return STATUS_INSUFFICIENT_RESOURCES;
    handlers[handler_count++] = handler;
    return STATUS_SUCCESS;
}

static NTSTATUS remove_handler(PHANDLER_ROUTINE handler)
{
    unsigned at = handler_count;
    while (at && handlers[at - 1] != handler)
        at--;
    if (!at)
        return STATUS_INVALID_PARAMETER;
    memmove(&handlers[at - 1], &handlers[at], (handler_count - at) * sizeof *handlers);
    handler_count--;
    return STATUS_SUCCESS;
}

/* The state that a NULL handler changes is inherited by child processes, as an ignored signal is. */
static NTSTATUS ignore_ctrl_c(bool ignore)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    if (!ignore) {
        action.sa_handler = handler_count ? on_signal : SIG_DFL;
        action.sa_flags = SA_RESTART | SA_ONSTACK;
        sigfillset(&action.sa_mask);
    }
    return sigaction(SIGINT, &action, NULL) ? status_from_errno(errno) : STATUS_SUCCESS;
}

BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE handler, BOOL add)
{
    lock_acquire(&handlers_lock);
    NTSTATUS status = !handler ? ignore_ctrl_c(add) : add ? add_handler(handler) : remove_handler(handler);
    lock_release(&handlers_lock);
    return set_last_status(status);
}

/* The group is a Linux process group: a process that was started with CREATE_NEW_PROCESS_GROUP leads one. */
BOOL WINAPI GenerateConsoleCtrlEvent(DWORD event, DWORD group)
{
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!kill(-(pid_t)group, event == CTRL_C_EVENT ? SIGINT : SIGQUIT))
        return TRUE;
    SetLastError(errno == ESRCH ? ERROR_INVALID_PARAMETER : ERROR_ACCESS_DENIED);
    return FALSE;
}
