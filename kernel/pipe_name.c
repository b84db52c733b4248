#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "kernel/futex.h"
#include "kernel/pipe_name.h"
#include "kernel/shared_directory.h"
#include "kernel/status.h"
#include "kernel/thread.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

#define PAGE_VERSION 1

_Static_assert((int)PIPE_INSTANCES <= (int)SHARED_PLACES, "each instance has a place");

/* The file */

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
    shared_directory_lock(name->descriptor);
}

void pipe_name_unlock(const struct pipe_name *name)
{
    shared_directory_unlock(name->descriptor);
}

void pipe_name_close(struct pipe_name *name, bool keep_page)
{
    if (!keep_page)
        pipe_page_close(name->page);
    close(name->descriptor);
}

/* Instances */

/* The owner of an instance holds the place that has the instance's number. */
static void free_abandoned(const struct pipe_name *name)
{
    struct pipe_page *page = name->page;
    for (ULONG i = 0; i < page->used && i < PIPE_INSTANCES; i++)
        if (page->instances[i].state != PIPE_INSTANCE_FREE && !shared_directory_is_held(name->descriptor, i))
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
    if (!shared_directory_hold(name->descriptor, free, F_WRLCK))
        return status_from_errno(errno);
    if (free == page->used)
        page->used++;
    page->instances[free] = (struct pipe_instance){.state = PIPE_INSTANCE_BUSY, .server = getpid()};
    *instance = free;
    return STATUS_SUCCESS;
}

void pipe_name_free_instance(const struct pipe_name *name, ULONG instance)
{
    pipe_name_lock(name);
    name->page->instances[instance].state = PIPE_INSTANCE_FREE;
    shared_directory_hold(name->descriptor, instance, F_UNLCK);
    free_abandoned(name);
    pipe_name_note_change(name->page);
    if (!pipe_name_count(name->page))
        shared_directory_remove(SHARED_PIPES, name->hash);
    pipe_name_unlock(name);
}

void pipe_name_note_change(struct pipe_page *page)
{
    __atomic_add_fetch(&page->changes, 1, __ATOMIC_RELEASE);
    futex_wake_shared(&page->changes, INT_MAX);
}

/* Opening */

static bool is_same_name(const struct pipe_page *page, const WCHAR *name, size_t length)
{
    return page->version == PAGE_VERSION && page->name_length <= PIPE_NAME_UNITS &&
           upcase_equal(page->name, page->name_length, name, length);
}

static bool is_whole(int descriptor)
{
    struct stat status;
    return !fstat(descriptor, &status) && status.st_size >= (off_t)sizeof(struct pipe_page);
}

/* Under the lock: makes what was opened the page of the name, or tells why it is not. */
static NTSTATUS prepare_page(struct pipe_name *result, bool is_new, const WCHAR *name, size_t length)
{
    if (is_new && ftruncate(result->descriptor, sizeof *result->page))
        return status_from_errno(errno);
    if (!is_whole(result->descriptor))
        return STATUS_OBJECT_NAME_COLLISION;
    struct pipe_page *page = result->page = map_page(result->descriptor);
    if (!page)
        return STATUS_NO_MEMORY;
    if (is_new) {
        page->version = PAGE_VERSION;
        page->name_length = length;
        memcpy(page->name, name, length * sizeof *name);
    } else if (!is_same_name(page, name, length)) {
        return STATUS_OBJECT_NAME_COLLISION;
    }
    free_abandoned(result);
    return STATUS_SUCCESS;
}

NTSTATUS pipe_name_open(const char *text, bool create, struct pipe_name *result)
{
    WCHAR name[PIPE_NAME_UNITS];
    bool is_new;
    size_t length = utf16_from_utf8(name, PIPE_NAME_UNITS, text, strlen(text), UTF_REPLACE);
    if (length > PIPE_NAME_UNITS || !length)
        return STATUS_OBJECT_NAME_INVALID;
    *result = (struct pipe_name){.hash = hash_of(name, length)};
    NTSTATUS status = shared_directory_open(SHARED_PIPES, result->hash, create, &result->descriptor, &is_new);
    if (status)
        return status;
    status = prepare_page(result, is_new, name, length);
    if (status)
        pipe_name_close(result, false);
    return status;
}

/* All names */

struct visitor {
    bool (*visit)(const WCHAR *, size_t, ULONG, void *);
    void *context;
};

static bool visit_name(int descriptor, void *context)
{
    const struct visitor *visitor = context;
    struct pipe_page *page = is_whole(descriptor) ? map_page(descriptor) : NULL;
    bool more = !page || page->name_length > PIPE_NAME_UNITS ||
                visitor->visit(page->name, page->name_length, pipe_name_count(page), visitor->context);
    pipe_page_close(page);
    return more;
}

void pipe_name_for_each(bool (*visit)(const WCHAR *, size_t, ULONG, void *), void *context)
{
    shared_directory_for_each(SHARED_PIPES, visit_name, &(struct visitor){visit, context});
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
    char text[sizeof address->sun_path + 1] = "";
    unsigned user;
    int descriptor;
    bool is_new;
    unsigned long long hash;
    size_t before = offsetof(struct sockaddr_un, sun_path) + 1;
    if (length <= before || address->sun_family != AF_UNIX || address->sun_path[0])
        return false;
    memcpy(text, address->sun_path + 1, length - before);
    if (sscanf(text, ADDRESS_FORMAT, &user, &hash, instance, serial) != 4 || user != geteuid() ||
        *instance >= PIPE_INSTANCES)
        return false;
    *page = NULL;
    if (!shared_directory_open(SHARED_PIPES, hash, false, &descriptor, &is_new)) {
        *page = is_whole(descriptor) ? map_page(descriptor) : NULL;
        shared_directory_unlock(descriptor);
        close(descriptor);
    }
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
    futex_wait_shared(&page->changes, seen, min(milliseconds, (int64_t)LONGEST_SLEEP_MS) * 1000000);
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
