/* The memory of threads: their TEBs and their stacks. */
#ifndef KERNEL_THREAD_MEMORY_H
#define KERNEL_THREAD_MEMORY_H

#include "kernel/thread.h"
#include "kernel/vm.h"

/* Zeroed, aligned to a page, NULL where there is no memory. */
struct thread *thread_memory_allocate(void);
void thread_memory_free(struct thread *thread);

/* A stack as a thread's TEB describes it. */
struct guest_stack {
    void *allocation, *limit, *base;
};

/* Sizes of 0 are the executable's (thread_set_default_stack). Stacks are committed whole, since Linux
 * provides the pages only when they are touched; what lies below the limit is the guard. */
EXPORTED NTSTATUS guest_stack_allocate(size_t reserve, size_t commit, struct guest_stack *stack);
EXPORTED void guest_stack_free(void *allocation);

/* How much of a stack's end is guarded: what was guaranteed, and a page that the fault itself takes. */
static inline size_t thread_guard_size(const struct teb *teb)
{
    return max(VM_STACK_GUARD, teb->GuaranteedStackBytes + VM_PAGE);
}

/* Gives the thread a guest stack, and tells its TEB. */
NTSTATUS thread_stack_allocate(struct thread *thread, size_t reserve, size_t commit);
void thread_stack_free(struct thread *thread);

#endif
