#include <stdlib.h>
#include <litewin/direct.h>
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/fls.h"
#include "dlls/ntdll/sync.h"
#include "kernel/lock.h"
#include "kernel/thread.h"

/* Thread-local storage */

enum {
    DIRECT_SLOTS = ARRAYSIZE(((struct teb *)NULL)->TlsSlots),
    EXPANSION_SLOTS = 1024,
    ALL_SLOTS = DIRECT_SLOTS + EXPANSION_SLOTS,
};

static struct lock tls_lock;
/* A bit each. Like Windows, it never gives slot 0 away. */
static uint32_t used_slots[ALL_SLOTS / 32] = {1};

static bool is_used(DWORD index)
{
    return index > 0 && index < ALL_SLOTS && used_slots[index / 32] >> index % 32 & 1;
}

static DWORD find_unused(void)
{
    for (DWORD word = 0; word < ARRAYSIZE(used_slots); word++)
        if (~used_slots[word])
            return word * 32 + __builtin_ctz(~used_slots[word]);
    return TLS_OUT_OF_INDEXES;
}

DWORD WINAPI TlsAlloc(void)
{
    lock_acquire(&tls_lock);
    DWORD index = find_unused();
    if (index != TLS_OUT_OF_INDEXES)
        used_slots[index / 32] |= 1u << index % 32;
    lock_release(&tls_lock);
    if (index == TLS_OUT_OF_INDEXES)
        teb_current()->LastErrorValue = ERROR_NO_MORE_ITEMS;
    return index;
}

static void clear_slot(struct thread *thread, void *context)
{
    DWORD index = *(DWORD *)context;
    struct teb *teb = &thread->teb;
    if (index < DIRECT_SLOTS)
        teb->TlsSlots[index] = NULL;
    else if (teb->TlsExpansionSlots)
        teb->TlsExpansionSlots[index - DIRECT_SLOTS] = NULL;
}

BOOL WINAPI TlsFree(DWORD index)
{
    lock_acquire(&tls_lock);
    bool used = is_used(index);
    if (used) {
        thread_for_each(clear_slot, &index);
        used_slots[index / 32] &= ~(1u << index % 32);
    }
    lock_release(&tls_lock);
    return set_last_status(used ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
}

static void *get_rare(DWORD index)
{
    struct teb *teb = teb_current();
    if (index >= ALL_SLOTS) {
        set_last_status(STATUS_INVALID_PARAMETER);
        return NULL;
    }
    teb->LastErrorValue = ERROR_SUCCESS;
    return teb->TlsExpansionSlots ? teb->TlsExpansionSlots[index - DIRECT_SLOTS] : NULL;
}

/* Success clears the last error, since NULL is a value like any other. */
static inline bool get_direct(DWORD index, void **value)
{
    if (index >= DIRECT_SLOTS)
        return false;
    *value = teb_here->TlsSlots[index];
    teb_here->LastErrorValue = ERROR_SUCCESS;
    return true;
}

static BOOL set_rare(DWORD index, void *value)
{
    struct teb *teb = teb_current();
    if (index >= ALL_SLOTS)
        return set_last_status(STATUS_INVALID_PARAMETER);
    /* The thread's end frees it (kernel/thread.c). */
    if (!teb->TlsExpansionSlots && !(teb->TlsExpansionSlots = calloc(EXPANSION_SLOTS, sizeof(void *))))
        return set_last_status(STATUS_NO_MEMORY);
    teb->TlsExpansionSlots[index - DIRECT_SLOTS] = value;
    return TRUE;
}

static inline bool set_direct(DWORD index, void *value)
{
    if (index >= DIRECT_SLOTS)
        return false;
    teb_here->TlsSlots[index] = value;
    return true;
}

void *WINAPI TlsGetValue(DWORD index)
{
    void *value;
    return get_direct(index, &value) ? value : get_rare(index);
}

BOOL WINAPI TlsSetValue(DWORD index, void *value)
{
    return set_direct(index, value) || set_rare(index, value);
}

static DIRECT_RARE void *direct_get_rare(DWORD index)
{
    return get_rare(index);
}

DIRECT void *direct_TlsGetValue(DWORD index)
{
    void *value;
    return get_direct(index, &value) ? value : direct_get_rare(index);
}

static DIRECT_RARE BOOL direct_set_rare(DWORD index, void *value)
{
    return set_rare(index, value);
}

DIRECT BOOL direct_TlsSetValue(DWORD index, void *value)
{
    return set_direct(index, value) ? TRUE : direct_set_rare(index, value);
}

/* Fiber-local storage */

DWORD WINAPI FlsAlloc(PFLS_CALLBACK_FUNCTION callback)
{
    ULONG index;
    return set_last_status(RtlFlsAlloc(callback, &index)) ? index : FLS_OUT_OF_INDEXES;
}

BOOL WINAPI FlsFree(DWORD index)
{
    return set_last_status(RtlFlsFree(index));
}

void *WINAPI FlsGetValue(DWORD index)
{
    void *value = NULL;
    NTSTATUS status = RtlFlsGetValue(index, &value);
    /* A fiber has no values before it has set one; what Windows runs in every thread has done so by now. */
    bool is_unset = !teb_current()->FlsData && !IsThreadAFiber() && index && index < FLS_SLOTS;
    if (!is_unset && !set_last_status(status))
        return NULL;
    teb_current()->LastErrorValue = ERROR_SUCCESS;
    return value;
}

BOOL WINAPI FlsSetValue(DWORD index, void *value)
{
    return set_last_status(RtlFlsSetValue(index, value));
}
