/* uses: genthunks/parser.c genthunks/lexer.c genthunks/spec.c genthunks/types.c genthunks/arena.c
 * genthunks/diagnostics.c genthunks/shape.c genthunks/stub.c genthunks/stub_x86_64.c genthunks/stub_i386.c
 * genthunks/bind.c genthunks/def.c genthunks/stamp.c genthunks/list.c */
#include "tests/unit/genthunks_harness.h"

#include "genthunks/emit.h"

static struct harness harness;
static char *output;
static size_t output_size;

static void emit(const char *text, enum arch arch, void (*emitter)(const struct module *, FILE *))
{
    assert_true(harness_resolve(&harness, text, arch));
    FILE *file = open_memstream(&output, &output_size);
    emitter(&harness.module, file);
    fclose(file);
    harness_free(&harness);
}

static void assert_output(const char *text, enum arch arch, void (*emitter)(const struct module *, FILE *),
                          const char *expected)
{
    emit(text, arch, emitter);
    assert_string_equal(output, expected);
    free(output);
}

/* The lines are in the output, one behind the other with nothing between. */
static void assert_contains(const char *text, enum arch arch, void (*emitter)(const struct module *, FILE *),
                            const char *lines)
{
    emit(text, arch, emitter);
    if (!strstr(output, lines))
        print_error("%s\n", output);
    assert_non_null(strstr(output, lines));
    free(output);
}

static const char every_kind[] = "#!category memory\n"
                                 "5 stdcall Function(long ptr:p) impl -ret=bool\n"
                                 "@ cdecl -direct Direct(int64)\n"
                                 "@ varargs Print(str)\n"
                                 "@ stdcall -fastcall Fast(long double)\n"
                                 "@ thiscall Method(ptr)\n"
                                 "@ stdcall ?mangled@@YGXH@Z(long) m\n"
                                 "@ stub Missing\n"
                                 "@ extern Data data -size=12\n"
                                 "@ stdcall -private Forward(long) other.Forward\n"
                                 "20 stdcall -noname Hidden() hidden\n"
                                 "21 stdcall -ordinal ByOrdinal() by_ordinal\n"
                                 "22 stdcall @() nameless\n";

static void lists_every_kind(void **state)
{
    assert_output(every_kind, ARCH_I386, emit_list,
                  "#ordinal\tindex\tname\tkind\ttarget\targuments\tresult\tsize\tflags\tcategory\n"
                  "5\t0\tFunction\tstdcall\timpl\tlong,ptr:p\tbool\t-\t-\tmemory\n"
                  "6\t1\tDirect\tcdecl\tDirect\tint64\t-\t-\tdirect\tmemory\n"
                  "7\t2\tPrint\tvarargs\tPrint\tstr\t-\t-\t-\tmemory\n"
                  "8\t3\tFast\tfastcall\tFast\tlong,double\t-\t-\t-\tmemory\n"
                  "9\t4\tMethod\tthiscall\tMethod\tptr\t-\t-\t-\tmemory\n"
                  "10\t5\t?mangled@@YGXH@Z\tstdcall\tm\tlong\t-\t-\t-\tmemory\n"
                  "11\t6\tMissing\tstub\t-\t-\t-\t-\t-\tmemory\n"
                  "12\t7\tData\textern\tdata\t-\t-\t12\t-\tmemory\n"
                  "13\t8\tForward\tforward\tother.Forward\tlong\t-\t-\tprivate\tmemory\n"
                  "20\t9\tHidden\tstdcall\thidden\t-\t-\t-\tnoname\tmemory\n"
                  "21\t10\tByOrdinal\tstdcall\tby_ordinal\t-\t-\t-\tordinal\tmemory\n"
                  "22\t11\t-\tstdcall\tnameless\t-\t-\t-\t-\tmemory\n");
    assert_contains("@ thiscall f(ptr)\napiset a = b c\n", ARCH_X86_64, emit_list,
                    "1\t0\tf\tstdcall\tf\tptr\t-\t-\t-\t-\napiset\ta\tb c\n");
}

static void definitions_are_decorated_on_i386(void **state)
{
    assert_output(
        every_kind, ARCH_I386, emit_def,
        "LIBRARY \"test.dll\"\nEXPORTS\n"
        "    \"Function@8\" @5\n    Direct @6\n    Print @7\n    \"@Fast@12\" @8\n    Method @9\n"
        "    \"?mangled@@YGXH@Z\" @10\n    Missing @11 PRIVATE\n    Data @12 DATA\n"
        "    \"Forward@4\" @13 PRIVATE\n    \"Hidden@0\" @20 NONAME\n    \"ByOrdinal@0\" @21 NONAME\n");
    assert_output(every_kind, ARCH_X86_64, emit_def,
                  "LIBRARY \"test.dll\"\nEXPORTS\n"
                  "    Function @5\n    Direct @6\n    Print @7\n    Fast @8\n    Method @9\n"
                  "    \"?mangled@@YGXH@Z\" @10\n    Missing @11 PRIVATE\n    Data @12 DATA\n"
                  "    Forward @13 PRIVATE\n    Hidden @20 NONAME\n    ByOrdinal @21 NONAME\n");
}

static void the_stamp_names_the_backing(void **state)
{
    emit("@ stub a\n@ stub b\n", ARCH_I386, emit_stamp);
    struct litewin_stamp stamp;
    assert_int_equal(output_size, sizeof stamp);
    memcpy(&stamp, output, sizeof stamp);
    assert_string_equal(stamp.magic, LITEWIN_STAMP_MAGIC);
    assert_int_equal(stamp.abi_version, LITEWIN_ABI_VERSION);
    assert_int_equal(stamp.export_count, 2);
    assert_true(stamp.spec_hash == 0x3bba080829ebd860ull);
    assert_string_equal(stamp.backing, "test.so");
    free(output);
}

static void an_entry_loads_its_index(void **state)
{
    assert_contains("@ stub a\n7 stdcall b(long)\n", ARCH_X86_64, emit_stub,
                    ".Lexport_0: /* b */\n    movl $0, %eax\n    jmp thunk_iiii\n");
    assert_contains("@ stub a\n7 stdcall b(long)\n", ARCH_I386, emit_stub,
                    ".Lexport_1: /* a */\n    movl $1, %eax\n    jmp thunk_not_implemented\n");
}

static void leaves_have_their_code_in_front_of_the_jump(void **state)
{
    static const char text[] = "@ stdcall -leaf a() f\n";
    assert_contains(text, ARCH_X86_64, emit_stub, "leaf_x86_64.s\"\n");
    assert_contains(text, ARCH_I386, emit_stub, "leaf_i386.s\"\n");
    assert_contains(text, ARCH_X86_64, emit_stub,
                    "    leaf_a .Lrest_0\n.Lrest_0:\n    jmp *litewin_binding+16(%rip)\n");
    assert_contains(text, ARCH_X86_64, emit_list, "direct,leaf");
}

static void direct_exports_jump_through_slots_in_order(void **state)
{
    static const char text[] = "@ stdcall -direct a()\n@ stdcall b()\n@ cdecl -direct c()\n";
    assert_contains(text, ARCH_X86_64, emit_stub, "/* c */\n    jmp *litewin_binding+24(%rip)\n");
    assert_contains(text, ARCH_I386, emit_stub, "/* a */\n    jmp *litewin_binding+8\n");
    assert_contains(text, ARCH_X86_64, emit_bind, "direct[] = {\n    0,\n    2,\n");
}

static void arguments_move_by_position_and_kind(void **state)
{
    assert_contains("@ stdcall f(int double int float int double int)\n", ARCH_X86_64, emit_stub,
                    "    .seh_endprologue\n"
                    "    andq $-16, %rsp\n"
                    "    .byte 0x85, 0x84, 0x24, 0x00, 0xc0, 0xff, 0xff\n"
                    "    movq %rcx, %rdi\n"
                    "    movaps %xmm1, %xmm0\n"
                    "    movq %r8, %rsi\n"
                    "    movaps %xmm3, %xmm1\n"
                    "    movq 96(%rbp), %rdx\n"
                    "    movsd 104(%rbp), %xmm2\n"
                    "    movq 112(%rbp), %rcx\n"
                    "    movq litewin_binding(%rip), %r11\n"
                    "    call *(%r11,%rax,8)\n");
}

static void fastcall_words_come_from_registers_first(void **state)
{
    assert_contains("@ fastcall f(double long long long)\n", ARCH_I386, emit_stub,
                    "thunk_fastcall_sscd1:\n"
                    "    pushl %ebp\n    movl %esp, %ebp\n    andl $-16, %esp\n    subl $32, %esp\n"
                    "    .byte 0x85, 0x84, 0x24, 0x00, 0xc0, 0xff, 0xff\n"
                    "    movl %ecx, 8(%esp)\n    movl %edx, 12(%esp)\n"
                    "    movl 8(%ebp), %ecx\n    movl %ecx, 0(%esp)\n"
                    "    movl 12(%ebp), %edx\n    movl %edx, 4(%esp)\n"
                    "    movl 16(%ebp), %ecx\n    movl %ecx, 16(%esp)\n"
                    "    movl litewin_binding, %ecx\n    call *(%ecx,%eax,4)\n    leave\n    ret $12\n");
}

static void equal_shapes_share_a_thunk(void **state)
{
    emit("@ stdcall a(long)\n@ stdcall b(ptr str)\n@ cdecl c(wstr int64)\n@ stdcall d()\n", ARCH_X86_64,
         emit_stub);
    const char *first = strstr(output, "\nthunk_");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\nthunk_"));
    free(output);
}

static void the_binding_tells_what_may_stand_between(void **state)
{
    static const char text[] = "@ stdcall -direct a() f\n@ cdecl -direct -norelay b() f\n";
    assert_contains(text, ARCH_X86_64, emit_bind,
                    "    {1, 0, 0, 0, 1, 1, 1, 0}, /* a */\n    {3, 0, 0, 0, 2, 2, 3, 0}, /* b */\n");
}

static void strings_of_the_binding_are_shared(void **state)
{
    static const char text[] = "@ stdcall a(ptr:x long) f -ret=long\n@ stdcall b(ptr:x long) f -ret=long\n";
    assert_contains(text, ARCH_X86_64, emit_bind,
                    "    {1, 3, 14, 0, 1, 1, 0, 2}, /* a */\n    {19, 3, 14, 0, 2, 1, 0, 2}, /* b */\n");
    assert_contains(text, ARCH_X86_64, emit_bind,
                    "\"\\0\"\n    \"a\\0\"\n    \"ptr:x long\\0\"\n    \"long\\0\"\n    \"b\\0\"\n");
    assert_contains(text, ARCH_X86_64, emit_bind, "extern void function_1(void) __asm__(\"f\");\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_every_kind),
        cmocka_unit_test(definitions_are_decorated_on_i386),
        cmocka_unit_test(the_stamp_names_the_backing),
        cmocka_unit_test(an_entry_loads_its_index),
        cmocka_unit_test(direct_exports_jump_through_slots_in_order),
        cmocka_unit_test(leaves_have_their_code_in_front_of_the_jump),
        cmocka_unit_test(arguments_move_by_position_and_kind),
        cmocka_unit_test(fastcall_words_come_from_registers_first),
        cmocka_unit_test(equal_shapes_share_a_thunk),
        cmocka_unit_test(strings_of_the_binding_are_shared),
        cmocka_unit_test(the_binding_tells_what_may_stand_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
