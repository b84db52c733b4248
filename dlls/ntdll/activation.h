/* Activation contexts: what manifests say to a program, a DLL, or a part of one. A handle to one is its
 * address. */
#ifndef NTDLL_ACTIVATION_H
#define NTDLL_ACTIVATION_H

#include <limits.h>
#include "dlls/ntdll/manifest.h"
#include "kernel/lock.h"
#include "loader/module.h"

struct activation_assembly {
    struct manifest manifest;
    const WCHAR *manifest_path; /* a Windows path */
    const WCHAR
        *directory; /* the same of where the files are; NULL for the root, whose files are not moved */
    const char *host_directory; /* the same for Linux */
    struct activation_assembly *next;
};

/* What has been made for lookups by name: see activation_section.c. */
struct activation_section;
enum { ACTIVATION_SECTION_COUNT = 13 };

struct activation_context {
    uint32_t magic;
    uint32_t references; /* atomic */
    struct arena arena;
    struct activation_assembly *assemblies; /* the root first */
    ULONG assembly_count;
    const WCHAR *program_directory; /* with a backslash at its end */
    struct lock lock;               /* of what follows */
    struct activation_section *sections[ACTIVATION_SECTION_COUNT];
};

/* The context behind a handle; NULL for what is none. */
struct activation_context *activation_from_handle(HANDLE handle);
void activation_retain(struct activation_context *context);
void activation_release(struct activation_context *context);

/* The process's own, from the program's manifest; made when it is first needed, and never freed. One without
 * assemblies stands for a program without a manifest. NULL where memory is short. */
struct activation_context *activation_default(void);
/* The calling thread's active one; NULL: none. activation_stack.c */
struct activation_context *activation_current(void);

/* The latest of the systems that the program's manifest says it supports; 0 for none. */
enum activation_system {
    SYSTEM_UNKNOWN,
    SYSTEM_VISTA,
    SYSTEM_7,
    SYSTEM_8,
    SYSTEM_8_1,
    SYSTEM_10,
};
EXPORTED enum activation_system activation_supported_system(void);

/* The program's manifest: the bytes of one that is in the program itself, or whether there is one beside it.
 */
enum manifest_place {
    MANIFEST_NOWHERE,
    MANIFEST_IN_PROGRAM,
    MANIFEST_IN_FILE,
};
enum manifest_place activation_program_manifest(const void **bytes, size_t *size);

/* What an assembly's <file> elements say of a DLL's name: the path of the file. For the loader. */
bool activation_redirect(const WCHAR *name, size_t length, char host_path[PATH_MAX]);

/* What the manifest of a DLL that is loaded says of the DLLs that it needs; the caller has the reference.
 * What is not to be found is left out, as for the program. NULL where it has none. */
struct activation_context *activation_of_module(const struct module *module);
/* Has the loader ask for those: activation_module.c */
void activation_follow_modules(void);

/* What a context offers: activation_section.c */

/* STATUS_SXS_SECTION_NOT_FOUND and STATUS_SXS_KEY_NOT_FOUND. `data` may be NULL; its cbSize is the caller's.
 */
NTSTATUS activation_find_string(struct activation_context *context, ULONG section, const UNICODE_STRING *key,
                                ACTCTX_SECTION_KEYED_DATA *data);
NTSTATUS activation_find_guid(struct activation_context *context, ULONG section, const GUID *key,
                              ACTCTX_SECTION_KEYED_DATA *data);
void activation_free_sections(struct activation_context *context);

#pragma GCC visibility push(default)

NTSTATUS NTAPI RtlCreateActivationContext(HANDLE *handle, const ACTCTXW *source);
void NTAPI RtlAddRefActivationContext(HANDLE handle);
void NTAPI RtlReleaseActivationContext(HANDLE handle);
NTSTATUS NTAPI RtlZombifyActivationContext(HANDLE handle);
NTSTATUS NTAPI RtlActivateActivationContext(ULONG flags, HANDLE handle, ULONG_PTR *cookie);
void NTAPI RtlDeactivateActivationContext(ULONG flags, ULONG_PTR cookie);
NTSTATUS NTAPI RtlGetActiveActivationContext(HANDLE *handle);
BOOLEAN NTAPI RtlIsActivationContextActive(HANDLE handle);
void NTAPI RtlFreeThreadActivationContextStack(void);
NTSTATUS NTAPI RtlQueryInformationActivationContext(ULONG flags, HANDLE handle, void *instance, ULONG class,
                                                    void *buffer, SIZE_T size, SIZE_T *needed);
NTSTATUS NTAPI RtlQueryActivationContextApplicationSettings(ULONG flags, HANDLE handle, const WCHAR *space,
                                                            const WCHAR *name, WCHAR *buffer, SIZE_T size,
                                                            SIZE_T *needed);
NTSTATUS NTAPI RtlFindActivationContextSectionString(ULONG flags, const GUID *extension, ULONG section,
                                                     const UNICODE_STRING *key,
                                                     ACTCTX_SECTION_KEYED_DATA *data);
NTSTATUS NTAPI RtlFindActivationContextSectionGuid(ULONG flags, const GUID *extension, ULONG section,
                                                   const GUID *guid, ACTCTX_SECTION_KEYED_DATA *data);

#pragma GCC visibility pop

#endif
