/* Register contexts: capturing them from running code and resuming at them. Also read by the assembler. */
#ifndef NTDLL_CONTEXT_H
#define NTDLL_CONTEXT_H

#ifdef __x86_64__
#define CONTEXT_FLAGS    0x30
#define CONTEXT_MXCSR    0x34
#define CONTEXT_CS       0x38
#define CONTEXT_DS       0x3a
#define CONTEXT_ES       0x3c
#define CONTEXT_FS       0x3e
#define CONTEXT_GS       0x40
#define CONTEXT_SS       0x42
#define CONTEXT_EFLAGS   0x44
#define CONTEXT_RAX      0x78
#define CONTEXT_RCX      0x80
#define CONTEXT_RDX      0x88
#define CONTEXT_RBX      0x90
#define CONTEXT_RSP      0x98
#define CONTEXT_RBP      0xa0
#define CONTEXT_RSI      0xa8
#define CONTEXT_RDI      0xb0
#define CONTEXT_R8       0xb8
#define CONTEXT_R9       0xc0
#define CONTEXT_R10      0xc8
#define CONTEXT_R11      0xd0
#define CONTEXT_R12      0xd8
#define CONTEXT_R13      0xe0
#define CONTEXT_R14      0xe8
#define CONTEXT_R15      0xf0
#define CONTEXT_RIP      0xf8
#define CONTEXT_FLOAT    0x100
#define CONTEXT_XMM6     0x200
#define CONTEXT_SIZE     0x4d0
#define CONTEXT_CAPTURED 0x10000f /* control, integer, segments, floating point */
/* Where a call to a language handler keeps its DISPATCHER_CONTEXT, from the stack pointer of its frame. */
#define CALL_DISPATCHER 0x20
/* Where context_call_guarded keeps its handler and the handler's data. */
#define GUARD_HANDLER 0x20
#define GUARD_DATA    0x28
#else
#define CONTEXT_FLAGS    0x00
#define CONTEXT_FLOAT    0x1c
#define CONTEXT_GS       0x8c
#define CONTEXT_FS       0x90
#define CONTEXT_ES       0x94
#define CONTEXT_DS       0x98
#define CONTEXT_EDI      0x9c
#define CONTEXT_ESI      0xa0
#define CONTEXT_EBX      0xa4
#define CONTEXT_EDX      0xa8
#define CONTEXT_ECX      0xac
#define CONTEXT_EAX      0xb0
#define CONTEXT_EBP      0xb4
#define CONTEXT_EIP      0xb8
#define CONTEXT_CS       0xbc
#define CONTEXT_EFLAGS   0xc0
#define CONTEXT_ESP      0xc4
#define CONTEXT_SS       0xc8
#define CONTEXT_EXTENDED 0xcc
#define CONTEXT_SIZE     0x2cc
#define CONTEXT_CAPTURED 0x10007 /* control, integer, segments */
#endif

/* Where kernel/fault.c puts the exception record, from the context. */
#ifdef __x86_64__
#define FAULT_RECORD 0x4e8
#else
#define FAULT_RECORD 0x2e4
#endif

#ifndef __ASSEMBLER__
#include "kernel/fault.h"

_Static_assert(offsetof(struct fault_frame, record) == FAULT_RECORD, "");
_Static_assert(sizeof(CONTEXT) == CONTEXT_SIZE, "");

/* Goes on at the context, with all that its flags say it holds; it must hold control and integer
 * registers. `extended` is a whole XSAVE area, aligned to 64, whose components in `mask` are loaded; NULL
 * for none. */
_Noreturn void context_resume(const CONTEXT *context, const void *extended, uint64_t mask);

/* The entry of functions that must see their caller's registers: jumped to at the function's first
 * instruction. It captures the caller's context, as it will be after the return, calls `function` on the
 * same stack, and returns its result to the caller if it returns at all.
 * x86-64: R11 is function(context), which finds its arguments in the context.
 * i386: EAX is function(context, arguments), and EDX says how many bytes the return takes off the stack. */
EXPORTED void context_capture_and_call(void);

/* KCONTINUE_ARGUMENT */
struct continue_argument {
    ULONG type;
    ULONG flags;
    GUEST_UINT64 reserved[2];
};

#define CONTINUE_TEST_ALERT 1
#define HIGHEST_BOOLEAN     0xff

/* NtContinueEx's second argument is NtContinue's, if it is small, or points to more than that. */
static inline bool context_continues_alertably(uintptr_t argument)
{
    return argument <= HIGHEST_BOOLEAN
               ? argument != 0
               : ((const struct continue_argument *)argument)->flags & CONTINUE_TEST_ALERT;
}

#ifdef __x86_64__
typedef EXCEPTION_DISPOSITION(GUEST_CDECL *language_handler)(EXCEPTION_RECORD *, void *frame, CONTEXT *,
                                                             DISPATCHER_CONTEXT *);

/* Call a language handler, so that a walk that crosses the call can tell: it then is at ..._return, and
 * finds the DISPATCHER_CONTEXT at CALL_DISPATCHER. */
EXCEPTION_DISPOSITION context_call_exception_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                                     DISPATCHER_CONTEXT *dispatcher,
                                                     language_handler handler);
EXCEPTION_DISPOSITION context_call_unwind_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                                  DISPATCHER_CONTEXT *dispatcher, language_handler handler);
extern const char context_call_exception_handler_return[], context_call_unwind_handler_return[];

/* Calls function(argument, second), Windows code, in a frame that has a language handler, which finds `data`
 * as its handler data: how C code on the Linux side comes by what __try is on the other. */
EXPORTED uintptr_t context_call_guarded(language_handler handler, void *data, void *function, void *argument,
                                        void *second);
extern const char context_call_guarded_return[];

/* Calls function(record), Windows code, in a frame whose caller is the context's; goes on at the context,
 * at the address that it returns. */
_Noreturn void context_consolidate(const CONTEXT *context, EXCEPTION_RECORD *record, uint64_t function);
#else
typedef EXCEPTION_DISPOSITION(GUEST_CDECL *frame_handler)(EXCEPTION_RECORD *, void *frame, CONTEXT *,
                                                          void *dispatcher);

/* Adds to a captured context what exceptions have in theirs: the floating-point state, which a function's
 * caller has in the registers still, and no debug registers. */
void context_capture_rest(CONTEXT *context);

/* What stands in the frame chain while a handler runs. */
struct handler_call {
    EXCEPTION_REGISTRATION_RECORD registration;
    void *frame; /* whose handler it is */
};

/* Calls a handler with a handler of its own in front of the chain, in a struct handler_call. */
EXCEPTION_DISPOSITION context_call_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                           void *dispatcher, frame_handler handler, frame_handler own);
#endif

/* The fault dispatcher's first instruction; kernel/fault.h says how it is reached. */
void context_fault_entry(void);
#endif

#endif
