#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kernel/lock.h"

/* The time in a deadline has 64 bits on both architectures; i386's first futex call takes 32. */
#ifdef SYS_futex_time64
#define FUTEX_CALL SYS_futex_time64
#else
#define FUTEX_CALL SYS_futex
#endif

#define TICKS_PER_SECOND       10000000
#define NANOSECONDS_PER_TICK   100
#define NANOSECONDS_PER_SECOND 1000000000
/* 1601-01-01 to 1970-01-01 */
#define SECONDS_BEFORE_UNIX 11644473600LL

/* How often a lock is looked at before sleeping: about the length of the sections it guards. */
enum { SPINS = 40 };

/* Words that are not aligned */

/* A futex must be aligned, and what a program takes for a lock need not be: who sleeps on such a word is in
 * this list, and sleeps on a word of its own. */
struct sleeper {
    struct sleeper *next, *previous;
    const uint32_t *word;
    uint32_t set;
    uint32_t woken; /* atomic, a futex */
};

static struct lock sleepers_lock;
static struct sleeper *first_sleeper, *last_sleeper;

static bool is_aligned(const uint32_t *word)
{
    return (uintptr_t)word % sizeof *word == 0;
}

static void link_sleeper(struct sleeper *sleeper)
{
    sleeper->previous = last_sleeper;
    *(last_sleeper ? &last_sleeper->next : &first_sleeper) = sleeper;
    last_sleeper = sleeper;
}

static void unlink_sleeper(struct sleeper *sleeper)
{
    *(sleeper->previous ? &sleeper->previous->next : &first_sleeper) = sleeper->next;
    *(sleeper->next ? &sleeper->next->previous : &last_sleeper) = sleeper->previous;
}

static bool wait_in_list(const uint32_t *word, uint32_t value, const struct deadline *deadline, uint32_t set)
{
    struct sleeper sleeper = {.word = word, .set = set};
    lock_acquire(&sleepers_lock);
    bool equal = __atomic_load_n(word, __ATOMIC_ACQUIRE) == value;
    if (equal)
        link_sleeper(&sleeper);
    lock_release(&sleepers_lock);
    bool in_time = true;
    while (equal && in_time && !__atomic_load_n(&sleeper.woken, __ATOMIC_ACQUIRE))
        in_time = futex_wait(&sleeper.woken, 0, deadline);
    lock_acquire(&sleepers_lock);
    bool woken = sleeper.woken;
    if (equal && !woken)
        unlink_sleeper(&sleeper);
    lock_release(&sleepers_lock);
    return in_time || woken;
}

/* A sleeper needs the lock to leave, so it is there until the end. */
static int wake_in_list(const uint32_t *word, int count, uint32_t set)
{
    int woken = 0;
    lock_acquire(&sleepers_lock);
    struct sleeper *next;
    for (struct sleeper *sleeper = first_sleeper; sleeper && woken < count; sleeper = next) {
        next = sleeper->next;
        if (sleeper->word != word || !(sleeper->set & set))
            continue;
        unlink_sleeper(sleeper);
        __atomic_store_n(&sleeper->woken, 1, __ATOMIC_RELEASE);
        futex_wake(&sleeper->woken, 1);
        woken++;
    }
    lock_release(&sleepers_lock);
    return woken;
}

/* Futexes */

bool futex_wait_set(const uint32_t *word, uint32_t value, const struct deadline *deadline, uint32_t set)
{
    if (!is_aligned(word))
        return wait_in_list(word, value, deadline, set);
    struct timespec limit, *until = NULL;
    int operation = FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG;
    if (deadline && !deadline->forever) {
        limit = (struct timespec){.tv_sec = deadline->seconds, .tv_nsec = deadline->nanoseconds};
        until = &limit;
        if (deadline->clock == CLOCK_REALTIME)
            operation |= FUTEX_CLOCK_REALTIME;
    }
    return syscall(FUTEX_CALL, word, operation, value, until, NULL, set) == 0 || errno != ETIMEDOUT;
}

int futex_wake_set(const uint32_t *word, int count, uint32_t set)
{
    if (!is_aligned(word))
        return wake_in_list(word, count, set);
    return syscall(FUTEX_CALL, word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG, count, NULL, NULL, set);
}

bool futex_wait(const uint32_t *word, uint32_t value, const struct deadline *deadline)
{
    return futex_wait_set(word, value, deadline, FUTEX_BITSET_MATCH_ANY);
}

int futex_wake(const uint32_t *word, int count)
{
    return futex_wake_set(word, count, FUTEX_BITSET_MATCH_ANY);
}

void futex_wait_shared(const uint32_t *word, uint32_t value, uint64_t nanoseconds)
{
    const struct timespec limit = {nanoseconds / NANOSECONDS_PER_SECOND,
                                   nanoseconds % NANOSECONDS_PER_SECOND};
    syscall(FUTEX_CALL, word, FUTEX_WAIT, value, nanoseconds == FUTEX_FOREVER ? NULL : &limit, NULL, 0);
}

void futex_wake_shared(const uint32_t *word, int count)
{
    syscall(FUTEX_CALL, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

/* A time from now on; the parts may have different signs. */
static struct deadline deadline_after(int64_t seconds, int64_t nanoseconds)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    seconds += now.tv_sec;
    nanoseconds += now.tv_nsec;
    if (nanoseconds < 0 || nanoseconds >= NANOSECONDS_PER_SECOND) {
        int64_t carry = nanoseconds < 0 ? -1 : 1;
        seconds += carry;
        nanoseconds -= carry * NANOSECONDS_PER_SECOND;
    }
    /* Linux takes no time before the clock's start. */
    return (struct deadline){
        .clock = CLOCK_MONOTONIC,
        .seconds = seconds < 0 ? 0 : seconds,
        .nanoseconds = nanoseconds,
    };
}

struct deadline deadline_from_timeout(const LARGE_INTEGER *timeout)
{
    if (!timeout || timeout->QuadPart == INT64_MIN)
        return (struct deadline){.forever = true};
    if (timeout->QuadPart > 0)
        return (struct deadline){
            .clock = CLOCK_REALTIME,
            .seconds = timeout->QuadPart / TICKS_PER_SECOND >= SECONDS_BEFORE_UNIX
                           ? timeout->QuadPart / TICKS_PER_SECOND - SECONDS_BEFORE_UNIX
                           : 0,
            .nanoseconds = timeout->QuadPart % TICKS_PER_SECOND * NANOSECONDS_PER_TICK,
        };
    return deadline_after(-timeout->QuadPart / TICKS_PER_SECOND,
                          -timeout->QuadPart % TICKS_PER_SECOND * NANOSECONDS_PER_TICK);
}

void deadline_make_monotonic(struct deadline *deadline)
{
    struct timespec now;
    if (deadline->forever || deadline->clock != CLOCK_REALTIME)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    *deadline = deadline_after(deadline->seconds - now.tv_sec, deadline->nanoseconds - now.tv_nsec);
}

void lock_acquire_contended(struct lock *lock)
{
    for (int i = 0; i < SPINS; i++) {
        uint32_t expected = LOCK_FREE;
        if (__atomic_load_n(&lock->word, __ATOMIC_RELAXED) == LOCK_FREE &&
            __atomic_compare_exchange_n(&lock->word, &expected, LOCK_HELD, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return;
        cpu_relax();
    }
    while (__atomic_exchange_n(&lock->word, LOCK_CONTENDED, __ATOMIC_ACQUIRE) != LOCK_FREE)
        futex_wait(&lock->word, LOCK_CONTENDED, NULL);
}
