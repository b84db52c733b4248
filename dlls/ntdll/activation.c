/* Making activation contexts: where manifests come from, and the assemblies that they depend on. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dlls/ntdll/activation.h"
#include "kernel/path.h"
#include "kernel/peek.h"
#include "kernel/process.h"
#include "kernel/status.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"
#include "loader/load.h"
#include "loader/module.h"
#include "loader/resource.h"
#include "loader/search.h"

#define MAGIC 0x78744361 /* "aCtx" */

#define VALID_FLAGS 0xff

#define MANIFEST_TYPE   ((const WCHAR *)RT_MANIFEST)
#define MANIFEST_OF_EXE ((const WCHAR *)1)
#define MANIFEST_OF_DLL ((const WCHAR *)2)

/* Strings */

static size_t length_of(const WCHAR *text)
{
    return text ? utf16_length(text) : 0;
}

static bool same_text(const WCHAR *a, const WCHAR *b)
{
    return upcase_equal(a ? a : L"", length_of(a), b ? b : L"", length_of(b));
}

static const WCHAR *copy_wide(struct arena *arena, const WCHAR *text, size_t length)
{
    WCHAR *copy = arena_take(arena, (length + 1) * sizeof *copy);
    return copy ? memcpy(copy, text, length * sizeof *copy) : NULL;
}

static const WCHAR *windows_path(struct arena *arena, const char *host_path)
{
    size_t length = path_from_host(host_path, NULL, 0);
    WCHAR *path = arena_take(arena, (length + 1) * sizeof *path);
    if (path)
        path_from_host(host_path, path, length + 1);
    return path;
}

/* Where manifests are */

/* A file in memory; `bytes` is NULL where it is empty. */
struct mapped {
    const void *bytes;
    size_t size;
};

static NTSTATUS map_file(const char *host_path, struct mapped *mapped)
{
    struct stat status;
    int file = open(host_path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return status_from_errno(errno);
    *mapped = (struct mapped){0};
    if (!fstat(file, &status) && S_ISREG(status.st_mode) && status.st_size) {
        void *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (bytes != MAP_FAILED)
            *mapped = (struct mapped){bytes, status.st_size};
    }
    close(file);
    return STATUS_SUCCESS;
}

static void unmap_file(const struct mapped *mapped)
{
    if (mapped->bytes)
        munmap((void *)mapped->bytes, mapped->size);
}

static bool is_image(const struct mapped *file)
{
    return file->size > 1 && !memcmp(file->bytes, "MZ", 2);
}

/* The manifest among an image's resources: that of a name, or the first if the name is NULL. */
static NTSTATUS find_manifest(const struct pe_image *image, const WCHAR *name, WORD language,
                              struct mapped *found)
{
    struct resource_directory root, names, languages;
    struct resource_entry entry;
    NTSTATUS status = resource_root(image, &root);
    if (status)
        return status;
    if (!resource_find(&root, MANIFEST_TYPE, &entry) || !resource_open(&entry, image, &names))
        return STATUS_RESOURCE_TYPE_NOT_FOUND;
    if (!(name ? resource_find(&names, name, &entry) : names.count && resource_entry(&names, 0, &entry)) ||
        !resource_open(&entry, image, &languages))
        return STATUS_RESOURCE_NAME_NOT_FOUND;
    if (!(language && resource_find(&languages, MAKEINTRESOURCEW(language), &entry)) &&
        !(languages.count && resource_entry(&languages, 0, &entry)))
        return STATUS_RESOURCE_LANG_NOT_FOUND;
    const IMAGE_RESOURCE_DATA_ENTRY *leaf = resource_leaf(image, &entry);
    found->bytes = leaf ? resource_data(image, leaf) : NULL;
    found->size = leaf ? leaf->Size : 0;
    return found->bytes ? STATUS_SUCCESS : STATUS_RESOURCE_DATA_NOT_FOUND;
}

static NTSTATUS find_manifest_in_file(const struct mapped *file, const WCHAR *name, WORD language,
                                      struct mapped *found)
{
    struct pe_image image;
    NTSTATUS status = resource_image_of_file(file->bytes, file->size, &image);
    return status ? status : find_manifest(&image, name, language, found);
}

/* Assemblies */

static struct activation_assembly *add_assembly(struct activation_context *context, const char *manifest_path)
{
    struct activation_assembly *assembly = arena_take(&context->arena, sizeof *assembly), **link;
    if (!assembly || !(assembly->manifest_path = windows_path(&context->arena, manifest_path)))
        return NULL;
    for (link = &context->assemblies; *link; link = &(*link)->next)
        ;
    *link = assembly;
    context->assembly_count++;
    return assembly;
}

static bool has_wanted(const WCHAR *wanted, const WCHAR *found)
{
    return !wanted || same_text(wanted, L"*") || same_text(wanted, found);
}

static bool is_wanted(const struct identity *wanted, const struct identity *found)
{
    return same_text(wanted->name, found->name) &&
           !memcmp(wanted->version, found->version, sizeof wanted->version) &&
           has_wanted(wanted->type, found->type) && has_wanted(wanted->architecture, found->architecture) &&
           has_wanted(wanted->key, found->key) && has_wanted(wanted->language, found->language);
}

static bool is_there(const struct activation_context *context, const struct identity *wanted)
{
    for (const struct activation_assembly *assembly = context->assemblies; assembly;
         assembly = assembly->next)
        if (is_wanted(wanted, &assembly->manifest.identity))
            return true;
    return false;
}

/* One of the places where a private assembly may be. STATUS_OBJECT_NAME_NOT_FOUND: it is not there. */
static NTSTATUS try_assembly(struct activation_context *context, const struct identity *wanted,
                             const char *directory, const char *path)
{
    struct manifest manifest;
    struct mapped file, found;
    NTSTATUS status = map_file(path, &file);
    if (status)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    found = file;
    status = is_image(&file) ? find_manifest_in_file(&file, MANIFEST_OF_EXE, 0, &found) : STATUS_SUCCESS;
    if (status)
        status = STATUS_OBJECT_NAME_NOT_FOUND; /* a DLL of that name without a manifest */
    else
        status = manifest_parse(&manifest, &context->arena, found.bytes, found.size);
    unmap_file(&file);
    if (status)
        return status;
    if (!is_wanted(wanted, &manifest.identity))
        return STATUS_SXS_CANT_GEN_ACTCTX;
    struct activation_assembly *assembly = add_assembly(context, path);
    char *host_directory = assembly ? arena_take(&context->arena, strlen(directory) + 1) : NULL;
    if (!host_directory || !(assembly->directory = windows_path(&context->arena, directory)))
        return STATUS_NO_MEMORY;
    assembly->manifest = manifest;
    assembly->host_directory = strcpy(host_directory, directory);
    return STATUS_SUCCESS;
}

/* NAME.dll, or else NAME.manifest, in a directory. */
static NTSTATUS find_in_directory(struct activation_context *context, const struct identity *wanted,
                                  const char *directory)
{
    static const WCHAR *const extensions[] = {L".dll", L".manifest"};
    enum { LONGEST = 9 };
    WCHAR name[PATH_NAME_UNITS];
    char path[PATH_MAX];
    size_t length = length_of(wanted->name);
    if (length > ARRAYSIZE(name) - LONGEST)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    memcpy(name, wanted->name, length * sizeof *name);
    for (unsigned i = 0; i < ARRAYSIZE(extensions); i++) {
        size_t extension = length_of(extensions[i]);
        memcpy(name + length, extensions[i], extension * sizeof *name);
        if (path_find_in_directory(directory, name, length + extension, path))
            continue;
        NTSTATUS status = try_assembly(context, wanted, directory, path);
        if (status != STATUS_OBJECT_NAME_NOT_FOUND)
            return status;
    }
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

/* Beside the program, or in a directory of the assembly's own there. */
static NTSTATUS find_private(struct activation_context *context, const struct identity *wanted,
                             const char *base)
{
    char directory[PATH_MAX];
    NTSTATUS status = find_in_directory(context, wanted, base);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND &&
        !path_find_in_directory(base, wanted->name, length_of(wanted->name), directory))
        status = find_in_directory(context, wanted, directory);
    return status;
}

/* One of Windows' own assemblies is there if litewin has the DLL that it stands for, which then is all of it.
 */
static bool find_system_dll(const struct identity *wanted, char path[PATH_MAX])
{
    static const struct {
        const WCHAR *assembly;
        const char *dll;
    } known[] = {
        {L"Microsoft.Windows.Common-Controls", "comctl32.dll"},
        {L"Microsoft.VC80.CRT", "msvcr80.dll"},
        {L"Microsoft.VC90.CRT", "msvcr90.dll"},
    };
    for (unsigned i = 0; i < ARRAYSIZE(known); i++)
        if (same_text(wanted->name, known[i].assembly))
            return snprintf(path, PATH_MAX, "%s/%s", search_system_directory(), known[i].dll) < PATH_MAX &&
                   !access(path, F_OK);
    return false;
}

static NTSTATUS find_of_system(struct activation_context *context, const struct identity *wanted)
{
    char path[PATH_MAX];
    if (!find_system_dll(wanted, path))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    struct activation_assembly *assembly = add_assembly(context, path);
    if (!assembly || !(assembly->directory = windows_path(&context->arena, search_system_directory())))
        return STATUS_NO_MEMORY;
    assembly->manifest.identity = *wanted;
    return STATUS_SUCCESS;
}

/* `assemblies` grows while it is walked: what a dependency depends on is looked for, too. */
static NTSTATUS add_dependencies(struct activation_context *context, const char *base, bool tolerant)
{
    for (const struct activation_assembly *assembly = context->assemblies; assembly;
         assembly = assembly->next) {
        for (const struct dependency *wanted = assembly->manifest.dependencies; wanted;
             wanted = wanted->next) {
            if (is_there(context, &wanted->identity))
                continue;
            NTSTATUS status = find_private(context, &wanted->identity, base);
            if (status == STATUS_OBJECT_NAME_NOT_FOUND)
                status = find_of_system(context, &wanted->identity);
            if (status == STATUS_NO_MEMORY)
                return status;
            if (status && !tolerant && !wanted->optional)
                return STATUS_SXS_CANT_GEN_ACTCTX;
        }
    }
    return STATUS_SUCCESS;
}

/* Contexts */

static const WCHAR *find_program_directory(struct arena *arena)
{
    const UNICODE_STRING *image = &process_parameters.ImagePathName;
    size_t length = image->Length / sizeof(WCHAR);
    while (length && image->Buffer[length - 1] != '\\')
        length--;
    return copy_wide(arena, image->Buffer, length);
}

static struct activation_context *create_empty(void)
{
    struct activation_context *context = calloc(1, sizeof *context);
    if (!context)
        return NULL;
    context->magic = MAGIC;
    context->references = 1;
    return context;
}

static void destroy(struct activation_context *context)
{
    context->magic = 0;
    activation_free_sections(context);
    arena_free(&context->arena);
    free(context);
}

/* The root's manifest comes from `found`, and its path is that of the file or image that has it. */
static NTSTATUS fill(struct activation_context *context, const struct mapped *found, const char *path,
                     const char *base, bool tolerant)
{
    struct activation_assembly *root = add_assembly(context, path);
    context->program_directory = find_program_directory(&context->arena);
    if (!root || !context->program_directory)
        return STATUS_NO_MEMORY;
    NTSTATUS status = manifest_parse(&root->manifest, &context->arena, found->bytes, found->size);
    return status ? status : add_dependencies(context, base, tolerant);
}

struct activation_context *activation_from_handle(HANDLE handle)
{
    struct activation_context *context = handle;
    uint32_t magic;
    if (!handle || handle == INVALID_HANDLE_VALUE || (uintptr_t)handle % sizeof(void *) ||
        !peek(&magic, &context->magic, sizeof magic))
        return NULL;
    return magic == MAGIC ? context : NULL;
}

void activation_retain(struct activation_context *context)
{
    __atomic_add_fetch(&context->references, 1, __ATOMIC_RELAXED);
}

void activation_release(struct activation_context *context)
{
    if (!__atomic_sub_fetch(&context->references, 1, __ATOMIC_ACQ_REL))
        destroy(context);
}

/* From a caller's description */

/* What a description names, as paths of Linux. */
struct source {
    char path[PATH_MAX];
    char base[PATH_MAX]; /* where dependencies are looked for */
};

static bool cut_name(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        *(slash == path ? slash + 1 : slash) = '\0';
    return slash != NULL;
}

/* An absolute host path. A relative path is below `directory`, unless that is NULL, else below the current
 * one. */
static NTSTATUS find_host_path(const WCHAR *path, const WCHAR *directory, char host_path[PATH_MAX])
{
    struct host_path *host = malloc(sizeof *host);
    size_t directory_length = length_of(directory), length = length_of(path), capacity = PATH_MAX;
    WCHAR *joined = malloc((directory_length + length + 2) * sizeof *joined);
    WCHAR *full = malloc(capacity * sizeof *full);
    NTSTATUS status = host && joined && full ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    bool is_absolute = (length > 1 && path[1] == ':') || (length && (*path == '\\' || *path == '/'));
    if (!status) {
        size_t used = 0;
        if (directory && !is_absolute) {
            memcpy(joined, directory, directory_length * sizeof *joined);
            joined[directory_length] = '\\';
            used = directory_length + 1;
        }
        memcpy(joined + used, path, length * sizeof *joined);
        size_t full_length = path_full(joined, used + length, full, capacity, NULL);
        status = full_length && full_length < capacity ? path_to_host(full, full_length, host)
                                                       : STATUS_OBJECT_NAME_INVALID;
    }
    if (!status && access(host->name, F_OK))
        status = path_correct_case(host);
    if (!status)
        memcpy(host_path, host->name, PATH_MAX);
    free(full);
    free(joined);
    free(host);
    return status;
}

static NTSTATUS find_base(const ACTCTXW *request, struct source *source)
{
    if (request->dwFlags & ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID)
        return find_host_path(request->lpAssemblyDirectory, NULL, source->base);
    memcpy(source->base, source->path, sizeof source->base);
    return cut_name(source->base) ? STATUS_SUCCESS : STATUS_OBJECT_PATH_NOT_FOUND;
}

static const WCHAR *name_of_resource(const ACTCTXW *request)
{
    return request->dwFlags & ACTCTX_FLAG_RESOURCE_NAME_VALID ? request->lpResourceName : NULL;
}

static WORD language_of(const ACTCTXW *request)
{
    return request->dwFlags & ACTCTX_FLAG_LANGID_VALID ? request->wLangId : 0;
}

/* A module that was loaded as data has no path. */
static NTSTATUS create_from_module(struct activation_context *context, const ACTCTXW *request,
                                   struct source *source)
{
    struct pe_image image;
    struct mapped found;
    const struct module *module = module_from_handle(request->hModule);
    if (!request->hModule || !name_of_resource(request))
        return STATUS_SXS_CANT_GEN_ACTCTX;
    NTSTATUS status = resource_image(request->hModule, &image);
    if (!status)
        status = find_manifest(&image, name_of_resource(request), language_of(request), &found);
    if (status)
        return status;
    if (!module)
        return STATUS_SXS_CANT_GEN_ACTCTX;
    snprintf(source->path, sizeof source->path, "%s", module->host_path);
    status = find_base(request, source);
    return status ? status : fill(context, &found, source->path, source->base, false);
}

struct activation_context *activation_of_module(const struct module *module)
{
    struct mapped found;
    char base[PATH_MAX];
    if (find_manifest(&module->image, MANIFEST_OF_DLL, 0, &found))
        return NULL;
    struct activation_context *context = create_empty();
    snprintf(base, sizeof base, "%s", module->host_path);
    if (!context || (cut_name(base) && !fill(context, &found, module->host_path, base, true)))
        return context;
    destroy(context);
    return NULL;
}

static NTSTATUS create_from_file(struct activation_context *context, const ACTCTXW *request,
                                 struct source *source)
{
    struct mapped file, found;
    bool has_directory = request->dwFlags & ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID;
    NTSTATUS status =
        find_host_path(request->lpSource, has_directory ? request->lpAssemblyDirectory : NULL, source->path);
    if (!status)
        status = find_base(request, source);
    if (!status)
        status = map_file(source->path, &file);
    if (status)
        return status;
    found = file;
    if (is_image(&file))
        status = find_manifest_in_file(&file, name_of_resource(request), language_of(request), &found);
    if (!status)
        status = fill(context, &found, source->path, source->base, false);
    unmap_file(&file);
    return status;
}

static NTSTATUS check_request(const ACTCTXW *request)
{
    DWORD flags = request->dwFlags;
    if (request->cbSize < offsetof(ACTCTXW, lpResourceName) || flags & ~VALID_FLAGS)
        return STATUS_INVALID_PARAMETER;
    if (!request->lpSource && !(flags & ACTCTX_FLAG_HMODULE_VALID))
        return STATUS_INVALID_PARAMETER;
    if (flags & ACTCTX_FLAG_RESOURCE_NAME_VALID && !request->lpResourceName)
        return STATUS_INVALID_PARAMETER;
    if (flags & ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID && !request->lpAssemblyDirectory)
        return STATUS_INVALID_PARAMETER;
    /* Names of other assemblies in the place of files, and other contexts for the process. */
    if (flags & (ACTCTX_FLAG_SOURCE_IS_ASSEMBLYREF | ACTCTX_FLAG_SET_PROCESS_DEFAULT))
        return STATUS_NOT_SUPPORTED;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlCreateActivationContext(HANDLE *handle, const ACTCTXW *request)
{
    NTSTATUS status = check_request(request);
    struct activation_context *context = status ? NULL : create_empty();
    struct source *source = status ? NULL : calloc(1, sizeof *source);
    *handle = INVALID_HANDLE_VALUE;
    if (!status && (!context || !source))
        status = STATUS_NO_MEMORY;
    if (!status && request->dwFlags & ACTCTX_FLAG_HMODULE_VALID)
        status = create_from_module(context, request, source);
    else if (!status)
        status = create_from_file(context, request, source);
    free(source);
    if (!status)
        *handle = context;
    else if (context)
        destroy(context);
    return status;
}

void NTAPI RtlAddRefActivationContext(HANDLE handle)
{
    struct activation_context *context = activation_from_handle(handle);
    if (context)
        activation_retain(context);
}

void NTAPI RtlReleaseActivationContext(HANDLE handle)
{
    struct activation_context *context = activation_from_handle(handle);
    if (context)
        activation_release(context);
}

/* A zombie is one whose uses from then on a debugger wants to hear of. */
NTSTATUS NTAPI RtlZombifyActivationContext(HANDLE handle)
{
    return activation_from_handle(handle) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* The process's own */

/* NAME.exe.manifest, which counts where the program has no manifest in itself. Looked for once, since what
 * most programs have of this is nothing. */
static bool find_manifest_file(char path[PATH_MAX])
{
    static const char *const suffixes[] = {".manifest", ".Manifest"};
    enum { UNKNOWN = -1, NONE = ARRAYSIZE(suffixes) };
    static int known = UNKNOWN; /* atomic; two threads find the same */
    int found = __atomic_load_n(&known, __ATOMIC_RELAXED);
    for (int i = 0; found == UNKNOWN; i++)
        if (i == NONE ||
            (snprintf(path, PATH_MAX, "%s%s", program_module->host_path, suffixes[i]) < PATH_MAX &&
             !access(path, F_OK)))
            found = i;
    __atomic_store_n(&known, found, __ATOMIC_RELAXED);
    return found != NONE &&
           snprintf(path, PATH_MAX, "%s%s", program_module->host_path, suffixes[found]) < PATH_MAX;
}

static NTSTATUS fill_default(struct activation_context *context, struct source *source)
{
    struct mapped file, found;
    snprintf(source->path, sizeof source->path, "%s", program_module->host_path);
    NTSTATUS status = find_base(&(ACTCTXW){0}, source);
    if (status)
        return status;
    if (!find_manifest(&program_module->image, MANIFEST_OF_EXE, 0, &found))
        return fill(context, &found, source->path, source->base, true);
    if (!find_manifest_file(source->path))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    status = map_file(source->path, &file);
    if (status)
        return status;
    status = fill(context, &file, source->path, source->base, true);
    unmap_file(&file);
    return status;
}

/* A program starts whatever its manifest says: a bad one is as good as none. */
static struct activation_context *create_default(void)
{
    struct activation_context *context = create_empty();
    struct source *source = calloc(1, sizeof *source);
    if (context && source && fill_default(context, source)) {
        arena_free(&context->arena);
        *context = (struct activation_context){.magic = MAGIC, .references = 1};
    }
    free(source);
    return context;
}

struct activation_context *activation_default(void)
{
    static struct activation_context *made;
    struct activation_context *present = __atomic_load_n(&made, __ATOMIC_ACQUIRE);
    if (present)
        return present;
    struct activation_context *created = create_default();
    if (!created ||
        __atomic_compare_exchange_n(&made, &present, created, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return created;
    destroy(created);
    return present;
}

enum manifest_place activation_program_manifest(const void **bytes, size_t *size)
{
    char path[PATH_MAX];
    struct mapped found;
    if (find_manifest(&program_module->image, MANIFEST_OF_EXE, 0, &found))
        return find_manifest_file(path) ? MANIFEST_IN_FILE : MANIFEST_NOWHERE;
    *bytes = found.bytes;
    *size = found.size;
    return MANIFEST_IN_PROGRAM;
}

/* For the loader */

static bool find_file(const struct activation_context *context, const WCHAR *name, size_t length,
                      char host_path[PATH_MAX])
{
    for (const struct activation_assembly *assembly = context->assemblies; assembly;
         assembly = assembly->next)
        for (const struct manifest_file *file = assembly->manifest.files; file; file = file->next)
            if (upcase_equal(file->name, length_of(file->name), name, length))
                return assembly->host_directory &&
                       !path_find_in_directory(assembly->host_directory, name, length, host_path);
    return false;
}

/* Whether the program's manifest can say anything of DLLs is seen without reading it, for most say nothing.
 * In UTF-16, or in a file, it is read. */
static bool look_for_dependencies(void)
{
    static const char wanted[] = "dependentAssembly";
    const void *bytes = NULL;
    size_t size = 0;
    switch (activation_program_manifest(&bytes, &size)) {
    case MANIFEST_IN_PROGRAM:
        return size && (*(const uint8_t *)bytes >= 0xfe || memmem(bytes, size, wanted, sizeof wanted - 1));
    case MANIFEST_IN_FILE:
        return true;
    default:
        return false;
    }
}

static bool default_has_dependencies(void)
{
    static enum { UNKNOWN, NO, YES } answer; /* atomic; two threads find the same */
    if (__atomic_load_n(&answer, __ATOMIC_RELAXED) == UNKNOWN)
        __atomic_store_n(&answer, look_for_dependencies() ? YES : NO, __ATOMIC_RELAXED);
    return __atomic_load_n(&answer, __ATOMIC_RELAXED) == YES;
}

bool activation_redirect(const WCHAR *name, size_t length, char host_path[PATH_MAX])
{
    const struct activation_context *context = activation_current();
    if (context && find_file(context, name, length, host_path))
        return true;
    if (!default_has_dependencies())
        return false;
    context = activation_default();
    return context && find_file(context, name, length, host_path);
}
