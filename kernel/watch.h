/* Descriptors that waits of the program depend on: a thread of Linux's own, which begins with the first of
 * them, waits for them all. */
#ifndef KERNEL_WATCH_H
#define KERNEL_WATCH_H

#include <litewin/windows.h>

struct watch {
    /* Called in that thread, which must not be kept. */
    void (*ready)(struct watch *watch);
    void (*release)(struct watch *watch);
    struct watch *next; /* among those that are retired */
};

/* Calls `ready` once, when one of the events of epoll comes to the descriptor, which then replaces what was
 * watched for before; it and the watch must live until then. False where that cannot be. */
bool watch_descriptor(int descriptor, uint32_t events, struct watch *watch);
/* Does so no more, unless a call is under way. */
void watch_forget(int descriptor);
/* Calls `release` when no call can be under way any more, nothing being watched for by it. */
void watch_retire(struct watch *watch, void (*release)(struct watch *watch));

#endif
