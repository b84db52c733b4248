/* uses: loader/crash/line_table.c loader/crash/symbol_file.c loader/pe.c */
/* The reader of line tables and symbols on what MinGW's compilers and linker make of
 * tests/win/helpers/crashes.c, on all its beginnings, on each of its bytes changed, and on tables that are
 * made by hand. */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "loader/crash/line_table.h"
#include "loader/crash/symbol_file.h"
#include <cmocka.h>

static struct line_place place;

/* By hand */

struct bytes {
    uint8_t data[512];
    size_t size;
};

static void put(struct bytes *bytes, const void *data, size_t size)
{
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static void put_number(struct bytes *bytes, uint64_t value, size_t size)
{
    put(bytes, &value, size);
}

#define PUT(bytes, literal) put(bytes, literal, sizeof(literal) - 1)

/* Lines 10 to 12 at 0x1000, 0x1004 and 0x100c, in file 2; the sequence ends at 0x1010. */
static void put_program(struct bytes *bytes)
{
    PUT(bytes, "\0\x09\x02\x00\x10\0\0\0\0\0\0"); /* DW_LNE_set_address 0x1000 */
    PUT(bytes, "\x04\x02"                         /* DW_LNS_set_file 2 */
               "\x03\x09\x01"                     /* DW_LNS_advance_line 9, DW_LNS_copy */
               "\x4b"                             /* special: 4 bytes, 1 line */
               "\x02\x08\x03\x01\x01"             /* advance_pc 8, advance_line 1, copy */
               "\x02\x04\0\x01\x01");             /* advance_pc 4, DW_LNE_end_sequence */
}

/* From whether rows begin statements on: line base -5, line range 14, 12 standard opcodes. */
static const char header_tail[] = "\x01\xfb\x0e\x0d\0\1\1\1\1\0\0\0\1\0\0\1";

static struct span span_of(const struct bytes *bytes)
{
    return (struct span){bytes->data, bytes->data + bytes->size, false};
}

/* A unit of that version around the tables. */
static void make_unit(struct bytes *unit, unsigned version, const struct bytes *tables)
{
    struct bytes header = {.size = 0}, body = {.size = 0};
    PUT(&header, "\x01"); /* the minimum length of an instruction */
    if (version >= 4)
        PUT(&header, "\x01");
    put(&header, header_tail, sizeof header_tail - 1);
    put(&header, tables->data, tables->size);
    put_number(&body, version, 2);
    if (version >= 5)
        PUT(&body, "\x08\0");
    put_number(&body, header.size, 4);
    put(&body, header.data, header.size);
    put_program(&body);
    put_number(unit, body.size, 4);
    put(unit, body.data, body.size);
}

static void make_old_unit(struct bytes *unit, unsigned version)
{
    struct bytes tables = {.size = 0};
    PUT(&tables, "one\0two\0\0"
                 "a.c\0\0\0\0"
                 "b.c\0\x02\0\0\0");
    make_unit(unit, version, &tables);
}

static void make_new_unit(struct bytes *unit)
{
    struct bytes tables = {.size = 0};
    PUT(&tables, "\x01\x01\x08\x03" /* directories: paths as strings */
                 "/home\0one\0two\0"
                 "\x02\x01\x08\x02\x0b\x03" /* files: a path and a directory's number of one byte */
                 "a.c\0\0"
                 "a.c\0\0"
                 "b.c\0\x02");
    make_unit(unit, 5, &tables);
}

static bool find(const struct bytes *bytes, uint64_t address)
{
    const struct line_sections sections = {.lines = span_of(bytes)};
    return line_table_find(&sections, address, &place);
}

static void assert_program(const struct bytes *bytes)
{
    static const struct {
        uint64_t address;
        uint32_t line, offset;
    } expected[] = {{0x1000, 10, 0}, {0x1003, 10, 3}, {0x1004, 11, 0},
                    {0x100b, 11, 7}, {0x100c, 12, 0}, {0x100f, 12, 3}};
    for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(find(bytes, expected[i].address));
        assert_int_equal(place.line, expected[i].line);
        assert_int_equal(place.offset, expected[i].offset);
        assert_string_equal(place.file, "b.c");
        assert_string_equal(place.directory, "two");
    }
    assert_false(find(bytes, 0xfff));
    assert_false(find(bytes, 0x1010));
}

static void every_version(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 5; version++) {
        struct bytes unit = {.size = 0};
        if (version < 5)
            make_old_unit(&unit, version);
        else
            make_new_unit(&unit);
        assert_program(&unit);
    }
}

/* A unit of a version that will come is passed over. */
static void unknown_units(void **state)
{
    (void)state;
    struct bytes units = {.size = 0};
    PUT(&units, "\x04\0\0\0\x09\0xx"
                "\x02\0\0\0\x05\0");
    make_new_unit(&units);
    assert_program(&units);
}

/* Whatever part of it is missing, there are no lines, or the right ones. */
static void truncated_units(void **state)
{
    (void)state;
    struct bytes unit = {.size = 0};
    make_new_unit(&unit);
    for (size_t size = 0; size < unit.size; size++) {
        uint8_t *copy = malloc(size ? size : 1); /* AddressSanitizer knows where it ends. */
        memcpy(copy, unit.data, size);
        const struct line_sections sections = {.lines = {copy, copy + size, false}};
        assert_false(line_table_find(&sections, 0x1004, &place));
        free(copy);
    }
}

/* -- what compilers make
 * ------------------------------------------------------------------------------------- */

struct program {
    uint8_t *bytes;
    size_t size;
    struct symbol_file file;
    struct line_sections sections;
};

static void find_sections(struct program *program)
{
    program->sections = (struct line_sections){
        .lines = symbol_file_section(&program->file, ".debug_line"),
        .line_strings = symbol_file_section(&program->file, ".debug_line_str"),
        .strings = symbol_file_section(&program->file, ".debug_str"),
    };
}

/* The build puts unit tests beside the Windows programs. */
static void read_program(const char *arch, struct program *program)
{
    char own[PATH_MAX] = "", path[PATH_MAX + 64];
    struct stat status;
    assert_true(readlink("/proc/self/exe", own, sizeof own - 1) > 0);
    snprintf(path, sizeof path, "%s/../win/%s/helpers/crashes.exe", dirname(own), arch);
    int file = open(path, O_RDONLY);
    assert_true(file >= 0 && !fstat(file, &status));
    program->size = status.st_size;
    program->bytes = malloc(program->size);
    assert_int_equal(read(file, program->bytes, program->size), program->size);
    close(file);
    assert_true(symbol_file_open(&program->file, program->bytes, program->size));
    find_sections(program);
}

/* The address of a function that has that name, by looking everywhere. */
static uint64_t find_function(const struct program *program, const char *name)
{
    struct symbol_function function;
    for (uint64_t rva = 0x1000; rva < program->file.pe.image_size; rva++)
        if (symbol_file_function(&program->file, rva, &function) && function.length == strlen(name) &&
            !memcmp(function.name, name, function.length)) {
            assert_int_equal(function.offset, 0);
            return rva;
        }
    return 0;
}

static void real_programs(void **state)
{
    (void)state;
    static const char *const archs[] = {"x86_64", "i386"};
    for (unsigned i = 0; i < 2; i++) {
        struct program program;
        read_program(archs[i], &program);
        uint64_t rva = find_function(&program, "read_null");
        assert_true(rva);
        assert_true(
            line_table_find(&program.sections, symbol_file_linked_address(&program.file, rva), &place));
        assert_string_equal(place.file + strlen(place.file) - 9, "crashes.c");
        assert_in_range(place.line, 10, 100);
        free(program.bytes);
    }
}

static void look_around(struct program *program)
{
    struct symbol_function function;
    if (!symbol_file_open(&program->file, program->bytes, program->size))
        return;
    find_sections(program);
    for (uint64_t rva = 0x1000; rva < 0x3000; rva += 0x7ff) {
        symbol_file_function(&program->file, rva, &function);
        line_table_find(&program->sections, symbol_file_linked_address(&program->file, rva), &place);
    }
}

/* Nothing is read outside of the file, and every look comes to an end. */
static void broken_programs(void **state)
{
    (void)state;
    struct program whole;
    read_program("x86_64", &whole);
    uint8_t *bytes = whole.bytes;
    for (size_t size = 0; size < whole.size; size += whole.size / 60) {
        struct program cut = {.bytes = malloc(size + 1), .size = size};
        memcpy(cut.bytes, bytes, size);
        look_around(&cut);
        free(cut.bytes);
    }
    unsigned seed = 1;
    for (unsigned round = 0; round < 60; round++) {
        struct program spoilt = {.bytes = malloc(whole.size), .size = whole.size};
        memcpy(spoilt.bytes, bytes, whole.size);
        for (unsigned i = 0; i < 2000; i++) {
            seed = seed * 1103515245 + 12345;
            size_t at = (seed >> 4) % (whole.size - 0x400) + 0x400; /* headers stay */
            spoilt.bytes[at] = seed >> 16;
        }
        look_around(&spoilt);
        free(spoilt.bytes);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version), cmocka_unit_test(unknown_units),   cmocka_unit_test(truncated_units),
        cmocka_unit_test(real_programs), cmocka_unit_test(broken_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
