#include "kernel/thread.h"
#include "kernel/solo.h"
#include <litewin/direct.h>
#include "dlls/ntdll/sync.h"
#include "kernel/futex.h"

/* All is in the low 32 bits, which are a futex that writers and readers sleep on, told apart by the set of
 * their wait. The flags say that sleepers may be there; a woken writer sets its flag again when it gets the
 * lock, since others may still sleep. */
enum {
    OWNED = 1, /* by a writer */
    WRITERS_WAIT = 2,
    READERS_WAIT = 4,
    ONE_READER = 8,
    WAIT_FLAGS = WRITERS_WAIT | READERS_WAIT,
};

/* Sets of the futex. */
enum { WRITER = 1, READER = 2 };

enum { SPINS = 30 };

static inline uint32_t *word_of(RTL_SRWLOCK *lock)
{
    return (uint32_t *)lock;
}

static inline bool change(uint32_t *word, uint32_t *from, uint32_t to)
{
    return __atomic_compare_exchange_n(word, from, to, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline bool is_free(uint32_t state)
{
    return !(state & ~(uint32_t)WAIT_FLAGS);
}

/* Readers do not overtake a waiting writer, or it might wait for ever. */
static inline bool admits_reader(uint32_t state)
{
    return !(state & OWNED) && (!(state & WRITERS_WAIT) || is_free(state));
}

static inline bool try_acquire_exclusive(uint32_t *word)
{
    uint32_t state = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (is_free(state)) {
        if (solo_exchange_if(word, state, state | OWNED))
            return true;
        state = __atomic_load_n(word, __ATOMIC_RELAXED);
    }
    return false;
}

static inline bool try_acquire_shared(uint32_t *word)
{
    uint32_t state = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (admits_reader(state)) {
        if (solo_exchange_if(word, state, state + ONE_READER))
            return true;
        state = __atomic_load_n(word, __ATOMIC_RELAXED);
    }
    return false;
}

/* Nobody has the lock, but somebody waits for it; unless it is taken meanwhile, in which case its next
 * release sees to them. A flag is cleared before the wake-up, so that who is about to sleep notices. */
static void wake_waiters(uint32_t *word)
{
    uint32_t state = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (state & WAIT_FLAGS && is_free(state)) {
        if (state & WRITERS_WAIT) {
            if (change(word, &state, state & ~WRITERS_WAIT) && futex_wake_set(word, 1, WRITER) > 0)
                return;
        } else if (change(word, &state, 0)) {
            futex_wake_set(word, INT_MAX, READER);
            return;
        }
        state = __atomic_load_n(word, __ATOMIC_RELAXED);
    }
}

/* The wake-up that another sleeper needs may have been this one's. */
static void die_if_terminated(uint32_t *word, uint32_t flag)
{
    if (!suspend_terminates(&thread_current()->suspension))
        return;
    __atomic_fetch_or(word, flag, __ATOMIC_RELAXED);
    wake_waiters(word);
    suspend_checkpoint();
}

static void acquire_exclusive_contended(uint32_t *word)
{
    uint32_t state = __atomic_load_n(word, __ATOMIC_RELAXED), others = 0;
    for (int spins = 0;; spins++) {
        if (is_free(state)) {
            if (change(word, &state, state | OWNED | others))
                return;
        } else if (spins < SPINS && !(state & WAIT_FLAGS)) {
            cpu_relax();
            state = __atomic_load_n(word, __ATOMIC_RELAXED);
        } else if (state & WRITERS_WAIT || change(word, &state, state | WRITERS_WAIT)) {
            futex_wait_set(word, state | WRITERS_WAIT, NULL, WRITER);
            die_if_terminated(word, WRITERS_WAIT);
            others = WRITERS_WAIT;
            state = __atomic_load_n(word, __ATOMIC_RELAXED);
        }
    }
}

static void acquire_shared_contended(uint32_t *word)
{
    uint32_t state = __atomic_load_n(word, __ATOMIC_RELAXED);
    for (int spins = 0;; spins++) {
        if (admits_reader(state)) {
            if (change(word, &state, state + ONE_READER))
                return;
        } else if (spins < SPINS && !(state & WAIT_FLAGS)) {
            cpu_relax();
            state = __atomic_load_n(word, __ATOMIC_RELAXED);
        } else if (state & READERS_WAIT || change(word, &state, state | READERS_WAIT)) {
            futex_wait_set(word, state | READERS_WAIT, NULL, READER);
            die_if_terminated(word, READERS_WAIT);
            state = __atomic_load_n(word, __ATOMIC_RELAXED);
        }
    }
}

/* These return whether waiters need looking after. */
static inline bool release_exclusive(uint32_t *word)
{
    return solo_add(word, -(uint32_t)OWNED) != 0;
}

static inline bool release_shared(uint32_t *word)
{
    uint32_t state = solo_add(word, -(uint32_t)ONE_READER);
    return state != 0 && is_free(state);
}

void WINAPI RtlInitializeSRWLock(RTL_SRWLOCK *lock)
{
    lock->Ptr = NULL;
}

void WINAPI RtlAcquireSRWLockExclusive(RTL_SRWLOCK *lock)
{
    if (!try_acquire_exclusive(word_of(lock)))
        acquire_exclusive_contended(word_of(lock));
}

void WINAPI RtlAcquireSRWLockShared(RTL_SRWLOCK *lock)
{
    if (!try_acquire_shared(word_of(lock)))
        acquire_shared_contended(word_of(lock));
}

BOOLEAN WINAPI RtlTryAcquireSRWLockExclusive(RTL_SRWLOCK *lock)
{
    return try_acquire_exclusive(word_of(lock));
}

BOOLEAN WINAPI RtlTryAcquireSRWLockShared(RTL_SRWLOCK *lock)
{
    return try_acquire_shared(word_of(lock));
}

void WINAPI RtlReleaseSRWLockExclusive(RTL_SRWLOCK *lock)
{
    if (release_exclusive(word_of(lock)))
        wake_waiters(word_of(lock));
}

void WINAPI RtlReleaseSRWLockShared(RTL_SRWLOCK *lock)
{
    if (release_shared(word_of(lock)))
        wake_waiters(word_of(lock));
}

static DIRECT_RARE void direct_acquire_exclusive_contended(uint32_t *word)
{
    acquire_exclusive_contended(word);
}

DIRECT void direct_RtlAcquireSRWLockExclusive(RTL_SRWLOCK *lock)
{
    if (!solo_exchange_if(word_of(lock), 0, OWNED))
        direct_acquire_exclusive_contended(word_of(lock));
}

static DIRECT_RARE void direct_acquire_shared_contended(uint32_t *word)
{
    acquire_shared_contended(word);
}

DIRECT void direct_RtlAcquireSRWLockShared(RTL_SRWLOCK *lock)
{
    if (!try_acquire_shared(word_of(lock)))
        direct_acquire_shared_contended(word_of(lock));
}

/* Callers take these results for a BOOL or a BOOLEAN, so all of the register is set. */
DIRECT BOOL direct_RtlTryAcquireSRWLockExclusive(RTL_SRWLOCK *lock)
{
    return try_acquire_exclusive(word_of(lock));
}

DIRECT BOOL direct_RtlTryAcquireSRWLockShared(RTL_SRWLOCK *lock)
{
    return try_acquire_shared(word_of(lock));
}

static DIRECT_RARE void direct_wake_waiters(uint32_t *word)
{
    wake_waiters(word);
}

DIRECT void direct_RtlReleaseSRWLockExclusive(RTL_SRWLOCK *lock)
{
    if (release_exclusive(word_of(lock)))
        direct_wake_waiters(word_of(lock));
}

DIRECT void direct_RtlReleaseSRWLockShared(RTL_SRWLOCK *lock)
{
    if (release_shared(word_of(lock)))
        direct_wake_waiters(word_of(lock));
}
