/* Starting other programs: system, _spawn and _exec. The narrow functions convert and use the wide ones. */
#include <stdlib.h>
#include <litewin/varargs.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/environ.h"
#include "dlls/msvcrt/exit.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"

#define PATH_SIZE 4096

enum spawn_mode { MODE_WAIT, MODE_NOWAIT, MODE_OVERLAY, MODE_NOWAIT_ALONE, MODE_DETACH };

/* Finding the program */

static bool is_file(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static const WCHAR *base_name(const WCHAR *path)
{
    const WCHAR *base = path;
    for (; *path; path++) {
        if (*path == '\\' || *path == '/' || *path == ':')
            base = path + 1;
    }
    return base;
}

/* Finds directory + name, with the extensions that programs have where the name has none. */
static bool find_in(WCHAR path[PATH_SIZE], const WCHAR *directory, size_t length, const WCHAR *name)
{
    static const WCHAR extensions[][5] = {L".com", L".exe", L".bat", L".cmd"};
    size_t name_length = crt_wcslen(name);
    if (length + name_length + 6 > PATH_SIZE)
        return false;
    memcpy(path, directory, length * sizeof *path);
    if (length && path[length - 1] != '\\' && path[length - 1] != '/')
        path[length++] = '\\';
    memcpy(path + length, name, (name_length + 1) * sizeof *path);
    if (crt_wcschr(base_name(name), '.'))
        return is_file(path);
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        memcpy(path + length + name_length, extensions[i], sizeof extensions[i]);
        if (is_file(path))
            return true;
    }
    return false;
}

static bool find_program(WCHAR path[PATH_SIZE], const WCHAR *name, bool search)
{
    if (find_in(path, NULL, 0, name))
        return true;
    const WCHAR *directories = search && base_name(name) == name ? crt_wgetenv(L"PATH") : NULL;
    while (directories && *directories) {
        const WCHAR *end = crt_wcschr(directories, ';');
        size_t length = end ? (size_t)(end - directories) : crt_wcslen(directories);
        if (length && find_in(path, directories, length, name))
            return true;
        directories += length + (end != NULL);
    }
    crt_thread.error = CRT_ENOENT;
    return false;
}

/* Strings for CreateProcess */

/* All strings of a vector one after the other, each followed by `separator`, and a NUL at the end. The caller
 * frees the result. */
static WCHAR *join(const WCHAR *const *strings, WCHAR separator)
{
    size_t length = 2;
    for (const WCHAR *const *p = strings; *p; p++)
        length += crt_wcslen(*p) + 1;
    WCHAR *text = malloc(length * sizeof *text), *out = text;
    if (!text) {
        crt_thread.error = CRT_ENOMEM;
        return NULL;
    }
    for (const WCHAR *const *p = strings; *p; p++) {
        size_t part = crt_wcslen(*p);
        memcpy(out, *p, part * sizeof *out);
        out += part;
        *out++ = separator;
    }
    out[0] = out[1] = 0;
    if (separator && out > text)
        out[-1] = 0;
    return text;
}

/* A wide copy of a vector, its strings in the same block. NULL without memory, or for NULL. */
static WCHAR **widen(const char *const *strings)
{
    size_t count = 0, size = 0;
    if (!strings)
        return NULL;
    for (; strings[count]; count++)
        size += strlen(strings[count]) + 1;
    WCHAR **vector = malloc((count + 1) * sizeof *vector + size * sizeof(WCHAR));
    if (!vector) {
        crt_thread.error = CRT_ENOMEM;
        return NULL;
    }
    WCHAR *text = (WCHAR *)(vector + count + 1);
    for (size_t i = 0; i < count; i++) {
        vector[i] = text;
        text += MultiByteToWideChar(CP_ACP, 0, strings[i], -1, text, (int)(strlen(strings[i]) + 1));
    }
    vector[count] = NULL;
    return vector;
}

/* Starting */

static bool create_process(int mode, const WCHAR *path, WCHAR *command_line, WCHAR *environment,
                           HANDLE *process)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION information;
    DWORD flags = CREATE_UNICODE_ENVIRONMENT | (mode == MODE_DETACH ? DETACHED_PROCESS : 0);
    startup.lpReserved2 = lowio_inheritance(&startup.cbReserved2);
    BOOL created = CreateProcessW(path, command_line, NULL, NULL, TRUE, flags, environment, NULL, &startup,
                                  &information);
    if (!created)
        os_error_last();
    crt_free(startup.lpReserved2);
    if (!created)
        return false;
    CloseHandle(information.hThread);
    *process = information.hProcess;
    return true;
}

static int exit_code_of(HANDLE process)
{
    DWORD code = (DWORD)-1;
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    CloseHandle(process);
    return (int)code;
}

/* What the mode makes of a process that has been started. One that takes this one's place is waited for, and
 * its exit code is handed on: whoever waits for this process means the other. */
static intptr_t finish(int mode, HANDLE process)
{
    switch (mode) {
    case MODE_WAIT:
        return exit_code_of(process);
    case MODE_OVERLAY:
        crt_exit_now(exit_code_of(process));
    case MODE_DETACH:
        CloseHandle(process);
        return 0;
    default:
        return (intptr_t)process;
    }
}

/* The arguments are put together with blanks and without quotes, as Microsoft documents it: programs quote
 * what needs it themselves. */
static intptr_t spawn(int mode, const WCHAR *name, const WCHAR *const *argv, const WCHAR *const *environment,
                      bool search)
{
    WCHAR path[PATH_SIZE];
    HANDLE process;
    if (!name || !*name || !argv || !argv[0] || !*argv[0] || mode < MODE_WAIT || mode > MODE_DETACH) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    if (!find_program(path, name, search))
        return -1;
    WCHAR *command_line = join(argv, ' '), *block = environment ? join(environment, 0) : NULL;
    bool started =
        command_line && (block || !environment) && create_process(mode, path, command_line, block, &process);
    free(command_line);
    free(block);
    return started ? finish(mode, process) : -1;
}

static intptr_t spawn_narrow(int mode, const char *name, const char *const *argv,
                             const char *const *environment, bool search)
{
    WCHAR **names = widen((const char *const[]){name, NULL}), **arguments = widen(argv);
    WCHAR **variables = widen(environment);
    intptr_t result = -1;
    if (names && (arguments || !argv) && (variables || !environment))
        result =
            spawn(mode, names[0], (const WCHAR *const *)arguments, (const WCHAR *const *)variables, search);
    free(names);
    free(arguments);
    free(variables);
    return result;
}

/* The functions that take vectors */

intptr_t crt_spawnv(int mode, const char *name, const char *const *argv)
{
    return spawn_narrow(mode, name, argv, NULL, false);
}

intptr_t crt_spawnve(int mode, const char *name, const char *const *argv, const char *const *environment)
{
    return spawn_narrow(mode, name, argv, environment, false);
}

intptr_t crt_spawnvp(int mode, const char *name, const char *const *argv)
{
    return spawn_narrow(mode, name, argv, NULL, true);
}

intptr_t crt_spawnvpe(int mode, const char *name, const char *const *argv, const char *const *environment)
{
    return spawn_narrow(mode, name, argv, environment, true);
}

intptr_t crt_wspawnv(int mode, const WCHAR *name, const WCHAR *const *argv)
{
    return spawn(mode, name, argv, NULL, false);
}

intptr_t crt_wspawnve(int mode, const WCHAR *name, const WCHAR *const *argv, const WCHAR *const *environment)
{
    return spawn(mode, name, argv, environment, false);
}

intptr_t crt_wspawnvp(int mode, const WCHAR *name, const WCHAR *const *argv)
{
    return spawn(mode, name, argv, NULL, true);
}

intptr_t crt_wspawnvpe(int mode, const WCHAR *name, const WCHAR *const *argv, const WCHAR *const *environment)
{
    return spawn(mode, name, argv, environment, true);
}

intptr_t crt_execv(const char *name, const char *const *argv)
{
    return spawn_narrow(MODE_OVERLAY, name, argv, NULL, false);
}

intptr_t crt_execve(const char *name, const char *const *argv, const char *const *environment)
{
    return spawn_narrow(MODE_OVERLAY, name, argv, environment, false);
}

intptr_t crt_execvp(const char *name, const char *const *argv)
{
    return spawn_narrow(MODE_OVERLAY, name, argv, NULL, true);
}

intptr_t crt_execvpe(const char *name, const char *const *argv, const char *const *environment)
{
    return spawn_narrow(MODE_OVERLAY, name, argv, environment, true);
}

intptr_t crt_wexecv(const WCHAR *name, const WCHAR *const *argv)
{
    return spawn(MODE_OVERLAY, name, argv, NULL, false);
}

intptr_t crt_wexecve(const WCHAR *name, const WCHAR *const *argv, const WCHAR *const *environment)
{
    return spawn(MODE_OVERLAY, name, argv, environment, false);
}

intptr_t crt_wexecvp(const WCHAR *name, const WCHAR *const *argv)
{
    return spawn(MODE_OVERLAY, name, argv, NULL, true);
}

intptr_t crt_wexecvpe(const WCHAR *name, const WCHAR *const *argv, const WCHAR *const *environment)
{
    return spawn(MODE_OVERLAY, name, argv, environment, true);
}

/* The functions that take lists */

/* The list's strings and its NULL as a vector, which the caller frees; the environment may follow. */
static void **collect(const void *first, guest_va_list *list, const void ***environment)
{
    guest_va_list counting = *list;
    size_t count = first != NULL;
    while (first && guest_va_pointer(&counting))
        count++;
    void **vector = malloc((count + 1) * sizeof *vector);
    if (!vector) {
        crt_thread.error = CRT_ENOMEM;
        return NULL;
    }
    vector[0] = (void *)first;
    for (size_t i = 1; i <= count; i++)
        vector[i] = guest_va_pointer(list);
    if (environment)
        *environment = guest_va_pointer(list);
    return vector;
}

/* Each name once for a list, and once for a list with an environment behind it. */
#define DEFINE_LIST(SPAWN, EXEC, CHARACTER, SPAWN_VECTOR, HAS_ENVIRONMENT, SEARCH)              \
    intptr_t SPAWN(int mode, const CHARACTER *name, const CHARACTER *first, guest_va_list list) \
    {                                                                                           \
        const void **environment = NULL;                                                        \
        void **argv = collect(first, &list, HAS_ENVIRONMENT ? &environment : NULL);             \
        intptr_t result = -1;                                                                   \
        if (argv)                                                                               \
            result = SPAWN_VECTOR(mode, name, (const CHARACTER *const *)argv,                   \
                                  (const CHARACTER *const *)environment, SEARCH);               \
        free(argv);                                                                             \
        return result;                                                                          \
    }                                                                                           \
    intptr_t EXEC(const CHARACTER *name, const CHARACTER *first, guest_va_list list)            \
    {                                                                                           \
        return SPAWN(MODE_OVERLAY, name, first, list);                                          \
    }

DEFINE_LIST(crt_spawnl, crt_execl, char, spawn_narrow, false, false)
DEFINE_LIST(crt_spawnle, crt_execle, char, spawn_narrow, true, false)
DEFINE_LIST(crt_spawnlp, crt_execlp, char, spawn_narrow, false, true)
DEFINE_LIST(crt_spawnlpe, crt_execlpe, char, spawn_narrow, true, true)
DEFINE_LIST(crt_wspawnl, crt_wexecl, WCHAR, spawn, false, false)
DEFINE_LIST(crt_wspawnle, crt_wexecle, WCHAR, spawn, true, false)
DEFINE_LIST(crt_wspawnlp, crt_wexeclp, WCHAR, spawn, false, true)
DEFINE_LIST(crt_wspawnlpe, crt_wexeclpe, WCHAR, spawn, true, true)

/* The command interpreter, and waiting */

/* Without a command it says whether there is an interpreter. */
int crt_wsystem(const WCHAR *command)
{
    const WCHAR *interpreter = crt_wgetenv(L"COMSPEC");
    if (!interpreter)
        interpreter = L"cmd.exe";
    if (!command) {
        WCHAR path[PATH_SIZE];
        return find_program(path, interpreter, true);
    }
    const WCHAR *argv[] = {interpreter, L"/c", command, NULL};
    return (int)spawn(MODE_WAIT, interpreter, argv, NULL, true);
}

int crt_system(const char *command)
{
    if (!command)
        return crt_wsystem(NULL);
    WCHAR **wide = widen((const char *const[]){command, NULL});
    int result = wide ? crt_wsystem(wide[0]) : -1;
    free(wide);
    return result;
}

/* Takes the process's handle over. `action` has no meaning on Windows. */
intptr_t crt_cwait(int *status, intptr_t process, int action)
{
    HANDLE handle = (HANDLE)process;
    DWORD code;
    if (process == -1 || process == -2) {
        crt_invalid_parameter(CRT_ECHILD);
        return -1;
    }
    if (WaitForSingleObject(handle, INFINITE) != WAIT_OBJECT_0 || !GetExitCodeProcess(handle, &code)) {
        os_error_last();
        crt_thread.error = CRT_ECHILD;
        return -1;
    }
    if (status)
        *status = (int)code;
    CloseHandle(handle);
    return process;
}
