/* Linux's futexes: a thread sleeps as long as a word in memory has the value that it saw. */
#ifndef KERNEL_FUTEX_H
#define KERNEL_FUTEX_H

#include <litewin/windows.h>

/* When a wait ends. `clock` is a clockid_t; a deadline that never comes has `forever` set. */
struct deadline {
    bool forever;
    int clock;
    int64_t seconds;
    int64_t nanoseconds;
};

/* Sleeps while *word is `value`. Returns false when the deadline has passed, else true, for any reason:
 * the caller looks at the word again. */
EXPORTED bool futex_wait(const uint32_t *word, uint32_t value, const struct deadline *deadline);
/* Wakes up to `count` sleepers and returns how many there were. */
EXPORTED int futex_wake(const uint32_t *word, int count);
/* The same among the sleepers that share a bit of `set` with the waker. */
EXPORTED bool futex_wait_set(const uint32_t *word, uint32_t value, const struct deadline *deadline,
                             uint32_t set);
EXPORTED int futex_wake_set(const uint32_t *word, int count, uint32_t set);

/* The same for a word in memory that several processes map. The time is relative. */
#define FUTEX_FOREVER UINT64_MAX
EXPORTED void futex_wait_shared(const uint32_t *word, uint32_t value, uint64_t nanoseconds);
EXPORTED void futex_wake_shared(const uint32_t *word, int count);

/* A Windows timeout (NULL: for ever; negative: relative; positive: a date) as a deadline. */
EXPORTED struct deadline deadline_from_timeout(const LARGE_INTEGER *timeout);

/* A date becomes the time on the monotonic clock that it would be if nobody set the clock. */
EXPORTED void deadline_make_monotonic(struct deadline *deadline);

static inline void cpu_relax(void)
{
    __asm__ volatile("pause");
}

#endif
