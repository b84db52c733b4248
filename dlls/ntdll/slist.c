#include "dlls/ntdll/sync.h"

/* Interlocked singly linked lists. Each change replaces the whole header, whose sequence number keeps an
 * entry that comes back from being mistaken for one that never left. */

#ifdef __x86_64__

/* 16-byte entries leave four bits of an address unused. */
static SLIST_ENTRY *first_of(const SLIST_HEADER *header)
{
    return (SLIST_ENTRY *)((ULONG_PTR)header->HeaderX64.NextEntry << 4);
}

static SLIST_HEADER make_header(const SLIST_HEADER *old, SLIST_ENTRY *first, WORD depth)
{
    SLIST_HEADER header = {
        .HeaderX64 =
            {
                .Depth = depth,
                .Sequence = old->HeaderX64.Sequence + 1,
                .HeaderType = 1,
                .NextEntry = (ULONG_PTR)first >> 4,
            },
    };
    return header;
}

static WORD depth_of(const SLIST_HEADER *header)
{
    return header->HeaderX64.Depth;
}

/* Both halves belong together only if the replacement succeeds. */
static SLIST_HEADER read_header(const SLIST_HEADER *list)
{
    SLIST_HEADER header;
    header.Alignment = __atomic_load_n(&list->Alignment, __ATOMIC_ACQUIRE);
    header.Region = __atomic_load_n(&list->Region, __ATOMIC_ACQUIRE);
    return header;
}

/* `expected` becomes what was found. */
static bool replace(SLIST_HEADER *list, SLIST_HEADER *expected, SLIST_HEADER header)
{
    bool done;
    __asm__ volatile("lock cmpxchg16b %1"
                     : "=@ccz"(done), "+m"(*list), "+a"(expected->Alignment), "+d"(expected->Region)
                     : "b"(header.Alignment), "c"(header.Region)
                     : "memory");
    return done;
}

#else

static SLIST_ENTRY *first_of(const SLIST_HEADER *header)
{
    return header->Next.Next;
}

static SLIST_HEADER make_header(const SLIST_HEADER *old, SLIST_ENTRY *first, WORD depth)
{
    SLIST_HEADER header;
    header.Next.Next = first;
    header.Depth = depth;
    header.Sequence = old->Sequence + 1;
    return header;
}

static WORD depth_of(const SLIST_HEADER *header)
{
    return header->Depth;
}

static SLIST_HEADER read_header(const SLIST_HEADER *list)
{
    SLIST_HEADER header;
    header.Alignment = __atomic_load_n(&list->Alignment, __ATOMIC_ACQUIRE);
    return header;
}

static bool replace(SLIST_HEADER *list, SLIST_HEADER *expected, SLIST_HEADER header)
{
    return __atomic_compare_exchange_n(&list->Alignment, &expected->Alignment, header.Alignment, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

#endif

void WINAPI RtlInitializeSListHead(SLIST_HEADER *list)
{
    SLIST_HEADER empty;
    memset(&empty, 0, sizeof empty);
    *list = make_header(&empty, NULL, 0);
#ifndef __x86_64__
    list->Sequence = 0;
#endif
}

SLIST_ENTRY *WINAPI RtlFirstEntrySList(const SLIST_HEADER *list)
{
    SLIST_HEADER header = read_header(list);
    return first_of(&header);
}

WORD WINAPI RtlQueryDepthSList(SLIST_HEADER *list)
{
    SLIST_HEADER header = read_header(list);
    return depth_of(&header);
}

SLIST_ENTRY *WINAPI RtlInterlockedPushListSListEx(SLIST_HEADER *list, SLIST_ENTRY *first, SLIST_ENTRY *last,
                                                  DWORD count)
{
    SLIST_HEADER header = read_header(list);
    do
        __atomic_store_n(&last->Next, first_of(&header), __ATOMIC_RELAXED);
    while (!replace(list, &header, make_header(&header, first, depth_of(&header) + count)));
    return first_of(&header);
}

SLIST_ENTRY *WINAPI RtlInterlockedPushEntrySList(SLIST_HEADER *list, SLIST_ENTRY *entry)
{
    return RtlInterlockedPushListSListEx(list, entry, entry, 1);
}

SLIST_ENTRY *WINAPI RtlInterlockedFlushSList(SLIST_HEADER *list)
{
    SLIST_HEADER header = read_header(list);
    do
        if (!first_of(&header))
            return NULL;
    while (!replace(list, &header, make_header(&header, NULL, 0)));
    return first_of(&header);
}

SLIST_ENTRY *WINAPI RtlInterlockedPopEntrySList(SLIST_HEADER *list)
{
    SLIST_HEADER header = read_header(list);
    SLIST_ENTRY *first, *next;
    do {
        first = first_of(&header);
        if (!first)
            return NULL;
        /* Where another thread has just popped and reused the entry, replace refuses this nonsense. */
        next = __atomic_load_n(&first->Next, __ATOMIC_RELAXED);
    } while (!replace(list, &header, make_header(&header, next, depth_of(&header) - 1)));
    return first;
}
