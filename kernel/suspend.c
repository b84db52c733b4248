/* How a thread is stopped.
 *
 * A thread in Windows code is stopped by a signal: its handler waits until the thread is resumed. The
 * registers in the signal frame are the thread's, exact, and what is set there is where it goes on.
 *
 * A thread in Linux code (a kernel/ function, the C library's allocator, a system call) must not be stopped
 * where it is: it may hold a lock that others need. Nor need it be. As in Windows, where a thread inside a
 * system call is stopped when it is about to leave it, such a thread runs on until it returns to Windows
 * code, and its context is what it will be then. So the signal handler walks up the frames of Linux code (all
 * of it has call frame information) to the one that returns to Windows code, keeps the registers as they will
 * be there, and has its return address lead to suspend_trap. There the thread waits until it is resumed, and
 * goes on to where it would have gone, or where its context has been set to. This costs an unsuspended thread
 * nothing, and thunks know nothing of it. What is shown is not the thunk's frame but that of its caller, at
 * the thunk's last instruction, the return.
 *
 * When the handler finds the thread at a system call, that counts as stopped at once: it may sleep there for
 * ever. Otherwise whoever suspends waits until the thread arrives at the trap, and asks again from time to
 * time, for the thread may have gone to sleep, or into Windows code by calling a callback. Where the
 * innermost frame of Linux code itself is that which returns, nothing is changed, since functions that look
 * at their caller's registers are of that kind and all of that kind are short: the thread is asked again. If
 * the return led to the trap before, it still does.
 *
 * A sleeping thread that counts as stopped must not come into Windows code by any other way than its return:
 * Linux code that has slept and calls back (APCs, DLLs' entry points, the resumption behind an exception)
 * passes suspend_checkpoint before.
 *
 * Termination is much the same: what would stay stopped ends instead. A system call in which the thread
 * sleeps is interrupted, and Linux code that sleeps for the program's own ends (waits, reads) then comes back
 * as if it had failed, which the program never sees: the return leads to the trap by then. Locks of Linux
 * code are waited for, taken and given up as ever.
 *
 * `state` tells what is known of the thread; only whoever asks may go from the first three to SUSPEND_ASKED,
 * and only the thread itself leaves the others. Counting and looking at the state go in opposite orders on
 * either side (count, then state; state, then count), so one always sees what the other did. */
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "kernel/fault_internal.h"
#include "kernel/remote.h"
#include "kernel/suspend_context.h"
#include "kernel/thread.h"

enum suspend_state {
    SUSPEND_NONE,  /* it runs, as far as is known */
    SUSPEND_BUSY,  /* it runs Linux code, and will say when it arrives at the trap, or must be asked again */
    SUSPEND_ASKED, /* the signal is on its way */
    SUSPEND_AWAITED, /* the same, and somebody sleeps until it is answered */
    SUSPEND_CALLING, /* stopped, in a system call, on the way to the trap */
    SUSPEND_TRAPPED, /* stopped at the trap */
    SUSPEND_PARKED,  /* stopped in Windows code, `host` is valid */
    SUSPEND_ENDING,  /* terminated: it runs no more Windows code */
};

/* The C library's own are the first two. The second of these interrupts system calls: they are not restarted.
 */
#define SUSPEND_SIGNAL   (SIGRTMAX - 2)
#define TERMINATE_SIGNAL (SIGRTMAX - 3)

/* How often an answer is looked for before sleeping, and when a busy thread is asked again. */
#define SPINS             200
#define SHORTEST_PAUSE_NS 20000
#define LONGEST_PAUSE_NS  2000000

/* How long a terminated thread is waited for that will end when it comes out of Linux code, and one of which
 * that is not known: before it calls Windows code, it passes a checkpoint. */
#define TERMINATION_PATIENCE_NS         20000000
#define LONGEST_TERMINATION_PATIENCE_NS 200000000

/* What suspend_trap has saved, from its stack pointer on. */
struct suspend_return {
#ifdef __x86_64__
    uint64_t r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax, rbp;
#else
    uint32_t edx, ecx, eax, ebp;
#endif
    uintptr_t address;
};

void suspend_trap(void);

static const struct suspend_hooks *hooks;

void suspend_set_hooks(const struct suspend_hooks *new_hooks)
{
    hooks = new_hooks;
}

uintptr_t suspend_true_return(uintptr_t address)
{
    return address == (uintptr_t)suspend_trap ? thread_current()->suspension.return_address : address;
}

static uint32_t load(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static bool change_state(struct suspension *suspension, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(&suspension->state, &from, to, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* In the thread itself */

static void set_state(struct suspension *suspension, enum suspend_state state)
{
    uint32_t previous = __atomic_exchange_n(&suspension->state, state, __ATOMIC_SEQ_CST);
    if (previous == SUSPEND_AWAITED || previous == SUSPEND_BUSY)
        futex_wake(&suspension->state, 1);
}

static bool is_held(uint32_t count)
{
    return count && !(count & SUSPEND_TERMINATED);
}

static bool is_to_end(const struct suspension *suspension)
{
    return load(&suspension->count) & SUSPEND_TERMINATED;
}

static void sleep_while_suspended(struct suspension *suspension)
{
    uint32_t count;
    while (is_held(count = load(&suspension->count)))
        futex_wait(&suspension->count, count, NULL);
}

/* Whoever suspends the thread again before it has left sees it stopped, and then it is. */
static void stay_while_suspended(struct suspension *suspension, enum suspend_state state)
{
    while (is_held(load(&suspension->count))) {
        set_state(suspension, state);
        sleep_while_suspended(suspension);
        __atomic_store_n(&suspension->state, SUSPEND_NONE, __ATOMIC_SEQ_CST);
    }
}

static _Noreturn void end_terminated(void)
{
    struct suspension *suspension = &thread_current()->suspension;
    set_state(suspension, SUSPEND_ENDING);
    thread_end(suspension->exit_code);
}

void suspend_checkpoint(void)
{
    struct suspension *suspension = &thread_current()->suspension;
    sleep_while_suspended(suspension);
    if (is_to_end(suspension))
        end_terminated();
}

#ifdef __x86_64__
#define INSTRUCTION_POINTER Rip
#define STACK_POINTER       Rsp

#define REGISTER_RESULT          REG_RAX
#define REGISTER_SECOND_ARGUMENT REG_RSI

static bool is_system_call(const uint8_t *code)
{
    return code[0] == 0x0f && code[1] == 0x05; /* syscall */
}

/* The call's results and what it has preserved are in the registers; other registers are as they were set. */
static void complete(CONTEXT *context, const struct suspension *suspension,
                     const struct suspend_return *saved, const XSAVE_FORMAT *fxsave)
{
    bool goes_on = context->Rip == suspension->resumes_at;
    if (!(suspension->changed & CONTEXT_FLOATING_POINT & ~CONTEXT_ARCHITECTURE)) {
        const M128A *preserved = &context->Xmm6;
        XSAVE_FORMAT state = *fxsave;
        memcpy(&state.XmmRegisters[6], preserved, 10 * sizeof *preserved);
        memcpy(&context->FltSave, &state, sizeof state);
        context->MxCsr = fxsave->MxCsr;
    } else if (goes_on) {
        context->FltSave.XmmRegisters[0] = fxsave->XmmRegisters[0];
    }
    if (goes_on)
        context->Rax = saved->rax;
    context->ContextFlags = CONTEXT_FULL;
}
#else
#define INSTRUCTION_POINTER Eip
#define STACK_POINTER       Esp

#define REGISTER_RESULT          REG_EAX
#define REGISTER_SECOND_ARGUMENT REG_ECX

static bool is_system_call(const uint8_t *code)
{
    return (code[0] == 0xcd && code[1] == 0x80) ||
           (code[0] == 0x0f && code[1] == 0x34); /* int 0x80, sysenter */
}

/* As above. How much a callee without a thunk takes off the stack is known only now, and is shown too late.
 */
static void complete(CONTEXT *context, const struct suspension *suspension,
                     const struct suspend_return *saved, const XSAVE_FORMAT *fxsave)
{
    context->ContextFlags = CONTEXT_FULL;
    if (suspension->changed & (CONTEXT_FLOATING_POINT | CONTEXT_EXTENDED_REGISTERS) & ~CONTEXT_ARCHITECTURE) {
        context->ContextFlags |= CONTEXT_FLOATING_POINT;
    } else {
        memcpy(context->ExtendedRegisters, fxsave, sizeof context->ExtendedRegisters);
        context->ContextFlags |= CONTEXT_EXTENDED_REGISTERS;
    }
    if (context->Eip != suspension->resumes_at)
        return;
    if (context->Eip == saved->address && context->Esp == suspension->resumes_with)
        context->Esp = (DWORD)(saved + 1);
    context->Eax = saved->eax;
    context->Edx = saved->edx;
}
#endif

/* Called by suspend_trap. */
void suspend_returned(struct suspend_return *saved, const XSAVE_FORMAT *fxsave);
__attribute__((used)) void suspend_returned(struct suspend_return *saved, const XSAVE_FORMAT *fxsave)
{
    struct suspension *suspension = &thread_current()->suspension;
    saved->address = suspension->return_address;
    suspension->slot = NULL;
    remote_returned();
    stay_while_suspended(suspension, SUSPEND_TRAPPED);
    if (is_to_end(suspension))
        end_terminated();
    if (!suspension->changed)
        return;
    CONTEXT context = suspension->context;
    complete(&context, suspension, saved, fxsave);
    suspension->changed = 0;
    hooks->resume(&context);
}

/* The frames of an exception's dispatch hold no return address that could lead to the trap. So a thread that
 * does not count as stopped must go on: whoever suspends it waits for it to come into Windows code. */
void suspend_checkpoint_before_resuming(void)
{
    struct suspension *suspension = &thread_current()->suspension;
    uint32_t count;
    while (is_held(count = load(&suspension->count)) && load(&suspension->state) >= SUSPEND_CALLING)
        futex_wait(&suspension->count, count, NULL);
    if (is_to_end(suspension))
        end_terminated();
}

/* In the thread's signal handler */

static bool leads_to_trap(const struct suspension *suspension)
{
    return suspension->slot && *suspension->slot == (uintptr_t)suspend_trap;
}

static void restore_return_address(struct suspension *suspension)
{
    if (leads_to_trap(suspension))
        *suspension->slot = suspension->return_address;
    suspension->slot = NULL;
}

/* Turns a context in Linux code into that of its return to Windows code, and tells where that return address
 * is; NULL where there is none that is safe to change. It was, if it is the previous one. */
static uintptr_t *find_return(CONTEXT *context, const uintptr_t *previous)
{
    bool innermost = true;
    for (;; innermost = false) {
        hooks->leave_frame(context, innermost);
        uintptr_t address = context->INSTRUCTION_POINTER;
        if (!address)
            return NULL;
        if (!hooks->is_linux_code(address)) {
            uintptr_t *slot = (uintptr_t *)(uintptr_t)context->STACK_POINTER - 1;
            return (!innermost || slot == previous) && *slot == address ? slot : NULL;
        }
    }
}

static uintptr_t instruction_pointer(const ucontext_t *host)
{
    return host->uc_mcontext.gregs[REGISTER_PC];
}

static bool is_at_system_call(uintptr_t address)
{
    const uint8_t *code = (const uint8_t *)address;
    return is_system_call(code - 2) || is_system_call(code);
}

/* As Windows starts a thread: its first instruction finds what to call in registers. A thread that is about
 * to end looks the same. */
static void make_first_context(struct thread *thread)
{
    struct suspension *suspension = &thread->suspension;
    CONTEXT *context = &suspension->context;
    *context = (CONTEXT){.ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS, .EFlags = 0x202};
#ifdef __x86_64__
    context->Rcx = (DWORD64)thread->start;
    context->Rdx = (DWORD64)thread->argument;
    context->Rip = (DWORD64)thread->start;
    context->Rsp = (DWORD64)thread->teb.Tib.StackBase - 0x28;
    context->SegCs = 0x33;
    context->SegSs = context->SegDs = context->SegEs = context->SegGs = 0x2b;
    context->SegFs = 0x53;
    context->MxCsr = context->FltSave.MxCsr = 0x1f80;
    context->FltSave.ControlWord = 0x027f;
#else
    context->Eax = (DWORD)thread->start;
    context->Ebx = (DWORD)thread->argument;
    context->Eip = (DWORD)thread->start;
    context->Esp = (DWORD)thread->teb.Tib.StackBase - 0x10;
    context->SegCs = 0x23;
    context->SegSs = context->SegDs = context->SegEs = 0x2b;
    context->SegFs = 0x53;
    context->FloatSave.ControlWord = 0x027f;
#endif
    suspension->resumes_at = context->INSTRUCTION_POINTER;
    suspension->in_thunk = false;
}

/* Returns where the return address to Windows code was that leads to the trap now; NULL if there is none. The
 * context becomes that behind the return. */
static uintptr_t *lead_to_trap(struct suspension *suspension, const ucontext_t *host, CONTEXT *context)
{
    const uintptr_t *previous = leads_to_trap(suspension) ? suspension->slot : NULL;
    restore_return_address(suspension);
    fault_write_context(host, context);
    uintptr_t *slot = find_return(context, previous);
    if (slot) {
        suspension->slot = slot;
        suspension->return_address = *slot;
        *slot = (uintptr_t)suspend_trap;
    }
    return slot;
}

/* The registers of a context that was set, and has not been reached yet, stay. */
static enum suspend_state catch_return(struct suspension *suspension, const ucontext_t *host)
{
    CONTEXT context;
    uintptr_t *previous = suspension->slot;
    uintptr_t *slot = lead_to_trap(suspension, host, &context);
    const struct thread *thread = thread_current();
    bool at_base = !slot && !context.INSTRUCTION_POINTER;
    if (at_base && thread->leaving) {
        make_first_context(thread_current());
        suspension->changed = 0;
    } else if (slot && suspension->begun && !(suspension->changed && slot == previous)) {
        suspension->context = context;
        suspension->changed = 0;
        suspension->in_thunk = true;
    }
    /* Between its beginning and Windows code, a thread has no frame to show, but will soon. */
    bool stops = slot || (at_base && (thread->leaving || !suspension->begun));
    if (stops && is_to_end(suspension))
        __atomic_store_n(&suspension->caught, true, __ATOMIC_RELAXED);
    return stops && is_at_system_call(instruction_pointer(host)) ? SUSPEND_CALLING : SUSPEND_BUSY;
}

/* Calls that sleep for the program's ends, as they are when Linux is about to start them again. The C
 * library's own locks sleep too. */
static bool is_sleep(const ucontext_t *host)
{
    const greg_t *registers = host->uc_mcontext.gregs;
    switch (registers[REGISTER_RESULT]) {
#ifdef SYS_futex_time64
    case SYS_futex_time64:
#endif
    case SYS_futex:
        return registers[REGISTER_SECOND_ARGUMENT] != (FUTEX_WAIT | FUTEX_PRIVATE_FLAG);
    case SYS_futex_waitv:
    case SYS_read:
    case SYS_readv:
    case SYS_write:
    case SYS_writev:
    case SYS_wait4:
    case SYS_flock:
#ifdef __x86_64__
    case SYS_accept:
    case SYS_connect:
    case SYS_recvfrom:
    case SYS_sendto:
#else
    case SYS_socketcall:
    case SYS_fcntl64:
#endif
    case SYS_accept4:
    case SYS_recvmsg:
    case SYS_sendmsg:
    case SYS_fcntl:
    case SYS_ioctl:
        return true;
    default:
        return false;
    }
}

static bool is_at_rest(const ucontext_t *host)
{
    uintptr_t address = instruction_pointer(host);
    if (fault_is_on_signal_stack(fault_stack_pointer(host)))
        return false;
    if (hooks && !hooks->is_linux_code(address))
        return true;
    if (is_system_call((const uint8_t *)address - 2) && host->uc_mcontext.gregs[REGISTER_RESULT] == -EINTR)
        return true;
    return is_system_call((const uint8_t *)address) && is_sleep(host);
}

bool suspend_is_at_rest(const void *host)
{
    CONTEXT context;
    struct suspension *suspension = &thread_current()->suspension;
    if (is_at_rest(host))
        return true;
    if (hooks && !fault_is_on_signal_stack(fault_stack_pointer(host)) && !leads_to_trap(suspension))
        lead_to_trap(suspension, host, &context);
    return false;
}

/* Trap, direction and alignment check. */
#define EFLAGS_OF_INTERRUPTED_CODE 0x40500

/* Has the signal handler return to the thread's end, on its host stack. */
static void lead_to_end(struct suspension *suspension, ucontext_t *host)
{
    const struct thread *thread = thread_current();
    uintptr_t stack = ((uintptr_t)thread->host_stack - 256) & -(uintptr_t)16;
    host->uc_mcontext.gregs[REGISTER_SP] = stack - sizeof(void *);
    host->uc_mcontext.gregs[REGISTER_PC] = (uintptr_t)end_terminated;
    host->uc_mcontext.gregs[REG_EFL] &= ~EFLAGS_OF_INTERRUPTED_CODE;
    set_state(suspension, SUSPEND_ENDING);
}

static void stop_in_windows_code(struct suspension *suspension, ucontext_t *host)
{
    restore_return_address(suspension);
    suspension->host = host;
    stay_while_suspended(suspension, SUSPEND_PARKED);
    if (is_to_end(suspension))
        lead_to_end(suspension, host);
}

static void on_signal(int number, siginfo_t *information, void *host)
{
    struct suspension *suspension = &thread_current()->suspension;
    uint32_t state = load(&suspension->state);
    int saved_errno = errno;
    if (state == SUSPEND_ASKED || state == SUSPEND_AWAITED) {
        if (fault_is_on_signal_stack(fault_stack_pointer(host))) {
            set_state(suspension, SUSPEND_BUSY);
        } else if (hooks->is_linux_code(instruction_pointer(host))) {
            set_state(suspension, catch_return(suspension, host));
        } else {
            stop_in_windows_code(suspension, host);
        }
    }
    errno = saved_errno;
}

/* In whoever asks */

static void install_handlers(void)
{
    static struct lock lock;
    static bool installed;
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    if (__atomic_load_n(&installed, __ATOMIC_ACQUIRE))
        return;
    lock_acquire(&lock);
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SUSPEND_SIGNAL);
    sigaddset(&action.sa_mask, TERMINATE_SIGNAL);
    sigaction(SUSPEND_SIGNAL, &action, NULL);
    action.sa_flags &= ~SA_RESTART;
    sigaction(TERMINATE_SIGNAL, &action, NULL);
    __atomic_store_n(&installed, true, __ATOMIC_RELEASE);
    lock_release(&lock);
}

static bool is_asked(uint32_t state)
{
    return state == SUSPEND_ASKED || state == SUSPEND_AWAITED;
}

static uint32_t wait_for_answer(struct suspension *suspension)
{
    for (unsigned i = 0; i < SPINS && is_asked(load(&suspension->state)); i++)
        cpu_relax();
    if (change_state(suspension, SUSPEND_ASKED, SUSPEND_AWAITED))
        while (load(&suspension->state) == SUSPEND_AWAITED)
            futex_wait(&suspension->state, SUSPEND_AWAITED, NULL);
    return load(&suspension->state);
}

static void wait_for_change(struct suspension *suspension, uint32_t state, unsigned nanoseconds)
{
    struct timespec now;
    for (unsigned i = 0; i < SPINS; i++) {
        if (load(&suspension->state) != state)
            return;
        cpu_relax();
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t end = now.tv_nsec + nanoseconds;
    struct deadline deadline = {
        .clock = CLOCK_MONOTONIC,
        .seconds = now.tv_sec + end / 1000000000,
        .nanoseconds = end % 1000000000,
    };
    futex_wait(&suspension->state, state, &deadline);
}

static bool is_stopped(uint32_t state)
{
    return state >= SUSPEND_CALLING;
}

/* Between attempts to end a sleep. */
#define CANCEL_PAUSE_US 500

static void send_signal(const struct thread *thread, int number)
{
    syscall(SYS_tgkill, (pid_t)(ULONG_PTR)thread->teb.ClientId.UniqueProcess, thread->id, number);
}

/* Returns what the thread says, or what it has come to meanwhile. */
static uint32_t ask(struct thread *thread, uint32_t state, int signal_number)
{
    if (!change_state(&thread->suspension, state, SUSPEND_ASKED))
        return load(&thread->suspension.state);
    install_handlers();
    send_signal(thread, signal_number);
    return wait_for_answer(&thread->suspension);
}

/* Under the lock, with the count above 0: returns when the thread is stopped. One that has not begun is. */
static void stop(struct thread *thread)
{
    struct suspension *suspension = &thread->suspension;
    unsigned pause = SHORTEST_PAUSE_NS;
    while (__atomic_load_n(&thread->running, __ATOMIC_SEQ_CST)) {
        uint32_t state = load(&suspension->state);
        if (is_stopped(state))
            return;
        if (ask(thread, state, SUSPEND_SIGNAL) != SUSPEND_BUSY)
            continue;
        wait_for_change(suspension, SUSPEND_BUSY, pause);
        pause = min(pause * 2, (unsigned)LONGEST_PAUSE_NS);
    }
}

static void release(struct suspension *suspension)
{
    if (__atomic_sub_fetch(&suspension->count, 1, __ATOMIC_SEQ_CST) & ~SUSPEND_TERMINATED)
        return;
    /* From now on it may come into Windows code without passing the trap. */
    change_state(suspension, SUSPEND_CALLING, SUSPEND_NONE);
    futex_wake(&suspension->count, 1);
}

NTSTATUS thread_suspend(struct thread *thread, DWORD *previous_count)
{
    struct suspension *suspension = &thread->suspension;
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&suspension->lock);
    *previous_count = load(&suspension->count) & ~SUSPEND_TERMINATED;
    if (suspension->ended)
        status = STATUS_THREAD_IS_TERMINATING;
    else if (*previous_count >= MAXIMUM_SUSPEND_COUNT)
        status = STATUS_SUSPEND_COUNT_EXCEEDED;
    else
        __atomic_add_fetch(&suspension->count, 1, __ATOMIC_SEQ_CST);
    if (NT_SUCCESS(status) && thread != thread_current())
        stop(thread);
    lock_release(&suspension->lock);
    if (NT_SUCCESS(status) && thread == thread_current())
        suspend_checkpoint();
    return status;
}

NTSTATUS thread_resume(struct thread *thread, DWORD *previous_count)
{
    struct suspension *suspension = &thread->suspension;
    lock_acquire(&suspension->lock);
    *previous_count = load(&suspension->count) & ~SUSPEND_TERMINATED;
    if (*previous_count)
        release(suspension);
    lock_release(&suspension->lock);
    return STATUS_SUCCESS;
}

/* Termination */

/* Under the lock, with the count saying that the thread is to end. It is interrupted again and again, since a
 * signal that comes just before a system call does not. */
static void urge_to_end(struct thread *thread)
{
    struct suspension *suspension = &thread->suspension;
    unsigned pause = SHORTEST_PAUSE_NS, waited = 0;
    while (__atomic_load_n(&thread->running, __ATOMIC_SEQ_CST)) {
        uint32_t state = load(&suspension->state);
        if (state != SUSPEND_ENDING && state != SUSPEND_PARKED && state != SUSPEND_TRAPPED)
            state = ask(thread, state, TERMINATE_SIGNAL);
        bool will_end = state != SUSPEND_BUSY || suspension->slot;
        unsigned patience = will_end ? TERMINATION_PATIENCE_NS : LONGEST_TERMINATION_PATIENCE_NS;
        if (state == SUSPEND_ENDING || waited > patience)
            return;
        wait_for_change(suspension, state, pause);
        waited += pause;
        pause = min(pause * 2, (unsigned)LONGEST_PAUSE_NS);
    }
}

NTSTATUS thread_terminate(struct thread *thread, DWORD exit_code)
{
    struct suspension *suspension = &thread->suspension;
    if (thread == thread_current())
        thread_end(exit_code);
    lock_acquire(&suspension->lock);
    if (!suspension->ended && !is_to_end(suspension)) {
        suspension->exit_code = exit_code;
        __atomic_or_fetch(&suspension->count, SUSPEND_TERMINATED, __ATOMIC_SEQ_CST);
        futex_wake(&suspension->count, 1);
        urge_to_end(thread);
    }
    lock_release(&suspension->lock);
    return STATUS_SUCCESS;
}

/* The signal may come before the thread sleeps, so that it takes one until the thread has noticed. */
NTSTATUS thread_cancel_io(struct thread *thread)
{
    uint32_t blocking = THREAD_IO_BLOCKING;
    if (!__atomic_compare_exchange_n(&thread->blocking_io, &blocking, THREAD_IO_CANCELLED, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        return STATUS_NOT_FOUND;
    install_handlers();
    while (__atomic_load_n(&thread->blocking_io, __ATOMIC_ACQUIRE) == THREAD_IO_CANCELLED) {
        lock_acquire(&thread->suspension.lock);
        bool ended = thread->suspension.ended;
        if (!ended)
            send_signal(thread, TERMINATE_SIGNAL);
        lock_release(&thread->suspension.lock);
        if (ended)
            break;
        usleep(CANCEL_PAUSE_US);
    }
    return STATUS_SUCCESS;
}

/* Beginning and ending */

static void apply_first_context(struct thread *thread)
{
    CONTEXT context = thread->suspension.context;
    thread->suspension.changed = 0;
    if (context.INSTRUCTION_POINTER != thread->suspension.resumes_at)
        hooks->resume(&context);
#ifdef __x86_64__
    thread->start = (thread_start)context.Rcx;
    thread->argument = (void *)context.Rdx;
#else
    thread->start = (thread_start)context.Eax;
    thread->argument = (void *)context.Ebx;
#endif
}

/* Waits until the thread is not suspended, and takes the lock while that is so. */
static void lock_unsuspended(struct suspension *suspension)
{
    for (;;) {
        sleep_while_suspended(suspension);
        lock_acquire(&suspension->lock);
        if (!is_held(load(&suspension->count)))
            return;
        lock_release(&suspension->lock);
    }
}

void suspend_begin(struct thread *thread)
{
    struct suspension *suspension = &thread->suspension;
    lock_unsuspended(suspension);
    suspension->begun = true;
    bool changed = suspension->changed;
    lock_release(&suspension->lock);
    if (is_to_end(suspension))
        end_terminated();
    if (changed)
        apply_first_context(thread);
}

bool suspend_may_start(struct thread *thread)
{
    __atomic_store_n(&thread->running, true, __ATOMIC_SEQ_CST);
    sleep_while_suspended(&thread->suspension);
    return !is_to_end(&thread->suspension);
}

void suspend_end(struct thread *thread)
{
    lock_unsuspended(&thread->suspension);
    thread->suspension.ended = true;
    lock_release(&thread->suspension.lock);
}

/* Contexts */

/* The context of a stopped thread in Linux code, or before its start. */
static CONTEXT *kept_context(struct thread *thread)
{
    struct suspension *suspension = &thread->suspension;
    if (!suspension->begun && !suspension->changed) {
        make_first_context(thread);
    } else if (suspension->in_thunk) {
        suspension->in_thunk = false;
        hooks->leave_thunk(&suspension->context);
        suspension->resumes_at = suspension->context.INSTRUCTION_POINTER;
        suspension->resumes_with = suspension->context.STACK_POINTER;
    }
    return &suspension->context;
}

static bool is_parked(const struct suspension *suspension)
{
    return load(&suspension->state) == SUSPEND_PARKED;
}

static bool names(const CONTEXT *context, DWORD part)
{
    return (context->ContextFlags & part) == part;
}

/* Linux lets no process set its own breakpoints, so to ask for one must fail. */
#define ENABLED_BREAKPOINTS 0xff

static bool enables_breakpoints(const CONTEXT *context)
{
    return names(context, CONTEXT_DEBUG_REGISTERS) && context->Dr7 & ENABLED_BREAKPOINTS;
}

static void get(struct thread *thread, CONTEXT *context)
{
    CONTEXT exact;
    struct suspension *suspension = &thread->suspension;
    const CONTEXT *from = &exact;
    if (is_parked(suspension))
        fault_write_context(suspension->host, &exact);
    else
        from = kept_context(thread);
    context_copy_parts(context, from, context->ContextFlags);
    if (names(context, CONTEXT_DEBUG_REGISTERS))
        memcpy(&context->Dr0, suspension->debug, sizeof suspension->debug);
    if (names(context, CONTEXT_EXTENDED_STATE))
        suspend_read_extended_state(is_parked(suspension) ? suspension->host : NULL, context);
}

static void set(struct thread *thread, const CONTEXT *context)
{
    CONTEXT exact;
    struct suspension *suspension = &thread->suspension;
    if (names(context, CONTEXT_DEBUG_REGISTERS))
        memcpy(suspension->debug, &context->Dr0, sizeof suspension->debug);
    if (!is_parked(suspension)) {
        context_copy_parts(kept_context(thread), context, context->ContextFlags);
        suspension->changed |= context->ContextFlags;
        return;
    }
    fault_write_context(suspension->host, &exact);
    context_copy_parts(&exact, context, context->ContextFlags);
    suspend_write_registers(suspension->host, &exact);
    if (names(context, CONTEXT_EXTENDED_STATE))
        suspend_write_extended_state(suspension->host, context);
}

/* Stops the thread if it is not, for as long as its context is looked at. A thread stops itself by asking
 * too: it is in a system call then, that which sends the signal. */
static NTSTATUS lock_stopped(struct thread *thread)
{
    struct suspension *suspension = &thread->suspension;
    lock_acquire(&suspension->lock);
    if (suspension->ended) {
        lock_release(&suspension->lock);
        return STATUS_UNSUCCESSFUL;
    }
    __atomic_add_fetch(&suspension->count, 1, __ATOMIC_SEQ_CST);
    stop(thread);
    return STATUS_SUCCESS;
}

static void unlock_stopped(struct thread *thread)
{
    release(&thread->suspension);
    lock_release(&thread->suspension.lock);
}

NTSTATUS thread_get_context(struct thread *thread, CONTEXT *context)
{
    if (!(context->ContextFlags & CONTEXT_ARCHITECTURE))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = lock_stopped(thread);
    if (!NT_SUCCESS(status))
        return status;
    get(thread, context);
    unlock_stopped(thread);
    return STATUS_SUCCESS;
}

NTSTATUS thread_set_context(struct thread *thread, const CONTEXT *context)
{
    if (!(context->ContextFlags & CONTEXT_ARCHITECTURE))
        return STATUS_INVALID_PARAMETER;
    if (enables_breakpoints(context))
        return STATUS_NOT_SUPPORTED;
    NTSTATUS status = lock_stopped(thread);
    if (!NT_SUCCESS(status))
        return status;
    set(thread, context);
    unlock_stopped(thread);
    return STATUS_SUCCESS;
}
