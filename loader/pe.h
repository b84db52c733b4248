/* Reads PE images, the format of Windows programs and DLLs.
 *
 * The reader is pure: it looks at a buffer, takes no memory and keeps no state outside the caller's
 * structures. It reads i386 and x86-64 images on either host. The buffer holds the bytes of a file,
 * or an image as it lies in memory; accessors take addresses relative to the image's start (RVAs)
 * and translate them. Nothing in the buffer is trusted: an accessor that meets nonsense says so in a
 * `struct pe_error`, and never reads outside the buffer.
 *
 * What a loader does:
 *
 *     pread the first 4 KiB of the file
 *     pe_open_prefix                      all checks of headers and sections, against the file's size
 *     reserve image.image_size bytes, place the headers and each pe_section in it
 *     pe_set_mapped                       from here on accessors read the mapping
 *     pe_apply_relocations                if it is not at its preferred base
 *     pe_next_import_dll, pe_next_import  ... and protect the sections last
 */
#ifndef LITEWIN_LOADER_PE_H
#define LITEWIN_LOADER_PE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct litewin_stamp;

/* What a file is that cannot be opened. */
enum pe_kind {
    PE_KIND_BROKEN,  /* a PE image that is malformed, or for another kind of machine */
    PE_KIND_FOREIGN, /* does not begin with "MZ" */
    PE_KIND_DOS,
    PE_KIND_NE, /* made for Windows 2 or OS/2 ... */
    PE_KIND_NE_WIN16,
    PE_KIND_NE_DOS, /* ... or bound to run under MS-DOS as well */
    PE_KIND_LE,
};

struct pe_error {
    enum pe_kind kind;
    char message[192]; /* for people: "truncated: the section table ends at 0x2a8, the file at 0x200" */
    uint64_t offset;   /* where in the buffer; an RVA for what is found by RVA */
    uint64_t needed;   /* pe_open_prefix: bytes of the file to come again with, 0 if more would not help */
};

/* What a lookup or one step of an iteration gives. */
enum pe_result {
    PE_BAD = -1, /* malformed; the error says how */
    PE_NONE = 0, /* not there, or no more */
    PE_FOUND = 1,
};

/* The image: pe.c */

enum pe_layout {
    PE_LAYOUT_FILE,   /* the bytes of a file, from its start to its end */
    PE_LAYOUT_MAPPED, /* as loaded: an RVA is an offset */
};

#define PE_DIRECTORY_COUNT 16
#define PE_PAGE_SIZE       4096

struct pe_directory {
    uint32_t rva; /* 0: the image has none */
    uint32_t size;
};

/* Filled in and validated by pe_open; callers read the fields and change none. */
struct pe_image {
    const uint8_t *bytes;
    size_t size;
    enum pe_layout layout;
    uint16_t machine;             /* IMAGE_FILE_MACHINE_I386 or _AMD64 */
    bool is_64bit;                /* PE32+ */
    uint16_t characteristics;     /* IMAGE_FILE_DLL, _RELOCS_STRIPPED, _LARGE_ADDRESS_AWARE ... */
    uint16_t dll_characteristics; /* IMAGE_DLLCHARACTERISTICS_* */
    uint16_t subsystem;           /* IMAGE_SUBSYSTEM_* */
    uint16_t subsystem_major, subsystem_minor;
    uint16_t os_major, os_minor;
    uint32_t timestamp;
    uint32_t checksum;
    /* 0: none (a DLL), or the image's very first byte (a program). It may lie outside of the image, which
     * then can be mapped and not run. */
    uint32_t entry_rva;
    uint32_t code_size;
    bool contains_code;      /* it says so, or it could have some */
    uint64_t preferred_base; /* a multiple of 64 KiB */
    /* What the addresses (not RVAs) inside the image are relative to: the preferred base until
     * pe_set_base says that relocations were applied. */
    uint64_t base;
    uint32_t image_size;   /* rounded up to whole pages */
    uint32_t headers_size; /* covers the section table */
    /* Bytes from the file's start that lie at the image's start: the headers, if the file has that many; all
     * of a flat image. */
    uint32_t leading_size;
    bool is_flat; /* its sections are not aligned to pages, and lie in memory as in the file */
    uint64_t file_size;
    uint32_t section_alignment;
    uint32_t file_alignment;
    uint64_t stack_reserve, stack_commit;
    uint64_t heap_reserve, heap_commit;
    uint32_t nt_header;     /* offset of "PE\0\0" */
    uint32_t section_table; /* offset */
    uint32_t section_count;
    uint32_t directory_count; /* as the header says, at most 16; further entries below are 0 */
    /* By IMAGE_DIRECTORY_ENTRY_*. Those that a loader follows lie inside the image; SECURITY (a file
     * offset), DEBUG, ARCHITECTURE, GLOBALPTR, BOUND_IMPORT, IAT are as the file has them. */
    struct pe_directory directories[PE_DIRECTORY_COUNT];
};

struct pe_section {
    char name[9]; /* always terminated; any bytes */
    uint32_t rva;
    uint32_t virtual_size; /* never 0 unless the section is empty: the raw size where the header has 0 */
    uint32_t raw_offset, raw_size; /* as the header has them */
    /* What to copy or map to `rva`: the first file_size bytes at file_offset; the rest of the
     * section's pages is zero. Inside the file, and no longer than the section's pages. Nothing for what lies
     * in the image's leading bytes. */
    uint32_t file_offset, file_size;
    uint32_t characteristics; /* IMAGE_SCN_MEM_READ, _WRITE, _EXECUTE, _DISCARDABLE ... */
};

/* Opens a whole file, or a mapping of at least SizeOfImage bytes that are all readable. */
bool pe_open(struct pe_image *image, const void *bytes, size_t size, enum pe_layout layout,
             struct pe_error *error);

/* As pe_open for a file of which only the first `size` bytes are at hand. Sections are checked against
 * `file_size`. Where the headers are longer than `size`, it fails with error->needed set; read that
 * many bytes and try again. RVAs past the headers are found only after pe_set_mapped. */
bool pe_open_prefix(struct pe_image *image, const void *bytes, size_t size, uint64_t file_size,
                    struct pe_error *error);

/* Whether it is a program that litewin can run: one for the .NET runtime is not, nor one that would begin
 * outside of itself. */
bool pe_check_program(const struct pe_image *image, struct pe_error *error);

/* The image now lies, image_size readable bytes, at `mapping`. Headers are not read again. */
void pe_set_mapped(struct pe_image *image, const void *mapping);

/* The addresses inside the image are now relative to `base`: relocations were applied. */
void pe_set_base(struct pe_image *image, uint64_t base);

/* `number` is below section_count. */
void pe_section(const struct pe_image *image, uint32_t number, struct pe_section *section);
bool pe_find_section(const struct pe_image *image, const char *name, struct pe_section *section);

/* The bytes at an RVA, not aligned to anything; NULL unless all of them are there. A file has no
 * bytes for memory that starts as zero. */
const void *pe_at(const struct pe_image *image, uint32_t rva, size_t size);

/* A string that ends inside the image, or NULL. */
const char *pe_string(const struct pe_image *image, uint32_t rva);

/* The RVA of an address found inside the image; false if it is outside of it. */
bool pe_rva_of_address(const struct pe_image *image, uint64_t address, uint32_t *rva);

/* A litewin DLL's stamp (litewin/binding.h): PE_NONE if the image has none. */
enum pe_result pe_stamp(const struct pe_image *image, struct litewin_stamp *stamp, struct pe_error *error);

/* Exports: pe_exports.c */

/* Keep one per module: a lookup checks nothing twice. All zero (no exports) is a valid value. */
struct pe_exports {
    const struct pe_image *image;
    struct pe_directory directory;
    const char *module_name; /* the name the DLL was linked with, or NULL */
    uint32_t ordinal_base;
    uint32_t function_count;
    uint32_t name_count;
    const uint8_t *functions; /* uint32_t RVAs, unaligned */
    const uint8_t *names;     /* uint32_t RVAs, unaligned */
    const uint8_t *ordinals;  /* uint16_t indices in `functions`, unaligned */
};

enum pe_export_kind {
    PE_EXPORT_NONE, /* no such export, a hole between ordinals, or an RVA outside the image */
    PE_EXPORT_ADDRESS,
    PE_EXPORT_FORWARDER,
};

struct pe_export {
    enum pe_export_kind kind;
    uint32_t ordinal;      /* ordinal_base included */
    uint32_t rva;          /* of the function or datum; of the forwarder's text */
    const char *forwarder; /* "NTDLL.RtlAllocateHeap", "WS2_32.#115" */
};

#define PE_NO_HINT UINT32_MAX

/* PE_NONE (and an empty `exports`) if the image exports nothing. */
enum pe_result pe_exports_open(const struct pe_image *image, struct pe_exports *exports,
                               struct pe_error *error);

/* Tries name number `hint` first, then searches by halves, as Windows does: in a table that is not
 * sorted a name may be missed, and a miss costs no more than a hit. */
struct pe_export pe_find_export(const struct pe_exports *exports, const char *name, uint32_t hint);
struct pe_export pe_find_export_by_ordinal(const struct pe_exports *exports, uint32_t ordinal);

/* For listings. `index` is below function_count; `name_index` below name_count. A name that does not
 * lie in the image is NULL; *index may then be anything, and be past function_count at any time. */
struct pe_export pe_export_by_index(const struct pe_exports *exports, uint32_t index);
const char *pe_export_name(const struct pe_exports *exports, uint32_t name_index, uint32_t *index);

struct pe_forwarder {
    const char *module; /* module_length bytes, without ".dll" */
    size_t module_length;
    const char *name; /* NULL: by ordinal */
    uint32_t ordinal;
};

/* False if the text is no forwarder. The last dot divides, since API set names may hold dots. */
bool pe_split_forwarder(const char *text, struct pe_forwarder *forwarder);

/* Imports: pe_imports.c */

struct pe_import_cursor {
    const struct pe_image *image;
    uint32_t rva; /* of the next descriptor; 0: none */
    bool delayed;
};

struct pe_import_dll {
    const struct pe_image *image;
    const char *name;
    uint32_t lookup_rva;  /* the names; same as address_rva where the linker made no second table */
    uint32_t address_rva; /* the slots to fill in */
    uint32_t handle_rva;  /* delayed: the slot for the module's handle, else 0 */
    uint32_t timestamp;   /* not 0 if the image is bound; bindings are ignored */
    bool delayed;
    bool uses_addresses; /* delayed, of old i386 linkers: the tables hold addresses for RVAs */
    uint32_t next;       /* index of the entry that pe_next_import gives next */
};

struct pe_import {
    uint32_t slot_rva; /* 4 or 8 bytes, by is_64bit */
    const char *name;  /* NULL: by ordinal */
    uint16_t hint;
    uint16_t ordinal;
};

void pe_imports_begin(const struct pe_image *image, struct pe_import_cursor *cursor);
void pe_delay_imports_begin(const struct pe_image *image, struct pe_import_cursor *cursor);
enum pe_result pe_next_import_dll(struct pe_import_cursor *cursor, struct pe_import_dll *dll,
                                  struct pe_error *error);

/* The slot may be written as soon as its entry was given, also where it was the name's only place. */
enum pe_result pe_next_import(struct pe_import_dll *dll, struct pe_import *import, struct pe_error *error);

/* Base relocations: pe_relocations.c */

struct pe_relocation_cursor {
    const struct pe_image *image;
    uint32_t rva, end;    /* of the rest of the directory */
    uint32_t page;        /* RVA that the current block's offsets are relative to */
    const uint8_t *entry; /* next entry of the current block */
    uint32_t entries_left;
};

struct pe_relocation {
    uint32_t rva;
    uint8_t type;       /* IMAGE_REL_BASED_ABSOLUTE (padding), HIGH, LOW, HIGHLOW, HIGHADJ, DIR64 */
    uint16_t parameter; /* HIGHADJ: the low half of the value */
};

/* True if the image can be moved from its preferred base. An image whose relocations were not
 * stripped but which needs none can be. */
bool pe_is_relocatable(const struct pe_image *image);

void pe_relocations_begin(const struct pe_image *image, struct pe_relocation_cursor *cursor);
enum pe_result pe_next_relocation(struct pe_relocation_cursor *cursor, struct pe_relocation *relocation,
                                  struct pe_error *error);

/* Adds `delta` (actual minus preferred base, modulo 2^64) to every place of the image that lies
 * writable at `mapping`. Does not call pe_set_base. After a failure the mapping is half changed. */
bool pe_apply_relocations(const struct pe_image *image, void *mapping, uint64_t delta,
                          struct pe_error *error);

/* TLS: pe_tls.c */

struct pe_tls {
    uint32_t template_rva, template_size; /* 0, 0 if there is no initial data */
    uint32_t zero_fill;                   /* further bytes; Windows itself ignores them */
    uint32_t alignment;                   /* 1 where the image does not say */
    uint32_t index_rva;                   /* uint32_t that receives the module's TLS index */
    uint32_t callbacks_rva;               /* 0: none */
};

enum pe_result pe_tls(const struct pe_image *image, struct pe_tls *tls, struct pe_error *error);

/* The callback number `number`; PE_NONE past the last. Read anew each time, as Windows does: a
 * callback may add others. */
enum pe_result pe_tls_callback(const struct pe_image *image, const struct pe_tls *tls, uint32_t number,
                               uint32_t *rva, struct pe_error *error);

/* Load configuration and unwind table: pe_config.c */

struct pe_load_config {
    uint32_t size;         /* as the structure says */
    uint32_t cookie_rva;   /* security cookie, pointer-sized; 0: none */
    uint32_t handlers_rva; /* i386 SafeSEH: handler_count RVAs, sorted; 0: no table */
    uint32_t handler_count;
};

enum pe_result pe_load_config(const struct pe_image *image, struct pe_load_config *config,
                              struct pe_error *error);

struct pe_managed {
    uint16_t runtime_major, runtime_minor;
    bool il_only; /* nothing in it is the machine's code but what starts the .NET runtime */
    bool needs_32bit, prefers_32bit;
};

/* PE_NONE if the image is not made for the .NET runtime. */
enum pe_result pe_managed(const struct pe_image *image, struct pe_managed *managed, struct pe_error *error);

/* The .pdata table of an x86-64 image: `count` RUNTIME_FUNCTIONs. */
enum pe_result pe_unwind_table(const struct pe_image *image, uint32_t *rva, uint32_t *count);

#endif
