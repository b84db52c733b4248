/* uses: genthunks/parser.c genthunks/lexer.c genthunks/spec.c genthunks/types.c genthunks/arena.c
 * genthunks/diagnostics.c */
#include "tests/unit/genthunks_harness.h"

static struct harness harness;

static const struct entry *parse_one(const char *text)
{
    if (!harness_parse(&harness, text, false))
        print_error("%s", harness.errors);
    assert_string_equal(harness.errors, "");
    assert_int_equal(harness.spec.entry_count, 1);
    return harness.spec.entries[0];
}

static void assert_refused_as(const char *text, bool win16, const char *errors)
{
    assert_false(harness_parse(&harness, text, win16));
    assert_string_equal(harness.errors, errors);
    harness_free(&harness);
}

static void assert_refused(const char *text, const char *errors)
{
    assert_refused_as(text, false, errors);
}

static void reads_a_function(void **state)
{
    const struct entry *entry =
        parse_one("12 stdcall -private Name(wstr:path dword:access ptr) impl_name -ret=handle");
    assert_int_equal(entry->ordinal, 12);
    assert_int_equal(entry->kind, ENTRY_STDCALL);
    assert_int_equal(entry->flags, FLAG_PRIVATE);
    assert_string_equal(entry->name, "Name");
    assert_string_equal(entry->target, "impl_name");
    assert_string_equal(entry->forward, "");
    assert_string_equal(entry->result->name, "handle");
    assert_int_equal(entry->argument_count, 3);
    assert_string_equal(entry->arguments[0].type->name, "wstr");
    assert_string_equal(entry->arguments[0].name, "path");
    assert_string_equal(entry->arguments[1].name, "access");
    assert_string_equal(entry->arguments[2].name, "");
    assert_int_equal(entry->arguments[1].at.column, 36);
    harness_free(&harness);
}

static void a_result_may_stand_among_the_flags(void **state)
{
    const struct entry *entry = parse_one("@ cdecl -ret=ptr malloc(size:size) crt_malloc");
    assert_string_equal(entry->result->name, "ptr");
    assert_string_equal(entry->target, "crt_malloc");
    harness_free(&harness);
}

static void the_name_is_the_default_target(void **state)
{
    assert_string_equal(parse_one("@ stdcall Name()")->target, "Name");
    harness_free(&harness);
    assert_string_equal(parse_one("@ extern Name -size=0x10")->target, "Name");
    assert_int_equal(harness.spec.entries[0]->size, 16);
    harness_free(&harness);
}

static void a_dot_makes_a_forward(void **state)
{
    const struct entry *entry = parse_one("@ stdcall Name(long) other.dll.Target");
    assert_string_equal(entry->forward, "other.dll.Target");
    assert_string_equal(entry->target, "");
    harness_free(&harness);
    assert_string_equal(parse_one("@ cdecl Name() other.\\#12")->forward, "other.#12");
    harness_free(&harness);
}

static void legacy_spellings(void **state)
{
    const struct entry *entry = parse_one("@ thiscall -i386 ?f@@QAEXXZ(ptr) impl");
    assert_int_equal(entry->kind, ENTRY_STDCALL);
    assert_int_equal(entry->flags, FLAG_THISCALL);
    assert_int_equal(entry->cpus, CPU_I386);
    harness_free(&harness);
    assert_int_equal(parse_one("@ fastcall f(ptr)")->flags, FLAG_FASTCALL);
    harness_free(&harness);
    assert_int_equal(parse_one("@ stdcall -stub f(ptr) ignored")->kind, ENTRY_STUB);
    harness_free(&harness);
}

static void architectures(void **state)
{
    static const struct {
        const char *flag;
        unsigned cpus;
    } cases[] = {
        {"-arch=i386", CPU_I386},
        {"-arch=i686", CPU_I386},
        {"-arch=x86_64,amd64", CPU_X86_64},
        {"-arch=win32", CPU_I386 | CPU_ARM},
        {"-arch=win64", CPU_X86_64 | CPU_ARM64},
        {"-arch=!i386", CPU_ALL & ~CPU_I386},
        {"-arch=!i386,!arm", CPU_ALL & ~(CPU_I386 | CPU_ARM)},
        {"-arch=win32,!arm", CPU_I386},
        {"-arch=aarch64", CPU_ARM64},
        {"-i386 -version=0x600+", CPU_I386},
        {"-version=0x351 -arch=i386", 0},
        {"-syscall=0x12 -arch=arm", CPU_ARM},
        {"-version=0x600+", CPU_ALL},
        {"-version=0xA00", CPU_ALL},
        {"-version=0x351-0x502", 0},
        {"-version=0x351-0xA00", CPU_ALL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[100];
        snprintf(line, sizeof line, "@ stdcall %s f()", cases[i].flag);
        assert_int_equal(parse_one(line)->cpus, cases[i].cpus);
        harness_free(&harness);
    }
}

static void comments_end_a_line_where_a_token_could_start(void **state)
{
    assert_string_equal(parse_one("# first\n; second\n@ stdcall f() g # @ stdcall h()\n  # last")->target,
                        "g");
    harness_free(&harness);
    assert_string_equal(parse_one("@ stdcall f() a.b#c;d")->forward, "a.b#c;d");
    harness_free(&harness);
}

static void a_backslash_continues_a_line(void **state)
{
    const struct entry *entry = parse_one("@ stdcall \\\n f(long\\\n ptr) \\\r\n g\n");
    assert_int_equal(entry->argument_count, 2);
    assert_int_equal(entry->arguments[1].at.line, 3);
    assert_string_equal(entry->target, "g");
    assert_int_equal(entry->target_at.line, 4);
    assert_int_equal(entry->target_at.column, 2);
    harness_free(&harness);
}

static void a_category_lasts_until_the_next(void **state)
{
    assert_true(harness_parse(
        &harness,
        "@ stub a\n#!category memory\n@ stub b\n@ stub c\n #!category time\n@ stub d\n#!other\n@ stub e",
        false));
    static const char *const expected[] = {"", "memory", "memory", "time", "time"};
    assert_int_equal(harness.spec.entry_count, 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(harness.spec.entries[i]->category, expected[i]);
    harness_free(&harness);
}

static void reads_api_sets(void **state)
{
    assert_true(harness_parse(&harness, "apiset api-ms-x-l1-1-0 = a.dll b.dll:c.dll", false));
    assert_int_equal(harness.spec.apiset_count, 1);
    assert_string_equal(harness.spec.apisets[0].name, "api-ms-x-l1-1-0");
    assert_string_equal(harness.spec.apisets[0].hosts, "a.dll b.dll:c.dll");
    harness_free(&harness);
}

static void sixteen_bit_files(void **state)
{
    assert_true(harness_parse(&harness,
                              "1 pascal -ret16 f(word s_word segptr segstr) f16\n"
                              "2 variable v(0 0xffff -1)\n3 equate e 0xF000\n4 pascal -register r()\n"
                              "@ stdcall -arch=win32 g(long) other.g\n",
                              true));
    assert_int_equal(harness.spec.entry_count, 5);
    harness_free(&harness);
    assert_refused_as("2 variable v(x)", true, "t:1:14: unexpected x, expected a number\n");
    assert_refused_as("2 variable v 1", true, "t:1:14: unexpected 1, expected ( and the arguments\n");
    assert_refused_as("2 equate v", true, "t:1:11: unexpected the end of the line, expected a number\n");
    assert_refused_as("2 equate v 1 2", true, "t:1:14: unexpected \"2\", expected the end of the line\n");
}

static void errors_of_the_line(void **state)
{
    assert_refused("x stub a", "t:1:1: \"x\" is no ordinal, expected @ or 1 to 65534\n");
    assert_refused("0 stub a", "t:1:1: \"0\" is no ordinal, expected @ or 1 to 65534\n");
    assert_refused("65535 stub a", "t:1:1: \"65535\" is no ordinal, expected @ or 1 to 65534\n");
    assert_refused("@ st a",
                   "t:1:3: unexpected st, expected stdcall, cdecl, varargs, thiscall, stub or extern\n");
    assert_refused("@", "t:1:2: unexpected the end of the line, expected stdcall, cdecl, varargs, thiscall, "
                        "stub or extern\n");
    assert_refused("@ pascal f()", "t:1:3: \"pascal\" is for 16-bit files only, expected a 32-bit kind\n");
    assert_refused("@ stub", "t:1:7: no name before the end of the line, expected the export's name or @\n");
    assert_refused("@ stub a=b",
                   "t:1:8: \"a=b\" is no export's name, expected letters, digits and /$:-_@?<>\n");
    assert_refused("@ stub @",
                   "t:1:1: an export without a name has no ordinal, expected a number in place of @\n");
    assert_refused("@ stub -noname a",
                   "t:1:1: -noname or -ordinal without an ordinal, expected a number in place of @\n");
    assert_refused("5 stdcall @()", "t:1:1: an export without a name has no target, expected a C symbol\n");
    assert_refused("@ stub a b", "t:1:10: unexpected \"b\", expected the end of the line\n");
    assert_refused("@ extern a b c", "t:1:14: unexpected \"c\", expected the end of the line\n");
    assert_refused("@ extern a 'b", "t:1:12: \"'b\" is no symbol, expected a C symbol or DLL.symbol\n");
    assert_refused("@ extern a .b", "t:1:12: \".b\" forwards to nothing, expected DLL.symbol\n");
    assert_refused("@ extern a b.", "t:1:12: \"b.\" forwards to nothing, expected DLL.symbol\n");
}

static void errors_of_flags(void **state)
{
    assert_refused("@ stub -x a",
                   "t:1:8: unknown flag \"-x\", expected one such as -noname, -arch=i386, -ret=long\n");
    assert_refused("@ stub -ret16 a", "t:1:8: flag \"-ret16\" is for 16-bit files only, expected another\n");
    assert_refused("@ stub -syscall a", "t:1:8: -syscall on another kind, expected it on stdcall or cdecl\n");
    assert_refused("@ cdecl -syscall=x a()", "t:1:9: \"x\" is no system call, expected 0 to 0xffff\n");
    assert_refused("@ stub -arch=x a",
                   "t:1:8: unknown CPU \"x\", expected i386, x86_64, arm, arm64, win32 or win64\n");
    assert_refused("@ stub -arch=i386,!y a",
                   "t:1:8: unknown CPU \"!y\", expected i386, x86_64, arm, arm64, win32 or win64\n");
    assert_refused("@ stub -version=1-x a",
                   "t:1:8: \"1-x\" is no range of versions, expected 0xA-0xB or 0xA+\n");
    assert_refused("@ extern -ret=long a", "t:1:10: -ret= on data, expected it on a function\n");
    assert_refused("@ stdcall -ret=lang a()",
                   "t:1:11: unknown type \"lang\", expected one such as long, ptr, wstr, dword\n");
    assert_refused("@ stdcall a() -size=4", "t:1:15: -size= on a function, expected it on an extern\n");
    assert_refused("@ extern a -size=0", "t:1:12: \"0\" is no size, expected 1 to 1048576 bytes\n");
    assert_refused("@ extern a -size=1048577",
                   "t:1:12: \"1048577\" is no size, expected 1 to 1048576 bytes\n");
    assert_refused("@ extern -direct a",
                   "t:1:1: -direct without a function of its own, expected it on one\n");
    assert_refused("@ stdcall -direct a() b.c",
                   "t:1:1: -direct without a function of its own, expected it on one\n");
    assert_refused("@ cdecl -fastcall a(ptr)",
                   "t:1:1: -thiscall or -fastcall on another kind, expected it on stdcall\n");
}

static void errors_of_arguments(void **state)
{
    assert_refused("@ stdcall a", "t:1:12: unexpected the end of the line, expected ( and the arguments\n");
    assert_refused("@ stdcall a(long",
                   "t:1:17: unexpected the end of the line among the arguments, expected a type or )\n");
    assert_refused("@ stdcall a(()", "t:1:13: unexpected ( among the arguments, expected a type or )\n");
    assert_refused("@ stdcall a(lang)",
                   "t:1:13: unknown type \"lang\", expected one such as long, ptr, wstr, dword\n");
    assert_refused("@ stdcall a(word)",
                   "t:1:13: type \"word\" is for 16-bit files only, expected a 32-bit type\n");
    assert_refused("@ stdcall a(large)",
                   "t:1:13: \"large\" is a structure, expected a pointer to it, with an asterisk\n");
    assert_refused("@ stdcall a(lang*)",
                   "t:1:13: unknown type \"lang*\", expected one such as long, ptr, wstr, dword\n");
    assert_refused("@ stdcall a(void*)",
                   "t:1:13: unknown type \"void*\", expected one such as long, ptr, wstr, dword\n");
    assert_refused("@ stdcall a(void)", "t:1:13: an argument cannot be void, expected a type with a size\n");
    assert_refused("@ stdcall a(long:)",
                   "t:1:13: \"\" is no argument's name, expected letters, digits and _\n");
    assert_refused("@ stdcall a(long:b:c)",
                   "t:1:13: \"b:c\" is no argument's name, expected letters, digits and _\n");
    assert_refused(
        "@ stdcall a(ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr "
        "ptr ptr ptr ptr ptr ptr ptr ptr ptr str)",
        "t:1:137: too many arguments, expected at most 31\n");
}

static void errors_of_other_lines(void **state)
{
    assert_refused("apiset", "t:1:7: unexpected the end of the line, expected apiset NAME = HOST\n");
    assert_refused("apiset a b", "t:1:10: unexpected b, expected apiset NAME = HOST\n");
    assert_refused("apiset a =", "t:1:11: the API set has no host, expected a DLL's name\n");
    assert_refused("apiset a = b c d e", "t:1:18: too many hosts, expected at most 3\n");
    assert_refused("#!category x",
                   "t:1:12: unknown category x, expected one such as file_io, memory, network\n");
    assert_refused(
        "#!category",
        "t:1:11: unknown category the end of the line, expected one such as file_io, memory, network\n");
}

static void a_file_holds_no_nul(void **state)
{
    struct arena arena = {0};
    struct spec spec = {.arena = &arena};
    char *errors;
    size_t size;
    struct diagnostics diagnostics = {open_memstream(&errors, &size), "t", 0};
    assert_false(parse_spec(&spec, "@ stub a\0", 9, false, &diagnostics));
    fclose(diagnostics.out);
    assert_string_equal(errors, "t: a NUL byte in the file, expected text\n");
    free(errors);
    arena_free(&arena);
}

static void reports_every_bad_line(void **state)
{
    assert_refused("@ stub\n@ stub fine\nx stub a\n",
                   "t:1:7: no name before the end of the line, expected the export's name or @\n"
                   "t:3:1: \"x\" is no ordinal, expected @ or 1 to 65534\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_function),
        cmocka_unit_test(a_result_may_stand_among_the_flags),
        cmocka_unit_test(the_name_is_the_default_target),
        cmocka_unit_test(a_dot_makes_a_forward),
        cmocka_unit_test(legacy_spellings),
        cmocka_unit_test(architectures),
        cmocka_unit_test(comments_end_a_line_where_a_token_could_start),
        cmocka_unit_test(a_backslash_continues_a_line),
        cmocka_unit_test(a_category_lasts_until_the_next),
        cmocka_unit_test(reads_api_sets),
        cmocka_unit_test(sixteen_bit_files),
        cmocka_unit_test(errors_of_the_line),
        cmocka_unit_test(errors_of_flags),
        cmocka_unit_test(errors_of_arguments),
        cmocka_unit_test(errors_of_other_lines),
        cmocka_unit_test(a_file_holds_no_nul),
        cmocka_unit_test(reports_every_bad_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
