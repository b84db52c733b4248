/* Loads DLLs with all that they import, and lets go of them. */
#ifndef LOADER_LOAD_H
#define LOADER_LOAD_H

#include "loader/module.h"
#include "loader/search.h"

/* Loads a DLL, or counts one more load of it, as LoadLibraryEx does with these of its flags:
 * DONT_RESOLVE_DLL_REFERENCES, LOAD_WITH_ALTERED_SEARCH_PATH, LOAD_LIBRARY_SEARCH_*. The search has those,
 * and may have a path. DllMain of everything new has run when it returns. */
EXPORTED NTSTATUS load_library(const WCHAR *name, size_t length, const struct search *search,
                               struct module **module);

/* The same for a delayed import: the DLL stays as long as the module that needs it. */
EXPORTED NTSTATUS load_library_for(struct module *parent, const WCHAR *name, size_t length,
                                   const struct search *search, struct module **module);

/* A module that is loaded. kernelbase, which every process has on Windows, is loaded for whoever asks. */
EXPORTED struct module *load_find_loaded(const WCHAR *name, size_t length);

/* A DLL's name may stand for one certain file, PATH_MAX bytes of host path, wherever else there is one of
 * that name, loaded or not: ntdll knows, from manifests. */
typedef bool load_redirection(const WCHAR *name, size_t length, char *host_path);
EXPORTED void load_set_redirection(load_redirection *redirection);
/* For other searches by name; false where there is none for it. */
bool load_redirect(const WCHAR *name, size_t length, char *host_path);

/* While the loader looks for what a module needs, and while it calls the module, holds what the module's own
 * manifest says: ntdll knows. 0 where there is none. */
struct load_manifests {
    ULONG_PTR (*enter)(struct module *module);
    void (*leave)(ULONG_PTR cookie);
    void (*forget)(struct module *module); /* it is about to be unmapped */
};
EXPORTED void load_set_manifests(const struct load_manifests *functions);
ULONG_PTR load_enter_module(struct module *module);
void load_leave_module(ULONG_PTR cookie);

/* Where the DLL of that name would be loaded from: PATH_MAX bytes, absolute. */
NTSTATUS load_locate(const WCHAR *name, size_t length, DWORD flags, char *host_path);

/* Takes one load back. What nothing refers to any more is detached and unmapped. */
EXPORTED NTSTATUS load_free_library(struct module *module);
EXPORTED NTSTATUS load_count_reference(struct module *module, bool pin);

/* The program, mapped from an open file, with everything that it imports; nothing has run yet. */
struct image_file;
NTSTATUS load_program(const struct image_file *file, const char *host_path, struct load_failure *failure);

/* Finds or maps the DLL that an import or a forwarder names, for `module`. Under the loader lock. */
NTSTATUS load_dependency(struct module *module, const char *dll, const struct search *search,
                         struct module **dependency, struct load_failure *failure);

/* An exported function or datum by name or, where that is NULL, ordinal; forwarders are followed, and
 * DLLs that they lead to are loaded. STATUS_ENTRYPOINT_NOT_FOUND, STATUS_ORDINAL_NOT_FOUND. */
NTSTATUS load_find_export(struct module *module, const char *name, uint32_t ordinal, uint32_t hint,
                          void **address);

/* The same for GetProcAddress, without the loader lock: what had to be loaded is initialized too. */
EXPORTED NTSTATUS load_get_procedure(struct module *module, const char *name, uint32_t ordinal,
                                     void **address);

#endif
