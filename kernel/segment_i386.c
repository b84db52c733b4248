#include <asm/ldt.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/segment.h"

/* The C library has the first of the three slots that every thread has in the GDT. */
#define ANY_ENTRY ((unsigned)-1)

static unsigned entry = ANY_ENTRY;

static struct user_desc description(struct teb *teb, unsigned number)
{
    return (struct user_desc){
        .entry_number = number,
        .base_addr = (uintptr_t)teb,
        .limit = 0xfffff,
        .seg_32bit = 1,
        .limit_in_pages = 1,
        .useable = 1,
    };
}

bool segment_set(struct teb *teb)
{
    /* All threads use the same slot, so that the selector is the same everywhere, as on Windows. */
    struct user_desc segment = description(teb, entry);
    if (syscall(SYS_set_thread_area, &segment) != 0)
        return false;
    entry = segment.entry_number;
    __asm__ volatile("movw %w0, %%fs" : : "r"(entry << 3 | 3));
    return teb_current() == teb;
}
