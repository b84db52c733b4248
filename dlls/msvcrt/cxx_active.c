/* The running handlers, and the exceptions that they hold: each fiber's own, whatever thread runs it. */
#include "dlls/msvcrt/cxx_frame.h"
#include "dlls/ntdll/sync.h"
#include "kernel/lock.h"
#include "kernel/teb.h"

/* The fiber's list */

/* The newest is a value of fiber-local storage; 0 until there was a handler. */
static uint32_t fiber_index;

/* Without memory for an exception, C++ ends the program. */
static ULONG make_fiber_index(void)
{
    static struct lock lock;
    ULONG index;
    lock_acquire(&lock);
    index = fiber_index;
    if (!index && !NT_SUCCESS(RtlFlsAlloc(NULL, &index)))
        crt_terminate();
    __atomic_store_n(&fiber_index, index, __ATOMIC_RELEASE);
    lock_release(&lock);
    return index;
}

static void set_first(struct cxx_active *first)
{
    ULONG index = __atomic_load_n(&fiber_index, __ATOMIC_ACQUIRE);
    if (!NT_SUCCESS(RtlFlsSetValue(index ? index : make_fiber_index(), first)))
        crt_terminate();
}

/* A longjmp that runs no handlers leaves entries behind, on a part of the stack that is not in use. */
static bool is_abandoned(const struct cxx_active *active)
{
    const char *here = __builtin_frame_address(0), *entry = (const char *)active;
    return entry < here && entry >= (const char *)teb_current()->Tib.StackLimit;
}

static struct cxx_active *first_active(void)
{
    void *value = NULL;
    ULONG index = __atomic_load_n(&fiber_index, __ATOMIC_ACQUIRE);
    if (!index || !NT_SUCCESS(RtlFlsGetValue(index, &value)))
        return NULL;
    struct cxx_active *first = value;
    while (first && is_abandoned(first))
        first = first->outer;
    return first;
}

/* Handlers */

struct cxx_active *cxx_active_of(const void *frame)
{
    struct cxx_active *active = first_active();
    while (active && active->frame != frame)
        active = active->outer;
    return active;
}

void cxx_forget_left(const void *frame)
{
    struct cxx_active *newest = first_active(), *first = newest;
    for (struct cxx_active **link = &first; *link;) {
        if ((*link)->left && (*link)->frame == frame)
            *link = (*link)->outer;
        else
            link = &(*link)->outer;
    }
    if (first != newest)
        set_first(first);
}

const struct cxx_catch *cxx_current_catch(void)
{
    const struct cxx_active *active = first_active();
    while (active && active->left)
        active = active->outer;
    return active ? active->caught : NULL;
}

void cxx_hold_exception(struct cxx_active *active, const struct cxx_catch *caught)
{
    *active = (struct cxx_active){.outer = first_active(), .caught = caught};
    set_first(active);
}

void cxx_begin_catch(struct cxx_active *active, const struct cxx_catch *caught)
{
    const struct cxx_function *function = caught->part.function;
    cxx_hold_exception(active, caught);
    active->frame = caught->part.frame;
    active->outer_state = function->format->unwind(function, caught->try_block.low).next_state;
}

/* An exception that was thrown on from one handler and caught by another is in both. */
static bool is_held_elsewhere(const struct cxx_active *active)
{
    const EXCEPTION_RECORD *record = active->caught->record;
    for (const struct cxx_active *other = first_active(); other; other = other->outer) {
        if (other != active && !other->left && cxx_is_exception(other->caught->record) &&
            cxx_object(other->caught->record) == cxx_object(record))
            return true;
    }
    return false;
}

static void release_exception(const struct cxx_active *active)
{
    if (cxx_is_exception(active->caught->record) && !is_held_elsewhere(active))
        cxx_destroy_object(active->caught->record);
}

void cxx_let_go(struct cxx_active *active, bool ends)
{
    if (ends)
        release_exception(active);
    struct cxx_active *newest = first_active(), *first = newest, **link = &first;
    while (*link && *link != active)
        link = &(*link)->outer;
    if (*link)
        *link = active->outer;
    if (first != newest)
        set_first(first);
}

void cxx_end_catch(struct cxx_active *active)
{
    cxx_let_go(active, true);
}

/* The unwinding is for the exception that the handler has, or for the `throw;` of it. */
static bool is_unwinding_for(const EXCEPTION_RECORD *record, const EXCEPTION_RECORD *held)
{
    const struct cxx_catch *next = cxx_catch_of_unwind(record);
    if (next)
        record = next->record;
    if (record == held || cxx_is_rethrow(record))
        return true;
    return cxx_is_exception(record) && cxx_is_exception(held) && cxx_object(record) == cxx_object(held);
}

void cxx_leave_catch(struct cxx_active *active, const EXCEPTION_RECORD *record)
{
    if (active->left)
        return;
    if (!is_unwinding_for(record, active->caught->record))
        release_exception(active);
    active->left = true;
}
