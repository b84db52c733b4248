/* uses: genthunks/parser.c genthunks/lexer.c genthunks/spec.c genthunks/types.c genthunks/arena.c
 * genthunks/diagnostics.c genthunks/shape.c */
#include "tests/unit/genthunks_harness.h"

#include "genthunks/shape.h"

static struct harness harness;

static void assert_ordinals(const char *text, enum arch arch, const char *expected)
{
    char actual[400] = "";
    size_t length = 0;
    assert_true(harness_resolve(&harness, text, arch));
    for (uint32_t i = 0; i < harness.module.export_count; i++) {
        const struct export *export = &harness.module.exports[i];
        assert_int_equal(export->index, i);
        length += snprintf(actual + length, sizeof actual - length, "%s%s=%u", i ? " " : "",
                           export->entry->name, export->ordinal);
    }
    assert_string_equal(actual, expected);
    harness_free(&harness);
}

static void assert_refused(const char *text, const char *errors)
{
    bool fine = harness_resolve(&harness, text, ARCH_X86_64) &&
                module_check_buildable(&harness.module, &harness.diagnostics);
    fflush(harness.diagnostics.out);
    assert_false(fine);
    assert_string_equal(harness.errors, errors);
    harness_free(&harness);
}

static void ordinals_start_at_1(void **state)
{
    assert_ordinals("@ stub a\n@ stub b\n", ARCH_X86_64, "a=1 b=2");
    assert_ordinals("", ARCH_X86_64, "");
}

static void free_ordinals_start_at_the_smallest_explicit_one(void **state)
{
    assert_ordinals("@ stub a\n10 stub b\n@ stub c\n12 stub d\n@ stub e\n", ARCH_X86_64,
                    "b=10 a=11 d=12 c=13 e=14");
    assert_ordinals("@ stub a\n65533 stub b\n", ARCH_X86_64, "b=65533 a=65534");
    assert_ordinals("100 stub b\n5 stub a\n", ARCH_X86_64, "a=5 b=100");
}

static void other_architectures_take_no_ordinal(void **state)
{
    const char *text = "3 stub -arch=i386 a\n@ stub b\n@ stub -arch=x86_64 c\n@ stub -arch=arm d\n@ stub e\n";
    assert_ordinals(text, ARCH_X86_64, "b=1 c=2 e=3");
    assert_ordinals(text, ARCH_I386, "a=3 b=4 e=5");
}

static void the_ordinal_range_has_an_end_past_the_last(void **state)
{
    assert_true(harness_resolve(&harness, "7 stub a\n20 stub b\n", ARCH_I386));
    assert_int_equal(harness.module.ordinal_base, 7);
    assert_int_equal(harness.module.ordinal_end, 21);
    harness_free(&harness);
    assert_true(harness_resolve(&harness, "", ARCH_I386));
    assert_int_equal(harness.module.ordinal_end - harness.module.ordinal_base, 0);
    harness_free(&harness);
}

static void names_are_sorted_by_bytes(void **state)
{
    assert_true(harness_resolve(
        &harness, "@ stub b\n@ stub _a\n@ stub B\n@ stub ?x\n9 stub -noname n\n@ stub ba\n", ARCH_X86_64));
    static const char *const expected[] = {"?x", "B", "_a", "b", "ba"};
    assert_int_equal(harness.module.name_count, 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(harness.module.by_name[i]->entry->name, expected[i]);
    harness_free(&harness);
}

static void duplicates_are_errors(void **state)
{
    assert_refused("@ stub a\n@ stub b\n@ stub a\n",
                   "t:3:1: \"a\" is already exported by line 1, expected another name\n");
    assert_refused("4 stub a\n4 stub b\n", "t:2:1: ordinal 4 is already taken by line 1, expected another\n");
    assert_refused("65534 stub a\n@ stub b\n",
                   "t:2:1: no ordinal up to 65534 is left for this export, expected fewer exports\n");
    assert_ordinals("4 stub -arch=i386 a\n4 stub -arch=x86_64 a\n", ARCH_I386, "a=4");
    assert_ordinals("4 stub -noname a\n@ stub a\n", ARCH_I386, "a=4 a=5");
}

static void what_is_built_has_c_names(void **state)
{
    assert_refused("@ stdcall ?a@@YAXXZ()",
                   "t:1:11: \"?a@@YAXXZ\" cannot be a C function's name, expected the C "
                   "symbol as the line's target\n");
    assert_refused("@ extern a b-c",
                   "t:1:12: \"b-c\" cannot be a C function's name, expected the C symbol as the "
                   "line's target\n");
    assert_refused("@ thiscall a(double)",
                   "t:1:1: a thiscall function has no object, expected a pointer as first argument\n");
    assert_refused("@ extern a x\n@ extern b x\n",
                   "t:2:12: \"x\" is already the data of line 1, expected a C pointer of "
                   "its own\n");
    assert_true(harness_resolve(
        &harness, "@ stub ?a@@YAXXZ\n@ stdcall ?b() c.d\n@ cdecl e() x\n@ cdecl f() x", ARCH_I386));
    assert_true(module_check_buildable(&harness.module, &harness.diagnostics));
    harness_free(&harness);
}

static void dll_names(void **state)
{
    struct arena arena = {0};
    assert_string_equal(dll_name_of_spec(&arena, "dlls/kernel32/kernel32.spec"), "kernel32.dll");
    assert_string_equal(dll_name_of_spec(&arena, "winspool.drv.spec"), "winspool.drv");
    assert_string_equal(dll_name_of_spec(&arena, "a.b/plain"), "plain.dll");
    assert_string_equal(backing_name_of_dll(&arena, "kernel32.dll"), "kernel32.so");
    assert_string_equal(backing_name_of_dll(&arena, "winspool.drv"), "winspool.drv.so");
    arena_free(&arena);
    assert_true(harness_parse(&harness, "", false));
    assert_false(module_resolve(&harness.module, &harness.spec, ARCH_I386,
                                "a-name-that-is-much-too-long-for-the-stamp-of-a-stub-since-it-has-64.dll",
                                &harness.diagnostics));
    harness_free(&harness);
}

/* DLLs that litewin has or may have: on i386 a collision would cost relocations at every start. */
static void bases_are_apart(void **state)
{
    static const char *const names[] = {"ntdll.dll",          "kernel32.dll",         "kernelbase.dll",
                                        "msvcrt.dll",         "ucrtbase.dll",         "ws2_32.dll",
                                        "advapi32.dll",       "user32.dll",           "shell32.dll",
                                        "ole32.dll",          "oleaut32.dll",         "crypt32.dll",
                                        "bcrypt.dll",         "bcryptprimitives.dll", "ncrypt.dll",
                                        "version.dll",        "shlwapi.dll",          "winmm.dll",
                                        "gdi32.dll",          "wsock32.dll",          "vcruntime140.dll",
                                        "vcruntime140_1.dll", "msvcp140.dll",         "iphlpapi.dll",
                                        "secur32.dll",        "dbghelp.dll",          "setupapi.dll",
                                        "psapi.dll",          "netapi32.dll",         "rpcrt4.dll",
                                        "userenv.dll",        "wintrust.dll",         "combase.dll",
                                        "mswsock.dll",        "powrprof.dll",         "abitest.dll"};
    const size_t count = sizeof names / sizeof *names;
    for (size_t i = 0; i < count; i++) {
        uint64_t wide = preferred_base(ARCH_X86_64, names[i]), narrow = preferred_base(ARCH_I386, names[i]);
        assert_in_range(narrow, 0x70000000, 0x7fe00000);
        assert_true(wide >= 0x670000000000 && wide < 0x670400000000);
        assert_int_equal(wide % 0x100000, 0);
        assert_int_equal(narrow % 0x100000, 0);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(narrow, preferred_base(ARCH_I386, names[j]));
            assert_int_not_equal(wide, preferred_base(ARCH_X86_64, names[j]));
        }
    }
    assert_int_equal(preferred_base(ARCH_I386, "KERNEL32.DLL"), preferred_base(ARCH_I386, "kernel32.dll"));
}

static void assert_shapes(const char *line, const char *x86_64, const char *i386, unsigned popped)
{
    struct shape_x86_64 wide;
    struct shape_i386 narrow;
    assert_true(harness_parse(&harness, line, false));
    shape_of_entry_x86_64(harness.spec.entries[0], &wide);
    shape_of_entry_i386(harness.spec.entries[0], &narrow);
    assert_string_equal(wide.name, x86_64);
    assert_string_equal(narrow.name, i386);
    assert_int_equal(narrow.popped, popped);
    harness_free(&harness);
}

static void shapes(void **state)
{
    assert_shapes("@ stdcall f()", "thunk_iiii", "thunk_stdcall_0", 0);
    assert_shapes("@ stdcall f(long ptr)", "thunk_iiii", "thunk_stdcall_2", 8);
    assert_shapes("@ stdcall f(long double)", "thunk_idii", "thunk_stdcall_3", 12);
    assert_shapes("@ cdecl f(float int64 int128 wstr long)", "thunk_diiii", "thunk_cdecl_9", 0);
    assert_shapes("@ varargs f()", "thunk_varargs_", "thunk_varargs_0", 0);
    assert_shapes("@ varargs f(ptr double)", "thunk_varargs_id", "thunk_varargs_3", 0);
    assert_shapes("@ thiscall f(ptr int64)", "thunk_iiii", "thunk_thiscall_c2", 8);
    assert_shapes("@ fastcall f(long)", "thunk_iiii", "thunk_fastcall_c0", 0);
    assert_shapes("@ fastcall f(long ptr long long)", "thunk_iiii", "thunk_fastcall_cd2", 8);
    assert_shapes("@ fastcall f(double long int64 long)", "thunk_diii", "thunk_fastcall_sscssd0", 16);
    assert_shapes("@ fastcall f(double)", "thunk_diii", "thunk_fastcall_2", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinals_start_at_1),
        cmocka_unit_test(free_ordinals_start_at_the_smallest_explicit_one),
        cmocka_unit_test(other_architectures_take_no_ordinal),
        cmocka_unit_test(the_ordinal_range_has_an_end_past_the_last),
        cmocka_unit_test(names_are_sorted_by_bytes),
        cmocka_unit_test(duplicates_are_errors),
        cmocka_unit_test(what_is_built_has_c_names),
        cmocka_unit_test(dll_names),
        cmocka_unit_test(bases_are_apart),
        cmocka_unit_test(shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
