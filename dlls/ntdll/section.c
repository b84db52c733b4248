#include "dlls/ntdll/object_request.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/section.h"
#include "kernel/vm.h"

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

/* Only into the calling process. */
static NTSTATUS check_process(HANDLE process)
{
    struct object *object;
    NTSTATUS status = handle_reference(process, NULL, PROCESS_VM_OPERATION, &object);
    if (!NT_SUCCESS(status))
        return status;
    if (object != handle_current_process)
        status = STATUS_NOT_SUPPORTED;
    object_release(object);
    return status;
}

NTSTATUS WINAPI NtMapViewOfSection(HANDLE section, HANDLE process, void **address, ULONG_PTR zero_bits,
                                   SIZE_T commit, LARGE_INTEGER *offset, SIZE_T *size, ULONG inherit,
                                   ULONG type, ULONG protect)
{
    NTSTATUS status = check_process(process);
    if (!NT_SUCCESS(status))
        return status;
    struct section_view view = {
        .address = *address,
        .size = *size,
        .offset = offset ? offset->QuadPart : 0,
        .type = type,
        .protect = protect,
    };
    status = section_map(section, &view);
    if (NT_SUCCESS(status)) {
        *address = view.address;
        *size = view.size;
    }
    return status;
}

NTSTATUS WINAPI NtUnmapViewOfSection(HANDLE process, void *address)
{
    NTSTATUS status = check_process(process);
    return NT_SUCCESS(status) ? vm_unmap_view(address) : status;
}

/* SectionBasicInformation. */
NTSTATUS WINAPI NtQuerySection(HANDLE section, ULONG class, void *buffer, SIZE_T size, SIZE_T *returned)
{
    struct {
        void *base;
        ULONG attributes;
        LARGE_INTEGER size;
    } information = {0};
    uint64_t section_size;
    DWORD attributes;
    if (class != 0)
        return STATUS_INVALID_INFO_CLASS;
    if (size < sizeof information)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = section_query(section, &section_size, &attributes);
    if (!NT_SUCCESS(status))
        return status;
    information.attributes = attributes;
    information.size.QuadPart = section_size;
    memcpy(buffer, &information, sizeof information);
    if (returned)
        *returned = sizeof information;
    return STATUS_SUCCESS;
}
