/* Descriptors that waits of the program depend on: a thread of Linux's own, which begins with the first of
 * them, waits for them all. */
#ifndef KERNEL_WATCH_H
#define KERNEL_WATCH_H

#include <litewin/windows.h>

struct watch {
    /* Called in that thread, which must not be kept. */
    void (*ready)(struct watch *watch);
};

/* Calls `ready` once, when the descriptor can be read; it and the watch must live until then. False where
 * that cannot be. */
bool watch_descriptor(int descriptor, struct watch *watch);

#endif
