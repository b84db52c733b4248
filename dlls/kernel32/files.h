/* What the file functions of kernel32 share. */
#ifndef KERNEL32_FILES_H
#define KERNEL32_FILES_H

#include "kernel/file.h"
#include "kernel/handle.h"

/* A path argument's host path. A NULL or empty path is one that leads nowhere. */
NTSTATUS host_path_of(const WCHAR *path, struct host_path *host);

/* The file behind a handle, to be released. `access` as for handle_reference. GetStdHandle's arguments pass
 * for the handles themselves. */
static inline NTSTATUS file_of(HANDLE handle, ACCESS_MASK access, struct file **file)
{
    if ((DWORD)(uintptr_t)handle - STD_ERROR_HANDLE <= STD_INPUT_HANDLE - STD_ERROR_HANDLE)
        handle = GetStdHandle((DWORD)(uintptr_t)handle);
    return handle_reference(handle, &file_type, access, file);
}

/* What CreateFile's flags mean to file_open, besides those that concern directories. */
ULONG file_options_of(DWORD flags);

/* Opens an existing file for a short while, links themselves included. */
NTSTATUS open_existing(const WCHAR *path, ACCESS_MASK access, ULONG options, struct file **file);

#endif
