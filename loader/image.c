#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>
#include "loader/image.h"
#include "kernel/file.h"
#include "kernel/status.h"
#include "kernel/vm.h"

static NTSTATUS fail(struct load_failure *failure, NTSTATUS status, const struct pe_error *error)
{
    failure->status = status;
    if (error->offset)
        snprintf(failure->reason, sizeof failure->reason, "%s (at offset 0x%llx)", error->message,
                 (unsigned long long)error->offset);
    else
        snprintf(failure->reason, sizeof failure->reason, "%s", error->message);
    return status;
}

/* What Windows says of a file that cannot be opened as an image. */
static NTSTATUS status_of(const struct pe_error *error)
{
    static const NTSTATUS statuses[] = {
        [PE_KIND_BROKEN] = STATUS_INVALID_IMAGE_FORMAT,   [PE_KIND_FOREIGN] = STATUS_INVALID_IMAGE_NOT_MZ,
        [PE_KIND_DOS] = STATUS_INVALID_IMAGE_PROTECT,     [PE_KIND_NE] = STATUS_INVALID_IMAGE_NE_FORMAT,
        [PE_KIND_NE_WIN16] = STATUS_INVALID_IMAGE_WIN_16, [PE_KIND_NE_DOS] = STATUS_INVALID_IMAGE_PROTECT,
        [PE_KIND_LE] = STATUS_INVALID_IMAGE_LE_FORMAT,
    };
    return statuses[error->kind];
}

static NTSTATUS fail_errno(struct load_failure *failure, const char *what)
{
    failure->status = status_from_errno(errno);
    snprintf(failure->reason, sizeof failure->reason, "%s: %s", what, strerror(errno));
    return failure->status;
}

/* Headers */

static NTSTATUS read_headers(struct image_file *file, struct load_failure *failure)
{
    uint8_t *buffer = file->start;
    size_t wanted = sizeof file->start;
    struct pe_error error = {0};
    for (;;) {
        ssize_t size = pread(file->fd, buffer, wanted, 0);
        if (size < 0)
            return fail_errno(failure, "cannot be read");
        if (pe_open_prefix(&file->image, buffer, size, file->status.st_size, &error))
            return STATUS_SUCCESS;
        if (error.needed <= wanted || error.needed > (uint64_t)file->status.st_size)
            return fail(failure, status_of(&error), &error);
        wanted = error.needed;
        buffer = realloc(file->longer_headers, wanted);
        if (!buffer)
            return fail_errno(failure, "its headers are too long");
        file->longer_headers = buffer;
    }
}

static NTSTATUS look_at(int fd, struct image_file *file, struct load_failure *failure)
{
    file->fd = fd;
    file->longer_headers = NULL;
    return fstat(fd, &file->status) ? fail_errno(failure, "cannot be read") : STATUS_SUCCESS;
}

static NTSTATUS read_file(struct image_file *file, struct load_failure *failure)
{
    if (S_ISREG(file->status.st_mode))
        return read_headers(file, failure);
    snprintf(failure->reason, sizeof failure->reason, "not a file");
    return failure->status = STATUS_INVALID_IMAGE_FORMAT;
}

/* Who has the file open already need not ask who else may. */
NTSTATUS image_read(int fd, struct image_file *file, struct load_failure *failure)
{
    NTSTATUS status = look_at(fd, file, failure);
    return status ? status : read_file(file, failure);
}

static NTSTATUS check_sharing(const struct image_file *file, struct load_failure *failure)
{
    failure->status = file_share_check_image(file->status.st_dev, file->status.st_ino);
    if (failure->status)
        snprintf(failure->reason, sizeof failure->reason,
                 "the program itself has it open to write to it, or for no one else");
    return failure->status;
}

static NTSTATUS open_file(const char *host_path, bool check, struct image_file *file,
                          struct load_failure *failure)
{
    int fd = open(host_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(failure, "cannot be opened");
    NTSTATUS status = look_at(fd, file, failure);
    if (!status && check)
        status = check_sharing(file, failure);
    if (!status)
        status = read_file(file, failure);
    if (status)
        image_close(file);
    return status;
}

NTSTATUS image_open(const char *host_path, struct image_file *file, struct load_failure *failure)
{
    return open_file(host_path, true, file, failure);
}

NTSTATUS image_open_data(const char *host_path, struct image_file *file, struct load_failure *failure)
{
    return open_file(host_path, false, file, failure);
}

void image_close(struct image_file *file)
{
    close(file->fd);
    free(file->longer_headers);
}

/* What an image is */

/* Its header lies behind what has been read. Few images have one, so the file is mapped for that. */
bool image_read_managed(const struct image_file *file, struct pe_managed *managed)
{
    const struct pe_directory *directory = &file->image.directories[IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR];
    struct pe_image image;
    struct pe_error error;
    if (!directory->rva || !directory->size)
        return false;
    void *bytes = mmap(NULL, file->status.st_size, PROT_READ, MAP_PRIVATE, file->fd, 0);
    if (bytes == MAP_FAILED)
        return false;
    bool found = pe_open(&image, bytes, file->status.st_size, PE_LAYOUT_FILE, &error) &&
                 pe_managed(&image, managed, &error) == PE_FOUND;
    munmap(bytes, file->status.st_size);
    return found;
}

/* Sections */

static size_t page_up(size_t size)
{
    return (size + VM_PAGE - 1) & ~(size_t)(VM_PAGE - 1);
}

/* Whether each section lies in the file at the offset where it lies in memory: then one mapping
 * serves them all. Litewin's own DLLs are made so. `end` becomes where the last one ends. */
static bool is_flat(const struct pe_image *image, uint32_t *end)
{
    struct pe_section section;
    *end = image->leading_size;
    for (uint32_t i = 0; i < image->section_count; i++) {
        pe_section(image, i, &section);
        if (!section.file_size || section.file_offset != section.rva || section.rva % VM_PAGE ||
            section.file_size < page_up(section.virtual_size))
            return false;
        *end = section.rva + section.file_size;
    }
    return true;
}

/* Parts that follow each other in the file, to be read at once wherever they go in memory. */
struct reading {
    int fd;
    off_t offset; /* where the first part is, and where the last one ends */
    off_t end;
    int count;
    struct iovec parts[32];
};

static NTSTATUS finish_reading(struct reading *reading)
{
    ssize_t size = reading->end - reading->offset;
    ssize_t done = size ? preadv(reading->fd, reading->parts, reading->count, reading->offset) : 0;
    reading->count = 0;
    if (done < 0)
        return status_from_errno(errno);
    /* The headers were checked against the file's size, so it became shorter since. */
    return done == size ? STATUS_SUCCESS : STATUS_INVALID_IMAGE_FORMAT;
}

static NTSTATUS add_reading(struct reading *reading, void *to, size_t size, off_t offset)
{
    NTSTATUS status = STATUS_SUCCESS;
    if (reading->count == ARRAYSIZE(reading->parts) || (reading->count && offset != reading->end))
        status = finish_reading(reading);
    if (!reading->count)
        reading->offset = offset;
    reading->parts[reading->count++] = (struct iovec){to, size};
    reading->end = offset + size;
    return status;
}

/* Large parts that lie in the file as they lie in pages are mapped. */
static bool can_be_mapped(const struct pe_section *section)
{
    return section->file_size >= VM_PAGE && section->file_offset % VM_PAGE == 0 &&
           section->rva % VM_PAGE == 0;
}

static NTSTATUS map_section(int fd, char *base, const struct pe_section *section)
{
    size_t rest = section->file_size % VM_PAGE;
    NTSTATUS status =
        vm_map_image(base + section->rva, section->file_size, fd, section->file_offset, PAGE_READWRITE);
    if (!status && rest)
        memset(base + section->rva + section->file_size, 0, VM_PAGE - rest);
    return status;
}

/* Memory that no part of the file goes to is zero. */
static NTSTATUS place_each_section(const struct image_file *file, char *base)
{
    const struct pe_image *image = &file->image;
    struct reading reading = {.fd = file->fd};
    NTSTATUS status = vm_commit(base, image->image_size, PAGE_READWRITE);
    if (!status)
        status = add_reading(&reading, base, image->leading_size, 0);
    for (uint32_t i = 0; !status && i < image->section_count; i++) {
        struct pe_section section;
        pe_section(image, i, &section);
        if (can_be_mapped(&section))
            status = map_section(file->fd, base, &section);
        else if (section.file_size)
            status = add_reading(&reading, base + section.rva, section.file_size, section.file_offset);
    }
    return status ? status : finish_reading(&reading);
}

static NTSTATUS place_sections(const struct image_file *file, char *base)
{
    const struct pe_image *image = &file->image;
    uint32_t end;
    if (!is_flat(image, &end))
        return place_each_section(file, base);
    NTSTATUS status = vm_map_image(base, page_up(end), file->fd, 0, PAGE_READWRITE);
    if (!status && page_up(end) < image->image_size)
        status = vm_commit(base + page_up(end), image->image_size - page_up(end), PAGE_READWRITE);
    return status;
}

/* Placement */

static NTSTATUS reserve_at(const struct pe_image *image, uint64_t address, void **base)
{
    *base = (void *)(uintptr_t)address;
    if ((uintptr_t)*base != address || !*base)
        return STATUS_CONFLICTING_ADDRESSES;
    return vm_reserve_image(base, image->image_size);
}

static NTSTATUS reserve(const struct pe_image *image, const struct image_place *place, void **base,
                        struct load_failure *failure)
{
    if (place && place->address)
        return failure->status = reserve_at(image, (uintptr_t)place->address, base);
    NTSTATUS status = reserve_at(image, image->preferred_base, base);
    if (!status)
        return status;
    if (!pe_is_relocatable(image) && !(place && place->unrelocated)) {
        snprintf(failure->reason, sizeof failure->reason,
                 "it has no relocations, and the address that it must have, 0x%llx, is taken",
                 (unsigned long long)image->preferred_base);
        return failure->status = STATUS_CONFLICTING_ADDRESSES;
    }
    *base = NULL;
    status = vm_reserve_image(base, image->image_size);
    if (status) {
        snprintf(failure->reason, sizeof failure->reason, "no room for its 0x%x bytes", image->image_size);
        failure->status = status;
    }
    return status;
}

/* The cookie that /GS code checks must differ from the linker's value before any of that code runs. */
void image_set_security_cookie(struct module *module)
{
    struct pe_load_config config;
    struct pe_error error;
    if (pe_load_config(&module->image, &config, &error) != PE_FOUND || !config.cookie_rva)
        return;
    const uintptr_t unset = sizeof(void *) == 8 ? (uintptr_t)0x2b992ddfa232ull : 0xbb40e64e;
    uintptr_t *cookie = (uintptr_t *)((char *)module->entry.DllBase + config.cookie_rva), value;
    memcpy(&value, cookie, sizeof value);
    if (value != unset && value)
        return;
    if (getrandom(&value, sizeof value, GRND_NONBLOCK) != sizeof value)
        value = (uintptr_t)module * 0x9e3779b97f4a7c15ull;
    value &= (uintptr_t)0xffffffffffffull; /* 64-bit code keeps the top 16 bits zero */
    if (value == unset || !value)
        value++;
    memcpy(cookie, &value, sizeof value);
}

static NTSTATUS relocate(struct module *module, void *base, struct load_failure *failure)
{
    struct pe_error error = {0};
    uint64_t delta = (uintptr_t)base - module->image.preferred_base;
    if (pe_is_relocatable(&module->image)) {
        if (delta && !pe_apply_relocations(&module->image, base, delta, &error))
            return fail(failure, STATUS_INVALID_IMAGE_FORMAT, &error);
        pe_set_base(&module->image, (uintptr_t)base);
    }
    if (pe_exports_open(&module->image, &module->exports, &error) == PE_BAD)
        return fail(failure, STATUS_INVALID_IMAGE_FORMAT, &error);
    return STATUS_SUCCESS;
}

NTSTATUS image_map(const struct image_file *file, const struct image_place *place, struct module *module,
                   struct load_failure *failure)
{
    void *base;
    NTSTATUS status = reserve(&file->image, place, &base, failure);
    if (status)
        return status;
    module->image = file->image;
    module->entry.DllBase = base;
    module->entry.SizeOfImage = file->image.image_size;
    module->entry.TimeDateStamp = file->image.timestamp;
    if (file->image.entry_rva)
        module->entry.EntryPoint = (char *)base + file->image.entry_rva;
    status = place_sections(file, base);
    if (status) {
        failure->status = status;
        snprintf(failure->reason, sizeof failure->reason, "its sections cannot be read");
    } else {
        pe_set_mapped(&module->image, base);
        status = relocate(module, base, failure);
    }
    if (status)
        image_unmap(module);
    return status;
}

void image_unmap(struct module *module)
{
    vm_release(module->entry.DllBase);
}

/* Protection */

static DWORD protection_of(uint32_t characteristics)
{
    static const DWORD protections[8] = {
        PAGE_NOACCESS,  PAGE_EXECUTE,           PAGE_READONLY,  PAGE_EXECUTE_READ,
        PAGE_WRITECOPY, PAGE_EXECUTE_WRITECOPY, PAGE_WRITECOPY, PAGE_EXECUTE_WRITECOPY,
    };
    return protections[characteristics >> 29 & 7]; /* IMAGE_SCN_MEM_EXECUTE, _READ, _WRITE */
}

/* A run of pages with one protection, applied when the next one differs. */
struct run {
    char *base;
    uint32_t start, end;
    DWORD protect;
};

static NTSTATUS apply_run(const struct run *run)
{
    if (run->start == run->end || run->protect == PAGE_WRITECOPY)
        return STATUS_SUCCESS;
    return vm_protect(run->base + run->start, run->end - run->start, run->protect, NULL);
}

static NTSTATUS extend_run(struct run *run, uint32_t end, DWORD protect)
{
    NTSTATUS status = STATUS_SUCCESS;
    if (run->protect != protect) {
        status = apply_run(run);
        run->start = run->end;
        run->protect = protect;
    }
    run->end = end;
    return status;
}

NTSTATUS image_protect(struct module *module)
{
    const struct pe_image *image = &module->image;
    struct run run = {module->entry.DllBase, 0, 0, PAGE_READONLY};
    struct pe_section section;
    NTSTATUS status = STATUS_SUCCESS;
    /* Sections that share pages share a protection, which allows everything. */
    if (image->section_alignment < VM_PAGE)
        return vm_protect(run.base, image->image_size, PAGE_EXECUTE_WRITECOPY, NULL);
    run.end = page_up(image->headers_size);
    for (uint32_t i = 0; !status && i < image->section_count; i++) {
        pe_section(image, i, &section);
        status = extend_run(&run, section.rva, PAGE_READONLY);
        if (!status)
            status = extend_run(&run, section.rva + page_up(section.virtual_size),
                                protection_of(section.characteristics));
    }
    return status ? status : apply_run(&run);
}
