#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernel/environment.h"
#include "kernel/file.h"
#include "kernel/futex.h"
#include "kernel/handle.h"
#include "kernel/process_start.h"
#include "kernel/shared_object.h"
#include "kernel/status.h"
#include "kernel/utf.h"

struct start_block *process_start_block;

/* Making one */

static size_t aligned(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static size_t text_size(const WCHAR *text)
{
    return (utf16_length(text) + 1) * sizeof *text;
}

static size_t environment_size(const WCHAR *block)
{
    const WCHAR *end = block;
    while (*end)
        end += utf16_length(end) + 1;
    return (end + 1 - block) * sizeof *block;
}

/* Gives a part its place behind the others. */
static void place(struct start_part *part, size_t size, size_t *end)
{
    part->offset = *end;
    part->size = size;
    *end += aligned(size);
}

static void fill(struct start_block *block, const struct start_part *part, const void *bytes)
{
    memcpy((char *)block + part->offset, bytes, part->size);
}

static struct start_block *map_new(size_t size, int *descriptor)
{
    *descriptor = memfd_create("litewin-start", MFD_CLOEXEC);
    if (*descriptor < 0)
        return NULL;
    void *memory = ftruncate(*descriptor, size)
                       ? MAP_FAILED
                       : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *descriptor, 0);
    if (memory != MAP_FAILED)
        return memory;
    close(*descriptor);
    return NULL;
}

NTSTATUS start_block_create(const struct start_block *header, const struct start_contents *contents,
                            struct start_block **result, int *descriptor)
{
    struct start_block filled = *header;
    size_t end = aligned(sizeof filled);
    place(&filled.command_line, text_size(contents->command_line), &end);
    place(&filled.title, text_size(contents->title), &end);
    place(&filled.desktop, text_size(contents->desktop), &end);
    place(&filled.environment, environment_size(contents->environment), &end);
    place(&filled.runtime_data, contents->runtime_size, &end);
    place(&filled.handles, contents->handle_count * sizeof *contents->handles, &end);
    filled.size = (end + START_BLOCK_KEPT - 1) & ~(size_t)(START_BLOCK_KEPT - 1);
    struct start_block *block = map_new(filled.size, descriptor);
    if (!block)
        return STATUS_NO_MEMORY;
    *block = filled;
    fill(block, &block->command_line, contents->command_line);
    fill(block, &block->title, contents->title);
    fill(block, &block->desktop, contents->desktop);
    fill(block, &block->environment, contents->environment);
    fill(block, &block->runtime_data, contents->runtime_data);
    fill(block, &block->handles, contents->handles);
    if (filled.size > START_BLOCK_KEPT)
        munmap((char *)block + START_BLOCK_KEPT, filled.size - START_BLOCK_KEPT);
    *result = block;
    return STATUS_SUCCESS;
}

void start_block_release(struct start_block *block)
{
    munmap(block, START_BLOCK_KEPT);
}

void start_block_set_exit_code(struct start_block *block, uint32_t code)
{
    if (__atomic_exchange_n(&block->exit_code_known, 1, __ATOMIC_ACQ_REL))
        return;
    block->exit_code = code;
    __atomic_store_n(&block->exit_ready, 1, __ATOMIC_RELEASE);
}

bool start_block_exit_code(const struct start_block *block, uint32_t *code)
{
    bool ready = __atomic_load_n(&block->exit_ready, __ATOMIC_ACQUIRE);
    if (ready)
        *code = block->exit_code;
    return ready;
}

bool start_block_suspend(struct start_block *block, int change, DWORD *previous)
{
    uint32_t count = __atomic_load_n(&block->suspended, __ATOMIC_ACQUIRE);
    do {
        if (!count)
            return false;
    } while (!__atomic_compare_exchange_n(&block->suspended, &count, count + change, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE));
    *previous = count;
    if (count + change == 0)
        futex_wake_shared(&block->suspended, 1);
    return true;
}

/* In the child */

/* Whether a part lies inside the block and ends as its kind does; nothing else of it is trusted. */
static bool is_text(const struct start_block *block, const struct start_part *part)
{
    if (part->offset % sizeof(WCHAR) || part->offset > block->size ||
        part->size > block->size - part->offset || part->size < sizeof(WCHAR))
        return false;
    const WCHAR *text = (const WCHAR *)((const char *)block + part->offset);
    return text[part->size / sizeof *text - 1] == 0;
}

static bool is_valid(const struct start_block *block, size_t size)
{
    const struct start_part *handles = &block->handles, *data = &block->runtime_data;
    return block->size == size && is_text(block, &block->command_line) && is_text(block, &block->title) &&
           is_text(block, &block->desktop) && is_text(block, &block->environment) && data->offset <= size &&
           data->size <= size - data->offset && handles->offset <= size &&
           handles->size <= size - handles->offset && handles->offset % sizeof(uint32_t) == 0;
}

static UNICODE_STRING string_of(struct start_block *block, const struct start_part *part)
{
    USHORT size = part->size < 0xfffe ? part->size : 0xfffe;
    return (UNICODE_STRING){size - sizeof(WCHAR), size, (WCHAR *)((char *)block + part->offset)};
}

static HANDLE full_handle(uint32_t low)
{
    return (HANDLE)(LONG_PTR)(int32_t)low;
}

/* Several handles of a file come as one descriptor; `previous` are those before this one. */
static struct file *file_of_earlier(const struct start_handle *handles, const struct start_handle *handle)
{
    for (const struct start_handle *previous = handles; previous < handle; previous++) {
        void *file;
        if (previous->descriptor == handle->descriptor &&
            !handle_reference(full_handle(previous->handle), &file_type, 0, &file))
            return file;
    }
    return NULL;
}

static NTSTATUS adopt_file(const struct start_handle *handles, const struct start_handle *handle,
                           struct object **object)
{
    struct file *file = file_of_earlier(handles, handle);
    NTSTATUS status = STATUS_SUCCESS;
    fcntl(handle->descriptor, F_SETFD, FD_CLOEXEC);
    if (!file)
        status = file_from_descriptor(handle->descriptor, handle->access,
                                      FILE_SHARED_POSITION | handle->file_flags, &file);
    *object = (struct object *)file;
    return status;
}

static NTSTATUS adopt_shared(const struct start_handle *handle, struct object **object)
{
    const struct handed_object handed = {handle->kind, handle->descriptor, handle->contents};
    NTSTATUS status = shared_object_take(&handed, object);
    handed_object_close(&handed);
    return status;
}

static void adopt_handle(const struct start_handle *handles, const struct start_handle *handle)
{
    struct object *object;
    if (handle->kind ? adopt_shared(handle, &object) : adopt_file(handles, handle, &object))
        return;
    handle_create_as(object, handle->access, handle->attributes, full_handle(handle->handle));
    object_release(object);
}

static NTSTATUS adopt_environment(const WCHAR *variable)
{
    NTSTATUS status = environment_replace(L"");
    while (!status && *variable) {
        size_t length = utf16_length(variable), name = 1;
        while (name < length && variable[name] != '=')
            name++;
        /* Windows hands on what is no variable; nothing can ask for it by name. */
        if (name < length)
            status = environment_set(variable, name, variable + name + 1, length - name - 1);
        variable += length + 1;
    }
    return status;
}

static void adopt_parameters(struct start_block *block)
{
    struct process_parameters *parameters = &process_parameters;
    parameters->CommandLine = string_of(block, &block->command_line);
    parameters->WindowTitle = string_of(block, &block->title);
    parameters->DesktopInfo = string_of(block, &block->desktop);
    parameters->RuntimeData.Length = parameters->RuntimeData.MaximumLength = block->runtime_data.size;
    if (block->runtime_data.size)
        parameters->RuntimeData.Buffer = (WCHAR *)((char *)block + block->runtime_data.offset);
    parameters->StartingX = block->geometry[0];
    parameters->StartingY = block->geometry[1];
    parameters->CountX = block->geometry[2];
    parameters->CountY = block->geometry[3];
    parameters->CountCharsX = block->geometry[4];
    parameters->CountCharsY = block->geometry[5];
    parameters->FillAttribute = block->fill;
    parameters->WindowFlags = block->window_flags;
    parameters->ShowWindowFlags = block->show_window;
    parameters->StandardInput = full_handle(block->standard[0]);
    parameters->StandardOutput = full_handle(block->standard[1]);
    parameters->StandardError = full_handle(block->standard[2]);
}

NTSTATUS process_start_adopt(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status))
        return status_from_errno(errno);
    if (status.st_size < START_BLOCK_KEPT || status.st_size > INT_MAX)
        return STATUS_INVALID_PARAMETER;
    struct start_block *block = mmap(NULL, status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (block == MAP_FAILED)
        return STATUS_NO_MEMORY;
    if (!is_valid(block, status.st_size))
        return STATUS_INVALID_PARAMETER;
    process_start_block = block;
    const struct start_handle *handles = (struct start_handle *)((char *)block + block->handles.offset);
    for (size_t i = 0; i < block->handles.size / sizeof *handles; i++)
        adopt_handle(handles, &handles[i]);
    adopt_parameters(block);
    if (block->ignores_ctrl_c)
        signal(SIGINT, SIG_IGN);
    return adopt_environment((const WCHAR *)((char *)block + block->environment.offset));
}

void process_start_wait(void)
{
    struct start_block *block = process_start_block;
    uint32_t count;
    while (block && (count = __atomic_load_n(&block->suspended, __ATOMIC_ACQUIRE)))
        futex_wait_shared(&block->suspended, count, FUTEX_FOREVER);
}
