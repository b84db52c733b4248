#include "dlls/ntdll/memory_parameters.h"
#include "dlls/ntdll/object_request.h"
#include "dlls/ntdll/virtual.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/process_memory.h"
#include "kernel/remote_handle.h"
#include "kernel/section.h"
#include "loader/module.h"

/* MinGW-w64's headers lack these prototypes. */

NTSTATUS WINAPI NtCreateSection(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                                const LARGE_INTEGER *size, ULONG protect, ULONG section_attributes,
                                HANDLE file_handle)
{
    struct object_request request;
    struct file *file = NULL;
    NTSTATUS status = object_request(&request, attributes, access);
    if (NT_SUCCESS(status) && file_handle)
        status = handle_reference(file_handle, &file_type, 0, &file);
    if (!NT_SUCCESS(status))
        return status;
    status = section_create(&request, file, size ? size->QuadPart : 0, protect, section_attributes, handle);
    if (file)
        object_release(file);
    return status;
}

NTSTATUS WINAPI NtOpenSection(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : section_open(&request, handle);
}

static NTSTATUS map(HANDLE section, HANDLE process, void **address, const LARGE_INTEGER *offset, SIZE_T *size,
                    ULONG type, ULONG protect, const struct vm_requirements *requirements)
{
    struct section_view view = {
        .address = *address,
        .size = *size,
        .offset = offset ? offset->QuadPart : 0,
        .type = type,
        .protect = protect,
        .requirements = requirements,
    };
    NTSTATUS status = process_map_view(process, section, &view);
    if (NT_SUCCESS(status)) {
        *address = view.address;
        *size = view.size;
    }
    return status;
}

enum { VIEW_SHARE = 1, VIEW_UNMAP = 2 };

NTSTATUS WINAPI NtMapViewOfSection(HANDLE section, HANDLE process, void **address, ULONG_PTR zero_bits,
                                   SIZE_T commit, LARGE_INTEGER *offset, SIZE_T *size, ULONG inherit,
                                   ULONG type, ULONG protect)
{
    struct vm_requirements requirements = {0};
    NTSTATUS status = memory_zero_bits(zero_bits, &requirements);
    if (!NT_SUCCESS(status))
        return status == STATUS_INVALID_PARAMETER_3 ? STATUS_INVALID_PARAMETER_4 : status;
    if (*address && requirements.highest && (uintptr_t)*address > requirements.highest)
        return STATUS_INVALID_PARAMETER_4;
    if (inherit != VIEW_SHARE && inherit != VIEW_UNMAP)
        return STATUS_INVALID_PARAMETER_8;
    if (type & ~(ULONG)(MEM_TOP_DOWN | MEM_RESERVE))
        return STATUS_INVALID_PARAMETER_9;
    status = map(section, process, address, offset, size, type, protect, &requirements);
    if (NT_SUCCESS(status) && commit) {
        void *start = *address;
        commit = min(commit, *size);
        process_allocate(process, &start, &commit, MEM_COMMIT, protect, NULL);
    }
    return status;
}

NTSTATUS WINAPI NtMapViewOfSectionEx(HANDLE section, HANDLE process, void **address, LARGE_INTEGER *offset,
                                     SIZE_T *size, ULONG type, ULONG protect,
                                     MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    struct vm_requirements requirements = {0};
    NTSTATUS status = memory_parameters(parameters, count, &requirements);
    if (!NT_SUCCESS(status))
        return status;
    if (type & ~(ULONG)(MEM_TOP_DOWN | MEM_RESERVE | MEM_REPLACE_PLACEHOLDER))
        return STATUS_INVALID_PARAMETER;
    if (type & MEM_REPLACE_PLACEHOLDER &&
        (requirements.lowest || requirements.highest || requirements.alignment))
        return STATUS_INVALID_PARAMETER;
    return map(section, process, address, offset, size, type, protect, &requirements);
}

NTSTATUS WINAPI NtUnmapViewOfSectionEx(HANDLE process, void *address, ULONG flags)
{
    if (flags & ~(ULONG)(MEM_PRESERVE_PLACEHOLDER | MEM_UNMAP_WITH_TRANSIENT_BOOST))
        return STATUS_INVALID_PARAMETER;
    return process_unmap_view(process, address, flags & MEM_PRESERVE_PLACEHOLDER);
}

NTSTATUS WINAPI NtUnmapViewOfSection(HANDLE process, void *address)
{
    return NtUnmapViewOfSectionEx(process, address, 0);
}

/* SECTION_BASIC_INFORMATION. */
struct basic_information {
    void *base;
    ULONG attributes;
    LARGE_INTEGER size;
};

enum { SECTION_BASIC_INFORMATION_CLASS, SECTION_IMAGE_INFORMATION_CLASS };

NTSTATUS WINAPI NtQuerySection(HANDLE section, ULONG class, void *buffer, SIZE_T size, SIZE_T *returned)
{
    struct section_information information;
    SIZE_T used = class == SECTION_BASIC_INFORMATION_CLASS ? sizeof(struct basic_information)
                                                           : sizeof information.image;
    if (class > SECTION_IMAGE_INFORMATION_CLASS)
        return STATUS_INVALID_INFO_CLASS;
    char byte;
    if (size < used)
        return STATUS_INFO_LENGTH_MISMATCH;
    /* A buffer that is larger than it has to be must be there as a whole, too. */
    if (size > used && !vm_copy(&byte, (char *)buffer + size - 1, 1))
        return STATUS_ACCESS_VIOLATION;
    NTSTATUS status = section_query(section, &information);
    if (!NT_SUCCESS(status))
        return status;
    if (class == SECTION_IMAGE_INFORMATION_CLASS && !(information.attributes & SEC_IMAGE))
        return STATUS_SECTION_NOT_IMAGE;
    const struct basic_information basic = {
        .attributes = information.attributes,
        .size.QuadPart = information.size,
    };
    memcpy(buffer, class == SECTION_BASIC_INFORMATION_CLASS ? (const void *)&basic : &information.image,
           used);
    if (returned)
        *returned = used;
    return STATUS_SUCCESS;
}

/* Which file an address was mapped from: a view's section knows, or the loader. */
struct mapped_file {
    MEMORY_BASIC_INFORMATION region;
    uint64_t device, inode;
    bool known;
};

static NTSTATUS find_mapped_file(void *address, struct mapped_file *mapped)
{
    char byte;
    *mapped = (struct mapped_file){0};
    /* Memory of Linux's own is in no region, the process heap among it. */
    if (!NT_SUCCESS(vm_query(address, &mapped->region)) || mapped->region.State == MEM_FREE)
        return vm_copy(&byte, address, 1) ? STATUS_CONFLICTING_ADDRESSES : STATUS_INVALID_ADDRESS;
    if (mapped->region.Type == MEM_PRIVATE)
        return STATUS_CONFLICTING_ADDRESSES;
    struct object *owner = vm_view_owner(address);
    struct file *file = owner ? section_file(owner) : NULL;
    const struct module *module = owner ? NULL : module_from_address(address);
    struct file_information information;
    if (file && NT_SUCCESS(file_query(file, &information))) {
        mapped->device = information.volume;
        mapped->inode = information.id;
        mapped->known = true;
    } else if (module) {
        mapped->device = module->device;
        mapped->inode = module->inode;
        mapped->known = true;
    }
    if (owner)
        object_release(owner);
    return STATUS_SUCCESS;
}

/* The first address decides: only an image is known by its file. */
NTSTATUS WINAPI NtAreMappedFilesTheSame(void *first_address, void *second_address)
{
    struct mapped_file first, second;
    NTSTATUS status = find_mapped_file(first_address, &first);
    if (NT_SUCCESS(status))
        status = find_mapped_file(second_address, &second);
    if (!NT_SUCCESS(status))
        return status;
    if (first.region.AllocationBase == second.region.AllocationBase)
        return STATUS_SUCCESS;
    if (first.region.Type != MEM_IMAGE || !first.known || !second.known)
        return STATUS_NOT_SAME_DEVICE;
    return first.device == second.device && first.inode == second.inode ? STATUS_SUCCESS
                                                                        : STATUS_NOT_SAME_DEVICE;
}
