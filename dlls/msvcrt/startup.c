/* Program start: what a program's own start-up code calls before main. */
#include <math.h>
#include "dlls/msvcrt/arguments.h"
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/environ.h"
#include "dlls/msvcrt/exception_class.h"
#include "dlls/msvcrt/exit.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/startup.h"

typedef void(GUEST_CDECL *initializer)(void);
typedef int(GUEST_CDECL *failing_initializer)(void);

/* The runtime's variables, which lie in the DLL's image for programs to read and write. */
int *crt_argc;
char ***crt_argv, ***crt_initenv;
WCHAR ***crt_wargv, ***crt_winitenv;
char **crt_acmdln, **crt_pgmptr;
WCHAR **crt_wcmdln, **crt_wpgmptr;
int *crt_fmode, *crt_commode;
uint32_t *crt_osplatform, *crt_osver, *crt_winver, *crt_winmajor, *crt_winminor;
void **crt_aexit_rtn;
double *crt_huge;
#ifdef __i386__
int *crt_adjust_fdiv; /* not 0 on a processor with the Pentium's division bug */
#endif

static int app_type;
static int error_mode;

static void version_attach(void)
{
    DWORD version = GetVersion();
    *crt_osplatform = VER_PLATFORM_WIN32_NT;
    *crt_winmajor = LOBYTE(version);
    *crt_winminor = HIBYTE(version);
    *crt_winver = *crt_winmajor << 8 | *crt_winminor;
    *crt_osver = HIWORD(version);
}

void litewin_attach(void *image_base)
{
    heap_attach();
    exit_attach();
    version_attach();
    ctype_attach();
    locale_attach();
    mbctype_attach();
    time_attach();
    error_text_attach();
    stdio_attach();
    exception_class_attach();
    *crt_acmdln = GetCommandLineA();
    *crt_wcmdln = GetCommandLineW();
    *crt_huge = HUGE_VAL;
}

static WCHAR *wide_program_path(void)
{
    static WCHAR path[MAX_PATH];
    if (!path[0])
        GetModuleFileNameW(NULL, path, MAX_PATH);
    return path;
}

static char *narrow_program_path(void)
{
    static char path[MAX_PATH];
    if (!path[0])
        GetModuleFileNameA(NULL, path, MAX_PATH);
    return path;
}

/* A command line without even the program's name is a start from somewhere odd; the path stands in. */
static WCHAR **program_arguments(int expand_wildcards, int *count)
{
    const WCHAR *line = GetCommandLineW();
    return wide_arguments(*line ? line : wide_program_path(), expand_wildcards != 0, count);
}

/* MinGW passes no structure, or one that it did not fill in, where it wants the default. */
static void apply_startup_info(const struct startup_info *info)
{
    if (info)
        crt_set_new_mode(info->new_mode == 1);
}

int crt_wgetmainargs(int *argc, WCHAR ***argv, WCHAR ***environment, int expand_wildcards,
                     struct startup_info *info)
{
    int count;
    WCHAR **arguments = program_arguments(expand_wildcards, &count);
    WCHAR **variables = wide_environment();
    if (!arguments || !variables)
        crt_amsg_exit(arguments ? 9 : 8);
    *crt_argc = *argc = count;
    *crt_wargv = *argv = arguments;
    *crt_winitenv = *environment = variables;
    *crt_wpgmptr = wide_program_path();
    apply_startup_info(info);
    return 0;
}

int crt_getmainargs(int *argc, char ***argv, char ***environment, int expand_wildcards,
                    struct startup_info *info)
{
    int count;
    WCHAR **wide = program_arguments(expand_wildcards, &count);
    char **arguments = wide ? narrow_arguments(wide, count) : NULL;
    char **variables = narrow_environment();
    crt_free(wide);
    if (!arguments || !variables)
        crt_amsg_exit(arguments ? 9 : 8);
    *crt_argc = *argc = count;
    *crt_argv = *argv = arguments;
    *crt_initenv = *environment = variables;
    *crt_pgmptr = narrow_program_path();
    apply_startup_info(info);
    return 0;
}

void crt_initterm(initializer *begin, initializer *end)
{
    for (; begin < end; begin++) {
        if (*begin)
            (*begin)();
    }
}

int crt_initterm_e(failing_initializer *begin, failing_initializer *end)
{
    int error = 0;
    for (; begin < end && !error; begin++) {
        if (*begin)
            error = (*begin)();
    }
    return error;
}

/* 1 is a console program, 2 one with windows. */
void crt_set_app_type(int type)
{
    app_type = type;
}

int crt_get_app_type(void)
{
    return app_type;
}

/* Where runtime errors are shown; 3 asks only. There is no message box, so the mode is only kept. */
int crt_set_error_mode(int mode)
{
    int old = error_mode;
    if (mode < 0 || mode > 3) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    if (mode != 3)
        error_mode = mode;
    return old;
}

int *crt_p_argc(void)
{
    return crt_argc;
}

char ***crt_p_argv(void)
{
    return crt_argv;
}

WCHAR ***crt_p_wargv(void)
{
    return crt_wargv;
}

char ***crt_p_initenv(void)
{
    return crt_initenv;
}

WCHAR ***crt_p_winitenv(void)
{
    return crt_winitenv;
}

char **crt_p_acmdln(void)
{
    return crt_acmdln;
}

WCHAR **crt_p_wcmdln(void)
{
    return crt_wcmdln;
}

char **crt_p_pgmptr(void)
{
    *crt_pgmptr = narrow_program_path();
    return crt_pgmptr;
}

WCHAR **crt_p_wpgmptr(void)
{
    *crt_wpgmptr = wide_program_path();
    return crt_wpgmptr;
}

int *crt_p_fmode(void)
{
    return crt_fmode;
}

int *crt_p_commode(void)
{
    return crt_commode;
}

uint32_t *crt_p_osver(void)
{
    return crt_osver;
}

uint32_t *crt_p_winver(void)
{
    return crt_winver;
}

uint32_t *crt_p_winmajor(void)
{
    return crt_winmajor;
}

uint32_t *crt_p_winminor(void)
{
    return crt_winminor;
}
