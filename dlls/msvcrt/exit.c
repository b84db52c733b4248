/* Exit functions and the ways to end a program. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/exit.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lock.h"
#include "dlls/msvcrt/signal.h"
#include "dlls/msvcrt/startup.h"
#include "kernel/process.h"
#include "loader/crash/crash.h"

typedef void(GUEST_CDECL *purecall_handler)(void);

/* The program's exit functions, from the first registered to just before the end. */
static exit_function *functions_begin, *functions_end, *functions_limit;

static bool grow_functions(void)
{
    size_t count = functions_end - functions_begin;
    size_t capacity = count ? count * 2 : 32;
    exit_function *larger = crt_realloc(functions_begin, capacity * sizeof *larger);
    if (!larger)
        return false;
    functions_begin = larger;
    functions_end = larger + count;
    functions_limit = larger + capacity;
    return true;
}

exit_function crt_onexit(exit_function function)
{
    if (!function)
        return NULL;
    crt_lock(CRT_LOCK_EXIT);
    bool room = functions_end < functions_limit || grow_functions();
    if (room)
        *functions_end++ = function;
    crt_unlock(CRT_LOCK_EXIT);
    return room ? function : NULL;
}

int crt_atexit(exit_function function)
{
    return crt_onexit(function) ? 0 : -1;
}

/* For a DLL's own table, which the caller locks and empties. Its end tells how full it is: the runtime
 * that made it with malloc leaves its size to _msize. */
exit_function crt_dllonexit(exit_function function, exit_function **begin, exit_function **end)
{
    if (!begin || !end || !*begin || !*end || *end < *begin)
        return NULL;
    size_t count = *end - *begin;
    if ((count + 1) * sizeof(exit_function) > crt_msize(*begin)) {
        exit_function *larger = crt_realloc(*begin, (count + 1) * 2 * sizeof *larger);
        if (!larger)
            return NULL;
        *begin = larger;
        *end = larger + count;
    }
    *(*end)++ = function;
    return function;
}

static exit_function take_last_function(void)
{
    crt_lock(CRT_LOCK_EXIT);
    exit_function function = functions_end > functions_begin ? *--functions_end : NULL;
    crt_unlock(CRT_LOCK_EXIT);
    return function;
}

/* Last registered, first called; one that registers another has that called next. */
static void call_exit_functions(void)
{
    exit_function function;
    while ((function = take_last_function()) != NULL)
        function();
}

/* Set once the program has chosen how it ends: by exit, by _exit, or by one of those that do not end it. */
static bool termination_chosen;

void (*crt_before_exit)(void);

/* The orderly end without the end: exit functions, then buffers. */
void crt_cexit(void)
{
    termination_chosen = true;
    if (crt_before_exit)
        crt_before_exit();
    call_exit_functions();
    stdio_detach();
}

/* The quick end without the end does nothing, and keeps the other from being done later. */
void crt_c_exit(void)
{
    termination_chosen = true;
}

void crt_exit_now(int code)
{
    termination_chosen = true;
    ExitProcess(code);
    __builtin_unreachable();
}

void crt_exit(int code)
{
    crt_cexit();
    crt_exit_now(code);
}

/* A program that calls ExitProcess itself has the runtime end in order: Windows does it as it detaches the
 * DLL, when all those that use it are detached. */
static void (*detach_other_dlls)(void);

static void on_process_exit(void)
{
    if (detach_other_dlls)
        detach_other_dlls();
    if (!termination_chosen)
        crt_cexit();
}

void exit_attach(void)
{
    detach_other_dlls = process_on_exit;
    process_on_exit = on_process_exit;
}

void write_standard_error(const char *text)
{
    DWORD written;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)strlen(text), &written, NULL);
}

void crt_abort(void)
{
    write_standard_error("\nThis application has requested the Runtime to terminate it in an unusual way.\n"
                         "Please contact the application's support team for more information.\n");
    crt_raise(CRT_SIGABRT);
    crt_exit_now(CRT_ABORT_EXIT_CODE);
}

/* Runtime errors have numbers; these are the ones that programs' own start-up code reports. */
static const char *runtime_error_text(int number)
{
    switch (number) {
    case 2:
        return "R6002\n- floating point support not loaded\n";
    case 8:
        return "R6008\n- not enough space for arguments\n";
    case 9:
        return "R6009\n- not enough space for environment\n";
    case 16:
        return "R6016\n- not enough space for thread data\n";
    case 24:
        return "R6024\n- not enough space for _onexit/atexit table\n";
    case 25:
        return "R6025\n- pure virtual function call\n";
    case 26:
        return "R6026\n- not enough space for stdio initialization\n";
    case 28:
        return "R6028\n- unable to initialize heap\n";
    case 30:
        return "R6030\n- CRT not initialized\n";
    case 31:
        return "R6031\n- Attempt to initialize the CRT more than once.\n";
    default:
        return "R6000\n- unknown runtime error\n";
    }
}

static void write_runtime_error(int number)
{
    write_standard_error("\nruntime error ");
    write_standard_error(runtime_error_text(number));
}

void crt_amsg_exit(int number)
{
    write_runtime_error(number);
    crt_exit_now(255);
}

static purecall_handler on_pure_call;

int crt_purecall(void)
{
    purecall_handler handler = on_pure_call;
    if (handler)
        handler();
    write_runtime_error(25);
    crash_report_end("pure virtual function call");
    crt_abort();
}

purecall_handler crt_set_purecall_handler(purecall_handler handler)
{
    return __atomic_exchange_n(&on_pure_call, handler, __ATOMIC_ACQ_REL);
}
