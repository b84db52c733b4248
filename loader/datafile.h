/* Files that LoadLibraryEx maps as data: their resources can be read, and nothing of them runs. */
#ifndef LOADER_DATAFILE_H
#define LOADER_DATAFILE_H

#include "loader/module.h"

/* Such a handle is told from a module's by its two lowest bits. */
static inline bool datafile_is_handle(HMODULE handle)
{
    return (uintptr_t)handle & 3;
}

/* Whether its memory is laid out as an image, not as the file is. */
static inline bool datafile_is_image(HMODULE handle)
{
    return (uintptr_t)handle & 2;
}

/* `flags` are LOAD_LIBRARY_AS_DATAFILE, _EXCLUSIVE, LOAD_LIBRARY_AS_IMAGE_RESOURCE and those that shape
 * the search. */
EXPORTED NTSTATUS datafile_load(const WCHAR *name, size_t length, DWORD flags, HMODULE *handle);
EXPORTED NTSTATUS datafile_free(HMODULE handle);

#endif
