/* One report at a time, in parts that may fail. */
#include "loader/crash/crash.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "kernel/futex.h"
#include "kernel/thread.h"
#include "loader/call_on_stack.h"
#include "loader/crash/crash_internal.h"
#include "loader/crash/minidump.h"
#include "loader/crash/symbols.h"
#include "loader/options.h"

enum {
    REPORT_STACK_SIZE = 0x20000,
    REPORT_SIZE = 0x10000,
    REPORT_PATIENCE = 4, /* seconds for what takes long, before it is taken for stuck */
    DUMP_PATIENCE = 300,
};

static enum { REPORT_SHORT, REPORT_NONE, REPORT_FULL } kind;
static bool dumps_all;
static char dump_path[PATH_MAX]; /* with %p in it; "" where there is to be none */
static void (*unwinder)(CONTEXT *context, bool innermost);

static uint32_t busy;        /* atomic, a futex */
static struct teb *reporter; /* atomic; whose report it is */
static struct part {
    jmp_buf end;
    struct part *outer;
} * part;

static char report_stack_memory[REPORT_STACK_SIZE] __attribute__((aligned(16)));
static char report_bytes[REPORT_SIZE];

/* Options */

static const char *choose_kind(const char *name)
{
    static const char *const names[] = {"short", "none", "full"};
    for (unsigned i = 0; i < ARRAYSIZE(names); i++) {
        if (!strcmp(name, names[i])) {
            kind = i;
            return NULL;
        }
    }
    return "--crash-report is one of none, short, full";
}

/* Children start elsewhere, and get the whole path. */
static const char *choose_dump(const char *value)
{
    static const char prefix[] = "full:";
    static char inherited[sizeof prefix + PATH_MAX];
    dumps_all = !strncmp(value, prefix, strlen(prefix));
    value += dumps_all ? strlen(prefix) : 0;
    bool fits = *value == '/' || getcwd(dump_path, sizeof dump_path);
    size_t length = *value == '/' ? 0 : strlen(dump_path), room = sizeof dump_path - length;
    int added = snprintf(dump_path + length, room, "%s%s", length ? "/" : "", value);
    if (!fits || (size_t)added >= room)
        return "--crash-dump names a file whose path is too long";
    snprintf(inherited, sizeof inherited, "%s%s", dumps_all ? prefix : "", dump_path);
    options.crash_dump = inherited;
    return NULL;
}

const char *crash_configure(void)
{
    const char *problem = options.crash_report ? choose_kind(options.crash_report) : NULL;
    if (!problem && options.crash_dump)
        problem = choose_dump(options.crash_dump);
    return problem;
}

/* Stacks */

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

/* What the return instruction takes off the stack besides its address. */
static unsigned popped_by_return(const CONTEXT *context)
{
    enum { RETURN_POPS = 0xc2 };
    const uint8_t *code = (const uint8_t *)CONTEXT_PC(context);
    return code[0] == RETURN_POPS ? code[1] | code[2] << 8 : 0;
}

/* A thread that is inside of Windows stands at the return of a thunk. */
NTSTATUS crash_get_context(struct thread *thread, CONTEXT *context)
{
    NTSTATUS status = thread_get_context(thread, context);
    const struct module *module =
        NT_SUCCESS(status) ? module_from_address((const void *)CONTEXT_PC(context)) : NULL;
    if (module && module->backing) {
        unsigned popped = popped_by_return(context);
        crash_leave_frame(context, true);
        CONTEXT_SP(context) += popped;
    }
    return status;
}

/* Parts */

static bool is_mine(void)
{
    return __atomic_load_n(&reporter, __ATOMIC_RELAXED) == teb_current();
}

void crash_recover(void)
{
    if (is_mine() && part)
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

static timer_t timer;
static bool has_timer;

static void on_alarm(int number)
{
    crash_recover();
}

/* The signal is the reporting thread's alone, and left by a jump. */
static void start_watch(void)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_NODEFER};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    sigset_t set;
    event._sigev_un._tid = gettid();
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    has_timer = !sigaction(SIGALRM, &action, NULL) && !sigprocmask(SIG_UNBLOCK, &set, NULL) &&
                !timer_create(CLOCK_MONOTONIC, &event, &timer);
}

/* The first that is stuck has that long, those behind it a second each. */
static void set_patience(unsigned seconds)
{
    struct itimerspec times = {.it_value = {.tv_sec = seconds}, .it_interval = {.tv_sec = 1}};
    if (has_timer)
        timer_settime(timer, 0, &times, NULL);
}

static void end_watch(void)
{
    if (has_timer)
        timer_delete(timer);
}

/* -- one at a time -----------------------------------------------------------------------------------------
 */

/* True if another one had to end first. */
static bool begin(void)
{
    bool waited = false;
    while (__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE)) {
        futex_wait(&busy, 1, &(struct deadline){.forever = true});
        waited = true;
    }
    __atomic_store_n(&reporter, teb_current(), __ATOMIC_RELAXED);
    start_watch();
    return waited;
}

static void end(void)
{
    end_watch();
    __atomic_store_n(&reporter, NULL, __ATOMIC_RELAXED);
    __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
    futex_wake(&busy, INT32_MAX);
}

/* -- the report --------------------------------------------------------------------------------------------
 */

/* In one piece, unless there is no room for it. */
static void write_out(struct trace_text *text)
{
    const char *bytes = report_bytes;
    ssize_t written;
    while (bytes < text->at && (written = write(STDERR_FILENO, bytes, text->at - bytes)) > 0)
        bytes += written;
    text->at = report_bytes;
}

static void make_report(void *argument)
{
    report_write(argument);
}

/* The path with the process's id for each %p; false if it is too long then. */
static bool make_dump_path(char *path, size_t size)
{
    struct trace_text text = {path, path + size - 1};
    for (const char *at = dump_path; *at; at++) {
        bool is_id = at[0] == '%' && at[1] == 'p';
        if (is_id)
            text_decimal(&text, getpid());
        else
            text_char(&text, *at);
        at += is_id;
    }
    *text.at = '\0';
    return text.at < text.end;
}

static void tell_of_dump(struct trace_text *text, const char *path, const char *problem)
{
    text_string(text, problem ? "litewin: the minidump could not be written: " : "  dump    ");
    text_string(text, path);
    if (problem) {
        text_string(text, ": ");
        text_string(text, problem);
    }
    text_char(text, '\n');
}

static void make_dump(void *argument)
{
    struct crash *crash = argument;
    char path[PATH_MAX];
    const struct minidump_source source = {
        .record = crash->record,
        .exception_context = crash->context,
        .exception_thread = thread_current()->id,
        .context = crash->context,
        .full = dumps_all,
    };
    const char *problem = NULL;
    int file =
        make_dump_path(path, sizeof path) ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (file < 0)
        problem = strerrordesc_np(errno);
    else if (!minidump_write(file, &source))
        problem = "it is not complete";
    if (file >= 0)
        close(file);
    if (problem || kind != REPORT_NONE)
        tell_of_dump(&crash->text, path, problem);
}

/* On the report's own stack. */
static void run_report(void *argument, void *unused)
{
    struct crash *crash = argument;
    crash->text = (struct trace_text){report_bytes, report_bytes + sizeof report_bytes};
    crash->full = kind == REPORT_FULL;
    set_patience(REPORT_PATIENCE);
    if (kind != REPORT_NONE)
        crash_attempt(make_report, crash);
    write_out(&crash->text);
    symbols_close();
    set_patience(DUMP_PATIENCE);
    if (*dump_path)
        crash_attempt(make_dump, crash);
    write_out(&crash->text);
}

static void report(struct crash *crash)
{
    if (is_mine()) /* It has failed between its parts. */
        return;
    /* Who comes second waits for the end of the process, which as a rule follows the first one's report. */
    if (begin())
        sleep(1);
    call_on_stack(run_report, crash, NULL, report_stack_memory + sizeof report_stack_memory);
    end();
}

void crash_report(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    struct crash crash = {.record = record, .context = context};
    crash_recover();
    report(&crash);
}

void crash_report_end(const char *why)
{
    CONTEXT context = {.ContextFlags = CONTEXT_ALL};
    EXCEPTION_RECORD record = {.ExceptionCode = STATUS_FATAL_APP_EXIT};
    struct crash crash = {.why = why, .record = &record, .context = &context};
    if (!NT_SUCCESS(crash_get_context(thread_current(), &context)))
        return;
    record.ExceptionAddress = (void *)CONTEXT_PC(&context);
    report(&crash);
}

/* -- a dump for the program --------------------------------------------------------------------------------
 */

struct dump_request {
    int file;
    const struct minidump_source *source;
    bool written;
};

static void write_requested(void *argument)
{
    struct dump_request *request = argument;
    request->written = minidump_write(request->file, request->source);
}

static void run_dump(void *request, void *unused)
{
    set_patience(DUMP_PATIENCE);
    crash_attempt(write_requested, request);
}

bool crash_write_dump(int file, const struct minidump_source *source)
{
    struct dump_request request = {.file = file, .source = source};
    begin();
    call_on_stack(run_dump, &request, NULL, report_stack_memory + sizeof report_stack_memory);
    end();
    return request.written;
}

/* -- for programs that look at stacks
 * ------------------------------------------------------------------------ */

struct walk_request {
    CONTEXT *context;
    bool innermost;
};

static void leave_requested(void *argument)
{
    const struct walk_request *request = argument;
    crash_leave_frame(request->context, request->innermost);
}

static void run_walk(void *argument, void *unused)
{
    const struct walk_request *request = argument;
    set_patience(REPORT_PATIENCE);
    if (!crash_attempt(leave_requested, argument))
        CONTEXT_PC(request->context) = 0;
    symbols_close();
}

void crash_walk(CONTEXT *context, bool innermost)
{
    struct walk_request request = {context, innermost};
    begin();
    call_on_stack(run_walk, &request, NULL, report_stack_memory + sizeof report_stack_memory);
    end();
}

struct look_up_request {
    uintptr_t address;
    void (*use)(const struct symbol *symbol, void *argument);
    void *argument;
};

static void look_up_requested(void *argument)
{
    const struct look_up_request *request = argument;
    struct symbol symbol;
    symbols_find(request->address, false, &symbol);
    request->use(&symbol, request->argument);
}

static void run_look_up(void *request, void *unused)
{
    set_patience(REPORT_PATIENCE);
    crash_attempt(look_up_requested, request);
    symbols_close();
}

void crash_look_up(uintptr_t address, void (*use)(const struct symbol *symbol, void *argument),
                   void *argument)
{
    struct look_up_request request = {address, use, argument};
    begin();
    call_on_stack(run_look_up, &request, NULL, report_stack_memory + sizeof report_stack_memory);
    end();
}
