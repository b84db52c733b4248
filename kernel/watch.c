#include <sys/epoll.h>
#include <unistd.h>
#include "kernel/helper_thread.h"
#include "kernel/lock.h"
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

static void watch_all(void)
{
    struct epoll_event event;
    int count;
    while ((count = epoll_wait(watched, &event, 1, -1)) == 1 || errno == EINTR) {
        struct watch *watch = event.data.ptr;
        if (count == 1)
            watch->ready(watch);
        release_retired();
    }
}

static bool start(void)
{
    if (watched < 0)
        watched = epoll_create1(EPOLL_CLOEXEC);
    return watched >= 0 && helper_thread_start(watch_all);
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
