#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernel/shared_directory.h"
#include "kernel/shared_file.h"
#include "kernel/status.h"

#define PAGE_VERSION 1

/* All who have a name hold this place together. */
enum { NAME_PLACE = 0 };

NTSTATUS shared_file_map(struct shared_file *file)
{
    void *page = mmap(NULL, sizeof *file->page, PROT_READ | PROT_WRITE, MAP_SHARED, file->descriptor, 0);
    file->page = page == MAP_FAILED ? NULL : page;
    return file->page ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static off_t size_with_name(uint32_t length)
{
    return sizeof(struct shared_page) + (off_t)length * sizeof(WCHAR);
}

/* A file is as long as its page says, whoever made it. */
static NTSTATUS map_existing(struct shared_file *file)
{
    struct stat status;
    if (fstat(file->descriptor, &status) || status.st_size < size_with_name(0))
        return STATUS_OBJECT_NAME_COLLISION;
    NTSTATUS result = shared_file_map(file);
    if (result)
        return result;
    const struct shared_page *page = file->page;
    bool valid = page->version == PAGE_VERSION && status.st_size == size_with_name(page->name_length);
    return valid ? STATUS_SUCCESS : STATUS_OBJECT_NAME_COLLISION;
}

/* Gives an empty file its page, and sees to it that there is memory for that. */
static NTSTATUS map_new(struct shared_file *file, enum shared_kind kind, size_t name_length)
{
    if (fallocate(file->descriptor, 0, 0, size_with_name(name_length)))
        return status_from_errno(errno);
    NTSTATUS status = shared_file_map(file);
    if (status)
        return status;
    file->page->version = PAGE_VERSION;
    file->page->kind = kind;
    return STATUS_SUCCESS;
}

void shared_file_release(struct shared_file *file)
{
    if (file->page)
        munmap(file->page, sizeof *file->page);
    close(file->descriptor);
}

NTSTATUS shared_file_create(enum shared_kind kind, struct shared_file *file)
{
    *file = (struct shared_file){.descriptor = memfd_create("litewin-object", MFD_CLOEXEC), .contents = -1};
    if (file->descriptor < 0)
        return status_from_errno(errno);
    NTSTATUS status = map_new(file, kind, 0);
    if (status)
        shared_file_release(file);
    return status;
}

/* Names */

static uint64_t hash_of(const struct shared_name *name)
{
    uint64_t hash = 0xcbf29ce484222325u ^ name->global;
    for (size_t i = 0; i < name->length; i++)
        hash = (hash ^ name->characters[i]) * 0x100000001b3u;
    return hash;
}

bool shared_file_read_name(const struct shared_file *file, size_t length, WCHAR *characters)
{
    ssize_t size = length * sizeof *characters;
    return pread(file->descriptor, characters, size, sizeof *file->page) == size;
}

static NTSTATUS write_name(struct shared_file *file, const struct shared_name *name, uint64_t hash)
{
    ssize_t size = name->length * sizeof *name->characters;
    if (pwrite(file->descriptor, name->characters, size, sizeof *file->page) != size)
        return STATUS_NO_MEMORY;
    file->page->hash = hash;
    file->page->name_length = name->length;
    file->page->global = name->global;
    return STATUS_SUCCESS;
}

static bool has_name(const struct shared_file *file, const struct shared_name *name)
{
    const WCHAR *rest = name->characters;
    off_t offset = sizeof *file->page;
    WCHAR part[256];
    if (file->page->name_length != name->length || file->page->global != name->global)
        return false;
    for (size_t left = name->length * sizeof *rest, size; left; left -= size) {
        size = min(left, sizeof part);
        if (pread(file->descriptor, part, size, offset) != (ssize_t)size || memcmp(part, rest, size) != 0)
            return false;
        rest += size / sizeof *rest;
        offset += size;
    }
    return true;
}

static NTSTATUS prepare_new(struct shared_file *file, enum shared_kind kind, const struct shared_name *name,
                            uint64_t hash)
{
    NTSTATUS status = map_new(file, kind, name->length);
    return status ? status : write_name(file, name, hash);
}

static NTSTATUS prepare_existing(struct shared_file *file, const struct shared_name *name)
{
    NTSTATUS status = map_existing(file);
    return status || has_name(file, name) ? status : STATUS_OBJECT_NAME_COLLISION;
}

NTSTATUS shared_file_open(const struct shared_name *name, bool create, enum shared_kind kind,
                          struct shared_file *file, bool *is_new)
{
    uint64_t hash = hash_of(name);
    *file = (struct shared_file){.contents = -1};
    NTSTATUS status = shared_directory_open(SHARED_OBJECTS, hash, create, &file->descriptor, is_new);
    if (status)
        return status;
    status = *is_new ? prepare_new(file, kind, name, hash) : prepare_existing(file, name);
    if (!status && !shared_directory_hold(file->descriptor, NAME_PLACE, F_RDLCK))
        status = status_from_errno(errno);
    if (status)
        shared_file_release(file);
    return status;
}

void shared_file_unlock(const struct shared_file *file)
{
    shared_directory_unlock(file->descriptor);
}

/* From one process to another */

/* Opened by itself, the file is held by itself. */
static int open_again(int descriptor)
{
    struct stat status;
    char path[32];
    if (fstat(descriptor, &status) || !S_ISREG(status.st_mode))
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    int own = open(path, O_RDWR | O_CLOEXEC);
    if (own >= 0 && !shared_directory_hold(own, NAME_PLACE, F_RDLCK)) {
        close(own);
        return -1;
    }
    return own;
}

int shared_file_give(const struct shared_file *file)
{
    return open_again(file->descriptor);
}

NTSTATUS shared_file_adopt(int descriptor, enum shared_kind kind, struct shared_file *file)
{
    *file = (struct shared_file){.descriptor = open_again(descriptor), .contents = -1};
    if (file->descriptor < 0)
        return STATUS_INVALID_HANDLE;
    NTSTATUS status = map_existing(file);
    if (!status && file->page->kind != kind)
        status = STATUS_OBJECT_TYPE_MISMATCH;
    if (status)
        shared_file_release(file);
    return status == STATUS_OBJECT_NAME_COLLISION ? STATUS_INVALID_HANDLE : status;
}

/* The end */

void shared_file_leave(const struct shared_file *file, bool wait)
{
    if (file->page->name_length)
        shared_directory_leave(SHARED_OBJECTS, file->page->hash, file->descriptor, NAME_PLACE, wait);
}

void shared_file_remove(const struct shared_file *file)
{
    shared_directory_remove(SHARED_OBJECTS, file->page->hash);
}

void shared_file_close(struct shared_file *file)
{
    shared_file_leave(file, true);
    shared_file_release(file);
}
