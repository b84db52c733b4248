/* Random allocations against a model of every page, in several threads.
 *
 *     memory_storm.exe [STEPS [THREADS [SEED]]]
 *
 * Each thread has its own blocks; what a block's pages are and hold is compared with what VirtualQuery says
 * and with what is read there. Addresses are shared by all, so that the threads meet in the map of the
 * address space. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, MOST_PAGES = 96, BLOCKS = 48, MOST_THREADS = 16 };

enum state { RESERVED, COMMITTED };

struct page {
    unsigned char state, value, written;
    DWORD protect;
};

struct block {
    char *base; /* NULL: no block */
    char *twin; /* of a section: another view of the same pages; or NULL */
    unsigned pages;
    DWORD protect;
    int watched;
    struct page page[MOST_PAGES];
};

struct storm {
    unsigned seed;
    long steps;
    struct block blocks[BLOCKS];
};

static unsigned next_random(struct storm *storm, unsigned limit)
{
    storm->seed = storm->seed * 1664525 + 1013904223;
    return (storm->seed >> 8) % limit;
}

static DWORD random_protect(struct storm *storm)
{
    static const DWORD protects[] = {PAGE_READWRITE, PAGE_READWRITE, PAGE_READONLY, PAGE_NOACCESS,
                                     PAGE_EXECUTE_READ};

    return protects[next_random(storm, 5)];
}

static int is_readable(const struct page *page)
{
    return page->state == COMMITTED && page->protect != PAGE_NOACCESS;
}

static int is_writable(const struct page *page)
{
    return page->state == COMMITTED && page->protect == PAGE_READWRITE;
}

/* Comparing */

static unsigned run_length(const struct block *block, unsigned first)
{
    unsigned end = first + 1;

    while (end < block->pages && block->page[end].state == block->page[first].state &&
           block->page[end].protect == block->page[first].protect)
        end++;
    return end - first;
}

/* Wine tells pages that were committed once from those that never were. */
static int is_right_length(const struct block *block, unsigned number, SIZE_T size)
{
    SIZE_T expected = run_length(block, number) * PAGE;

    return size == expected || (size < expected && block->page[number].state == RESERVED && check_on_wine());
}

static int differs(const struct block *block, unsigned number)
{
    const struct page *page = &block->page[number];
    const char *address = block->base + number * PAGE;
    MEMORY_BASIC_INFORMATION region;

    if (VirtualQuery(address + 7, &region, sizeof region) != sizeof region)
        return 1;
    return region.BaseAddress != address || region.AllocationBase != block->base ||
           region.AllocationProtect != block->protect || !is_right_length(block, number, region.RegionSize) ||
           region.State != (page->state == COMMITTED ? MEM_COMMIT : MEM_RESERVE) ||
           region.Protect != page->protect || region.Type != (block->twin ? MEM_MAPPED : MEM_PRIVATE);
}

static int contents_differ(const struct block *block, unsigned number)
{
    const struct page *page = &block->page[number];
    const volatile char *address = block->base + number * PAGE;

    if (block->twin && (unsigned char)block->twin[number * PAGE + 100] != page->value)
        return 1;
    return is_readable(page) && ((unsigned char)address[100] != page->value || address[PAGE - 1] != 0);
}

static void compare(struct block *block)
{
    int regions = 0, contents = 0;

    for (unsigned i = 0; i < block->pages; i++) {
        regions += differs(block, i);
        contents += contents_differ(block, i);
    }
    CHECK_EQ(regions, 0);
    CHECK_EQ(contents, 0);
}

static void compare_writes(struct block *block, DWORD flags)
{
    void *pages[MOST_PAGES];
    ULONG_PTR count = MOST_PAGES, expected = 0;
    DWORD granularity;
    int wrong = 0;

    CHECK_EQ(GetWriteWatch(flags, block->base, block->pages * PAGE, pages, &count, &granularity), 0);
    for (unsigned i = 0; i < block->pages; i++) {
        if (!block->page[i].written)
            continue;
        wrong += expected < count && pages[expected] != block->base + i * PAGE;
        expected++;
        if (flags & WRITE_WATCH_FLAG_RESET)
            block->page[i].written = 0;
    }
    CHECK_EQ(count, expected);
    CHECK_EQ(wrong, 0);
}

/* Changing */

static void set_pages(struct block *block, unsigned first, unsigned count, enum state state, DWORD protect)
{
    for (unsigned i = first; i < first + count; i++) {
        if (state == RESERVED)
            block->page[i].value = 0;
        block->page[i].state = state;
        block->page[i].protect = protect;
    }
}

static void map_block(struct storm *storm, struct block *block)
{
    HANDLE section =
        CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE, 0, block->pages * PAGE, NULL);

    block->protect = PAGE_EXECUTE_READWRITE;
    block->base = MapViewOfFile(section, FILE_MAP_WRITE | FILE_MAP_EXECUTE, 0, 0, 0);
    block->twin = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    CHECK(block->base && block->twin && CloseHandle(section));
    set_pages(block, 0, block->pages, COMMITTED, block->protect);
    (void)storm;
}

static void allocate_block(struct storm *storm, struct block *block)
{
    DWORD type = MEM_RESERVE;

    block->protect = random_protect(storm);
    block->watched = next_random(storm, 6) == 0;
    if (next_random(storm, 2))
        type |= MEM_COMMIT;
    if (next_random(storm, 4) == 0)
        type |= MEM_TOP_DOWN;
    if (block->watched)
        type |= MEM_WRITE_WATCH;
    block->base = VirtualAlloc(NULL, block->pages * PAGE - next_random(storm, PAGE), type, block->protect);
    CHECK(block->base != NULL);
    set_pages(block, 0, block->pages, type & MEM_COMMIT ? COMMITTED : RESERVED,
              type & MEM_COMMIT ? block->protect : 0);
}

static void make_block(struct storm *storm, struct block *block)
{
    memset(block, 0, sizeof *block);
    block->pages = 1 + next_random(storm, MOST_PAGES);
    if (next_random(storm, 5) == 0)
        map_block(storm, block);
    else
        allocate_block(storm, block);
    CHECK_EQ((ULONG_PTR)block->base % 65536, 0);
}

static void free_block(struct block *block)
{
    if (block->twin)
        CHECK(UnmapViewOfFile(block->twin) && UnmapViewOfFile(block->base + block->pages * PAGE - 1));
    else
        CHECK(VirtualFree(block->base, 0, MEM_RELEASE));
    block->base = NULL;
}

static void write_block(struct storm *storm, struct block *block, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        if (!is_writable(&block->page[i]))
            continue;
        block->page[i].value = 1 + next_random(storm, 255);
        block->page[i].written = 1;
        block->base[i * PAGE + 100] = block->page[i].value;
    }
}

static void protect_block(struct storm *storm, struct block *block, unsigned first, unsigned count)
{
    DWORD protect = random_protect(storm), old = 0;
    int committed = 1, done;

    for (unsigned i = first; i < first + count; i++)
        committed &= block->page[i].state == COMMITTED;
    done = VirtualProtect(block->base + first * PAGE + 10, count * PAGE - 10, protect, &old);
    CHECK_EQ(done, committed);
    if (!committed)
        return;
    CHECK_EQ(old, block->page[first].protect);
    set_pages(block, first, count, COMMITTED, protect);
}

static void commit_block(struct storm *storm, struct block *block, unsigned first, unsigned count)
{
    DWORD protect = random_protect(storm);

    CHECK_PTR(VirtualAlloc(block->base + first * PAGE, count * PAGE, MEM_COMMIT, protect),
              block->base + first * PAGE);
    set_pages(block, first, count, COMMITTED, protect);
}

static void decommit_block(struct block *block, unsigned first, unsigned count)
{
    int done = VirtualFree(block->base + first * PAGE, count * PAGE, MEM_DECOMMIT);

    CHECK_EQ(done, !block->twin);
    if (!block->twin)
        set_pages(block, first, count, RESERVED, 0);
}

static void change(struct storm *storm, struct block *block)
{
    unsigned first = next_random(storm, block->pages), count = 1 + next_random(storm, block->pages - first);

    switch (next_random(storm, 10)) {
    case 0:
        free_block(block);
        return;
    case 1:
    case 2:
        commit_block(storm, block, first, count);
        break;
    case 3:
        decommit_block(block, first, count);
        break;
    case 4:
    case 5:
        protect_block(storm, block, first, count);
        break;
    case 6:
        if (block->watched)
            compare_writes(block, next_random(storm, 2) ? WRITE_WATCH_FLAG_RESET : 0);
        break;
    default:
        write_block(storm, block, first, count);
    }
    if (next_random(storm, 4) == 0)
        compare(block);
}

static DWORD WINAPI run(void *argument)
{
    struct storm *storm = argument;

    for (long step = 0; step < storm->steps; step++) {
        struct block *block = &storm->blocks[next_random(storm, BLOCKS)];

        if (block->base)
            change(storm, block);
        else
            make_block(storm, block);
    }
    for (int i = 0; i < BLOCKS; i++)
        if (storm->blocks[i].base) {
            compare(&storm->blocks[i]);
            free_block(&storm->blocks[i]);
        }
    return 0;
}

int main(int argc, char **argv)
{
    static struct storm storms[MOST_THREADS];
    HANDLE threads[MOST_THREADS];
    long steps = argc > 1 ? atol(argv[1]) : 4000;
    int count = argc > 2 ? atoi(argv[2]) : 3;
    unsigned seed = argc > 3 ? (unsigned)atol(argv[3]) : 1;

    check_test = "storm";
    if (count < 1 || count > MOST_THREADS)
        count = MOST_THREADS;
    for (int i = 0; i < count; i++) {
        storms[i].seed = seed + 7919 * i;
        storms[i].steps = steps;
        threads[i] = CreateThread(NULL, 0, run, &storms[i], 0, NULL);
    }
    CHECK_EQ(WaitForMultipleObjects(count, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < count; i++)
        CHECK(CloseHandle(threads[i]));
    return CHECK_END();
}
