/* After a stack overflow. */
#include "kernel/thread.h"

int crt_resetstkoflw(void)
{
    return thread_restore_stack_guard();
}
