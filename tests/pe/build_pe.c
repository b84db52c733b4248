#include <stdio.h>
#include <stdlib.h>
#include "tests/pe/build_pe.h"

#define SECTION_ALIGNMENT 0x1000u
#define FILE_ALIGNMENT    0x200u

static uint32_t round_up(uint32_t value, uint32_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

/* What was built */

IMAGE_DOS_HEADER *build_dos(struct pe_build *build)
{
    return (IMAGE_DOS_HEADER *)build->bytes;
}

IMAGE_NT_HEADERS32 *build_nt32(struct pe_build *build)
{
    return (IMAGE_NT_HEADERS32 *)(build->bytes + BUILD_NT_HEADER);
}

IMAGE_NT_HEADERS64 *build_nt64(struct pe_build *build)
{
    return (IMAGE_NT_HEADERS64 *)(build->bytes + BUILD_NT_HEADER);
}

IMAGE_FILE_HEADER *build_file_header(struct pe_build *build)
{
    return &build_nt32(build)->FileHeader;
}

IMAGE_DATA_DIRECTORY *build_directory(struct pe_build *build, unsigned index)
{
    return build->is_64bit ? &build_nt64(build)->OptionalHeader.DataDirectory[index]
                           : &build_nt32(build)->OptionalHeader.DataDirectory[index];
}

IMAGE_SECTION_HEADER *build_section_header(struct pe_build *build, unsigned number)
{
    size_t headers = build->is_64bit ? sizeof(IMAGE_NT_HEADERS64) : sizeof(IMAGE_NT_HEADERS32);
    return (IMAGE_SECTION_HEADER *)(build->bytes + BUILD_NT_HEADER + headers) + number;
}

static IMAGE_SECTION_HEADER *last_section(struct pe_build *build)
{
    return build_section_header(build, build_file_header(build)->NumberOfSections - 1);
}

uint8_t *build_at(struct pe_build *build, uint32_t rva)
{
    for (unsigned i = build_file_header(build)->NumberOfSections; i-- > 0;) {
        const IMAGE_SECTION_HEADER *section = build_section_header(build, i);
        if (rva >= section->VirtualAddress)
            return build->bytes + section->PointerToRawData + (rva - section->VirtualAddress);
    }
    return build->bytes + rva;
}

void build_set_entry(struct pe_build *build, uint32_t rva)
{
    /* This field lies in the same place in both forms of the header. */
    build_nt32(build)->OptionalHeader.AddressOfEntryPoint = rva;
}

void build_set_base(struct pe_build *build, uint64_t base)
{
    if (build->is_64bit)
        build_nt64(build)->OptionalHeader.ImageBase = base;
    else
        build_nt32(build)->OptionalHeader.ImageBase = (uint32_t)base;
}

static uint64_t base_of(struct pe_build *build)
{
    return build->is_64bit ? build_nt64(build)->OptionalHeader.ImageBase
                           : build_nt32(build)->OptionalHeader.ImageBase;
}

/* Headers */

/* Both forms of the optional header have the same fields, of different widths. */
#define FILL_OPTIONAL_HEADER(header, magic, base)                         \
    do {                                                                  \
        (header)->Magic = magic;                                          \
        (header)->ImageBase = base;                                       \
        (header)->SectionAlignment = SECTION_ALIGNMENT;                   \
        (header)->FileAlignment = FILE_ALIGNMENT;                         \
        (header)->MajorOperatingSystemVersion = 4;                        \
        (header)->MajorSubsystemVersion = 5;                              \
        (header)->MinorSubsystemVersion = 2;                              \
        (header)->SizeOfImage = SECTION_ALIGNMENT;                        \
        (header)->SizeOfHeaders = BUILD_HEADERS_SIZE;                     \
        (header)->Subsystem = IMAGE_SUBSYSTEM_WINDOWS_CUI;                \
        (header)->SizeOfStackReserve = 0x100000;                          \
        (header)->SizeOfStackCommit = 0x1000;                             \
        (header)->SizeOfHeapReserve = 0x100000;                           \
        (header)->SizeOfHeapCommit = 0x1000;                              \
        (header)->NumberOfRvaAndSizes = IMAGE_NUMBEROF_DIRECTORY_ENTRIES; \
    } while (0)

void build_begin(struct pe_build *build, uint16_t machine)
{
    memset(build, 0, sizeof *build);
    build->is_64bit = machine == IMAGE_FILE_MACHINE_AMD64;
    build->size = BUILD_HEADERS_SIZE;
    build_dos(build)->e_magic = IMAGE_DOS_SIGNATURE;
    build_dos(build)->e_lfarlc = sizeof(IMAGE_DOS_HEADER);
    build_dos(build)->e_lfanew = BUILD_NT_HEADER;
    build_nt32(build)->Signature = IMAGE_NT_SIGNATURE;
    IMAGE_FILE_HEADER *file = build_file_header(build);
    file->Machine = machine;
    file->Characteristics = IMAGE_FILE_EXECUTABLE_IMAGE;
    if (build->is_64bit) {
        file->SizeOfOptionalHeader = sizeof(IMAGE_OPTIONAL_HEADER64);
        file->Characteristics |= IMAGE_FILE_LARGE_ADDRESS_AWARE;
        FILL_OPTIONAL_HEADER(&build_nt64(build)->OptionalHeader, IMAGE_NT_OPTIONAL_HDR64_MAGIC,
                             BUILD_BASE_64);
    } else {
        file->SizeOfOptionalHeader = sizeof(IMAGE_OPTIONAL_HEADER32);
        file->Characteristics |= IMAGE_FILE_32BIT_MACHINE;
        FILL_OPTIONAL_HEADER(&build_nt32(build)->OptionalHeader, IMAGE_NT_OPTIONAL_HDR32_MAGIC,
                             BUILD_BASE_32);
    }
}

static void set_image_size(struct pe_build *build, uint32_t size)
{
    /* Another field of one place. */
    build_nt32(build)->OptionalHeader.SizeOfImage = size;
}

static uint32_t next_section_rva(struct pe_build *build)
{
    if (build_file_header(build)->NumberOfSections == 0)
        return SECTION_ALIGNMENT;
    const IMAGE_SECTION_HEADER *last = last_section(build);
    return round_up(last->VirtualAddress + last->Misc.VirtualSize, SECTION_ALIGNMENT);
}

void build_end(struct pe_build *build)
{
    if (build_file_header(build)->NumberOfSections == 0)
        return;
    IMAGE_SECTION_HEADER *section = last_section(build);
    section->Misc.VirtualSize = (uint32_t)build->size - section->PointerToRawData;
    section->SizeOfRawData = round_up(section->Misc.VirtualSize, FILE_ALIGNMENT);
    build->size = section->PointerToRawData + section->SizeOfRawData;
    set_image_size(build, next_section_rva(build));
}

uint32_t build_section(struct pe_build *build, const char *name, uint32_t characteristics)
{
    build_end(build);
    uint32_t rva = next_section_rva(build);
    build_file_header(build)->NumberOfSections++;
    IMAGE_SECTION_HEADER *section = last_section(build);
    memset(section, 0, sizeof *section);
    memcpy(section->Name, name, strnlen(name, sizeof section->Name));
    section->VirtualAddress = rva;
    section->PointerToRawData = (uint32_t)build->size;
    section->Characteristics = characteristics;
    return rva;
}

/* Contents */

static uint32_t here(struct pe_build *build)
{
    const IMAGE_SECTION_HEADER *section = last_section(build);
    return section->VirtualAddress + (uint32_t)build->size - section->PointerToRawData;
}

uint32_t build_zeros(struct pe_build *build, size_t size)
{
    uint32_t rva = here(build);
    if (size > BUILD_CAPACITY - build->size) {
        fprintf(stderr, "build_pe: the file is too large\n");
        abort();
    }
    build->size += size;
    return rva;
}

uint32_t build_put(struct pe_build *build, const void *data, size_t size)
{
    uint32_t rva = build_zeros(build, size);
    memcpy(build_at(build, rva), data, size);
    return rva;
}

uint32_t build_align(struct pe_build *build, size_t alignment)
{
    build_zeros(build, -build->size & (alignment - 1));
    return here(build);
}

uint32_t build_word(struct pe_build *build, uint16_t value)
{
    return build_put(build, &value, sizeof value);
}

uint32_t build_dword(struct pe_build *build, uint32_t value)
{
    return build_put(build, &value, sizeof value);
}

uint32_t build_string(struct pe_build *build, const char *text)
{
    return build_put(build, text, strlen(text) + 1);
}

static void add_fixup(struct pe_build *build)
{
    if (build->fixup_count == BUILD_FIXUPS) {
        fprintf(stderr, "build_pe: too many fixups\n");
        abort();
    }
    build->fixups[build->fixup_count++] = here(build);
}

static size_t pointer_size(const struct pe_build *build)
{
    return build->is_64bit ? 8 : 4;
}

uint32_t build_address(struct pe_build *build, uint32_t rva)
{
    uint64_t address = rva ? base_of(build) + rva : 0;
    if (rva)
        add_fixup(build);
    return build_put(build, &address, pointer_size(build));
}

void build_memory_operand(struct pe_build *build, const char *opcode, size_t size, uint32_t rva,
                          size_t immediate_size)
{
    build_put(build, opcode, size);
    if (build->is_64bit)
        build_dword(build, rva - (here(build) + (uint32_t)sizeof(uint32_t) + (uint32_t)immediate_size));
    else
        build_address(build, rva);
}

/* Directories */

static void set_directory(struct pe_build *build, unsigned index, uint32_t start)
{
    *build_directory(build, index) = (IMAGE_DATA_DIRECTORY){start, here(build) - start};
}

static uint32_t put_name(struct pe_build *build, const struct build_import *import)
{
    build_align(build, 2);
    uint32_t rva = build_word(build, import->hint_or_ordinal);
    build_string(build, import->name);
    return rva;
}

/* A table of names and ordinals with its end; names hold addresses in the old form of delay imports. */
static uint32_t put_lookup_table(struct pe_build *build, const struct build_import_dll *dll,
                                 const uint32_t *names, bool addresses)
{
    uint64_t by_ordinal = build->is_64bit ? IMAGE_ORDINAL_FLAG64 : IMAGE_ORDINAL_FLAG32;
    uint32_t table = build_align(build, 8);
    for (unsigned i = 0; i < dll->count; i++) {
        uint64_t entry = names[i] ? names[i] : by_ordinal | dll->imports[i].hint_or_ordinal;
        if (names[i] && addresses)
            build_address(build, names[i]);
        else
            build_put(build, &entry, pointer_size(build));
    }
    build_zeros(build, pointer_size(build));
    return table;
}

/* The tables of one DLL: `lookup` is 0 if it has none. */
static void put_tables(struct pe_build *build, const struct build_import_dll *dll, bool addresses,
                       uint32_t *name, uint32_t *lookup, uint32_t *slots)
{
    uint32_t names[32] = {0};
    for (unsigned i = 0; i < dll->count; i++)
        if (dll->imports[i].name)
            names[i] = put_name(build, &dll->imports[i]);
    *name = build_string(build, dll->name);
    *lookup = dll->no_lookup ? 0 : put_lookup_table(build, dll, names, addresses);
    *slots = put_lookup_table(build, dll, names, addresses);
}

void build_imports(struct pe_build *build, const struct build_import_dll *dlls, unsigned count,
                   uint32_t *slots)
{
    build_align(build, 4);
    uint32_t start = build_zeros(build, (count + 1) * sizeof(IMAGE_IMPORT_DESCRIPTOR));
    for (unsigned i = 0; i < count; i++) {
        uint32_t name, lookup;
        put_tables(build, &dlls[i], false, &name, &lookup, &slots[i]);
        IMAGE_IMPORT_DESCRIPTOR descriptor = {
            .OriginalFirstThunk = lookup, .Name = name, .FirstThunk = slots[i]};
        memcpy(build_at(build, start) + i * sizeof descriptor, &descriptor, sizeof descriptor);
    }
    set_directory(build, IMAGE_DIRECTORY_ENTRY_IMPORT, start);
}

void build_delay_imports(struct pe_build *build, const struct build_import_dll *dlls, unsigned count,
                         bool old_form)
{
    uint32_t bias = old_form ? (uint32_t)base_of(build) : 0;
    build_align(build, 4);
    uint32_t start = build_zeros(build, (count + 1) * sizeof(IMAGE_DELAYLOAD_DESCRIPTOR));
    for (unsigned i = 0; i < count; i++) {
        uint32_t name, lookup, slots;
        uint32_t handle = build_align(build, 8);
        build_zeros(build, pointer_size(build));
        put_tables(build, &dlls[i], old_form, &name, &lookup, &slots);
        IMAGE_DELAYLOAD_DESCRIPTOR descriptor = {
            .Attributes.AllAttributes = !old_form,
            .DllNameRVA = name + bias,
            .ModuleHandleRVA = handle + bias,
            .ImportAddressTableRVA = slots + bias,
            .ImportNameTableRVA = lookup + bias,
        };
        memcpy(build_at(build, start) + i * sizeof descriptor, &descriptor, sizeof descriptor);
    }
    set_directory(build, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT, start);
}

void build_exports(struct pe_build *build, const char *module, uint32_t ordinal_base,
                   const struct build_export *exports, unsigned count)
{
    uint32_t names[64];
    uint16_t ordinals[64];
    IMAGE_EXPORT_DIRECTORY header = {.Base = ordinal_base, .NumberOfFunctions = count};
    build_align(build, 4);
    uint32_t start = build_zeros(build, sizeof header);
    header.AddressOfFunctions = build_zeros(build, count * sizeof(uint32_t));
    for (unsigned i = 0; i < count; i++) {
        uint32_t rva = exports[i].forwarder ? build_string(build, exports[i].forwarder) : exports[i].rva;
        memcpy(build_at(build, header.AddressOfFunctions) + i * sizeof rva, &rva, sizeof rva);
        if (exports[i].name) {
            ordinals[header.NumberOfNames] = (uint16_t)i;
            names[header.NumberOfNames++] = build_string(build, exports[i].name);
        }
    }
    header.Name = build_string(build, module);
    build_align(build, 4);
    header.AddressOfNames = build_put(build, names, header.NumberOfNames * sizeof *names);
    header.AddressOfNameOrdinals = build_put(build, ordinals, header.NumberOfNames * sizeof *ordinals);
    memcpy(build_at(build, start), &header, sizeof header);
    set_directory(build, IMAGE_DIRECTORY_ENTRY_EXPORT, start);
}

static uint32_t page_of(uint32_t rva)
{
    return rva & ~0xfffu;
}

void build_relocations(struct pe_build *build)
{
    uint16_t type = build->is_64bit ? IMAGE_REL_BASED_DIR64 : IMAGE_REL_BASED_HIGHLOW;
    uint32_t start = build_align(build, 4);
    /* An image that can be moved says so by a directory, if only of padding. */
    if (build->fixup_count == 0) {
        IMAGE_BASE_RELOCATION padding = {.VirtualAddress = SECTION_ALIGNMENT,
                                         .SizeOfBlock = sizeof padding + 4};
        build_put(build, &padding, sizeof padding);
        build_dword(build, 0);
    }
    for (uint32_t i = 0; i < build->fixup_count;) {
        IMAGE_BASE_RELOCATION header = {.VirtualAddress = page_of(build->fixups[i])};
        uint32_t block = build_zeros(build, sizeof header);
        for (; i < build->fixup_count && page_of(build->fixups[i]) == header.VirtualAddress; i++)
            build_word(build, (uint16_t)(type << 12 | (build->fixups[i] & 0xfff)));
        header.SizeOfBlock = build_align(build, 4) - block;
        memcpy(build_at(build, block), &header, sizeof header);
    }
    set_directory(build, IMAGE_DIRECTORY_ENTRY_BASERELOC, start);
}

void build_tls(struct pe_build *build, uint32_t template_rva, uint32_t template_size, uint32_t index_rva,
               uint32_t callbacks)
{
    uint32_t start = build_align(build, 8);
    build_address(build, template_rva);
    build_address(build, template_rva ? template_rva + template_size : 0);
    build_address(build, index_rva);
    build_address(build, callbacks);
    build_dword(build, 0);
    build_dword(build, IMAGE_SCN_ALIGN_16BYTES);
    set_directory(build, IMAGE_DIRECTORY_ENTRY_TLS, start);
}
