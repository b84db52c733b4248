#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "kernel/host_process.h"
#include "kernel/shared_wait.h"
#include "kernel/status.h"
#include "kernel/wait_internal.h"

_Static_assert(sizeof(struct shared_words) <= SHARED_WORDS * sizeof(uint32_t), "one page");

/* The lock of the page */

/* How often it is looked at before sleeping: whoever was woken by its holder finds it free by then. */
enum { SPINS = 100 };

static uint32_t own_thread_id(void)
{
    static __thread uint32_t id;
    if (!id)
        id = gettid();
    return id;
}

static bool take_from(uint32_t *lock, uint32_t owner)
{
    return __atomic_compare_exchange_n(lock, &owner, own_thread_id(), false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

/* The kernel hands the lock of a thread that ends to one that sleeps for it. Where nobody does, it says that
 * there is no such thread to whoever comes: ESRCH. Nobody but the dead can have put the word there that was
 * there before, so if it still is, the kernel meant that one. */
static void sleep_for_lock(uint32_t *lock)
{
    for (;;) {
        uint32_t present = __atomic_load_n(lock, __ATOMIC_RELAXED), owner = present & FUTEX_TID_MASK;
        if (!present && take_from(lock, 0))
            return;
        if (!syscall(SYS_futex, lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0))
            return;
        if (errno == EDEADLK && owner == own_thread_id())
            return; /* one that has ended had the same id */
        if (errno == ESRCH && owner && host_thread_has_ended(owner) && take_from(lock, present))
            return;
        sched_yield();
    }
}

static void lock_page(uint32_t *lock)
{
    for (int spins = 0; spins < SPINS; spins++) {
        if (__atomic_load_n(lock, __ATOMIC_RELAXED) == 0 && take_from(lock, 0))
            return;
        cpu_relax();
    }
    sleep_for_lock(lock);
}

static void unlock_page(uint32_t *lock)
{
    uint32_t self = own_thread_id();
    if (!__atomic_compare_exchange_n(lock, &self, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        syscall(SYS_futex, lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

/* The state */

/* Has all who wait look at the object. The wake-up comes before the state that it tells of, so that nobody
 * sleeps on if this process is killed between the two: the lock, which those who are woken run for, guards
 * both. */
static void announce(struct shared_wait *shared)
{
    struct shared_words *words = shared->words;
    shared->changes = words->changes + 1 ? words->changes + 1 : 1;
    __atomic_store_n(&words->changes, shared->changes, __ATOMIC_SEQ_CST);
    futex_wake_shared(&words->changes, INT_MAX);
}

static void serve(struct waitable *object)
{
    struct wake_list wakes;
    wakes.count = 0;
    wait_serve_queue(object, &wakes);
    wait_flush_wakes(&wakes);
}

/* Releases those who were waiting when the object was pulsed elsewhere: nobody has queued since, or the pulse
 * would have been seen then. */
static void catch_pulses(struct waitable *object)
{
    struct shared_wait *shared = object->shared;
    struct shared_words *words = shared->words;
    bool pulsed = shared->pulses != words->pulses;
    shared->pulses = words->pulses;
    while (pulsed && object->first && words->tokens) {
        waitable_set_flags(object, WAITABLE_SIGNALED, true);
        serve(object);
        if (waitable_is_signaled(object))
            break; /* nobody is left */
        words->tokens--;
    }
}

/* Giving. Windows gives an object that becomes signaled to one who waits. One who waits in another process
 * has to come and fetch it: meanwhile it is nobody else's, as if that one had it. */

/* Who has not come by then was killed, or is suspended. */
enum { PATIENCE_MS = 10 };

/* More than there are threads. */
enum { MOST_GIVEN = 0x10000 };

static uint32_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000) | 1;
}

/* Those who queue elsewhere and have not been given anything. */
static bool others_queue(const struct shared_wait *shared)
{
    const struct shared_words *words = shared->words;
    return words->queued > shared->queued && words->queued - shared->queued > words->given &&
           words->given < MOST_GIVEN;
}

static void give_to_others(struct waitable *object)
{
    struct shared_wait *shared = object->shared;
    const struct wait_operations *operations = object->object.type->wait;
    while (waitable_is_signaled(object) && !shared->words->releases_all && others_queue(shared)) {
        shared->words->given++;
        shared->has_given = true;
        if (operations->put_back) {
            operations->take(object, NULL);
        } else {
            shared->is_withheld = true;
            waitable_set_flags(object, WAITABLE_SIGNALED, false);
        }
    }
}

void shared_wait_take_turns(struct waitable *object)
{
    struct shared_wait *shared = object->shared;
    bool can_choose = object->first && waitable_is_signaled(object) && others_queue(shared);
    if (can_choose && shared->words->turns++ % 2)
        give_to_others(object);
}

static void take_back(struct waitable *object)
{
    struct shared_words *words = object->shared->words;
    void (*put_back)(struct waitable *) = object->object.type->wait->put_back;
    words->given--;
    if (put_back)
        put_back(object);
}

/* For those who queue here, some of whom were given it. */
static void fetch(struct waitable *object)
{
    while (object->first && object->shared->words->given) {
        take_back(object);
        serve(object);
        if (waitable_is_signaled(object))
            break; /* who has it coming has given up */
    }
}

static void join_count(struct shared_wait *shared)
{
    struct shared_words *words = shared->words;
    if (shared->count == words->count)
        return;
    shared->count = words->count;
    words->waiters += shared->waiters;
    words->queued += shared->queued;
}

/* What was given and not fetched is for all; those who did not come are forgotten, unless they join again. */
static bool loses_patience(struct waitable *object)
{
    struct shared_wait *shared = object->shared;
    struct shared_words *words = shared->words;
    if (!words->given_when || milliseconds() - words->given_when < PATIENCE_MS)
        return false;
    words->given = min(words->given, (uint32_t)MOST_GIVEN);
    while (words->given)
        take_back(object);
    words->waiters = words->queued = 0;
    words->count++;
    join_count(shared);
    announce(shared);
    return true;
}

/* Locking */

/* Brings the object, and those who queue at it, up to what other processes have done. */
static void load(struct waitable *object)
{
    struct shared_wait *shared = object->shared;
    struct shared_words *words = shared->words;
    bool is_changed = shared->changes != words->changes;
    join_count(shared);
    if (is_changed)
        catch_pulses(object);
    shared->was_signaled = object->object.type->wait->load(object, words->state);
    waitable_set_flags(object, WAITABLE_SIGNALED, shared->was_signaled);
    shared->changes = words->changes;
    shared->has_given = false;
    if (is_changed)
        fetch(object);
    if (loses_patience(object) || is_changed)
        serve(object);
    shared->is_withheld =
        words->given && waitable_is_signaled(object) && !object->object.type->wait->put_back;
    if (shared->is_withheld)
        waitable_set_flags(object, WAITABLE_SIGNALED, false);
}

/* Those who wait elsewhere, if only for several objects at once, are told. Who waits for an event to be set
 * is released even if it is reset at once. */
static void note_changes(struct waitable *object)
{
    struct shared_wait *shared = object->shared;
    struct shared_words *words = shared->words;
    bool becomes_signaled = waitable_is_signaled(object) && !shared->was_signaled && words->waiters;
    if (becomes_signaled && words->releases_all) {
        words->tokens = UINT32_MAX;
        shared->pulses = ++words->pulses;
    }
    if (shared->has_given)
        __atomic_store_n(&words->given_when, milliseconds(), __ATOMIC_RELAXED);
    else if (!words->given && words->given_when)
        __atomic_store_n(&words->given_when, 0, __ATOMIC_RELAXED);
    if (shared->has_given || becomes_signaled)
        announce(shared);
}

static void store(struct waitable *object)
{
    struct shared_wait *shared = object->shared;
    const struct wait_operations *operations = object->object.type->wait;
    give_to_others(object);
    if (!operations->put_back && !shared->is_withheld)
        shared->words->given = 0; /* the mutex has an owner, or may have any */
    note_changes(object);
    if (shared->is_withheld)
        waitable_set_flags(object, WAITABLE_SIGNALED, true);
    operations->store(object, shared->words->state);
    waitable_set_flags(object, WAITABLE_SIGNALED, false);
}

void shared_wait_acquire(struct waitable *object)
{
    lock_page(&object->shared->words->lock);
    load(object);
}

void shared_wait_release(struct waitable *object)
{
    store(object);
    unlock_page(&object->shared->words->lock);
}

/* Two objects of this process may lie over one page: an owned mutex that has lost its last handle, and the
 * one that was made since. Nobody waits for the first. */
static bool comes_before(const struct shared_wait *first, const struct shared_wait *second)
{
    return first->device != second->device ? first->device < second->device : first->inode < second->inode;
}

void shared_wait_acquire_all(ULONG count, struct waitable *const objects[])
{
    struct waitable *sorted[MAXIMUM_WAIT_OBJECTS];
    ULONG shared = 0;
    for (ULONG i = 0; i < count; i++) {
        if (!objects[i]->shared)
            continue;
        ULONG place = shared++;
        for (; place > 0 && comes_before(objects[i]->shared, sorted[place - 1]->shared); place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = objects[i];
    }
    for (ULONG i = 0; i < shared; i++)
        shared_wait_acquire(sorted[i]);
}

/* A pulse that has not been used up here is for those who wait in other processes. */
bool shared_wait_pulse(struct waitable *object)
{
    waitable_lock(object);
    struct shared_wait *shared = object->shared;
    struct shared_words *words = shared->words;
    bool was_signaled = waitable_is_signaled(object);
    waitable_set_flags(object, WAITABLE_SIGNALED, true);
    serve(object);
    if (waitable_is_signaled(object) && words->waiters > words->given) {
        words->tokens =
            words->releases_all ? UINT32_MAX : min(words->tokens + 1, words->waiters - words->given);
        shared->pulses = ++words->pulses;
        announce(shared);
    }
    waitable_set_flags(object, WAITABLE_SIGNALED, false);
    waitable_unlock_only(object);
    return was_signaled;
}

/* Sleeping */

/* Linux before 5.16 cannot have a thread sleep on several words, and may not in a container that does not
 * know the call: it looks again from time to time. */
static bool sleeps_on_one; /* atomic */

enum { PAUSE_MS = 1 };

static int64_t time_after(int milliseconds)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec + milliseconds * INT64_C(1000000);
}

int64_t shared_review(struct shared_review *review)
{
    bool is_given = false;
    review->count = 0;
    for (ULONG i = 0; i < review->total; i++) {
        struct waitable *object = review->objects[i];
        if (!waitable_is_shared(object))
            continue;
        review->count++;
        struct shared_words *words = object->shared->words;
        uint32_t changes = __atomic_load_n(&words->changes, __ATOMIC_SEQ_CST);
        if (changes != review->seen[i] || __atomic_load_n(&words->given_when, __ATOMIC_RELAXED)) {
            review->seen[i] = changes;
            waitable_lock(object);
            waitable_unlock(object, waitable_is_signaled(object));
        }
        is_given |= __atomic_load_n(&words->given_when, __ATOMIC_RELAXED) != 0;
    }
    if (review->count && __atomic_load_n(&sleeps_on_one, __ATOMIC_RELAXED))
        return time_after(PAUSE_MS);
    return is_given ? time_after(PATIENCE_MS + 1) : WAIT_NEVER;
}

static struct futex_waitv futex_of(const uint32_t *word, uint32_t value, uint32_t flags)
{
    return (struct futex_waitv){.val = value, .uaddr = (uintptr_t)word, .flags = FUTEX_32 | flags};
}

bool shared_wait_sleep(const uint32_t *word, uint32_t value, const struct shared_review *review,
                       const struct deadline *deadline)
{
    struct futex_waitv words[1 + MAXIMUM_WAIT_OBJECTS];
    unsigned count = 0;
    if (__atomic_load_n(&sleeps_on_one, __ATOMIC_RELAXED))
        return futex_wait(word, value, deadline);
    words[count++] = futex_of(word, value, FUTEX_PRIVATE_FLAG);
    for (ULONG i = 0; i < review->total; i++) {
        if (review->seen[i])
            words[count++] = futex_of(&review->objects[i]->shared->words->changes, review->seen[i], 0);
    }
    const int64_t limit[] = {deadline->seconds, deadline->nanoseconds};
    if (syscall(SYS_futex_waitv, words, count, 0, deadline->forever ? NULL : limit, deadline->clock) >= 0)
        return true;
    if (errno == ENOSYS || errno == EPERM)
        __atomic_store_n(&sleeps_on_one, true, __ATOMIC_RELAXED);
    return errno != ETIMEDOUT;
}

/* Sharing */

static struct lock list_lock;
static struct shared_wait *list;

static void link_shared(struct shared_wait *shared)
{
    lock_acquire(&list_lock);
    shared->previous = NULL;
    shared->next = list;
    if (list)
        list->previous = shared;
    list = shared;
    lock_release(&list_lock);
}

static void unlink_shared(struct shared_wait *shared)
{
    lock_acquire(&list_lock);
    *(shared->previous ? &shared->previous->next : &list) = shared->next;
    if (shared->next)
        shared->next->previous = shared->previous;
    lock_release(&list_lock);
}

static struct shared_wait *make(struct waitable *object, const struct shared_file *file)
{
    struct stat status;
    struct shared_wait *shared = fstat(file->descriptor, &status) ? NULL : calloc(1, sizeof *shared);
    if (!shared)
        return NULL;
    shared->words = (struct shared_words *)file->page->words;
    shared->file = *file;
    shared->device = status.st_dev;
    shared->inode = status.st_ino;
    shared->object = object;
    return shared;
}

static void count_waiters(struct waitable *object)
{
    for (ULONG i = 0; i < object->all_waiters; i++)
        shared_wait_count_waiter(object, 1, false);
    for (const struct wait_block *block = object->first; block; block = block->next)
        shared_wait_count_waiter(object, 1, true);
}

/* From the unlocking on, the state is in the page. */
NTSTATUS shared_wait_share(struct waitable *object, struct shared_file *file,
                           void (*prepare)(const struct waitable *object, struct shared_words *words))
{
    struct shared_wait *shared = make(object, file);
    if (!shared)
        return STATUS_NO_MEMORY;
    waitable_lock_here(object);
    lock_page(&shared->words->lock);
    shared->words->changes = shared->changes = 1;
    shared->was_signaled = waitable_is_signaled(object);
    prepare(object, shared->words);
    waitable_set_flags(object, WAITABLE_SHARED, true);
    __atomic_store_n(&object->shared, shared, __ATOMIC_RELEASE);
    count_waiters(object);
    waitable_unlock_only(object);
    link_shared(shared);
    wait_review(object);
    return STATUS_SUCCESS;
}

NTSTATUS shared_wait_adopt(struct waitable *object, struct shared_file *file)
{
    struct shared_wait *shared = make(object, file);
    if (!shared)
        return STATUS_NO_MEMORY;
    shared->pulses = shared->words->pulses;
    waitable_set_flags(object, WAITABLE_SHARED, true);
    object->shared = shared;
    link_shared(shared);
    return STATUS_SUCCESS;
}

void shared_wait_destroy(struct shared_wait *shared)
{
    unlink_shared(shared);
    shared_file_close(&shared->file);
    free(shared);
}

/* The objects are visited without the lock, since visitors release them. */
void shared_wait_for_each(const struct object_type *type, void (*visit)(struct waitable *, void *),
                          void *context)
{
    size_t count = 0, found = 0;
    lock_acquire(&list_lock);
    for (struct shared_wait *shared = list; shared; shared = shared->next)
        count++;
    struct waitable **objects = malloc((count + 1) * sizeof *objects);
    for (struct shared_wait *shared = list; objects && shared; shared = shared->next)
        if (shared->object->object.type == type && object_retain_living(shared->object))
            objects[found++] = shared->object;
    lock_release(&list_lock);
    for (size_t i = 0; i < found; i++) {
        visit(objects[i], context);
        object_release(objects[i]);
    }
    free(objects);
}
