#include "loader/trace/thread.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "loader/call_on_stack.h"

__thread struct trace_thread *trace_thread_self;
static struct trace_thread *first; /* atomic */

static struct trace_thread *take_unused(void)
{
    struct trace_thread *thread = trace_thread_first();
    while (thread && __atomic_exchange_n(&thread->in_use, 1, __ATOMIC_ACQUIRE))
        thread = thread->next;
    return thread;
}

static struct trace_thread *create(void)
{
    struct trace_thread *thread =
        mmap(NULL, sizeof *thread, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (thread == MAP_FAILED)
        return NULL;
    thread->in_use = 1;
    thread->next = __atomic_load_n(&first, __ATOMIC_RELAXED);
    while (
        !__atomic_compare_exchange_n(&first, &thread->next, thread, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
    return thread;
}

/* NULL where memory is short. */
static struct trace_thread *find_or_create(void)
{
    struct trace_thread *thread = trace_thread_self;
    if (!thread) {
        thread = take_unused();
        if (!thread)
            thread = create();
        if (thread)
            thread->id = gettid();
        trace_thread_self = thread;
    }
    return thread;
}

void trace_thread_end(void)
{
    struct trace_thread *thread = trace_thread_self;
    if (!thread)
        return;
    trace_thread_self = NULL;
    thread->depth = 0;
    thread->recent.count = 0;
    __atomic_store_n(&thread->in_use, 0, __ATOMIC_RELEASE);
}

struct trace_thread *trace_thread_first(void)
{
    return __atomic_load_n(&first, __ATOMIC_ACQUIRE);
}

struct trace_call *trace_thread_push(struct trace_thread *thread, struct trace_export *export,
                                     uintptr_t frame)
{
    if (thread->depth == thread->capacity) {
        uint32_t capacity = thread->capacity ? 2 * thread->capacity : 64;
        struct trace_call *calls = realloc(thread->calls, capacity * sizeof *calls);
        if (!calls)
            return NULL;
        thread->calls = calls;
        thread->capacity = capacity;
    }
    struct trace_call *call = &thread->calls[thread->depth++];
    *call = (struct trace_call){.export = export, .frame = frame};
    return call;
}

bool trace_thread_take(struct trace_thread *thread, uintptr_t frame, struct trace_call *call)
{
    for (uint32_t i = thread->depth; i--;) {
        if (thread->calls[i].frame != frame)
            continue;
        *call = thread->calls[i];
        memmove(&thread->calls[i], &thread->calls[i + 1], (--thread->depth - i) * sizeof *call);
        return true;
    }
    return false;
}

bool trace_thread_take_left(struct trace_thread *thread, uintptr_t frame, struct trace_call *call)
{
    for (uint32_t i = thread->depth; i--;) {
        uintptr_t other = thread->calls[i].frame;
        if (!trace_is_on_this_stack(other))
            continue;
        return other < frame && trace_thread_take(thread, other, call);
    }
    return false;
}

void trace_thread_run(void (*function)(struct trace_thread *thread, void *argument), void *argument)
{
    int saved_errno = errno;
    struct trace_thread *thread = find_or_create();
    if (thread && !thread->busy) {
        thread->busy = true;
        call_on_stack((void (*)(void *, void *))function, thread, argument,
                      thread->stack + sizeof thread->stack);
        thread->busy = false;
    }
    errno = saved_errno;
}
