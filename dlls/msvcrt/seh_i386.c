/* The frame handlers of i386 functions with __try, and leaving their scopes. */
#include "dlls/msvcrt/cxx_frame.h"
#include "dlls/msvcrt/guard_i386.h"

/* What such a function has on its stack; its EBP points behind it. */
struct scope_frame {
    void *stack; /* the function's stack pointer */
    EXCEPTION_POINTERS *pointers;
    struct registration registration;
    uintptr_t table; /* fourth version: exclusive-or a secret */
    int level;       /* the scope that runs; -1, or in the fourth version -2, for none */
};

/* A scope without a filter has a __finally block. */
struct scope {
    int enclosing_level;
    void *filter;
    void *handler;
};

#define NO_LEVEL (-1)

static struct scope_frame *frame_of(struct registration *registration)
{
    return CONTAINING_RECORD(registration, struct scope_frame, registration);
}

static char *base_of(struct scope_frame *frame)
{
    return (char *)(frame + 1);
}

/* Leaving */

struct termination {
    const struct scope *scope;
    struct scope_frame *frame;
};

static uintptr_t terminate_scope(void *argument)
{
    const struct termination *termination = argument;
    return cxx_call_funclet(termination->scope->handler, base_of(termination->frame));
}

/* An exception in a __finally block needs no more than that its scope has been left, which it has. */
static GUARD_HANDLER_FUNCTION EXCEPTION_DISPOSITION termination_handler(EXCEPTION_RECORD *record, void *frame,
                                                                        CONTEXT *context, void *dispatcher)
{
    return ExceptionContinueSearch;
}

static void leave_scopes(struct scope_frame *frame, const struct scope *scopes, int level)
{
    while (frame->level > level) {
        struct termination termination = {&scopes[frame->level], frame};
        frame->level = termination.scope->enclosing_level;
        if (!termination.scope->filter)
            guard_call(termination_handler, NULL, terminate_scope, &termination);
    }
}

/* The calls of __finally blocks that were not reached from above have a handler of their own in front. */
int crt_abnormal_termination(void)
{
    struct registration *first = registration_first();
    return first != END_OF_CHAIN && first->handler == termination_handler;
}

/* Searching */

static _Noreturn void enter_handler(struct scope_frame *frame, const struct scope *scopes, int level,
                                    EXCEPTION_RECORD *record)
{
    RtlUnwind(&frame->registration, NULL, record, NULL);
    leave_scopes(frame, scopes, level);
    frame->level = scopes[level].enclosing_level;
    cxx_continue(scopes[level].handler, base_of(frame), frame->stack, &frame->registration);
}

static EXCEPTION_DISPOSITION ask_filters(struct scope_frame *frame, const struct scope *scopes,
                                         EXCEPTION_RECORD *record)
{
    for (int level = frame->level; level > NO_LEVEL; level = scopes[level].enclosing_level) {
        if (!scopes[level].filter)
            continue;
        int answer = (int)cxx_call_funclet(scopes[level].filter, base_of(frame));
        if (answer < 0)
            return ExceptionContinueExecution;
        if (answer > 0)
            enter_handler(frame, scopes, level, record);
    }
    return ExceptionContinueSearch;
}

/* The filters look for the exception in their function's frame. */
static EXCEPTION_DISPOSITION search_scopes(struct scope_frame *frame, const struct scope *scopes,
                                           EXCEPTION_RECORD *record, CONTEXT *context)
{
    EXCEPTION_POINTERS pointers = {record, context};
    frame->pointers = &pointers;
    EXCEPTION_DISPOSITION disposition = ask_filters(frame, scopes, record);
    frame->pointers = NULL;
    return disposition;
}

static EXCEPTION_DISPOSITION handle(struct scope_frame *frame, const struct scope *scopes,
                                    EXCEPTION_RECORD *record, CONTEXT *context)
{
    if (!(record->ExceptionFlags & EXCEPTION_UNWIND))
        return search_scopes(frame, scopes, record, context);
    leave_scopes(frame, scopes, NO_LEVEL);
    return ExceptionContinueSearch;
}

/* The third version */

__attribute__((force_align_arg_pointer)) EXCEPTION_DISPOSITION
crt_except_handler3(EXCEPTION_RECORD *record, struct registration *registration, CONTEXT *context,
                    void *dispatcher)
{
    struct scope_frame *frame = frame_of(registration);
    return handle(frame, (const struct scope *)frame->table, record, context);
}

void crt_global_unwind2(struct registration *registration)
{
    RtlUnwind(registration, NULL, NULL, NULL);
}

void crt_local_unwind2(struct registration *registration, int level)
{
    struct scope_frame *frame = frame_of(registration);
    leave_scopes(frame, (const struct scope *)frame->table, level);
}

/* What setjmp has kept for longjmp. */
struct jump_buffer {
    uint32_t ebp, ebx, edi, esi, esp, eip;
    struct registration *registration;
    int level;
    uint32_t cookie;
    void *unwind;
    const uintptr_t *secret; /* fourth version */
};

/* longjmp calls these, for the function that has called setjmp. */
__attribute__((force_align_arg_pointer)) void GUEST_STDCALL crt_seh_longjmp_unwind(struct jump_buffer *buffer)
{
    crt_local_unwind2(buffer->registration, buffer->level);
}

/* The fourth version: tables that an overflown buffer cannot forge */

typedef void(__attribute__((fastcall)) * cookie_check)(uintptr_t cookie);

/* Where in the function's frame there are cookies, and what they are mixed with; -2: no such cookie. */
struct protected_scopes {
    int cookie, cookie_mix;
    int frame_cookie, frame_cookie_mix;
    struct scope scopes[];
};

#define NO_COOKIE (-2)

static const struct protected_scopes *protected_scopes_of(const struct scope_frame *frame,
                                                          const uintptr_t *secret)
{
    return (const struct protected_scopes *)(frame->table ^ *secret);
}

static void check_cookie(char *base, int cookie, int mix, cookie_check check)
{
    check(*(uintptr_t *)(base + cookie) ^ (uintptr_t)(base + mix));
}

EXCEPTION_DISPOSITION crt_except_handler4_common(const uintptr_t *secret, cookie_check check,
                                                 EXCEPTION_RECORD *record, struct registration *registration,
                                                 CONTEXT *context, void *dispatcher)
{
    struct scope_frame *frame = frame_of(registration);
    const struct protected_scopes *table = protected_scopes_of(frame, secret);
    if (table->cookie != NO_COOKIE)
        check_cookie(base_of(frame), table->cookie, table->cookie_mix, check);
    check_cookie(base_of(frame), table->frame_cookie, table->frame_cookie_mix, check);
    return handle(frame, table->scopes, record, context);
}

void crt_local_unwind4(const uintptr_t *secret, struct registration *registration, int level)
{
    struct scope_frame *frame = frame_of(registration);
    leave_scopes(frame, protected_scopes_of(frame, secret)->scopes, level);
}

__attribute__((force_align_arg_pointer)) void GUEST_STDCALL
crt_seh_longjmp_unwind4(struct jump_buffer *buffer)
{
    crt_local_unwind4(buffer->secret, buffer->registration, buffer->level);
}
