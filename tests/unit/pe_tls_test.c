/* uses: loader/pe.c loader/pe_tls.c tests/pe/build_pe.c tests/pe/build_kinds.c tests/pe/open_pe.c */
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
static struct pe_tls tls;
static uint32_t rva;

enum tls_field { START, END, INDEX, CALLBACKS };

static void build_tls_kind(uint16_t machine)
{
    build_find_kind("tls")->build(&build, machine);
}

static uint8_t *directory_of(unsigned index)
{
    return build_at(&build, build_directory(&build, index)->VirtualAddress);
}

static void set_field(enum tls_field field, uint64_t value)
{
    size_t width = build.is_64bit ? 8 : 4;
    memcpy(directory_of(IMAGE_DIRECTORY_ENTRY_TLS) + field * width, &value, width);
}

static void set_characteristics(uint32_t value)
{
    memcpy(directory_of(IMAGE_DIRECTORY_ENTRY_TLS) + (build.is_64bit ? 36 : 20), &value, sizeof value);
}

static enum pe_result read_tls(void)
{
    assert_true(open_file(&opened, &build));
    return pe_tls(&opened.image, &tls, &opened.error);
}

static uint64_t base(void)
{
    return build.is_64bit ? BUILD_BASE_64 : BUILD_BASE_32;
}

static void reads_the_tls_directory(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_tls_kind(machine);
        assert_int_equal(read_tls(), PE_FOUND);
        assert_int_equal(tls.index_rva, 0x1004);
        assert_int_equal(tls.template_rva, 0x1008);
        assert_int_equal(tls.template_size, 8);
        assert_int_equal(tls.zero_fill, 0);
        assert_int_equal(tls.alignment, 16);
        assert_int_equal(tls.callbacks_rva, 0x3000);
        assert_int_equal(pe_tls_callback(&opened.image, &tls, 0, &rva, &opened.error), PE_FOUND);
        assert_int_equal(rva, 0x2010);
        assert_int_equal(pe_tls_callback(&opened.image, &tls, 1, &rva, &opened.error), PE_NONE);
        close_pe(&opened);
    }
}

/* The directory holds addresses, which relocations change. */
static void tls_follows_the_base(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_tls_kind(machine);
        assert_int_equal(read_tls(), PE_FOUND);
        pe_set_base(&opened.image, base() - 0x1000);
        assert_int_equal(pe_tls(&opened.image, &tls, &opened.error), PE_FOUND);
        assert_int_equal(tls.index_rva, 0x2004);
        pe_set_base(&opened.image, base() + 0x1000000);
        assert_int_equal(pe_tls(&opened.image, &tls, &opened.error), PE_BAD);
        close_pe(&opened);
    }
}

static void tls_may_lack_most(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_tls_kind(machine);
        set_field(START, 0);
        set_field(END, 0);
        set_field(CALLBACKS, 0);
        set_characteristics(0);
        assert_int_equal(read_tls(), PE_FOUND);
        assert_int_equal(tls.template_size, 0);
        assert_int_equal(tls.alignment, 1);
        assert_int_equal(pe_tls_callback(&opened.image, &tls, 0, &rva, &opened.error), PE_NONE);
        close_pe(&opened);
        build_find_kind("naked")->build(&build, machine);
        assert_int_equal(read_tls(), PE_NONE);
        close_pe(&opened);
    }
}

static void assert_bad_tls(const char *message)
{
    assert_int_equal(read_tls(), PE_BAD);
    assert_non_null(strstr(opened.error.message, message));
    close_pe(&opened);
}

static void refuses_tls_outside_the_image(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_tls_kind(machine);
        set_field(END, base() + 0x1007); /* before the start */
        assert_bad_tls("its data is not in the image");
        set_field(END, base() + 0x100000);
        assert_bad_tls("its data is not in the image");
        build_tls_kind(machine);
        set_field(INDEX, base() + 0x4FFD);
        assert_bad_tls("its index variable");
        set_field(INDEX, 0);
        assert_bad_tls("its index variable");
        build_tls_kind(machine);
        set_field(CALLBACKS, 1);
        assert_bad_tls("its callbacks");
        build_tls_kind(machine);
        set_characteristics(0x00F00000);
        assert_bad_tls("no such alignment");
        build_tls_kind(machine);
        build_directory(&build, IMAGE_DIRECTORY_ENTRY_TLS)->VirtualAddress = 0x4FF0;
        build_directory(&build, IMAGE_DIRECTORY_ENTRY_TLS)->Size = 0;
        assert_bad_tls("cut short");
    }
}

static void refuses_wild_callbacks(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        build_tls_kind(machine);
        uint64_t address = base() + 0x100000;
        memcpy(build_at(&build, 0x3000), &address, build.is_64bit ? 8 : 4);
        assert_int_equal(read_tls(), PE_FOUND);
        assert_int_equal(pe_tls_callback(&opened.image, &tls, 0, &rva, &opened.error), PE_BAD);
        assert_int_equal(pe_tls_callback(&opened.image, &tls, 0x10000, &rva, &opened.error), PE_BAD);
        assert_int_equal(pe_tls_callback(&opened.image, &tls, UINT32_MAX, &rva, &opened.error), PE_BAD);
        close_pe(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_tls_directory), cmocka_unit_test(tls_follows_the_base),
        cmocka_unit_test(tls_may_lack_most),       cmocka_unit_test(refuses_tls_outside_the_image),
        cmocka_unit_test(refuses_wild_callbacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
