/* Memory of this process or of another, by a handle: here it is done, or asked for, or served. */
#include "kernel/handle.h"
#include "kernel/process_memory.h"
#include "kernel/remote.h"

static uint64_t value_of(const void *pointer)
{
    return (uintptr_t)pointer;
}

static void *pointer_of(uint64_t value)
{
    return (void *)(uintptr_t)value;
}

/* Asking */

/* The process, retained. */
static NTSTATUS reference(HANDLE handle, ACCESS_MASK access, struct process **process)
{
    return handle_reference(handle, &process_type, access, process);
}

/* A 32-bit process cannot be told of an address that it has no room for. */
static NTSTATUS check_address(uint64_t address)
{
    return address == (uintptr_t)address ? STATUS_SUCCESS : STATUS_INVALID_ADDRESS;
}

/* The values of all calls begin with these two. */
static NTSTATUS call_for_range(struct process *process, struct remote_call *call, void **address,
                               SIZE_T *size)
{
    call->values[0] = value_of(*address);
    call->values[1] = *size;
    NTSTATUS status = remote_call(process, call);
    if (NT_SUCCESS(status))
        status = check_address(call->values[0]);
    if (NT_SUCCESS(status)) {
        *address = pointer_of(call->values[0]);
        *size = call->values[1];
    }
    return status;
}

static NTSTATUS ask_to_allocate(struct process *process, void **address, SIZE_T *size, DWORD type,
                                DWORD protect, const struct vm_requirements *requirements)
{
    static const struct vm_requirements none;
    const struct vm_requirements *wanted = requirements ? requirements : &none;
    struct remote_call call = {
        .operation = REMOTE_ALLOCATE,
        .values = {0, 0, type, protect, wanted->lowest, wanted->highest, wanted->alignment, wanted->extended},
    };
    if (!call.values[5] && !*address && sizeof(void *) == 4)
        call.values[5] = UINT32_MAX;
    return call_for_range(process, &call, address, size);
}

NTSTATUS process_allocate(HANDLE handle, void **address, SIZE_T *size, DWORD type, DWORD protect,
                          const struct vm_requirements *requirements)
{
    struct process *process;
    NTSTATUS status = reference(handle, PROCESS_VM_OPERATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    if (process == &process_self)
        status = vm_allocate(address, size, type, protect, requirements);
    else
        status = ask_to_allocate(process, address, size, type, protect, requirements);
    object_release(process);
    return status;
}

NTSTATUS process_free(HANDLE handle, void **address, SIZE_T *size, DWORD type)
{
    struct process *process;
    struct remote_call call = {.operation = REMOTE_FREE, .values = {0, 0, type}};
    NTSTATUS status = reference(handle, PROCESS_VM_OPERATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process == &process_self ? vm_free(address, size, type)
                                      : call_for_range(process, &call, address, size);
    object_release(process);
    return status;
}

NTSTATUS process_protect(HANDLE handle, void **address, SIZE_T *size, DWORD protect, DWORD *old)
{
    struct process *process;
    struct remote_call call = {.operation = REMOTE_PROTECT, .values = {0, 0, protect}};
    NTSTATUS status = reference(handle, PROCESS_VM_OPERATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    if (process == &process_self) {
        status = vm_protect_pages(address, size, protect, old);
    } else {
        status = call_for_range(process, &call, address, size);
        if (NT_SUCCESS(status))
            *old = call.values[2];
    }
    object_release(process);
    return status;
}

static NTSTATUS ask_about(struct process *process, enum remote_operation operation, const void *address,
                          struct remote_call *call)
{
    *call = (struct remote_call){.operation = operation, .values = {value_of(address)}};
    return remote_call(process, call);
}

/* What lies above the addresses that a 32-bit process knows of is cut off. */
static SIZE_T size_from(uint64_t value)
{
    return value > SIZE_MAX ? SIZE_MAX & -(SIZE_T)VM_PAGE : value;
}

static NTSTATUS ask_for_region(struct process *process, const void *address,
                               MEMORY_BASIC_INFORMATION *information)
{
    struct remote_call call;
    NTSTATUS status = ask_about(process, REMOTE_QUERY, address, &call);
    if (!NT_SUCCESS(status))
        return status;
    *information = (MEMORY_BASIC_INFORMATION){
        .BaseAddress = pointer_of(call.values[0]),
        .AllocationBase = pointer_of(call.values[1]),
        .AllocationProtect = call.values[2],
        .RegionSize = size_from(call.values[3]),
        .State = call.values[4],
        .Protect = call.values[5],
        .Type = call.values[6],
    };
    return STATUS_SUCCESS;
}

NTSTATUS process_query(HANDLE handle, const void *address, MEMORY_BASIC_INFORMATION *information)
{
    struct process *process;
    NTSTATUS status = reference(handle, PROCESS_QUERY_INFORMATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process == &process_self ? vm_query(address, information)
                                      : ask_for_region(process, address, information);
    object_release(process);
    return status;
}

static NTSTATUS ask_for_allocation(struct process *process, const void *address,
                                   struct vm_allocation_information *information)
{
    struct remote_call call;
    NTSTATUS status = ask_about(process, REMOTE_QUERY_ALLOCATION, address, &call);
    if (!NT_SUCCESS(status))
        return status;
    *information = (struct vm_allocation_information){
        .base = pointer_of(call.values[0]),
        .size = size_from(call.values[1]),
        .committed = size_from(call.values[2]),
        .type = call.values[3],
        .protect = call.values[4],
        .page_file = call.values[5],
    };
    return STATUS_SUCCESS;
}

NTSTATUS process_query_allocation(HANDLE handle, const void *address,
                                  struct vm_allocation_information *information)
{
    struct process *process;
    NTSTATUS status = reference(handle, PROCESS_QUERY_INFORMATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process == &process_self ? vm_query_allocation(address, information)
                                      : ask_for_allocation(process, address, information);
    object_release(process);
    return status;
}

static NTSTATUS query_own_page(const void *address, struct vm_page_information *information)
{
    return vm_query_page(address, information) ? STATUS_SUCCESS : STATUS_INVALID_ADDRESS;
}

static NTSTATUS ask_for_page(struct process *process, const void *address,
                             struct vm_page_information *information)
{
    struct remote_call call;
    NTSTATUS status = ask_about(process, REMOTE_QUERY_PAGE, address, &call);
    if (NT_SUCCESS(status))
        *information = (struct vm_page_information){call.values[0], call.values[1], call.values[2]};
    return status;
}

NTSTATUS process_query_page(HANDLE handle, const void *address, struct vm_page_information *information)
{
    struct process *process;
    NTSTATUS status = reference(handle, PROCESS_QUERY_INFORMATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process == &process_self ? query_own_page(address, information)
                                      : ask_for_page(process, address, information);
    object_release(process);
    return status;
}

NTSTATUS (*process_find_mapped_name)(const void *address, char name[PATH_MAX]);

static NTSTATUS ask_for_mapped_name(struct process *process, const void *address, char name[PATH_MAX])
{
    struct remote_call call = {
        .operation = REMOTE_MAPPED_NAME,
        .values = {value_of(address)},
        .data = name,
    };
    _Static_assert(REMOTE_DATA < PATH_MAX, "it fits, and is terminated");
    NTSTATUS status = remote_call(process, &call);
    name[NT_SUCCESS(status) ? call.size : 0] = '\0';
    return status;
}

NTSTATUS process_mapped_name(HANDLE handle, const void *address, char name[PATH_MAX])
{
    struct process *process;
    NTSTATUS status = reference(handle, PROCESS_QUERY_INFORMATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process == &process_self ? process_find_mapped_name(address, name)
                                      : ask_for_mapped_name(process, address, name);
    object_release(process);
    return status;
}

static NTSTATUS change_lock(HANDLE handle, enum remote_operation operation,
                            NTSTATUS (*own)(void *address, SIZE_T size), void *address, SIZE_T size)
{
    struct process *process;
    struct remote_call call = {.operation = operation};
    NTSTATUS status = reference(handle, PROCESS_VM_OPERATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process == &process_self ? own(address, size) : call_for_range(process, &call, &address, &size);
    object_release(process);
    return status;
}

NTSTATUS process_lock_pages(HANDLE process, void *address, SIZE_T size)
{
    return change_lock(process, REMOTE_LOCK, vm_lock_pages, address, size);
}

NTSTATUS process_unlock_pages(HANDLE process, void *address, SIZE_T size)
{
    return change_lock(process, REMOTE_UNLOCK, vm_unlock_pages, address, size);
}

/* Watched writes */

NTSTATUS process_reset_written_pages(HANDLE process, void *address, SIZE_T size)
{
    return change_lock(process, REMOTE_RESET_WRITTEN_PAGES, vm_reset_written_pages, address, size);
}

enum { PAGES_PER_CALL = REMOTE_DATA / sizeof(uint64_t) };

/* As many as one call has room for, from the start of the range. */
static NTSTATUS ask_for_written_pages(struct process *process, void *address, SIZE_T size, bool reset,
                                      void **pages, ULONG_PTR *count)
{
    uint64_t addresses[PAGES_PER_CALL];
    struct remote_call call = {
        .operation = REMOTE_WRITTEN_PAGES,
        .values = {value_of(address), size, reset, min(*count, (ULONG_PTR)PAGES_PER_CALL)},
        .data = addresses,
    };
    NTSTATUS status = remote_call(process, &call);
    if (!NT_SUCCESS(status))
        return status;
    *count = call.size / sizeof *addresses;
    for (ULONG_PTR i = 0; i < *count; i++)
        pages[i] = pointer_of(addresses[i]);
    return STATUS_SUCCESS;
}

static NTSTATUS ask_for_all_written_pages(struct process *process, void *address, SIZE_T size, bool reset,
                                          void **pages, ULONG_PTR *count)
{
    uintptr_t end = (uintptr_t)address + size;
    ULONG_PTR found = 0, more;
    NTSTATUS status;
    do {
        more = *count - found;
        status =
            ask_for_written_pages(process, address, end - (uintptr_t)address, reset, pages + found, &more);
        if (!NT_SUCCESS(status))
            return status;
        found += more;
        if (more)
            address = (char *)pages[found - 1] + VM_PAGE;
    } while (more == PAGES_PER_CALL && found < *count && (uintptr_t)address < end);
    *count = found;
    return STATUS_SUCCESS;
}

NTSTATUS process_written_pages(HANDLE handle, void *address, SIZE_T size, bool reset, void **pages,
                               ULONG_PTR *count)
{
    struct process *process;
    NTSTATUS status = reference(handle, PROCESS_VM_OPERATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process == &process_self
                 ? vm_written_pages(address, size, reset, pages, count)
                 : ask_for_all_written_pages(process, address, size, reset, pages, count);
    object_release(process);
    return status;
}

/* Contents: Linux copies them without the other process's help, where it lets one process look into another
 * and the memory is there. For the rest the other one is asked: it may be kept back in a container or a
 * hardened system, or be memory that a fault brings about. */

/* Windows looks before it writes, and writes nothing if something is missing. Memory of Linux's own is in no
 * region, and there. */
static bool is_readable(const void *buffer, SIZE_T size)
{
    MEMORY_BASIC_INFORMATION region;
    const char *at = buffer, *end = at + size;
    for (; at < end; at = (char *)region.BaseAddress + region.RegionSize) {
        if (!NT_SUCCESS(vm_query(at, &region)))
            return false;
        if (region.State == MEM_RESERVE || (region.State == MEM_COMMIT && region.Protect & PAGE_NOACCESS))
            return false;
    }
    return true;
}

/* As much as one call has room for. */
static SIZE_T ask_to_copy(struct process *process, char *address, char *buffer, SIZE_T size, bool write)
{
    char data[REMOTE_DATA];
    SIZE_T part = min(size, sizeof data);
    struct remote_call call = {
        .operation = write ? REMOTE_WRITE : REMOTE_READ,
        .values = {value_of(address), part},
        .data = data,
        .size = write ? part : 0,
    };
    if (write)
        memcpy(data, buffer, part);
    if (!NT_SUCCESS(remote_call(process, &call)))
        return 0;
    SIZE_T copied = min(call.values[1], part);
    return write ? copied : vm_copy(buffer, data, copied);
}

static SIZE_T copy_foreign(struct process *process, char *address, char *buffer, SIZE_T size, bool write)
{
    SIZE_T copied = 0;
    while (copied < size) {
        ssize_t step = vm_copy_process(process->id, address + copied, buffer + copied, size - copied, write);
        if (step <= 0)
            step = ask_to_copy(process, address + copied, buffer + copied, size - copied, write);
        if (!step)
            break;
        copied += step;
    }
    return copied;
}

static NTSTATUS copy(HANDLE handle, ACCESS_MASK access, void *address, void *buffer, SIZE_T size, bool write,
                     SIZE_T *copied)
{
    struct process *process;
    NTSTATUS status = reference(handle, access, &process);
    *copied = 0;
    if (!NT_SUCCESS(status))
        return status;
    vm_prepare(buffer, size, !write);
    if (process == &process_self) {
        vm_prepare(address, size, write);
        *copied = write ? vm_copy(address, buffer, size) : vm_copy(buffer, address, size);
    } else if (!write || is_readable(buffer, size)) {
        *copied = copy_foreign(process, address, buffer, size, write);
    }
    object_release(process);
    return *copied == size ? STATUS_SUCCESS : STATUS_PARTIAL_COPY;
}

NTSTATUS process_read(HANDLE process, const void *address, void *buffer, SIZE_T size, SIZE_T *copied)
{
    return copy(process, PROCESS_VM_READ, (void *)address, buffer, size, false, copied);
}

NTSTATUS process_write(HANDLE process, void *address, const void *buffer, SIZE_T size, SIZE_T *copied)
{
    return copy(process, PROCESS_VM_WRITE, address, (void *)buffer, size, true, copied);
}

/* Serving */

/* What a 64-bit process says may be more than there is here. */
static NTSTATUS take_range(const struct remote_call *call, void **address, SIZE_T *size)
{
    *address = pointer_of(call->values[0]);
    *size = call->values[1];
    return call->values[0] == value_of(*address) && call->values[1] == *size ? STATUS_SUCCESS
                                                                             : STATUS_INVALID_PARAMETER;
}

static NTSTATUS tell_range(struct remote_call *call, NTSTATUS status, const void *address, SIZE_T size)
{
    call->values[0] = value_of(address);
    call->values[1] = size;
    return status;
}

static NTSTATUS serve_allocate(struct remote_call *call)
{
    void *address;
    SIZE_T size;
    NTSTATUS status = take_range(call, &address, &size);
    if (!NT_SUCCESS(status))
        return status;
    const struct vm_requirements requirements = {
        .lowest = call->values[4],
        .highest = call->values[5] < vm_highest_address() ? call->values[5] : 0,
        .alignment = call->values[6],
        .extended = call->values[7],
    };
    status = vm_allocate(&address, &size, call->values[2], call->values[3], &requirements);
    return tell_range(call, status, address, size);
}

static NTSTATUS serve_free(struct remote_call *call)
{
    void *address;
    SIZE_T size;
    NTSTATUS status = take_range(call, &address, &size);
    if (NT_SUCCESS(status))
        status = vm_free(&address, &size, call->values[2]);
    return tell_range(call, status, address, size);
}

static NTSTATUS serve_protect(struct remote_call *call)
{
    void *address;
    SIZE_T size;
    DWORD old = 0;
    NTSTATUS status = take_range(call, &address, &size);
    if (NT_SUCCESS(status))
        status = vm_protect_pages(&address, &size, call->values[2], &old);
    call->values[2] = old;
    return tell_range(call, status, address, size);
}

static NTSTATUS serve_query(struct remote_call *call)
{
    MEMORY_BASIC_INFORMATION information;
    NTSTATUS status = vm_query(pointer_of(call->values[0]), &information);
    if (!NT_SUCCESS(status))
        return status;
    call->values[0] = value_of(information.BaseAddress);
    call->values[1] = value_of(information.AllocationBase);
    call->values[2] = information.AllocationProtect;
    call->values[3] = information.RegionSize;
    call->values[4] = information.State;
    call->values[5] = information.Protect;
    call->values[6] = information.Type;
    return STATUS_SUCCESS;
}

static NTSTATUS serve_query_allocation(struct remote_call *call)
{
    struct vm_allocation_information information;
    NTSTATUS status = vm_query_allocation(pointer_of(call->values[0]), &information);
    if (!NT_SUCCESS(status))
        return status;
    call->values[0] = value_of(information.base);
    call->values[1] = information.size;
    call->values[2] = information.committed;
    call->values[3] = information.type;
    call->values[4] = information.protect;
    call->values[5] = information.page_file;
    return STATUS_SUCCESS;
}

static NTSTATUS serve_query_page(struct remote_call *call)
{
    struct vm_page_information information;
    NTSTATUS status = query_own_page(pointer_of(call->values[0]), &information);
    if (!NT_SUCCESS(status))
        return status;
    call->values[0] = information.protect;
    call->values[1] = information.type;
    call->values[2] = information.shared;
    return STATUS_SUCCESS;
}

static NTSTATUS serve_lock(struct remote_call *call)
{
    void *address;
    SIZE_T size;
    NTSTATUS status = take_range(call, &address, &size);
    return NT_SUCCESS(status) ? vm_lock_pages(address, size) : status;
}

static NTSTATUS serve_unlock(struct remote_call *call)
{
    void *address;
    SIZE_T size;
    NTSTATUS status = take_range(call, &address, &size);
    return NT_SUCCESS(status) ? vm_unlock_pages(address, size) : status;
}

static NTSTATUS serve_reset_written_pages(struct remote_call *call)
{
    void *address;
    SIZE_T size;
    NTSTATUS status = take_range(call, &address, &size);
    return NT_SUCCESS(status) ? vm_reset_written_pages(address, size) : status;
}

static NTSTATUS serve_written_pages(struct remote_call *call)
{
    void *address, *pages[PAGES_PER_CALL];
    SIZE_T size;
    uint64_t *addresses = call->data;
    ULONG_PTR count = min(call->values[3], (uint64_t)PAGES_PER_CALL);
    NTSTATUS status = take_range(call, &address, &size);
    if (NT_SUCCESS(status))
        status = vm_written_pages(address, size, call->values[2], pages, &count);
    if (!NT_SUCCESS(status))
        return status;
    for (ULONG_PTR i = 0; i < count; i++)
        addresses[i] = value_of(pages[i]);
    call->size = count * sizeof *addresses;
    return STATUS_SUCCESS;
}

static NTSTATUS serve_mapped_name(struct remote_call *call)
{
    char name[PATH_MAX];
    if (!process_find_mapped_name)
        return STATUS_NOT_SUPPORTED;
    NTSTATUS status = process_find_mapped_name(pointer_of(call->values[0]), name);
    if (!NT_SUCCESS(status))
        return status;
    call->size = strlen(name);
    if (call->size > REMOTE_DATA)
        return STATUS_NAME_TOO_LONG;
    memcpy(call->data, name, call->size);
    return STATUS_SUCCESS;
}

static NTSTATUS serve_read(struct remote_call *call)
{
    void *address;
    SIZE_T size;
    NTSTATUS status = take_range(call, &address, &size);
    if (!NT_SUCCESS(status) || size > REMOTE_DATA)
        return STATUS_INVALID_PARAMETER;
    vm_prepare(address, size, false);
    call->size = call->values[1] = vm_copy(call->data, address, size);
    return STATUS_SUCCESS;
}

static NTSTATUS serve_write(struct remote_call *call)
{
    void *address;
    SIZE_T size;
    NTSTATUS status = take_range(call, &address, &size);
    if (!NT_SUCCESS(status) || size > call->size)
        return STATUS_INVALID_PARAMETER;
    vm_prepare(address, size, true);
    call->values[1] = vm_copy(address, call->data, size);
    call->size = 0;
    return STATUS_SUCCESS;
}

const remote_server remote_memory_servers[REMOTE_OPERATIONS] = {
    [REMOTE_ALLOCATE] = serve_allocate,
    [REMOTE_FREE] = serve_free,
    [REMOTE_PROTECT] = serve_protect,
    [REMOTE_QUERY] = serve_query,
    [REMOTE_QUERY_ALLOCATION] = serve_query_allocation,
    [REMOTE_QUERY_PAGE] = serve_query_page,
    [REMOTE_LOCK] = serve_lock,
    [REMOTE_UNLOCK] = serve_unlock,
    [REMOTE_WRITTEN_PAGES] = serve_written_pages,
    [REMOTE_RESET_WRITTEN_PAGES] = serve_reset_written_pages,
    [REMOTE_MAPPED_NAME] = serve_mapped_name,
    [REMOTE_READ] = serve_read,
    [REMOTE_WRITE] = serve_write,
};
