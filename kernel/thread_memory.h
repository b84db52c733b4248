/* The memory of threads: their TEBs and their stacks. */
#ifndef KERNEL_THREAD_MEMORY_H
#define KERNEL_THREAD_MEMORY_H

#include "kernel/thread.h"

/* Zeroed, aligned to a page, NULL where there is no memory. */
struct thread *thread_memory_allocate(void);
void thread_memory_free(struct thread *thread);

/* Gives the thread a guest stack, and tells its TEB. Stacks are committed whole, since Linux provides the
 * pages only when they are touched; what lies below StackLimit is the guard. */
NTSTATUS thread_stack_allocate(struct thread *thread, size_t reserve, size_t commit);
void thread_stack_free(struct thread *thread);

#endif
