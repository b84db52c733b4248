/* Leaving the scopes of x86-64 functions with __try. */
#include <litewin/windows.h>

/* Leaves those that do not hold `target`, and goes on there: what a compiler makes of a goto, or of a return,
 * out of __try with __finally. */
void crt_local_unwind(void *frame, void *target)
{
    RtlUnwind(frame, target, NULL, NULL);
}
