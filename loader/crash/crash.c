/* One report at a time, in parts that may fail. */
#include "loader/crash/crash.h"
#include <setjmp.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "kernel/futex.h"
#include "kernel/teb.h"
#include "loader/call_on_stack.h"
#include "loader/crash/crash_internal.h"
#include "loader/crash/symbols.h"
#include "loader/options.h"

enum {
    REPORT_STACK_SIZE = 0x20000,
    REPORT_SIZE = 0x10000,
    PATIENCE = 4, /* seconds for what takes long, before it is taken for stuck */
};

static enum { REPORT_SHORT, REPORT_NONE, REPORT_FULL } kind;
static void (*unwinder)(CONTEXT *context, bool innermost);

static uint32_t busy;        /* atomic, a futex */
static struct teb *reporter; /* atomic; whose report it is */
static struct part {
    jmp_buf end;
    struct part *outer;
} * part;

static char report_stack_memory[REPORT_STACK_SIZE] __attribute__((aligned(16)));
static char report_bytes[REPORT_SIZE];

const char *crash_configure(void)
{
    static const char *const names[] = {"short", "none", "full"};
    const char *chosen = options.crash_report;
    for (unsigned i = 0; chosen && i < ARRAYSIZE(names); i++) {
        if (!strcmp(chosen, names[i])) {
            kind = i;
            chosen = NULL;
        }
    }
    return chosen ? "--crash-report is one of none, short, full" : NULL;
}

void crash_set_unwinder(void (*leave_frame)(CONTEXT *context, bool innermost))
{
    unwinder = leave_frame;
}

void crash_leave_frame(CONTEXT *context, bool innermost)
{
    if (unwinder)
        unwinder(context, innermost);
    else
        CONTEXT_PC(context) = 0;
}

/* -- parts --------------------------------------------------------------------------------------------- */

void crash_recover(void)
{
    if (__atomic_load_n(&reporter, __ATOMIC_RELAXED) == teb_current() && part)
        _longjmp(part->end, 1);
}

bool crash_attempt(void (*function)(void *), void *argument)
{
    struct part own = {.outer = part};
    bool failed = _setjmp(own.end);
    if (!failed) {
        part = &own;
        function(argument);
    }
    part = own.outer;
    return !failed;
}

/* -- the watch: a lock that the crash has left locked is never released ------------------------------------
 */

static void on_alarm(int number)
{
    crash_recover();
}

/* The signal is the reporting thread's alone, and left by a jump. */
static bool start_watch(timer_t *timer)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_NODEFER};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    struct itimerspec times = {.it_value = {.tv_sec = PATIENCE}, .it_interval = {.tv_sec = 1}};
    sigset_t set;
    event._sigev_un._tid = gettid();
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    return !sigaction(SIGALRM, &action, NULL) && !sigprocmask(SIG_UNBLOCK, &set, NULL) &&
           !timer_create(CLOCK_MONOTONIC, &event, timer) && !timer_settime(*timer, 0, &times, NULL);
}

/* -- one at a time -----------------------------------------------------------------------------------------
 */

/* Who comes second waits for the first one's report, and then for the end of the process, which as a rule
 * follows it. */
static void begin(void)
{
    bool first = true;
    while (__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE)) {
        futex_wait(&busy, 1, &(struct deadline){.forever = true});
        first = false;
    }
    __atomic_store_n(&reporter, teb_current(), __ATOMIC_RELAXED);
    if (!first)
        sleep(1);
}

static void end(void)
{
    __atomic_store_n(&reporter, NULL, __ATOMIC_RELAXED);
    __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
    futex_wake(&busy, INT32_MAX);
}

static void write_all(const char *bytes, size_t size)
{
    while (size) {
        ssize_t written = write(STDERR_FILENO, bytes, size);
        if (written <= 0)
            return;
        bytes += written;
        size -= written;
    }
}

static void make_report(void *argument)
{
    report_write(argument);
}

/* On the report's own stack. */
static void run(void *record, void *context)
{
    struct crash crash = {
        .record = record,
        .context = context,
        .text = {report_bytes, report_bytes + sizeof report_bytes},
        .full = kind == REPORT_FULL,
    };
    timer_t timer;
    bool watched = start_watch(&timer);
    if (kind != REPORT_NONE) {
        crash_attempt(make_report, &crash);
        write_all(report_bytes, crash.text.at - report_bytes);
    }
    symbols_close();
    if (watched)
        timer_delete(timer);
}

void crash_report(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    crash_recover();
    begin();
    call_on_stack(run, (void *)record, (void *)context, report_stack_memory + sizeof report_stack_memory);
    end();
}
