/* Opens PE images: everything that later accessors rely on is checked here. */
#include <stdarg.h>
#include <stdio.h>
#include <litewin/windows.h>
#include <litewin/binding.h>
#include "loader/pe.h"
#include "loader/pe_internal.h"

/* Windows reads a file by sectors, and rounds a section's place in the file down to one. */
#define SECTOR_SIZE            0x200u
#define BASE_ALIGNMENT         0x10000u
#define OS2_SIGNATURE_LX       0x584Cu
#define NEW_HEADER_RELOCATIONS 0x40u

void pe_set_error(struct pe_error *error, uint64_t offset, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    error->offset = offset;
    error->needed = 0;
    error->kind = PE_KIND_BROKEN;
}

/* To be returned, with the error filled in already: the file is nothing that is made of sections. */
static bool refuse(struct pe_error *error, enum pe_kind kind)
{
    error->kind = kind;
    return false;
}

/* Headers */

/* The bytes at hand while an image is being opened. */
struct source {
    const uint8_t *bytes;
    size_t size;
    uint64_t file_size; /* more than `size` when these are only the file's start */
};

/* More of the file would help if it goes on past the bytes at hand. */
static void set_truncated(const struct source *source, uint64_t offset, uint64_t end, const char *what,
                          struct pe_error *error)
{
    pe_set_error(error, offset, "truncated: %s at 0x%" PRIx64 ", the file at 0x%" PRIx64, what, end,
                 source->file_size);
    error->needed = end <= source->file_size ? end : 0;
}

#define fail_truncated(...) (set_truncated(__VA_ARGS__), false)

static bool read_header(const struct source *source, uint64_t offset, void *to, size_t size, const char *what,
                        struct pe_error *error)
{
    uint64_t end = offset + size;
    if (end > source->size)
        return fail_truncated(source, offset, end, what, error);
    memcpy(to, source->bytes + offset, size);
    return true;
}

static const char *machine_name(uint16_t machine)
{
    static const struct {
        uint16_t machine;
        char name[30];
    } names[] = {
        {IMAGE_FILE_MACHINE_ARM64, "an ARM64"},
        {0xA641, "an ARM64EC"},
        {0xA64E, "an ARM64X"},
        {IMAGE_FILE_MACHINE_ARMNT, "an ARM"},
        {IMAGE_FILE_MACHINE_ARM, "an ARM"},
        {IMAGE_FILE_MACHINE_THUMB, "an ARM Thumb"},
        {IMAGE_FILE_MACHINE_IA64, "an Itanium"},
        {IMAGE_FILE_MACHINE_ALPHA, "an Alpha"},
        {IMAGE_FILE_MACHINE_ALPHA64, "a 64-bit Alpha"},
        {IMAGE_FILE_MACHINE_POWERPC, "a PowerPC"},
        {IMAGE_FILE_MACHINE_POWERPCFP, "a PowerPC"},
        {IMAGE_FILE_MACHINE_R3000, "a MIPS"},
        {IMAGE_FILE_MACHINE_R4000, "a MIPS"},
        {IMAGE_FILE_MACHINE_R10000, "a MIPS"},
        {IMAGE_FILE_MACHINE_WCEMIPSV2, "a MIPS"},
        {IMAGE_FILE_MACHINE_MIPS16, "a MIPS"},
        {IMAGE_FILE_MACHINE_MIPSFPU, "a MIPS"},
        {IMAGE_FILE_MACHINE_SH3, "a SuperH"},
        {IMAGE_FILE_MACHINE_SH4, "a SuperH"},
        {IMAGE_FILE_MACHINE_SH5, "a SuperH"},
        {IMAGE_FILE_MACHINE_EBC, "an EFI byte code"},
        {0x5032, "a 32-bit RISC-V"},
        {0x5064, "a 64-bit RISC-V"},
        {0x6232, "a 32-bit LoongArch"},
        {0x6264, "a 64-bit LoongArch"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].machine == machine)
            return names[i].name;
    return NULL;
}

static bool check_machine(uint16_t machine, uint64_t offset, struct pe_error *error)
{
    if (machine == IMAGE_FILE_MACHINE_AMD64 || machine == IMAGE_FILE_MACHINE_I386)
        return true;
    const char *name = machine_name(machine);
    if (name)
        return pe_fail(error, offset, "%s program: litewin runs x86-64 and i386 programs", name);
    return pe_fail(error, offset, "a program for an unknown machine (0x%04x)", machine);
}

/* Says what a file is that does not begin like a Windows program. */
static bool refuse_foreign(const struct source *source, struct pe_error *error)
{
    const char *what = "not a Windows program: it does not begin with \"MZ\"";
    if (source->file_size == 0)
        what = "not a Windows program: the file is empty";
    else if (source->size >= 4 && memcmp(source->bytes, (const char[]){0x7f, 'E', 'L', 'F'}, 4) == 0)
        what = "an ELF program, not a Windows program";
    else if (source->size >= 2 && memcmp(source->bytes, "#!", 2) == 0)
        what = "a script, not a Windows program";
    pe_set_error(error, 0, "%s", what);
    return refuse(error, PE_KIND_FOREIGN);
}

/* Linkers of anything newer than MS-DOS programs put the DOS relocations at 0x40 or above, behind the
 * field that tells where the newer header is. */
static bool is_plain_dos(const IMAGE_DOS_HEADER *dos)
{
    return dos->e_lfarlc < NEW_HEADER_RELOCATIONS;
}

static bool refuse_dos(struct pe_error *error)
{
    pe_set_error(error, 0, "a 16-bit MS-DOS program");
    return refuse(error, PE_KIND_DOS);
}

static bool refuse_ne(const struct source *source, uint32_t offset, struct pe_error *error)
{
    enum { FOR_WINDOWS = 2, FOR_DOS = 5 };
    uint64_t type = (uint64_t)offset + offsetof(IMAGE_OS2_HEADER, ne_exetyp);
    uint8_t system = type < source->size ? source->bytes[type] : 0;
    pe_set_error(error, offset, "a 16-bit Windows (NE) program");
    return refuse(error, system == FOR_WINDOWS ? PE_KIND_NE_WIN16
                         : system == FOR_DOS   ? PE_KIND_NE_DOS
                                               : PE_KIND_NE);
}

/* Says what an MZ program is that has no PE header. */
static bool refuse_older(const struct source *source, const IMAGE_DOS_HEADER *dos, uint32_t signature,
                         struct pe_error *error)
{
    uint32_t offset = (uint32_t)dos->e_lfanew;
    switch ((uint16_t)signature) {
    case IMAGE_OS2_SIGNATURE:
        return refuse_ne(source, offset, error);
    case IMAGE_OS2_SIGNATURE_LE:
    case OS2_SIGNATURE_LX:
        pe_set_error(error, offset, "an OS/2 (LE or LX) program or a Windows VxD");
        return refuse(error, PE_KIND_LE);
    }
    if (is_plain_dos(dos))
        return refuse_dos(error);
    pe_set_error(error, offset, "not a Windows program: there is no PE signature at 0x%" PRIx32, offset);
    return refuse(error, PE_KIND_DOS);
}

static bool read_nt_header(struct pe_image *image, const struct source *source, IMAGE_FILE_HEADER *file,
                           struct pe_error *error)
{
    IMAGE_DOS_HEADER dos;
    uint32_t signature;
    if (source->size < 2 || pe_load16(source->bytes) != IMAGE_DOS_SIGNATURE)
        return refuse_foreign(source, error);
    if (!read_header(source, 0, &dos, sizeof dos, "the DOS header ends", error))
        return false;
    image->nt_header = (uint32_t)dos.e_lfanew;
    if (!read_header(source, image->nt_header, &signature, sizeof signature, "the PE signature ends",
                     error)) {
        if (error->needed)
            return false;
        return is_plain_dos(&dos) ? refuse_dos(error) : refuse(error, PE_KIND_DOS);
    }
    if (signature != IMAGE_NT_SIGNATURE)
        return refuse_older(source, &dos, signature, error);
    uint64_t offset = (uint64_t)image->nt_header + sizeof signature;
    return read_header(source, offset, file, sizeof *file, "the file header ends", error) &&
           check_machine(file->Machine, offset, error);
}

/* Both forms of the optional header have the same fields, of different widths and places. Those up to the
 * size of headers are always there, whatever the header says of its own size. */
#define TAKE_FIRST_FIELDS(image, header)                            \
    do {                                                            \
        (image)->code_size = (header)->SizeOfCode;                  \
        (image)->entry_rva = (header)->AddressOfEntryPoint;         \
        (image)->preferred_base = (header)->ImageBase;              \
        (image)->section_alignment = (header)->SectionAlignment;    \
        (image)->file_alignment = (header)->FileAlignment;          \
        (image)->os_major = (header)->MajorOperatingSystemVersion;  \
        (image)->os_minor = (header)->MinorOperatingSystemVersion;  \
        (image)->subsystem_major = (header)->MajorSubsystemVersion; \
        (image)->subsystem_minor = (header)->MinorSubsystemVersion; \
        (image)->image_size = (header)->SizeOfImage;                \
        (image)->headers_size = (header)->SizeOfHeaders;            \
    } while (0)

#define TAKE_OTHER_FIELDS(image, header)                             \
    do {                                                             \
        (image)->checksum = (header)->CheckSum;                      \
        (image)->subsystem = (header)->Subsystem;                    \
        (image)->dll_characteristics = (header)->DllCharacteristics; \
        (image)->stack_reserve = (header)->SizeOfStackReserve;       \
        (image)->stack_commit = (header)->SizeOfStackCommit;         \
        (image)->heap_reserve = (header)->SizeOfHeapReserve;         \
        (image)->heap_commit = (header)->SizeOfHeapCommit;           \
        (image)->directory_count = (header)->NumberOfRvaAndSizes;    \
    } while (0)

#define FIXED_SIZE_32 offsetof(IMAGE_OPTIONAL_HEADER32, DataDirectory)
#define FIXED_SIZE_64 offsetof(IMAGE_OPTIONAL_HEADER64, DataDirectory)

/* Windows takes the number of directories from NumberOfRvaAndSizes alone, so they may reach past the
 * optional header's stated size and share bytes with the section table. */
static bool read_directories(struct pe_image *image, const struct source *source, uint64_t offset,
                             struct pe_error *error)
{
    if (image->directory_count > PE_DIRECTORY_COUNT)
        image->directory_count = PE_DIRECTORY_COUNT;
    _Static_assert(sizeof(struct pe_directory) == sizeof(IMAGE_DATA_DIRECTORY), "copied as they are");
    return read_header(source, offset, image->directories,
                       image->directory_count * sizeof(struct pe_directory), "the data directories end",
                       error);
}

static bool read_optional_header(struct pe_image *image, const struct source *source, uint16_t stated_size,
                                 struct pe_error *error)
{
    uint64_t offset = (uint64_t)image->nt_header + sizeof(DWORD) + sizeof(IMAGE_FILE_HEADER);
    uint16_t expected = image->machine == IMAGE_FILE_MACHINE_AMD64 ? IMAGE_NT_OPTIONAL_HDR64_MAGIC
                                                                   : IMAGE_NT_OPTIONAL_HDR32_MAGIC;
    uint16_t magic;
    if (!read_header(source, offset, &magic, sizeof magic, "the optional header ends", error))
        return false;
    if (magic != expected)
        return pe_fail(error, offset, "bad optional header: its magic is 0x%x, this machine's is 0x%x", magic,
                       expected);
    image->is_64bit = magic == IMAGE_NT_OPTIONAL_HDR64_MAGIC;

    size_t fixed_size = image->is_64bit ? FIXED_SIZE_64 : FIXED_SIZE_32;
    if (!stated_size)
        return pe_fail(error, offset, "bad optional header: it has no bytes");
    union {
        IMAGE_OPTIONAL_HEADER32 form32;
        IMAGE_OPTIONAL_HEADER64 form64;
    } header;
    if (!read_header(source, offset, &header, fixed_size, "the optional header ends", error))
        return false;
    if (image->is_64bit)
        TAKE_FIRST_FIELDS(image, &header.form64);
    else
        TAKE_FIRST_FIELDS(image, &header.form32);
    if (stated_size < fixed_size)
        return true;
    if (image->is_64bit)
        TAKE_OTHER_FIELDS(image, &header.form64);
    else
        TAKE_OTHER_FIELDS(image, &header.form32);
    return read_directories(image, source, offset + fixed_size, error);
}

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static uint64_t round_up(uint64_t value, uint32_t alignment)
{
    return (value + alignment - 1) & ~(uint64_t)(alignment - 1);
}

/* Windows' rule: an image with sections that start on pages has a file made of sectors; any other is
 * laid out in its file just as in memory. */
static bool check_alignment(const struct pe_image *image, struct pe_error *error)
{
    uint32_t section = image->section_alignment, file = image->file_alignment;
    if (!is_power_of_two(section) || !is_power_of_two(file))
        return pe_fail(error, image->nt_header,
                       "bad alignment: section 0x%" PRIx32 ", file 0x%" PRIx32 ", both must be powers of two",
                       section, file);
    if (section < file)
        return pe_fail(error, image->nt_header,
                       "bad alignment: that of sections (0x%" PRIx32 ") is less than the file's (0x%" PRIx32
                       ")",
                       section, file);
    if (section < PE_PAGE_SIZE && section != file)
        return pe_fail(error, image->nt_header,
                       "bad alignment: that of sections (0x%" PRIx32
                       ") is less than a page and not the file's "
                       "(0x%" PRIx32 ")",
                       section, file);
    if (section >= PE_PAGE_SIZE && (file < SECTOR_SIZE || file > 0x10000))
        return pe_fail(error, image->nt_header,
                       "bad alignment: the file's (0x%" PRIx32 ") is not between 0x200 and 0x10000", file);
    return true;
}

static bool check_sizes(struct pe_image *image, struct pe_error *error)
{
    uint64_t image_size = round_up(image->image_size, PE_PAGE_SIZE);
    if (image_size == 0 || image_size > UINT32_MAX)
        return pe_fail(error, image->nt_header, "bad size of image: 0x%" PRIx32, image->image_size);
    image->image_size = (uint32_t)image_size;
    if (image->headers_size > image->image_size)
        return pe_fail(error, image->nt_header,
                       "bad size of headers: 0x%" PRIx32 " bytes, the image has 0x%" PRIx32,
                       image->headers_size, image->image_size);
    if (image->preferred_base % BASE_ALIGNMENT != 0)
        return pe_fail(error, image->nt_header,
                       "bad preferred base: 0x%" PRIx64 " is not a multiple of 64 KiB",
                       image->preferred_base);
    if (image->preferred_base > UINT64_MAX - image->image_size)
        return pe_fail(error, image->nt_header,
                       "bad preferred base: the image would end past the address space");
    return true;
}

/* Sections */

static void take_section(const IMAGE_SECTION_HEADER *header, struct pe_section *section)
{
    memcpy(section->name, header->Name, sizeof header->Name);
    section->name[sizeof header->Name] = '\0';
    section->rva = header->VirtualAddress;
    section->virtual_size = header->Misc.VirtualSize ? header->Misc.VirtualSize : header->SizeOfRawData;
    section->raw_offset = header->PointerToRawData;
    section->raw_size = header->SizeOfRawData;
    section->characteristics = header->Characteristics;
}

/* What the header says of a section's bytes in the file, as far as they go to its pages. */
static uint64_t raw_bytes(const struct pe_image *image, const struct pe_section *section, uint32_t *offset)
{
    bool by_sectors = image->section_alignment >= PE_PAGE_SIZE;
    uint64_t pages = by_sectors ? round_up(section->virtual_size, PE_PAGE_SIZE) : section->virtual_size;
    *offset = by_sectors ? section->raw_offset & ~(SECTOR_SIZE - 1) : section->raw_offset;
    return section->raw_offset && section->raw_size < pages ? section->raw_size
           : section->raw_offset                            ? pages
                                                            : 0;
}

/* What Windows shows of the file in a section's pages: up to what its raw size is when rounded up to the
 * file's alignment, as far as the file has that; raw data past the last page is not mapped, that in the last
 * page is. */
static void place_in_file(const struct pe_image *image, struct pe_section *section)
{
    uint32_t offset;
    uint64_t size = raw_bytes(image, section, &offset);
    section->file_offset = section->file_size = 0;
    if (!size || image->is_flat)
        return;
    if (image->section_alignment >= PE_PAGE_SIZE) {
        uint64_t pages = round_up(section->virtual_size, PE_PAGE_SIZE);
        size = round_up(size, image->file_alignment);
        size = size < pages ? size : pages;
    }
    uint64_t there = offset < image->file_size ? image->file_size - offset : 0;
    section->file_offset = offset;
    section->file_size = (uint32_t)(size < there ? size : there);
}

void pe_section(const struct pe_image *image, uint32_t number, struct pe_section *section)
{
    IMAGE_SECTION_HEADER header;
    memcpy(&header, image->bytes + image->section_table + number * sizeof header, sizeof header);
    take_section(&header, section);
    place_in_file(image, section);
}

static bool check_section(const struct pe_image *image, const struct pe_section *section, uint32_t number,
                          struct pe_error *error)
{
    uint64_t at = image->section_table + number * sizeof(IMAGE_SECTION_HEADER);
    if (image->section_alignment >= PE_PAGE_SIZE && section->rva % image->section_alignment != 0)
        return pe_fail(error, at,
                       "bad section %" PRIu32 ": it starts at 0x%" PRIx32 ", not a multiple of 0x%" PRIx32,
                       number + 1, section->rva, image->section_alignment);
    if (!pe_in_image(image, section->rva, section->virtual_size))
        return pe_fail(error, at,
                       "bad section %" PRIu32 ": it ends at 0x%" PRIx64 ", the image at 0x%" PRIx32,
                       number + 1, (uint64_t)section->rva + section->virtual_size, image->image_size);
    uint32_t offset;
    uint64_t raw_end = raw_bytes(image, section, &offset);
    raw_end += raw_end ? offset : 0;
    if (raw_end > image->file_size)
        return pe_fail(error, at,
                       "truncated: section %" PRIu32 " ends at 0x%" PRIx64 ", the file at 0x%" PRIx64,
                       number + 1, raw_end, image->file_size);
    return true;
}

/* Each section must follow the one before without a hole; only the first may leave room behind the
 * headers. */
static bool check_sections(struct pe_image *image, struct pe_error *error)
{
    uint64_t expected = image->headers_size;
    image->contains_code = image->code_size || image->entry_rva || image->section_alignment % PE_PAGE_SIZE;
    for (uint32_t i = 0; i < image->section_count; i++) {
        struct pe_section section;
        pe_section(image, i, &section);
        if (!check_section(image, &section, i, error))
            return false;
        if (i == 0 ? section.rva < expected : section.rva != expected)
            return pe_fail(error, image->section_table + i * sizeof(IMAGE_SECTION_HEADER),
                           "bad section %" PRIu32 ": it starts at 0x%" PRIx32
                           ", what is before ends at 0x%" PRIx64,
                           i + 1, section.rva, expected);
        expected = round_up((uint64_t)section.rva + section.virtual_size, image->section_alignment);
        if (section.characteristics & IMAGE_SCN_MEM_EXECUTE)
            image->contains_code = true;
    }
    return true;
}

/* An image whose sections are less than a page apart is in memory what it is in its file. Such as are not
 * laid out so are put together from their sections, like any other. */
static void find_leading_bytes(struct pe_image *image)
{
    bool flat = image->section_alignment < PE_PAGE_SIZE;
    for (uint32_t i = 0; flat && i < image->section_count; i++) {
        struct pe_section section;
        pe_section(image, i, &section);
        flat = section.raw_size ? section.raw_offset == section.rva : section.rva >= image->file_size;
    }
    uint32_t leading = flat ? image->image_size : image->headers_size;
    image->is_flat = flat;
    image->leading_size = leading < image->file_size ? leading : (uint32_t)image->file_size;
}

static bool open_section_table(struct pe_image *image, const struct source *source, uint16_t optional_size,
                               struct pe_error *error)
{
    uint64_t table = (uint64_t)image->nt_header + sizeof(DWORD) + sizeof(IMAGE_FILE_HEADER) + optional_size;
    uint64_t end = table + image->section_count * sizeof(IMAGE_SECTION_HEADER);
    if (end > image->headers_size)
        image->headers_size = end > UINT32_MAX ? UINT32_MAX : (uint32_t)end;
    if (end > source->size)
        return fail_truncated(source, table, end, "the section table ends", error);
    image->section_table = (uint32_t)table;
    if (image->headers_size > image->image_size)
        return pe_fail(error, image->nt_header,
                       "bad size of image: 0x%" PRIx32 ", the headers end at 0x%" PRIx32, image->image_size,
                       image->headers_size);
    return true;
}

/* Directories */

/* Those that a loader follows, and what messages call them. A word in any other is nobody's concern. */
static const struct {
    uint8_t index;
    char name[19];
} followed_directories[] = {
    {IMAGE_DIRECTORY_ENTRY_EXPORT, "export"},
    {IMAGE_DIRECTORY_ENTRY_IMPORT, "import"},
    {IMAGE_DIRECTORY_ENTRY_RESOURCE, "resource"},
    {IMAGE_DIRECTORY_ENTRY_EXCEPTION, "exception"},
    {IMAGE_DIRECTORY_ENTRY_BASERELOC, "base relocation"},
    {IMAGE_DIRECTORY_ENTRY_TLS, "TLS"},
    {IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG, "load configuration"},
    {IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT, "delay import"},
};

static bool check_directories(const struct pe_image *image, struct pe_error *error)
{
    for (size_t i = 0; i < sizeof followed_directories / sizeof *followed_directories; i++) {
        const struct pe_directory *directory = &image->directories[followed_directories[i].index];
        if (directory->rva != 0 && !pe_in_image(image, directory->rva, directory->size))
            return pe_fail(
                error, directory->rva, "bad %s directory: it ends at 0x%" PRIx64 ", the image at 0x%" PRIx32,
                followed_directories[i].name, (uint64_t)directory->rva + directory->size, image->image_size);
    }
    return true;
}

/* Opening */

static bool open_source(struct pe_image *image, const struct source *source, enum pe_layout layout,
                        struct pe_error *error)
{
    IMAGE_FILE_HEADER file;
    memset(image, 0, sizeof *image);
    image->bytes = source->bytes;
    image->size = source->size;
    image->layout = layout;
    /* In memory there is nothing that file offsets could be checked against. */
    image->file_size = layout == PE_LAYOUT_MAPPED ? UINT64_MAX : source->file_size;
    if (!read_nt_header(image, source, &file, error))
        return false;
    image->machine = file.Machine;
    image->characteristics = file.Characteristics;
    image->timestamp = file.TimeDateStamp;
    image->section_count = file.NumberOfSections;
    if (!(file.Characteristics & IMAGE_FILE_EXECUTABLE_IMAGE))
        return pe_fail(error, image->nt_header, "not marked executable: its linker found errors");
    if (!read_optional_header(image, source, file.SizeOfOptionalHeader, error) ||
        !check_alignment(image, error) || !check_sizes(image, error) ||
        !open_section_table(image, source, file.SizeOfOptionalHeader, error))
        return false;
    image->base = image->preferred_base;
    if (layout == PE_LAYOUT_MAPPED && source->size < image->image_size)
        return pe_fail(error, 0, "truncated: the image has 0x%" PRIx32 " bytes, the mapping 0x%zx",
                       image->image_size, source->size);
    find_leading_bytes(image);
    return check_sections(image, error) && check_directories(image, error);
}

bool pe_check_program(const struct pe_image *image, struct pe_error *error)
{
    const struct pe_directory *com = &image->directories[IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR];
    if (com->rva != 0 && com->size != 0)
        return pe_fail(error, com->rva, "a .NET program: it needs the .NET runtime, which litewin has not");
    if (image->entry_rva >= image->image_size)
        return pe_fail(error, image->nt_header,
                       "bad entry point: 0x%" PRIx32 ", the image ends at 0x%" PRIx32, image->entry_rva,
                       image->image_size);
    return true;
}

bool pe_open(struct pe_image *image, const void *bytes, size_t size, enum pe_layout layout,
             struct pe_error *error)
{
    struct source source = {bytes, size, size};
    return open_source(image, &source, layout, error);
}

bool pe_open_prefix(struct pe_image *image, const void *bytes, size_t size, uint64_t file_size,
                    struct pe_error *error)
{
    struct source source = {bytes, size, file_size};
    return open_source(image, &source, PE_LAYOUT_FILE, error);
}

void pe_set_mapped(struct pe_image *image, const void *mapping)
{
    image->bytes = mapping;
    image->size = image->image_size;
    image->file_size = UINT64_MAX;
    image->layout = PE_LAYOUT_MAPPED;
}

void pe_set_base(struct pe_image *image, uint64_t base)
{
    image->base = base;
}

/* Addresses */

/* The last section that starts at or below `rva`. Sections ascend, so halving finds it. */
static bool section_at(const struct pe_image *image, uint32_t rva, struct pe_section *section)
{
    uint32_t low = 0, high = image->section_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        pe_section(image, middle, section);
        if (section->rva <= rva)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return false;
    pe_section(image, low - 1, section);
    return true;
}

/* The bytes of the buffer from an RVA to the end of what lies there in one piece; 0 for none. */
static size_t bytes_at(const struct pe_image *image, uint32_t rva, size_t *offset)
{
    size_t end;
    if (image->layout == PE_LAYOUT_MAPPED) {
        *offset = rva;
        end = image->image_size;
    } else if (rva < image->leading_size) {
        *offset = rva;
        end = image->leading_size;
    } else {
        struct pe_section section;
        if (!section_at(image, rva, &section) || rva - section.rva >= section.file_size)
            return 0;
        *offset = (size_t)section.file_offset + (rva - section.rva);
        end = (size_t)section.file_offset + section.file_size;
    }
    /* A file's start may be all that is at hand. */
    if (end > image->size)
        end = image->size;
    return *offset < end ? end - *offset : 0;
}

const void *pe_at(const struct pe_image *image, uint32_t rva, size_t size)
{
    size_t offset;
    size_t available = bytes_at(image, rva, &offset);
    return available != 0 && size <= available ? image->bytes + offset : NULL;
}

const char *pe_string(const struct pe_image *image, uint32_t rva)
{
    size_t offset;
    size_t available = bytes_at(image, rva, &offset);
    if (available == 0 || !memchr(image->bytes + offset, '\0', available))
        return NULL;
    return (const char *)image->bytes + offset;
}

bool pe_rva_of_address(const struct pe_image *image, uint64_t address, uint32_t *rva)
{
    uint64_t distance = address - image->base;
    *rva = (uint32_t)distance;
    return distance < image->image_size;
}

bool pe_find_section(const struct pe_image *image, const char *name, struct pe_section *section)
{
    for (uint32_t i = 0; i < image->section_count; i++) {
        pe_section(image, i, section);
        if (strcmp(section->name, name) == 0)
            return true;
    }
    return false;
}

/* Litewin's stamp */

enum pe_result pe_stamp(const struct pe_image *image, struct litewin_stamp *stamp, struct pe_error *error)
{
    struct pe_section section;
    if (!pe_find_section(image, LITEWIN_STAMP_SECTION, &section))
        return PE_NONE;
    if (!pe_read(image, section.rva, stamp, sizeof *stamp))
        return pe_bad(error, section.rva, "bad litewin stamp: it is cut short");
    if (memcmp(stamp->magic, LITEWIN_STAMP_MAGIC, sizeof stamp->magic) != 0)
        return pe_bad(error, section.rva, "bad litewin stamp: it does not begin with \"%s\"",
                      LITEWIN_STAMP_MAGIC);
    /* It names a file in litewin's own directories and must not lead out of them. */
    size_t length = strnlen(stamp->backing, sizeof stamp->backing);
    if (length == 0 || length == sizeof stamp->backing || memchr(stamp->backing, '/', length))
        return pe_bad(error, section.rva, "bad litewin stamp: its backing is no file name");
    return PE_FOUND;
}
