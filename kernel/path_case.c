/* Names in another case than they were asked for.
 *
 * What is known of a directory is kept, and stands as long as the directory's modification time is the
 * same. That time has the resolution of the kernel's clock tick, so a directory that changed in the tick
 * in which it was read may change again unseen. Such a reading is trusted for a short while, in
 * proportion to what it cost, so that a program that fills a directory does not read it again for
 * every file. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "kernel/directory_reader.h"
#include "kernel/path.h"
#include "kernel/status.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

#define NANOSECONDS 1000000000LL
/* Longer than a clock tick of any kernel. */
#define TICK (20 * 1000000LL)
/* A fresh reading is trusted for this many times the time it took. */
#define TRUST_FACTOR 50

struct listing {
    dev_t device;
    ino_t inode;
    int64_t modified;      /* the directory's mtime when it was read, or after our own last change */
    int64_t read_at;       /* when it was read */
    int64_t trusted_until; /* for a reading that the mtime alone cannot vouch for */
    int64_t seen_at;       /* when it was last known to be right */
    char *names;
    size_t names_size, names_capacity;
    struct listing_slot {
        uint32_t hash;
        uint32_t name; /* offset in `names` plus 1; 0 is free */
    } * slots;
    size_t count, slot_count; /* a power of two */
};

#define LISTINGS 128

static struct listing *listings[LISTINGS];
static pthread_mutex_t listings_lock = PTHREAD_MUTEX_INITIALIZER;
/* Whether there is any, so that a program that never misses pays nothing. */
static bool any_listing;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME_COARSE, &time);
    return time.tv_sec * NANOSECONDS + time.tv_nsec;
}

static int64_t modification_time(const struct stat *status)
{
    return status->st_mtim.tv_sec * NANOSECONDS + status->st_mtim.tv_nsec;
}

/* One listing */

static uint32_t hash_name(const WCHAR *name, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ upcase(name[i])) * 16777619u;
    return hash;
}

static void listing_free(struct listing *listing)
{
    if (!listing)
        return;
    free(listing->names);
    free(listing->slots);
    free(listing);
}

static void fill_slot(struct listing *listing, uint32_t hash, uint32_t name)
{
    size_t slot = hash & (listing->slot_count - 1);
    while (listing->slots[slot].name)
        slot = (slot + 1) & (listing->slot_count - 1);
    listing->slots[slot] = (struct listing_slot){hash, name};
}

static bool grow_slots(struct listing *listing)
{
    struct listing_slot *old = listing->slots;
    size_t old_count = listing->slot_count;
    size_t count = old_count ? old_count * 2 : 64;
    listing->slots = calloc(count, sizeof *listing->slots);
    if (!listing->slots) {
        listing->slots = old;
        return false;
    }
    listing->slot_count = count;
    for (size_t i = 0; i < old_count; i++)
        if (old[i].name)
            fill_slot(listing, old[i].hash, old[i].name);
    free(old);
    return true;
}

static bool grow_names(struct listing *listing, size_t size)
{
    if (listing->names_size + size <= listing->names_capacity)
        return true;
    size_t capacity = listing->names_capacity ? listing->names_capacity * 2 : 2048;
    char *names = realloc(listing->names, capacity);
    if (!names)
        return false;
    listing->names = names;
    listing->names_capacity = capacity;
    return true;
}

static bool listing_add(struct listing *listing, const char *name)
{
    WCHAR wide[PATH_NAME_UNITS];
    size_t size = strlen(name) + 1;
    if (listing->count * 2 >= listing->slot_count && !grow_slots(listing))
        return false;
    if (!grow_names(listing, size))
        return false;
    uint32_t offset = listing->names_size;
    memcpy(listing->names + offset, name, size);
    listing->names_size += size;
    listing->count++;
    size_t length = path_name_from_host(name, size - 1, wide);
    fill_slot(listing, hash_name(wide, length), offset + 1);
    return true;
}

/* A program may make and remove the same file again and again. */
static bool listing_has(const struct listing *listing, const char *name)
{
    WCHAR wide[PATH_NAME_UNITS];
    if (!listing->count)
        return false;
    uint32_t hash = hash_name(wide, path_name_from_host(name, strlen(name), wide));
    size_t mask = listing->slot_count - 1;
    for (size_t slot = hash & mask; listing->slots[slot].name; slot = (slot + 1) & mask)
        if (listing->slots[slot].hash == hash &&
            !strcmp(listing->names + listing->slots[slot].name - 1, name))
            return true;
    return false;
}

static bool read_names(struct listing *listing, int descriptor)
{
    struct directory_reader reader;
    if (!directory_reader_open(&reader, descriptor))
        return false;
    bool complete = true;
    const struct dirent64 *entry;
    while (complete && (entry = directory_reader_next(&reader)))
        complete = listing_add(listing, entry->d_name);
    directory_reader_close(&reader);
    return complete && !reader.error;
}

static int64_t clock_precise(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * NANOSECONDS + time.tv_nsec;
}

static struct listing *listing_read(const char *directory)
{
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    int64_t started = clock_precise();
    struct stat status;
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing && !fstat(descriptor, &status)) {
        listing->device = status.st_dev;
        listing->inode = status.st_ino;
        listing->modified = modification_time(&status);
        listing->read_at = listing->seen_at = now();
        if (!read_names(listing, descriptor)) {
            listing_free(listing);
            listing = NULL;
        } else {
            listing->trusted_until = listing->read_at + (clock_precise() - started) * TRUST_FACTOR;
        }
    }
    close(descriptor);
    return listing;
}

/* All of them */

static struct listing **listing_place(const struct stat *status)
{
    uint64_t key = (status->st_ino ^ (uint64_t)status->st_dev << 32) * 0x9e3779b97f4a7c15u;
    return &listings[key >> 57];
}

static bool is_listing_of(const struct listing *listing, const struct stat *status)
{
    return listing && listing->inode == status->st_ino && listing->device == status->st_dev;
}

static bool is_valid(struct listing *listing, const struct stat *status)
{
    if (listing->modified != modification_time(status))
        return false;
    listing->seen_at = now();
    return listing->modified + TICK < listing->read_at || listing->seen_at < listing->trusted_until;
}

/* Under the lock. NULL for a directory that cannot be read. */
static struct listing *listing_of(const char *directory, const struct stat *status)
{
    struct listing **place = listing_place(status);
    if (is_listing_of(*place, status) && is_valid(*place, status))
        return *place;
    struct listing *fresh = listing_read(directory);
    if (fresh) {
        listing_free(*place);
        *place = fresh;
        __atomic_store_n(&any_listing, true, __ATOMIC_RELAXED);
    }
    return fresh;
}

static bool exists(const char *directory, size_t directory_length, const char *name)
{
    char whole[PATH_MAX];
    struct stat status;
    size_t size = strlen(name) + 1;
    if (directory_length + size > sizeof whole)
        return false;
    memcpy(whole, directory, directory_length);
    memcpy(whole + directory_length, name, size);
    return !lstat(whole, &status);
}

/* Looks for other spellings of `given`. Of several, it takes the first in the order of their bytes, so that
 * it is the same one each time. `directory` ends in a slash, or is of length 0. */
static bool find_other_case(const struct listing *listing, const char *directory, size_t directory_length,
                            const char *given, char found[NAME_MAX + 1])
{
    WCHAR name[PATH_NAME_UNITS], other[PATH_NAME_UNITS];
    if (!listing->count)
        return false;
    size_t length = path_name_from_host(given, strlen(given), name);
    uint32_t hash = hash_name(name, length);
    size_t mask = listing->slot_count - 1;
    bool any = false;
    for (size_t slot = hash & mask; listing->slots[slot].name; slot = (slot + 1) & mask) {
        if (listing->slots[slot].hash != hash)
            continue;
        const char *candidate = listing->names + listing->slots[slot].name - 1;
        if (!strcmp(candidate, given))
            continue;
        size_t other_length = path_name_from_host(candidate, strlen(candidate), other);
        if (!upcase_equal(other, other_length, name, length))
            continue;
        /* A listing may still have names that are gone. */
        if ((any && strcmp(candidate, found) >= 0) || !exists(directory, directory_length, candidate))
            continue;
        strcpy(found, candidate);
        any = true;
    }
    return any;
}

/* Whole paths */

/* The directory part of a name as a name of its own. */
static void copy_directory(char directory[PATH_MAX], const char *name, size_t part)
{
    if (part <= 1) {
        strcpy(directory, part ? "/" : ".");
        return;
    }
    memcpy(directory, name, part - 1);
    directory[part - 1] = '\0';
}

static NTSTATUS status_of_directory(const char *directory, struct stat *status)
{
    if (stat(directory, status))
        return errno == EACCES ? STATUS_ACCESS_DENIED : STATUS_OBJECT_PATH_NOT_FOUND;
    return S_ISDIR(status->st_mode) ? STATUS_SUCCESS : STATUS_NOT_A_DIRECTORY;
}

/* Finds another spelling of the part that begins at `part`, in the directory before it. */
static NTSTATUS find_part(const char *name, size_t part, const char *given, char found[NAME_MAX + 1])
{
    char directory[PATH_MAX];
    struct stat status;
    copy_directory(directory, name, part);
    NTSTATUS result = status_of_directory(directory, &status);
    if (result)
        return result;
    pthread_mutex_lock(&listings_lock);
    const struct listing *listing = listing_of(directory, &status);
    if (!listing || !find_other_case(listing, name, part, given, found))
        result = STATUS_OBJECT_NAME_NOT_FOUND;
    pthread_mutex_unlock(&listings_lock);
    return result;
}

static bool replace_part(char *name, size_t part, size_t *end, const char *text)
{
    size_t length = strlen(text), rest = strlen(name + *end) + 1;
    if (part + length + rest > PATH_MAX)
        return false;
    memmove(name + part + length, name + *end, rest);
    memcpy(name + part, text, length);
    *end = part + length;
    return true;
}

/* Corrects the part from `part` to `*end`. Not inlined, since its caller calls itself for each part of a
 * path, perhaps thousands of times, and these buffers would be on the stack as often. */
__attribute__((noinline)) static NTSTATUS correct_one(char *name, size_t part, size_t *end, bool as_given)
{
    char given[NAME_MAX + 1], found[NAME_MAX + 1];
    size_t length = *end - part;
    memcpy(given, name + part, length);
    given[length] = '\0';
    if (as_given && exists(name, part, given))
        return STATUS_SUCCESS;
    NTSTATUS status = find_part(name, part, given, found);
    if (status)
        return status;
    return replace_part(name, part, end, found) ? STATUS_SUCCESS : STATUS_NAME_TOO_LONG;
}

/* Corrects the path that ends at `*end`, in place, starting with its last part: most often only that
 * one is missing. */
static NTSTATUS correct_part(char *name, size_t *end)
{
    size_t part = *end;
    while (part && name[part - 1] != '/')
        part--;
    size_t length = *end - part;
    if (!length || length > NAME_MAX)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    NTSTATUS status = correct_one(name, part, end, false);
    if (status == STATUS_OBJECT_PATH_NOT_FOUND && part > 1) {
        size_t directory_end = part - 1;
        if (correct_part(name, &directory_end))
            return STATUS_OBJECT_PATH_NOT_FOUND;
        part = directory_end + 1;
        *end = part + length;
        /* The directory was found: now the part may be there even as it was given. */
        status = correct_one(name, part, end, true);
    }
    return status == STATUS_NOT_A_DIRECTORY ? STATUS_OBJECT_PATH_NOT_FOUND : status;
}

NTSTATUS path_correct_case(struct host_path *host)
{
    size_t end = strlen(host->name);
    return correct_part(host->name, &end);
}

NTSTATUS path_find_in_directory(const char *directory, const WCHAR *name, size_t length, char *found)
{
    size_t directory_length = strlen(directory);
    char given[NAME_MAX + 1], other[NAME_MAX + 1];
    size_t size = utf8_from_utf16(given, NAME_MAX, name, length, UTF_HOST_NAME);
    if (!size || size > NAME_MAX || directory_length + size + 2 > PATH_MAX || memchr(given, '/', size))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    given[size] = '\0';
    memcpy(found, directory, directory_length);
    if (directory_length && directory[directory_length - 1] != '/')
        found[directory_length++] = '/';
    memcpy(found + directory_length, given, size + 1);
    if (exists(found, directory_length, given))
        return STATUS_SUCCESS;
    NTSTATUS status = find_part(found, directory_length, given, other);
    if (status == STATUS_NOT_A_DIRECTORY)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    size_t end = directory_length + size;
    if (!status && !replace_part(found, directory_length, &end, other))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return status;
}

/* Our own changes */

/* The directory's time has changed, by us. Whatever changed it besides us did so within a tick of when we
 * knew the listing to be right, and is found when that is trusted no longer. */
static void note_change(const char *name, const char *created)
{
    char directory[PATH_MAX];
    struct stat status;
    if (!__atomic_load_n(&any_listing, __ATOMIC_RELAXED))
        return;
    const char *slash = strrchr(name, '/');
    copy_directory(directory, name, slash ? slash + 1 - name : 0);
    if (stat(directory, &status))
        return;
    pthread_mutex_lock(&listings_lock);
    struct listing **place = listing_place(&status);
    if (is_listing_of(*place, &status)) {
        struct listing *listing = *place;
        int64_t time = now();
        bool known = time - listing->seen_at <= TICK;
        if (known && (!created || listing_has(listing, created) || listing_add(listing, created))) {
            listing->modified = modification_time(&status);
            listing->seen_at = time;
        } else {
            listing_free(listing);
            *place = NULL;
        }
    }
    pthread_mutex_unlock(&listings_lock);
}

void path_note_created(const char *name)
{
    const char *slash = strrchr(name, '/');
    note_change(name, slash ? slash + 1 : name);
}

void path_note_removed(const char *name)
{
    note_change(name, NULL);
}
