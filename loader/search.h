/* Where DLLs are looked for. */
#ifndef LOADER_SEARCH_H
#define LOADER_SEARCH_H

#include <litewin/windows.h>

/* One search, as LoadLibraryEx's flags and the place of the DLL itself shape it. */
struct search {
    DWORD flags;           /* LOAD_LIBRARY_SEARCH_*, LOAD_WITH_ALTERED_SEARCH_PATH */
    const char *directory; /* of the DLL named by its whole path; NULL: none */
    const WCHAR *path;     /* directories between semicolons, in place of the usual ones; or NULL */
    size_t path_length;
    /* Whether a file that was found is the one; the search goes on if not. NULL: any file is. */
    bool (*accept)(const char *host_path, void *context);
    void *context;
};

/* The program's directory, and what `--dll-path` and LITEWIN_PATH add behind it. */
void search_set_program(const char *host_path);
/* Where litewin's own DLLs are. */
void search_set_system(const char *directory);
EXPORTED const char *search_system_directory(void);

/* Finds a DLL by a name without a drive or leading separator, its extension included. `found`, of
 * PATH_MAX bytes, becomes an absolute host path. STATUS_DLL_NOT_FOUND where it is nowhere. */
NTSTATUS search_find(const struct search *search, const char *name, char *found);

/* A whole path, or one that begins with a separator. */
NTSTATUS search_resolve(const WCHAR *path, size_t length, char *found);

/* Makes a host path of PATH_MAX bytes absolute. The file's own name stays even if it is a symbolic link's: a
 * program may look at the name that it was called by. */
bool search_make_absolute(char *path);

/* Calls `visit` with each directory that search_find looks at, in order, until it returns false. */
void search_for_each_directory(const struct search *search,
                               bool (*visit)(const char *directory, void *context), void *context);

/* SetDefaultDllDirectories, AddDllDirectory, RemoveDllDirectory, SetDllDirectory, GetDllDirectory. */
EXPORTED NTSTATUS search_set_default_flags(DWORD flags);
EXPORTED NTSTATUS search_add_directory(const WCHAR *directory, size_t length, void **cookie);
EXPORTED NTSTATUS search_remove_directory(void *cookie);
/* A NULL directory restores the current directory's place in the order; an empty one takes it out. */
EXPORTED NTSTATUS search_set_directory(const WCHAR *directory, size_t length);
/* The length without a NUL; 0 if none is set. */
EXPORTED size_t search_get_directory(WCHAR *buffer, size_t capacity);

#endif
