#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/section_share.h"
#include "kernel/status.h"
#include "kernel/vm.h"

/* What is mapped. Views keep it, and not the section: a section's name goes with its last handle.
 *
 * One bit for each page of SEC_RESERVE contents says whether it is committed. The bits are in the memory
 * file, behind the pages themselves. */
struct contents {
    struct object object;
    struct file *file; /* retained; NULL: anonymous memory */
    int descriptor;    /* the file's, or of memory that has no name */
    uint64_t size;
    DWORD protect;
    DWORD attributes;    /* as they are reported */
    uint32_t *committed; /* of SEC_RESERVE, or NULL */
    struct section_image_information image;
};

struct section {
    struct object object;
    struct contents *contents;
    struct shared_file file; /* where other processes find it; or its page is NULL */
};

static const struct section_images *images;

void section_set_images(const struct section_images *functions)
{
    images = functions;
}

void section_describe_program(struct section_image_information *information)
{
    images->describe_program(information);
}

void section_image_narrow(struct section_image_information *information)
{
    if (sizeof(void *) == 8)
        return;
    information->entry_point = (void *)(uintptr_t)0x81231234u;
    information->stack_reserve = 0x100000;
    information->stack_commit = 0x10000;
}

static size_t commit_map_size(uint64_t size)
{
    uint64_t pages = size / VM_PAGE;
    return (pages / 8 + VM_PAGE) & -(uint64_t)VM_PAGE;
}

static void contents_destroy(struct object *object)
{
    struct contents *contents = (struct contents *)object;
    if (contents->file) {
        file_end_mapping(contents->file);
        object_release(contents->file);
    } else
        close(contents->descriptor);
    if (contents->committed)
        munmap(contents->committed, commit_map_size(contents->size));
    free(contents);
}

static const struct object_type contents_type = {
    .name = "Section contents",
    .destroy = contents_destroy,
};

static void section_destroy(struct object *object)
{
    struct section *section = (struct section *)object;
    if (section->file.page) {
        shared_file_leave(&section->file, true);
        section_remove_holder(&section->file, section->contents->descriptor);
        shared_file_release(&section->file);
    }
    object_release(section->contents);
    free(section);
}

static NTSTATUS section_share(struct object *object, struct shared_file *file);
static NTSTATUS section_adopt(struct shared_file *file, struct object **object);

const struct object_type section_type = {
    .name = "Section",
    .destroy = section_destroy,
    .shared_kind = SHARED_SECTION,
    .share = section_share,
    .adopt = section_adopt,
    .access =
        {
            .GenericRead = STANDARD_RIGHTS_READ | SECTION_QUERY | SECTION_MAP_READ,
            .GenericWrite = STANDARD_RIGHTS_WRITE | SECTION_MAP_WRITE,
            .GenericExecute = STANDARD_RIGHTS_EXECUTE | SECTION_MAP_EXECUTE,
            .GenericAll = SECTION_ALL_ACCESS,
        },
};

#define PROTECTIONS ((DWORD)0xFF)

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

static NTSTATUS fit_to_file(struct contents *contents, struct file *file)
{
    struct file_information information;
    NTSTATUS status = file_query(file, &information);
    if (!NT_SUCCESS(status))
        return status;
    if (contents->size == 0)
        contents->size = information.size;
    if (contents->size == 0)
        return STATUS_MAPPED_FILE_SIZE_ZERO;
    if (contents->size <= information.size)
        return STATUS_SUCCESS;
    return is_writable(contents->protect) ? file_set_size(file, contents->size) : STATUS_SECTION_TOO_BIG;
}

static NTSTATUS fit_to_image(struct contents *contents, struct file *file)
{
    struct file_information information;
    uint64_t size = 0;
    NTSTATUS status = file_query(file, &information);
    if (!NT_SUCCESS(status))
        return status;
    if (information.size == 0 || !images)
        return STATUS_INVALID_FILE_FOR_SECTION;
    status = images->check(file_descriptor(file), &contents->image, &size);
    if (NT_SUCCESS(status) && contents->size > size)
        return STATUS_SECTION_TOO_BIG;
    if (contents->size == 0)
        contents->size = size;
    return status;
}

#define CACHE_ATTRIBUTES ((DWORD)(SEC_NOCACHE | SEC_WRITECOMBINE))

/* More than any view could show. */
#define MOST_MEMORY (1ull << 46)

static NTSTATUS use_file(struct contents *contents, struct file *file, DWORD attributes)
{
    NTSTATUS status = check_file(file, contents->protect);
    if (NT_SUCCESS(status))
        status = attributes & SEC_IMAGE ? fit_to_image(contents, file) : fit_to_file(contents, file);
    if (!NT_SUCCESS(status))
        return status;
    contents->file = object_retain(file);
    file_begin_mapping(file, !(attributes & SEC_IMAGE) && is_writable(contents->protect));
    contents->descriptor = file_descriptor(file);
    contents->attributes = SEC_FILE;
    if (attributes & SEC_IMAGE)
        contents->attributes |= SEC_IMAGE;
    else
        contents->attributes |= attributes & CACHE_ATTRIBUTES;
    return STATUS_SUCCESS;
}

static NTSTATUS make_memory(struct contents *contents, DWORD attributes)
{
    uint64_t size = contents->size, map_size = attributes & SEC_RESERVE ? commit_map_size(size) : 0;
    if (ftruncate(contents->descriptor, size + map_size) != 0)
        return STATUS_NO_MEMORY;
    if (!map_size)
        return STATUS_SUCCESS;
    void *map = mmap(NULL, map_size, PROT_READ | PROT_WRITE, MAP_SHARED, contents->descriptor, size);
    if (map == MAP_FAILED)
        return STATUS_NO_MEMORY;
    contents->committed = map;
    return STATUS_SUCCESS;
}

static NTSTATUS use_memory(struct contents *contents, DWORD attributes)
{
    if (attributes & SEC_IMAGE)
        return STATUS_INVALID_FILE_FOR_SECTION;
    if (contents->size == 0)
        return STATUS_INVALID_PARAMETER_4;
    if (contents->size > MOST_MEMORY)
        return STATUS_SECTION_TOO_BIG;
    contents->size = (contents->size + VM_PAGE - 1) & -(uint64_t)VM_PAGE;
    contents->descriptor = memfd_create("section", MFD_CLOEXEC);
    if (contents->descriptor < 0)
        return status_from_errno(errno);
    NTSTATUS status = make_memory(contents, attributes);
    if (!NT_SUCCESS(status))
        close(contents->descriptor);
    contents->attributes = attributes;
    return status;
}

/* Pages come with the section, or with each commit, or from an image; and nothing else may be asked for. */
static NTSTATUS check_attributes(DWORD attributes)
{
    DWORD kind = attributes & (SEC_COMMIT | SEC_RESERVE | SEC_IMAGE);
    DWORD allowed = kind | (kind == SEC_IMAGE ? SEC_NOCACHE : CACHE_ATTRIBUTES);
    if (kind == 0 || kind & (kind - 1) || attributes & SEC_FILE)
        return STATUS_INVALID_PARAMETER_6;
    if (attributes == (SEC_COMMIT | SEC_LARGE_PAGES))
        return STATUS_PRIVILEGE_NOT_HELD;
    return attributes & ~allowed ? STATUS_INVALID_PARAMETER_6 : STATUS_SUCCESS;
}

static NTSTATUS make_section(struct file *file, uint64_t size, DWORD protect, DWORD attributes,
                             struct section **section)
{
    struct contents *contents = calloc(1, sizeof *contents);
    *section = contents ? calloc(1, sizeof **section) : NULL;
    if (!*section) {
        free(contents);
        return STATUS_NO_MEMORY;
    }
    object_initialize(&contents->object, &contents_type);
    contents->size = size;
    contents->protect = protect;
    NTSTATUS status = file ? use_file(contents, file, attributes) : use_memory(contents, attributes);
    if (!NT_SUCCESS(status)) {
        free(contents);
        free(*section);
        return status;
    }
    object_initialize(&(*section)->object, &section_type);
    (*section)->contents = contents;
    return status;
}

NTSTATUS section_create(const struct object_request *request, struct file *file, uint64_t size, DWORD protect,
                        DWORD attributes, HANDLE *handle)
{
    NTSTATUS status = check_attributes(attributes);
    if (!NT_SUCCESS(status))
        return file && status == STATUS_PRIVILEGE_NOT_HELD ? STATUS_INVALID_PARAMETER_6 : status;
    if (!is_valid_protect(protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    struct section *section;
    status = make_section(file, size, protect, attributes, &section);
    return NT_SUCCESS(status) ? named_create(request, &section->object, handle) : status;
}

NTSTATUS section_open(const struct object_request *request, HANDLE *handle)
{
    return named_open(request, &section_type, handle);
}

/* What a handle must grant for a view. */
static ACCESS_MASK view_rights(DWORD protect)
{
    switch (protect & PROTECTIONS) {
    case PAGE_READWRITE:
        return SECTION_MAP_WRITE;
    case PAGE_EXECUTE:
        return SECTION_MAP_EXECUTE;
    case PAGE_EXECUTE_READ:
    case PAGE_EXECUTE_WRITECOPY:
        return SECTION_MAP_EXECUTE | SECTION_MAP_READ;
    case PAGE_EXECUTE_READWRITE:
        return SECTION_MAP_EXECUTE | SECTION_MAP_WRITE;
    default:
        return SECTION_MAP_READ;
    }
}

static DWORD view_protect(const struct contents *contents, DWORD protect)
{
    if (protect == PAGE_NOACCESS)
        return protect;
    if (contents->attributes & SEC_NOCACHE)
        protect |= PAGE_NOCACHE;
    if (contents->attributes & SEC_WRITECOMBINE)
        protect |= PAGE_WRITECOMBINE;
    return protect;
}

static NTSTATUS map_image(struct contents *contents, struct section_view *view)
{
    size_t size = 0;
    if (view->offset || (view->size && view->size > contents->size))
        return STATUS_INVALID_VIEW_SIZE;
    NTSTATUS status = images->map(contents->descriptor, &view->address, &size);
    if (NT_SUCCESS(status)) {
        vm_set_owner(view->address, &contents->object);
        view->size = size;
    }
    return status;
}

static NTSTATUS map_data(struct contents *contents, struct section_view *view)
{
    uint64_t alignment = view->type & MEM_REPLACE_PLACEHOLDER ? VM_PAGE : VM_GRANULARITY;
    if (view->offset % alignment || (uintptr_t)view->address % alignment)
        return STATUS_MAPPED_ALIGNMENT;
    if (view->offset >= contents->size || view->size > contents->size - view->offset)
        return STATUS_INVALID_VIEW_SIZE;
    uint64_t size = view->size ? view->size : contents->size - view->offset;
    if (size > vm_highest_address())
        return STATUS_NO_MEMORY;
    view->size = (size + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
    return vm_map_view(&view->address, view->size,
                       &(struct vm_view){
                           .file = contents->descriptor,
                           .offset = view->offset,
                           .type = view->type & (MEM_TOP_DOWN | MEM_REPLACE_PLACEHOLDER),
                           .protect = view_protect(contents, view->protect),
                           .page_file = !contents->file,
                           .committed = contents->committed,
                           .owner = &contents->object,
                           .requirements = view->requirements,
                       });
}

NTSTATUS section_reference(HANDLE handle, const struct section_view *view, struct object **section)
{
    if (!vm_is_valid_protect(view->protect) || view->protect & ~PROTECTIONS)
        return STATUS_INVALID_PAGE_PROTECTION;
    return handle_reference(handle, &section_type, view_rights(view->protect), section);
}

/* A section limits its views as a handle does: what it cannot write, they can at most copy. */
NTSTATUS section_map(struct object *section, struct section_view *view)
{
    struct contents *contents = ((struct section *)section)->contents;
    if (!vm_is_within(view->protect, contents->protect))
        return STATUS_SECTION_PROTECTION;
    return contents->attributes & SEC_IMAGE ? map_image(contents, view) : map_data(contents, view);
}

/* In other processes */

void section_export(const struct object *object, struct section_contents *exported)
{
    const struct contents *contents = ((const struct section *)object)->contents;
    *exported = (struct section_contents){
        .descriptor = contents->descriptor,
        .size = contents->size,
        .protect = contents->protect,
        .attributes = contents->attributes,
    };
}

static NTSTATUS import_file(struct contents *contents, const struct section_contents *imported)
{
    uint64_t size;
    NTSTATUS status =
        file_from_descriptor(imported->descriptor, file_rights(imported->protect), 0, &contents->file);
    if (!NT_SUCCESS(status))
        return status;
    file_begin_mapping(contents->file, !(imported->attributes & SEC_IMAGE) && is_writable(imported->protect));
    if (imported->attributes & SEC_IMAGE && images)
        images->check(imported->descriptor, &contents->image, &size);
    return STATUS_SUCCESS;
}

static NTSTATUS import_memory(struct contents *contents, const struct section_contents *imported)
{
    struct stat status;
    size_t map_size = imported->attributes & SEC_RESERVE ? commit_map_size(imported->size) : 0;
    if (imported->size % VM_PAGE || imported->size > MOST_MEMORY || fstat(imported->descriptor, &status) ||
        (uint64_t)status.st_size < imported->size + map_size)
        return STATUS_INVALID_HANDLE;
    if (!map_size)
        return STATUS_SUCCESS;
    void *map =
        mmap(NULL, map_size, PROT_READ | PROT_WRITE, MAP_SHARED, imported->descriptor, imported->size);
    if (map == MAP_FAILED)
        return STATUS_NO_MEMORY;
    contents->committed = map;
    return STATUS_SUCCESS;
}

NTSTATUS section_import(const struct section_contents *imported, struct object **object)
{
    if (!imported->size || !is_valid_protect(imported->protect))
        return STATUS_INVALID_HANDLE;
    struct contents *contents = calloc(1, sizeof *contents);
    struct section *section = contents ? calloc(1, sizeof *section) : NULL;
    NTSTATUS status = STATUS_NO_MEMORY;
    if (section) {
        object_initialize(&contents->object, &contents_type);
        contents->descriptor = imported->descriptor;
        contents->size = imported->size;
        contents->protect = imported->protect;
        contents->attributes = imported->attributes;
        status = (imported->attributes & SEC_FILE ? import_file : import_memory)(contents, imported);
    }
    if (!NT_SUCCESS(status)) {
        free(section);
        free(contents);
        return status;
    }
    object_initialize(&section->object, &section_type);
    section->contents = contents;
    *object = &section->object;
    return STATUS_SUCCESS;
}

static NTSTATUS section_share(struct object *object, struct shared_file *file)
{
    struct section_contents contents;
    section_export(object, &contents);
    NTSTATUS status = section_write(&contents, file);
    if (NT_SUCCESS(status))
        ((struct section *)object)->file = *file;
    return status;
}

static NTSTATUS section_adopt(struct shared_file *file, struct object **object)
{
    struct section_contents contents;
    NTSTATUS status = section_read(file, &contents);
    if (!NT_SUCCESS(status))
        return status;
    status = section_import(&contents, object);
    if (!NT_SUCCESS(status)) {
        close(contents.descriptor);
        return status;
    }
    file->contents = contents.descriptor;
    section_enter_holder(file, getpid(), contents.descriptor);
    ((struct section *)*object)->file = *file;
    return status;
}

NTSTATUS section_query(HANDLE handle, struct section_information *information)
{
    struct section *section;
    NTSTATUS status = handle_reference(handle, &section_type, SECTION_QUERY, &section);
    if (!NT_SUCCESS(status))
        return status;
    information->size = section->contents->size;
    information->attributes = section->contents->attributes;
    information->image = section->contents->image;
    object_release(section);
    return STATUS_SUCCESS;
}

struct file *section_file(const struct object *object)
{
    return object->type == &contents_type ? ((const struct contents *)object)->file : NULL;
}
