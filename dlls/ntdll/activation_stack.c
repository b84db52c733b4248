/* Each thread's stack of active contexts, in its environment block, where SwitchToFiber exchanges it. */
#include <stdlib.h>
#include "dlls/ntdll/activation.h"
#include "dlls/ntdll/exception.h"
#include "kernel/thread.h"

#define FORCE_EARLY_DEACTIVATION 1

/* RTL_ACTIVATION_CONTEXT_STACK_FRAME, with the cookie behind it. */
struct frame {
    struct frame *previous;
    struct activation_context *context; /* NULL: the process's own is active again */
    ULONG flags;
    ULONG_PTR cookie;
};

/* ACTIVATION_CONTEXT_STACK. */
struct stack {
    struct frame *active;
    LIST_ENTRY frame_cache;
    ULONG flags, next_cookie, id;
};

static struct stack *stack_of(struct teb *teb)
{
    if (!teb->ActivationContextStackPointer)
        teb->ActivationContextStackPointer = calloc(1, sizeof(struct stack));
    return teb->ActivationContextStackPointer;
}

struct activation_context *activation_current(void)
{
    const struct stack *stack = teb_current()->ActivationContextStackPointer;
    return stack && stack->active ? stack->active->context : NULL;
}

static bool push(struct stack *stack, struct activation_context *context, ULONG_PTR *cookie)
{
    struct frame *frame = calloc(1, sizeof *frame);
    if (!frame)
        return false;
    *frame = (struct frame){
        .previous = stack->active,
        .context = context,
        .cookie = 0x10000000 | (++stack->next_cookie & 0xfffffff),
    };
    if (context)
        activation_retain(context);
    stack->active = frame;
    *cookie = frame->cookie;
    return true;
}

static void pop(struct stack *stack)
{
    struct frame *frame = stack->active;
    stack->active = frame->previous;
    if (frame->context)
        activation_release(frame->context);
    free(frame);
}

static void free_stack(struct teb *teb)
{
    struct stack *stack = teb->ActivationContextStackPointer;
    teb->ActivationContextStackPointer = NULL;
    while (stack && stack->active)
        pop(stack);
    free(stack);
}

/* Threads */

static void end_thread(struct thread *thread)
{
    free_stack(&thread->teb);
}

/* A new thread begins with what is active in its creator. */
static void begin_thread(struct thread *created)
{
    struct activation_context *context = activation_current();
    struct stack *stack = context ? stack_of(&created->teb) : NULL;
    ULONG_PTR cookie;
    if (stack)
        push(stack, context, &cookie);
}

/* Threads cost nothing of this before the first context is active. */
static void follow_threads(void)
{
    static bool following;
    if (__atomic_exchange_n(&following, true, __ATOMIC_ACQ_REL))
        return;
    thread_on_exit(end_thread);
    thread_on_create(begin_thread);
}

void NTAPI RtlFreeThreadActivationContextStack(void)
{
    free_stack(teb_current());
}

/* Activation */

/* A handle of NULL activates the process's own context. */
NTSTATUS NTAPI RtlActivateActivationContext(ULONG flags, HANDLE handle, ULONG_PTR *cookie)
{
    struct activation_context *context = activation_from_handle(handle);
    if (flags || (handle && !context))
        return STATUS_INVALID_PARAMETER;
    follow_threads();
    struct stack *stack = stack_of(teb_current());
    return stack && push(stack, context, cookie) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static void raise(NTSTATUS status, ULONG_PTR cookie)
{
    EXCEPTION_RECORD record = {
        .ExceptionCode = status,
        .NumberParameters = 1,
        .ExceptionInformation = {cookie},
    };
    RtlRaiseException(&record);
}

/* A cookie below the top is a mistake unless the caller says otherwise; what lies over it is deactivated,
 * too. */
void NTAPI RtlDeactivateActivationContext(ULONG flags, ULONG_PTR cookie)
{
    struct stack *stack = teb_current()->ActivationContextStackPointer;
    const struct frame *frame = stack ? stack->active : NULL;
    while (frame && frame->cookie != cookie)
        frame = frame->previous;
    if (!frame) {
        raise(STATUS_SXS_INVALID_DEACTIVATION, cookie);
        return;
    }
    if (frame != stack->active && !(flags & FORCE_EARLY_DEACTIVATION))
        raise(STATUS_SXS_EARLY_DEACTIVATION, cookie);
    const struct frame *below = frame->previous;
    while (stack->active && stack->active != below)
        pop(stack);
}

/* The caller owns a reference. */
NTSTATUS NTAPI RtlGetActiveActivationContext(HANDLE *handle)
{
    struct activation_context *context = activation_current();
    if (context)
        activation_retain(context);
    *handle = context;
    return STATUS_SUCCESS;
}

BOOLEAN NTAPI RtlIsActivationContextActive(HANDLE handle)
{
    const struct stack *stack = teb_current()->ActivationContextStackPointer;
    for (const struct frame *frame = stack ? stack->active : NULL; frame; frame = frame->previous)
        if (frame->context == handle)
            return TRUE;
    return FALSE;
}
