#include "dlls/ntdll/sync.h"
#include "kernel/thread.h"
#include "kernel/lock.h"

/* Waiters queue in a bucket that their address is hashed to, and sleep on a word of their own. */
struct waiter {
    struct waiter *next, *previous;
    const void *address;
    uint32_t woken; /* atomic, a futex */
};

struct bucket {
    struct lock lock;
    struct waiter *first; /* atomic, since wakers look at it without the lock */
    struct waiter *last;
} __attribute__((aligned(64)));

static struct bucket buckets[64];

static struct bucket *bucket_of(const void *address)
{
    uint32_t hash = (uint32_t)((uintptr_t)address >> 2) * 2654435769u;
    return &buckets[hash >> 26];
}

static void enqueue(struct bucket *bucket, struct waiter *waiter)
{
    waiter->next = NULL;
    waiter->previous = bucket->last;
    __atomic_store_n(bucket->last ? &bucket->last->next : &bucket->first, waiter, __ATOMIC_RELAXED);
    bucket->last = waiter;
}

static void dequeue(struct bucket *bucket, struct waiter *waiter)
{
    __atomic_store_n(waiter->previous ? &waiter->previous->next : &bucket->first, waiter->next,
                     __ATOMIC_RELAXED);
    *(waiter->next ? &waiter->next->previous : &bucket->last) = waiter->previous;
}

static bool is_equal(const void *address, const void *compare, SIZE_T size)
{
    switch (size) {
    case 1:
        return __atomic_load_n((const uint8_t *)address, __ATOMIC_SEQ_CST) == *(const uint8_t *)compare;
    case 2:
        return __atomic_load_n((const uint16_t *)address, __ATOMIC_SEQ_CST) == *(const uint16_t *)compare;
    case 4:
        return __atomic_load_n((const uint32_t *)address, __ATOMIC_SEQ_CST) == *(const uint32_t *)compare;
    default:
        return __atomic_load_n((const GUEST_UINT64 *)address, __ATOMIC_SEQ_CST) ==
               *(const GUEST_UINT64 *)compare;
    }
}

/* The waiter must be seen in the queue before its address is read, as the waker changes the address before
 * it looks at the queue. */
static bool enqueue_while_equal(struct bucket *bucket, struct waiter *waiter, const void *compare,
                                SIZE_T size)
{
    lock_acquire(&bucket->lock);
    enqueue(bucket, waiter);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    bool equal = is_equal(waiter->address, compare, size);
    if (!equal)
        dequeue(bucket, waiter);
    lock_release(&bucket->lock);
    return equal;
}

NTSTATUS WINAPI RtlWaitOnAddress(const void *address, const void *compare, SIZE_T size,
                                 const LARGE_INTEGER *timeout)
{
    if (size != 1 && size != 2 && size != 4 && size != 8)
        return STATUS_INVALID_PARAMETER;
    if (!is_equal(address, compare, size))
        return STATUS_SUCCESS;
    struct deadline deadline = deadline_from_timeout(timeout);
    struct bucket *bucket = bucket_of(address);
    struct waiter waiter = {.address = address};
    if (!enqueue_while_equal(bucket, &waiter, compare, size))
        return STATUS_SUCCESS;
    while (!__atomic_load_n(&waiter.woken, __ATOMIC_ACQUIRE))
        if (!futex_wait(&waiter.woken, 0, &deadline) || suspend_terminates(&thread_current()->suspension)) {
            /* Whoever wakes takes the waiter off the queue under the same lock. */
            lock_acquire(&bucket->lock);
            bool timed_out = !waiter.woken;
            if (timed_out)
                dequeue(bucket, &waiter);
            lock_release(&bucket->lock);
            return timed_out ? STATUS_TIMEOUT : STATUS_SUCCESS;
        }
    return STATUS_SUCCESS;
}

static bool has_waiters(const struct bucket *bucket)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n(&bucket->first, __ATOMIC_RELAXED) != NULL;
}

/* Takes the first waiter for an address off the queue and lets it go: it is gone at once, so only its word's
 * address may be used from then on, to wake it (see kernel/wait.c). NULL where there is none. */
static const uint32_t *release_waiter(struct bucket *bucket, const void *address)
{
    struct waiter *waiter = bucket->first;
    while (waiter && waiter->address != address)
        waiter = waiter->next;
    if (!waiter)
        return NULL;
    const uint32_t *word = &waiter->woken;
    dequeue(bucket, waiter);
    __atomic_store_n(&waiter->woken, 1, __ATOMIC_RELEASE);
    return word;
}

void WINAPI RtlWakeAddressSingle(const void *address)
{
    struct bucket *bucket = bucket_of(address);
    if (!has_waiters(bucket))
        return;
    lock_acquire(&bucket->lock);
    const uint32_t *word = release_waiter(bucket, address);
    lock_release(&bucket->lock);
    if (word)
        futex_wake(word, 1);
}

void WINAPI RtlWakeAddressAll(const void *address)
{
    struct bucket *bucket = bucket_of(address);
    const uint32_t *word;
    if (!has_waiters(bucket))
        return;
    lock_acquire(&bucket->lock);
    while ((word = release_waiter(bucket, address)))
        futex_wake(word, 1);
    lock_release(&bucket->lock);
}
