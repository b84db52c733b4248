#include <limits.h>
#include <sched.h>
#include "dlls/ntdll/sync.h"
#include "kernel/futex.h"

/* What an RTL_BARRIER holds. A thread may come for the next round before all have left the last. */
struct barrier {
    uint32_t arrived; /* atomic, as all but the two limits are */
    uint32_t total;
    uint32_t round; /* a futex */
    uint32_t inside;
    int32_t spins;
};
_Static_assert(sizeof(struct barrier) <= sizeof(RTL_BARRIER), "");

/* In `inside`: someone waits until nobody is. */
#define DELETING 0x80000000

/* What a spin count of -1 means, and how often one that never sleeps lets others run. */
enum { DEFAULT_SPINS = 2000, SPINS_AT_A_TIME = 1000 };

NTSTATUS WINAPI RtlInitBarrier(RTL_BARRIER *pointer, ULONG total, ULONG spins)
{
    struct barrier *barrier = (struct barrier *)pointer;
    if (!pointer || (LONG)total <= 0 || (LONG)spins < -1)
        return STATUS_INVALID_PARAMETER;
    memset(pointer, 0, sizeof *pointer);
    barrier->total = total;
    barrier->spins = (LONG)spins == -1 ? DEFAULT_SPINS : (LONG)spins;
    return STATUS_SUCCESS;
}

static bool is_over(const struct barrier *barrier, uint32_t round)
{
    return __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE) != round;
}

static bool spin(const struct barrier *barrier, uint32_t round, int32_t spins)
{
    while (!is_over(barrier, round) && spins-- > 0)
        cpu_relax();
    return is_over(barrier, round);
}

static void await_round(const struct barrier *barrier, uint32_t round, ULONG flags)
{
    if (flags & SYNCHRONIZATION_BARRIER_FLAGS_SPIN_ONLY) {
        while (!spin(barrier, round, SPINS_AT_A_TIME))
            sched_yield();
        return;
    }
    if (!(flags & SYNCHRONIZATION_BARRIER_FLAGS_BLOCK_ONLY) && spin(barrier, round, barrier->spins))
        return;
    while (!is_over(barrier, round))
        futex_wait(&barrier->round, round, NULL);
}

static void begin_next_round(struct barrier *barrier)
{
    __atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
    __atomic_fetch_add(&barrier->round, 1, __ATOMIC_RELEASE);
    if (barrier->total > 1)
        futex_wake(&barrier->round, INT_MAX);
}

/* The barrier may be gone as soon as the count is down, so only its address is used after that. */
static void leave(struct barrier *barrier)
{
    if (__atomic_sub_fetch(&barrier->inside, 1, __ATOMIC_ACQ_REL) == DELETING)
        futex_wake(&barrier->inside, INT_MAX);
}

/* True in the thread that comes last, which opens the barrier for all. */
BOOLEAN WINAPI RtlBarrier(RTL_BARRIER *pointer, ULONG flags)
{
    struct barrier *barrier = (struct barrier *)pointer;
    __atomic_fetch_add(&barrier->inside, 1, __ATOMIC_RELAXED);
    uint32_t round = __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);
    bool is_last = __atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == barrier->total;
    if (is_last)
        begin_next_round(barrier);
    else
        await_round(barrier, round, flags);
    leave(barrier);
    return is_last;
}

/* Waits until those have left who have been let through. */
NTSTATUS WINAPI RtlDeleteBarrier(RTL_BARRIER *pointer)
{
    struct barrier *barrier = (struct barrier *)pointer;
    uint32_t inside = __atomic_or_fetch(&barrier->inside, DELETING, __ATOMIC_ACQ_REL);
    while (inside != DELETING) {
        futex_wait(&barrier->inside, inside, NULL);
        inside = __atomic_load_n(&barrier->inside, __ATOMIC_ACQUIRE);
    }
    return STATUS_SUCCESS;
}
