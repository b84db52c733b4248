/* uses: loader/pe.c tests/pe/build_pe.c tests/pe/build_kinds.c tests/pe/open_pe.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/pe/build_kinds.h"
#include "tests/pe/open_pe.h"
#include <litewin/binding.h>

static const uint16_t machines[] = {IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_MACHINE_I386};
#define FOR_EACH_MACHINE(machine) \
    for (uint16_t machine, index_ = 0; index_ < 2 && (machine = machines[index_], true); index_++)

static struct pe_build build;
static struct opened_pe opened;

static void build_kind(const char *kind, uint16_t machine)
{
    build_find_kind(kind)->build(&build, machine);
}

static void assert_opens(void)
{
    bool ok = open_file(&opened, &build);
    if (!ok)
        print_error("%s\n", opened.error.message);
    assert_true(ok);
    close_pe(&opened);
}

static void assert_refused(const char *message)
{
    assert_false(open_file(&opened, &build));
    if (!strstr(opened.error.message, message))
        print_error("message: %s\n", opened.error.message);
    assert_non_null(strstr(opened.error.message, message));
    close_pe(&opened);
}

/* Fields that lie in the same place of both optional headers. */
static IMAGE_OPTIONAL_HEADER32 *optional(void)
{
    return &build_nt32(&build)->OptionalHeader;
}

/* Headers */

static void takes_what_the_headers_say(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        bool wide = machine == IMAGE_FILE_MACHINE_AMD64;
        build_kind("moved", machine);
        assert_true(open_file(&opened, &build));
        const struct pe_image *image = &opened.image;
        assert_int_equal(image->machine, machine);
        assert_int_equal(image->is_64bit, wide);
        assert_int_equal(image->preferred_base, wide ? 0xFFFF800000000000 : 0xFFF00000);
        assert_int_equal(image->base, image->preferred_base);
        assert_int_equal(image->entry_rva, 0x2000);
        assert_int_equal(image->image_size, 0x5000);
        assert_int_equal(image->headers_size, BUILD_HEADERS_SIZE);
        assert_int_equal(image->subsystem, IMAGE_SUBSYSTEM_WINDOWS_CUI);
        assert_int_equal(image->subsystem_major, 5);
        assert_int_equal(image->subsystem_minor, 2);
        assert_int_equal(image->stack_reserve, 0x100000);
        assert_int_equal(image->stack_commit, 0x1000);
        assert_int_equal(image->heap_reserve, 0x100000);
        assert_int_equal(image->heap_commit, 0x1000);
        assert_int_equal(image->section_count, 4);
        assert_int_equal(image->directory_count, 16);
        assert_int_equal(image->directories[IMAGE_DIRECTORY_ENTRY_BASERELOC].rva, 0x4000);
        close_pe(&opened);
    }
}

/* Every prefix of a file is refused by a message that says so, whatever the cut goes through. */
static void refuses_every_truncation(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("moved", machine);
        size_t whole = build.size;
        for (build.size = 0; build.size < whole; build.size++) {
            assert_refused(build.size < 2 ? "not a Windows program" : "truncated: ");
            assert_int_equal(opened.error.needed, 0);
        }
        assert_opens();
    }
}

/* A file's start is opened with the file's size; too short a start asks for more. */
static void opens_a_prefix(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        struct pe_image image;
        struct pe_error error;
        build_kind("moved", machine);
        size_t size = 64, tries = 0;
        while (!pe_open_prefix(&image, build.bytes, size, build.size, &error)) {
            assert_true(error.needed > size && error.needed <= BUILD_HEADERS_SIZE);
            size = error.needed;
            tries++;
        }
        assert_in_range(tries, 1, 8);
        assert_int_equal(image.section_count, 4);
        assert_non_null(pe_at(&image, 0, size));
        assert_null(pe_at(&image, 0x1000, 1));
        assert_false(pe_open_prefix(&image, build.bytes, size, build.size - 1, &error));
        assert_int_equal(error.needed, 0);
    }
}

static void names_what_it_refuses(void **state)
{
    static const struct {
        const char *kind, *message;
    } refusals[] = {
        {"arm64", "an ARM64 program"},
        {"ne", "a 16-bit Windows (NE) program"},
        {"le", "an OS/2 (LE or LX) program"},
        {"lx", "an OS/2 (LE or LX) program"},
        {"dos", "a 16-bit MS-DOS program"},
        {"no-signature", "not a Windows program: there is no PE signature at 0x80"},
        {"truncated", "truncated: section 1 ends at 0x600, the file at 0x500"},
        {"elf", "an ELF program"},
    };
    FOR_EACH_MACHINE(machine)
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        build_kind(refusals[i].kind, machine);
        assert_refused(refusals[i].message);
    }
}

static void refuses_what_does_not_begin_with_mz(void **state)
{
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    build.bytes[1] = 'X';
    assert_refused("does not begin with \"MZ\"");
    memcpy(build.bytes, "#!/bin/sh\n", 10);
    assert_refused("a script");
    build.size = 0;
    assert_refused("the file is empty");
}

static void e_lfanew_may_be_odd_but_not_outside(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("naked", machine);
        memmove(build.bytes + BUILD_NT_HEADER + 1, build.bytes + BUILD_NT_HEADER, 0x200);
        build_dos(&build)->e_lfanew = BUILD_NT_HEADER + 1;
        assert_opens();

        static const uint32_t outside[] = {0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF};
        for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
            build_kind("naked", machine);
            build_dos(&build)->e_lfanew = (int32_t)outside[i];
            assert_refused("truncated: the PE signature ends at");
            build_dos(&build)->e_lfarlc = 0x1c;
            assert_refused("a 16-bit MS-DOS program");
        }
    }
}

static void magic_must_fit_the_machine(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("naked", machine);
        optional()->Magic ^= IMAGE_NT_OPTIONAL_HDR32_MAGIC ^ IMAGE_NT_OPTIONAL_HDR64_MAGIC;
        assert_refused("bad optional header: its magic");
        build_kind("naked", machine);
        build_file_header(&build)->Machine ^= IMAGE_FILE_MACHINE_AMD64 ^ IMAGE_FILE_MACHINE_I386;
        assert_refused("bad optional header: its magic");
        build_file_header(&build)->Machine = 0x1234;
        assert_refused("a program for an unknown machine (0x1234)");
        build_kind("naked", machine);
        build_file_header(&build)->SizeOfOptionalHeader = 0;
        assert_refused("bad optional header: it has no bytes");
        build_kind("naked", machine);
        build_file_header(&build)->Characteristics &= ~IMAGE_FILE_EXECUTABLE_IMAGE;
        assert_refused("not marked executable");
    }
}

static void set_directory_count(uint32_t count)
{
    if (build.is_64bit)
        build_nt64(&build)->OptionalHeader.NumberOfRvaAndSizes = count;
    else
        build_nt32(&build)->OptionalHeader.NumberOfRvaAndSizes = count;
}

static void any_number_of_directories_is_fine(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("moved", machine);
        set_directory_count(5);
        assert_true(open_file(&opened, &build));
        assert_int_equal(opened.image.directory_count, 5);
        assert_int_equal(opened.image.directories[IMAGE_DIRECTORY_ENTRY_BASERELOC].rva, 0);
        close_pe(&opened);
        set_directory_count(0xFFFFFFFF);
        assert_true(open_file(&opened, &build));
        assert_int_equal(opened.image.directory_count, 16);
        close_pe(&opened);
    }
}

static void followed_directories_lie_in_the_image(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("moved", machine);
        IMAGE_DATA_DIRECTORY *imports = build_directory(&build, IMAGE_DIRECTORY_ENTRY_IMPORT);
        *imports = (IMAGE_DATA_DIRECTORY){0x4FF0, 0x10};
        assert_opens();
        *imports = (IMAGE_DATA_DIRECTORY){0x4FF0, 0x11};
        assert_refused("bad import directory: it ends at 0x5001, the image at 0x5000");
        *imports = (IMAGE_DATA_DIRECTORY){0xFFFFFFF0, 0xFFFFFFF0};
        assert_refused("bad import directory: it ends at 0x1ffffffe0");
        *imports = (IMAGE_DATA_DIRECTORY){0, 0xFFFFFFF0};
        assert_opens();
        *build_directory(&build, IMAGE_DIRECTORY_ENTRY_SECURITY) = (IMAGE_DATA_DIRECTORY){0x90000, 0x1000};
        assert_opens();
    }
}

static void checks_alignment(void **state)
{
    static const struct {
        uint32_t section, file;
        const char *message; /* NULL: fine, as far as the alignment goes */
    } rows[] = {
        {0x1000, 0x200, NULL},
        {0x1000, 0x1000, NULL},
        {0x1000, 0x100, "the file's (0x100) is not between"},
        {0x20000, 0x20000, "the file's (0x20000) is not between"},
        {0x1000, 0x2000, "is less than the file's"},
        {0x800, 0x200, "is less than a page and not the file's"},
        {0, 0, "must be powers of two"},
        {0x1800, 0x200, "must be powers of two"},
        {0x1000, 0x300, "must be powers of two"},
    };
    FOR_EACH_MACHINE(machine)
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        build_kind("naked", machine);
        optional()->SectionAlignment = rows[i].section;
        optional()->FileAlignment = rows[i].file;
        if (rows[i].message)
            assert_refused(rows[i].message);
        else
            assert_opens();
    }
}

static void checks_sizes(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("naked", machine);
        optional()->SizeOfImage = 0;
        assert_refused("bad size of image: 0x0");
        optional()->SizeOfImage = 0xFFFFFFFF;
        assert_refused("bad size of image: 0xffffffff");
        optional()->SizeOfImage = 0x1001;
        assert_opens(); /* two pages */
        optional()->SizeOfImage = 0x1000;
        build_set_entry(&build, 0);
        assert_refused("bad section 1: it ends at 0x1006, the image at 0x1000");

        build_kind("naked", machine);
        optional()->SizeOfHeaders = 0x3000;
        assert_refused("bad size of headers: 0x3000 bytes");
        optional()->SizeOfHeaders = 0;
        assert_opens(); /* the section table counts as headers all the same */
        optional()->SizeOfHeaders = 0x1000;
        assert_true(open_file(&opened, &build)); /* though the file has not that many */
        assert_int_equal(opened.image.leading_size, 0x600);
        close_pe(&opened);

        build_kind("naked", machine);
        build_set_base(&build, 0x10001000);
        assert_refused("bad preferred base");
        build_set_base(&build, 0);
        assert_opens();
    }
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    optional()->SizeOfImage = 0x20000;
    build_set_base(&build, 0xFFFFFFFFFFFF0000);
    assert_refused("the image would end past the address space");
}

/* Sections */

static void reads_sections(void **state)
{
    struct pe_section section;
    FOR_EACH_MACHINE(machine)
    {
        build_kind("moved", machine);
        assert_true(open_file(&opened, &build));
        pe_section(&opened.image, 1, &section);
        assert_string_equal(section.name, ".text");
        assert_int_equal(section.rva, 0x2000);
        assert_int_equal(section.virtual_size, 7);
        assert_int_equal(section.file_offset, 0x600);
        assert_int_equal(section.file_size, 0x200);
        assert_true(section.characteristics & IMAGE_SCN_MEM_EXECUTE);
        assert_true(pe_find_section(&opened.image, ".ptr", &section));
        assert_int_equal(section.rva, 0x3000);
        assert_false(pe_find_section(&opened.image, ".PTR", &section));
        close_pe(&opened);
    }
}

static void section_names_need_no_zero(void **state)
{
    struct pe_section section;
    build_begin(&build, IMAGE_FILE_MACHINE_AMD64);
    build_section(&build, "12345678", IMAGE_SCN_MEM_READ);
    build_zeros(&build, 1);
    build_end(&build);
    assert_true(open_file(&opened, &build));
    assert_true(pe_find_section(&opened.image, "12345678", &section));
    close_pe(&opened);
}

static void virtual_size_0_means_the_raw_size(void **state)
{
    struct pe_section section;
    build_kind("virtual-size-0", IMAGE_FILE_MACHINE_AMD64);
    assert_true(open_file(&opened, &build));
    pe_section(&opened.image, 0, &section);
    assert_int_equal(section.virtual_size, 0x200);
    assert_int_equal(section.file_size, 0x200);
    close_pe(&opened);
}

static void raw_data_past_the_last_page_is_cut(void **state)
{
    struct pe_section section;
    build_kind("raw-above-virtual", IMAGE_FILE_MACHINE_AMD64);
    assert_true(open_file(&opened, &build));
    pe_section(&opened.image, 0, &section);
    assert_int_equal(section.raw_size, 0x2200);
    assert_int_equal(section.virtual_size, 6);
    assert_int_equal(section.file_size, 0x1000);
    assert_non_null(pe_at(&opened.image, 0x1000, 0x1000));
    assert_null(pe_at(&opened.image, 0x1000, 0x1001));
    close_pe(&opened);
    /* Only the part that is mapped must be there. */
    build.size = 0x400 + 0x1000;
    assert_opens();
    build.size--;
    assert_refused("truncated: section 1 ends at 0x1400, the file at 0x13ff");
}

static void bss_has_no_bytes_in_the_file(void **state)
{
    struct pe_section section;
    build_kind("bss-only", IMAGE_FILE_MACHINE_AMD64);
    assert_true(open_file(&opened, &build));
    pe_section(&opened.image, 1, &section);
    assert_int_equal(section.virtual_size, 0x100000);
    assert_int_equal(section.file_size, 0);
    assert_null(pe_at(&opened.image, section.rva, 1));
    close_pe(&opened);
    assert_true(open_mapped(&opened, &build));
    assert_non_null(pe_at(&opened.image, section.rva, 0x100000));
    assert_null(pe_at(&opened.image, section.rva, 0x100001));
    close_pe(&opened);
}

/* A raw size without a place in the file, and the reverse, is no data. */
static void half_a_place_in_the_file_is_none(void **state)
{
    struct pe_section section;
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    build_section_header(&build, 0)->PointerToRawData = 0;
    assert_true(open_file(&opened, &build));
    pe_section(&opened.image, 0, &section);
    assert_int_equal(section.file_size, 0);
    close_pe(&opened);
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    build_section_header(&build, 0)->SizeOfRawData = 0;
    build_section_header(&build, 0)->PointerToRawData = 0xFFFFFFFF;
    assert_opens();
}

static void file_offsets_are_rounded_down_to_sectors(void **state)
{
    struct pe_section section;
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    build_section_header(&build, 0)->PointerToRawData += 0x1ff;
    assert_true(open_file(&opened, &build));
    pe_section(&opened.image, 0, &section);
    assert_int_equal(section.file_offset, 0x400);
    close_pe(&opened);
}

static void low_alignment_is_the_file_itself(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("low-alignment", machine);
        assert_true(open_mapped(&opened, &build));
        assert_int_equal(opened.image.image_size, 0x1000);
        const uint8_t *entry = pe_at(&opened.image, opened.image.entry_rva, 6);
        assert_non_null(entry);
        assert_int_equal(*entry, 0xB8);
        close_pe(&opened);
    }
}

static void no_sections_at_all_is_fine(void **state)
{
    build_begin(&build, IMAGE_FILE_MACHINE_AMD64);
    assert_opens();
    assert_true(open_file(&opened, &build));
    assert_null(pe_at(&opened.image, BUILD_HEADERS_SIZE, 1));
    close_pe(&opened);
}

static void sections_follow_each_other(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("moved", machine);
        build_section_header(&build, 2)->VirtualAddress = 0x2000;
        assert_refused("bad section 3: it starts at 0x2000, what is before ends at 0x3000");
        build_section_header(&build, 2)->VirtualAddress = 0x4000;
        assert_refused("bad section 3: it starts at 0x4000, what is before ends at 0x3000");
        build_section_header(&build, 2)->VirtualAddress = 0x3010;
        assert_refused("bad section 3: it starts at 0x3010, not a multiple of 0x1000");
        build_section_header(&build, 2)->VirtualAddress = 0xFFFFF000;
        assert_refused("bad section 3: it ends at 0xfffff0");
        build_kind("moved", machine);
        build_section_header(&build, 1)->Misc.VirtualSize = 0x1001;
        assert_refused("bad section 3: it starts at 0x3000, what is before ends at 0x4000");
        build_section_header(&build, 1)->Misc.VirtualSize = 0xFFFFFFFF;
        assert_refused("bad section 2: it ends at 0x100001fff, the image at 0x5000");
        build_kind("moved", machine);
        build_section_header(&build, 0)->VirtualAddress = 0;
        assert_refused("bad section 1: it starts at 0x0, what is before ends at 0x400");
    }
}

static void raw_data_lies_in_the_file(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("naked", machine);
        build_section_header(&build, 0)->PointerToRawData = 0xFFFFFE00;
        assert_refused("truncated: section 1 ends at 0x100000000, the file at 0x600");
        build_section_header(&build, 0)->PointerToRawData = 0x600;
        assert_refused("truncated: section 1 ends at 0x800, the file at 0x600");
    }
}

static void section_table_may_be_huge_or_absent(void **state)
{
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    build_file_header(&build)->NumberOfSections = 0xFFFF;
    assert_refused("truncated: the section table ends at");
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    build_file_header(&build)->SizeOfOptionalHeader = 0xFFFF;
    assert_refused("truncated: the section table ends at");
}

/* Addresses */

static void finds_bytes_in_both_layouts(void **state)
{
    FOR_EACH_MACHINE(machine)
    for (int mapped = 0; mapped < 2; mapped++) {
        build_kind("moved", machine);
        assert_true(mapped ? open_mapped(&opened, &build) : open_file(&opened, &build));
        const struct pe_image *image = &opened.image;
        const uint8_t *answer = pe_at(image, 0x1000, 4);
        assert_non_null(answer);
        assert_int_equal(*answer, 42);
        assert_memory_equal(pe_at(image, 0, 2), "MZ", 2);
        assert_non_null(pe_at(image, 0x1000, 0));
        assert_non_null(pe_at(image, 0x11ff, 1));
        assert_null(pe_at(image, 0x5000, 1));
        assert_null(pe_at(image, 0x5000, 0));
        assert_null(pe_at(image, 0x4fff, 2));
        assert_null(pe_at(image, 0xFFFFFFFF, 1));
        assert_null(pe_at(image, 0xFFFFFFFF, SIZE_MAX));
        assert_null(pe_at(image, 0x1000, SIZE_MAX));
        /* Only memory has what lies behind a section's bytes. */
        assert_int_equal(pe_at(image, 0x1200, 1) != NULL, mapped);
        assert_int_equal(pe_at(image, BUILD_HEADERS_SIZE, 1) != NULL, mapped);
        close_pe(&opened);
    }
}

static void strings_end_inside_the_image(void **state)
{
    build_begin(&build, IMAGE_FILE_MACHINE_AMD64);
    build_section(&build, ".rdata", IMAGE_SCN_MEM_READ);
    build_string(&build, "hello");
    build_zeros(&build, 0x1ff - 6);
    build_put(&build, "x", 1);
    build_end(&build);
    assert_true(open_file(&opened, &build));
    assert_string_equal(pe_string(&opened.image, 0x1000), "hello");
    assert_string_equal(pe_string(&opened.image, 0x1005), "");
    assert_null(pe_string(&opened.image, 0x11ff));
    assert_null(pe_string(&opened.image, 0x2000));
    assert_null(pe_string(&opened.image, 0xFFFFFFFF));
    close_pe(&opened);
}

static void addresses_follow_the_base(void **state)
{
    uint32_t rva;
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    assert_true(open_file(&opened, &build));
    assert_true(pe_rva_of_address(&opened.image, BUILD_BASE_64 + 0x1fff, &rva));
    assert_int_equal(rva, 0x1fff);
    assert_false(pe_rva_of_address(&opened.image, BUILD_BASE_64 + 0x2000, &rva));
    assert_false(pe_rva_of_address(&opened.image, BUILD_BASE_64 - 1, &rva));
    pe_set_base(&opened.image, 0x10000);
    assert_true(pe_rva_of_address(&opened.image, 0x10000, &rva));
    assert_false(pe_rva_of_address(&opened.image, BUILD_BASE_64, &rva));
    close_pe(&opened);
}

static void a_mapping_has_the_whole_image(void **state)
{
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    assert_true(open_mapped(&opened, &build));
    struct pe_image again;
    assert_false(pe_open(&again, opened.mapping, 0x1fff, PE_LAYOUT_MAPPED, &opened.error));
    assert_non_null(
        strstr(opened.error.message, "truncated: the image has 0x2000 bytes, the mapping 0x1fff"));
    close_pe(&opened);
}

static void set_mapped_keeps_what_was_checked(void **state)
{
    build_kind("moved", IMAGE_FILE_MACHINE_AMD64);
    assert_true(open_mapped(&opened, &build));
    struct pe_image image;
    assert_true(pe_open_prefix(&image, build.bytes, BUILD_HEADERS_SIZE, build.size, &opened.error));
    pe_set_mapped(&image, opened.mapping);
    assert_memory_equal(&image, &opened.image, sizeof image);
    close_pe(&opened);
}

/* What can be opened, and not run */

static void assert_no_program(const char *message)
{
    assert_true(open_file(&opened, &build));
    assert_false(pe_check_program(&opened.image, &opened.error));
    assert_non_null(strstr(opened.error.message, message));
    close_pe(&opened);
}

static void not_all_that_opens_can_run(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("naked", machine);
        assert_true(open_file(&opened, &build));
        assert_true(pe_check_program(&opened.image, &opened.error));
        close_pe(&opened);
        build_set_entry(&build, 0x2000);
        assert_no_program("bad entry point: 0x2000, the image ends at 0x2000");
        build_kind("dotnet", machine);
        assert_no_program("a .NET program");
    }
}

static void assert_kind(enum pe_kind kind)
{
    assert_false(open_file(&opened, &build));
    assert_int_equal(opened.error.kind, kind);
    close_pe(&opened);
}

static void says_what_kind_of_file_it_is(void **state)
{
    static const struct {
        const char *name;
        enum pe_kind kind;
    } kinds[] = {
        {"arm64", PE_KIND_BROKEN}, {"truncated", PE_KIND_BROKEN}, {"ne", PE_KIND_NE},
        {"le", PE_KIND_LE},        {"dos", PE_KIND_DOS},          {"no-signature", PE_KIND_DOS},
        {"elf", PE_KIND_FOREIGN},
    };
    enum { SYSTEM = BUILD_NT_HEADER + offsetof(IMAGE_OS2_HEADER, ne_exetyp) };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        build_kind(kinds[i].name, IMAGE_FILE_MACHINE_AMD64);
        if (kinds[i].kind == PE_KIND_NE)
            build.bytes[SYSTEM] = 1;
        assert_kind(kinds[i].kind);
    }
    build_kind("ne", IMAGE_FILE_MACHINE_AMD64);
    build.bytes[SYSTEM] = 2;
    assert_kind(PE_KIND_NE_WIN16);
    build.bytes[SYSTEM] = 5;
    assert_kind(PE_KIND_NE_DOS);
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    build_dos(&build)->e_lfanew = (int32_t)0x98760000;
    assert_kind(PE_KIND_DOS);
}

static void a_short_optional_header_ends_with_the_size_of_headers(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_kind("naked", machine);
        optional()->Subsystem = IMAGE_SUBSYSTEM_WINDOWS_CUI;
        uint16_t size = build_file_header(&build)->SizeOfOptionalHeader;
        build_file_header(&build)->NumberOfSections = 0;
        assert_true(open_file(&opened, &build));
        assert_int_equal(opened.image.subsystem, IMAGE_SUBSYSTEM_WINDOWS_CUI);
        close_pe(&opened);
        for (uint16_t stated = 1; stated < size - sizeof(IMAGE_DATA_DIRECTORY) * 16; stated++) {
            build_file_header(&build)->SizeOfOptionalHeader = stated;
            assert_true(open_file(&opened, &build));
            assert_int_equal(opened.image.image_size, 0x2000);
            assert_int_equal(opened.image.subsystem, 0);
            assert_int_equal(opened.image.directory_count, 0);
            close_pe(&opened);
        }
    }
}

/* Litewin's stamp */

static enum pe_result stamp_of(const void *contents, size_t size, struct litewin_stamp *stamp)
{
    build_begin(&build, IMAGE_FILE_MACHINE_I386);
    build_section(&build, LITEWIN_STAMP_SECTION, IMAGE_SCN_MEM_READ);
    build_put(&build, contents, size);
    build_end(&build);
    build.size = 0x400 + size;
    build_section_header(&build, 0)->SizeOfRawData = (uint32_t)size;
    assert_true(open_file(&opened, &build));
    enum pe_result result = pe_stamp(&opened.image, stamp, &opened.error);
    close_pe(&opened);
    return result;
}

static void reads_the_stamp(void **state)
{
    struct litewin_stamp stamp = {LITEWIN_STAMP_MAGIC, 1, 7, 0x1234, "kernel32.so"}, found, bad;
    assert_int_equal(stamp_of(&stamp, sizeof stamp, &found), PE_FOUND);
    assert_memory_equal(&found, &stamp, sizeof stamp);
    assert_int_equal(stamp_of(&stamp, sizeof stamp - 1, &found), PE_BAD);
    bad = stamp;
    bad.magic[0] = 'L';
    assert_int_equal(stamp_of(&bad, sizeof bad, &found), PE_BAD);
    bad = stamp;
    memset(bad.backing, 'x', sizeof bad.backing);
    assert_int_equal(stamp_of(&bad, sizeof bad, &found), PE_BAD);
    bad = stamp;
    strcpy(bad.backing, "../x.so");
    assert_int_equal(stamp_of(&bad, sizeof bad, &found), PE_BAD);
    bad.backing[0] = '\0';
    assert_int_equal(stamp_of(&bad, sizeof bad, &found), PE_BAD);
    build_kind("naked", IMAGE_FILE_MACHINE_AMD64);
    assert_true(open_file(&opened, &build));
    assert_int_equal(pe_stamp(&opened.image, &found, &opened.error), PE_NONE);
    close_pe(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_the_headers_say),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(opens_a_prefix),
        cmocka_unit_test(names_what_it_refuses),
        cmocka_unit_test(refuses_what_does_not_begin_with_mz),
        cmocka_unit_test(e_lfanew_may_be_odd_but_not_outside),
        cmocka_unit_test(magic_must_fit_the_machine),
        cmocka_unit_test(any_number_of_directories_is_fine),
        cmocka_unit_test(followed_directories_lie_in_the_image),
        cmocka_unit_test(checks_alignment),
        cmocka_unit_test(checks_sizes),
        cmocka_unit_test(reads_sections),
        cmocka_unit_test(section_names_need_no_zero),
        cmocka_unit_test(virtual_size_0_means_the_raw_size),
        cmocka_unit_test(raw_data_past_the_last_page_is_cut),
        cmocka_unit_test(bss_has_no_bytes_in_the_file),
        cmocka_unit_test(half_a_place_in_the_file_is_none),
        cmocka_unit_test(file_offsets_are_rounded_down_to_sectors),
        cmocka_unit_test(low_alignment_is_the_file_itself),
        cmocka_unit_test(no_sections_at_all_is_fine),
        cmocka_unit_test(sections_follow_each_other),
        cmocka_unit_test(raw_data_lies_in_the_file),
        cmocka_unit_test(section_table_may_be_huge_or_absent),
        cmocka_unit_test(finds_bytes_in_both_layouts),
        cmocka_unit_test(strings_end_inside_the_image),
        cmocka_unit_test(addresses_follow_the_base),
        cmocka_unit_test(a_mapping_has_the_whole_image),
        cmocka_unit_test(set_mapped_keeps_what_was_checked),
        cmocka_unit_test(not_all_that_opens_can_run),
        cmocka_unit_test(says_what_kind_of_file_it_is),
        cmocka_unit_test(a_short_optional_header_ends_with_the_size_of_headers),
        cmocka_unit_test(reads_the_stamp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
