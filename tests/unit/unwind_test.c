/* uses: dlls/ntdll/unwind_pe_x86_64.c */
/* Unwinding of x86-64 frames by hand-made unwind data, stopped at every instruction that matters. */
#include <setjmp.h>
#include "dlls/ntdll/unwind_pe.h"
#include <cmocka.h>

#define FUNCTION     0x100
#define INFO         0x400
#define CHAINED_INFO 0x480
#define ENTRIES      0x500
#define RETURN_TO    0x1122334455667788u
#define HANDLER      0x350
#define HANDLER_DATA 0xDA7Au

static _Alignas(16) uint8_t image[0x600];
static _Alignas(16) uint64_t stack[128];

/* The stack pointer of the frame that is stopped is here. */
#define FRAME (stack + 16)

static CONTEXT context;
static RUNTIME_FUNCTION function;
static void *handler_data;
static uint64_t establisher;

static void set_code(const char *bytes, size_t size)
{
    memset(image, 0xcc, sizeof image);
    memcpy(image + FUNCTION, bytes, size);
    function = (RUNTIME_FUNCTION){FUNCTION, FUNCTION + size, INFO};
}
#define CODE(bytes) set_code(bytes, sizeof bytes - 1)

static void set_info_at(uint32_t rva, unsigned version, unsigned flags, unsigned prologue_size,
                        unsigned frame, const uint16_t *slots, size_t count)
{
    struct unwind_info *info = (struct unwind_info *)(image + rva);
    *info = (struct unwind_info){
        .version = version,
        .flags = flags,
        .prologue_size = prologue_size,
        .slot_count = count,
        .frame_register = frame & 15,
        .frame_offset = frame >> 4,
    };
    memcpy(info->slots, slots, count * sizeof *slots);
}

#define SLOT(offset, operation, info) (uint16_t)((offset) | (operation) << 8 | (info) << 12)
#define INFO_AT(rva, version, flags, prologue_size, frame, ...)                             \
    set_info_at(rva, version, flags, prologue_size, frame, (const uint16_t[]){__VA_ARGS__}, \
                sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static void *behind_slots(uint32_t rva)
{
    struct unwind_info *info = (struct unwind_info *)(image + rva);
    return &info->slots[(info->slot_count + 1) & ~1];
}

static void set_handler(uint32_t rva)
{
    uint32_t *place = behind_slots(rva);
    place[0] = HANDLER;
    place[1] = HANDLER_DATA;
}

/* Registers hold 0x100 + their number, stack words 0x200 + their index from FRAME. */
static void reset(void)
{
    memset(&context, 0, sizeof context);
    for (unsigned i = 0; i < 16; i++)
        (&context.Rax)[i] = 0x100 + i;
    for (unsigned i = 0; i < ARRAYSIZE(stack); i++)
        stack[i] = 0x200 + (&stack[i] - FRAME);
    context.Rsp = (uint64_t)FRAME;
    handler_data = NULL;
}

static uint64_t unwind_with(DWORD handler_type, uint32_t offset)
{
    uint64_t base = (uint64_t)image;
    context.Rip = base + FUNCTION + offset;
    PEXCEPTION_ROUTINE handler = unwind_pe_frame(handler_type, base, context.Rip, &function, &context,
                                                 &handler_data, &establisher, NULL);
    return handler ? (uint64_t)handler - base : 0;
}

/* From `offset` in the function; the return address is expected `words` above FRAME. */
static void check_at(const char *file, int line, uint32_t offset, int words)
{
    unwind_with(UNW_FLAG_NHANDLER, offset);
    _assert_int_equal(context.Rip, 0x200 + words, file, line);
    _assert_int_equal(context.Rsp, (uint64_t)(FRAME + words + 1), file, line);
}
#define CHECK_AT(offset, words) check_at(__FILE__, __LINE__, offset, words)

/* push %rbp; push %rbx; sub $0x28, %rsp; nop; add $0x28, %rsp; pop %rbx; pop %rbp; ret */
static void use_plain_function(void)
{
    CODE("\x55\x53\x48\x83\xec\x28\x90\x48\x83\xc4\x28\x5b\x5d\xc3");
    INFO_AT(INFO, 1, 0, 6, 0, SLOT(6, UNWIND_ALLOCATE_SMALL, 4), SLOT(2, UNWIND_PUSH_NONVOLATILE, 3),
            SLOT(1, UNWIND_PUSH_NONVOLATILE, 5));
}

static void body(void **state)
{
    use_plain_function();
    reset();
    CHECK_AT(6, 7);
    assert_int_equal(context.Rbx, 0x205);
    assert_int_equal(context.Rbp, 0x206);
    assert_int_equal(context.Rsi, 0x106);
    assert_int_equal(establisher, (uint64_t)FRAME);
}

static void prologue(void **state)
{
    use_plain_function();
    reset();
    CHECK_AT(0, 0);
    assert_int_equal(context.Rbp, 0x105);
    reset();
    CHECK_AT(1, 1);
    assert_int_equal(context.Rbp, 0x200);
    assert_int_equal(context.Rbx, 0x103);
    reset();
    CHECK_AT(2, 2);
    assert_int_equal(context.Rbx, 0x200);
    assert_int_equal(context.Rbp, 0x201);
}

static void epilogue(void **state)
{
    use_plain_function();
    reset();
    CHECK_AT(7, 7);
    assert_int_equal(context.Rbx, 0x205);
    reset();
    CHECK_AT(11, 2);
    assert_int_equal(context.Rbx, 0x200);
    assert_int_equal(context.Rbp, 0x201);
    reset();
    CHECK_AT(12, 1);
    assert_int_equal(context.Rbx, 0x103);
    assert_int_equal(context.Rbp, 0x200);
    reset();
    CHECK_AT(13, 0);
}

static void epilogue_of_extended_registers(void **state)
{
    /* nop; add $0x100, %rsp; pop %r15; pop %r12; rep ret */
    CODE("\x90\x48\x81\xc4\x00\x01\x00\x00\x41\x5f\x41\x5c\xf3\xc3");
    INFO_AT(INFO, 1, 0, 0, 0, SLOT(0, UNWIND_ALLOCATE_LARGE, 0), 0x20, SLOT(0, UNWIND_PUSH_NONVOLATILE, 15),
            SLOT(0, UNWIND_PUSH_NONVOLATILE, 12));
    reset();
    CHECK_AT(0, 34);
    reset();
    CHECK_AT(1, 34);
    assert_int_equal(context.R15, 0x220);
    assert_int_equal(context.R12, 0x221);
    reset();
    CHECK_AT(8, 2);
    assert_int_equal(context.R15, 0x200);
    reset();
    CHECK_AT(10, 1);
    assert_int_equal(context.R15, 0x10f);
    assert_int_equal(context.R12, 0x200);
}

/* Whether an instruction right behind one pop ends an epilogue: if so, the pop alone is undone. */
static bool ends_epilogue(const char *instruction, size_t size)
{
    char code[32] = "\x90\x5b";
    memcpy(code + 2, instruction, size);
    set_code(code, 16);
    INFO_AT(INFO, 1, 0, 0, 0, SLOT(0, UNWIND_ALLOCATE_SMALL, 9));
    reset();
    unwind_with(UNW_FLAG_NHANDLER, 1);
    return context.Rip == 0x201;
}
#define ENDS_EPILOGUE(bytes) ends_epilogue(bytes, sizeof bytes - 1)

static void ends_of_epilogues(void **state)
{
    assert_true(ENDS_EPILOGUE("\xc3"));
    assert_true(ENDS_EPILOGUE("\xf3\xc3"));
    assert_true(ENDS_EPILOGUE("\xc2\x08\x00"));
    assert_true(ENDS_EPILOGUE("\xe9\xf9\x01\x00\x00"));     /* jmp to another function */
    assert_true(ENDS_EPILOGUE("\xeb\x70"));                 /* jmp out of the function */
    assert_true(ENDS_EPILOGUE("\xeb\xfc"));                 /* jmp to the function's beginning */
    assert_true(ENDS_EPILOGUE("\xff\x25\x00\x00\x00\x00")); /* jmp *0(%rip) */
    assert_true(ENDS_EPILOGUE("\x48\xff\x25\x00\x00\x00\x00"));
    assert_true(ENDS_EPILOGUE("\x48\xff\xe0")); /* rex.w jmp *%rax */
    assert_true(ENDS_EPILOGUE("\x49\xff\xe3")); /* rex.wb jmp *%r11 */
    assert_false(ENDS_EPILOGUE("\xeb\x02"));    /* jmp within the function */
    assert_false(ENDS_EPILOGUE("\xe9\x01\x00\x00\x00"));
    assert_false(ENDS_EPILOGUE("\xff\xe0")); /* jmp *%rax: a switch */
    assert_false(ENDS_EPILOGUE("\xff\xd0")); /* call *%rax */
    assert_false(ENDS_EPILOGUE("\x90\xc3"));
}

static void frame_register(void **state)
{
    /* push %rbp; sub $0x60, %rsp; lea 0x20(%rsp), %rbp; nop; lea 0x40(%rbp), %rsp; pop %rbp; ret */
    CODE("\x55\x48\x83\xec\x60\x48\x8d\x6c\x24\x20\x90\x48\x8d\x65\x40\x5d\xc3");
    INFO_AT(INFO, 1, 0, 10, 0x25, SLOT(10, UNWIND_SET_FRAME_REGISTER, 2), SLOT(5, UNWIND_ALLOCATE_SMALL, 11),
            SLOT(1, UNWIND_PUSH_NONVOLATILE, 5));
    for (unsigned offset = 10; offset <= 11; offset++) {
        reset();
        context.Rbp = (uint64_t)(FRAME + 4);
        context.Rsp = (uint64_t)(FRAME - 9); /* the function has moved it since */
        CHECK_AT(offset, 13);
        assert_int_equal(context.Rbp, 0x20c);
        assert_int_equal(establisher, (uint64_t)FRAME);
    }
    reset();
    CHECK_AT(5, 13); /* not yet set */
    assert_int_equal(establisher, (uint64_t)FRAME);
}

static void saved_registers(void **state)
{
    CODE("\x90\x90\x90\x90");
    INFO_AT(INFO, 1, 0, 0, 0, SLOT(0, UNWIND_SAVE_XMM, 6), 2, SLOT(0, UNWIND_SAVE_XMM_FAR, 15), 0x40, 0,
            SLOT(0, UNWIND_SAVE_NONVOLATILE, 6), 6, SLOT(0, UNWIND_SAVE_NONVOLATILE_FAR, 7), 0x38, 0,
            SLOT(0, UNWIND_ALLOCATE_LARGE, 1), 0x80, 0);
    reset();
    CHECK_AT(1, 16);
    assert_int_equal(context.Rsi, 0x206);
    assert_int_equal(context.Rdi, 0x207);
    assert_int_equal(context.Xmm6.Low, 0x204);
    assert_int_equal(context.Xmm6.High, 0x205);
    assert_int_equal(context.Xmm15.Low, 0x208);
    assert_int_equal(context.Xmm15.High, 0x209);
}

static void context_pointers(void **state)
{
    KNONVOLATILE_CONTEXT_POINTERS pointers = {0};
    CODE("\x90\x90");
    INFO_AT(INFO, 1, 0, 0, 0, SLOT(0, UNWIND_SAVE_XMM, 7), 1, SLOT(0, UNWIND_ALLOCATE_SMALL, 3),
            SLOT(0, UNWIND_PUSH_NONVOLATILE, 3));
    reset();
    unwind_pe_frame(UNW_FLAG_NHANDLER, (uint64_t)image, (uint64_t)image + FUNCTION, &function, &context,
                    &handler_data, &establisher, &pointers);
    assert_ptr_equal(pointers.FloatingContext[7], FRAME + 2);
    assert_ptr_equal(pointers.IntegerContext[3], FRAME + 4);
    assert_null(pointers.IntegerContext[5]);
}

static void machine_frames(void **state)
{
    for (unsigned error_code = 0; error_code <= 1; error_code++) {
        CODE("\x90\x90");
        INFO_AT(INFO, 1, 0, 0, 0, SLOT(0, UNWIND_ALLOCATE_SMALL, 0),
                SLOT(0, UNWIND_PUSH_MACHINE_FRAME, error_code));
        reset();
        unwind_with(UNW_FLAG_NHANDLER, 1);
        assert_int_equal(context.Rip, 0x201 + error_code);
        assert_int_equal(context.Rsp, 0x204 + error_code);
    }
}

/* The second part of a function saves one more register. */
static void use_chained_function(unsigned chain_flags)
{
    CODE("\x90\x90\x90\x90\x90\x90");
    INFO_AT(CHAINED_INFO, 1, UNW_FLAG_CHAININFO, 0, 0, SLOT(0, UNWIND_SAVE_NONVOLATILE, 6), 1);
    INFO_AT(INFO, 1, chain_flags, 4, 0, SLOT(4, UNWIND_ALLOCATE_SMALL, 2),
            SLOT(2, UNWIND_PUSH_NONVOLATILE, 3));
    *(RUNTIME_FUNCTION *)behind_slots(CHAINED_INFO) = (RUNTIME_FUNCTION){FUNCTION - 0x10, FUNCTION, INFO};
    set_handler(INFO);
    function.UnwindData = CHAINED_INFO;
}

static void chained(void **state)
{
    use_chained_function(0);
    reset();
    CHECK_AT(1, 4);
    assert_int_equal(context.Rsi, 0x201);
    assert_int_equal(context.Rbx, 0x203);
    assert_int_equal(unwind_pe_primary((uint64_t)image, &function)->BeginAddress, FUNCTION - 0x10);
}

static void handler_of_chain(void **state)
{
    use_chained_function(UNW_FLAG_EHANDLER);
    reset();
    assert_int_equal(unwind_with(UNW_FLAG_EHANDLER, 1), HANDLER);
    assert_int_equal(*(uint32_t *)handler_data, HANDLER_DATA);
}

static void handlers(void **state)
{
    use_plain_function();
    INFO_AT(INFO, 1, UNW_FLAG_UHANDLER, 6, 0, SLOT(6, UNWIND_ALLOCATE_SMALL, 4),
            SLOT(2, UNWIND_PUSH_NONVOLATILE, 3), SLOT(1, UNWIND_PUSH_NONVOLATILE, 5));
    set_handler(INFO);
    const struct {
        unsigned type, offset, handler;
    } rows[] = {
        {UNW_FLAG_UHANDLER, 6, HANDLER},
        {UNW_FLAG_EHANDLER, 6, 0},
        {UNW_FLAG_EHANDLER | UNW_FLAG_UHANDLER, 6, HANDLER},
        {UNW_FLAG_NHANDLER, 6, 0},
        {UNW_FLAG_UHANDLER, 2, 0},
        {UNW_FLAG_UHANDLER, 11, 0},
    };
    for (unsigned i = 0; i < ARRAYSIZE(rows); i++) {
        reset();
        assert_int_equal(unwind_with(rows[i].type, rows[i].offset), rows[i].handler);
    }
}

static void shared_entries(void **state)
{
    use_plain_function();
    *(RUNTIME_FUNCTION *)(image + ENTRIES) = function;
    function.UnwindData = ENTRIES | RUNTIME_FUNCTION_INDIRECT;
    reset();
    CHECK_AT(6, 7);
}

static void version_2(void **state)
{
    use_plain_function();
    INFO_AT(INFO, 2, 0, 6, 0, SLOT(3, UNWIND_EPILOGUE, 1), SLOT(0, UNWIND_EPILOGUE, 0),
            SLOT(6, UNWIND_ALLOCATE_SMALL, 4), SLOT(2, UNWIND_PUSH_NONVOLATILE, 3),
            SLOT(1, UNWIND_PUSH_NONVOLATILE, 5));
    reset();
    CHECK_AT(6, 7);
    assert_int_equal(context.Rbx, 0x205);
    reset();
    CHECK_AT(11, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body),
        cmocka_unit_test(prologue),
        cmocka_unit_test(epilogue),
        cmocka_unit_test(epilogue_of_extended_registers),
        cmocka_unit_test(ends_of_epilogues),
        cmocka_unit_test(frame_register),
        cmocka_unit_test(saved_registers),
        cmocka_unit_test(context_pointers),
        cmocka_unit_test(machine_frames),
        cmocka_unit_test(chained),
        cmocka_unit_test(handler_of_chain),
        cmocka_unit_test(handlers),
        cmocka_unit_test(shared_entries),
        cmocka_unit_test(version_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
