#include "dlls/kernel32/remote_modules.h"
#include "kernel/handle.h"
#include "kernel/process_memory.h"
#include "kernel/remote_handle.h"

/* The structures of a process of either architecture, by the size of a pointer there. */
struct layout {
    size_t pointer;
    size_t peb_loader, list;                    /* the PEB's member, and that of what it points to */
    size_t base, entry_point, size, path, name; /* of an entry of the list */
    size_t load_count, entry;                   /* and how much of one is looked at */
};

static const struct layout layouts[] = {
    {4, 0x0c, 0x0c, 0x18, 0x1c, 0x20, 0x24, 0x2c, 0x38, 0x3c},
    {8, 0x18, 0x10, 0x30, 0x38, 0x40, 0x48, 0x58, 0x6c, 0x70},
};

enum { LONGEST_ENTRY = 0x70, MOST_MODULES = 10000 };

static bool read_all(HANDLE process, uint64_t address, void *buffer, SIZE_T size)
{
    SIZE_T copied;
    return NT_SUCCESS(process_read(process, (void *)(uintptr_t)address, buffer, size, &copied));
}

static uint64_t pointer_at(const struct layout *layout, const uint8_t *place)
{
    uint64_t value = 0;
    memcpy(&value, place, layout->pointer);
    return value;
}

/* A UNICODE_STRING, cut where there is no room for it. */
static bool read_text(HANDLE process, const struct layout *layout, const uint8_t *string,
                      WCHAR text[MAX_PATH])
{
    USHORT length;
    memcpy(&length, string, sizeof length);
    length = min(length / sizeof *text, MAX_PATH - 1);
    text[length] = 0;
    return read_all(process, pointer_at(layout, string + layout->pointer), text, length * sizeof *text);
}

static bool read_module(HANDLE process, const struct layout *layout, const uint8_t *entry,
                        struct remote_module *module)
{
    module->base = (void *)(uintptr_t)pointer_at(layout, entry + layout->base);
    module->entry_point = (void *)(uintptr_t)pointer_at(layout, entry + layout->entry_point);
    memcpy(&module->size, entry + layout->size, sizeof module->size);
    memcpy(&module->load_count, entry + layout->load_count, sizeof module->load_count);
    return read_text(process, layout, entry + layout->path, module->path) &&
           read_text(process, layout, entry + layout->name, module->name);
}

/* The process goes on meanwhile: a list that changes under the reader's eyes ends early, or fails. */
static NTSTATUS walk(HANDLE process, const struct layout *layout, uint64_t peb,
                     bool (*visit)(const struct remote_module *module, void *context), void *context)
{
    uint8_t entry[LONGEST_ENTRY];
    struct remote_module module;
    uint64_t list = 0, next = 0;
    if (!read_all(process, peb + layout->peb_loader, &list, layout->pointer))
        return STATUS_PARTIAL_COPY;
    list += layout->list;
    if (!read_all(process, list, &next, layout->pointer))
        return STATUS_PARTIAL_COPY;
    for (unsigned i = 0; next != list && i < MOST_MODULES; i++) {
        if (!read_all(process, next, entry, layout->entry) || !read_module(process, layout, entry, &module))
            return STATUS_PARTIAL_COPY;
        if (!visit(&module, context))
            break;
        next = pointer_at(layout, entry);
    }
    return STATUS_SUCCESS;
}

NTSTATUS remote_modules_read(HANDLE handle, bool (*visit)(const struct remote_module *module, void *context),
                             void *context)
{
    struct process *process;
    struct process_summary summary;
    NTSTATUS status =
        handle_reference(handle, &process_type, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process_summarize(process, &summary);
    object_release(process);
    if (!NT_SUCCESS(status))
        return status;
    if (!summary.is_32_bit && sizeof(void *) == 4)
        return STATUS_PARTIAL_COPY;
    return walk(handle, &layouts[!summary.is_32_bit], summary.peb, visit, context);
}
