#include "dlls/msvcrt/guard_i386.h"

struct guard_registration {
    struct registration registration;
    void *data;
};

/* An exception that leaves the function takes the registration off the chain, too: longjmp and RtlUnwind do.
 */
uintptr_t guard_call(guard_handler handler, void *data, guarded_function function, void *argument)
{
    struct guard_registration guard = {{registration_first(), handler}, data};
    registration_set_first(&guard.registration);
    uintptr_t result = function(argument);
    registration_set_first(guard.registration.next);
    return result;
}

void *guard_data(void *frame, void *dispatcher)
{
    return ((struct guard_registration *)frame)->data;
}
