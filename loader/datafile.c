#include <stdio.h>
#include <sys/stat.h>
#include "loader/datafile.h"
#include "loader/image.h"
#include "loader/load.h"
#include "kernel/file.h"
#include "kernel/object.h"
#include "kernel/vm.h"

#define HANDLE_DATAFILE 1 /* laid out as the file is */
#define HANDLE_IMAGE    2 /* laid out as an image */

static NTSTATUS map_as_file(const struct image_file *file, void **base)
{
    uint64_t size = file->status.st_size;
    if (size > vm_highest_address())
        return STATUS_NO_MEMORY;
    NTSTATUS status = vm_reserve_image(base, size);
    if (status)
        return status;
    status = vm_map_image(*base, size, file->fd, 0, PAGE_READONLY);
    if (status)
        vm_release(*base);
    return status;
}

static NTSTATUS map_as_image(const struct image_file *file, void **base)
{
    struct module module = {0};
    struct load_failure failure;
    const struct image_place anywhere = {.unrelocated = true};
    NTSTATUS status = image_map(file, &anywhere, &module, &failure);
    if (status)
        return status;
    *base = module.entry.DllBase;
    status = vm_protect(*base, file->image.image_size, PAGE_READONLY, NULL);
    if (status)
        vm_release(*base);
    return status;
}

/* Of a DLL that is loaded already there is one copy. */
static bool use_loaded(const WCHAR *name, size_t length, HMODULE *handle)
{
    loader_lock();
    struct module *loaded = module_find_loaded(name, length);
    if (loaded) {
        load_count_reference(loaded, false);
        *handle = module_handle(loaded);
    }
    loader_unlock();
    return loaded != NULL;
}

static bool is_empty_file(const char *host_path)
{
    struct stat status;
    return stat(host_path, &status) == 0 && S_ISREG(status.st_mode) && !status.st_size;
}

/* While the data are in use, nobody else may write to the file. */
static NTSTATUS open_exclusively(const char *host_path, struct file **owner)
{
    struct host_path path = {.kind = PATH_FILE};
    const struct file_open how = {
        .access = FILE_READ_DATA | SYNCHRONIZE,
        .share = FILE_SHARE_READ | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT,
    };
    snprintf(path.name, sizeof path.name, "%s", host_path);
    return file_open(&path, &how, owner, NULL);
}

static NTSTATUS map_file(const char *host_path, bool as_image, struct file *owner, void **base)
{
    struct image_file file;
    struct load_failure failure;
    NTSTATUS status = image_open_data(host_path, &file, &failure);
    if (status)
        return is_empty_file(host_path) ? STATUS_MAPPED_FILE_SIZE_ZERO : status;
    status = as_image ? map_as_image(&file, base) : map_as_file(&file, base);
    image_close(&file);
    if (!status && owner)
        vm_set_owner(*base, (struct object *)owner);
    return status;
}

NTSTATUS datafile_load(const WCHAR *name, size_t length, DWORD flags, HMODULE *handle)
{
    char host_path[PATH_MAX] = "";
    struct file *owner = NULL;
    void *base = NULL;
    bool exclusive = flags & LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE;
    bool as_image = flags & LOAD_LIBRARY_AS_IMAGE_RESOURCE;
    if (!exclusive && use_loaded(name, length, handle))
        return STATUS_SUCCESS;
    if (load_locate(name, length, flags, host_path))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    NTSTATUS status = exclusive ? open_exclusively(host_path, &owner) : STATUS_SUCCESS;
    if (!status)
        status = map_file(host_path, as_image, owner, &base);
    if (owner)
        object_release(owner);
    if (status)
        return status;
    *handle = (HMODULE)((uintptr_t)base | (as_image ? HANDLE_IMAGE : HANDLE_DATAFILE));
    return STATUS_SUCCESS;
}

/* The marks alone do not make a handle: other memory, and modules that run, must not go this way. */
NTSTATUS datafile_free(HMODULE handle)
{
    MEMORY_BASIC_INFORMATION region;
    void *base = (void *)((uintptr_t)handle & ~(uintptr_t)3);
    if (vm_query(base, &region) || region.Type != MEM_IMAGE || region.AllocationBase != base ||
        module_from_address(base))
        return STATUS_INVALID_IMAGE_FORMAT;
    return vm_release(base);
}
