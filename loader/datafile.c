#include "loader/datafile.h"
#include "loader/image.h"
#include "loader/load.h"
#include "kernel/vm.h"

#define HANDLE_DATAFILE 1 /* laid out as the file is */
#define HANDLE_IMAGE    2 /* laid out as an image */

static NTSTATUS map_as_file(const struct image_file *file, void **base)
{
    size_t size = file->status.st_size;
    NTSTATUS status = vm_reserve_image(base, size);
    if (!status)
        status = vm_map_image(*base, size, file->fd, 0, PAGE_READONLY);
    return status;
}

static NTSTATUS map_as_image(const struct image_file *file, void **base)
{
    struct module module = {0};
    struct load_failure failure;
    NTSTATUS status = image_map(file, &module, &failure);
    *base = module.entry.DllBase;
    return status ? status : vm_protect(*base, file->image.image_size, PAGE_READONLY, NULL);
}

NTSTATUS datafile_load(const WCHAR *name, size_t length, DWORD flags, HMODULE *handle)
{
    char host_path[PATH_MAX];
    struct image_file file;
    struct load_failure failure;
    /* Of a DLL that is loaded already there is one copy. */
    struct module *loaded = module_find_loaded(name, length);
    if (loaded && !(flags & LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE)) {
        load_count_reference(loaded, false);
        *handle = module_handle(loaded);
        return STATUS_SUCCESS;
    }
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (!load_locate(name, length, flags, host_path))
        status = image_open(host_path, &file, &failure);
    if (status)
        return status;
    void *base = NULL;
    bool as_image = flags & LOAD_LIBRARY_AS_IMAGE_RESOURCE;
    status = as_image ? map_as_image(&file, &base) : map_as_file(&file, &base);
    image_close(&file);
    *handle = (HMODULE)((uintptr_t)base | (as_image ? HANDLE_IMAGE : HANDLE_DATAFILE));
    return status;
}

NTSTATUS datafile_free(HMODULE handle)
{
    return vm_release((void *)((uintptr_t)handle & ~(uintptr_t)3)) ? STATUS_INVALID_HANDLE : STATUS_SUCCESS;
}
