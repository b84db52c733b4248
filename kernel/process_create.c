/* Starting a process: what it inherits, and how Linux starts it. */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>
#include "kernel/cmdline.h"
#include "kernel/environment.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/pipe_internal.h"
#include "kernel/process_internal.h"
#include "kernel/process_start.h"
#include "kernel/shared_object.h"
#include "kernel/status.h"
#include "kernel/utf.h"

/* Everything that is made for one start and is of no use after it. */
struct start {
    const struct process_creation *creation;
    HANDLE standard[3];             /* as the child will see them; meant only if it is said what they are */
    struct file *standard_files[3]; /* NULL: nothing */
    struct start_handle *handles;
    size_t handle_count, handle_capacity;
    int *temporary; /* descriptors in this process that the child gets under their own number */
    size_t temporary_count, temporary_capacity;
    NTSTATUS status;
};

/* Standard handles */

static bool is_listed(const struct process_creation *creation, HANDLE handle)
{
    if (!creation->handles)
        return true;
    for (size_t i = 0; i < creation->handle_count; i++) {
        if (creation->handles[i] == handle)
            return true;
    }
    return false;
}

static bool is_inherited(const struct process_creation *creation, HANDLE handle)
{
    ACCESS_MASK access;
    ULONG attributes;
    return creation->inherit && !handle_query(handle, &access, &attributes) && attributes & OBJ_INHERIT &&
           is_listed(creation, handle);
}

static struct file *file_of_handle(HANDLE handle)
{
    struct file *file;
    return handle && !handle_reference(handle, &file_type, 0, &file) ? file : NULL;
}

static struct file *open_device(const char *name, bool reads)
{
    struct file *file;
    int descriptor = open(name, (reads ? O_RDONLY : O_WRONLY) | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0 || !file_from_descriptor(descriptor, reads ? GENERIC_READ : GENERIC_WRITE, 0, &file))
        return descriptor < 0 ? NULL : file;
    close(descriptor);
    return NULL;
}

static HANDLE own_standard(unsigned i)
{
    const struct process_parameters *own = &process_parameters;
    return i == 0 ? own->StandardInput : i == 1 ? own->StandardOutput : own->StandardError;
}

static HANDLE given_standard(const STARTUPINFOW *startup, unsigned i)
{
    return i == 0 ? startup->hStdInput : i == 1 ? startup->hStdOutput : startup->hStdError;
}

/* Windows makes the parent's own standard handles the child's even if it inherits no others; those that
 * STARTUPINFO names must be inheritable. */
static void choose_standard(struct start *start)
{
    const struct process_creation *creation = start->creation;
    for (unsigned i = 0; i < 3; i++) {
        HANDLE handle = NULL;
        switch (creation->standard) {
        case STANDARD_OF_PARENT:
            handle = own_standard(i);
            start->standard_files[i] = file_of_handle(handle);
            break;
        case STANDARD_GIVEN:
            handle = given_standard(creation->startup, i);
            if (is_inherited(creation, handle))
                start->standard_files[i] = file_of_handle(handle);
            break;
        case STANDARD_CONSOLE:
            start->standard_files[i] = open_device("/dev/tty", i == 0);
            break;
        case STANDARD_HIDDEN:
            start->standard_files[i] = open_device("/dev/null", i == 0);
            break;
        case STANDARD_NONE:
            break;
        }
        start->standard[i] = handle;
    }
}

/* Handles that are inherited */

/* One more element of an array that grows; NULL if there is no memory. */
static void *add_element(void **array, size_t *count, size_t *capacity, size_t size)
{
    if (*count == *capacity) {
        size_t larger = *capacity ? 2 * *capacity : 16;
        void *moved = realloc(*array, larger * size);
        if (!moved)
            return NULL;
        *array = moved;
        *capacity = larger;
    }
    return (char *)*array + size * (*count)++;
}

/* The descriptor is closed when the child has it, or at once. */
static bool add_temporary(struct start *start, int descriptor)
{
    int *place = add_element((void **)&start->temporary, &start->temporary_count, &start->temporary_capacity,
                             sizeof *place);
    if (place)
        *place = descriptor;
    else
        close(descriptor);
    return place;
}

/* A duplicate with a number above the standard ones, for as long as the start takes; -1 if there is none. */
static int temporary_duplicate(struct start *start, int descriptor)
{
    int duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return duplicate >= 0 && add_temporary(start, duplicate) ? duplicate : -1;
}

/* The child has its standard files as descriptors 0 to 2; any other file keeps its number there, so that one
 * which has such a number here needs another. */
static int descriptor_in_child(struct start *start, HANDLE handle, struct file *file)
{
    for (int i = 0; i < 3; i++) {
        if (start->standard[i] == handle && start->standard_files[i] == file)
            return i;
    }
    int descriptor = file_descriptor(file);
    return descriptor > STDERR_FILENO ? descriptor : temporary_duplicate(start, descriptor);
}

static bool add_handle(struct start *start, const struct start_handle *handle)
{
    struct start_handle *place =
        add_element((void **)&start->handles, &start->handle_count, &start->handle_capacity, sizeof *place);
    if (place)
        *place = *handle;
    return place;
}

static NTSTATUS describe_file(struct start *start, HANDLE handle, struct file *file,
                              struct start_handle *inherited)
{
    bool overlapped = !(file_options(file) & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT));
    file_share_position(file);
    inherited->descriptor = descriptor_in_child(start, handle, file);
    inherited->file_flags = (overlapped ? FILE_OVERLAPPED : 0) | pipe_flags(file);
    return inherited->descriptor < 0 ? STATUS_TOO_MANY_OPENED_FILES : STATUS_SUCCESS;
}

static NTSTATUS describe_shared(struct start *start, struct object *object, struct start_handle *inherited)
{
    struct handed_object handed;
    NTSTATUS status = shared_object_give(object, &handed);
    if (!NT_SUCCESS(status))
        return status;
    bool complete = add_temporary(start, handed.descriptor);
    if (handed.contents >= 0)
        complete &= add_temporary(start, handed.contents);
    inherited->kind = handed.kind;
    inherited->descriptor = handed.descriptor;
    inherited->contents = handed.contents;
    return complete ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static bool inherit_handle(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes,
                           void *context)
{
    struct start *start = context;
    bool is_file = object->type == &file_type;
    if (!(is_file || object->type->share) || !(attributes & OBJ_INHERIT) ||
        !is_listed(start->creation, handle))
        return true;
    struct start_handle inherited = {
        .handle = (uint32_t)(ULONG_PTR)handle,
        .access = access,
        .attributes = attributes,
        .contents = -1,
    };
    start->status = is_file ? describe_file(start, handle, (struct file *)object, &inherited)
                            : describe_shared(start, object, &inherited);
    if (!start->status && !add_handle(start, &inherited))
        start->status = STATUS_NO_MEMORY;
    return !start->status;
}

/* Linux's part */

/* A source with a number that is a standard one, but not its own, would be overwritten before its turn. */
static int safe_source(struct start *start, int descriptor, int target)
{
    if (descriptor > STDERR_FILENO || descriptor == target)
        return descriptor;
    int moved = temporary_duplicate(start, descriptor);
    return moved < 0 ? descriptor : moved;
}

/* That a descriptor is duplicated on itself keeps it open in the child, and in no other's. */
static void keep_open(posix_spawn_file_actions_t *actions, int descriptor)
{
    if (descriptor > STDERR_FILENO)
        posix_spawn_file_actions_adddup2(actions, descriptor, descriptor);
}

static void add_file_actions(struct start *start, posix_spawn_file_actions_t *actions, int block)
{
    const struct process_creation *creation = start->creation;
    for (int i = 0; i < 3; i++) {
        struct file *file = start->standard_files[i];
        if (file)
            posix_spawn_file_actions_adddup2(actions, safe_source(start, file_descriptor(file), i), i);
    }
    /* A Windows program then has no such handle. A Linux program would take the next file for it. */
    for (int i = 0; i < 3; i++) {
        if (!start->standard_files[i] && creation->loader)
            posix_spawn_file_actions_addclose(actions, i);
        else if (!start->standard_files[i])
            posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0);
    }
    for (size_t i = 0; creation->loader && i < start->handle_count; i++) {
        keep_open(actions, start->handles[i].descriptor);
        keep_open(actions, start->handles[i].contents);
    }
    keep_open(actions, block);
    if (creation->directory)
        posix_spawn_file_actions_addchdir_np(actions, creation->directory);
}

static void set_attributes(const struct process_creation *creation, posix_spawnattr_t *attributes)
{
    sigset_t set;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigemptyset(&set);
    posix_spawnattr_setsigmask(attributes, &set);
    sigaddset(&set, SIGPIPE);
    posix_spawnattr_setsigdefault(attributes, &set);
    if (creation->new_session)
        flags |= POSIX_SPAWN_SETSID;
    else if (creation->new_group)
        flags |= POSIX_SPAWN_SETPGROUP; /* a group of 0 is a new one */
    posix_spawnattr_setflags(attributes, flags);
}

static NTSTATUS spawn(struct start *start, char *const *arguments, char *const *environment, int block,
                      pid_t *id)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    add_file_actions(start, &actions, block);
    set_attributes(start->creation, &attributes);
    const char *program = start->creation->loader ? arguments[0] : start->creation->image;
    int error = posix_spawn(id, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error ? status_from_errno(error) : STATUS_SUCCESS;
}

static NTSTATUS make_object(pid_t id, struct start_block *block, struct process **process)
{
    int descriptor = pidfd_open(id, 0);
    *process = descriptor < 0 ? NULL : process_make(id, descriptor, block, true);
    if (*process)
        return STATUS_SUCCESS;
    NTSTATUS status = descriptor < 0 ? status_from_errno(errno) : STATUS_NO_MEMORY;
    if (descriptor >= 0)
        close(descriptor);
    kill(id, SIGKILL);
    return status;
}

/* A Windows program, run by litewin */

static struct start_block block_header(const struct start *start)
{
    const struct process_creation *creation = start->creation;
    const STARTUPINFOW *startup = creation->startup;
    struct start_block header = {
        .suspended = creation->suspended,
        .ignores_ctrl_c = creation->new_group,
        .window_flags = startup->dwFlags,
        .show_window = startup->wShowWindow,
        .fill = startup->dwFillAttribute,
        .geometry = {startup->dwX, startup->dwY, startup->dwXSize, startup->dwYSize, startup->dwXCountChars,
                     startup->dwYCountChars},
    };
    /* Where no handles are inherited, the child makes some of its own for its standard files. */
    for (unsigned i = 0; i < 3; i++) {
        if (is_inherited(creation, start->standard[i]))
            header.standard[i] = (uint32_t)(ULONG_PTR)start->standard[i];
    }
    return header;
}

static NTSTATUS create_block(const struct start *start, struct start_block **block, int *descriptor)
{
    const struct process_creation *creation = start->creation;
    const STARTUPINFOW *startup = creation->startup;
    const struct start_block header = block_header(start);
    struct start_contents contents = {
        .command_line = creation->command_line,
        .title = startup->lpTitle,
        .desktop = startup->lpDesktop,
        .environment = creation->environment,
        .runtime_data = startup->lpReserved2,
        .runtime_size = startup->lpReserved2 ? startup->cbReserved2 : 0,
        .handles = start->handles,
        .handle_count = start->handle_count,
    };
    size_t length;
    environment_lock();
    if (!contents.environment)
        contents.environment = environment_block(&length);
    NTSTATUS status = start_block_create(&header, &contents, block, descriptor);
    environment_unlock();
    return status;
}

/* litewin-load, its options, --start-block=N, -- and the program. */
static char **loader_arguments(const struct process_creation *creation, char *block_option)
{
    size_t count = 0;
    while (creation->loader[count])
        count++;
    char **arguments = calloc(count + 4, sizeof *arguments);
    if (!arguments)
        return NULL;
    memcpy(arguments, creation->loader, count * sizeof *arguments);
    arguments[count] = block_option;
    arguments[count + 1] = "--";
    arguments[count + 2] = (char *)creation->image;
    return arguments;
}

/* What this process has may be closed before the child comes to it. */
static void rely_on_child(const struct start *start, pid_t id)
{
    for (size_t i = 0; i < start->handle_count; i++) {
        const struct start_handle *handle = &start->handles[i];
        if (handle->kind)
            shared_object_given(&(struct handed_object){handle->kind, handle->descriptor, handle->contents},
                                id);
    }
}

static NTSTATUS start_windows_program(struct start *start, struct process **process)
{
    struct start_block *block;
    char option[32];
    int descriptor;
    pid_t id;
    if (start->creation->inherit)
        handle_for_each(inherit_handle, start);
    NTSTATUS status = start->status ? start->status : create_block(start, &block, &descriptor);
    if (status)
        return status;
    int passed = descriptor > STDERR_FILENO ? descriptor : temporary_duplicate(start, descriptor);
    snprintf(option, sizeof option, "--start-block=%d", passed);
    char **arguments = loader_arguments(start->creation, option);
    status = arguments ? spawn(start, arguments, environ, passed, &id) : STATUS_NO_MEMORY;
    free(arguments);
    close(descriptor);
    if (!status) {
        rely_on_child(start, id);
        status = make_object(id, block, process);
    }
    if (status)
        start_block_release(block);
    return status;
}

/* Any other program */

static void free_vector(char **strings)
{
    for (char **string = strings; string && *string; string++)
        free(*string);
    free(strings);
}

/* The command line's arguments as a C program would see them; the first names the program for Linux. */
static char **host_arguments(const struct process_creation *creation)
{
    size_t count, size;
    cmdline_parse(creation->command_line, CMDLINE_CRT, NULL, NULL, &count, &size);
    char **arguments = calloc(count + 2, sizeof *arguments);
    WCHAR **wide = malloc((count + 1) * sizeof *wide), *text = malloc((size + 1) * sizeof *text);
    bool complete = arguments && wide && text;
    if (complete) {
        cmdline_parse(creation->command_line, CMDLINE_CRT, wide, text, &count, &size);
        complete = (arguments[0] = strdup(creation->image)) != NULL;
    }
    for (size_t i = 1; complete && i < count; i++) {
        size_t length = utf16_length(wide[i]);
        complete = (arguments[i] = calloc(3 * length + 1, 1)) != NULL;
        if (complete)
            utf8_from_utf16(arguments[i], 3 * length, wide[i], length, UTF_REPLACE);
    }
    free(wide);
    free(text);
    if (complete)
        return arguments;
    free_vector(arguments);
    return NULL;
}

static NTSTATUS start_host_program(struct start *start, struct process **process)
{
    const struct process_creation *creation = start->creation;
    if (creation->suspended)
        return STATUS_NOT_SUPPORTED;
    char **environment =
        creation->environment ? environment_block_to_host(creation->environment) : environment_to_host();
    char **arguments = host_arguments(creation);
    pid_t id;
    NTSTATUS status =
        arguments && environment ? spawn(start, arguments, environment, -1, &id) : STATUS_NO_MEMORY;
    free_vector(arguments);
    free_vector(environment);
    return status ? status : make_object(id, NULL, process);
}

/* Both */

NTSTATUS process_create(const struct process_creation *creation, struct process **process)
{
    struct start start = {.creation = creation};
    choose_standard(&start);
    for (unsigned i = 0; i < 3; i++) {
        if (start.standard_files[i])
            file_share_position(start.standard_files[i]);
    }
    NTSTATUS status = (creation->loader ? start_windows_program : start_host_program)(&start, process);
    for (unsigned i = 0; i < 3; i++) {
        if (start.standard_files[i])
            object_release(start.standard_files[i]);
    }
    for (size_t i = 0; i < start.temporary_count; i++)
        close(start.temporary[i]);
    free(start.temporary);
    free(start.handles);
    return status;
}
