#include "dlls/msvcrt/cxx.h"
#include "dlls/msvcrt/guard.h"
#include "dlls/ntdll/context.h"

uintptr_t guard_call(guard_handler handler, void *data, guarded_function function, void *argument)
{
    return context_call_guarded((language_handler)handler, data, (void *)function, argument, NULL);
}

void *guard_data(void *frame, void *dispatcher)
{
    return ((DISPATCHER_CONTEXT *)dispatcher)->HandlerData;
}
