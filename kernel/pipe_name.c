#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "kernel/pipe_name.h"
#include "kernel/status.h"
#include "kernel/thread.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

#define PAGE_VERSION 1

/* The directory and the files in it */

/* Memory that all processes see, and nobody but this user in this directory. */
static bool is_private_directory(const char *path)
{
    struct stat status;
    return !lstat(path, &status) && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           !(status.st_mode & 077);
}

static const char *directory_path(char path[64])
{
    snprintf(path, 64, "/dev/shm/litewin-%u", (unsigned)geteuid());
    return path;
}

static void path_of(uint64_t hash, char path[64])
{
    size_t length = strlen(directory_path(path));
    snprintf(path + length, 64 - length, "/%016llx", (unsigned long long)hash);
}

static uint64_t hash_of(const WCHAR *name, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ upcase(name[i])) * 0x100000001b3u;
    return hash;
}

static struct pipe_page *map_page(int descriptor)
{
    void *page = mmap(NULL, sizeof(struct pipe_page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return page == MAP_FAILED ? NULL : page;
}

void pipe_page_close(struct pipe_page *page)
{
    if (page)
        munmap(page, sizeof *page);
}

void pipe_name_lock(const struct pipe_name *name)
{
    while (flock(name->descriptor, LOCK_EX) && errno == EINTR)
        continue;
}

void pipe_name_unlock(const struct pipe_name *name)
{
    flock(name->descriptor, LOCK_UN);
}

void pipe_name_close(struct pipe_name *name, bool keep_page)
{
    if (!keep_page)
        pipe_page_close(name->page);
    close(name->descriptor);
}

/* Opens and locks the file. One that was removed meanwhile is as good as none. */
static int open_file(const char *path, bool create, size_t *size)
{
    for (;;) {
        struct stat status;
        struct pipe_name name = {
            .descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0600),
        };
        if (name.descriptor < 0)
            return -1;
        pipe_name_lock(&name);
        if (!fstat(name.descriptor, &status) && status.st_nlink) {
            *size = status.st_size;
            return name.descriptor;
        }
        close(name.descriptor);
    }
}

/* Instances */

/* The owner of an instance holds a lock on a byte of the file that has the instance's number, and the kernel
 * lets go of it when the owner dies. Only a descriptor of one's own tells of others' locks. */
static bool is_owned(int descriptor, ULONG instance)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = instance, .l_len = 1};
    return !fcntl(descriptor, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

static bool set_owned(int descriptor, ULONG instance, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = instance, .l_len = 1};
    return !fcntl(descriptor, F_OFD_SETLK, &lock);
}

static void free_abandoned(const struct pipe_name *name)
{
    struct pipe_page *page = name->page;
    for (ULONG i = 0; i < page->used && i < PIPE_INSTANCES; i++)
        if (page->instances[i].state != PIPE_INSTANCE_FREE && !is_owned(name->descriptor, i))
            page->instances[i].state = PIPE_INSTANCE_FREE;
}

ULONG pipe_name_count(const struct pipe_page *page)
{
    ULONG count = 0;
    for (ULONG i = 0; i < page->used && i < PIPE_INSTANCES; i++)
        count += page->instances[i].state != PIPE_INSTANCE_FREE;
    return count;
}

NTSTATUS pipe_name_take_instance(const struct pipe_name *name, uint32_t *instance)
{
    struct pipe_page *page = name->page;
    ULONG free = 0;
    while (free < page->used && page->instances[free].state != PIPE_INSTANCE_FREE)
        free++;
    if (free == PIPE_INSTANCES)
        return STATUS_INSTANCE_NOT_AVAILABLE;
    if (!set_owned(name->descriptor, free, F_WRLCK))
        return status_from_errno(errno);
    if (free == page->used)
        page->used++;
    page->instances[free] = (struct pipe_instance){.state = PIPE_INSTANCE_BUSY, .server = getpid()};
    *instance = free;
    return STATUS_SUCCESS;
}

void pipe_name_free_instance(const struct pipe_name *name, ULONG instance)
{
    char path[64];
    pipe_name_lock(name);
    name->page->instances[instance].state = PIPE_INSTANCE_FREE;
    set_owned(name->descriptor, instance, F_UNLCK);
    free_abandoned(name);
    pipe_name_note_change(name->page);
    path_of(name->hash, path);
    if (!pipe_name_count(name->page))
        unlink(path);
    pipe_name_unlock(name);
}

void pipe_name_note_change(struct pipe_page *page)
{
    __atomic_add_fetch(&page->changes, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &page->changes, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool has_owners(int descriptor)
{
    struct flock any = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = PIPE_INSTANCES};
    return !fcntl(descriptor, F_OFD_GETLK, &any) && any.l_type != F_UNLCK;
}

/* Removes what processes have left that were killed. The creator of a name holds the file's lock until it
 * owns an instance. */
static void remove_if_abandoned(int directory, const char *file)
{
    int descriptor = openat(directory, file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return;
    if (!flock(descriptor, LOCK_EX | LOCK_NB) && !has_owners(descriptor))
        unlinkat(directory, file, 0);
    close(descriptor);
}

/* Once in a process that makes names. */
static void remove_abandoned(void)
{
    static uint32_t done;
    char path[64];
    if (__atomic_exchange_n(&done, 1, __ATOMIC_RELAXED))
        return;
    DIR *directory = opendir(directory_path(path));
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            remove_if_abandoned(dirfd(directory), entry->d_name);
    if (directory)
        closedir(directory);
}

static NTSTATUS ensure_directory(void)
{
    char path[64];
    if (mkdir(directory_path(path), 0700) && errno != EEXIST)
        return status_from_errno(errno);
    if (!is_private_directory(path))
        return STATUS_ACCESS_DENIED;
    remove_abandoned();
    return STATUS_SUCCESS;
}

/* Opening */

static bool is_same_name(const struct pipe_page *page, const WCHAR *name, size_t length)
{
    return page->version == PAGE_VERSION && page->name_length <= PIPE_NAME_UNITS &&
           upcase_equal(page->name, page->name_length, name, length);
}

/* Under the lock: makes what was opened the page of the name, or tells why it is not. */
static NTSTATUS prepare_page(struct pipe_name *result, bool create, bool is_new, const WCHAR *name,
                             size_t length)
{
    struct pipe_page *page = result->page;
    if (!is_new && !is_same_name(page, name, length))
        return STATUS_OBJECT_NAME_COLLISION;
    free_abandoned(result);
    if (pipe_name_count(page))
        return STATUS_SUCCESS;
    if (!create) {
        char path[64];
        path_of(result->hash, path);
        unlink(path);
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    page->version = PAGE_VERSION;
    page->name_length = length;
    memcpy(page->name, name, length * sizeof *name);
    return STATUS_SUCCESS;
}

static NTSTATUS status_of_failed_open(void)
{
    return errno == ENOENT ? STATUS_OBJECT_NAME_NOT_FOUND : status_from_errno(errno);
}

NTSTATUS pipe_name_open(const char *text, bool create, struct pipe_name *result)
{
    WCHAR name[PIPE_NAME_UNITS];
    char path[64];
    size_t size = 0, length = utf16_from_utf8(name, PIPE_NAME_UNITS, text, strlen(text), UTF_REPLACE);
    if (length > PIPE_NAME_UNITS || !length)
        return STATUS_OBJECT_NAME_INVALID;
    NTSTATUS status = create ? ensure_directory() : STATUS_SUCCESS;
    if (status)
        return status;
    result->hash = hash_of(name, length);
    path_of(result->hash, path);
    result->descriptor = open_file(path, create, &size);
    if (result->descriptor < 0)
        return status_of_failed_open();
    bool is_new = size < sizeof *result->page;
    result->page = NULL;
    if (is_new && ftruncate(result->descriptor, sizeof *result->page))
        status = status_from_errno(errno);
    else if (!(result->page = map_page(result->descriptor)))
        status = STATUS_NO_MEMORY;
    else
        status = prepare_page(result, create, is_new, name, length);
    if (status)
        pipe_name_close(result, false);
    return status;
}

/* All names */

static bool visit_file(int directory, const char *file, bool (*visit)(const WCHAR *, size_t, ULONG, void *),
                       void *context)
{
    int descriptor = openat(directory, file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return true;
    struct stat status;
    bool whole = !fstat(descriptor, &status) && status.st_size >= (off_t)sizeof(struct pipe_page);
    struct pipe_page *page = whole && has_owners(descriptor) ? map_page(descriptor) : NULL;
    bool more = !page || page->name_length > PIPE_NAME_UNITS ||
                visit(page->name, page->name_length, pipe_name_count(page), context);
    pipe_page_close(page);
    close(descriptor);
    return more;
}

void pipe_name_for_each(bool (*visit)(const WCHAR *, size_t, ULONG, void *), void *context)
{
    char path[64];
    DIR *directory = opendir(directory_path(path));
    if (!directory)
        return;
    struct dirent *entry;
    while ((entry = readdir(directory)))
        if (entry->d_name[0] != '.' && !visit_file(dirfd(directory), entry->d_name, visit, context))
            break;
    closedir(directory);
}

/* Addresses */

#define ADDRESS_FORMAT "litewin-pipe/%u/%llx/%u/%u"

/* In Linux's abstract name space, where nothing is left behind. The first byte is 0. */
socklen_t pipe_name_address(const struct pipe_name *name, ULONG instance, ULONG serial,
                            struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length =
        snprintf(address->sun_path + 1, sizeof address->sun_path - 1, ADDRESS_FORMAT, (unsigned)geteuid(),
                 (unsigned long long)name->hash, (unsigned)instance, (unsigned)serial);
    return offsetof(struct sockaddr_un, sun_path) + 1 + length;
}

bool pipe_name_of_address(const struct sockaddr_un *address, socklen_t length, struct pipe_page **page,
                          uint32_t *instance, uint32_t *serial)
{
    char text[sizeof address->sun_path + 1] = "", path[64];
    unsigned user;
    unsigned long long hash;
    size_t before = offsetof(struct sockaddr_un, sun_path) + 1;
    if (length <= before || address->sun_family != AF_UNIX || address->sun_path[0])
        return false;
    memcpy(text, address->sun_path + 1, length - before);
    if (sscanf(text, ADDRESS_FORMAT, &user, &hash, instance, serial) != 4 || user != geteuid() ||
        *instance >= PIPE_INSTANCES)
        return false;
    path_of(hash, path);
    int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    *page = descriptor < 0 ? NULL : map_page(descriptor);
    if (descriptor >= 0)
        close(descriptor);
    return true;
}

/* Waiting */

static bool has_listening_instance(const struct pipe_page *page)
{
    for (ULONG i = 0; i < page->used && i < PIPE_INSTANCES; i++)
        if (page->instances[i].state == PIPE_INSTANCE_LISTENING)
            return true;
    return false;
}

/* A server that dies wakes nobody, so that one has to look from time to time. */
#define LONGEST_SLEEP_MS 100

static void sleep_until_change(const struct pipe_page *page, uint32_t seen, int64_t milliseconds)
{
    const long timeout[] = {0, min(milliseconds, (int64_t)LONGEST_SLEEP_MS) * 1000000};
    syscall(SYS_futex, &page->changes, FUTEX_WAIT, seen, timeout, NULL, 0);
    suspend_checkpoint();
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

NTSTATUS pipe_name_wait(const char *text, DWORD milliseconds)
{
    int64_t begin = now_ms(), end = milliseconds == NMPWAIT_WAIT_FOREVER ? INT64_MAX : begin + milliseconds;
    for (;;) {
        struct pipe_name name;
        NTSTATUS status = pipe_name_open(text, false, &name);
        if (status)
            return status;
        bool found = has_listening_instance(name.page);
        uint32_t seen = __atomic_load_n(&name.page->changes, __ATOMIC_ACQUIRE);
        pipe_name_unlock(&name);
        if (milliseconds == NMPWAIT_USE_DEFAULT_WAIT)
            end = begin + name.page->default_wait;
        int64_t now = now_ms();
        if (!found && now < end)
            sleep_until_change(name.page, seen, end - now);
        pipe_name_close(&name, false);
        if (found)
            return STATUS_SUCCESS;
        if (now >= end)
            return STATUS_IO_TIMEOUT;
    }
}
