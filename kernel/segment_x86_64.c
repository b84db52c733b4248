#include <asm/prctl.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/segment.h"

/* In AT_HWCAP2: the kernel lets programs use the instructions for segment bases. */
#define HWCAP2_FSGSBASE 2

static void write_base(struct teb *teb)
{
    __asm__ volatile("wrgsbase %0" : : "r"(teb));
}

/* Some sandboxes accept the system call without any effect. */
static bool set_by_system_call(struct teb *teb)
{
    struct teb *base = NULL;
    return syscall(SYS_arch_prctl, ARCH_SET_GS, teb) == 0 &&
           syscall(SYS_arch_prctl, ARCH_GET_GS, &base) == 0 && base == teb;
}

bool segment_set(struct teb *teb)
{
    if (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE || !set_by_system_call(teb))
        write_base(teb);
    return teb_current() == teb;
}
