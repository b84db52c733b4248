#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "loader/apiset.h"
#include "loader/backing.h"
#include "loader/image.h"
#include "loader/imports.h"
#include "loader/initialize.h"
#include "loader/load.h"
#include "loader/notification.h"
#include "loader/tls.h"
#include "loader/trace/trace.h"
#include "kernel/debugger.h"
#include "kernel/path.h"
#include "kernel/process.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

#define FORWARDER_DEPTH 32 /* longer chains are cycles */

static NTSTATUS fail(struct load_failure *failure, NTSTATUS status, const char *reason)
{
    snprintf(failure->reason, sizeof failure->reason, "%s", reason);
    return failure->status = status;
}

/* One file */

static bool is_in_system_directory(const char *host_path)
{
    const char *system = search_system_directory();
    size_t length = strlen(system);
    return !strncmp(host_path, system, length) && host_path[length] == '/' &&
           !strchr(host_path + length + 1, '/');
}

/* A backing may call another one, whose DLL must be there to have its data. */
static NTSTATUS bind_stub(struct module *module, const struct search *search, struct load_failure *failure)
{
    struct module *needed;
    NTSTATUS status = backing_bind(module, failure);
    if (status || !module->backing || !module->backing->needs)
        return status;
    return load_dependency(module, module->backing->needs, search, &needed, failure);
}

static const struct load_manifests *manifests;

void load_set_manifests(const struct load_manifests *functions)
{
    manifests = functions;
}

/* Litewin's own DLLs have none that matters. */
ULONG_PTR load_enter_module(struct module *module)
{
    bool may_have_one = !module->backing && module->image.characteristics & IMAGE_FILE_DLL &&
                        module->image.directories[IMAGE_DIRECTORY_ENTRY_RESOURCE].size;
    return may_have_one && manifests ? manifests->enter(module) : 0;
}

void load_leave_module(ULONG_PTR cookie)
{
    if (cookie)
        manifests->leave(cookie);
}

static NTSTATUS resolve_imports(struct module *module, const struct search *search,
                                struct load_failure *failure)
{
    ULONG_PTR cookie = load_enter_module(module);
    NTSTATUS status = imports_resolve(module, search, failure);
    load_leave_module(cookie);
    return status;
}

/* Everything after mapping; the module is in the tables, so that DLLs which import each other meet. */
static NTSTATUS link_module(struct module *module, const struct search *search, struct load_failure *failure)
{
    NTSTATUS status = STATUS_SUCCESS;
    module->unresolved |= search->flags & DONT_RESOLVE_DLL_REFERENCES;
    if (!module->unresolved)
        image_set_security_cookie(module);
    if (is_in_system_directory(module->host_path))
        status = bind_stub(module, search, failure);
    if (!status && trace_is_on)
        trace_module_loaded(module);
    if (!status && !module->unresolved)
        status = resolve_imports(module, search, failure);
    if (!status && !module->unresolved)
        status = tls_add_module(module, failure);
    if (!status)
        status = image_protect(module);
    module->announced = !status;
    if (module->announced)
        notification_send(module, NOTIFICATION_LOADED);
    return status;
}

static void discard_module(struct module *module)
{
    if (module->announced)
        notification_send(module, NOTIFICATION_UNLOADED);
    if (trace_is_on)
        trace_module_unloaded(module);
    if (manifests)
        manifests->forget(module);
    tls_remove_module(module);
    module_unregister(module);
    debugger_modules_changed();
    image_unmap(module);
    module_free(module);
}

/* Such a file is there to be looked at: another program, or a DLL for another machine or runtime. */
static bool runs_here(const struct image_file *file)
{
    struct pe_managed managed;
    return file->image.machine == HOST_MACHINE && file->image.characteristics & IMAGE_FILE_DLL &&
           !(image_read_managed(file, &managed) && managed.il_only);
}

static NTSTATUS map_module(const struct image_file *file, const char *host_path, const struct search *search,
                           struct module **result, struct load_failure *failure)
{
    struct module *module = calloc(1, sizeof *module);
    if (!module)
        return fail(failure, STATUS_NO_MEMORY, "out of memory");
    module->unresolved = search && !runs_here(file);
    const struct image_place place = {.unrelocated = module->unresolved};
    module->device = file->status.st_dev;
    module->inode = file->status.st_ino;
    if (!module_set_names(module, host_path)) {
        module_free(module);
        return fail(failure, STATUS_NO_MEMORY, "out of memory");
    }
    NTSTATUS status = image_map(file, &place, module, failure);
    if (status) {
        module_free(module);
        return status;
    }
    if (!module_register(module)) {
        image_unmap(module);
        module_free(module);
        return fail(failure, STATUS_NO_MEMORY, "out of memory");
    }
    *result = module;
    if (!search)
        return STATUS_SUCCESS;
    /* If this fails, the module stays in the tables, since others may have been linked to it already;
     * all that came with it goes once the whole load has failed. */
    return link_module(module, search, failure);
}

static const char *other_machine(uint16_t machine)
{
    return machine == IMAGE_FILE_MACHINE_I386 ? "it is an i386 DLL, and the program is x86-64"
                                              : "it is an x86-64 DLL, and the program is i386";
}

/* A 64-bit process can map what was made for 32 bits if nothing of it is to run there. */
static bool fits_process(const struct image_file *file)
{
    struct pe_managed managed;
    if (file->image.machine == HOST_MACHINE)
        return true;
    if (HOST_MACHINE != IMAGE_FILE_MACHINE_AMD64)
        return false;
    return !file->image.contains_code ||
           (image_read_managed(file, &managed) && managed.il_only && !managed.needs_32bit);
}

static NTSTATUS open_fitting(const char *host_path, struct image_file *file, struct load_failure *failure)
{
    NTSTATUS status = image_open(host_path, file, failure);
    if (status || fits_process(file))
        return status;
    image_close(file);
    return fail(failure, STATUS_INVALID_IMAGE_FORMAT, other_machine(file->image.machine));
}

/* Closes the file. */
static NTSTATUS load_file(struct image_file *file, const char *host_path, const struct search *search,
                          struct module **module, struct load_failure *failure)
{
    NTSTATUS status = STATUS_SUCCESS;
    *module = module_find_file(file->status.st_dev, file->status.st_ino);
    if (!*module)
        status = map_module(file, host_path, search, module, failure);
    image_close(file);
    return status;
}

/* Names */

static void name_failure(struct load_failure *failure, const char *dll, const struct module *needed_by)
{
    if (*failure->dll)
        return; /* one further down was named already */
    snprintf(failure->dll, sizeof failure->dll, "%s", dll);
    failure->needed_by = needed_by;
}

/* The name with ".dll" where it has no extension; a dot at its end says that it shall have none. */
static bool complete_name(const char *name, char *complete, size_t size)
{
    size_t length = strlen(name);
    const char *extension = ".dll", *slash = strrchr(name, '/');
    if (length && name[length - 1] == '.') {
        length--;
        extension = "";
    } else if (strchr(slash ? slash : name, '.')) {
        extension = "";
    }
    return (size_t)snprintf(complete, size, "%.*s%s", (int)length, name, extension) < size;
}

/* A file that the search has come to. One for another machine does not end it. */
struct candidate {
    struct image_file file;
    NTSTATUS status;
    struct load_failure *failure;
};

static bool accept_candidate(const char *host_path, void *context)
{
    struct candidate *candidate = context;
    candidate->status = image_open(host_path, &candidate->file, candidate->failure);
    if (candidate->status || fits_process(&candidate->file))
        return true;
    image_close(&candidate->file);
    candidate->status =
        fail(candidate->failure, STATUS_INVALID_IMAGE_FORMAT, other_machine(candidate->file.image.machine));
    return false;
}

static NTSTATUS search_and_load(const char *name, const struct search *search, struct module **module,
                                struct load_failure *failure)
{
    char host_path[PATH_MAX];
    struct candidate candidate = {.failure = failure};
    struct search accepting = *search;
    accepting.accept = accept_candidate;
    accepting.context = &candidate;
    bool found = !search_find(&accepting, name, host_path);
    if (candidate.status)
        return candidate.status;
    return found ? load_file(&candidate.file, host_path, search, module, failure)
                 : fail(failure, STATUS_DLL_NOT_FOUND, "");
}

static load_redirection *redirection;

void load_set_redirection(load_redirection *function)
{
    redirection = function;
}

bool load_redirect(const WCHAR *name, size_t length, char *host_path)
{
    return redirection && redirection(name, length, host_path);
}

/* A DLL by base name, or by a path relative to the directories that are searched. */
static NTSTATUS load_by_name(const char *name, const struct search *search, struct module **module,
                             struct load_failure *failure)
{
    char host[PATH_MAX], complete[PATH_MAX], redirected[PATH_MAX];
    WCHAR wide[PATH_NAME_UNITS];
    struct search narrowed = *search;
    /* The hosts of API sets are in System32, whatever else is to be searched. */
    if (apiset_resolve(name, host, sizeof host)) {
        narrowed.flags = (search->flags & DONT_RESOLVE_DLL_REFERENCES) | LOAD_LIBRARY_SEARCH_SYSTEM32;
        narrowed.path = NULL;
        search = &narrowed;
    }
    if (!complete_name(host, complete, sizeof complete))
        return fail(failure, STATUS_DLL_NOT_FOUND, "");
    size_t length = utf16_from_utf8(wide, ARRAYSIZE(wide), complete, strlen(complete), UTF_HOST_NAME);
    bool is_name = length <= ARRAYSIZE(wide) && !strchr(complete, '/');
    if (is_name && load_redirect(wide, length, redirected)) {
        struct image_file file;
        NTSTATUS status = open_fitting(redirected, &file, failure);
        return status ? status : load_file(&file, redirected, search, module, failure);
    }
    *module = is_name ? module_find_named(wide, length) : NULL;
    return *module ? STATUS_SUCCESS : search_and_load(complete, search, module, failure);
}

NTSTATUS load_dependency(struct module *module, const char *dll, const struct search *search,
                         struct module **dependency, struct load_failure *failure)
{
    NTSTATUS status = load_by_name(dll, search, dependency, failure);
    if (status)
        name_failure(failure, dll, module);
    else if (!module_add_dependency(module, *dependency))
        status = fail(failure, STATUS_NO_MEMORY, "out of memory");
    return status;
}

/* What every process has, whether the program imports it or not. */
static NTSTATUS load_system(struct load_failure *failure)
{
    static const char *const names[] = {"ntdll.dll", "kernel32.dll"};
    const struct search search = {0};
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        struct module *module;
        NTSTATUS status = load_by_name(names[i], &search, &module, failure);
        if (status) {
            name_failure(failure, names[i], program_module);
            return status;
        }
        module->everywhere = true;
        module->node.LoadCount = NODE_PINNED;
    }
    return STATUS_SUCCESS;
}

NTSTATUS load_program(const struct image_file *file, const char *host_path, struct load_failure *failure)
{
    const struct search search = {0};
    NTSTATUS status = map_module(file, host_path, NULL, &program_module, failure);
    if (status)
        return status;
    program_module->node.LoadCount = NODE_PINNED;
    status = load_system(failure);
    if (!status)
        status = link_module(program_module, &search, failure);
    debugger_modules_changed();
    return status;
}

/* Exports */

static NTSTATUS follow_forwarder(struct module *module, const char *text, unsigned depth,
                                 struct module **target, struct pe_export *export)
{
    struct pe_forwarder forwarder;
    char dll[256], name[4096];
    if (depth >= FORWARDER_DEPTH || !pe_split_forwarder(text, &forwarder) ||
        forwarder.module_length >= sizeof dll)
        return STATUS_ENTRYPOINT_NOT_FOUND;
    snprintf(dll, sizeof dll, "%.*s", (int)forwarder.module_length, forwarder.module);
    if (forwarder.name)
        snprintf(name, sizeof name, "%s", forwarder.name);
    struct load_failure failure = {0};
    const struct search search = {0};
    NTSTATUS status = load_dependency(module, dll, &search, target, &failure);
    if (status)
        return status;
    *export = forwarder.name ? pe_find_export(&(*target)->exports, name, PE_NO_HINT)
                             : pe_find_export_by_ordinal(&(*target)->exports, forwarder.ordinal);
    if (export->kind == PE_EXPORT_FORWARDER)
        return follow_forwarder(*target, export->forwarder, depth + 1, target, export);
    return export->kind == PE_EXPORT_NONE ? STATUS_ENTRYPOINT_NOT_FOUND : STATUS_SUCCESS;
}

/* Where the module's forwarder of that name (NULL: it has only a number) leads to. */
static NTSTATUS find_forwarded(struct module *module, const char *name, const char *forwarder, void **address)
{
    struct module *target;
    struct pe_export export;
    NTSTATUS status = follow_forwarder(module, forwarder, 0, &target, &export);
    if (status)
        return status;
    *address = (char *)target->entry.DllBase + export.rva;
    if (trace_is_on && name)
        *address = trace_forwarder(module, name, target, export.ordinal, *address);
    return STATUS_SUCCESS;
}

/* STATUS_MORE_ENTRIES for a forwarder, which is in `forwarder` then. */
static NTSTATUS find_own_export(struct module *module, const char *name, uint32_t ordinal, uint32_t hint,
                                void **address, const char **forwarder)
{
    struct pe_export export = name ? pe_find_export(&module->exports, name, hint)
                                   : pe_find_export_by_ordinal(&module->exports, ordinal);
    *address = (char *)module->entry.DllBase + export.rva;
    *forwarder = export.forwarder;
    if (export.kind == PE_EXPORT_FORWARDER)
        return STATUS_MORE_ENTRIES;
    if (export.kind == PE_EXPORT_ADDRESS)
        return STATUS_SUCCESS;
    return name ? STATUS_ENTRYPOINT_NOT_FOUND : STATUS_ORDINAL_NOT_FOUND;
}

NTSTATUS load_find_export(struct module *module, const char *name, uint32_t ordinal, uint32_t hint,
                          void **address)
{
    const char *forwarder;
    NTSTATUS status = find_own_export(module, name, ordinal, hint, address, &forwarder);
    return status == STATUS_MORE_ENTRIES ? find_forwarded(module, name, forwarder, address) : status;
}

/* LoadLibrary and FreeLibrary */

static bool has_root(const WCHAR *name, size_t length)
{
    return (length > 1 && name[1] == ':') || (length && (name[0] == '\\' || name[0] == '/'));
}

/* A whole path; ".dll" is added to a name without extension. */
static NTSTATUS locate_by_path(const WCHAR *name, size_t length, char *host_path)
{
    size_t extension = length;
    while (extension && name[extension - 1] != '\\' && name[extension - 1] != '/' &&
           name[extension - 1] != '.')
        extension--;
    if (extension && name[extension - 1] == '.')
        return search_resolve(name, length, host_path);
    WCHAR *complete = malloc((length + 4) * sizeof *complete);
    if (!complete)
        return STATUS_NO_MEMORY;
    memcpy(complete, name, length * sizeof *complete);
    memcpy(complete + length, L".dll", 4 * sizeof *complete);
    NTSTATUS status = search_resolve(complete, length + 4, host_path);
    free(complete);
    return status;
}

/* A name without a root as the search takes it. */
static bool narrow_name(const WCHAR *name, size_t length, char narrow[PATH_MAX])
{
    size_t bytes = utf8_from_utf16(narrow, PATH_MAX - 1, name, length, UTF_HOST_NAME);
    if (bytes >= PATH_MAX)
        return false;
    narrow[bytes] = '\0';
    for (char *c = narrow; *c; c++)
        *c = *c == '\\' ? '/' : *c;
    return true;
}

NTSTATUS load_locate(const WCHAR *name, size_t length, DWORD flags, char *host_path)
{
    const struct search search = {.flags = flags};
    char narrow[PATH_MAX], complete[PATH_MAX];
    if (has_root(name, length))
        return locate_by_path(name, length, host_path) ? STATUS_DLL_NOT_FOUND : STATUS_SUCCESS;
    if (!narrow_name(name, length, narrow) || !complete_name(narrow, complete, sizeof complete))
        return STATUS_DLL_NOT_FOUND;
    return search_find(&search, complete, host_path);
}

/* A DLL by its whole path: it need not be searched for, but what it imports may lie beside it. */
static NTSTATUS load_by_path(const WCHAR *name, size_t length, DWORD flags, struct module **module,
                             struct load_failure *failure)
{
    char host_path[PATH_MAX], directory[PATH_MAX];
    struct image_file file;
    *module = module_find_named(name, length);
    if (*module)
        return STATUS_SUCCESS;
    if (locate_by_path(name, length, host_path))
        return STATUS_DLL_NOT_FOUND;
    snprintf(directory, sizeof directory, "%.*s", (int)(strrchr(host_path, '/') - host_path), host_path);
    const struct search search = {.flags = flags, .directory = directory};
    NTSTATUS status = open_fitting(host_path, &file, failure);
    return status ? status : load_file(&file, host_path, &search, module, failure);
}

static NTSTATUS load_by_any_name(const WCHAR *name, size_t length, const struct search *search,
                                 struct module **module)
{
    struct load_failure failure = {0};
    char narrow[PATH_MAX];
    if (has_root(name, length))
        return load_by_path(name, length, search->flags, module, &failure);
    if (search->flags & LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR)
        return STATUS_INVALID_PARAMETER; /* the directory of what has none */
    if (!narrow_name(name, length, narrow))
        return STATUS_DLL_NOT_FOUND;
    return load_by_name(narrow, search, module, &failure);
}

/* Marks what the module keeps alive. */
static void mark(struct module *module)
{
    if (module->marked)
        return;
    module->marked = true;
    struct dependency *dependency = NULL;
    while ((dependency = module_next_dependency(module, dependency)))
        mark(module_of_dependency(dependency));
}

static void mark_all(void)
{
    struct module *module;
    for (uint32_t i = 0; (module = module_in_load_order(i)); i++)
        module->marked = false;
    for (uint32_t i = 0; (module = module_in_load_order(i)); i++) {
        if (module_is_pinned(module) || module->load_count)
            mark(module);
    }
}

/* Lets go of every module that neither the program nor an explicit load needs. A DllMain that frees others
 * while it is detached leaves them to the sweep that detaches it, and the end of the process lets nothing go.
 */
static void sweep(void)
{
    static bool sweeping;
    struct module *module;
    if (sweeping || process_is_ending())
        return;
    sweeping = true;
    do
        mark_all(); /* A DllMain may have loaded or freed others meanwhile. */
    while (initialize_detach_unmarked());
    for (uint32_t i = 0; (module = module_in_load_order(i));) {
        if (module->marked || module->state != MODULE_LOADED)
            i++;
        else
            discard_module(module);
    }
    sweeping = false;
}

NTSTATUS load_get_procedure(struct module *module, const char *name, uint32_t ordinal, void **address)
{
    const char *forwarder;
    NTSTATUS status = find_own_export(module, name, ordinal, PE_NO_HINT, address, &forwarder);
    if (status != STATUS_MORE_ENTRIES)
        return status;
    loader_lock();
    status = find_forwarded(module, name, forwarder, address);
    debugger_modules_changed();
    if (!status)
        status = initialize_module(module);
    if (status)
        sweep();
    loader_unlock();
    return status;
}

static void count_loads(struct module *module, int change)
{
    module->load_count += change;
    module_change_count(module, change);
}

NTSTATUS load_library(const WCHAR *name, size_t length, const struct search *search, struct module **module)
{
    loader_lock();
    NTSTATUS status = load_by_any_name(name, length, search, module);
    debugger_modules_changed();
    if (!status) {
        count_loads(*module, 1);
        status = initialize_module(*module);
        if (status)
            count_loads(*module, -1);
    }
    if (status)
        sweep();
    loader_unlock();
    return status;
}

static struct module *find_redirected(const char *host_path)
{
    struct stat file;
    return stat(host_path, &file) ? NULL : module_find_file(file.st_dev, file.st_ino);
}

NTSTATUS load_library_for(struct module *parent, const WCHAR *name, size_t length,
                          const struct search *search, struct module **module)
{
    loader_lock();
    NTSTATUS status = load_library(name, length, search, module);
    if (!status) {
        if (!module_add_dependency(parent, *module))
            status = STATUS_NO_MEMORY;
        load_free_library(*module);
    }
    loader_unlock();
    return status;
}

struct module *load_find_loaded(const WCHAR *name, size_t length)
{
    char redirected[PATH_MAX];
    if (load_redirect(name, length, redirected))
        return find_redirected(redirected);
    static const WCHAR kernelbase[] = L"kernelbase.dll";
    const struct search search = {.flags = LOAD_LIBRARY_SEARCH_SYSTEM32};
    struct module *module = module_find_loaded(name, length);
    size_t base_length = ARRAYSIZE(kernelbase) - 5; /* with its extension or without */
    bool is_kernelbase = upcase_equal(name, length, kernelbase, ARRAYSIZE(kernelbase) - 1) ||
                         upcase_equal(name, length, kernelbase, base_length);
    if (module || !is_kernelbase)
        return module;
    if (load_library(kernelbase, ARRAYSIZE(kernelbase) - 1, &search, &module))
        return NULL;
    load_count_reference(module, true);
    return module;
}

NTSTATUS load_free_library(struct module *module)
{
    loader_lock();
    if (!module_is_pinned(module) && module->load_count) {
        count_loads(module, -1);
        if (!module->load_count)
            sweep();
    }
    loader_unlock();
    return STATUS_SUCCESS;
}

NTSTATUS load_count_reference(struct module *module, bool pin)
{
    loader_lock();
    if (pin)
        module->node.LoadCount = NODE_PINNED;
    else
        count_loads(module, 1);
    loader_unlock();
    return STATUS_SUCCESS;
}
