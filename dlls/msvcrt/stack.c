/* After a stack overflow. */
#include "kernel/teb.h"

#define PAGE        4096
#define GUARD_PAGES 4 /* what a stack begins with */

/* Makes the end of the stack a guard again, which an overflow has opened. The program must have left the
 * functions that used it. Returns 0 for failure. */
int crt_resetstkoflw(void)
{
    struct teb *teb = teb_current();
    char *guard = (char *)teb->DeallocationStack + PAGE;
    ULONG guaranteed = 0;
    SetThreadStackGuarantee(&guaranteed);
    size_t size = guaranteed + PAGE > GUARD_PAGES * PAGE ? guaranteed + PAGE : GUARD_PAGES * PAGE;
    if ((char *)teb->Tib.StackLimit > guard)
        return 1;
    if ((char *)__builtin_frame_address(0) < guard + size + PAGE)
        return 0;
    DWORD before;
    if (!VirtualProtect(guard, size, PAGE_READWRITE | PAGE_GUARD, &before))
        return 0;
    teb->Tib.StackLimit = guard + size;
    return 1;
}
