#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"
#include "kernel/peek.h"

/* In peek_ARCH.S: the instruction that faults, and the one behind it. */
extern const char peek_access[], peek_end[];

bool peek_recover(struct ucontext_t *host)
{
    greg_t *counter = &host->uc_mcontext.gregs[REGISTER_PC];
    if (*counter != (greg_t)peek_access)
        return false;
    *counter = (greg_t)peek_end;
    return true;
}
