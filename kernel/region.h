/* The map behind kernel/vm.h: a balanced tree of regions, each a run of pages with equal attributes.
 *
 * Pages that are in no region are free. Every region knows how much room there is behind it, and every
 * subtree its largest room, so that a place for a new allocation is found without looking at all. All of
 * this is used under the lock of kernel/vm.c. */
#ifndef KERNEL_REGION_H
#define KERNEL_REGION_H

#include <litewin/windows.h>

struct object;

/* What was reserved in one piece. */
struct allocation {
    uintptr_t base;
    size_t size;
    DWORD type;       /* MEM_PRIVATE, MEM_MAPPED, MEM_IMAGE */
    DWORD protect;    /* what it was allocated with; of a view, what its pages may become follows from it */
    bool stack;       /* a thread's */
    bool placeholder; /* keeps a place for an allocation or view that will replace it */
    bool shared;      /* a view whose writes are for all to see */
    bool page_file;   /* a view of memory that is in no file that the program knows */
    int file;         /* a view's; no other allocation has one */
    uint64_t offset;  /* in that file */
    struct object *owner; /* a view's section, retained; or NULL */
    uint32_t *committed;  /* of a view of a SEC_RESERVE section: a bit for each page of the section */
    uint32_t *written;    /* with MEM_WRITE_WATCH: a bit for each page; or NULL */
};

struct region {
    struct region *parent, *left, *right;
    uint32_t priority; /* a parent's is at least its children's */
    DWORD state;       /* MEM_COMMIT or MEM_RESERVE */
    DWORD protect;     /* 0 where reserved */
    bool copies; /* of a shared view or an image: its pages are mapped for copying, and some may be copies */
    uintptr_t start, end;
    size_t room;         /* whole granules from `end` to the next region */
    size_t largest_room; /* in this subtree */
    struct allocation *allocation;
};

/* The region that holds an address, or NULL. */
struct region *region_find(uintptr_t address);
/* The first region that ends above an address, or NULL. */
struct region *region_at_or_after(uintptr_t address);
struct region *region_next(const struct region *region);

/* A new allocation of one region. The range is free. NULL where there is no memory. */
struct region *region_add(uintptr_t base, size_t size, DWORD type, DWORD state, DWORD protect);
/* Takes an allocation with all of its regions out of the map and frees it. */
void region_remove_allocation(struct allocation *allocation);

/* Makes region borders at both ends of a range within one allocation; false where there is no memory. */
bool region_split_range(uintptr_t start, uintptr_t end);
/* Changes the regions from border to border, and joins what is equal then. */
void region_set_range(uintptr_t start, uintptr_t end, DWORD state, DWORD protect);
/* Joins what region_split_range has split in vain. */
void region_join_range(uintptr_t start, uintptr_t end);

/* Says from border to border whether pages of a shared view or an image are mapped for copying, and joins. */
void region_set_copies(uintptr_t start, uintptr_t end, bool copies);

/* Makes two allocations of one, whose attributes both get; false where there is no memory. */
bool region_split_allocation(struct allocation *allocation, uintptr_t at);
/* Makes one of an allocation and of the one that follows it directly. */
void region_join_allocations(struct allocation *allocation, struct allocation *next);

bool region_is_free(uintptr_t start, uintptr_t end);

/* A free place of that size between two addresses (`end` is exclusive), lowest or highest first; 0 where
 * there is none. */
uintptr_t region_find_room(uintptr_t start, uintptr_t end, size_t size, size_t alignment, bool top_down);

/* Where the address space ends. Before the first region is added. */
void region_set_end(uintptr_t end);
uintptr_t region_end(void);

#endif
