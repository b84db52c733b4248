#include <fcntl.h>
#include <unistd.h>

#include "kernel/pagemap.h"
#include "kernel/vm.h"

enum { CHUNK = 256 };

static size_t read_entries(int file, uintptr_t start, uint64_t *entries, size_t count)
{
    ssize_t size = pread(file, entries, count * sizeof *entries, (off_t)(start / VM_PAGE * sizeof *entries));
    return size < 0 ? 0 : size / sizeof *entries;
}

static int open_pagemap(void)
{
    return open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
}

size_t pagemap_read(uintptr_t start, uint64_t *entries, size_t count)
{
    int file = open_pagemap();
    if (file < 0)
        return 0;
    size_t got = read_entries(file, start, entries, count);
    close(file);
    return got;
}

static bool is_copy(uint64_t entry)
{
    return entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED) && !(entry & PAGEMAP_SHARED);
}

/* Where nothing can be read, nothing counts as copied. */
static bool find_run(int file, uintptr_t start, uintptr_t end, uintptr_t *run_end)
{
    uint64_t entries[CHUNK];
    bool copied = false;
    for (uintptr_t page = start; page < end;) {
        size_t count = read_entries(file, page, entries, min((end - page) / VM_PAGE, (uintptr_t)CHUNK));
        if (count == 0)
            break;
        if (page == start)
            copied = is_copy(entries[0]);
        for (size_t i = 0; i < count; i++, page += VM_PAGE)
            if (is_copy(entries[i]) != copied) {
                *run_end = page;
                return copied;
            }
    }
    *run_end = end;
    return copied;
}

bool pagemap_is_copied(uintptr_t start, uintptr_t end, uintptr_t *run_end)
{
    int file = open_pagemap();
    *run_end = end;
    if (file < 0)
        return false;
    bool copied = find_run(file, start, end, run_end);
    close(file);
    return copied;
}
