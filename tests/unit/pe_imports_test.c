/* uses: loader/pe.c loader/pe_imports.c tests/pe/build_pe.c tests/pe/build_kinds.c tests/pe/open_pe.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/pe/build_kinds.h"
#include "tests/pe/open_pe.h"

static const uint16_t machines[] = {IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_MACHINE_I386};
#define FOR_EACH_MACHINE(machine) \
    for (uint16_t machine, index_ = 0; index_ < 2 && (machine = machines[index_], true); index_++)

static struct pe_build build;
static struct opened_pe opened;
static struct pe_import_cursor cursor;
static struct pe_import_dll dll;
static struct pe_import import;

static enum pe_result next_dll(void)
{
    return pe_next_import_dll(&cursor, &dll, &opened.error);
}

static enum pe_result next_import(void)
{
    return pe_next_import(&dll, &import, &opened.error);
}

static void begin(void)
{
    assert_true(open_file(&opened, &build));
    pe_imports_begin(&opened.image, &cursor);
}

static void begin_delayed(void)
{
    assert_true(open_file(&opened, &build));
    pe_delay_imports_begin(&opened.image, &cursor);
}

static const struct build_import kernel32[] = {{"ExitProcess", 0x1234}, {NULL, 115}, {"Sleep", 0}};
static const struct build_import ws2_32[] = {{NULL, 0xFFFF}};
static const struct build_import_dll two_dlls[] = {
    {"KERNEL32.dll", kernel32, 3, false},
    {"WS2_32.dll", ws2_32, 1, true},
};
static uint32_t slots[2];

static void build_two_dlls(uint16_t machine)
{
    build_begin(&build, machine);
    build_section(&build, ".idata", IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE);
    build_imports(&build, two_dlls, 2, slots);
    build_end(&build);
}

static IMAGE_IMPORT_DESCRIPTOR *descriptor(unsigned number)
{
    uint32_t rva = build_directory(&build, IMAGE_DIRECTORY_ENTRY_IMPORT)->VirtualAddress;
    return (IMAGE_IMPORT_DESCRIPTOR *)build_at(&build, rva) + number;
}

static void assert_kernel32(uint32_t first_slot)
{
    uint32_t size = build.is_64bit ? 8 : 4;
    assert_string_equal(dll.name, "KERNEL32.dll");
    assert_int_equal(next_import(), PE_FOUND);
    assert_string_equal(import.name, "ExitProcess");
    assert_int_equal(import.hint, 0x1234);
    assert_int_equal(import.slot_rva, first_slot);
    assert_int_equal(next_import(), PE_FOUND);
    assert_null(import.name);
    assert_int_equal(import.ordinal, 115);
    assert_int_equal(import.slot_rva, first_slot + size);
    assert_int_equal(next_import(), PE_FOUND);
    assert_string_equal(import.name, "Sleep");
    assert_int_equal(import.slot_rva, first_slot + 2 * size);
    assert_int_equal(next_import(), PE_NONE);
    assert_int_equal(next_import(), PE_NONE);
}

static void lists_names_and_ordinals(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_two_dlls(machine);
        begin();
        assert_int_equal(next_dll(), PE_FOUND);
        assert_false(dll.delayed);
        assert_kernel32(slots[0]);
        assert_int_equal(next_dll(), PE_FOUND);
        assert_string_equal(dll.name, "WS2_32.dll");
        assert_int_equal(dll.lookup_rva, dll.address_rva);
        assert_int_equal(next_import(), PE_FOUND);
        assert_null(import.name);
        assert_int_equal(import.ordinal, 0xFFFF);
        assert_int_equal(import.slot_rva, slots[1]);
        assert_int_equal(next_import(), PE_NONE);
        assert_int_equal(next_dll(), PE_NONE);
        assert_int_equal(next_dll(), PE_NONE);
        close_pe(&opened);
    }
}

/* A lookup table that is missing or leads nowhere gives way to the address table, as on Windows. */
static void does_without_a_lookup_table(void **state)
{
    static const uint32_t useless[] = {0, 0x10, BUILD_HEADERS_SIZE - 1, 0x2000, 0xFFFFFFFF};
    FOR_EACH_MACHINE(machine)
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
        build_two_dlls(machine);
        descriptor(0)->OriginalFirstThunk = useless[i];
        begin();
        assert_int_equal(next_dll(), PE_FOUND);
        assert_int_equal(dll.lookup_rva, slots[0]);
        assert_kernel32(slots[0]);
        close_pe(&opened);
    }
}

/* Slots may be overwritten while their table is being read. */
static void slots_may_be_filled_on_the_way(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_two_dlls(machine);
        descriptor(0)->OriginalFirstThunk = 0;
        assert_true(open_mapped(&opened, &build));
        pe_imports_begin(&opened.image, &cursor);
        assert_int_equal(next_dll(), PE_FOUND);
        int count = 0;
        for (; next_import() == PE_FOUND; count++)
            memset(opened.mapping + import.slot_rva, 0xCC, build.is_64bit ? 8 : 4);
        assert_int_equal(count, 3);
        close_pe(&opened);
    }
}

/* A bound image's address table holds addresses; its lookup table is what counts. */
static void ignores_bindings(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_two_dlls(machine);
        descriptor(0)->TimeDateStamp = 0x12345678;
        memset(build_at(&build, slots[0]), 0x77, 3 * (build.is_64bit ? 8 : 4));
        begin();
        assert_int_equal(next_dll(), PE_FOUND);
        assert_int_equal(dll.timestamp, 0x12345678);
        assert_kernel32(slots[0]);
        close_pe(&opened);
    }
}

static void ends_without_a_name_or_a_table(void **state)
{
    build_two_dlls(IMAGE_FILE_MACHINE_AMD64);
    descriptor(1)->Name = 0;
    begin();
    assert_int_equal(next_dll(), PE_FOUND);
    assert_int_equal(next_dll(), PE_NONE);
    close_pe(&opened);
    build_two_dlls(IMAGE_FILE_MACHINE_AMD64);
    descriptor(0)->FirstThunk = 0;
    begin();
    assert_int_equal(next_dll(), PE_NONE);
    close_pe(&opened);
    build_find_kind("naked")->build(&build, IMAGE_FILE_MACHINE_AMD64);
    begin();
    assert_int_equal(next_dll(), PE_NONE);
    close_pe(&opened);
}

static void assert_bad(enum pe_result result, const char *message)
{
    assert_int_equal(result, PE_BAD);
    assert_non_null(strstr(opened.error.message, message));
    close_pe(&opened);
}

static void refuses_what_leaves_the_image(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_two_dlls(machine);
        descriptor(0)->Name = 0xFFFFFFFF;
        begin();
        assert_bad(next_dll(), "a DLL's name at 0xffffffff is not in the image");
        assert_int_equal(next_dll(), PE_NONE);

        build_two_dlls(machine);
        descriptor(0)->FirstThunk = 0xFFFFFFFC;
        begin();
        assert_int_equal(next_dll(), PE_FOUND);
        assert_bad(next_import(), "the address table leaves the image");

        build_two_dlls(machine);
        descriptor(0)->OriginalFirstThunk = 0x1FFC;
        begin();
        assert_int_equal(next_dll(), PE_FOUND);
        assert_bad(next_import(), "their table has no end inside the image");

        build_two_dlls(machine);
        uint32_t *entry = (uint32_t *)build_at(&build, descriptor(0)->OriginalFirstThunk);
        *entry = 0x7FFFFFFF;
        begin();
        assert_int_equal(next_dll(), PE_FOUND);
        assert_bad(next_import(), "an entry is 0x7fffffff, where no name is");

        /* A name that has a hint and no more. */
        build_two_dlls(machine);
        entry = (uint32_t *)build_at(&build, descriptor(0)->OriginalFirstThunk);
        *entry = 0x11FE;
        begin();
        assert_int_equal(next_dll(), PE_FOUND);
        assert_bad(next_import(), "an entry is 0x11fe, where no name is");
    }
    build_two_dlls(IMAGE_FILE_MACHINE_AMD64);
    uint64_t *entry = (uint64_t *)build_at(&build, descriptor(0)->OriginalFirstThunk);
    *entry |= 1ull << 40;
    begin();
    assert_int_equal(next_dll(), PE_FOUND);
    assert_bad(next_import(), "where no name is");
}

static void descriptors_end_in_the_image(void **state)
{
    build_begin(&build, IMAGE_FILE_MACHINE_I386);
    uint32_t rva = build_section(&build, ".idata", IMAGE_SCN_MEM_READ);
    build_string(&build, "x.dll");
    uint32_t name = rva;
    build_align(&build, 0x200);
    IMAGE_IMPORT_DESCRIPTOR last = {.Name = name, .FirstThunk = name};
    build.size -= sizeof last;
    rva = build_put(&build, &last, sizeof last);
    build_end(&build);
    *build_directory(&build, IMAGE_DIRECTORY_ENTRY_IMPORT) = (IMAGE_DATA_DIRECTORY){rva, sizeof last};
    begin();
    assert_int_equal(next_dll(), PE_FOUND);
    assert_bad(next_dll(), "it has no end inside the image");
}

/* Delay imports */

static void build_delayed(uint16_t machine, bool old_form)
{
    build_begin(&build, machine);
    build_section(&build, ".didat", IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE);
    build_delay_imports(&build, two_dlls, 1, old_form);
    build_end(&build);
}

static IMAGE_DELAYLOAD_DESCRIPTOR *delay_descriptor(void)
{
    uint32_t rva = build_directory(&build, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT)->VirtualAddress;
    return (IMAGE_DELAYLOAD_DESCRIPTOR *)build_at(&build, rva);
}

static void lists_delay_imports(void **state)
{
    static const struct {
        uint16_t machine;
        bool old_form;
    } forms[] = {
        {IMAGE_FILE_MACHINE_AMD64, false},
        {IMAGE_FILE_MACHINE_I386, false},
        {IMAGE_FILE_MACHINE_I386, true},
    };
    for (size_t i = 0; i < 3; i++) {
        build_delayed(forms[i].machine, forms[i].old_form);
        uint32_t bias = forms[i].old_form ? BUILD_BASE_32 : 0;
        begin_delayed();
        assert_int_equal(next_dll(), PE_FOUND);
        assert_true(dll.delayed);
        assert_int_equal(dll.uses_addresses, forms[i].old_form);
        assert_int_equal(dll.handle_rva, delay_descriptor()->ModuleHandleRVA - bias);
        assert_kernel32(delay_descriptor()->ImportAddressTableRVA - bias);
        assert_int_equal(next_dll(), PE_NONE);
        close_pe(&opened);
    }
}

/* The old form's addresses move with the image. */
static void addresses_follow_the_base(void **state)
{
    build_delayed(IMAGE_FILE_MACHINE_I386, true);
    assert_true(open_file(&opened, &build));
    pe_set_base(&opened.image, 0x10000000);
    pe_delay_imports_begin(&opened.image, &cursor);
    assert_bad(next_dll(), "a DLL's name at 0x4010");
}

static void refuses_delay_imports_that_leave_the_image(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_delayed(machine, false);
        delay_descriptor()->DllNameRVA = 0x2000;
        begin_delayed();
        assert_bad(next_dll(), "a DLL's name at 0x2000");
        build_delayed(machine, false);
        delay_descriptor()->ImportNameTableRVA = 0x80000000;
        begin_delayed();
        assert_bad(next_dll(), "a table lies outside the image");
        build_delayed(machine, false);
        build_directory(&build, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT)->VirtualAddress = 0x1FF0;
        build_directory(&build, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT)->Size = 0;
        begin_delayed();
        assert_bad(next_dll(), "it has no end inside the image");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_names_and_ordinals),
        cmocka_unit_test(does_without_a_lookup_table),
        cmocka_unit_test(slots_may_be_filled_on_the_way),
        cmocka_unit_test(ignores_bindings),
        cmocka_unit_test(ends_without_a_name_or_a_table),
        cmocka_unit_test(refuses_what_leaves_the_image),
        cmocka_unit_test(descriptors_end_in_the_image),
        cmocka_unit_test(lists_delay_imports),
        cmocka_unit_test(addresses_follow_the_base),
        cmocka_unit_test(refuses_delay_imports_that_leave_the_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
