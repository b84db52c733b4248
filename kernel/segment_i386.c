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
        .limit = sizeof *teb - 1,
        .seg_32bit = 1,
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

/* What the processor tells of a selector: bits 8 to 23 of its descriptor's upper half. False if there is no
 * such segment or this code may not use it. */
static bool load_access(unsigned selector, uint32_t *access)
{
    bool usable;
    __asm__("larl %2, %0" : "=r"(*access), "=@ccz"(usable) : "r"(selector));
    return usable;
}

static uint32_t load_limit(unsigned selector)
{
    uint32_t limit;
    __asm__("lsll %1, %0" : "=r"(limit) : "r"(selector) : "cc");
    return limit;
}

static void compose(LDT_ENTRY *descriptor, uint32_t access, uint32_t limit, uintptr_t base)
{
    descriptor->BaseLow = base;
    descriptor->HighWord.Bytes.BaseMid = base >> 16;
    descriptor->HighWord.Bytes.BaseHi = base >> 24;
    descriptor->HighWord.Bytes.Flags1 = access >> 8;
    descriptor->HighWord.Bytes.Flags2 = access >> 16 & 0xf0;
    if (descriptor->HighWord.Bits.Granularity)
        limit >>= 12;
    descriptor->LimitLow = limit;
    descriptor->HighWord.Bits.LimitHi = limit >> 16;
}

static bool is_flat(unsigned selector)
{
    uint16_t code, data;
    __asm__("movw %%cs, %0" : "=r"(code));
    __asm__("movw %%ds, %0" : "=r"(data));
    return selector == code || selector == data;
}

NTSTATUS segment_describe(const struct teb *teb, unsigned selector, LDT_ENTRY *descriptor)
{
    uint32_t access;
    bool of_teb = (selector | 3) == (entry << 3 | 3);
    *descriptor = (LDT_ENTRY){0};
    if (selector < 4)
        return STATUS_SUCCESS;
    if ((!of_teb && !is_flat(selector | 3)) || !load_access(selector | 3, &access))
        return STATUS_UNSUCCESSFUL;
    compose(descriptor, access, load_limit(selector | 3), of_teb ? (uintptr_t)teb : 0);
    return STATUS_SUCCESS;
}
