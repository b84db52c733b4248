/* Walks over Linux frames, on Windows' CONTEXT. On i386 both conventions preserve the same registers, which
 * makes it simple; on x86-64:
 *
 * Which registers of a Windows frame further up are right after a walk through Linux frames?
 *
 * - Both conventions preserve RBX, RBP and R12 to R15: the Linux frames' call frame information says
 *   where they are.
 * - Windows preserves RSI, RDI and XMM6 to XMM15, Linux code may overwrite them at any time. Linux code
 *   is entered from Windows code in two ways only. A class thunk of a stub DLL saves these registers in
 *   its frame, which is a Windows frame: they come right when the walk meets its unwind data, whatever
 *   the Linux frames below it did. A -direct function either is compiled as a Windows function (ms_abi),
 *   or is written in assembly; its own call frame information then names these registers like any other
 *   that it saves, and so the interpreter knows columns for RSI, RDI and all of XMM0 to XMM15.
 * - In the other direction, Linux code that calls Windows code (ms_abi) may count on RSI, RDI and XMM6 to
 *   XMM15 being preserved by the callee. The Windows frames' unwind data brings them back, so the
 *   context of the Linux frame is exact too. */
#include <dlfcn.h>
#include "dlls/ntdll/frame_information.h"
#include "dlls/ntdll/unwind_elf.h"
#include "kernel/suspend.h"

/* DWARF's numbering to the order of CONTEXT's fields: on x86-64 from RAX to RIP, which are Windows' numbers,
 * on i386 from EDI to ESP, with three among them that DWARF does not know. */
#ifdef __x86_64__
static const uint8_t windows_number[COLUMN_XMM0] = {0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16};
#define FIELDS                       17
#define FIRST_FIELD(context)         (&(context)->Rax)
#define STACK_POINTER(context)       ((context)->Rsp)
#define INSTRUCTION_POINTER(context) ((context)->Rip)
#else
static const uint8_t windows_number[COLUMN_XMM0] = {5, 4, 3, 2, 10, 6, 1, 0, 7};
#define FIELDS                       11
#define FIRST_FIELD(context)         (&(context)->Edi)
#define STACK_POINTER(context)       ((context)->Esp)
#define INSTRUCTION_POINTER(context) ((context)->Eip)
#endif

struct registers {
    uintptr_t values[FIELDS];
};

static uintptr_t *registers_of(CONTEXT *context)
{
    return (uintptr_t *)FIRST_FIELD(context);
}

static uintptr_t column_value(const struct registers *registers, unsigned column)
{
    return registers->values[windows_number[column]];
}

/* Expressions */

#define EXPRESSION_STACK 16

/* The operations on the two topmost values. False for any other. */
static bool evaluate_binary(uint8_t operation, uint64_t left, uint64_t right, uint64_t *result)
{
    switch (operation) {
    case 0x1a: /* DW_OP_and */
        *result = left & right;
        return true;
    case 0x1c: /* DW_OP_minus */
        *result = left - right;
        return true;
    case 0x1e: /* DW_OP_mul */
        *result = left * right;
        return true;
    case 0x21: /* DW_OP_or */
        *result = left | right;
        return true;
    case 0x22: /* DW_OP_plus */
        *result = left + right;
        return true;
    case 0x24: /* DW_OP_shl */
        *result = left << right;
        return true;
    case 0x25: /* DW_OP_shr */
        *result = left >> right;
        return true;
    case 0x29: /* DW_OP_eq */
        *result = left == right;
        return true;
    case 0x2a: /* DW_OP_ge */
        *result = (int64_t)left >= (int64_t)right;
        return true;
    case 0x2d: /* DW_OP_lt */
        *result = (int64_t)left < (int64_t)right;
        return true;
    case 0x2e: /* DW_OP_ne */
        *result = left != right;
        return true;
    default:
        return false;
    }
}

/* The operations that put a value on the stack. False for any other. */
static bool evaluate_push(uint8_t operation, const uint8_t **at, const struct registers *registers,
                          uint64_t *result)
{
    if (operation >= 0x30 && operation <= 0x4f) { /* DW_OP_lit0 to 31 */
        *result = operation - 0x30;
        return true;
    }
    if (operation >= 0x70 && operation <= 0x70 + COLUMN_RETURN_ADDRESS) { /* DW_OP_breg0 to 16 */
        *result = column_value(registers, operation - 0x70) + frame_information_sleb(at);
        return true;
    }
    if (operation >= 0x08 && operation <= 0x0f) { /* DW_OP_const1u, 1s, 2u ... 8s */
        unsigned size = 1 << ((operation - 0x08) / 2), unused = 64 - 8 * size;
        uint64_t value = frame_information_fixed(at, size);
        *result = operation & 1 ? (uint64_t)((int64_t)(value << unused) >> unused) : value;
        return true;
    }
    if (operation == 0x10) { /* DW_OP_constu */
        *result = frame_information_uleb(at);
        return true;
    }
    if (operation == 0x11) { /* DW_OP_consts */
        *result = frame_information_sleb(at);
        return true;
    }
    return false;
}

/* False for an operation that is unknown, or nonsense. */
static bool evaluate(const uint8_t *at, const struct registers *registers, const uintptr_t *initial,
                     uintptr_t *result)
{
    uint64_t stack[EXPRESSION_STACK], size = frame_information_uleb(&at);
    const uint8_t *end = at + size;
    unsigned depth = 0;
    if (initial)
        stack[depth++] = *initial;
    while (at < end) {
        uint8_t operation = *at++;
        if (depth < EXPRESSION_STACK && evaluate_push(operation, &at, registers, &stack[depth]))
            depth++;
        else if (depth >= 2 &&
                 evaluate_binary(operation, stack[depth - 2], stack[depth - 1], &stack[depth - 2]))
            depth--;
        else if (depth && operation == 0x06) /* DW_OP_deref */
            stack[depth - 1] = *(const uintptr_t *)(uintptr_t)stack[depth - 1];
        else if (depth && operation == 0x23) /* DW_OP_plus_uconst */
            stack[depth - 1] += frame_information_uleb(&at);
        else
            return false;
    }
    if (!depth)
        return false;
    *result = stack[depth - 1];
    return true;
}

/* Applying a row */

static void load_column(CONTEXT *context, unwind_pointers *pointers, unsigned column, uintptr_t address)
{
#ifdef __x86_64__
    if (column >= COLUMN_XMM0) {
        unsigned number = column - COLUMN_XMM0;
        memcpy(&context->FltSave.XmmRegisters[number], (const void *)address, sizeof(M128A));
        if (pointers)
            pointers->FloatingContext[number] = (PM128A)address;
        return;
    }
    if (pointers && column != COLUMN_RETURN_ADDRESS)
        pointers->IntegerContext[windows_number[column]] = (PULONG64)address;
#endif
    registers_of(context)[windows_number[column]] = *(const uintptr_t *)address;
}

/* A frame while its caller's registers are found. */
struct frame {
    const struct frame_row *row;
    struct registers registers;
    uintptr_t cfa;
};

static bool evaluate_rule(const struct frame *frame, const struct frame_rule *rule, uintptr_t *result)
{
    return evaluate(frame->row->expressions + rule->operand, &frame->registers, &frame->cfa, result);
}

static bool apply_rule(const struct frame *frame, const struct frame_rule *rule, CONTEXT *context,
                       unwind_pointers *pointers)
{
    unsigned column = rule->column;
    uintptr_t value = 0;
    switch ((enum frame_rule_kind)rule->kind) {
    case RULE_SAME:
        return true;
    case RULE_AT_OFFSET:
        load_column(context, pointers, column, frame->cfa + rule->operand);
        return true;
    case RULE_AT_EXPRESSION:
        if (!evaluate_rule(frame, rule, &value))
            return false;
        load_column(context, pointers, column, value);
        return true;
    case RULE_IS_OFFSET:
        value = frame->cfa + rule->operand;
        break;
    case RULE_IS_EXPRESSION:
        if (!evaluate_rule(frame, rule, &value))
            return false;
        break;
    case RULE_REGISTER:
        if (rule->operand >= COLUMN_XMM0)
            return false;
        value = column_value(&frame->registers, rule->operand);
        break;
    case RULE_UNDEFINED: /* Only the return address matters: there is no caller. */
        break;
    }
    if (column < COLUMN_XMM0)
        registers_of(context)[windows_number[column]] = value;
    return true;
}

static bool find_cfa(struct frame *frame)
{
    const struct frame_row *row = frame->row;
    if (row->cfa_expression)
        return evaluate(row->cfa_expression, &frame->registers, NULL, &frame->cfa);
    frame->cfa = column_value(&frame->registers, row->cfa_column) + row->cfa_offset;
    return true;
}

static bool apply_row(const struct frame_row *row, CONTEXT *context, unwind_pointers *pointers)
{
    struct frame frame = {.row = row};
    memcpy(&frame.registers, registers_of(context), sizeof frame.registers);
    if (!find_cfa(&frame))
        return false;
    STACK_POINTER(context) = frame.cfa;
    for (unsigned i = 0; i < row->rule_count; i++)
        if (!apply_rule(&frame, &row->rules[i], context, pointers))
            return false;
    return true;
}

/* Rows that were found before */

/* Most walks cross the same few frames: those of the dispatcher itself and of the functions that take
 * callbacks. What is found once stays; where there is no place left, it is found anew each time. Nothing is
 * allocated, since a fault may have happened inside the allocator, and Linux code is never unloaded. */
#define CACHED_ROWS  64 /* a power of two */
#define CACHE_PROBES 4

static struct cached_row {
    uintptr_t pc; /* set when the rest is complete */
    uint32_t taken;
    struct frame_row row;
} cache[CACHED_ROWS];

static struct cached_row *cache_place(uintptr_t pc, unsigned probe)
{
    return &cache[((uint32_t)(pc ^ pc >> 16) * 0x9E3779B1u >> 24 ^ probe) % CACHED_ROWS];
}

static const struct frame_row *find_cached(uintptr_t pc)
{
    for (unsigned probe = 0; probe < CACHE_PROBES; probe++) {
        const struct cached_row *place = cache_place(pc, probe);
        if (__atomic_load_n(&place->pc, __ATOMIC_ACQUIRE) == pc)
            return &place->row;
    }
    return NULL;
}

static void keep(uintptr_t pc, const struct frame_row *row)
{
    for (unsigned probe = 0; probe < CACHE_PROBES; probe++) {
        struct cached_row *place = cache_place(pc, probe);
        if (__atomic_exchange_n(&place->taken, true, __ATOMIC_ACQ_REL))
            continue;
        place->row = *row;
        __atomic_store_n(&place->pc, pc, __ATOMIC_RELEASE);
        return;
    }
}

/* Frames */

/* A return address belongs to the call before it, behind which the function may already end; the address
 * of a fault belongs to itself. Right behind a call both see the same row, unless the call does not
 * return: so an address that follows a call is taken for a return address. */
static bool follows_call(uintptr_t pc)
{
    const uint8_t *code = (const uint8_t *)pc;
    if (code[-5] == 0xe8)
        return true;
    for (unsigned length = 2; length <= 7; length++)
        if (code[-(int)length] == 0xff && (code[1 - (int)length] >> 3 & 7) == 2)
            return true;
    return false;
}

bool unwind_is_elf(uintptr_t pc)
{
    struct dl_find_object object;
    return find_cached(pc) || !_dl_find_object((void *)pc, &object);
}

/* Frames that wait for a suspended thread's return from Linux code (kernel/suspend.c) are made to look as
 * they were. */
static void apply_or_end(const struct frame_row *row, CONTEXT *context, unwind_pointers *pointers)
{
    if (!row || !apply_row(row, context, pointers))
        INSTRUCTION_POINTER(context) = 0;
    INSTRUCTION_POINTER(context) = suspend_true_return(INSTRUCTION_POINTER(context));
}

void unwind_described_frame(const struct frame_row *row, CONTEXT *context)
{
    apply_or_end(row, context, NULL);
}

/* Where such a thread is seldom repeats. */
void unwind_elf_interrupted_frame(CONTEXT *context)
{
    struct frame_row row;
    bool found = frame_information_find(INSTRUCTION_POINTER(context), &row);
    apply_or_end(found ? &row : NULL, context, NULL);
}

void unwind_elf_frame(uintptr_t pc, CONTEXT *context, unwind_pointers *pointers)
{
    struct frame_row found;
    const struct frame_row *row = find_cached(pc);
    if (!row && frame_information_find(pc - follows_call(pc), &found)) {
        keep(pc, &found);
        row = &found;
    }
    apply_or_end(row, context, pointers);
}
