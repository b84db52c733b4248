#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "kernel/lock.h"
#include "kernel/remote.h"
#include "kernel/watch.h"

static struct lock start_lock;
static bool started;
static int watched = -1;      /* an epoll */
static struct watch *retired; /* atomic */

/* Whatever was retired by now is not in an event that is yet to come. */
static void release_retired(void)
{
    struct watch *watch = __atomic_exchange_n(&retired, NULL, __ATOMIC_ACQUIRE), *next;
    for (; watch; watch = next) {
        next = watch->next;
        watch->release(watch);
    }
}

static void *watch_all(void *unused)
{
    pthread_setname_np(pthread_self(), REMOTE_HIDDEN_NAME);
    struct epoll_event event;
    int count;
    while ((count = epoll_wait(watched, &event, 1, -1)) == 1 || errno == EINTR) {
        struct watch *watch = event.data.ptr;
        if (count == 1)
            watch->ready(watch);
        release_retired();
    }
    return NULL;
}

/* Signals are for the threads of the program, but for the faults of kernel/peek.h. */
static bool start(void)
{
    pthread_t thread;
    sigset_t all, before;
    if (watched < 0)
        watched = epoll_create1(EPOLL_CLOEXEC);
    if (watched < 0)
        return false;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool created = pthread_create(&thread, NULL, watch_all, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (created)
        pthread_detach(thread);
    return created;
}

/* A descriptor that has been watched before, and not been closed since, only has to be armed again. */
bool watch_descriptor(int descriptor, uint32_t events, struct watch *watch)
{
    struct epoll_event event = {.events = events | EPOLLONESHOT, .data.ptr = watch};
    lock_acquire(&start_lock);
    if (!started)
        started = start();
    bool able = started;
    lock_release(&start_lock);
    return able && (epoll_ctl(watched, EPOLL_CTL_ADD, descriptor, &event) == 0 ||
                    (errno == EEXIST && epoll_ctl(watched, EPOLL_CTL_MOD, descriptor, &event) == 0));
}

void watch_forget(int descriptor)
{
    if (watched >= 0)
        epoll_ctl(watched, EPOLL_CTL_DEL, descriptor, NULL);
}

void watch_retire(struct watch *watch, void (*release)(struct watch *))
{
    watch->release = release;
    watch->next = __atomic_load_n(&retired, __ATOMIC_RELAXED);
    while (
        !__atomic_compare_exchange_n(&retired, &watch->next, watch, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        continue;
}
