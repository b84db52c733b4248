#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "kernel/futex.h"
#include "kernel/process_internal.h"
#include "kernel/remote_internal.h"
#include "kernel/status.h"
#include "kernel/thread.h"

/* How long a request is waited for, at first, before the signal is sent again. */
#define SHORTEST_PAUSE_NS 100000

/* How often in a row a process is looked at that lets nobody see what it runs. */
#define MOST_UNKNOWN 50

/* A process that has not begun to serve by then will not: it is stopped, or may not look at this one. */
#define PATIENCE_NS 30000000000

/* The memory of requests */

/* It is made once, and used again by the next call. */
struct channel {
    struct channel *next;
    struct remote_block *block;
    int descriptor;
};

static struct lock channels_lock;
static struct channel *free_channels;

static struct channel *take_free_channel(void)
{
    lock_acquire(&channels_lock);
    struct channel *channel = free_channels;
    if (channel)
        free_channels = channel->next;
    lock_release(&channels_lock);
    return channel;
}

static void give_back(struct channel *channel)
{
    channel->block->state = REMOTE_IDLE;
    lock_acquire(&channels_lock);
    channel->next = free_channels;
    free_channels = channel;
    lock_release(&channels_lock);
}

/* For one that a server may still write to. */
static void discard(struct channel *channel)
{
    remote_set_state(channel->block, REMOTE_ABANDONED);
    munmap(channel->block, sizeof *channel->block);
    close(channel->descriptor);
    free(channel);
}

static struct channel *make_channel(void)
{
    struct channel *channel = malloc(sizeof *channel);
    int descriptor = channel ? memfd_create("litewin-request", MFD_CLOEXEC) : -1;
    void *block = MAP_FAILED;
    if (descriptor >= 0 && !ftruncate(descriptor, sizeof *channel->block))
        block = mmap(NULL, sizeof *channel->block, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (block != MAP_FAILED) {
        *channel = (struct channel){.block = block, .descriptor = descriptor};
        return channel;
    }
    if (descriptor >= 0)
        close(descriptor);
    free(channel);
    return NULL;
}

/* Both sides */

void remote_set_state(struct remote_block *block, uint32_t state)
{
    __atomic_store_n(&block->state, state, __ATOMIC_RELEASE);
    futex_wake_shared(&block->state, INT_MAX);
}

bool remote_is_gone(int process)
{
    struct pollfd state = {.fd = process, .events = POLLIN};
    return poll(&state, 1, 0) > 0;
}

/* Finding out whether a process serves requests */

static bool catches_signal(DWORD id)
{
    char name[32], line[128];
    unsigned long long caught = 0;
    snprintf(name, sizeof name, "/proc/%u/status", (unsigned)id);
    FILE *status = fopen(name, "re");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "SigCgt: %llx", &caught) == 1)
            break;
    if (status)
        fclose(status);
    return caught >> (REMOTE_SIGNAL - 1) & 1;
}

/* While a process changes over from one program to the next, it may have none to look at. */
enum program { PROGRAM_UNKNOWN, PROGRAM_LITEWIN, PROGRAM_OTHER };

/* Linux runs litewin-load, twice over, for every Windows program. */
static enum program program_of(DWORD id)
{
    char link[32], image[PATH_MAX];
    snprintf(link, sizeof link, "/proc/%u/exe", (unsigned)id);
    ssize_t length = readlink(link, image, sizeof image - 1);
    if (length <= 0)
        return PROGRAM_UNKNOWN;
    image[length] = '\0';
    const char *name = strrchr(image, '/');
    return name && !strcmp(name + 1, "litewin-load") ? PROGRAM_LITEWIN : PROGRAM_OTHER;
}

static void sleep_for(unsigned *pause)
{
    nanosleep(&(struct timespec){.tv_nsec = *pause}, NULL);
    *pause = min(*pause * 2, (unsigned)REMOTE_LONGEST_PAUSE_NS);
}

/* A signal would end a process that does not know it. A new process of litewin's comes to know it soon. */
static NTSTATUS wait_until_it_listens(struct process *process)
{
    unsigned pause = SHORTEST_PAUSE_NS, unknown = 0;
    while (!__atomic_load_n(&process->listens, __ATOMIC_RELAXED)) {
        enum program program = program_of(process->id);
        bool listens = program == PROGRAM_LITEWIN && catches_signal(process->id);
        unknown = program == PROGRAM_UNKNOWN ? unknown + 1 : 0;
        if (process_has_ended(process))
            return STATUS_PROCESS_IS_TERMINATING;
        if (program == PROGRAM_OTHER || unknown > MOST_UNKNOWN)
            return STATUS_ACCESS_DENIED;
        if (listens)
            __atomic_store_n(&process->listens, true, __ATOMIC_RELAXED);
        else if (suspend_terminates(&thread_current()->suspension))
            return STATUS_THREAD_IS_TERMINATING;
        else
            sleep_for(&pause);
    }
    return STATUS_SUCCESS;
}

/* Asking */

/* Once its service thread is known, no other thread of the process is disturbed. */
static int send_signal(const struct process *process, const struct channel *channel)
{
    siginfo_t information = {.si_signo = REMOTE_SIGNAL, .si_code = SI_QUEUE};
    information.si_pid = getpid();
    information.si_uid = getuid();
    information.si_value.sival_int = channel->descriptor;
    uint32_t service = __atomic_load_n(&process->service, __ATOMIC_RELAXED);
    return service ? syscall(SYS_rt_tgsigqueueinfo, process->id, service, REMOTE_SIGNAL, &information)
                   : pidfd_send_signal(process->descriptor, REMOTE_SIGNAL, &information, 0);
}

static uint32_t state_of(const struct channel *channel)
{
    return __atomic_load_n(&channel->block->state, __ATOMIC_ACQUIRE);
}

static NTSTATUS wait_for_answer(struct process *process, struct channel *channel, int descriptor)
{
    unsigned pause = SHORTEST_PAUSE_NS;
    uint64_t waited = 0;
    uint32_t state;
    while ((state = state_of(channel)) != REMOTE_DONE) {
        bool asked = state == remote_asked(process->id);
        if (remote_is_gone(process->descriptor))
            return state_of(channel) == REMOTE_DONE ? STATUS_SUCCESS : STATUS_PROCESS_IS_TERMINATING;
        if (suspend_terminates(&thread_current()->suspension))
            return STATUS_THREAD_IS_TERMINATING;
        if (asked && (waited > PATIENCE_NS || (send_signal(process, channel) && errno == EPERM)))
            return STATUS_ACCESS_DENIED;
        if (state == REMOTE_AWAITS_DESCRIPTOR)
            remote_send_descriptor(channel->block, descriptor);
        else
            futex_wait_shared(&channel->block->state, state, pause);
        waited += pause;
        pause = min(pause * 2, (unsigned)REMOTE_LONGEST_PAUSE_NS);
    }
    return STATUS_SUCCESS;
}

static void write_request(struct remote_block *block, const struct process *process,
                          const struct remote_call *call)
{
    block->version = REMOTE_VERSION;
    block->operation = call->operation;
    block->gives = call->gives;
    block->returns = false;
    block->size = call->size;
    memcpy(block->values, call->values, sizeof block->values);
    if (call->size)
        memcpy(block->data, call->data, call->size);
    __atomic_store_n(&block->state, remote_asked(process->id), __ATOMIC_RELEASE);
}

static NTSTATUS read_answer(struct remote_block *block, struct process *process, struct remote_call *call)
{
    NTSTATUS status = block->status;
    __atomic_store_n(&process->service, block->service, __ATOMIC_RELAXED);
    memcpy(call->values, block->values, sizeof call->values);
    call->returns = block->returns;
    call->size = min(block->size, (uint32_t)REMOTE_DATA);
    if (call->data)
        memcpy(call->data, block->data, call->size);
    if (!call->returns)
        return status;
    NTSTATUS received = remote_receive_descriptor(block, process->id, process->descriptor, &call->descriptor);
    return NT_SUCCESS(received) ? status : received;
}

NTSTATUS remote_call(struct process *process, struct remote_call *call)
{
    NTSTATUS status = wait_until_it_listens(process);
    if (!NT_SUCCESS(status))
        return status;
    struct channel *channel = take_free_channel();
    if (!channel)
        channel = make_channel();
    if (!channel)
        return STATUS_NO_MEMORY;
    write_request(channel->block, process, call);
    status = wait_for_answer(process, channel, call->descriptor);
    if (!NT_SUCCESS(status)) {
        discard(channel);
        return status;
    }
    status = read_answer(channel->block, process, call);
    if (call->returns)
        discard(channel);
    else
        give_back(channel);
    return status;
}
