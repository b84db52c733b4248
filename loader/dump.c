/* litewin-load --dump. */
#include <stdio.h>
#include <stdlib.h>
#include <litewin/windows.h>
#include <litewin/binding.h>
#include "loader/pe.h"
#include "loader/dump.h"

/* What is being written, and whether any of it was malformed. */
struct dump {
    FILE *out;
    const struct pe_image *image;
    bool bad;
};

struct flag {
    uint32_t bit;
    char name[22];
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Pieces */

/* Names come from the file, so that anything which could upset a terminal is written as \xNN. */
static void put_text(FILE *out, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '\\')
            fputs("\\\\", out);
        else if (*at >= ' ' && *at < 0x7f)
            putc(*at, out);
        else
            fprintf(out, "\\x%02x", *at);
    }
}

static void heading(struct dump *dump, const char *text)
{
    fprintf(dump->out, "\n%s\n", text);
}

static void field(struct dump *dump, const char *name)
{
    fprintf(dump->out, "  %-22s", name);
}

static void hex_field(struct dump *dump, const char *name, uint64_t value)
{
    field(dump, name);
    fprintf(dump->out, "0x%" PRIx64 "\n", value);
}

static void flags_field(struct dump *dump, const char *name, uint32_t value, const struct flag *flags,
                        size_t count)
{
    field(dump, name);
    fprintf(dump->out, "0x%04" PRIx32, value);
    for (size_t i = 0; i < count; i++)
        if (value & flags[i].bit)
            fprintf(dump->out, " %s", flags[i].name);
    putc('\n', dump->out);
}

static void report(struct dump *dump, const struct pe_error *error)
{
    fprintf(dump->out, "  ! ");
    put_text(dump->out, error->message);
    fprintf(dump->out, " (at 0x%" PRIx64 ")\n", error->offset);
    dump->bad = true;
}

/* Headers */

static const char *subsystem_name(uint16_t subsystem)
{
    static const char names[][12] = {
        [IMAGE_SUBSYSTEM_NATIVE] = "native",
        [IMAGE_SUBSYSTEM_WINDOWS_GUI] = "windows",
        [IMAGE_SUBSYSTEM_WINDOWS_CUI] = "console",
        [IMAGE_SUBSYSTEM_OS2_CUI] = "os2",
        [IMAGE_SUBSYSTEM_POSIX_CUI] = "posix",
        [IMAGE_SUBSYSTEM_WINDOWS_CE_GUI] = "windows-ce",
        [IMAGE_SUBSYSTEM_EFI_APPLICATION] = "efi",
        [IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER] = "efi-boot",
        [IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER] = "efi-runtime",
        [IMAGE_SUBSYSTEM_XBOX] = "xbox",
    };
    return subsystem < COUNT(names) && names[subsystem][0] ? names[subsystem] : "unknown";
}

static const struct flag file_flags[] = {
    {IMAGE_FILE_RELOCS_STRIPPED, "relocs-stripped"},
    {IMAGE_FILE_EXECUTABLE_IMAGE, "executable"},
    {IMAGE_FILE_LINE_NUMS_STRIPPED, "line-numbers-stripped"},
    {IMAGE_FILE_LOCAL_SYMS_STRIPPED, "symbols-stripped"},
    {IMAGE_FILE_LARGE_ADDRESS_AWARE, "large-address-aware"},
    {IMAGE_FILE_32BIT_MACHINE, "32-bit"},
    {IMAGE_FILE_DEBUG_STRIPPED, "debug-stripped"},
    {IMAGE_FILE_SYSTEM, "system"},
    {IMAGE_FILE_DLL, "dll"},
};

static const struct flag dll_flags[] = {
    {0x0020, "high-entropy-va"},
    {IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, "dynamic-base"},
    {IMAGE_DLLCHARACTERISTICS_FORCE_INTEGRITY, "force-integrity"},
    {IMAGE_DLLCHARACTERISTICS_NX_COMPAT, "nx-compatible"},
    {IMAGE_DLLCHARACTERISTICS_NO_ISOLATION, "no-isolation"},
    {IMAGE_DLLCHARACTERISTICS_NO_SEH, "no-seh"},
    {IMAGE_DLLCHARACTERISTICS_NO_BIND, "no-bind"},
    {0x1000, "app-container"},
    {IMAGE_DLLCHARACTERISTICS_WDM_DRIVER, "wdm-driver"},
    {0x4000, "guard-cf"},
    {IMAGE_DLLCHARACTERISTICS_TERMINAL_SERVER_AWARE, "terminal-server-aware"},
};

static void dump_headers(struct dump *dump)
{
    const struct pe_image *image = dump->image;
    fprintf(dump->out, "Headers\n");
    field(dump, "machine");
    fprintf(dump->out, "%s\n", image->is_64bit ? "x86-64 (PE32+)" : "i386 (PE32)");
    field(dump, "kind");
    fprintf(dump->out, "%s\n", image->characteristics & IMAGE_FILE_DLL ? "DLL" : "program");
    field(dump, "subsystem");
    fprintf(dump->out, "%s %u.%u\n", subsystem_name(image->subsystem), image->subsystem_major,
            image->subsystem_minor);
    field(dump, "operating system");
    fprintf(dump->out, "%u.%u\n", image->os_major, image->os_minor);
    flags_field(dump, "characteristics", image->characteristics, file_flags, COUNT(file_flags));
    flags_field(dump, "DLL characteristics", image->dll_characteristics, dll_flags, COUNT(dll_flags));
    hex_field(dump, "timestamp", image->timestamp);
    hex_field(dump, "checksum", image->checksum);
    hex_field(dump, "preferred base", image->preferred_base);
    hex_field(dump, "entry point", image->entry_rva);
    hex_field(dump, "size of image", image->image_size);
    hex_field(dump, "size of headers", image->headers_size);
    hex_field(dump, "section alignment", image->section_alignment);
    hex_field(dump, "file alignment", image->file_alignment);
    hex_field(dump, "stack reserve", image->stack_reserve);
    hex_field(dump, "stack commit", image->stack_commit);
    hex_field(dump, "heap reserve", image->heap_reserve);
    hex_field(dump, "heap commit", image->heap_commit);
}

/* "rwx", with - for what the section lacks. */
static void section_access(uint32_t characteristics, char letters[4])
{
    letters[0] = characteristics & IMAGE_SCN_MEM_READ ? 'r' : '-';
    letters[1] = characteristics & IMAGE_SCN_MEM_WRITE ? 'w' : '-';
    letters[2] = characteristics & IMAGE_SCN_MEM_EXECUTE ? 'x' : '-';
    letters[3] = '\0';
}

static const struct flag section_flags[] = {
    {IMAGE_SCN_CNT_CODE, "code"},
    {IMAGE_SCN_CNT_INITIALIZED_DATA, "data"},
    {IMAGE_SCN_CNT_UNINITIALIZED_DATA, "bss"},
    {IMAGE_SCN_MEM_DISCARDABLE, "discardable"},
    {IMAGE_SCN_MEM_SHARED, "shared"},
};

static void dump_sections(struct dump *dump)
{
    heading(dump, "Sections");
    fprintf(dump->out, "  rva       size      offset    in file   rwx  name\n");
    for (uint32_t i = 0; i < dump->image->section_count; i++) {
        struct pe_section section;
        char access[4];
        pe_section(dump->image, i, &section);
        section_access(section.characteristics, access);
        fprintf(dump->out, "  %08" PRIx32 "  %08" PRIx32 "  %08" PRIx32 "  %08" PRIx32 "  %s  ", section.rva,
                section.virtual_size, section.raw_offset, section.raw_size, access);
        put_text(dump->out, section.name);
        for (size_t flag = 0; flag < COUNT(section_flags); flag++)
            if (section.characteristics & section_flags[flag].bit)
                fprintf(dump->out, " %s", section_flags[flag].name);
        putc('\n', dump->out);
    }
}

static void dump_directories(struct dump *dump)
{
    static const char names[PE_DIRECTORY_COUNT][16] = {
        "export", "import",       "resource", "exception", "security",    "relocation",
        "debug",  "architecture", "global",   "tls",       "load config", "bound import",
        "iat",    "delay import", "com",      "reserved",
    };
    heading(dump, "Directories");
    fprintf(dump->out, "  rva       size      name\n");
    for (uint32_t i = 0; i < dump->image->directory_count; i++) {
        const struct pe_directory *directory = &dump->image->directories[i];
        if (directory->rva != 0 || directory->size != 0)
            fprintf(dump->out, "  %08" PRIx32 "  %08" PRIx32 "  %s\n", directory->rva, directory->size,
                    names[i]);
    }
}

/* Relocations */

static void dump_relocations(struct dump *dump)
{
    static const char names[][9] = {"ABSOLUTE", "HIGH", "LOW", "HIGHLOW", "HIGHADJ", "",
                                    "",         "",     "",    "",        "DIR64"};
    uint64_t counts[COUNT(names)] = {0};
    struct pe_relocation_cursor cursor;
    struct pe_relocation relocation;
    struct pe_error error;
    enum pe_result result;
    pe_relocations_begin(dump->image, &cursor);
    while ((result = pe_next_relocation(&cursor, &relocation, &error)) == PE_FOUND)
        counts[relocation.type]++;
    heading(dump, "Base relocations");
    if (!pe_is_relocatable(dump->image))
        fprintf(dump->out, "  stripped\n");
    for (size_t type = 0; type < COUNT(names); type++)
        if (counts[type] != 0)
            fprintf(dump->out, "  %-8s  %" PRIu64 "\n", names[type], counts[type]);
    if (result == PE_BAD)
        report(dump, &error);
}

/* Imports */

static void dump_import(struct dump *dump, const struct pe_import *import)
{
    fprintf(dump->out, "    %08" PRIx32 "  ", import->slot_rva);
    if (import->name) {
        fprintf(dump->out, "%5u  ", import->hint);
        put_text(dump->out, import->name);
        putc('\n', dump->out);
    } else {
        fprintf(dump->out, "       #%u\n", import->ordinal);
    }
}

static void dump_import_dll(struct dump *dump, struct pe_import_dll *dll)
{
    struct pe_import import;
    struct pe_error error;
    enum pe_result result;
    fputs("  ", dump->out);
    put_text(dump->out, dll->name);
    if (dll->timestamp != 0)
        fprintf(dump->out, " (bound)");
    if (dll->lookup_rva == dll->address_rva)
        fprintf(dump->out, " (no lookup table)");
    if (dll->uses_addresses)
        fprintf(dump->out, " (tables of addresses)");
    fprintf(dump->out, "\n    slot       hint  name\n");
    while ((result = pe_next_import(dll, &import, &error)) == PE_FOUND)
        dump_import(dump, &import);
    if (result == PE_BAD)
        report(dump, &error);
}

static void dump_imports(struct dump *dump, struct pe_import_cursor *cursor, const char *title)
{
    struct pe_import_dll dll;
    struct pe_error error;
    enum pe_result result = pe_next_import_dll(cursor, &dll, &error);
    if (result == PE_NONE)
        return;
    heading(dump, title);
    for (; result == PE_FOUND; result = pe_next_import_dll(cursor, &dll, &error))
        dump_import_dll(dump, &dll);
    if (result == PE_BAD)
        report(dump, &error);
}

/* Exports */

static void dump_export(struct dump *dump, const struct pe_export *export, const char *name)
{
    fprintf(dump->out, "  %7" PRIu32 "  ", export->ordinal);
    if (export->kind == PE_EXPORT_NONE)
        fputs("-       ", dump->out);
    else
        fprintf(dump->out, "%08" PRIx32, export->rva);
    if (name) {
        fputs("  ", dump->out);
        put_text(dump->out, name);
    }
    if (export->kind == PE_EXPORT_FORWARDER) {
        fputs(" -> ", dump->out);
        put_text(dump->out, export->forwarder);
    }
    putc('\n', dump->out);
}

/* Lists names in the order of their table, and notes in `named` which functions have one. */
static void dump_named_exports(struct dump *dump, const struct pe_exports *exports, uint8_t *named)
{
    struct pe_error error;
    for (uint32_t i = 0; i < exports->name_count; i++) {
        uint32_t index;
        const char *name = pe_export_name(exports, i, &index);
        if (!name || index >= exports->function_count) {
            snprintf(error.message, sizeof error.message, "bad export: name %" PRIu32 " leads nowhere", i);
            error.offset = exports->directory.rva;
            report(dump, &error);
            continue;
        }
        struct pe_export export = pe_export_by_index(exports, index);
        dump_export(dump, &export, name);
        named[index] = 1;
    }
}

static void dump_unnamed_exports(struct dump *dump, const struct pe_exports *exports, const uint8_t *named)
{
    for (uint32_t i = 0; i < exports->function_count; i++) {
        struct pe_export export = pe_export_by_index(exports, i);
        if (!named[i] && export.kind != PE_EXPORT_NONE)
            dump_export(dump, &export, NULL);
    }
}

static void dump_exports(struct dump *dump)
{
    struct pe_exports exports;
    struct pe_error error;
    enum pe_result result = pe_exports_open(dump->image, &exports, &error);
    if (result == PE_NONE)
        return;
    heading(dump, "Exports");
    if (result == PE_BAD) {
        report(dump, &error);
        return;
    }
    fprintf(dump->out, "  of ");
    put_text(dump->out, exports.module_name ? exports.module_name : "(no name)");
    fprintf(dump->out, ", ordinals from %" PRIu32 ", %" PRIu32 " functions, %" PRIu32 " names\n",
            exports.ordinal_base, exports.function_count, exports.name_count);
    fprintf(dump->out, "  ordinal  rva       name\n");
    uint8_t *named = calloc(exports.function_count, 1);
    if (!named) {
        snprintf(error.message, sizeof error.message, "not enough memory to list the exports");
        error.offset = exports.directory.rva;
        report(dump, &error);
        return;
    }
    dump_named_exports(dump, &exports, named);
    dump_unnamed_exports(dump, &exports, named);
    free(named);
}

/* The rest */

static void dump_tls(struct dump *dump)
{
    struct pe_tls tls;
    struct pe_error error;
    enum pe_result result = pe_tls(dump->image, &tls, &error);
    if (result == PE_NONE)
        return;
    heading(dump, "TLS");
    if (result == PE_BAD) {
        report(dump, &error);
        return;
    }
    hex_field(dump, "template", tls.template_rva);
    hex_field(dump, "template size", tls.template_size);
    hex_field(dump, "zero fill", tls.zero_fill);
    hex_field(dump, "alignment", tls.alignment);
    hex_field(dump, "index", tls.index_rva);
    hex_field(dump, "callbacks", tls.callbacks_rva);
    uint32_t callback;
    for (uint32_t i = 0; (result = pe_tls_callback(dump->image, &tls, i, &callback, &error)) == PE_FOUND; i++)
        fprintf(dump->out, "    %08" PRIx32 "\n", callback);
    if (result == PE_BAD)
        report(dump, &error);
}

static void dump_load_config(struct dump *dump)
{
    struct pe_load_config config;
    struct pe_error error;
    enum pe_result result = pe_load_config(dump->image, &config, &error);
    if (result == PE_NONE)
        return;
    heading(dump, "Load configuration");
    if (result == PE_BAD) {
        report(dump, &error);
        return;
    }
    hex_field(dump, "size", config.size);
    hex_field(dump, "security cookie", config.cookie_rva);
    if (config.handlers_rva != 0) {
        hex_field(dump, "handlers", config.handlers_rva);
        hex_field(dump, "handler count", config.handler_count);
    }
}

static void dump_unwind_table(struct dump *dump)
{
    uint32_t rva, count;
    if (pe_unwind_table(dump->image, &rva, &count) != PE_FOUND)
        return;
    heading(dump, "Unwind table");
    hex_field(dump, "rva", rva);
    field(dump, "functions");
    fprintf(dump->out, "%" PRIu32 "\n", count);
}

static void dump_stamp(struct dump *dump)
{
    struct litewin_stamp stamp;
    struct pe_error error;
    enum pe_result result = pe_stamp(dump->image, &stamp, &error);
    if (result == PE_NONE)
        return;
    heading(dump, "litewin stamp");
    if (result == PE_BAD) {
        report(dump, &error);
        return;
    }
    field(dump, "backing");
    put_text(dump->out, stamp.backing);
    fprintf(dump->out, "\n");
    field(dump, "ABI version");
    fprintf(dump->out, "%" PRIu32 "\n", stamp.abi_version);
    field(dump, "exports");
    fprintf(dump->out, "%" PRIu32 "\n", stamp.export_count);
    hex_field(dump, ".spec hash", stamp.spec_hash);
}

int dump_image(FILE *out, const struct pe_image *image)
{
    struct dump dump = {.out = out, .image = image};
    struct pe_import_cursor cursor;
    dump_headers(&dump);
    dump_sections(&dump);
    dump_directories(&dump);
    dump_relocations(&dump);
    pe_imports_begin(image, &cursor);
    dump_imports(&dump, &cursor, "Imports");
    pe_delay_imports_begin(image, &cursor);
    dump_imports(&dump, &cursor, "Delay imports");
    dump_exports(&dump);
    dump_tls(&dump);
    dump_load_config(&dump);
    dump_unwind_table(&dump);
    dump_stamp(&dump);
    return dump.bad;
}
