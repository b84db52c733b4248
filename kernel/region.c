#include <sys/mman.h>

#include "kernel/region.h"
#include "kernel/vm.h"

#ifdef __x86_64__
#define DEFAULT_END 0x7FFFFFFF0000
#else
#define DEFAULT_END 0xFFFF0000
#endif

static struct region *root;
static struct region *recent; /* what was looked up last is often wanted again; or NULL */
static uintptr_t address_end = DEFAULT_END;

/* Memory for nodes: a few at hand, more by the page */

union node {
    struct region region;
    struct allocation allocation;
    union node *next;
};

static union node first_nodes[64];
static unsigned first_nodes_used;
static union node *free_nodes;

static void free_node(void *pointer)
{
    union node *node = pointer;
    node->next = free_nodes;
    free_nodes = node;
}

static bool make_nodes(void)
{
    size_t size = VM_GRANULARITY;
    union node *nodes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (nodes == MAP_FAILED)
        return false;
    for (size_t i = 0; i < size / sizeof *nodes; i++)
        free_node(&nodes[i]);
    return true;
}

static void *new_node(void)
{
    if (!free_nodes && first_nodes_used < ARRAYSIZE(first_nodes))
        return &first_nodes[first_nodes_used++];
    if (!free_nodes && !make_nodes())
        return NULL;
    union node *node = free_nodes;
    free_nodes = node->next;
    return node;
}

/* The tree: a treap, ordered by address */

static size_t largest_room(const struct region *region)
{
    return region ? region->largest_room : 0;
}

/* False if nothing has changed. */
static bool update(struct region *region)
{
    size_t before = region->largest_room;
    region->largest_room = max(region->room, max(largest_room(region->left), largest_room(region->right)));
    return region->largest_room != before;
}

static void update_upwards(struct region *region)
{
    while (region && update(region))
        region = region->parent;
}

static struct region **link_to(const struct region *region)
{
    struct region *parent = region->parent;
    if (!parent)
        return &root;
    return parent->left == region ? &parent->left : &parent->right;
}

/* Puts a region into its parent's place. */
static void rotate_up(struct region *region)
{
    struct region *parent = region->parent;
    struct region **place = link_to(parent);
    struct region **from = parent->left == region ? &parent->left : &parent->right;
    struct region **other = parent->left == region ? &region->right : &region->left;
    *from = *other;
    if (*other)
        (*other)->parent = parent;
    *other = parent;
    region->parent = parent->parent;
    parent->parent = region;
    *place = region;
    update(parent);
    update(region);
}

static struct region *last_of(struct region *region)
{
    while (region->right)
        region = region->right;
    return region;
}

struct region *region_next(const struct region *region)
{
    if (region->right) {
        struct region *next = region->right;
        while (next->left)
            next = next->left;
        return next;
    }
    while (region->parent && region->parent->right == region)
        region = region->parent;
    return region->parent;
}

static struct region *previous_of(const struct region *region)
{
    if (region->left)
        return last_of(region->left);
    while (region->parent && region->parent->left == region)
        region = region->parent;
    return region->parent;
}

static uintptr_t round_up(uintptr_t value, uintptr_t multiple)
{
    return (value + multiple - 1) & -multiple;
}

static void measure_room(struct region *region)
{
    const struct region *next = region_next(region);
    uintptr_t from = round_up(region->end, VM_GRANULARITY), to = next ? next->start : address_end;
    region->room = to > from ? to - from : 0;
    update_upwards(region);
}

static uint32_t next_priority(void)
{
    static uint32_t state = 2463534242;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void insert(struct region *region)
{
    struct region *parent = NULL, **place = &root;
    while (*place) {
        parent = *place;
        place = region->start < parent->start ? &parent->left : &parent->right;
    }
    *place = region;
    region->parent = parent;
    region->left = region->right = NULL;
    region->room = region->largest_room = 0;
    region->priority = next_priority();
    while (region->parent && region->parent->priority < region->priority)
        rotate_up(region);
    struct region *previous = previous_of(region);
    if (previous)
        measure_room(previous);
    measure_room(region);
}

static void remove_region(struct region *region)
{
    struct region *previous = previous_of(region);
    while (region->left || region->right) {
        struct region *left = region->left, *right = region->right;
        rotate_up(!right || (left && left->priority >= right->priority) ? left : right);
    }
    *link_to(region) = NULL;
    update_upwards(region->parent);
    if (recent == region)
        recent = NULL;
    free_node(region);
    if (previous)
        measure_room(previous);
}

/* Looking up */

struct region *region_at_or_after(uintptr_t address)
{
    if (recent && recent->start <= address && address < recent->end)
        return recent;
    struct region *found = NULL, *region = root;
    while (region) {
        if (region->end > address) {
            found = region;
            region = region->left;
        } else {
            region = region->right;
        }
    }
    recent = found;
    return found;
}

struct region *region_find(uintptr_t address)
{
    struct region *region = region_at_or_after(address);
    return region && region->start <= address ? region : NULL;
}

bool region_is_free(uintptr_t start, uintptr_t end)
{
    const struct region *region = region_at_or_after(start);
    return !region || region->start >= end;
}

static uintptr_t place_in_room(uintptr_t from, uintptr_t to, size_t size, size_t alignment, bool top_down)
{
    if (to < from || to - from < size)
        return 0;
    uintptr_t place = top_down ? (to - size) & -alignment : round_up(from, alignment);
    return place >= from && place <= to - size ? place : 0;
}

struct search {
    uintptr_t start, end;
    size_t size, alignment;
    bool top_down;
};

static uintptr_t search_subtree(const struct region *region, const struct search *search)
{
    if (!region || region->largest_room < search->size)
        return 0;
    uintptr_t room = round_up(region->end, VM_GRANULARITY);
    /* All room on the left lies below this region's start, all on the right above this region's room. */
    const struct region *left = region->start > search->start ? region->left : NULL;
    const struct region *right = room < search->end ? region->right : NULL;
    uintptr_t place = search_subtree(search->top_down ? right : left, search);
    if (!place)
        place = place_in_room(max(room, search->start), min(room + region->room, search->end), search->size,
                              search->alignment, search->top_down);
    return place ? place : search_subtree(search->top_down ? left : right, search);
}

uintptr_t region_find_room(uintptr_t start, uintptr_t end, size_t size, size_t alignment, bool top_down)
{
    struct search search = {start, min(end, address_end), size, alignment, top_down};
    uintptr_t place = top_down ? search_subtree(root, &search) : 0;
    if (place)
        return place;
    /* The room below the first region is nobody's. */
    const struct region *first = region_at_or_after(0);
    place =
        place_in_room(start, min(first ? first->start : address_end, search.end), size, alignment, top_down);
    return place || top_down ? place : search_subtree(root, &search);
}

/* Changes */

struct region *region_add(uintptr_t base, size_t size, DWORD type, DWORD state, DWORD protect)
{
    struct region *region = new_node();
    struct allocation *allocation = region ? new_node() : NULL;
    if (!allocation) {
        if (region)
            free_node(region);
        return NULL;
    }
    *allocation =
        (struct allocation){.base = base, .size = size, .type = type, .protect = protect, .file = -1};
    region->state = state;
    region->protect = state == MEM_COMMIT ? protect : 0;
    region->copies = false;
    region->start = base;
    region->end = base + size;
    region->allocation = allocation;
    insert(region);
    return region;
}

void region_remove_allocation(struct allocation *allocation)
{
    struct region *region = region_find(allocation->base);
    while (region && region->allocation == allocation) {
        struct region *next = region_next(region);
        remove_region(region);
        region = next;
    }
    free_node(allocation);
}

static bool split_at(uintptr_t address)
{
    struct region *region = region_find(address);
    if (!region || region->start == address)
        return true;
    struct region *upper = new_node();
    if (!upper)
        return false;
    upper->state = region->state;
    upper->protect = region->protect;
    upper->copies = region->copies;
    upper->allocation = region->allocation;
    upper->start = address;
    upper->end = region->end;
    region->end = address;
    insert(upper);
    return true;
}

bool region_split_range(uintptr_t start, uintptr_t end)
{
    if (split_at(start) && split_at(end))
        return true;
    region_join_range(start, end);
    return false;
}

static bool joinable(const struct region *region, const struct region *next)
{
    return next && region->allocation == next->allocation && region->state == next->state &&
           region->protect == next->protect && region->copies == next->copies;
}

/* Joins neighbours from the one before `start` to the one behind `end`. */
void region_join_range(uintptr_t start, uintptr_t end)
{
    struct region *region = region_find(start);
    struct region *previous = region ? previous_of(region) : NULL;
    if (previous && joinable(previous, region))
        region = previous;
    while (region && region->start <= end) {
        struct region *next = region_next(region);
        if (!joinable(region, next)) {
            region = next;
            continue;
        }
        uintptr_t joined_end = next->end;
        remove_region(next);
        region->end = joined_end;
        measure_room(region);
    }
}

void region_set_range(uintptr_t start, uintptr_t end, DWORD state, DWORD protect)
{
    for (struct region *region = region_find(start); region && region->start < end;
         region = region_next(region)) {
        region->state = state;
        region->protect = protect;
    }
    region_join_range(start, end);
}

void region_set_copies(uintptr_t start, uintptr_t end, bool copies)
{
    for (struct region *region = region_find(start); region && region->start < end;
         region = region_next(region))
        region->copies = copies;
    region_join_range(start, end);
}

static void give_regions(struct allocation *from, struct allocation *to, uintptr_t start)
{
    for (struct region *region = region_find(start); region && region->allocation == from;
         region = region_next(region))
        region->allocation = to;
}

bool region_split_allocation(struct allocation *allocation, uintptr_t at)
{
    struct allocation *upper = new_node();
    if (!upper)
        return false;
    if (!split_at(at)) {
        free_node(upper);
        return false;
    }
    *upper = *allocation;
    upper->base = at;
    upper->size = allocation->base + allocation->size - at;
    allocation->size -= upper->size;
    give_regions(allocation, upper, at);
    return true;
}

void region_join_allocations(struct allocation *allocation, struct allocation *next)
{
    uintptr_t border = next->base;
    give_regions(next, allocation, border);
    allocation->size += next->size;
    free_node(next);
    region_join_range(border, border);
}

void region_set_end(uintptr_t end)
{
    address_end = end;
}

uintptr_t region_end(void)
{
    return address_end;
}
