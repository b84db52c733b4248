#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "loader/options.h"
#include "loader/search.h"
#include "kernel/environment.h"
#include "kernel/path.h"
#include "kernel/utf.h"

#define SEARCH_FLAGS                                                          \
    (LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_APPLICATION_DIR | \
     LOAD_LIBRARY_SEARCH_USER_DIRS | LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)

struct user_directory {
    struct user_directory *next;
    char path[];
};

static char program_directory[PATH_MAX];
static const char *system_directory;

/* What the program has set, under this lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static DWORD default_flags;
static struct user_directory *user_directories; /* newest first */
static WCHAR *dll_directory;                    /* SetDllDirectory */
static size_t dll_directory_length;

/* Windows takes these from System32 whatever lies beside the program (its "known DLLs"). */
static const char known_dlls[][16] = {
    "advapi32.dll", "bcrypt.dll",   "clbcatq.dll",  "combase.dll",  "comdlg32.dll",   "crypt32.dll",
    "gdi32.dll",    "imagehlp.dll", "imm32.dll",    "kernel32.dll", "kernelbase.dll", "msvcrt.dll",
    "normaliz.dll", "nsi.dll",      "ntdll.dll",    "ole32.dll",    "oleaut32.dll",   "psapi.dll",
    "rpcrt4.dll",   "sechost.dll",  "setupapi.dll", "shell32.dll",  "shlwapi.dll",    "user32.dll",
    "wldap32.dll",  "ws2_32.dll",
};

void search_set_program(const char *host_path)
{
    const char *slash = strrchr(host_path, '/');
    snprintf(program_directory, sizeof program_directory, "%.*s", (int)(slash - host_path), host_path);
}

void search_set_system(const char *directory)
{
    system_directory = directory;
}

const char *search_system_directory(void)
{
    return system_directory;
}

/* Which DLLs are litewin's */

/* `word` with or without ".dll", in any case, is the DLL `name`. */
static bool names_dll(const char *word, const char *name)
{
    size_t length = strlen(word);
    return !strcasecmp(word, name) ||
           (!strncasecmp(word, name, length) && !strcasecmp(name + length, ".dll"));
}

static bool option_names(const struct option_words *list, const char *name)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (names_dll(list->words[i], name))
            return true;
    }
    return false;
}

static bool is_known_dll(const char *name)
{
    if (option_names(&options.native, name))
        return false;
    if (option_names(&options.builtin, name))
        return true;
    for (size_t i = 0; i < ARRAYSIZE(known_dlls); i++) {
        if (!strcasecmp(known_dlls[i], name))
            return true;
    }
    return false;
}

/* Directories, in order */

typedef bool (*visitor)(const char *directory, void *context);

static bool visit_words(const struct option_words *list, visitor visit, void *context)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (!visit(list->words[i], context))
            return false;
    }
    return true;
}

static bool visit_windows_path(const WCHAR *path, size_t length, visitor visit, void *context)
{
    struct host_path host;
    if (!length || path_to_host(path, length, &host) || host.kind != PATH_FILE)
        return true;
    return visit(host.name, context);
}

static bool visit_list(const WCHAR *list, size_t length, visitor visit, void *context)
{
    bool go_on = true;
    for (size_t at = 0, part; go_on && at < length; at += part + 1) {
        for (part = 0; at + part < length && list[at + part] != ';'; part++) {
        }
        go_on = visit_windows_path(list + at, part, visit, context);
    }
    return go_on;
}

static bool visit_path_variable(visitor visit, void *context)
{
    size_t length;
    environment_lock();
    const WCHAR *value = environment_get(L"PATH", 4, &length);
    WCHAR *path = value ? malloc((length + 1) * sizeof *path) : NULL;
    if (path)
        memcpy(path, value, (length + 1) * sizeof *path);
    environment_unlock();
    bool go_on = visit_list(path, path ? length : 0, visit, context);
    free(path);
    return go_on;
}

static bool visit_application(visitor visit, void *context)
{
    return visit(program_directory, context) && visit_words(&options.dll_paths, visit, context);
}

static bool visit_user_directories(visitor visit, void *context)
{
    for (struct user_directory *user = user_directories; user; user = user->next) {
        if (!visit(user->path, context))
            return false;
    }
    return visit_windows_path(dll_directory, dll_directory_length, visit, context);
}

/* The order that LOAD_LIBRARY_SEARCH_* flags ask for. */
static bool visit_chosen(DWORD flags, const char *load_directory, visitor visit, void *context)
{
    if (flags & LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
        flags |= LOAD_LIBRARY_SEARCH_APPLICATION_DIR | LOAD_LIBRARY_SEARCH_USER_DIRS |
                 LOAD_LIBRARY_SEARCH_SYSTEM32;
    if (flags & LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR && load_directory && !visit(load_directory, context))
        return false;
    if (flags & LOAD_LIBRARY_SEARCH_APPLICATION_DIR && !visit_application(visit, context))
        return false;
    if (flags & LOAD_LIBRARY_SEARCH_USER_DIRS && !visit_user_directories(visit, context))
        return false;
    return !(flags & LOAD_LIBRARY_SEARCH_SYSTEM32) || visit(system_directory, context);
}

/* Windows' order of old, with the current directory behind the system's. */
static bool visit_standard(const struct search *search, visitor visit, void *context)
{
    bool altered = search->flags & LOAD_WITH_ALTERED_SEARCH_PATH && search->directory;
    if (altered ? !visit(search->directory, context) : !visit_application(visit, context))
        return false;
    if (altered && !visit_words(&options.dll_paths, visit, context))
        return false;
    if (!visit_windows_path(dll_directory, dll_directory_length, visit, context))
        return false;
    if (!visit(system_directory, context))
        return false;
    if (!dll_directory && !visit(".", context))
        return false;
    return visit_path_variable(visit, context);
}

void search_for_each_directory(const struct search *search, visitor visit, void *context)
{
    pthread_mutex_lock(&lock);
    DWORD chosen = search->flags & SEARCH_FLAGS;
    if (!chosen && !(search->flags & LOAD_WITH_ALTERED_SEARCH_PATH))
        chosen = default_flags;
    if (search->path)
        visit_list(search->path, search->path_length, visit, context);
    else if (chosen)
        visit_chosen(chosen, search->directory, visit, context);
    else
        visit_standard(search, visit, context);
    pthread_mutex_unlock(&lock);
}

/* Finding */

struct lookup {
    const struct search *search;
    const char *name;
    char *found;
    NTSTATUS (*try)(struct lookup *lookup, const char *directory);
    NTSTATUS status;
};

static bool is_file(const char *path)
{
    struct stat status;
    return !stat(path, &status) && S_ISREG(status.st_mode);
}

/* One directory, by the name as given and in lower case. Costs two system calls at most, however many
 * files there are. */
static NTSTATUS try_spellings(struct lookup *lookup, const char *directory)
{
    size_t base = strlen(directory) + 1;
    if (snprintf(lookup->found, PATH_MAX, "%s/%s", directory, lookup->name) >= PATH_MAX)
        return STATUS_DLL_NOT_FOUND;
    if (is_file(lookup->found))
        return STATUS_SUCCESS;
    bool changed = false;
    for (char *c = lookup->found + base; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c += 'a' - 'A';
            changed = true;
        }
    }
    return changed && is_file(lookup->found) ? STATUS_SUCCESS : STATUS_DLL_NOT_FOUND;
}

/* One directory, in any case: reads the directory, so it comes when nothing else helped. */
static NTSTATUS try_any_case(struct lookup *lookup, const char *directory)
{
    WCHAR name[PATH_NAME_UNITS];
    size_t length = utf16_from_utf8(name, ARRAYSIZE(name), lookup->name, strlen(lookup->name), UTF_HOST_NAME);
    if (length > ARRAYSIZE(name) || strchr(lookup->name, '/'))
        return STATUS_DLL_NOT_FOUND;
    return path_find_in_directory(directory, name, length, lookup->found);
}

static bool look_in(const char *directory, void *context)
{
    struct lookup *lookup = context;
    const struct search *search = lookup->search;
    lookup->status = lookup->try(lookup, directory);
    if (!lookup->status && search->accept && !search->accept(lookup->found, search->context))
        lookup->status = STATUS_DLL_NOT_FOUND;
    return lookup->status != STATUS_SUCCESS;
}

static bool has_dot_part(const char *path)
{
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (!strncmp(part, "./", 2) || !strncmp(part, "../", 3))
            return true;
    }
    return false;
}

/* The directory with its links resolved, and the file's own name as it is. */
static bool resolve_directory(char *path)
{
    char directory[PATH_MAX], name[NAME_MAX + 1];
    char *slash = strrchr(path, '/');
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : path);
    if (slash)
        slash[slash == path] = '\0';
    if (!realpath(slash ? path : ".", directory))
        return false;
    return snprintf(path, PATH_MAX, "%s/%s", directory[1] ? directory : "", name) < PATH_MAX;
}

bool search_make_absolute(char *path)
{
    char relative[PATH_MAX], current[PATH_MAX];
    if (has_dot_part(path))
        return resolve_directory(path);
    if (*path == '/')
        return true;
    snprintf(relative, sizeof relative, "%s", path);
    return getcwd(current, sizeof current) &&
           snprintf(path, PATH_MAX, "%s/%s", current[1] ? current : "", relative) < PATH_MAX;
}

NTSTATUS search_find(const struct search *search, const char *name, char *found)
{
    struct lookup lookup = {search, name, found, try_spellings, STATUS_DLL_NOT_FOUND};
    if (is_known_dll(name) && !look_in(system_directory, &lookup))
        return STATUS_SUCCESS;
    search_for_each_directory(search, look_in, &lookup);
    if (lookup.status) {
        lookup.try = try_any_case;
        search_for_each_directory(search, look_in, &lookup);
    }
    return lookup.status || !search_make_absolute(found) ? STATUS_DLL_NOT_FOUND : STATUS_SUCCESS;
}

NTSTATUS search_resolve(const WCHAR *path, size_t length, char *found)
{
    struct host_path host;
    NTSTATUS status = path_to_host(path, length, &host);
    if (status)
        return status;
    if (host.kind != PATH_FILE || host.directory_only)
        return STATUS_DLL_NOT_FOUND;
    if (access(host.name, F_OK) && path_correct_case(&host))
        return STATUS_DLL_NOT_FOUND;
    snprintf(found, PATH_MAX, "%s", host.name);
    return search_make_absolute(found) ? STATUS_SUCCESS : STATUS_DLL_NOT_FOUND;
}

/* What the program sets */

NTSTATUS search_set_default_flags(DWORD flags)
{
    if (!flags || flags & ~(SEARCH_FLAGS & ~LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR))
        return STATUS_INVALID_PARAMETER;
    pthread_mutex_lock(&lock);
    default_flags = flags;
    pthread_mutex_unlock(&lock);
    return STATUS_SUCCESS;
}

/* Beginning at a root: the current drive's, a drive's or a server's. */
static bool is_rooted(const WCHAR *path, size_t length)
{
    size_t root = length >= 2 && path[1] == ':' ? 2 : 0;
    return length > root && (path[root] == '\\' || path[root] == '/');
}

NTSTATUS search_add_directory(const WCHAR *directory, size_t length, void **cookie)
{
    struct host_path host;
    if (!is_rooted(directory, length))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = path_to_host(directory, length, &host);
    if (!status && access(host.name, F_OK))
        status = path_correct_case(&host);
    if (status)
        return status;
    struct user_directory *user = malloc(sizeof *user + strlen(host.name) + 1);
    if (!user)
        return STATUS_NO_MEMORY;
    strcpy(user->path, host.name);
    pthread_mutex_lock(&lock);
    user->next = user_directories;
    user_directories = user;
    pthread_mutex_unlock(&lock);
    *cookie = user;
    return STATUS_SUCCESS;
}

NTSTATUS search_remove_directory(void *cookie)
{
    pthread_mutex_lock(&lock);
    struct user_directory **link = &user_directories;
    while (*link && *link != cookie)
        link = &(*link)->next;
    struct user_directory *user = *link;
    if (user)
        *link = user->next;
    pthread_mutex_unlock(&lock);
    free(user);
    return user ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS search_set_directory(const WCHAR *directory, size_t length)
{
    WCHAR *copy = NULL;
    if (directory) {
        copy = malloc((length + 1) * sizeof *copy);
        if (!copy)
            return STATUS_NO_MEMORY;
        memcpy(copy, directory, length * sizeof *copy);
        copy[length] = 0;
    }
    pthread_mutex_lock(&lock);
    free(dll_directory);
    dll_directory = copy;
    dll_directory_length = length;
    pthread_mutex_unlock(&lock);
    return STATUS_SUCCESS;
}

size_t search_get_directory(WCHAR *buffer, size_t capacity)
{
    pthread_mutex_lock(&lock);
    size_t length = dll_directory ? dll_directory_length : 0;
    if (length < capacity) {
        memcpy(buffer, dll_directory, length * sizeof *buffer);
        buffer[length] = 0;
    }
    pthread_mutex_unlock(&lock);
    return length;
}
