#include <pthread.h>
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>
#include "kernel/fault_internal.h"
#include "kernel/peek.h"
#include "kernel/process.h"
#include "kernel/teb.h"
#include "kernel/vm.h"
#include <litewin/binding.h>

#define MAXIMUM_HOOKS 4
#define SCRATCH_ALIGN 64

static bool (*hooks[MAXIMUM_HOOKS])(void *address);
static uint32_t hook_count;
static void (*exception_dispatcher)(void);
static void (*last_resort)(const EXCEPTION_RECORD *record, const CONTEXT *context);

/* The thread's signal stack; empty for a thread that runs no Windows code. */
static __thread struct {
    uintptr_t begin, end;
} signal_stack;

__thread uint8_t *fault_scratch;

/* The fault whose exception is being written on the thread's stack. */
static __thread const ucontext_t *unwritten;

void fault_add_hook(bool (*hook)(void *address))
{
    assert(hook_count < MAXIMUM_HOOKS);
    hooks[hook_count] = hook;
    __atomic_store_n(&hook_count, hook_count + 1, __ATOMIC_RELEASE);
}

void fault_set_last_resort(void (*report)(const EXCEPTION_RECORD *record, const CONTEXT *context))
{
    last_resort = report;
}

void fault_set_dispatcher(void (*dispatcher)(void))
{
    exception_dispatcher = dispatcher;
}

bool fault_is_on_signal_stack(uintptr_t stack_pointer)
{
    return stack_pointer >= signal_stack.begin && stack_pointer < signal_stack.end;
}

/* The signal's default action: for what is not the running instruction's doing, and for Linux code outside of
 * the program's threads. */
static void die_by_signal(int signal_number, const siginfo_t *information)
{
    signal(signal_number, SIG_DFL);
    /* An instruction that faulted faults again when it is resumed, and leaves an exact core dump. */
    if (information->si_code <= 0)
        raise(signal_number);
}

static enum vm_access access_of(const struct fault_trap *trap)
{
    if (trap->error_code & PAGE_FAULT_FETCH)
        return VM_EXECUTE;
    return trap->error_code & PAGE_FAULT_WRITE ? VM_WRITE : VM_READ;
}

static bool is_on_stack_of_thread(uintptr_t address)
{
    const struct teb *teb = teb_current();
    return address >= (uintptr_t)teb->DeallocationStack && address < (uintptr_t)teb->Tib.StackBase;
}

/* A thunk's look at the stack: it is for the thread's guard only. A program may have stacks of its own, with
 * less room left or with guards that are not the thunk's business; and where the guard is open, Linux code
 * has to do with the rest. */
static bool pass_over_probe(ucontext_t *host, uintptr_t address)
{
    static const uint8_t probe[] = {LITEWIN_STACK_PROBE_CODE};
    greg_t *registers = host->uc_mcontext.gregs;
    if (address != (uintptr_t)registers[REGISTER_SP] - LITEWIN_STACK_PROBE ||
        memcmp((const void *)registers[REGISTER_PC], probe, sizeof probe) != 0)
        return false;
    registers[REGISTER_PC] += sizeof probe;
    return true;
}

/* True if the access is to be repeated, or is of no importance. A bus error is memory that is there, but
 * whose file has no such part. */
static bool settle_page_fault(struct fault_trap *trap, int signal_number, ucontext_t *host)
{
    if (!is_on_stack_of_thread(trap->address) && pass_over_probe(host, trap->address))
        return true;
    uint32_t count = __atomic_load_n(&hook_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++)
        if (hooks[i]((void *)trap->address))
            return true;
    trap->memory_fault =
        signal_number == SIGBUS ? STATUS_IN_PAGE_ERROR : vm_fault(trap->address, access_of(trap));
    return NT_SUCCESS(trap->memory_fault) ||
           (trap->memory_fault != STATUS_STACK_OVERFLOW && pass_over_probe(host, trap->address));
}

/* The handler itself has faulted: it could not write the exception on the thread's stack. If that was for a
 * guard page, this one fault has made it an ordinary page. */
static void fault_in_handler(const struct fault_trap *trap)
{
    if (trap->number == TRAP_PAGE_FAULT &&
        (trap->memory_fault == STATUS_GUARD_PAGE_VIOLATION || trap->memory_fault == STATUS_STACK_OVERFLOW))
        return;
    if (last_resort && unwritten) {
        static CONTEXT context;
        EXCEPTION_RECORD record = {.ExceptionCode = STATUS_STACK_OVERFLOW};
        fault_write_context(unwritten, &context);
        record.ExceptionAddress = (void *)(uintptr_t)unwritten->uc_mcontext.gregs[REGISTER_PC];
        last_resort(&record, &context);
    }
    process_terminate(STATUS_STACK_OVERFLOW);
}

/* Linux leaves the flag set for the handler, and C code does not care where its data lies. */
static void allow_misalignment(void)
{
#ifdef __x86_64__
    __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~(uint64_t)EFLAGS_ALIGNMENT);
#else
    __builtin_ia32_writeeflags_u32(__builtin_ia32_readeflags_u32() & ~EFLAGS_ALIGNMENT);
#endif
}

static void handle_fault(int signal_number, siginfo_t *information, void *context)
{
    allow_misalignment();
    ucontext_t *host = context;
    int saved_errno = errno;
    if (information->si_code > 0 && peek_recover(host))
        return;
    if (information->si_code <= 0 || !signal_stack.end || !exception_dispatcher) {
        die_by_signal(signal_number, information);
        return;
    }
    struct fault_trap trap = fault_trap_of(host, information);
    if (trap.number != TRAP_PAGE_FAULT || !settle_page_fault(&trap, signal_number, host)) {
        if (fault_is_on_signal_stack(fault_stack_pointer(host))) {
            fault_in_handler(&trap);
        } else {
            unwritten = host;
            struct fault_frame *frame = fault_write_frame(host);
            unwritten = NULL;
            fault_describe(&trap, &frame->record, &frame->context);
            fault_enter_dispatcher(host, frame, exception_dispatcher, signal_number == SIGFPE);
        }
    }
    errno = saved_errno;
}

/* SA_NODEFER, since the handler may fault when it writes on the program's stack. */
void fault_initialize(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    struct sigaction action = {.sa_sigaction = handle_fault,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    for (unsigned i = 0; i < ARRAYSIZE(signals); i++)
        sigaction(signals[i], &action, NULL);
}

void fault_use_stack(void *stack, size_t size)
{
    fault_scratch = (uint8_t *)(((uintptr_t)stack + SCRATCH_ALIGN - 1) & ~(uintptr_t)(SCRATCH_ALIGN - 1));
    signal_stack.begin = (uintptr_t)fault_scratch + FAULT_SCRATCH_SIZE;
    signal_stack.end = (uintptr_t)stack + size;
    sigaltstack(
        &(stack_t){.ss_sp = (void *)signal_stack.begin, .ss_size = signal_stack.end - signal_stack.begin},
        NULL);
}
