/* uses: loader/pe.c loader/pe_config.c tests/pe/build_pe.c tests/pe/build_kinds.c tests/pe/open_pe.c */
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
static struct pe_load_config config;

static uint64_t base(void)
{
    return build.is_64bit ? BUILD_BASE_64 : BUILD_BASE_32;
}

/* Load configuration */

static uint32_t build_config(uint16_t machine, uint32_t size)
{
    build_begin(&build, machine);
    uint32_t start = build_section(&build, ".rdata", IMAGE_SCN_MEM_READ);
    build_dword(&build, size);
    build_zeros(&build, 0x100 - 4);
    build_end(&build);
    *build_directory(&build, IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG) = (IMAGE_DATA_DIRECTORY){start, 64};
    uint64_t cookie = base() + 0x1080;
    memcpy(build_at(&build, start) + (build.is_64bit ? 88 : 60), &cookie, build.is_64bit ? 8 : 4);
    return start;
}

static enum pe_result read_config(void)
{
    assert_true(open_file(&opened, &build));
    enum pe_result result = pe_load_config(&opened.image, &config, &opened.error);
    close_pe(&opened);
    return result;
}

static void finds_the_cookie_if_there_is_room_for_it(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        uint32_t whole = machine == IMAGE_FILE_MACHINE_AMD64 ? 96 : 64;
        build_config(machine, whole);
        assert_int_equal(read_config(), PE_FOUND);
        assert_int_equal(config.size, whole);
        assert_int_equal(config.cookie_rva, 0x1080);
        build_config(machine, 0x400); /* of a later Windows */
        assert_int_equal(read_config(), PE_FOUND);
        assert_int_equal(config.cookie_rva, 0x1080);
        build_config(machine, whole - (machine == IMAGE_FILE_MACHINE_AMD64 ? 8 : 4));
        assert_int_equal(read_config(), PE_FOUND);
        assert_int_equal(config.cookie_rva, 0);
        build_config(machine, 0);
        assert_int_equal(read_config(), PE_FOUND);
        assert_int_equal(config.cookie_rva, 0);
        build_find_kind("naked")->build(&build, machine);
        assert_int_equal(read_config(), PE_NONE);
    }
}

static void finds_safe_handlers(void **state)
{
    uint32_t start = build_config(IMAGE_FILE_MACHINE_I386, 72);
    memcpy(build_at(&build, start) + 64, (uint32_t[]){BUILD_BASE_32 + 0x10c0, 3}, 8);
    assert_int_equal(read_config(), PE_FOUND);
    assert_int_equal(config.handlers_rva, 0x10c0);
    assert_int_equal(config.handler_count, 3);
    memcpy(build_at(&build, start) + 64, (uint32_t[]){BUILD_BASE_32 + 0x10c0, 0x40000000}, 8);
    assert_int_equal(read_config(), PE_BAD);
}

static void refuses_a_configuration_outside_the_image(void **state)
{
    FOR_EACH_MACHINE(machine)
    {
        uint32_t start = build_config(machine, 96);
        uint64_t cookie = base() + 0x1FFD;
        memcpy(build_at(&build, start) + (build.is_64bit ? 88 : 60), &cookie, build.is_64bit ? 8 : 4);
        assert_int_equal(read_config(), PE_BAD);
        build_config(machine, 96);
        *build_directory(&build, IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG) = (IMAGE_DATA_DIRECTORY){0x1FFE, 2};
        assert_int_equal(read_config(), PE_BAD);
    }
}

/* Unwind table */

static void finds_the_unwind_table(void **state)
{
    uint32_t rva, count;
    FOR_EACH_MACHINE(machine)
    {
        build_find_kind("naked")->build(&build, machine);
        IMAGE_DATA_DIRECTORY *exceptions = build_directory(&build, IMAGE_DIRECTORY_ENTRY_EXCEPTION);
        *exceptions = (IMAGE_DATA_DIRECTORY){0x1020, 3 * 12 + 11};
        assert_true(open_file(&opened, &build));
        bool wide = machine == IMAGE_FILE_MACHINE_AMD64;
        assert_int_equal(pe_unwind_table(&opened.image, &rva, &count), wide ? PE_FOUND : PE_NONE);
        assert_int_equal(count, wide ? 3 : 0);
        close_pe(&opened);
        *exceptions = (IMAGE_DATA_DIRECTORY){0x1020, 11};
        assert_true(open_file(&opened, &build));
        assert_int_equal(pe_unwind_table(&opened.image, &rva, &count), PE_NONE);
        close_pe(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_cookie_if_there_is_room_for_it),
        cmocka_unit_test(finds_safe_handlers),
        cmocka_unit_test(refuses_a_configuration_outside_the_image),
        cmocka_unit_test(finds_the_unwind_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
