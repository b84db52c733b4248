#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>
#include "kernel/path.h"
#include "kernel/registry_compact.h"
#include "kernel/registry_journal.h"
#include "kernel/registry_machine.h"
#include "kernel/registry_store.h"
#include "kernel/shared_directory.h"
#include "kernel/status.h"

struct lock registry_lock;

static struct registry_key *tree;
/* In the order in which they are read. */
static struct registry_journal builtin, user, volatiles;

/* Places */

static const char *make_text(const char *format, const char *directory)
{
    char *text;
    return asprintf(&text, format, directory) < 0 ? NULL : text;
}

static const char *default_user_path(void)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && data[0] == '/')
        return make_text("%s/litewin/registry.reg", data);
    if (!home || home[0] != '/') {
        const struct passwd *entry = getpwuid(geteuid());
        home = entry ? entry->pw_dir : NULL;
    }
    return home ? make_text("%s/.local/share/litewin/registry.reg", home) : NULL;
}

static const char *find_user_path(void)
{
    char directory[PATH_MAX], *whole;
    const char *path = getenv("LITEWIN_REGISTRY");
    if (!path || !*path)
        return default_user_path();
    if (path[0] == '/')
        return strdup(path);
    if (!getcwd(directory, sizeof directory) || asprintf(&whole, "%s/%s", directory, path) < 0)
        return NULL;
    return whole;
}

const char *registry_user_path(void)
{
    static const char *path; /* atomic */
    static bool found;       /* atomic */
    if (!__atomic_load_n(&found, __ATOMIC_ACQUIRE)) {
        /* Two threads that look at the same time find the same. */
        __atomic_store_n(&path, find_user_path(), __ATOMIC_RELAXED);
        __atomic_store_n(&found, true, __ATOMIC_RELEASE);
    }
    return __atomic_load_n(&path, __ATOMIC_RELAXED);
}

/* Each user's file has volatile keys of its own. NULL: there is no place for them. */
static const char *volatile_path(void)
{
    const char *path = registry_user_path();
    char directory[PATH_MAX], *text;
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = path; at && *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    if (!NT_SUCCESS(shared_directory_find(directory)) ||
        asprintf(&text, "%s/.registry-%016llx", directory, (unsigned long long)hash) < 0)
        return NULL;
    return text;
}

static const char *builtin_path(void)
{
    const char *system = path_system_directory();
    return system ? make_text("%s/../registry.reg", system) : NULL;
}

/* Makes the directories that lead to a file. */
static void make_directories(const char *path)
{
    char directory[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof directory)
        return;
    memcpy(directory, path, length + 1);
    for (char *slash = strchr(directory + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(directory, 0700);
        *slash = '/';
    }
}

/* Reading */

static void initialize(struct registry_journal *journal, const char *path, bool is_volatile)
{
    journal->path = path;
    journal->replay = (struct registry_replay){.root = tree, .is_volatile = is_volatile};
    registry_journal_rewind(journal);
}

static bool read_builtin(void)
{
    struct stat status;
    registry_journal_look(&builtin, &status);
    if (!status.st_ino && !builtin.complained) {
        fprintf(stderr, "litewin: %s is missing: the registry is incomplete without it\n",
                builtin.path ? builtin.path : "registry.reg");
        builtin.complained = true;
    }
    return registry_journal_read(&builtin, &status) && registry_add_machine(tree);
}

static NTSTATUS load(void)
{
    tree = registry_tree_create();
    if (!tree)
        return STATUS_NO_MEMORY;
    initialize(&builtin, builtin_path(), false);
    initialize(&user, registry_user_path(), false);
    initialize(&volatiles, volatile_path(), true);
    return read_builtin() ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* All keys lose what they hold before everything is read from its beginning. */
static bool begin_anew(void)
{
    registry_tree_unconfirm(tree);
    registry_journal_rewind(&builtin);
    registry_journal_rewind(&user);
    registry_journal_rewind(&volatiles);
    return read_builtin();
}

/* Volatile keys lie below lasting ones: what is read of them was there before what is read of the others was
 * looked at. */
static enum registry_journal_state read_changes(bool *done)
{
    struct stat user_status, volatile_status;
    enum registry_journal_state volatile_state = registry_journal_look(&volatiles, &volatile_status);
    enum registry_journal_state state = registry_journal_look(&user, &user_status);
    state = max(state, volatile_state);
    bool anew = state == JOURNAL_REPLACED;
    *done = (!anew || begin_anew()) &&
            (state == JOURNAL_UNCHANGED || (registry_journal_read(&user, &user_status) &&
                                            registry_journal_read(&volatiles, &volatile_status)));
    if (anew && *done)
        registry_tree_remove_unconfirmed(tree);
    return state;
}

/* A file that others write without end need not be read to its end. */
enum { MOST_LOOKS = 8 };

NTSTATUS registry_refresh(struct registry_key **root)
{
    NTSTATUS status = tree ? STATUS_SUCCESS : load();
    bool done = NT_SUCCESS(status);
    for (int looks = 0; done && looks < MOST_LOOKS && read_changes(&done) != JOURNAL_UNCHANGED; looks++)
        continue;
    *root = tree;
    return done ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* Changes */

static int open_to_append(const char *path)
{
    const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC;
    int descriptor = open(path, flags, 0600);
    if (descriptor >= 0 || errno != ENOENT)
        return descriptor;
    make_directories(path);
    return open(path, flags, 0600);
}

/* What is not found is no key. */
static NTSTATUS status_of_failed_open(void)
{
    return errno == ENOSPC ? STATUS_DISK_FULL : STATUS_ACCESS_DENIED;
}

/* Opens and locks the user's file; again if it was replaced meanwhile. */
static NTSTATUS open_locked(int *descriptor)
{
    const char *path = registry_user_path();
    if (!path)
        return STATUS_ACCESS_DENIED;
    for (;;) {
        struct stat opened, there;
        *descriptor = open_to_append(path);
        if (*descriptor < 0)
            return status_of_failed_open();
        while (flock(*descriptor, LOCK_EX) && errno == EINTR)
            continue;
        if (!fstat(*descriptor, &opened) && !stat(path, &there) && opened.st_ino == there.st_ino &&
            opened.st_dev == there.st_dev)
            return STATUS_SUCCESS;
        close(*descriptor);
    }
}

NTSTATUS registry_begin_change(struct registry_change *change, struct registry_key **root)
{
    for (;;) {
        NTSTATUS status = open_locked(&change->descriptor);
        if (!NT_SUCCESS(status))
            return status;
        status = registry_refresh(root);
        bool compacted = NT_SUCCESS(status) && registry_is_worth_compacting(&user) &&
                         registry_compact(&user, &builtin, tree);
        if (NT_SUCCESS(status) && !compacted && !user.is_utf16)
            return STATUS_SUCCESS;
        /* There is another file now, or the old one, to which nothing can be added. */
        registry_end_change(change);
        if (!compacted)
            return NT_SUCCESS(status) ? STATUS_ACCESS_DENIED : status;
    }
}

static NTSTATUS append_volatile(const struct registry_key *key, const struct registry_bytes *lines)
{
    if (!volatiles.path)
        return STATUS_ACCESS_DENIED;
    int descriptor = open_to_append(volatiles.path);
    if (descriptor < 0)
        return status_of_failed_open();
    NTSTATUS status = registry_journal_append(&volatiles, descriptor, key, lines);
    close(descriptor);
    return status;
}

NTSTATUS registry_append(struct registry_change *change, bool is_volatile, const struct registry_key *key,
                         const struct registry_bytes *lines)
{
    return is_volatile ? append_volatile(key, lines)
                       : registry_journal_append(&user, change->descriptor, key, lines);
}

NTSTATUS registry_sync(const struct registry_change *change)
{
    return fdatasync(change->descriptor) ? status_from_errno(errno) : STATUS_SUCCESS;
}

void registry_end_change(struct registry_change *change)
{
    close(change->descriptor);
}
