/* Builds small PE files for tests, front to back: headers, then one section after another. */
#ifndef TESTS_PE_BUILD_PE_H
#define TESTS_PE_BUILD_PE_H

#include <litewin/windows.h>

#define BUILD_CAPACITY     0x10000
#define BUILD_NT_HEADER    0x80
#define BUILD_HEADERS_SIZE 0x400
#define BUILD_FIXUPS       256

#define BUILD_BASE_64 0x140000000ull
#define BUILD_BASE_32 0x400000u

struct pe_build {
    _Alignas(16) uint8_t bytes[BUILD_CAPACITY];
    size_t size;
    bool is_64bit;
    uint32_t fixups[BUILD_FIXUPS]; /* RVAs of addresses, for build_relocations */
    uint32_t fixup_count;
};

/* Headers of a console program of IMAGE_FILE_MACHINE_AMD64 or _I386, without sections. */
void build_begin(struct pe_build *build, uint16_t machine);

/* Ends the section before, and gives the new one's RVA. */
uint32_t build_section(struct pe_build *build, const char *name, uint32_t characteristics);

/* Ends the last section. Headers may be changed afterwards. */
void build_end(struct pe_build *build);

/* Add to the current section, and give the RVA of what was added. */
uint32_t build_put(struct pe_build *build, const void *data, size_t size);
uint32_t build_zeros(struct pe_build *build, size_t size);
uint32_t build_align(struct pe_build *build, size_t alignment);
uint32_t build_word(struct pe_build *build, uint16_t value);
uint32_t build_dword(struct pe_build *build, uint32_t value);
uint32_t build_string(struct pe_build *build, const char *text);
/* The address of an RVA, 4 or 8 bytes, with a fixup. 0 stays 0. */
uint32_t build_address(struct pe_build *build, uint32_t rva);

/* Code */

/* `opcode` followed by the location `rva`: relative on x86-64, an address with a fixup on i386.
 * `immediate_size` bytes follow it in the same instruction. */
void build_memory_operand(struct pe_build *build, const char *opcode, size_t size, uint32_t rva,
                          size_t immediate_size);

/* What was built */

IMAGE_DOS_HEADER *build_dos(struct pe_build *build);
IMAGE_NT_HEADERS32 *build_nt32(struct pe_build *build);
IMAGE_NT_HEADERS64 *build_nt64(struct pe_build *build);
IMAGE_FILE_HEADER *build_file_header(struct pe_build *build);
IMAGE_DATA_DIRECTORY *build_directory(struct pe_build *build, unsigned index);
IMAGE_SECTION_HEADER *build_section_header(struct pe_build *build, unsigned number);
uint8_t *build_at(struct pe_build *build, uint32_t rva);
void build_set_entry(struct pe_build *build, uint32_t rva);
void build_set_base(struct pe_build *build, uint64_t base); /* before the first address is built */

/* Directories, each put where the build stands */

struct build_import {
    const char *name; /* NULL: by ordinal */
    uint16_t hint_or_ordinal;
};

struct build_import_dll {
    const char *name;
    const struct build_import *imports;
    unsigned count;
    bool no_lookup; /* the names are only in the address table */
};

/* slots[i] receives the RVA of DLL i's address table. */
void build_imports(struct pe_build *build, const struct build_import_dll *dlls, unsigned count,
                   uint32_t *slots);

/* In the old form every RVA is an address (i386 only). The descriptors get no fixups. */
void build_delay_imports(struct pe_build *build, const struct build_import_dll *dlls, unsigned count,
                         bool old_form);

/* Export number i has ordinal `ordinal_base` + i. The name table has the order given. */
struct build_export {
    const char *name; /* NULL: by ordinal only */
    uint32_t rva;     /* 0 without a forwarder: a hole */
    const char *forwarder;
};

void build_exports(struct pe_build *build, const char *module, uint32_t ordinal_base,
                   const struct build_export *exports, unsigned count);

/* One block a page, of all fixups so far, which must ascend. */
void build_relocations(struct pe_build *build);

/* `callbacks` is the RVA of a zero-terminated table of addresses, or 0. */
void build_tls(struct pe_build *build, uint32_t template_rva, uint32_t template_size, uint32_t index_rva,
               uint32_t callbacks);

#endif
