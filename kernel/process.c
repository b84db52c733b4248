#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/pipe_internal.h"
#include "kernel/lock.h"
#include "kernel/named.h"
#include "kernel/path.h"
#include "kernel/process_start.h"
#include "kernel/remote_thread.h"
#include "kernel/thread.h"

struct peb process_environment;
struct process_parameters process_parameters;
void (*process_before_end)(uint32_t code);

static const char *exit_code_file;

struct process process_self;

void process_initialize(void)
{
    waitable_initialize(&process_self.object, &process_type, false);
    process_self.id = getpid();
    remote_thread_initialize(&process_self.main_thread, &process_self);
    process_self.descriptor = -1;
    handle_current_process = &process_self.object.object;
    /* A pipe without a reader is an error to Windows programs, not their end. */
    signal(SIGPIPE, SIG_IGN);
}

static bool reserve(UNICODE_STRING *string, size_t room)
{
    if (string->MaximumLength >= room * sizeof(WCHAR))
        return true;
    WCHAR *larger = realloc(string->Buffer, room * sizeof *larger);
    if (!larger)
        return false;
    string->Buffer = larger;
    string->MaximumLength = room * sizeof *larger;
    return true;
}

/* Another thread may give the process a longer directory between two looks at it. */
static NTSTATUS note_current_directory(UNICODE_STRING *directory)
{
    size_t length = path_current_directory(NULL, 0), room;
    do {
        room = length + 2 < MAX_PATH ? MAX_PATH : length + 2;
        if (!reserve(directory, room))
            return STATUS_NO_MEMORY;
        length = path_current_directory(directory->Buffer, room - 1);
    } while (length >= room - 1);
    if (length && directory->Buffer[length - 1] != '\\') {
        directory->Buffer[length++] = '\\';
        directory->Buffer[length] = 0;
    }
    directory->Length = length * sizeof(WCHAR);
    return STATUS_SUCCESS;
}

/* Programs open relative names through it. As on Windows, it keeps others from removing the directory; a
 * directory that has gone all the same has none. */
static void open_current_directory(HANDLE *handle)
{
    static const struct file_open how = {
        .access = FILE_TRAVERSE | SYNCHRONIZE,
        .share = FILE_SHARE_READ | FILE_SHARE_WRITE,
        .disposition = FILE_OPEN,
        .options = FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT,
    };
    struct host_path path;
    path.kind = PATH_FILE;
    path.directory_only = true;
    strcpy(path.name, ".");
    struct file *directory;
    HANDLE old = *handle;
    *handle = NULL;
    if (!file_open(&path, &how, &directory, NULL)) {
        handle_create((struct object *)directory, file_access(directory), 0, handle);
        object_release(directory);
    }
    if (old)
        handle_close(old);
}

NTSTATUS process_note_current_directory(void)
{
    static struct lock lock;
    lock_acquire(&lock);
    NTSTATUS status = note_current_directory(&process_parameters.CurrentDirectory.DosPath);
    open_current_directory(&process_parameters.CurrentDirectory.Handle);
    lock_release(&lock);
    return status;
}

unsigned process_count_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set))
        return 1;
    /* A mask of processors is pointer-sized in Windows' interfaces. */
    unsigned count = CPU_COUNT(&set), most = 8 * sizeof(void *);
    return count < most ? count : most;
}

int process_exit_status(uint32_t code)
{
    int low = code & 0xff;
    return code && !low ? 255 : low;
}

void process_set_exit_code_file(const char *path)
{
    exit_code_file = path;
}

NTSTATUS process_check_current(HANDLE process, ACCESS_MASK access)
{
    struct object *object;
    NTSTATUS status = handle_reference(process, &process_type, access, &object);
    if (!NT_SUCCESS(status))
        return status;
    if (object != handle_current_process)
        status = STATUS_NOT_SUPPORTED;
    object_release(object);
    return status;
}

static void write_exit_code(uint32_t code)
{
    char text[16];
    int length = snprintf(text, sizeof text, "%u\n", code);
    int fd = open(exit_code_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || write(fd, text, length) != length)
        dprintf(STDERR_FILENO, "litewin: cannot write the exit code to %s: %s\n", exit_code_file,
                strerror(errno));
    if (fd >= 0)
        close(fd);
}

void process_terminate(uint32_t code)
{
    if (process_before_end)
        process_before_end(code);
    pipe_leave_names();
    named_leave();
    if (exit_code_file)
        write_exit_code(code);
    if (process_start_block)
        start_block_set_exit_code(process_start_block, code);
    _exit(process_exit_status(code));
}
