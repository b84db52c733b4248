#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/exit.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/signal.h"
#include "dlls/msvcrt/thread_data.h"

/* Only SIGFPE's handler takes the second argument, which exception it was; to the others it does no harm. */
typedef void(GUEST_CDECL *signal_handler)(int number, int code);

#define DEFAULT_ACTION ((signal_handler)0)
#define IGNORE_ACTION  ((signal_handler)1)
#define NO_HANDLER     ((signal_handler)-1)
#define RESERVED_FROM  ((signal_handler)3) /* SIG_SGE and SIG_ACK are nobody's */
#define RESERVED_TO    ((signal_handler)4)

enum fp_code {
    FP_INVALID = 0x81,
    FP_DENORMAL,
    FP_DIVIDE_BY_ZERO,
    FP_OVERFLOW,
    FP_UNDERFLOW,
    FP_INEXACT,
    FP_STACK = 0x8a,
    FP_RAISED = 0x8c,
};

/* Signals that concern the whole process. The handlers of faults are each thread's own. */
static signal_handler interrupt_handler, break_handler, terminate_handler, abort_handler;
static bool watches_console;

/* Where the signal's handler is kept; NULL with errno where there is no such signal. */
static signal_handler *handler_place(int number)
{
    switch (number) {
    case CRT_SIGINT:
        return &interrupt_handler;
    case CRT_SIGBREAK:
        return &break_handler;
    case CRT_SIGTERM:
        return &terminate_handler;
    case CRT_SIGABRT:
    case CRT_SIGABRT_COMPAT:
        return &abort_handler;
    case CRT_SIGILL:
    case CRT_SIGFPE:
    case CRT_SIGSEGV: {
        struct crt_buffers *buffers = crt_thread_buffers();
        int index = number == CRT_SIGILL ? 0 : number == CRT_SIGFPE ? 1 : 2;
        return buffers ? (signal_handler *)&buffers->fault_handlers[index] : NULL;
    }
    default:
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
}

static bool is_fault(int number)
{
    return number == CRT_SIGILL || number == CRT_SIGFPE || number == CRT_SIGSEGV;
}

/* A handler serves once: the signal has its default action again before the handler runs. */
static signal_handler take_handler(signal_handler *place)
{
    signal_handler handler = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (handler != IGNORE_ACTION)
        __atomic_store_n(place, DEFAULT_ACTION, __ATOMIC_RELEASE);
    return handler;
}

/* Runs on a thread of its own. */
static BOOL GUEST_STDCALL on_console_event(DWORD event)
{
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
        return FALSE;
    int number = event == CTRL_C_EVENT ? CRT_SIGINT : CRT_SIGBREAK;
    signal_handler handler = take_handler(handler_place(number));
    if (handler == DEFAULT_ACTION)
        return FALSE;
    if (handler != IGNORE_ACTION)
        handler(number, 0);
    return TRUE;
}

static bool watch_console(void)
{
    if (!__atomic_exchange_n(&watches_console, true, __ATOMIC_ACQ_REL) &&
        !SetConsoleCtrlHandler(on_console_event, TRUE)) {
        watches_console = false;
        crt_thread.error = CRT_EINVAL;
        return false;
    }
    return true;
}

signal_handler crt_signal(int number, signal_handler handler)
{
    if (handler >= RESERVED_FROM && handler <= RESERVED_TO) {
        crt_invalid_parameter(CRT_EINVAL);
        return NO_HANDLER;
    }
    signal_handler *place = handler_place(number);
    if (!place)
        return NO_HANDLER;
    if ((number == CRT_SIGINT || number == CRT_SIGBREAK) && !watch_console())
        return NO_HANDLER;
    return __atomic_exchange_n(place, handler, __ATOMIC_ACQ_REL);
}

/* A fault's handler can look at what happened by __pxcptinfoptrs and __fpecode while it runs. */
static void call_fault_handler(signal_handler handler, int number, int code, EXCEPTION_POINTERS *exception)
{
    void *outer_exception = crt_thread.exception;
    int outer_code = crt_thread.fp_exception;
    crt_thread.exception = exception;
    crt_thread.fp_exception = code;
    handler(number, code);
    crt_thread.exception = outer_exception;
    crt_thread.fp_exception = outer_code;
}

int crt_raise(int number)
{
    signal_handler *place = handler_place(number);
    if (!place)
        return -1;
    signal_handler handler = take_handler(place);
    if (handler == DEFAULT_ACTION)
        crt_exit_now(CRT_ABORT_EXIT_CODE);
    if (handler == IGNORE_ACTION)
        return 0;
    if (is_fault(number))
        call_fault_handler(handler, number, FP_RAISED, NULL);
    else
        handler(number, 0);
    return 0;
}

/* The signal that an exception is to C programs, 0 for none. */
static int signal_of_exception(DWORD exception, int *code)
{
    *code = 0;
    switch (exception) {
    case STATUS_ACCESS_VIOLATION:
        return CRT_SIGSEGV;
    case STATUS_ILLEGAL_INSTRUCTION:
    case STATUS_PRIVILEGED_INSTRUCTION:
        return CRT_SIGILL;
    case STATUS_FLOAT_DENORMAL_OPERAND:
        *code = FP_DENORMAL;
        break;
    case STATUS_FLOAT_DIVIDE_BY_ZERO:
        *code = FP_DIVIDE_BY_ZERO;
        break;
    case STATUS_FLOAT_INEXACT_RESULT:
        *code = FP_INEXACT;
        break;
    case STATUS_FLOAT_INVALID_OPERATION:
        *code = FP_INVALID;
        break;
    case STATUS_FLOAT_OVERFLOW:
        *code = FP_OVERFLOW;
        break;
    case STATUS_FLOAT_STACK_CHECK:
        *code = FP_STACK;
        break;
    case STATUS_FLOAT_UNDERFLOW:
        *code = FP_UNDERFLOW;
        break;
    default:
        return 0;
    }
    return CRT_SIGFPE;
}

/* The filter around main in programs of Microsoft's compilers. */
LONG crt_xcptfilter(DWORD exception, EXCEPTION_POINTERS *pointers)
{
    int code;
    int number = signal_of_exception(exception, &code);
    signal_handler *place = number ? handler_place(number) : NULL;
    signal_handler handler = place ? take_handler(place) : DEFAULT_ACTION;
    if (handler == DEFAULT_ACTION)
        return UnhandledExceptionFilter(pointers);
    if (handler != IGNORE_ACTION)
        call_fault_handler(handler, number, code, pointers);
    return EXCEPTION_CONTINUE_EXECUTION;
}

#define CXX_EXCEPTION 0xe06d7363

LONG crt_cppxcptfilter(DWORD exception, EXCEPTION_POINTERS *pointers)
{
    return exception == CXX_EXCEPTION ? crt_xcptfilter(exception, pointers) : EXCEPTION_CONTINUE_SEARCH;
}

int *crt_fpecode(void)
{
    return &crt_thread.fp_exception;
}

void **crt_pxcptinfoptrs(void)
{
    return &crt_thread.exception;
}
