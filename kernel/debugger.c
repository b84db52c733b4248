#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "kernel/debugger.h"
#include "kernel/process.h"
#include "kernel/suspend_context.h"
#include "kernel/teb.h"

/* Keeps the compiler from leaving out a call that has no effect. */
#define BREAKPOINT_PLACE(...) __asm__ volatile("" : : __VA_ARGS__)

__attribute__((noinline)) void debugger_modules_changed(void)
{
    BREAKPOINT_PLACE();
}

__attribute__((noinline)) void debugger_first_chance(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    BREAKPOINT_PLACE("r"(record), "r"(context));
}

__attribute__((noinline)) void debugger_print(const char *text)
{
    BREAKPOINT_PLACE("r"(text));
}

#ifdef __x86_64__
uintptr_t debugger_call(uintptr_t(GUEST_STDCALL *function)(uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                                           uintptr_t, uintptr_t),
                        uintptr_t first, uintptr_t second, uintptr_t third, uintptr_t fourth, uintptr_t fifth,
                        uintptr_t sixth)
{
    return function(first, second, third, fourth, fifth, sixth);
}
#endif

/* Is there one? */

static bool is_traced(void)
{
    static const char label[] = "\nTracerPid:\t";
    char text[1024];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (size < 0)
        return false;
    text[size] = '\0';
    const char *tracer = strstr(text, label);
    return tracer && atoi(tracer + sizeof label - 1) != 0;
}

/* A debugger that was killed has not taken its mark back. */
bool debugger_is_present(void)
{
    return process_environment.BeingDebugged && is_traced();
}

/* The last chance */

/* The debugger must find the thread at the exception's registers, and stop it there. A signal does that which
 * is pending when a signal handler returns to those registers. gdb stops at SIGABRT and not at the other. */
#define RETURN_SIGNAL (SIGRTMAX - 4)

static pid_t last_thread; /* atomic */
static const CONTEXT *last_context;
static DWORD last_code;

static void return_to_exception(int number, siginfo_t *information, void *host)
{
    suspend_write_registers(host, last_context);
    syscall(SYS_tgkill, getpid(), last_thread, SIGABRT);
}

static void end(int number)
{
    process_terminate(last_code);
}

static void install(int number, struct sigaction *action)
{
    sigfillset(&action->sa_mask);
    sigaction(number, action, NULL);
}

/* One thread's exception ends the process; others that come here meanwhile wait for that. */
static void be_last(void)
{
    pid_t none = 0, self = syscall(SYS_gettid);
    if (!__atomic_compare_exchange_n(&last_thread, &none, self, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) &&
        none != self)
        for (;;)
            pause();
}

void debugger_last_chance(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    be_last();
    last_context = context;
    last_code = record->ExceptionCode;
    install(SIGABRT, &(struct sigaction){.sa_handler = end, .sa_flags = SA_ONSTACK});
    install(RETURN_SIGNAL,
            &(struct sigaction){.sa_sigaction = return_to_exception, .sa_flags = SA_SIGINFO | SA_ONSTACK});
    syscall(SYS_tgkill, getpid(), last_thread, RETURN_SIGNAL);
    process_terminate(record->ExceptionCode);
}
