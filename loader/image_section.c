#include <stdlib.h>
#include <sys/stat.h>
#include "kernel/section.h"
#include "loader/image.h"
#include "loader/image_section.h"

static NTSTATUS read_image(int fd, struct image_file *file)
{
    struct load_failure failure;
    NTSTATUS status = image_read(fd, file, &failure);
    if (status)
        free(file->longer_headers);
    return status;
}

/* SECTION_IMAGE_INFORMATION's flags. */
enum {
    COM_NATIVE_READY = 1,
    COM_IL_ONLY = 2,
    DYNAMICALLY_RELOCATED = 4,
    MAPPED_FLAT = 8,
    COM_PREFERS_32BIT = 0x20,
};

/* Runtimes before 2.5 did not leave the choice of an architecture to the system. */
static UCHAR managed_flags(const struct pe_image *image, const struct pe_managed *managed)
{
    bool knows = managed->runtime_major > 2 || (managed->runtime_major == 2 && managed->runtime_minor >= 5);
    if (!managed->il_only || !knows)
        return 0;
    if (image->is_64bit)
        return COM_IL_ONLY;
    return COM_IL_ONLY | (managed->needs_32bit ? 0 : COM_NATIVE_READY) |
           (managed->prefers_32bit ? COM_PREFERS_32BIT : 0);
}

static UCHAR flags_of(const struct pe_image *image, bool is_managed)
{
    UCHAR flags = image->section_alignment < PE_PAGE_SIZE ? MAPPED_FLAT : 0;
    if (image->dll_characteristics & IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE && !is_managed &&
        image->contains_code)
        flags |= DYNAMICALLY_RELOCATED;
    return flags;
}

/* Of an image that lies, or would lie, at `base`. */
static void describe(const struct pe_image *image, uint64_t base, uint64_t file_size,
                     struct section_image_information *information)
{
    const struct pe_directory *com = &image->directories[IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR];
    bool is_managed = com->rva && com->size;
    *information = (struct section_image_information){
        .entry_point = (void *)(uintptr_t)(base + image->entry_rva),
        .stack_reserve = image->stack_reserve,
        .stack_commit = image->stack_commit,
        .subsystem = image->subsystem,
        .subsystem_major = image->subsystem_major,
        .subsystem_minor = image->subsystem_minor,
        .system_major = image->os_major,
        .system_minor = image->os_minor,
        .characteristics = image->characteristics,
        .dll_characteristics = image->dll_characteristics,
        .machine = image->machine,
        .contains_code = image->contains_code,
        .flags = flags_of(image, is_managed),
        .loader_flags = is_managed,
        .file_size = file_size,
        .checksum = image->checksum,
    };
    if (image->is_64bit)
        section_image_narrow(information);
}

static NTSTATUS check(int fd, struct section_image_information *information, uint64_t *size)
{
    struct image_file file;
    struct pe_managed managed;
    NTSTATUS status = read_image(fd, &file);
    if (status)
        return status;
    describe(&file.image, file.image.preferred_base, file.status.st_size, information);
    if (image_read_managed(&file, &managed))
        information->flags |= managed_flags(&file.image, &managed);
    *size = file.image.image_size;
    free(file.longer_headers);
    return STATUS_SUCCESS;
}

/* Of the program's own image nothing is read here, which the program may have unmapped. */
static void describe_program(struct section_image_information *information)
{
    struct stat file = {0};
    stat(program_module->host_path, &file);
    describe(&program_module->image, (uintptr_t)program_module->entry.DllBase, file.st_size, information);
}

static NTSTATUS place(const struct image_file *file, void **address, size_t *size)
{
    struct module module = {0};
    struct load_failure failure;
    const struct image_place wanted = {.address = *address, .unrelocated = true};
    NTSTATUS status = image_map(file, &wanted, &module, &failure);
    if (status)
        return status;
    status = image_protect(&module);
    if (status) {
        image_unmap(&module);
        return status;
    }
    *address = module.entry.DllBase;
    *size = module.entry.SizeOfImage;
    return (uintptr_t)*address == file->image.preferred_base ? STATUS_SUCCESS : STATUS_IMAGE_NOT_AT_BASE;
}

static NTSTATUS map(int fd, void **address, size_t *size)
{
    struct image_file file;
    NTSTATUS status = read_image(fd, &file);
    if (status)
        return status;
    status = place(&file, address, size);
    free(file.longer_headers);
    return status;
}

void image_sections_initialize(void)
{
    static const struct section_images functions = {
        .check = check, .map = map, .describe_program = describe_program};
    section_set_images(&functions);
}
