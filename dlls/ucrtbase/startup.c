/* Program start: what a program's own start-up code asks of the runtime, a step at a time. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/startup.h"

extern const char litewin_needs[];
const char litewin_needs[] = "msvcrt.dll";

/* _crt_argv_mode */
enum { NO_ARGUMENTS, UNEXPANDED_ARGUMENTS, EXPANDED_ARGUMENTS };

static char **narrow_environment;
static WCHAR **wide_environment;

static void make_narrow(int mode)
{
    int count;
    char **arguments;
    crt_getmainargs(&count, &arguments, &narrow_environment, mode == EXPANDED_ARGUMENTS, NULL);
}

static void make_wide(int mode)
{
    int count;
    WCHAR **arguments;
    crt_wgetmainargs(&count, &arguments, &wide_environment, mode == EXPANDED_ARGUMENTS, NULL);
}

int ucrt_configure_narrow_argv(int mode)
{
    if (mode < NO_ARGUMENTS || mode > EXPANDED_ARGUMENTS)
        return crt_invalid_parameter(CRT_EINVAL);
    if (mode != NO_ARGUMENTS)
        make_narrow(mode);
    return 0;
}

int ucrt_configure_wide_argv(int mode)
{
    if (mode < NO_ARGUMENTS || mode > EXPANDED_ARGUMENTS)
        return crt_invalid_parameter(CRT_EINVAL);
    if (mode != NO_ARGUMENTS)
        make_wide(mode);
    return 0;
}

int ucrt_initialize_narrow_environment(void)
{
    if (!narrow_environment)
        make_narrow(UNEXPANDED_ARGUMENTS);
    return 0;
}

int ucrt_initialize_wide_environment(void)
{
    if (!wide_environment)
        make_wide(UNEXPANDED_ARGUMENTS);
    return 0;
}

char **ucrt_get_initial_narrow_environment(void)
{
    ucrt_initialize_narrow_environment();
    return narrow_environment;
}

WCHAR **ucrt_get_initial_wide_environment(void)
{
    ucrt_initialize_wide_environment();
    return wide_environment;
}

/* Threads share one locale here. */
int ucrt_configthreadlocale(int type)
{
    enum { ENABLE = 1, DISABLE = 2 };
    if (type == 0 || type == DISABLE)
        return DISABLE;
    crt_invalid_parameter(CRT_EINVAL);
    return -1;
}
