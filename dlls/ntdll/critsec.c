#include <stdlib.h>
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/solo.h"
#include <litewin/direct.h>
#include "dlls/ntdll/sync.h"
#include "kernel/futex.h"
#include "kernel/peek.h"
#include "kernel/teb.h"

/* LockCount is Windows' own since Vista: the complement of what this file calls a state. Bit 0: locked;
 * bit 1: a waiter has been woken and has not had its turn yet, so that leaving need not wake another;
 * above: how many threads wait. So it is -1 when free, and -2 when locked with nobody waiting. Waiters sleep
 * on that word as a futex. */
enum { LOCKED = 1, WOKEN = 2, ONE_WAITER = 4 };

#define FREE_COUNT  (-1)
#define OWNED_COUNT (-2)

/* What Windows puts there where it keeps no debug information. */
#define NO_DEBUG_INFO ((RTL_CRITICAL_SECTION_DEBUG *)(LONG_PTR)-1)

/* The rest of the argument is flags. */
#define SPIN_COUNT_MASK 0x00FFFFFF

/* All that there are; only the one that asks for debug information makes a difference here. */
#define KNOWN_FLAGS (RTL_CRITICAL_SECTION_ALL_FLAG_BITS & ~RTL_CRITICAL_SECTION_FLAG_RESERVED)

/* How often a thread looks before it sleeps, where the program does not say. */
enum { DEFAULT_SPINS = 30, MOST_SPINS = 4000 };

static HANDLE current_id(void)
{
    return teb_current()->ClientId.UniqueThread;
}

static bool change_count(RTL_CRITICAL_SECTION *section, LONG *from, LONG to)
{
    return __atomic_compare_exchange_n(&section->LockCount, from, to, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static inline bool try_lock(RTL_CRITICAL_SECTION *section)
{
    return solo_exchange_if((uint32_t *)&section->LockCount, FREE_COUNT, OWNED_COUNT);
}

static inline bool is_owner(const RTL_CRITICAL_SECTION *section)
{
    return __atomic_load_n(&section->OwningThread, __ATOMIC_RELAXED) == current_id();
}

static inline void own(RTL_CRITICAL_SECTION *section)
{
    __atomic_store_n(&section->OwningThread, current_id(), __ATOMIC_RELAXED);
    section->RecursionCount = 1;
}

static bool lock_by_spinning(RTL_CRITICAL_SECTION *section)
{
    ULONG_PTR spins = section->SpinCount & SPIN_COUNT_MASK;
    if (spins == 0)
        spins = DEFAULT_SPINS;
    for (spins = min(spins, (ULONG_PTR)MOST_SPINS); spins > 0; spins--) {
        LONG count = __atomic_load_n(&section->LockCount, __ATOMIC_RELAXED);
        if (!(~count & LOCKED) && change_count(section, &count, ~(~count | LOCKED)))
            return true;
        cpu_relax();
    }
    return false;
}

/* The thread is being terminated. The wake-up that another waiter needs may have been this one's. */
static void die_waiting(RTL_CRITICAL_SECTION *section)
{
    LONG count = __atomic_add_fetch(&section->LockCount, ONE_WAITER, __ATOMIC_RELAXED);
    while (!change_count(section, &count, ~(~count & ~WOKEN)))
        continue;
    futex_wake((const uint32_t *)&section->LockCount, 1);
    suspend_checkpoint();
}

static void lock_by_waiting(RTL_CRITICAL_SECTION *section)
{
    LONG count = __atomic_sub_fetch(&section->LockCount, ONE_WAITER, __ATOMIC_RELAXED);
    for (;;) {
        LONG state = ~count;
        if (!(state & LOCKED)) {
            if (change_count(section, &count, ~(((state | LOCKED) & ~WOKEN) - ONE_WAITER)))
                return;
        } else if (!(state & WOKEN) || change_count(section, &count, ~(state & ~WOKEN))) {
            futex_wait((const uint32_t *)&section->LockCount, ~(state & ~WOKEN), NULL);
            if (suspend_terminates(&thread_current()->suspension))
                die_waiting(section);
            count = __atomic_load_n(&section->LockCount, __ATOMIC_RELAXED);
        }
    }
}

static bool try_lock_orphan(void *section)
{
    return try_lock(section);
}

static NTSTATUS enter_contended(RTL_CRITICAL_SECTION *section)
{
    if (is_owner(section)) {
        section->RecursionCount++;
        return STATUS_SUCCESS;
    }
    if (process_is_last_thread())
        process_acquire_orphan(try_lock_orphan, section);
    else if (!lock_by_spinning(section))
        lock_by_waiting(section);
    own(section);
    return STATUS_SUCCESS;
}

/* The section is free, and threads wait: one is woken unless another has taken it or one is awake. */
static NTSTATUS wake_waiter(RTL_CRITICAL_SECTION *section)
{
    LONG count = __atomic_load_n(&section->LockCount, __ATOMIC_RELAXED);
    do {
        if (~count & (LOCKED | WOKEN) || ~count < ONE_WAITER)
            return STATUS_SUCCESS;
    } while (!change_count(section, &count, ~(~count | WOKEN)));
    futex_wake((const uint32_t *)&section->LockCount, 1);
    return STATUS_SUCCESS;
}

static inline bool try_enter(RTL_CRITICAL_SECTION *section)
{
    if (try_lock(section)) {
        own(section);
        return true;
    }
    if (!is_owner(section))
        return false;
    section->RecursionCount++;
    return true;
}

/* Returns whether waiters need looking after. */
static inline bool leave(RTL_CRITICAL_SECTION *section)
{
    if (--section->RecursionCount > 0)
        return false;
    __atomic_store_n(&section->OwningThread, NULL, __ATOMIC_RELAXED);
    return solo_add((uint32_t *)&section->LockCount, LOCKED) != (uint32_t)FREE_COUNT;
}

NTSTATUS WINAPI RtlEnterCriticalSection(RTL_CRITICAL_SECTION *section)
{
    if (!try_lock(section))
        return enter_contended(section);
    own(section);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlLeaveCriticalSection(RTL_CRITICAL_SECTION *section)
{
    return leave(section) ? wake_waiter(section) : STATUS_SUCCESS;
}

BOOLEAN WINAPI RtlTryEnterCriticalSection(RTL_CRITICAL_SECTION *section)
{
    return try_enter(section);
}

static DIRECT_RARE NTSTATUS direct_enter_contended(RTL_CRITICAL_SECTION *section)
{
    return enter_contended(section);
}

DIRECT NTSTATUS direct_RtlEnterCriticalSection(RTL_CRITICAL_SECTION *section)
{
    if (!try_lock(section))
        return direct_enter_contended(section);
    own(section);
    return STATUS_SUCCESS;
}

static DIRECT_RARE NTSTATUS direct_wake_waiter(RTL_CRITICAL_SECTION *section)
{
    return wake_waiter(section);
}

DIRECT NTSTATUS direct_RtlLeaveCriticalSection(RTL_CRITICAL_SECTION *section)
{
    return leave(section) ? direct_wake_waiter(section) : STATUS_SUCCESS;
}

/* Its callers take the result for a BOOL or a BOOLEAN, so all of the register is set. */
DIRECT BOOL direct_RtlTryEnterCriticalSection(RTL_CRITICAL_SECTION *section)
{
    return try_enter(section);
}

/* What tells debug information that was made here from what a program has put there. */
#define DEBUG_INFO_MARK 0x6c77

static RTL_CRITICAL_SECTION_DEBUG *make_debug_info(RTL_CRITICAL_SECTION *section)
{
    RTL_CRITICAL_SECTION_DEBUG *debug = calloc(1, sizeof *debug);
    if (!debug)
        return NO_DEBUG_INFO;
    debug->CriticalSection = section;
    debug->ProcessLocksList = (LIST_ENTRY){&debug->ProcessLocksList, &debug->ProcessLocksList};
    debug->SpareWORD = DEBUG_INFO_MARK;
    return debug;
}

/* A section may be a copy of another, or never have been initialized. */
static void free_debug_info(const RTL_CRITICAL_SECTION *section)
{
    RTL_CRITICAL_SECTION_DEBUG *debug = section->DebugInfo, seen;
    if (debug && debug != NO_DEBUG_INFO && peek(&seen, debug, sizeof seen) &&
        seen.SpareWORD == DEBUG_INFO_MARK && seen.CriticalSection == section)
        free(debug);
}

NTSTATUS WINAPI RtlInitializeCriticalSectionEx(RTL_CRITICAL_SECTION *section, ULONG spin_count, ULONG flags)
{
    if (spin_count & ~SPIN_COUNT_MASK)
        return STATUS_INVALID_PARAMETER_2;
    if (flags & ~KNOWN_FLAGS)
        return STATUS_INVALID_PARAMETER_3;
    *section = (RTL_CRITICAL_SECTION){
        .DebugInfo =
            flags & RTL_CRITICAL_SECTION_FLAG_FORCE_DEBUG_INFO ? make_debug_info(section) : NO_DEBUG_INFO,
        .LockCount = FREE_COUNT,
        .SpinCount = spin_count,
    };
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlInitializeCriticalSectionAndSpinCount(RTL_CRITICAL_SECTION *section, ULONG spin_count)
{
    return RtlInitializeCriticalSectionEx(section, spin_count & SPIN_COUNT_MASK, 0);
}

NTSTATUS WINAPI RtlInitializeCriticalSection(RTL_CRITICAL_SECTION *section)
{
    return RtlInitializeCriticalSectionEx(section, 0, 0);
}

NTSTATUS WINAPI RtlDeleteCriticalSection(RTL_CRITICAL_SECTION *section)
{
    free_debug_info(section);
    *section = (RTL_CRITICAL_SECTION){0};
    return STATUS_SUCCESS;
}

ULONG WINAPI RtlSetCriticalSectionSpinCount(RTL_CRITICAL_SECTION *section, ULONG spin_count)
{
    ULONG old = section->SpinCount & SPIN_COUNT_MASK;
    section->SpinCount = spin_count & SPIN_COUNT_MASK;
    return old;
}

BOOL WINAPI RtlIsCriticalSectionLocked(RTL_CRITICAL_SECTION *section)
{
    return section->RecursionCount != 0;
}

BOOL WINAPI RtlIsCriticalSectionLockedByThread(RTL_CRITICAL_SECTION *section)
{
    return is_owner(section) && section->RecursionCount != 0;
}
