#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/fiber.h"
#include "dlls/ntdll/fls.h"
#include "kernel/teb.h"
#include "kernel/thread.h"
#include "kernel/thread_memory.h"

/* A fiber, running or not. GetFiberData reads the first field; those up to DeallocationStack lie where
 * Windows has them, since garbage collectors look there for the stacks of fibers. */
struct fiber {
    void *parameter;
    void *exception_list;
    void *stack_base, *stack_limit, *deallocation_stack;
    void *stack_pointer; /* while it does not run; the rest of its registers is above that */
    void *fls_data;
    void *activation;
    void *active_frame;
    ULONG guarantee;
    ULONG float_switch;
    LPFIBER_START_ROUTINE start;
};

#define FIBER_ASSERT(field, offset) _Static_assert(offsetof(struct fiber, field) == (offset), #field)
FIBER_ASSERT(exception_list, FIBER_EXCEPTION_LIST);
FIBER_ASSERT(stack_base, FIBER_STACK_BASE);
FIBER_ASSERT(stack_limit, FIBER_STACK_LIMIT);
FIBER_ASSERT(deallocation_stack, FIBER_DEALLOCATION_STACK);
FIBER_ASSERT(stack_pointer, FIBER_STACK_POINTER);
FIBER_ASSERT(fls_data, FIBER_FLS_DATA);
FIBER_ASSERT(activation, FIBER_ACTIVATION);
FIBER_ASSERT(active_frame, FIBER_ACTIVE_FRAME);
FIBER_ASSERT(guarantee, FIBER_GUARANTEE);
FIBER_ASSERT(float_switch, FIBER_FLOAT_SWITCH);

#define SWITCH_ASSERT(field, offset) _Static_assert(offsetof(struct teb, field) == (offset), #field)
SWITCH_ASSERT(Tib.ExceptionList, TEB_EXCEPTION_LIST);
SWITCH_ASSERT(Tib.StackBase, TEB_STACK_BASE);
SWITCH_ASSERT(Tib.StackLimit, TEB_STACK_LIMIT);
SWITCH_ASSERT(Tib.FiberData, TEB_FIBER_DATA);
SWITCH_ASSERT(Tib.Self, TEB_SELF);
SWITCH_ASSERT(ActivationContextStackPointer, TEB_ACTIVATION);
SWITCH_ASSERT(DeallocationStack, TEB_DEALLOCATION_STACK);
SWITCH_ASSERT(GuaranteedStackBytes, TEB_GUARANTEE);
SWITCH_ASSERT(ActiveFrame, TEB_ACTIVE_FRAME);
SWITCH_ASSERT(FlsData, TEB_FLS_DATA);

static bool is_fiber(const struct teb *teb)
{
    return teb->SameTebFlags & TEB_HAS_FIBER_DATA;
}

BOOL WINAPI IsThreadAFiber(void)
{
    return is_fiber(teb_current());
}

/* The thread's own fiber */

static struct fiber *new_fiber(void *parameter, DWORD flags)
{
    if (flags & ~(DWORD)FIBER_FLAG_FLOAT_SWITCH) {
        set_last_status(STATUS_INVALID_PARAMETER);
        return NULL;
    }
    struct fiber *fiber = calloc(1, sizeof *fiber);
    if (!fiber) {
        set_last_status(STATUS_NO_MEMORY);
        return NULL;
    }
    fiber->parameter = parameter;
    fiber->float_switch = flags & FIBER_FLAG_FLOAT_SWITCH;
    return fiber;
}

LPVOID WINAPI ConvertThreadToFiberEx(LPVOID parameter, DWORD flags)
{
    struct teb *teb = teb_current();
    if (is_fiber(teb)) {
        teb->LastErrorValue = ERROR_ALREADY_FIBER;
        return NULL;
    }
    struct fiber *fiber = new_fiber(parameter, flags);
    if (!fiber)
        return NULL;
    /* SwitchToFiber fills in the rest when the thread leaves it. */
    fiber->stack_base = teb->Tib.StackBase;
    fiber->stack_limit = teb->Tib.StackLimit;
    fiber->deallocation_stack = teb->DeallocationStack;
    teb->Tib.FiberData = fiber;
    teb->SameTebFlags |= TEB_HAS_FIBER_DATA;
    return fiber;
}

LPVOID WINAPI ConvertThreadToFiber(LPVOID parameter)
{
    return ConvertThreadToFiberEx(parameter, 0);
}

BOOL WINAPI ConvertFiberToThread(void)
{
    struct teb *teb = teb_current();
    if (!is_fiber(teb)) {
        teb->LastErrorValue = ERROR_ALREADY_THREAD;
        return FALSE;
    }
    free(teb->Tib.FiberData);
    teb->Tib.FiberData = NULL;
    teb->SameTebFlags &= ~TEB_HAS_FIBER_DATA;
    return TRUE;
}

/* Others */

/* What SwitchToFiber finds on the stack of a fiber that does not run. */
struct switch_frame {
#ifdef __x86_64__
    M128A xmm[10];
#endif
    ULONG mxcsr;
    ULONG x87_control;
    ULONG_PTR registers[TEB_OFFSET(8, 4)];
    void (*resume)(void);
    ULONG_PTR caller[2]; /* what `resume` sees as its return address: unwinding ends at 0 */
};

void fiber_entry(void);
void fiber_run(void);

/* The fiber may have been taken over by another thread by the time that its function returns. */
void fiber_run(void)
{
    struct fiber *fiber = teb_current()->Tib.FiberData;
    fiber->start(fiber->parameter);
    thread_exit(0);
}

static void prepare_stack(struct fiber *fiber)
{
    struct switch_frame *frame = (struct switch_frame *)fiber->stack_base - 1;
    *frame = (struct switch_frame){.mxcsr = 0x1F80, .x87_control = 0x027F, .resume = fiber_entry};
    fiber->stack_pointer = frame;
}

LPVOID WINAPI CreateFiberEx(SIZE_T commit, SIZE_T reserve, DWORD flags, LPFIBER_START_ROUTINE start,
                            LPVOID parameter)
{
    struct fiber *fiber = new_fiber(parameter, flags);
    struct guest_stack stack;
    if (!fiber)
        return NULL;
    if (!set_last_status(guest_stack_allocate(reserve, commit, &stack))) {
        free(fiber);
        return NULL;
    }
    fiber->start = start;
    fiber->exception_list = (void *)(LONG_PTR)TEB_OFFSET(0, -1);
    fiber->stack_base = stack.base;
    fiber->stack_limit = stack.limit;
    fiber->deallocation_stack = stack.allocation;
    prepare_stack(fiber);
    return fiber;
}

LPVOID WINAPI CreateFiber(SIZE_T commit, LPFIBER_START_ROUTINE start, LPVOID parameter)
{
    return CreateFiberEx(commit, 0, 0, start, parameter);
}

/* Deleting the fiber that runs ends its thread, which frees what belongs to it. */
void WINAPI DeleteFiber(LPVOID pointer)
{
    struct fiber *fiber = pointer;
    if (fiber == teb_current()->Tib.FiberData)
        thread_exit(1);
    RtlProcessFlsData(fiber->fls_data, FLS_RUN_DOWN | FLS_FREE_MEMORY);
    guest_stack_free(fiber->deallocation_stack);
    free(fiber);
}
