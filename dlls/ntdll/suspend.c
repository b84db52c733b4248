#include "dlls/ntdll/suspend.h"
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/unwind_elf.h"
#include "kernel/suspend.h"
#include "loader/module.h"
#ifdef __x86_64__
#include "dlls/ntdll/unwind.h"
#endif

static void leave_frame(CONTEXT *context, bool innermost)
{
    if (innermost)
        unwind_elf_interrupted_frame(context);
    else
#ifdef __x86_64__
        unwind_elf_frame(context->Rip, context, NULL);
#else
        unwind_elf_frame(context->Eip, context, NULL);
#endif
}

static bool is_in_thunk(uintptr_t address)
{
    const struct module *module = module_from_address((const void *)address);
    return module && module->backing;
}

#define RETURN 0xc3

/* A thread that waits inside of Windows stands at a return instruction, behind the system call. There are
 * programs that change nothing but the instruction pointer of such a thread: the function that they send it
 * to finds a stack as if it had been called. */
#ifdef __x86_64__
static void leave_thunk(CONTEXT *context)
{
    DISPATCHER_CONTEXT dispatcher = {0};
    if (!is_in_thunk(context->Rip))
        return;
    unwind_step(UNW_FLAG_NHANDLER, context, &dispatcher);
    const uint8_t *end = (const uint8_t *)(dispatcher.ImageBase + dispatcher.FunctionEntry->EndAddress);
    if (end[-1] == RETURN) {
        context->Rip = (uintptr_t)&end[-1];
        context->Rsp -= sizeof(void *);
    }
}
#else
#define LEAVE       0xc9
#define RETURN_POPS 0xc2

/* Behind the call a thunk has `leave` and a return, genthunks/stub_i386.c. */
static void leave_thunk(CONTEXT *context)
{
    const uint8_t *code = (const uint8_t *)context->Eip;
    const DWORD *frame = (const DWORD *)context->Ebp;
    if (!is_in_thunk(context->Eip) || code[0] != LEAVE || (code[1] != RETURN && code[1] != RETURN_POPS))
        return;
    context->Ebp = frame[0];
    context->Eip = (uintptr_t)&code[1];
    context->Esp = (uintptr_t)&frame[1];
}
#endif

static void resume(CONTEXT *context)
{
    exception_resume(context);
}

void suspend_initialize(void)
{
    static const struct suspend_hooks hooks = {
        .is_linux_code = unwind_is_elf,
        .leave_frame = leave_frame,
        .leave_thunk = leave_thunk,
        .resume = resume,
    };
    suspend_set_hooks(&hooks);
}
