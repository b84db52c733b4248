#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "kernel/helper_thread.h"
#include "kernel/futex.h"
#include "kernel/remote_internal.h"
#include "kernel/segment.h"
#include "kernel/status.h"
#include "kernel/thread.h"

/* One thread, which begins with the first request and stays, serves them one after the other: it sleeps until
 * the signal is sent to it. It is not one of the program's: no list has it, and the process ends without it.
 * But what it calls may ask which thread it is. */
static struct thread service_thread;
static uint32_t service_id; /* atomic; 0: it has not begun */

/* Serving */

/* Who asks: its id, and a descriptor of it. */
struct caller {
    pid_t id;
    int process;
};

static NTSTATUS take_descriptor(const struct caller *caller, struct remote_block *block,
                                struct remote_call *call)
{
    if (!block->gives)
        return STATUS_SUCCESS;
    NTSTATUS status = remote_receive_descriptor(block, caller->id, caller->process, &call->descriptor);
    call->gives = NT_SUCCESS(status);
    return status;
}

static remote_server server_of(uint32_t operation)
{
    if (remote_memory_servers[operation])
        return remote_memory_servers[operation];
    if (remote_thread_servers[operation])
        return remote_thread_servers[operation];
    return remote_thread_detail_servers[operation] ? remote_thread_detail_servers[operation]
                                                   : remote_handle_servers[operation];
}

static NTSTATUS serve_operation(const struct caller *caller, struct remote_block *block,
                                struct remote_call *call)
{
    if (block->version != REMOTE_VERSION || block->operation >= REMOTE_OPERATIONS ||
        block->size > REMOTE_DATA)
        return STATUS_REVISION_MISMATCH;
    NTSTATUS status = take_descriptor(caller, block, call);
    return NT_SUCCESS(status) ? server_of(block->operation)(call) : status;
}

/* The other side asks for the descriptor once it has read the answer, unless it has ended. */
static void hand_over(const struct caller *caller, struct remote_block *block, int descriptor)
{
    while (__atomic_load_n(&block->state, __ATOMIC_ACQUIRE) == REMOTE_DONE &&
           !remote_is_gone(caller->process))
        futex_wait_shared(&block->state, REMOTE_DONE, REMOTE_LONGEST_PAUSE_NS);
    if (__atomic_load_n(&block->state, __ATOMIC_ACQUIRE) == REMOTE_AWAITS_DESCRIPTOR)
        remote_send_descriptor(block, descriptor);
}

static void serve_block(const struct caller *caller, struct remote_block *block)
{
    struct remote_call call = {.operation = block->operation, .size = block->size, .data = block->data};
    memcpy(call.values, block->values, sizeof call.values);
    block->status = serve_operation(caller, block, &call);
    memcpy(block->values, call.values, sizeof block->values);
    block->size = call.size;
    block->service = service_id;
    block->returns = call.returns;
    remote_set_state(block, REMOTE_DONE);
    if (call.afterwards)
        call.afterwards(call.argument);
    if (call.gives)
        close(call.descriptor);
    if (call.returns) {
        hand_over(caller, block, call.descriptor);
        close(call.descriptor);
    }
}

/* The request is in a file that the caller has open. */
static struct remote_block *map_request(pid_t caller, int descriptor)
{
    char name[48];
    snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)caller, descriptor);
    int file = open(name, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return NULL;
    void *block = mmap(NULL, sizeof(struct remote_block), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return block == MAP_FAILED ? NULL : block;
}

static bool take(struct remote_block *block)
{
    uint32_t asked = remote_asked(process_self.id);
    return __atomic_compare_exchange_n(&block->state, &asked, REMOTE_TAKEN, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

static void serve_request(pid_t id, int descriptor)
{
    const struct caller caller = {id, pidfd_open(id, 0)};
    struct remote_block *block = caller.process < 0 ? NULL : map_request(id, descriptor);
    if (block) {
        if (take(block))
            serve_block(&caller, block);
        munmap(block, sizeof *block);
    }
    if (caller.process >= 0)
        close(caller.process);
}

static void serve(void)
{
    sigset_t set;
    siginfo_t information;
    service_thread.teb.Tib.Self = &service_thread.teb.Tib;
    segment_set(&service_thread.teb);
    __atomic_store_n(&service_id, gettid(), __ATOMIC_RELEASE);
    sigemptyset(&set);
    sigaddset(&set, REMOTE_SIGNAL);
    for (;;)
        if (sigwaitinfo(&set, &information) == REMOTE_SIGNAL)
            serve_request(information.si_pid, information.si_value.sival_int);
}

/* The signal */

static bool awaited; /* atomic: there has been a request, and no thread to serve it */

static void start_service(void)
{
    static bool started;
    if (!__atomic_exchange_n(&started, true, __ATOMIC_ACQ_REL) && !helper_thread_start(serve))
        __atomic_store_n(&started, false, __ATOMIC_RELEASE);
}

void remote_returned(void)
{
    if (__atomic_load_n(&awaited, __ATOMIC_RELAXED) && !__atomic_load_n(&service_id, __ATOMIC_RELAXED))
        start_service();
}

/* Comes to any thread of the program. Where that thread is inside of Linux code that may hold locks, or does
 * without them because there is no other thread, none is started before it is out of that. Until there is
 * one, whoever asks does so again. */
static void on_signal(int number, siginfo_t *information, void *host)
{
    int saved_errno = errno;
    uint32_t service = __atomic_load_n(&service_id, __ATOMIC_ACQUIRE);
    if (!service) {
        __atomic_store_n(&awaited, true, __ATOMIC_RELAXED);
        if (suspend_is_at_rest(host))
            start_service();
    } else if (information->si_code == SI_QUEUE) {
        syscall(SYS_rt_tgsigqueueinfo, getpid(), service, number, information);
    }
    errno = saved_errno;
}

void remote_listen(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(REMOTE_SIGNAL, &action, NULL);
}
