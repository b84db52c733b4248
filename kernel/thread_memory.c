#include "kernel/lock.h"
#include "kernel/thread_memory.h"
#include "kernel/vm.h"

#define DEFAULT_RESERVE 0x100000

/* TEBs are several to an allocation of the smallest size, and are reused. */
#define THREAD_SIZE ((sizeof(struct thread) + VM_PAGE - 1) / VM_PAGE * VM_PAGE)

static size_t default_reserve = DEFAULT_RESERVE, default_commit;

static struct lock memory_lock;
static struct thread *free_threads; /* linked by `next` */

static void keep(struct thread *thread)
{
    thread->next = free_threads;
    free_threads = thread;
}

static bool allocate_more(void)
{
    void *block = NULL;
    SIZE_T size = VM_GRANULARITY;
    if (!NT_SUCCESS(vm_allocate(&block, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL)))
        return false;
    for (size_t place = 0; place + THREAD_SIZE <= size; place += THREAD_SIZE)
        keep((struct thread *)((char *)block + place));
    return true;
}

struct thread *thread_memory_allocate(void)
{
    lock_acquire(&memory_lock);
    struct thread *thread = free_threads || allocate_more() ? free_threads : NULL;
    if (thread)
        free_threads = thread->next;
    lock_release(&memory_lock);
    if (thread)
        thread->next = NULL;
    return thread;
}

void thread_memory_free(struct thread *thread)
{
    memset(thread, 0, sizeof *thread);
    lock_acquire(&memory_lock);
    keep(thread);
    lock_release(&memory_lock);
}

void thread_set_default_stack(size_t reserve, size_t commit)
{
    default_reserve = reserve ? reserve : DEFAULT_RESERVE;
    default_commit = commit;
}

NTSTATUS guest_stack_allocate(size_t reserve, size_t commit, struct guest_stack *stack)
{
    void *base = NULL;
    size_t size = reserve ? reserve : default_reserve;
    commit = commit ? commit : default_commit;
    /* As on Windows, a commit size above the reserve size rounds the latter up to whole megabytes. */
    if (commit > size)
        size = (commit + 0xFFFFF) & ~(size_t)0xFFFFF;
    size = (size + VM_GRANULARITY - 1) & ~(size_t)(VM_GRANULARITY - 1);
    NTSTATUS status = vm_stack_allocate(size, &base);
    if (!NT_SUCCESS(status))
        return status;
    *stack = (struct guest_stack){
        .allocation = base,
        .limit = (char *)base + VM_PAGE + VM_STACK_GUARD,
        .base = (char *)base + size,
    };
    return STATUS_SUCCESS;
}

void guest_stack_free(void *allocation)
{
    vm_stack_release(allocation);
}

NTSTATUS thread_stack_allocate(struct thread *thread, size_t reserve, size_t commit)
{
    struct teb *teb = &thread->teb;
    struct guest_stack stack;
    NTSTATUS status = guest_stack_allocate(reserve, commit, &stack);
    if (!NT_SUCCESS(status))
        return status;
    teb->DeallocationStack = stack.allocation;
    teb->Tib.StackLimit = stack.limit;
    teb->Tib.StackBase = stack.base;
    return STATUS_SUCCESS;
}

NTSTATUS thread_guarantee_stack(ULONG size)
{
    enum { LEAST = VM_PAGE * sizeof(void *) / 4 };
    struct teb *teb = teb_current();
    char *limit = teb->Tib.StackLimit, *guard = (char *)teb->DeallocationStack + VM_PAGE;
    if (size > (size_t)((char *)teb->Tib.StackBase - guard))
        return STATUS_INVALID_PARAMETER;
    size = max(LEAST, (size + VM_PAGE - 1) & -VM_PAGE);
    /* One page of the guard is what the fault itself takes. */
    char *new_limit = guard + size + VM_PAGE;
    if (new_limit > limit) {
        if (new_limit > (char *)__builtin_frame_address(0) - VM_GRANULARITY)
            return STATUS_INVALID_PARAMETER;
        NTSTATUS status = vm_protect(limit, new_limit - limit, PAGE_READWRITE | PAGE_GUARD, NULL);
        if (!NT_SUCCESS(status))
            return status;
        teb->Tib.StackLimit = new_limit;
    }
    if (size > teb->GuaranteedStackBytes)
        teb->GuaranteedStackBytes = size;
    return STATUS_SUCCESS;
}

bool thread_restore_stack_guard(void)
{
    struct teb *teb = teb_current();
    char *guard = (char *)teb->DeallocationStack + VM_PAGE;
    size_t size = thread_guard_size(teb);
    if ((char *)teb->Tib.StackLimit > guard)
        return true;
    if ((char *)__builtin_frame_address(0) < guard + size + VM_PAGE ||
        !NT_SUCCESS(vm_protect(guard, size, PAGE_READWRITE | PAGE_GUARD, NULL)))
        return false;
    teb->Tib.StackLimit = guard + size;
    return true;
}

void thread_stack_free(struct thread *thread)
{
    struct teb *teb = &thread->teb;
    guest_stack_free(teb->DeallocationStack);
    teb->DeallocationStack = teb->Tib.StackLimit = teb->Tib.StackBase = NULL;
}
