/* uses: loader/pe.c loader/pe_relocations.c tests/pe/build_pe.c tests/pe/build_kinds.c tests/pe/open_pe.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/pe/build_kinds.h"
#include "tests/pe/open_pe.h"

#define DATA_RVA  0x1000
#define RELOC_RVA 0x2000
#define IMAGE_END 0x3000

static struct pe_build build;
static struct opened_pe opened;
static struct pe_relocation_cursor cursor;
static struct pe_relocation relocation;

/* Two pages: 64 bytes of data, and the relocations that the test puts in next. */
static void begin_build(uint16_t machine, const void *data)
{
    build_begin(&build, machine);
    build_section(&build, ".data", IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE);
    build_put(&build, data, 64);
    build_section(&build, ".reloc", IMAGE_SCN_MEM_READ);
}

static void put_block(uint32_t page, uint32_t size)
{
    build_dword(&build, page);
    build_dword(&build, size);
}

static void put_entry(unsigned type, unsigned offset)
{
    build_word(&build, (uint16_t)(type << 12 | offset));
}

static void finish(uint32_t directory_size)
{
    *build_directory(&build, IMAGE_DIRECTORY_ENTRY_BASERELOC) =
        (IMAGE_DATA_DIRECTORY){RELOC_RVA, directory_size};
    build_end(&build);
    assert_true(open_mapped(&opened, &build));
    pe_relocations_begin(&opened.image, &cursor);
}

static enum pe_result next(void)
{
    return pe_next_relocation(&cursor, &relocation, &opened.error);
}

static void assert_next(uint8_t type, uint32_t rva)
{
    assert_int_equal(next(), PE_FOUND);
    assert_int_equal(relocation.type, type);
    assert_int_equal(relocation.rva, rva);
}

static bool apply(uint64_t delta)
{
    return pe_apply_relocations(&opened.image, opened.mapping, delta, &opened.error);
}

static uint64_t value_at(uint32_t offset, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, opened.mapping + DATA_RVA + offset, size);
    return value;
}

static const uint8_t zeros[64];

static void lists_blocks(void **state)
{
    begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
    put_block(DATA_RVA, 16);
    put_entry(IMAGE_REL_BASED_DIR64, 8);
    put_entry(IMAGE_REL_BASED_HIGHLOW, 0xffc);
    put_entry(IMAGE_REL_BASED_HIGH, 2);
    put_entry(IMAGE_REL_BASED_ABSOLUTE, 0);
    put_block(DATA_RVA, 8); /* an empty block */
    put_block(0, 12);
    put_entry(IMAGE_REL_BASED_LOW, 0xffe);
    put_entry(IMAGE_REL_BASED_HIGHADJ, 4);
    put_block(DATA_RVA, 10);
    put_entry(IMAGE_REL_BASED_DIR64, 0);
    finish(46);
    assert_next(IMAGE_REL_BASED_DIR64, 0x1008);
    assert_next(IMAGE_REL_BASED_HIGHLOW, 0x1ffc);
    assert_next(IMAGE_REL_BASED_HIGH, 0x1002);
    assert_next(IMAGE_REL_BASED_ABSOLUTE, 0x1000);
    assert_next(IMAGE_REL_BASED_LOW, 0xffe);
    assert_int_equal(next(), PE_BAD); /* HIGHADJ without its second half */
    close_pe(&opened);
}

static void ends_at_a_block_of_size_0_or_too_little_room(void **state)
{
    begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
    put_block(DATA_RVA, 12);
    put_entry(IMAGE_REL_BASED_DIR64, 0);
    put_entry(IMAGE_REL_BASED_ABSOLUTE, 0);
    put_block(0, 0);
    put_block(DATA_RVA, 99);
    finish(28);
    assert_next(IMAGE_REL_BASED_DIR64, 0x1000);
    assert_next(IMAGE_REL_BASED_ABSOLUTE, 0x1000);
    assert_int_equal(next(), PE_NONE);
    assert_int_equal(next(), PE_NONE);
    assert_true(apply(1));
    close_pe(&opened);

    begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
    put_block(DATA_RVA, 8);
    put_block(DATA_RVA, 99);
    finish(15);
    assert_int_equal(next(), PE_NONE);
    close_pe(&opened);
}

static void assert_refused(const char *message)
{
    enum pe_result result;
    while ((result = next()) == PE_FOUND)
        ;
    assert_int_equal(result, PE_BAD);
    assert_non_null(strstr(opened.error.message, message));
    memset(opened.error.message, 0, sizeof opened.error.message);
    assert_false(apply(0x10000));
    assert_non_null(strstr(opened.error.message, message));
    close_pe(&opened);
}

static void refuses_bad_block_sizes(void **state)
{
    static const uint32_t sizes[] = {1, 7, 17, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
        put_block(DATA_RVA, sizes[i]);
        build_zeros(&build, 0x100);
        finish(16);
        assert_refused("bad relocations: a block has");
    }
}

static void refuses_places_outside_the_image(void **state)
{
    static const struct {
        uint32_t page;
        unsigned type, offset;
    } rows[] = {
        {IMAGE_END - 0x1000, IMAGE_REL_BASED_DIR64, 0xff9},
        {IMAGE_END - 0x1000, IMAGE_REL_BASED_HIGHLOW, 0xffd},
        {IMAGE_END - 0x1000, IMAGE_REL_BASED_HIGH, 0xfff},
        {IMAGE_END, IMAGE_REL_BASED_LOW, 0},
        {0xFFFFFFFF, IMAGE_REL_BASED_DIR64, 0},
        {0xFFFFFFFF, IMAGE_REL_BASED_DIR64, 1},
        {0xFFFFF000, IMAGE_REL_BASED_HIGHLOW, 0xfff},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
        put_block(rows[i].page, 10);
        put_entry(rows[i].type, rows[i].offset);
        finish(10);
        assert_refused("is not in the image");
    }
}

static void relocates_the_very_last_bytes(void **state)
{
    static const struct {
        unsigned type, size;
    } rows[] = {{IMAGE_REL_BASED_DIR64, 8}, {IMAGE_REL_BASED_HIGHLOW, 4}, {IMAGE_REL_BASED_LOW, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
        put_block(IMAGE_END - 0x1000, 10);
        put_entry(rows[i].type, 0x1000 - rows[i].size);
        finish(10);
        assert_true(apply(0x34));
        assert_int_equal(value_at(IMAGE_END - rows[i].size - DATA_RVA, rows[i].size), 0x34);
        close_pe(&opened);
    }
}

static void refuses_other_machines_types(void **state)
{
    static const unsigned types[] = {5, 6, 7, 8, 9, 11, 12, 13, 14, 15};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
        put_block(DATA_RVA, 12);
        put_entry(IMAGE_REL_BASED_DIR64, 0);
        put_entry(types[i], 0);
        finish(12);
        assert_refused("is none of this machine's");
    }
}

/* Padding stands for no place, wherever it seems to point. */
static void padding_may_point_anywhere(void **state)
{
    begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
    put_block(0xFFFFF000, 12);
    put_entry(IMAGE_REL_BASED_ABSOLUTE, 0xfff);
    put_entry(IMAGE_REL_BASED_ABSOLUTE, 0);
    finish(12);
    assert_true(apply(0x10000));
    close_pe(&opened);
}

static void relocates_each_type(void **state)
{
    uint8_t data[64] = {0};
    memcpy(data + 1, &(uint64_t){0x00000001FFFF8000}, 8); /* at an odd place */
    memcpy(data + 16, &(uint32_t){0xFFFF8000}, 4);
    memcpy(data + 20, &(uint16_t){0x0040}, 2);
    memcpy(data + 22, &(uint16_t){0xF000}, 2);
    memcpy(data + 24, &(uint16_t){0x0041}, 2);
    memcpy(data + 26, "\x55\x55\x55\x55", 4); /* must stay */
    begin_build(IMAGE_FILE_MACHINE_AMD64, data);
    put_block(DATA_RVA, 8 + 9 * 2);
    put_entry(IMAGE_REL_BASED_DIR64, 1);
    put_entry(IMAGE_REL_BASED_HIGHLOW, 16);
    put_entry(IMAGE_REL_BASED_ABSOLUTE, 26);
    put_entry(IMAGE_REL_BASED_HIGH, 20);
    put_entry(IMAGE_REL_BASED_LOW, 22);
    put_entry(IMAGE_REL_BASED_HIGHADJ, 24);
    build_word(&build, 0x9000); /* the low half: the whole is 0x00409000 */
    put_entry(IMAGE_REL_BASED_DIR64, 32);
    put_entry(IMAGE_REL_BASED_ABSOLUTE, 0);
    finish(8 + 9 * 2);
    assert_true(apply(0x5FFFF000));
    assert_int_equal(value_at(1, 8), 0x25FFF7000);
    assert_int_equal(value_at(16, 4), 0x5FFF7000);
    assert_int_equal(value_at(20, 2), 0x603F); /* 0x00400000 + 0x5FFFF000 = 0x603FF000 */
    assert_int_equal(value_at(22, 2), 0xE000); /* 0xF000 + 0xF000 */
    assert_int_equal(value_at(24, 2), 0x6041); /* 0x00409000 + 0x5FFFF000 = 0x60408000, rounded up */
    assert_int_equal(value_at(26, 4), 0x55555555);
    assert_int_equal(value_at(32, 8), 0x5FFFF000);
    close_pe(&opened);
}

/* Down is as good as up: deltas are taken modulo 2^64. */
static void relocates_downwards(void **state)
{
    uint8_t data[64] = {0};
    memcpy(data, &(uint64_t){0x140001000}, 8);
    memcpy(data + 8, &(uint32_t){0x401000}, 4);
    begin_build(IMAGE_FILE_MACHINE_AMD64, data);
    put_block(DATA_RVA, 12);
    put_entry(IMAGE_REL_BASED_DIR64, 0);
    put_entry(IMAGE_REL_BASED_HIGHLOW, 8);
    finish(12);
    assert_true(apply((uint64_t)-0x10000));
    assert_int_equal(value_at(0, 8), 0x13FFF1000);
    assert_int_equal(value_at(8, 4), 0x3F1000);
    close_pe(&opened);
}

static void a_delta_of_0_changes_nothing(void **state)
{
    begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
    put_block(DATA_RVA, 99);
    finish(8);
    assert_true(apply(0));
    close_pe(&opened);
}

/* A block may name places in the table itself; what it does to later blocks must do no harm. */
static void survives_relocations_of_relocations(void **state)
{
    begin_build(IMAGE_FILE_MACHINE_AMD64, zeros);
    put_block(RELOC_RVA, 16);
    put_entry(IMAGE_REL_BASED_DIR64, 16);
    put_entry(IMAGE_REL_BASED_DIR64, 20);
    put_entry(IMAGE_REL_BASED_DIR64, 10);
    put_entry(IMAGE_REL_BASED_DIR64, 12);
    put_block(DATA_RVA, 12);
    put_entry(IMAGE_REL_BASED_DIR64, 0);
    put_entry(IMAGE_REL_BASED_DIR64, 8);
    finish(28);
    apply(0xFEDCBA9876543210);
    close_pe(&opened);
}

static void kinds_are_relocated(void **state)
{
    static const uint16_t machines[] = {IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_MACHINE_I386};
    for (size_t i = 0; i < 2; i++) {
        build_find_kind("moved")->build(&build, machines[i]);
        assert_true(open_mapped(&opened, &build));
        assert_true(pe_is_relocatable(&opened.image));
        assert_true(apply(0x10000 - opened.image.preferred_base));
        uint64_t pointer = 0;
        memcpy(&pointer, opened.mapping + 0x3000, build.is_64bit ? 8 : 4);
        assert_int_equal(pointer, 0x11000);
        close_pe(&opened);
        build_find_kind("fixed")->build(&build, machines[i]);
        assert_true(open_mapped(&opened, &build));
        assert_false(pe_is_relocatable(&opened.image));
        close_pe(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_blocks),
        cmocka_unit_test(ends_at_a_block_of_size_0_or_too_little_room),
        cmocka_unit_test(refuses_bad_block_sizes),
        cmocka_unit_test(refuses_places_outside_the_image),
        cmocka_unit_test(relocates_the_very_last_bytes),
        cmocka_unit_test(refuses_other_machines_types),
        cmocka_unit_test(padding_may_point_anywhere),
        cmocka_unit_test(relocates_each_type),
        cmocka_unit_test(relocates_downwards),
        cmocka_unit_test(a_delta_of_0_changes_nothing),
        cmocka_unit_test(survives_relocations_of_relocations),
        cmocka_unit_test(kinds_are_relocated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
