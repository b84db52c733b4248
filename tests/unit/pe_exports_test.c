/* uses: loader/pe.c loader/pe_exports.c tests/pe/build_pe.c tests/pe/build_kinds.c tests/pe/open_pe.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/pe/build_kinds.h"
#include "tests/pe/open_pe.h"

static struct pe_build build;
static struct opened_pe opened;
static struct pe_exports exports;

/* Both layouts find names in ways of their own, so each test runs in both. */
#define FOR_EACH_LAYOUT(layout) for (int layout = 0; layout < 2; layout++)

static enum pe_result open_exports(int layout)
{
    assert_true(layout == PE_LAYOUT_MAPPED ? open_mapped(&opened, &build) : open_file(&opened, &build));
    return pe_exports_open(&opened.image, &exports, &opened.error);
}

static IMAGE_EXPORT_DIRECTORY *header(void)
{
    return (IMAGE_EXPORT_DIRECTORY *)build_at(
        &build, build_directory(&build, IMAGE_DIRECTORY_ENTRY_EXPORT)->VirtualAddress);
}

static void build_dll(void)
{
    build_find_kind("dll")->build(&build, IMAGE_FILE_MACHINE_I386);
}

static void assert_address(struct pe_export export, uint32_t ordinal)
{
    assert_int_equal(export.kind, PE_EXPORT_ADDRESS);
    assert_int_equal(export.rva, 0x1010);
    assert_int_equal(export.ordinal, ordinal);
    assert_null(export.forwarder);
}

static void finds_by_name(void **state)
{
    FOR_EACH_LAYOUT(layout)
    {
        build_dll();
        assert_int_equal(open_exports(layout), PE_FOUND);
        assert_string_equal(exports.module_name, "oddities.dll");
        assert_int_equal(exports.function_count, 6);
        assert_int_equal(exports.name_count, 4);
        assert_address(pe_find_export(&exports, "Alpha", PE_NO_HINT), 10);
        assert_address(pe_find_export(&exports, "Zulu", PE_NO_HINT), 15);
        static const char *const absent[] = {"", "Alph", "Alphaa", "alpha", "Zulu2", "zzz", "\xff"};
        for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
            assert_int_equal(pe_find_export(&exports, absent[i], PE_NO_HINT).kind, PE_EXPORT_NONE);
        close_pe(&opened);
    }
}

static void a_hint_helps_and_never_harms(void **state)
{
    FOR_EACH_LAYOUT(layout)
    {
        build_dll();
        assert_int_equal(open_exports(layout), PE_FOUND);
        static const uint32_t hints[] = {0, 1, 3, 4, 0xFFFF, 0xFFFFFFFF};
        for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
            assert_address(pe_find_export(&exports, "Zulu", hints[i]), 15);
        close_pe(&opened);
    }
}

static void finds_by_ordinal(void **state)
{
    FOR_EACH_LAYOUT(layout)
    {
        build_dll();
        assert_int_equal(open_exports(layout), PE_FOUND);
        assert_address(pe_find_export_by_ordinal(&exports, 10), 10);
        assert_address(pe_find_export_by_ordinal(&exports, 11), 11);
        static const uint32_t absent[] = {0, 9, 12 /* a hole */, 16, 0xFFFF, 0xFFFFFFFF};
        for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
            assert_int_equal(pe_find_export_by_ordinal(&exports, absent[i]).kind, PE_EXPORT_NONE);
        close_pe(&opened);
    }
}

static void tells_forwarders(void **state)
{
    FOR_EACH_LAYOUT(layout)
    {
        build_dll();
        assert_int_equal(open_exports(layout), PE_FOUND);
        struct pe_export export = pe_find_export(&exports, "ForwardByName", PE_NO_HINT);
        assert_int_equal(export.kind, PE_EXPORT_FORWARDER);
        assert_string_equal(export.forwarder, "KERNEL32.GetTickCount");
        export = pe_find_export_by_ordinal(&exports, 14);
        assert_int_equal(export.kind, PE_EXPORT_FORWARDER);
        assert_string_equal(export.forwarder, "WS2_32.#115");
        close_pe(&opened);
    }
}

static void splits_forwarders(void **state)
{
    struct pe_forwarder forwarder;
    assert_true(pe_split_forwarder("NTDLL.RtlAllocateHeap", &forwarder));
    assert_int_equal(forwarder.module_length, 5);
    assert_string_equal(forwarder.name, "RtlAllocateHeap");
    assert_true(pe_split_forwarder("api-ms-win.core.Sleep", &forwarder));
    assert_int_equal(forwarder.module_length, 15);
    assert_string_equal(forwarder.name, "Sleep");
    assert_true(pe_split_forwarder("WS2_32.#65535", &forwarder));
    assert_null(forwarder.name);
    assert_int_equal(forwarder.ordinal, 65535);
    static const char *const bad[] = {"", ".", "x", ".x", "x.", "x.#", "x.#1a", "x.#65536", "x.#99999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(pe_split_forwarder(bad[i], &forwarder));
}

static void lists_all(void **state)
{
    static const char *const names[] = {"Alpha", "ForwardByName", "ForwardByOrdinal", "Zulu"};
    static const uint32_t indices[] = {0, 3, 4, 5};
    uint32_t index;
    build_dll();
    assert_int_equal(open_exports(PE_LAYOUT_FILE), PE_FOUND);
    for (uint32_t i = 0; i < exports.name_count; i++) {
        assert_string_equal(pe_export_name(&exports, i, &index), names[i]);
        assert_int_equal(index, indices[i]);
    }
    assert_int_equal(pe_export_by_index(&exports, 2).kind, PE_EXPORT_NONE);
    assert_int_equal(pe_export_by_index(&exports, 6).kind, PE_EXPORT_NONE);
    close_pe(&opened);
}

static void an_image_may_export_nothing(void **state)
{
    build_find_kind("naked")->build(&build, IMAGE_FILE_MACHINE_AMD64);
    assert_int_equal(open_exports(PE_LAYOUT_FILE), PE_NONE);
    assert_int_equal(pe_find_export(&exports, "x", 0).kind, PE_EXPORT_NONE);
    assert_int_equal(pe_find_export_by_ordinal(&exports, 0).kind, PE_EXPORT_NONE);
    close_pe(&opened);
    build_dll();
    header()->NumberOfFunctions = 0;
    assert_int_equal(open_exports(PE_LAYOUT_FILE), PE_NONE);
    close_pe(&opened);
}

static void refuses_tables_outside_the_image(void **state)
{
    FOR_EACH_LAYOUT(layout)
    {
        build_dll();
        header()->NumberOfFunctions = 0x40000001; /* times 4 is 4 again in 32 bits */
        assert_int_equal(open_exports(layout), PE_BAD);
        assert_non_null(strstr(opened.error.message, "functions do not lie in the image"));
        close_pe(&opened);
        build_dll();
        header()->NumberOfNames = 0xFFFFFFFF;
        assert_int_equal(open_exports(layout), PE_BAD);
        assert_non_null(strstr(opened.error.message, " names do not lie in the image"));
        close_pe(&opened);
        build_dll();
        header()->AddressOfNameOrdinals = 0xFFFFFFF0;
        assert_int_equal(open_exports(layout), PE_BAD);
        assert_non_null(strstr(opened.error.message, "name ordinals do not lie in the image"));
        close_pe(&opened);
        build_dll();
        *build_directory(&build, IMAGE_DIRECTORY_ENTRY_EXPORT) = (IMAGE_DATA_DIRECTORY){0x3FF0, 0x10};
        assert_int_equal(open_exports(layout), PE_BAD);
        assert_non_null(strstr(opened.error.message, "it is cut short"));
        close_pe(&opened);
    }
}

static uint32_t *name_rvas(void)
{
    return (uint32_t *)build_at(&build, header()->AddressOfNames);
}

/* Names that lead nowhere, or to the image's last bytes, compare as different from all. */
static void survives_names_outside_the_image(void **state)
{
    FOR_EACH_LAYOUT(layout)
    {
        static const uint32_t rvas[] = {0, 0x3FFF, 0x4000, 0xFFFFFFFF};
        for (size_t i = 0; i < sizeof rvas / sizeof *rvas; i++) {
            build_dll();
            for (int name = 0; name < 4; name++)
                name_rvas()[name] = rvas[i];
            assert_int_equal(open_exports(layout), PE_FOUND);
            assert_int_equal(pe_find_export(&exports, "Zulu", 2).kind, PE_EXPORT_NONE);
            assert_int_equal(pe_find_export(&exports, "Alpha", 2).kind, PE_EXPORT_NONE);
            close_pe(&opened);
        }
    }
}

/* As on Windows: the search by halves may miss, but ends, and the hint still finds. */
static void survives_an_unsorted_table(void **state)
{
    FOR_EACH_LAYOUT(layout)
    {
        build_dll();
        uint32_t swapped = name_rvas()[0];
        name_rvas()[0] = name_rvas()[3];
        name_rvas()[3] = swapped;
        uint16_t *ordinals = (uint16_t *)build_at(&build, header()->AddressOfNameOrdinals);
        ordinals[0] = 5;
        ordinals[3] = 0;
        assert_int_equal(open_exports(layout), PE_FOUND);
        assert_int_equal(pe_find_export(&exports, "Alpha", PE_NO_HINT).kind, PE_EXPORT_NONE);
        assert_address(pe_find_export(&exports, "Alpha", 3), 10);
        close_pe(&opened);
    }
}

static void survives_wild_functions(void **state)
{
    FOR_EACH_LAYOUT(layout)
    {
        build_dll();
        uint32_t *functions = (uint32_t *)build_at(&build, header()->AddressOfFunctions);
        functions[0] = 0x4000; /* past the image */
        ((uint16_t *)build_at(&build, header()->AddressOfNameOrdinals))[3] = 0xFFFF;
        assert_int_equal(open_exports(layout), PE_FOUND);
        assert_int_equal(pe_find_export(&exports, "Alpha", PE_NO_HINT).kind, PE_EXPORT_NONE);
        assert_int_equal(pe_find_export(&exports, "Zulu", PE_NO_HINT).kind, PE_EXPORT_NONE);
        close_pe(&opened);
    }
}

/* A forwarder whose text runs out of the image is no export. */
static void refuses_an_endless_forwarder(void **state)
{
    build_dll();
    build_section_header(&build, 1)->SizeOfRawData = 0x200;
    uint32_t *functions = (uint32_t *)build_at(&build, header()->AddressOfFunctions);
    functions[3] = 0x21ff;
    *build_at(&build, 0x21ff) = 'x';
    build_directory(&build, IMAGE_DIRECTORY_ENTRY_EXPORT)->Size = 0x200;
    assert_int_equal(open_exports(PE_LAYOUT_FILE), PE_FOUND);
    assert_int_equal(pe_find_export(&exports, "ForwardByName", PE_NO_HINT).kind, PE_EXPORT_NONE);
    close_pe(&opened);
}

/* Every name of a larger table is found, with and without its hint. */
static void finds_each_of_many(void **state)
{
    enum { COUNT = 60 };
    struct build_export many[COUNT];
    char names[COUNT][8];
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "f%02u", i);
        many[i] = (struct build_export){names[i], 0x10 + i, NULL};
    }
    for (unsigned count = 1; count <= COUNT; count++) {
        build_begin(&build, IMAGE_FILE_MACHINE_AMD64);
        build_section(&build, ".edata", IMAGE_SCN_MEM_READ);
        build_exports(&build, "many.dll", 1, many, count);
        build_end(&build);
        assert_int_equal(open_exports(PE_LAYOUT_MAPPED), PE_FOUND);
        for (unsigned i = 0; i < COUNT; i++) {
            uint32_t rva = i < count ? 0x10 + i : 0;
            assert_int_equal(pe_find_export(&exports, names[i], PE_NO_HINT).rva, rva);
            assert_int_equal(pe_find_export(&exports, names[i], i).rva, rva);
        }
        close_pe(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_name),
        cmocka_unit_test(a_hint_helps_and_never_harms),
        cmocka_unit_test(finds_by_ordinal),
        cmocka_unit_test(tells_forwarders),
        cmocka_unit_test(splits_forwarders),
        cmocka_unit_test(lists_all),
        cmocka_unit_test(an_image_may_export_nothing),
        cmocka_unit_test(refuses_tables_outside_the_image),
        cmocka_unit_test(survives_names_outside_the_image),
        cmocka_unit_test(survives_an_unsorted_table),
        cmocka_unit_test(survives_wild_functions),
        cmocka_unit_test(refuses_an_endless_forwarder),
        cmocka_unit_test(finds_each_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
