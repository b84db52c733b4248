/* The Linux threads under the program's: each stands on memory that the next one can have when it is gone. */
#ifndef KERNEL_HOST_THREAD_H
#define KERNEL_HOST_THREAD_H

#include "kernel/fault.h"

struct host_thread;

/* A thread that runs `start(argument)`, with a signal stack and no signal blocked; NULL where there can be no
 * more threads. The structure is the creator's until it says that it has no more use for it. */
struct host_thread *host_thread_create(void (*start)(void *), void *argument);
void host_thread_release(struct host_thread *host);

/* Linux's id of a thread, 0 where it has ended; and of the calling one. */
DWORD host_thread_id(const struct host_thread *host);
DWORD host_thread_own_id(void);

#endif
