/* Where C++ programs end that cannot go on. */
#include "dlls/msvcrt/exit.h"

typedef void(GUEST_CDECL *terminate_handler)(void);

static terminate_handler on_terminate, on_unexpected;

/* The handler is not to return; if there is none, or it does, the program is aborted. */
_Noreturn void crt_terminate(void)
{
    terminate_handler handler = on_terminate;
    if (handler)
        handler();
    crt_abort();
}

bool crt_has_terminate_handler(void)
{
    return on_terminate != NULL;
}

_Noreturn void crt_unexpected(void)
{
    terminate_handler handler = on_unexpected;
    if (handler)
        handler();
    crt_terminate();
}

terminate_handler crt_set_terminate(terminate_handler handler)
{
    return __atomic_exchange_n(&on_terminate, handler, __ATOMIC_ACQ_REL);
}

terminate_handler crt_set_unexpected(terminate_handler handler)
{
    return __atomic_exchange_n(&on_unexpected, handler, __ATOMIC_ACQ_REL);
}
