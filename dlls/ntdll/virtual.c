#include <stdio.h>

#include "dlls/ntdll/memory_parameters.h"
#include "dlls/ntdll/virtual.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/path.h"
#include "kernel/process.h"
#include "kernel/process_memory.h"
#include "kernel/section.h"
#include "loader/module.h"

/* The address space of a process, under the names that MinGW-w64's headers do not declare. */

NTSTATUS WINAPI NtAllocateVirtualMemory(HANDLE process, void **address, ULONG_PTR zero_bits, SIZE_T *size,
                                        ULONG type, ULONG protect)
{
    struct vm_requirements requirements = {0};
    NTSTATUS status = memory_zero_bits(zero_bits, &requirements);
    return NT_SUCCESS(status) ? process_allocate(process, address, size, type, protect, &requirements)
                              : status;
}

NTSTATUS WINAPI NtAllocateVirtualMemoryEx(HANDLE process, void **address, SIZE_T *size, ULONG type,
                                          ULONG protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    struct vm_requirements requirements = {0};
    NTSTATUS status = memory_parameters(parameters, count, &requirements);
    if (!NT_SUCCESS(status))
        return status;
    /* An address and requirements for one exclude each other. */
    if (*address && (requirements.lowest || requirements.highest || requirements.alignment))
        return STATUS_INVALID_PARAMETER;
    return process_allocate(process, address, size, type, protect, &requirements);
}

NTSTATUS WINAPI NtFreeVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG type)
{
    return process_free(process, address, size, type);
}

NTSTATUS WINAPI NtProtectVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG protect,
                                       ULONG *old)
{
    if (!old)
        return STATUS_ACCESS_VIOLATION;
    DWORD previous;
    NTSTATUS status = process_protect(process, address, size, protect, &previous);
    if (NT_SUCCESS(status))
        *old = previous;
    return status;
}

/* Queries */

static ULONG region_kind(const struct vm_allocation_information *allocation)
{
    if (allocation->type == MEM_PRIVATE)
        return REGION_PRIVATE;
    if (allocation->type == MEM_IMAGE)
        return REGION_IMAGE;
    return allocation->page_file ? REGION_PAGE_FILE : REGION_DATA_FILE;
}

/* What kind of memory it is says only the newer of the two classes. The first version of the structure ended
 * with the size. */
static NTSTATUS query_region(HANDLE process, const void *address, bool with_kind, void *buffer, SIZE_T size)
{
    struct vm_allocation_information allocation;
    NTSTATUS status = process_query_allocation(process, address, &allocation);
    if (!NT_SUCCESS(status))
        return status;
    const struct memory_region_information information = {
        .base = allocation.base,
        .protect = allocation.protect,
        .flags = with_kind ? region_kind(&allocation) : 0,
        .size = allocation.size,
        .committed = allocation.committed,
    };
    memcpy(buffer, &information, min(size, sizeof information));
    return STATUS_SUCCESS;
}

/* MEMORY_IMAGE_INFORMATION. */
struct image_information {
    void *base;
    SIZE_T size;
    ULONG flags;
};

static NTSTATUS query_image(HANDLE process, const void *address, struct image_information *information)
{
    struct vm_allocation_information allocation;
    NTSTATUS status = process_query_allocation(process, address, &allocation);
    if (!NT_SUCCESS(status))
        return status;
    bool is_image = allocation.type == MEM_IMAGE;
    *information = (struct image_information){
        .base = is_image ? allocation.base : NULL,
        .size = is_image ? allocation.size : 0,
    };
    return STATUS_SUCCESS;
}

/* The bits that a protection has in working set information. */
static unsigned working_set_protection(DWORD protect)
{
    static const unsigned values[] = {0, 0, 1, 4, 5, 2, 3, 6, 7};
    unsigned value = values[__builtin_ffs(protect & 0xFF)];
    if (protect & PAGE_NOCACHE)
        value |= 8;
    return protect & PAGE_GUARD ? value | 16 : value;
}

static NTSTATUS query_working_set(HANDLE process, PSAPI_WORKING_SET_EX_INFORMATION *pages, SIZE_T count)
{
    for (SIZE_T i = 0; i < count; i++) {
        struct vm_page_information page;
        PSAPI_WORKING_SET_EX_BLOCK block = {0};
        NTSTATUS status = process_query_page(process, pages[i].VirtualAddress, &page);
        if (!NT_SUCCESS(status) && status != STATUS_INVALID_ADDRESS)
            return status;
        if (NT_SUCCESS(status)) {
            block.Valid = 1;
            block.ShareCount = page.shared;
            block.Shared = page.shared;
            block.Win32Protection = working_set_protection(page.protect);
        }
        pages[i].VirtualAttributes = block;
    }
    return STATUS_SUCCESS;
}

/* The names of mapped files */

NTSTATUS virtual_mapped_name(const void *address, char name[PATH_MAX])
{
    NTSTATUS status = STATUS_INVALID_ADDRESS;
    struct object *owner = vm_view_owner(address);
    struct file *file = owner ? section_file(owner) : NULL;
    const struct module *module = owner ? NULL : module_from_address(address);
    if (file)
        status = file_host_name(file, name);
    else if (owner)
        status = STATUS_FILE_INVALID;
    if (owner)
        object_release(owner);
    if (module) {
        snprintf(name, PATH_MAX, "%s", module->host_path);
        status = STATUS_SUCCESS;
    }
    return status;
}

/* The UNICODE_STRING is followed by its text. Every drive is on the one volume. */
static NTSTATUS query_mapped_name(HANDLE process, const void *address, void *buffer, SIZE_T size,
                                  SIZE_T *returned)
{
    static const WCHAR volume[] = L"\\Device\\HarddiskVolume1";
    enum { VOLUME_LENGTH = ARRAYSIZE(volume) - 1, DRIVE_LENGTH = 2 };
    char host[PATH_MAX];
    WCHAR name[PATH_MAX + VOLUME_LENGTH];
    NTSTATUS status = process_mapped_name(process, address, host);
    if (!NT_SUCCESS(status))
        return status;
    /* The drive's letter and colon, which come first, are written over. */
    WCHAR *path = name + VOLUME_LENGTH - DRIVE_LENGTH;
    size_t length = path_from_host(host, path, PATH_MAX) + VOLUME_LENGTH - DRIVE_LENGTH;
    memcpy(name, volume, VOLUME_LENGTH * sizeof *name);
    SIZE_T bytes = length * sizeof *name, needed = sizeof(UNICODE_STRING) + bytes + sizeof *name;
    if (returned)
        *returned = needed;
    if (size < sizeof(UNICODE_STRING))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (size < needed)
        return STATUS_BUFFER_OVERFLOW;
    UNICODE_STRING *string = buffer;
    string->Buffer = (WCHAR *)(string + 1);
    string->Length = bytes;
    string->MaximumLength = bytes + sizeof *name;
    memcpy(string->Buffer, name, bytes);
    string->Buffer[length] = 0;
    return STATUS_SUCCESS;
}

static SIZE_T information_size(enum memory_class class)
{
    switch (class) {
    case MEMORY_BASIC_CLASS:
        return sizeof(MEMORY_BASIC_INFORMATION);
    case MEMORY_REGION_CLASS:
    case MEMORY_REGION_EX_CLASS:
        return offsetof(struct memory_region_information, committed);
    case MEMORY_WORKING_SET_EX_CLASS:
        return sizeof(PSAPI_WORKING_SET_EX_INFORMATION);
    case MEMORY_IMAGE_CLASS:
        return sizeof(struct image_information);
    default:
        return 0;
    }
}

NTSTATUS WINAPI NtQueryVirtualMemory(HANDLE process, const void *address, ULONG class, void *buffer,
                                     SIZE_T size, SIZE_T *returned)
{
    NTSTATUS status;
    if (class == MEMORY_FILENAME_CLASS)
        return query_mapped_name(process, address, buffer, size, returned);
    SIZE_T needed = information_size(class);
    if (!needed)
        return STATUS_INVALID_INFO_CLASS;
    if (size < needed)
        return STATUS_INFO_LENGTH_MISMATCH;
    switch (class) {
    case MEMORY_BASIC_CLASS:
        status = process_query(process, address, buffer);
        break;
    case MEMORY_REGION_CLASS:
    case MEMORY_REGION_EX_CLASS:
        status = query_region(process, address, class == MEMORY_REGION_EX_CLASS, buffer, size);
        needed = min(size, sizeof(struct memory_region_information));
        break;
    case MEMORY_IMAGE_CLASS:
        status = query_image(process, address, buffer);
        break;
    default:
        needed = size;
        status = query_working_set(process, buffer, size / sizeof(PSAPI_WORKING_SET_EX_INFORMATION));
    }
    if (NT_SUCCESS(status) && returned)
        *returned = needed;
    return status;
}

/* Pages */

static void round_to_pages(void **address, SIZE_T *size)
{
    SIZE_T before = (uintptr_t)*address % VM_PAGE;
    *address = (char *)*address - before;
    *size = (*size + before + VM_PAGE - 1) & -(SIZE_T)VM_PAGE;
}

NTSTATUS WINAPI NtLockVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG type)
{
    NTSTATUS status = process_lock_pages(process, *address, *size);
    if (NT_SUCCESS(status))
        round_to_pages(address, size);
    return status;
}

NTSTATUS WINAPI NtUnlockVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG type)
{
    NTSTATUS status = process_unlock_pages(process, *address, *size);
    if (NT_SUCCESS(status))
        round_to_pages(address, size);
    return status;
}

NTSTATUS WINAPI NtGetWriteWatch(HANDLE process, ULONG flags, void *address, SIZE_T size, void **pages,
                                ULONG_PTR *count, ULONG *granularity)
{
    if (!count || !granularity)
        return STATUS_ACCESS_VIOLATION;
    if (flags & ~(ULONG)WRITE_WATCH_FLAG_RESET || *count == 0 || size == 0)
        return STATUS_INVALID_PARAMETER;
    if (!pages)
        return STATUS_ACCESS_VIOLATION;
    NTSTATUS status =
        process_written_pages(process, address, size, flags & WRITE_WATCH_FLAG_RESET, pages, count);
    if (NT_SUCCESS(status))
        *granularity = VM_PAGE;
    return status;
}

NTSTATUS WINAPI NtResetWriteWatch(HANDLE process, void *address, SIZE_T size)
{
    return process_reset_written_pages(process, address, size);
}

/* VM_PREFETCH: the one class that there is; its data are flags, all zero. */
NTSTATUS WINAPI NtSetInformationVirtualMemory(HANDLE process, ULONG class, ULONG_PTR count,
                                              WIN32_MEMORY_RANGE_ENTRY *ranges, void *information, ULONG size)
{
    if (class != 0)
        return STATUS_INVALID_PARAMETER_2;
    if (!information)
        return STATUS_INVALID_PARAMETER_5;
    if (size != sizeof(ULONG))
        return STATUS_INVALID_PARAMETER_6;
    if (count == 0)
        return STATUS_INVALID_PARAMETER_3;
    if (!ranges)
        return STATUS_ACCESS_VIOLATION;
    NTSTATUS status = process_check_current(process, PROCESS_VM_OPERATION);
    for (ULONG_PTR i = 0; NT_SUCCESS(status) && i < count; i++) {
        if (ranges[i].NumberOfBytes == 0)
            return STATUS_INVALID_PARAMETER_4;
        vm_prefetch(ranges[i].VirtualAddress, ranges[i].NumberOfBytes);
    }
    return status;
}

NTSTATUS WINAPI NtReadVirtualMemory(HANDLE process, const void *address, void *buffer, SIZE_T size,
                                    SIZE_T *read)
{
    SIZE_T copied;
    NTSTATUS status = process_read(process, address, buffer, size, &copied);
    if (read)
        *read = copied;
    return status;
}

NTSTATUS WINAPI NtWriteVirtualMemory(HANDLE process, void *address, const void *buffer, SIZE_T size,
                                     SIZE_T *written)
{
    SIZE_T copied;
    NTSTATUS status = process_write(process, address, buffer, size, &copied);
    if (written)
        *written = copied;
    return status;
}

NTSTATUS WINAPI NtFlushInstructionCache(HANDLE process, const void *address, SIZE_T size)
{
    struct process *target;
    NTSTATUS status = handle_reference(process, &process_type, PROCESS_VM_WRITE, &target);
    if (NT_SUCCESS(status))
        object_release(target);
    return status;
}
