#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"

typedef void(GUEST_CDECL *invalid_parameter_handler)(const WCHAR *expression, const WCHAR *function,
                                                     const WCHAR *file, unsigned line, uintptr_t reserved);

static invalid_parameter_handler program_handler;

int crt_invalid_parameter(int error)
{
    invalid_parameter_handler handler = program_handler;
    crt_thread.error = error;
    if (handler)
        handler(NULL, NULL, NULL, 0, 0);
    return error;
}

/* `_invalid_parameter`, which a compiler's runtime calls for its own functions. */
void crt_report_invalid_parameter(const WCHAR *expression, const WCHAR *function, const WCHAR *file,
                                  unsigned line, uintptr_t reserved)
{
    invalid_parameter_handler handler = program_handler;
    if (handler)
        handler(expression, function, file, line, reserved);
}

invalid_parameter_handler crt_set_invalid_parameter_handler(invalid_parameter_handler handler)
{
    return __atomic_exchange_n(&program_handler, handler, __ATOMIC_ACQ_REL);
}

invalid_parameter_handler crt_get_invalid_parameter_handler(void)
{
    return program_handler;
}
