#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/section.h"
#include "kernel/status.h"
#include "kernel/vm.h"

struct section {
    struct object object;
    struct file *file; /* retained; NULL: anonymous memory */
    int descriptor;    /* the file's, or of memory that has no name */
    uint64_t size;
    DWORD protect;
    DWORD attributes; /* SEC_FILE, SEC_COMMIT, SEC_RESERVE */
};

static void section_destroy(struct object *object)
{
    struct section *section = (struct section *)object;
    if (section->file) {
        file_end_mapping(section->file);
        object_release(section->file);
    }
    else
        close(section->descriptor);
    free(section);
}

const struct object_type section_type = {
    .name = "Section",
    .destroy = section_destroy,
    .access =
        {
            .GenericRead = STANDARD_RIGHTS_READ | SECTION_QUERY | SECTION_MAP_READ,
            .GenericWrite = STANDARD_RIGHTS_WRITE | SECTION_MAP_WRITE,
            .GenericExecute = STANDARD_RIGHTS_EXECUTE | SECTION_MAP_EXECUTE,
            .GenericAll = SECTION_ALL_ACCESS,
        },
};

static bool is_valid_protect(DWORD protect)
{
    return protect == PAGE_READONLY || protect == PAGE_READWRITE || protect == PAGE_WRITECOPY ||
           protect == PAGE_EXECUTE_READ || protect == PAGE_EXECUTE_READWRITE ||
           protect == PAGE_EXECUTE_WRITECOPY;
}

static bool is_writable(DWORD protect)
{
    return protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE);
}

static bool is_executable(DWORD protect)
{
    return protect & (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY);
}

static ACCESS_MASK file_rights(DWORD protect)
{
    return FILE_READ_DATA | (is_writable(protect) ? FILE_WRITE_DATA : 0) |
           (is_executable(protect) ? FILE_EXECUTE : 0);
}

static NTSTATUS check_file(struct file *file, DWORD protect)
{
    if (file_is_directory(file) || file_device_type(file) != FILE_TYPE_DISK)
        return STATUS_INVALID_FILE_FOR_SECTION;
    return file_rights(protect) & ~file_access(file) ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

static NTSTATUS fit_to_file(struct section *section, struct file *file)
{
    struct file_information information;
    NTSTATUS status = file_query(file, &information);
    if (!NT_SUCCESS(status))
        return status;
    if (section->size == 0)
        section->size = information.size;
    if (section->size == 0)
        return STATUS_MAPPED_FILE_SIZE_ZERO;
    if (section->size <= information.size)
        return STATUS_SUCCESS;
    return is_writable(section->protect) ? file_set_size(file, section->size) : STATUS_SECTION_TOO_BIG;
}

static NTSTATUS use_file(struct section *section, struct file *file)
{
    NTSTATUS status = check_file(file, section->protect);
    if (NT_SUCCESS(status))
        status = fit_to_file(section, file);
    if (!NT_SUCCESS(status))
        return status;
    section->file = object_retain(file);
    file_begin_mapping(file, is_writable(section->protect));
    section->descriptor = file_descriptor(file);
    section->attributes = SEC_FILE;
    return STATUS_SUCCESS;
}

static NTSTATUS use_memory(struct section *section, DWORD attributes)
{
    if (section->size == 0)
        return STATUS_INVALID_PARAMETER_4;
    if (section->size > INT64_MAX - VM_PAGE)
        return STATUS_SECTION_TOO_BIG;
    section->descriptor = memfd_create("section", MFD_CLOEXEC);
    if (section->descriptor < 0)
        return status_from_errno(errno);
    if (ftruncate(section->descriptor, section->size) != 0) {
        close(section->descriptor);
        return STATUS_NO_MEMORY;
    }
    section->attributes = attributes & SEC_RESERVE ? SEC_RESERVE : SEC_COMMIT;
    return STATUS_SUCCESS;
}

NTSTATUS section_create(const struct object_request *request, struct file *file, uint64_t size, DWORD protect,
                        DWORD attributes, HANDLE *handle)
{
    if (!is_valid_protect(protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    if (attributes & SEC_IMAGE)
        return STATUS_NOT_SUPPORTED;
    struct section *section = calloc(1, sizeof *section);
    if (!section)
        return STATUS_NO_MEMORY;
    object_initialize(&section->object, &section_type);
    section->size = size;
    section->protect = protect;
    NTSTATUS status = file ? use_file(section, file) : use_memory(section, attributes);
    if (!NT_SUCCESS(status)) {
        free(section);
        return status;
    }
    return named_create(request, &section->object, handle);
}

NTSTATUS section_open(const struct object_request *request, HANDLE *handle)
{
    return named_open(request, &section_type, handle);
}

static ACCESS_MASK view_rights(DWORD protect)
{
    return SECTION_MAP_READ | (is_writable(protect) ? SECTION_MAP_WRITE : 0);
}

/* A section limits its views as a handle does: what it cannot write, they can at most copy. */
static bool admits(DWORD section_protect, DWORD view_protect)
{
    if (is_writable(view_protect) && !is_writable(section_protect))
        return false;
    return !is_executable(view_protect) || is_executable(section_protect);
}

static NTSTATUS map(struct section *section, struct section_view *view)
{
    if (!is_valid_protect(view->protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    if (!admits(section->protect, view->protect))
        return STATUS_SECTION_PROTECTION;
    if (view->offset % VM_GRANULARITY || (uintptr_t)view->address % VM_GRANULARITY)
        return STATUS_MAPPED_ALIGNMENT;
    if (view->offset >= section->size || view->size > section->size - view->offset)
        return STATUS_INVALID_VIEW_SIZE;
    uint64_t size = view->size ? view->size : section->size - view->offset;
    if (size > vm_highest_address())
        return STATUS_NO_MEMORY;
    DWORD type = view->type & MEM_TOP_DOWN;
    if (section->attributes & SEC_RESERVE)
        type |= MEM_RESERVE;
    view->size = (size + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
    return vm_map_view(&view->address, view->size, section->descriptor, view->offset, type, view->protect,
                       view->protect, &section->object);
}

NTSTATUS section_map(HANDLE handle, struct section_view *view)
{
    struct section *section;
    NTSTATUS status = handle_reference(handle, &section_type, view_rights(view->protect), &section);
    if (!NT_SUCCESS(status))
        return status;
    status = map(section, view);
    object_release(section);
    return status;
}

NTSTATUS section_query(HANDLE handle, uint64_t *size, DWORD *attributes)
{
    struct section *section;
    NTSTATUS status = handle_reference(handle, &section_type, SECTION_QUERY, &section);
    if (!NT_SUCCESS(status))
        return status;
    *size = section->size;
    *attributes = section->attributes;
    object_release(section);
    return STATUS_SUCCESS;
}
