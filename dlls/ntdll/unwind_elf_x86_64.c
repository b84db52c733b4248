/* An interpreter of DWARF call frame information that works on Windows' CONTEXT.
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
#include "dlls/ntdll/unwind_elf.h"

#define COLUMN_RSP  7
#define COLUMN_RIP  16
#define COLUMN_XMM0 17
#define COLUMNS     33

/* DWARF's numbering to that of Windows, which is the order of CONTEXT's fields from RAX to RIP. */
static const uint8_t windows_number[COLUMN_XMM0] = {0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16};

struct registers {
    DWORD64 values[COLUMN_XMM0]; /* by Windows' numbers */
};

static DWORD64 *registers_of(CONTEXT *context)
{
    return &context->Rax;
}

static uint64_t column_value(const struct registers *registers, unsigned column)
{
    return registers->values[windows_number[column]];
}

/* -- reading ---------------------------------------------------------------------------------------- */

static uint64_t read_fixed(const uint8_t **at, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, *at, size);
    *at += size;
    return value;
}

static uint64_t read_uleb(const uint8_t **at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

static int64_t read_sleb(const uint8_t **at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;;) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
        if (!(byte & 0x80))
            return byte & 0x40 && shift < 64 ? (int64_t)(value | ~0ull << shift) : (int64_t)value;
    }
}

enum {
    POINTER_ABSOLUTE = 0x00,
    POINTER_ULEB = 0x01,
    POINTER_U2 = 0x02,
    POINTER_U4 = 0x03,
    POINTER_U8 = 0x04,
    POINTER_SLEB = 0x09,
    POINTER_S2 = 0x0a,
    POINTER_S4 = 0x0b,
    POINTER_S8 = 0x0c,
    POINTER_FORMAT = 0x0f,
    POINTER_RELATIVE_TO_ITSELF = 0x10,
    POINTER_RELATION = 0x70,
    POINTER_OMITTED = 0xff,
    POINTER_SORTED_TABLE = 0x3b, /* 4 bytes, relative to the table's header: what every linker makes */
};

static uint64_t read_pointer_format(const uint8_t **at, uint8_t encoding)
{
    switch (encoding & POINTER_FORMAT) {
    case POINTER_ULEB:
        return read_uleb(at);
    case POINTER_SLEB:
        return read_sleb(at);
    case POINTER_U2:
        return read_fixed(at, 2);
    case POINTER_U4:
        return read_fixed(at, 4);
    case POINTER_S2:
        return (int16_t)read_fixed(at, 2);
    case POINTER_S4:
        return (int32_t)read_fixed(at, 4);
    default:
        return read_fixed(at, 8);
    }
}

static uint64_t read_pointer(const uint8_t **at, uint8_t encoding)
{
    uint64_t base = (encoding & POINTER_RELATION) == POINTER_RELATIVE_TO_ITSELF ? (uint64_t)*at : 0;
    return base + read_pointer_format(at, encoding);
}

/* -- finding a function's description --------------------------------------------------------------- */

/* What a CIE and one of its FDEs say, as far as it is used here. */
struct description {
    uint64_t code_alignment;
    int64_t data_alignment;
    uint64_t return_column;
    uint8_t pointer_encoding;
    bool has_augmentation;
    const uint8_t *common, *common_end; /* instructions for all functions of the CIE */
    const uint8_t *own, *own_end;       /* and for this one */
    uint64_t begin;                     /* of the function */
};

static const uint8_t *find_fde(const struct dl_find_object *object, uint64_t pc)
{
    const uint8_t *header = object->dlfo_eh_frame, *at = header + 4;
    if (!header || header[0] != 1 || header[2] == POINTER_OMITTED || header[3] != POINTER_SORTED_TABLE)
        return NULL;
    read_pointer(&at, header[1]);
    size_t count = read_pointer(&at, header[2]);
    const struct {
        int32_t function, fde;
    } *table = (const void *)at;
    int64_t wanted = pc - (uint64_t)header;
    size_t low = 0, high = count; /* the last entry at or below `wanted` is at low - 1 in the end */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table[middle].function <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? header + table[low - 1].fde : NULL;
}

/* The body of a CIE or FDE; its end is returned through `end`. NULL for the terminator. */
static const uint8_t *open_entry(const uint8_t *entry, const uint8_t **end)
{
    uint64_t length = read_fixed(&entry, 4);
    if (length == UINT32_MAX)
        length = read_fixed(&entry, 8);
    *end = entry + length;
    return length ? entry : NULL;
}

static bool read_cie(const uint8_t *cie, struct description *description)
{
    const uint8_t *at = open_entry(cie, &description->common_end);
    if (!at || read_fixed(&at, 4) != 0)
        return false;
    uint8_t version = *at++;
    const char *augmentation = (const char *)at;
    at += strlen(augmentation) + 1;
    description->code_alignment = read_uleb(&at);
    description->data_alignment = read_sleb(&at);
    description->return_column = version == 1 ? *at++ : read_uleb(&at);
    description->pointer_encoding = POINTER_ABSOLUTE;
    description->has_augmentation = augmentation[0] == 'z';
    if (!description->has_augmentation) {
        description->common = at;
        return augmentation[0] == '\0';
    }
    uint64_t size = read_uleb(&at);
    description->common = at + size;
    for (const char *letter = augmentation + 1; *letter; letter++) {
        if (*letter == 'R')
            description->pointer_encoding = *at++;
        else if (*letter == 'L')
            at++;
        else if (*letter == 'P') {
            uint8_t encoding = *at++;
            read_pointer_format(&at, encoding);
        }
    }
    return true;
}

/* False where nothing describes the function at `pc`. */
static bool describe(uint64_t pc, struct description *description)
{
    struct dl_find_object object;
    if (_dl_find_object((void *)pc, &object))
        return false;
    const uint8_t *fde = find_fde(&object, pc);
    const uint8_t *at = fde ? open_entry(fde, &description->own_end) : NULL;
    if (!at)
        return false;
    const uint8_t *cie = at;
    cie -= read_fixed(&at, 4);
    if (!read_cie(cie, description))
        return false;
    description->begin = read_pointer(&at, description->pointer_encoding);
    uint64_t size = read_pointer_format(&at, description->pointer_encoding);
    if (description->has_augmentation) {
        uint64_t augmentation_size = read_uleb(&at);
        at += augmentation_size;
    }
    description->own = at;
    return pc - description->begin < size;
}

/* -- the instructions ------------------------------------------------------------------------------- */

enum rule_kind {
    RULE_SAME,
    RULE_UNDEFINED,
    RULE_AT_OFFSET, /* saved at CFA + offset */
    RULE_IS_OFFSET, /* is CFA + offset */
    RULE_REGISTER,
    RULE_AT_EXPRESSION,
    RULE_IS_EXPRESSION,
};

/* Small, since a walk may have to do with little stack. */
struct rule {
    int32_t
        operand; /* an offset, a column, or where the expression is, from the function's own instructions */
    uint8_t kind;
};

/* How to find the caller's registers at one address of a function. The canonical frame address (CFA) is
 * the caller's stack pointer. */
struct row {
    uint64_t cfa_column;
    int64_t cfa_offset;
    const uint8_t *cfa_expression; /* instead of both, if not NULL */
    struct rule rules[COLUMNS];
};

#define REMEMBERED_ROWS 2

struct interpreter {
    const struct description *description;
    uint64_t location; /* that the next instructions speak of */
    uint64_t target;
    struct row row, initial;
    struct row remembered[REMEMBERED_ROWS];
    unsigned remembered_count;
};

static void set_rule(struct interpreter *interpreter, uint64_t column, enum rule_kind kind, int32_t operand)
{
    if (column < COLUMNS)
        interpreter->row.rules[column] = (struct rule){operand, kind};
}

static void set_offset(struct interpreter *interpreter, uint64_t column, enum rule_kind kind,
                       int64_t factored)
{
    set_rule(interpreter, column, kind, factored * interpreter->description->data_alignment);
}

static void restore_rule(struct interpreter *interpreter, uint64_t column)
{
    if (column < COLUMNS)
        interpreter->row.rules[column] = interpreter->initial.rules[column];
}

static const uint8_t *skip_expression(const uint8_t *at)
{
    uint64_t size = read_uleb(&at);
    return at + size;
}

/* The instructions that set the rule of one register. False for any other. */
static bool step_rule(struct interpreter *interpreter, uint8_t operation, const uint8_t **at)
{
    const uint8_t *start = *at;
    uint64_t column = read_uleb(at);
    switch (operation) {
    case 0x05: /* DW_CFA_offset_extended */
        set_offset(interpreter, column, RULE_AT_OFFSET, read_uleb(at));
        return true;
    case 0x06: /* DW_CFA_restore_extended */
        restore_rule(interpreter, column);
        return true;
    case 0x07: /* DW_CFA_undefined */
        set_rule(interpreter, column, RULE_UNDEFINED, 0);
        return true;
    case 0x08: /* DW_CFA_same_value */
        set_rule(interpreter, column, RULE_SAME, 0);
        return true;
    case 0x09: /* DW_CFA_register */
        set_rule(interpreter, column, RULE_REGISTER, read_uleb(at));
        return true;
    case 0x10: /* DW_CFA_expression */
    case 0x16: /* DW_CFA_val_expression */
        set_rule(interpreter, column, operation == 0x10 ? RULE_AT_EXPRESSION : RULE_IS_EXPRESSION,
                 *at - interpreter->description->own);
        *at = skip_expression(*at);
        return true;
    case 0x11: /* DW_CFA_offset_extended_sf */
        set_offset(interpreter, column, RULE_AT_OFFSET, read_sleb(at));
        return true;
    case 0x14: /* DW_CFA_val_offset */
        set_offset(interpreter, column, RULE_IS_OFFSET, read_uleb(at));
        return true;
    case 0x15: /* DW_CFA_val_offset_sf */
        set_offset(interpreter, column, RULE_IS_OFFSET, read_sleb(at));
        return true;
    default:
        *at = start;
        return false;
    }
}

/* The instructions that say where the CFA is. False for any other. */
static bool step_cfa(struct interpreter *interpreter, uint8_t operation, const uint8_t **at)
{
    struct row *row = &interpreter->row;
    switch (operation) {
    case 0x0c: /* DW_CFA_def_cfa */
        row->cfa_column = read_uleb(at);
        row->cfa_offset = read_uleb(at);
        break;
    case 0x0d: /* DW_CFA_def_cfa_register */
        row->cfa_column = read_uleb(at);
        break;
    case 0x0e: /* DW_CFA_def_cfa_offset */
        row->cfa_offset = read_uleb(at);
        break;
    case 0x0f: /* DW_CFA_def_cfa_expression */
        row->cfa_expression = *at;
        *at = skip_expression(*at);
        return true;
    case 0x12: /* DW_CFA_def_cfa_sf */
        row->cfa_column = read_uleb(at);
        row->cfa_offset = read_sleb(at) * interpreter->description->data_alignment;
        break;
    case 0x13: /* DW_CFA_def_cfa_offset_sf */
        row->cfa_offset = read_sleb(at) * interpreter->description->data_alignment;
        break;
    default:
        return false;
    }
    row->cfa_expression = NULL;
    return true;
}

static bool step_location(struct interpreter *interpreter, uint8_t operation, const uint8_t **at)
{
    uint64_t alignment = interpreter->description->code_alignment;
    switch (operation) {
    case 0x01: /* DW_CFA_set_loc */
        interpreter->location = read_pointer(at, interpreter->description->pointer_encoding);
        return true;
    case 0x02: /* DW_CFA_advance_loc1, 2, 4 */
    case 0x03:
    case 0x04:
        interpreter->location += read_fixed(at, 1 << (operation - 0x02)) * alignment;
        return true;
    default:
        return false;
    }
}

static bool step_other(struct interpreter *interpreter, uint8_t operation, const uint8_t **at)
{
    switch (operation) {
    case 0x00: /* DW_CFA_nop */
        return true;
    case 0x0a: /* DW_CFA_remember_state */
        if (interpreter->remembered_count == REMEMBERED_ROWS)
            return false;
        interpreter->remembered[interpreter->remembered_count++] = interpreter->row;
        return true;
    case 0x0b: /* DW_CFA_restore_state */
        if (!interpreter->remembered_count)
            return false;
        interpreter->row = interpreter->remembered[--interpreter->remembered_count];
        return true;
    case 0x2e: /* DW_CFA_GNU_args_size */
        read_uleb(at);
        return true;
    default:
        return false;
    }
}

/* One instruction. False for one that is unknown. */
static bool step(struct interpreter *interpreter, const uint8_t **at)
{
    uint8_t byte = *(*at)++, operand = byte & 0x3f;
    switch (byte >> 6) {
    case 1: /* DW_CFA_advance_loc */
        interpreter->location += operand * interpreter->description->code_alignment;
        return true;
    case 2: /* DW_CFA_offset */
        set_offset(interpreter, operand, RULE_AT_OFFSET, read_uleb(at));
        return true;
    case 3: /* DW_CFA_restore */
        restore_rule(interpreter, operand);
        return true;
    default:
        return step_cfa(interpreter, byte, at) || step_location(interpreter, byte, at) ||
               step_other(interpreter, byte, at) || step_rule(interpreter, byte, at);
    }
}

static bool interpret(struct interpreter *interpreter, const uint8_t *at, const uint8_t *end)
{
    while (at < end && interpreter->location <= interpreter->target)
        if (!step(interpreter, &at))
            return false;
    return true;
}

static bool find_row(struct interpreter *interpreter, const struct description *description, uint64_t pc)
{
    interpreter->description = description;
    interpreter->location = interpreter->target = pc;
    interpreter->remembered_count = 0;
    memset(&interpreter->row, 0, sizeof interpreter->row);
    if (!interpret(interpreter, description->common, description->common_end))
        return false;
    interpreter->initial = interpreter->row;
    interpreter->location = description->begin;
    return interpret(interpreter, description->own, description->own_end);
}

/* -- expressions ------------------------------------------------------------------------------------ */

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
    if (operation >= 0x70 && operation <= 0x70 + COLUMN_RIP) { /* DW_OP_breg0 to 16 */
        *result = column_value(registers, operation - 0x70) + read_sleb(at);
        return true;
    }
    if (operation >= 0x08 && operation <= 0x0f) { /* DW_OP_const1u, 1s, 2u ... 8s */
        unsigned size = 1 << ((operation - 0x08) / 2), unused = 64 - 8 * size;
        uint64_t value = read_fixed(at, size);
        *result = operation & 1 ? (uint64_t)((int64_t)(value << unused) >> unused) : value;
        return true;
    }
    if (operation == 0x10) { /* DW_OP_constu */
        *result = read_uleb(at);
        return true;
    }
    if (operation == 0x11) { /* DW_OP_consts */
        *result = read_sleb(at);
        return true;
    }
    return false;
}

/* False for an operation that is unknown, or nonsense. */
static bool evaluate(const uint8_t *at, const struct registers *registers, const uint64_t *initial,
                     uint64_t *result)
{
    uint64_t stack[EXPRESSION_STACK], size = read_uleb(&at);
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
            stack[depth - 1] = *(const uint64_t *)stack[depth - 1];
        else if (depth && operation == 0x23) /* DW_OP_plus_uconst */
            stack[depth - 1] += read_uleb(&at);
        else
            return false;
    }
    if (!depth)
        return false;
    *result = stack[depth - 1];
    return true;
}

/* -- applying a row --------------------------------------------------------------------------------- */

static void load_column(CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers, unsigned column,
                        uint64_t address)
{
    if (column >= COLUMN_XMM0) {
        unsigned number = column - COLUMN_XMM0;
        memcpy(&context->FltSave.XmmRegisters[number], (const void *)address, sizeof(M128A));
        if (pointers)
            pointers->FloatingContext[number] = (PM128A)address;
        return;
    }
    registers_of(context)[windows_number[column]] = *(const uint64_t *)address;
    if (pointers && column != COLUMN_RIP)
        pointers->IntegerContext[windows_number[column]] = (PULONG64)address;
}

/* A frame while its caller's registers are found. */
struct frame {
    const struct description *description;
    struct registers registers;
    uint64_t cfa;
};

static bool evaluate_rule(const struct frame *frame, const struct rule *rule, uint64_t *result)
{
    return evaluate(frame->description->own + rule->operand, &frame->registers, &frame->cfa, result);
}

static bool apply_rule(const struct frame *frame, const struct rule *rule, unsigned column, CONTEXT *context,
                       KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    uint64_t value = 0;
    switch ((enum rule_kind)rule->kind) {
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

static bool find_cfa(const struct row *row, struct frame *frame)
{
    if (row->cfa_expression)
        return evaluate(row->cfa_expression, &frame->registers, NULL, &frame->cfa);
    if (row->cfa_column >= COLUMN_XMM0)
        return false;
    frame->cfa = column_value(&frame->registers, row->cfa_column) + row->cfa_offset;
    return true;
}

static bool apply_row(const struct description *description, const struct row *row, CONTEXT *context,
                      KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    struct frame frame = {.description = description};
    memcpy(&frame.registers, registers_of(context), sizeof frame.registers);
    if (!find_cfa(row, &frame))
        return false;
    context->Rsp = frame.cfa;
    for (unsigned column = 0; column < COLUMNS; column++)
        if (!apply_rule(&frame, &row->rules[column], column, context, pointers))
            return false;
    return true;
}

/* -- frames ----------------------------------------------------------------------------------------- */

/* A return address belongs to the call before it, behind which the function may already end; the address
 * of a fault belongs to itself. Right behind a call both see the same row, unless the call does not
 * return: so an address that follows a call is taken for a return address. */
static bool follows_call(uint64_t pc)
{
    const uint8_t *code = (const uint8_t *)pc;
    if (code[-5] == 0xe8)
        return true;
    for (unsigned length = 2; length <= 7; length++)
        if (code[-(int)length] == 0xff && (code[1 - (int)length] >> 3 & 7) == 2)
            return true;
    return false;
}

bool unwind_is_elf(uint64_t pc)
{
    struct dl_find_object object;
    return !_dl_find_object((void *)pc, &object);
}

void unwind_elf_frame(uint64_t pc, CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    struct description description;
    struct interpreter interpreter;
    pc -= follows_call(pc);
    if (!describe(pc, &description) || description.return_column != COLUMN_RIP ||
        !find_row(&interpreter, &description, pc) ||
        !apply_row(&description, &interpreter.row, context, pointers))
        context->Rip = 0;
}
