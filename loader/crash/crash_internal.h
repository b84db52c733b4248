/* What the parts of a crash report share. */
#ifndef LOADER_CRASH_INTERNAL_H
#define LOADER_CRASH_INTERNAL_H

#include <litewin/windows.h>
#include "loader/trace/text.h"

#ifdef __x86_64__
#define CONTEXT_PC(context) ((context)->Rip)
#define CONTEXT_SP(context) ((context)->Rsp)
#else
#define CONTEXT_PC(context) ((context)->Eip)
#define CONTEXT_SP(context) ((context)->Esp)
#endif

#define CXX_EXCEPTION_MSVC 0xE06D7363
#define CXX_EXCEPTION_GCC  0x20474343

struct crash {
    const char *why; /* NULL: it is the exception */
    const EXCEPTION_RECORD *record;
    const CONTEXT *context;
    uintptr_t place;    /* where it happened; of an exception that was raised, in the program's own code */
    bool place_returns; /* it is behind a call */
    struct trace_text text; /* the report so far */
    bool full;
};

/* Calls the function; false if it did not come to its end. */
bool crash_attempt(void (*function)(void *argument), void *argument);

void crash_leave_frame(CONTEXT *context, bool innermost);

/* Whether an instruction of its own causes an exception of that code; others are raised by a call, behind
 * which the context is. */
bool crash_is_fault(DWORD code);

/* What the report is made of: each appends whole lines */

void report_write(struct crash *crash);

/* "0xC0000005 STATUS_ACCESS_VIOLATION (access violation)", as far as the code has names. */
void report_exception_name(struct trace_text *text, const EXCEPTION_RECORD *record);
/* What the parameters of that kind of exception mean; lines, if any. */
void report_parameters(struct crash *crash);
/* Of a C++ exception, the type and the text. */
void report_cxx_exception(struct crash *crash);

void report_memory(struct trace_text *text, uintptr_t address);
void report_registers(struct trace_text *text, const CONTEXT *context);
void report_code(struct trace_text *text, uintptr_t pc);
void report_stack(struct crash *crash, unsigned most);

/* The innermost place on the stack that is not in litewin's code; 0 if there is none. */
uintptr_t report_find_program(const CONTEXT *context);
void report_other_threads(struct trace_text *text);

/* "crash.exe+0x1467 fault+0x7 at crash.c:23"; a return address is that of the call before it. */
void report_place(struct trace_text *text, uintptr_t address, bool returns);

#endif
