#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "kernel/lock.h"
#include "kernel/watch.h"

static struct lock start_lock;
static bool started;
static int watched = -1; /* an epoll */

static void *watch_all(void *unused)
{
    struct epoll_event event;
    int count;
    while ((count = epoll_wait(watched, &event, 1, -1)) == 1 || errno == EINTR) {
        struct watch *watch = event.data.ptr;
        if (count == 1)
            watch->ready(watch);
    }
    return NULL;
}

/* Signals are for the threads of the program. */
static bool start(void)
{
    pthread_t thread;
    sigset_t all, before;
    if (watched < 0)
        watched = epoll_create1(EPOLL_CLOEXEC);
    if (watched < 0)
        return false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool created = pthread_create(&thread, NULL, watch_all, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (created)
        pthread_detach(thread);
    return created;
}

/* A descriptor that has been watched before, and not been closed since, only has to be armed again. */
bool watch_descriptor(int descriptor, struct watch *watch)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = watch};
    lock_acquire(&start_lock);
    if (!started)
        started = start();
    bool able = started;
    lock_release(&start_lock);
    return able && (epoll_ctl(watched, EPOLL_CTL_ADD, descriptor, &event) == 0 ||
                    (errno == EEXIST && epoll_ctl(watched, EPOLL_CTL_MOD, descriptor, &event) == 0));
}
