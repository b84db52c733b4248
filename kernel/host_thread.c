#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "kernel/host_thread.h"
#include "kernel/lock.h"

#define PAGE       0x1000
#define MOST_FREE  32
#define STACK_SIZE (0x10000 - 128)

struct host_thread {
    uint8_t guard[PAGE];
    uint8_t stack[STACK_SIZE]; /* ends in the page of the following */
    pthread_attr_t attributes;
    pthread_t pthread;
    void (*start)(void *);
    void *argument;
    uint32_t users; /* atomic: its creator, and itself */
    struct host_thread *next;
    uint8_t signal_stack[FAULT_STACK_SIZE] __attribute__((aligned(PAGE)));
};

/* A thread that is here may still be about to leave Linux: the last steps are the C library's. */
static struct lock free_lock;
static struct host_thread *first_free, *last_free;
static unsigned free_count;

/* The memory */

/* The creator may be a thread of litewin's own, which blocks all signals; the program's threads need them. */
static void set_attributes(struct host_thread *host)
{
    sigset_t none;
    sigemptyset(&none);
    pthread_attr_init(&host->attributes);
    pthread_attr_setstack(&host->attributes, host->stack, sizeof host->stack);
    pthread_attr_setsigmask_np(&host->attributes, &none);
}

static struct host_thread *make(void)
{
    struct host_thread *host = mmap(NULL, sizeof *host, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (host == MAP_FAILED)
        return NULL;
    mprotect(host->guard, sizeof host->guard, PROT_NONE);
    set_attributes(host);
    return host;
}

static void discard(struct host_thread *host)
{
    pthread_attr_destroy(&host->attributes);
    munmap(host, sizeof *host);
}

/* The one that has been free for the longest time, if its thread is gone by now. */
static struct host_thread *take_gone(void)
{
    struct host_thread *host = first_free;
    if (!host || pthread_tryjoin_np(host->pthread, NULL) != 0)
        return NULL;
    first_free = host->next;
    free_count--;
    return host;
}

static void keep(struct host_thread *host)
{
    struct host_thread *surplus = NULL, *gone;
    host->next = NULL;
    lock_acquire(&free_lock);
    *(first_free ? &last_free->next : &first_free) = host;
    last_free = host;
    free_count++;
    while (free_count > MOST_FREE && (gone = take_gone())) {
        gone->next = surplus;
        surplus = gone;
    }
    lock_release(&free_lock);
    while ((gone = surplus)) {
        surplus = gone->next;
        discard(gone);
    }
}

/* Threads */

void host_thread_release(struct host_thread *host)
{
    if (__atomic_sub_fetch(&host->users, 1, __ATOMIC_ACQ_REL) == 0)
        keep(host);
}

static void *run(void *argument)
{
    struct host_thread *host = argument;
    fault_use_stack(host->signal_stack, sizeof host->signal_stack);
    host->start(host->argument);
    host_thread_release(host);
    return NULL;
}

struct host_thread *host_thread_create(void (*start)(void *), void *argument)
{
    lock_acquire(&free_lock);
    struct host_thread *host = take_gone();
    lock_release(&free_lock);
    if (!host && !(host = make()))
        return NULL;
    host->start = start;
    host->argument = argument;
    host->users = 2;
    if (pthread_create(&host->pthread, &host->attributes, run, host) == 0)
        return host;
    discard(host);
    return NULL;
}

/* The C library knows a thread's id as soon as it has created it, but tells it only in the form of the
 * thread's clock, whose number is made of it. */
static DWORD id_of(pthread_t pthread)
{
    clockid_t clock;
    return pthread_getcpuclockid(pthread, &clock) == 0 ? (DWORD) ~(clock >> 3) : 0;
}

DWORD host_thread_id(const struct host_thread *host)
{
    return id_of(host->pthread);
}

DWORD host_thread_own_id(void)
{
    return id_of(pthread_self());
}
