#include "dlls/ntdll/unwind.h"
#include "dlls/ntdll/walk.h"

void walk_leave_frame(CONTEXT *context, bool innermost)
{
    DISPATCHER_CONTEXT dispatcher = {0};
    unwind_step(UNW_FLAG_NHANDLER, context, &dispatcher);
}
