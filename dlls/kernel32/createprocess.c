/* CreateProcess, and the attribute lists that extend STARTUPINFO. */
#include <stdlib.h>
#include <sys/stat.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "dlls/kernel32/process_program.h"
#include "dlls/kernel32/request.h"
#include "kernel/process.h"
#include "kernel/utf.h"
#include "loader/handover.h"
#include "loader/program.h"

/* Missing in the headers. */
#ifndef ERROR_OBJECT_NAME_EXISTS
#define ERROR_OBJECT_NAME_EXISTS 698
#endif

/* Attribute lists */

struct attribute {
    DWORD_PTR kind;
    const void *value;
    SIZE_T size;
};

struct _PROC_THREAD_ATTRIBUTE_LIST {
    DWORD capacity, count;
    struct attribute attributes[];
};

BOOL WINAPI InitializeProcThreadAttributeList(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD count, DWORD flags,
                                              PSIZE_T size)
{
    SIZE_T needed = sizeof *list + count * sizeof *list->attributes, room = *size;
    if (flags || count > 64) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    *size = needed;
    if (!list || room < needed) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    list->capacity = count;
    list->count = 0;
    return TRUE;
}

void WINAPI DeleteProcThreadAttributeList(LPPROC_THREAD_ATTRIBUTE_LIST list) {}

static const struct attribute *find_attribute(const struct _PROC_THREAD_ATTRIBUTE_LIST *list, DWORD_PTR kind)
{
    for (DWORD i = 0; list && i < list->count; i++) {
        if (list->attributes[i].kind == kind)
            return &list->attributes[i];
    }
    return NULL;
}

/* What a process can be started with here. Others would silently have no effect. */
static NTSTATUS check_attribute(DWORD_PTR kind, SIZE_T size)
{
    if (kind != PROC_THREAD_ATTRIBUTE_HANDLE_LIST)
        return STATUS_NOT_SUPPORTED;
    return size && size % sizeof(HANDLE) == 0 ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH;
}

static NTSTATUS update_attribute(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD_PTR kind, const void *value,
                                 SIZE_T size)
{
    NTSTATUS status = check_attribute(kind, size);
    if (status)
        return status;
    if (find_attribute(list, kind))
        return STATUS_OBJECT_NAME_EXISTS;
    if (list->count == list->capacity)
        return STATUS_NO_MEMORY;
    /* The value stays the caller's, and must last as long as the list. */
    list->attributes[list->count++] = (struct attribute){kind, value, size};
    return STATUS_SUCCESS;
}

BOOL WINAPI UpdateProcThreadAttribute(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD flags, DWORD_PTR kind,
                                      PVOID value, SIZE_T size, PVOID previous, PSIZE_T returned)
{
    if (flags || previous || returned) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    NTSTATUS status = update_attribute(list, kind, value, size);
    if (status == STATUS_OBJECT_NAME_EXISTS) {
        SetLastError(ERROR_OBJECT_NAME_EXISTS);
        return FALSE;
    }
    return set_last_status(status);
}

/* The parts of a start */

/* The command line that the program is given, in memory of its own where it must be made. */
static WCHAR *make_command_line(const WCHAR *application, const WCHAR *line, size_t quoted)
{
    const WCHAR *source = line ? line : application;
    size_t length = utf16_length(source);
    WCHAR *copy = malloc((length + 3) * sizeof *copy), *end = copy;
    if (!copy)
        return NULL;
    if (quoted) {
        *end++ = '"';
        memcpy(end, source, quoted * sizeof *end);
        end += quoted;
        *end++ = '"';
    }
    memcpy(end, source + quoted, (length - quoted + 1) * sizeof *end);
    return copy;
}

/* An environment of UTF-8 strings as one of UTF-16. */
static WCHAR *widen_environment(const char *block)
{
    const char *end = block;
    while (*end)
        end += strlen(end) + 1;
    size_t bytes = end + 1 - block;
    WCHAR *wide = malloc((bytes + 1) * sizeof *wide);
    if (wide) {
        size_t length = utf16_from_utf8(wide, bytes, block, bytes, UTF_REPLACE);
        wide[length] = 0;
    }
    return wide;
}

static NTSTATUS find_directory(const WCHAR *directory, struct host_path *host)
{
    struct stat status;
    NTSTATUS found = host_path_of(directory, host);
    if (found || host->kind != PATH_FILE)
        return STATUS_NOT_A_DIRECTORY;
    if (stat(host->name, &status) && (path_correct_case(host) || stat(host->name, &status)))
        return STATUS_NOT_A_DIRECTORY;
    return S_ISDIR(status.st_mode) ? STATUS_SUCCESS : STATUS_NOT_A_DIRECTORY;
}

static NTSTATUS set_inheritance(struct process_creation *creation, DWORD flags)
{
    const struct attribute *list = NULL;
    if (flags & EXTENDED_STARTUPINFO_PRESENT)
        list = find_attribute(((const STARTUPINFOEXW *)creation->startup)->lpAttributeList,
                              PROC_THREAD_ATTRIBUTE_HANDLE_LIST);
    if (!list)
        return STATUS_SUCCESS;
    if (!creation->inherit)
        return STATUS_INVALID_PARAMETER;
    creation->handles = list->value;
    creation->handle_count = list->size / sizeof(HANDLE);
    return STATUS_SUCCESS;
}

static void set_standard(struct process_creation *creation, DWORD flags)
{
    if (creation->startup->dwFlags & STARTF_USESTDHANDLES)
        creation->standard = STANDARD_GIVEN;
    else if (flags & DETACHED_PROCESS)
        creation->standard = STANDARD_NONE;
    else if (flags & CREATE_NEW_CONSOLE)
        creation->standard = STANDARD_CONSOLE;
    else if (flags & CREATE_NO_WINDOW)
        creation->standard = STANDARD_HIDDEN;
    else
        creation->standard = STANDARD_OF_PARENT;
}

static NTSTATUS check_flags(DWORD flags)
{
    if ((flags & DETACHED_PROCESS) && (flags & CREATE_NEW_CONSOLE))
        return STATUS_INVALID_PARAMETER;
    /* There is no debugger's side. */
    return flags & (DEBUG_PROCESS | DEBUG_ONLY_THIS_PROCESS) ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
}

/* The whole */

static NTSTATUS return_handles(struct process *process, const SECURITY_ATTRIBUTES *process_attributes,
                               const SECURITY_ATTRIBUTES *thread_attributes, PROCESS_INFORMATION *information)
{
    NTSTATUS status =
        handle_create(&process->object.object, PROCESS_ALL_ACCESS,
                      is_inheritable(process_attributes) ? OBJ_INHERIT : 0, &information->hProcess);
    if (status)
        return status;
    status = handle_create(&process->main_thread.object.object, THREAD_ALL_ACCESS,
                           is_inheritable(thread_attributes) ? OBJ_INHERIT : 0, &information->hThread);
    if (status)
        handle_close(information->hProcess);
    /* Linux's first thread has the process's id. */
    information->dwProcessId = information->dwThreadId = process->id;
    return status;
}

/* `command_line` and `environment` are final by now. */
static NTSTATUS start_program(struct process_creation *creation,
                              const SECURITY_ATTRIBUTES *process_attributes,
                              const SECURITY_ATTRIBUTES *thread_attributes, PROCESS_INFORMATION *information)
{
    enum program_kind kind;
    uint16_t machine;
    struct process *process;
    NTSTATUS status = program_identify(creation->image, &kind, &machine);
    if (!status && kind == PROGRAM_BATCH)
        status = STATUS_INVALID_IMAGE_FORMAT;
    if (!status && kind == PROGRAM_WINDOWS && !(creation->loader = handover_command(machine)))
        status = STATUS_NO_MEMORY;
    if (!status)
        status = process_create(creation, &process);
    if (status)
        return status;
    status = return_handles(process, process_attributes, thread_attributes, information);
    object_release(&process->main_thread);
    object_release(process);
    return status;
}

static NTSTATUS create_process(const WCHAR *application, const WCHAR *line, BOOL inherit, DWORD flags,
                               const void *environment, const WCHAR *directory, const STARTUPINFOW *startup,
                               const SECURITY_ATTRIBUTES *process_attributes,
                               const SECURITY_ATTRIBUTES *thread_attributes, PROCESS_INFORMATION *information)
{
    char image[PATH_MAX];
    struct host_path host_directory;
    STARTUPINFOEXW complete;
    size_t quoted;
    NTSTATUS status = process_find_program(application, line, image, &quoted);
    if (!status && directory)
        status = find_directory(directory, &host_directory);
    if (status)
        return status;
    memcpy(&complete, startup, flags & EXTENDED_STARTUPINFO_PRESENT ? sizeof complete : sizeof *startup);
    WCHAR *command_line = make_command_line(application, line, quoted);
    bool is_ansi = environment && !(flags & CREATE_UNICODE_ENVIRONMENT);
    WCHAR *wide_environment = is_ansi ? widen_environment(environment) : NULL;
    if (!complete.StartupInfo.lpTitle)
        complete.StartupInfo.lpTitle = application ? (WCHAR *)application : command_line;
    if (!complete.StartupInfo.lpDesktop)
        complete.StartupInfo.lpDesktop = process_parameters.DesktopInfo.Buffer;
    struct process_creation creation = {
        .image = image,
        .command_line = command_line,
        .environment = is_ansi ? wide_environment : environment,
        .directory = directory ? host_directory.name : NULL,
        .startup = &complete.StartupInfo,
        .inherit = inherit,
        .suspended = flags & CREATE_SUSPENDED,
        .new_group = flags & CREATE_NEW_PROCESS_GROUP,
        .new_session = flags & DETACHED_PROCESS,
    };
    set_standard(&creation, flags);
    status = set_inheritance(&creation, flags);
    if (!command_line || (is_ansi && !wide_environment))
        status = STATUS_NO_MEMORY;
    if (!status)
        status = start_program(&creation, process_attributes, thread_attributes, information);
    free(wide_environment);
    free(command_line);
    return status;
}

/* The same status means another error here than elsewhere. */
static BOOL set_start_status(NTSTATUS status)
{
    if (status == STATUS_NOT_A_DIRECTORY) {
        SetLastError(ERROR_DIRECTORY);
        return FALSE;
    }
    return set_last_status(status);
}

BOOL WINAPI CreateProcessW(LPCWSTR application, LPWSTR line, LPSECURITY_ATTRIBUTES process_attributes,
                           LPSECURITY_ATTRIBUTES thread_attributes, BOOL inherit, DWORD flags,
                           LPVOID environment, LPCWSTR directory, LPSTARTUPINFOW startup,
                           LPPROCESS_INFORMATION information)
{
    NTSTATUS status = check_flags(flags);
    if (!status && ((!application && !line) || !startup || !information))
        status = STATUS_INVALID_PARAMETER;
    if (!status)
        status = create_process(application, line, inherit, flags, environment, directory, startup,
                                process_attributes, thread_attributes, information);
    return set_start_status(status);
}

/* The strings of a STARTUPINFOA in UTF-16; the rest is the same in both. */
struct wide_startup {
    STARTUPINFOEXW info;
    struct wide title, desktop;
};

static bool widen_startup(struct wide_startup *wide, const STARTUPINFOA *narrow, bool extended)
{
    memcpy(&wide->info, narrow, extended ? sizeof wide->info : sizeof *narrow);
    if (!wide_from_ansi(&wide->title, narrow->lpTitle))
        return false;
    if (!wide_from_ansi(&wide->desktop, narrow->lpDesktop)) {
        wide_free(&wide->title);
        return false;
    }
    wide->info.StartupInfo.lpTitle = wide->title.text;
    wide->info.StartupInfo.lpDesktop = wide->desktop.text;
    return true;
}

BOOL WINAPI CreateProcessA(LPCSTR application, LPSTR line, LPSECURITY_ATTRIBUTES process_attributes,
                           LPSECURITY_ATTRIBUTES thread_attributes, BOOL inherit, DWORD flags,
                           LPVOID environment, LPCSTR directory, LPSTARTUPINFOA startup,
                           LPPROCESS_INFORMATION information)
{
    struct wide wide_application, wide_line, wide_directory;
    struct wide_startup wide_info;
    BOOL created = FALSE;
    if (!startup || !information)
        return set_last_status(STATUS_INVALID_PARAMETER);
    if (!wide_from_ansi(&wide_application, application))
        return FALSE;
    if (wide_from_ansi(&wide_line, line)) {
        if (wide_from_ansi(&wide_directory, directory)) {
            if (widen_startup(&wide_info, startup, flags & EXTENDED_STARTUPINFO_PRESENT)) {
                created = CreateProcessW(wide_application.text, wide_line.text, process_attributes,
                                         thread_attributes, inherit, flags, environment, wide_directory.text,
                                         &wide_info.info.StartupInfo, information);
                wide_free(&wide_info.title);
                wide_free(&wide_info.desktop);
            }
            wide_free(&wide_directory);
        }
        wide_free(&wide_line);
    }
    wide_free(&wide_application);
    return created;
}

UINT WINAPI WinExec(LPCSTR line, UINT show)
{
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESHOWWINDOW, .wShowWindow = show};
    PROCESS_INFORMATION information;
    if (!CreateProcessA(NULL, (LPSTR)line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &information)) {
        DWORD error = GetLastError();
        return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND || error == ERROR_BAD_FORMAT
                   ? error
               : error == ERROR_BAD_EXE_FORMAT ? ERROR_BAD_FORMAT
                                               : 0;
    }
    CloseHandle(information.hThread);
    CloseHandle(information.hProcess);
    return 33; /* anything above 31 */
}
