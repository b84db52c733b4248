#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include "dlls/ntdll/frame_information.h"

/* Reading */

uint64_t frame_information_fixed(const uint8_t **at, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, *at, size);
    *at += size;
    return value;
}

uint64_t frame_information_uleb(const uint8_t **at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

int64_t frame_information_sleb(const uint8_t **at)
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
        return frame_information_uleb(at);
    case POINTER_SLEB:
        return frame_information_sleb(at);
    case POINTER_U2:
        return frame_information_fixed(at, 2);
    case POINTER_U4:
        return frame_information_fixed(at, 4);
    case POINTER_S2:
        return (int16_t)frame_information_fixed(at, 2);
    case POINTER_S4:
        return (int32_t)frame_information_fixed(at, 4);
    default:
        return frame_information_fixed(at,
                                       (encoding & POINTER_FORMAT) == POINTER_ABSOLUTE ? sizeof(void *) : 8);
    }
}

static uint64_t read_pointer(const uint8_t **at, uint8_t encoding)
{
    uint64_t base = (encoding & POINTER_RELATION) == POINTER_RELATIVE_TO_ITSELF ? (uintptr_t)*at : 0;
    return base + read_pointer_format(at, encoding);
}

/* Finding a function's description */

/* What a CIE and one of its FDEs say, as far as it is used here. */
struct description {
    uint64_t code_alignment;
    int64_t data_alignment;
    uint64_t return_column;
    uint8_t pointer_encoding;
    bool has_augmentation;
    const uint8_t *common, *common_end; /* instructions for all functions of the CIE */
    const uint8_t *own, *own_end;       /* and for this one */
    uintptr_t begin;                    /* of the function */
};

static const uint8_t *find_fde(const struct dl_find_object *object, uintptr_t pc)
{
    const uint8_t *header = object->dlfo_eh_frame, *at;
    if (!header || header[0] != 1 || header[2] == POINTER_OMITTED || header[3] != POINTER_SORTED_TABLE)
        return NULL;
    at = header + 4;
    read_pointer(&at, header[1]);
    size_t count = read_pointer(&at, header[2]);
    const struct {
        int32_t function, fde;
    } *table = (const void *)at;
    intptr_t wanted = pc - (uintptr_t)header;
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
    uint64_t length = frame_information_fixed(&entry, 4);
    if (length == UINT32_MAX)
        length = frame_information_fixed(&entry, 8);
    *end = entry + length;
    return length ? entry : NULL;
}

static bool read_cie(const uint8_t *cie, struct description *description)
{
    const uint8_t *at = open_entry(cie, &description->common_end);
    if (!at || frame_information_fixed(&at, 4) != 0)
        return false;
    uint8_t version = *at++;
    const char *augmentation = (const char *)at;
    at += strlen(augmentation) + 1;
    description->code_alignment = frame_information_uleb(&at);
    description->data_alignment = frame_information_sleb(&at);
    description->return_column = version == 1 ? *at++ : frame_information_uleb(&at);
    description->pointer_encoding = POINTER_ABSOLUTE;
    description->has_augmentation = augmentation[0] == 'z';
    if (!description->has_augmentation) {
        description->common = at;
        return augmentation[0] == '\0';
    }
    uint64_t size = frame_information_uleb(&at);
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

/* False if the FDE does not describe the function at `pc`. */
static bool read_fde(const uint8_t *fde, uintptr_t pc, struct description *description)
{
    const uint8_t *at = open_entry(fde, &description->own_end);
    if (!at)
        return false;
    const uint8_t *cie = at;
    cie -= frame_information_fixed(&at, 4);
    if (!read_cie(cie, description))
        return false;
    description->begin = read_pointer(&at, description->pointer_encoding);
    uintptr_t size = read_pointer_format(&at, description->pointer_encoding);
    if (description->has_augmentation) {
        uint64_t augmentation_size = frame_information_uleb(&at);
        at += augmentation_size;
    }
    description->own = at;
    return pc - description->begin < size;
}

/* False where nothing describes the function at `pc`. */
static bool describe(uintptr_t pc, struct description *description)
{
    struct dl_find_object object;
    if (_dl_find_object((void *)pc, &object))
        return false;
    const uint8_t *fde = find_fde(&object, pc);
    return fde && read_fde(fde, pc, description);
}

/* The instructions */

/* A row while it is made: the rules by column. Small, since a walk may have to do with little stack. */
struct rule {
    int32_t operand;
    uint8_t kind;
};

struct draft {
    uint64_t cfa_column;
    int64_t cfa_offset;
    const uint8_t *cfa_expression;
    struct rule rules[COLUMNS];
};

#define REMEMBERED_ROWS 2

struct interpreter {
    const struct description *description;
    uintptr_t location; /* that the next instructions speak of */
    uintptr_t target;
    struct draft row, initial;
    struct draft remembered[REMEMBERED_ROWS];
    unsigned remembered_count;
};

static void set_rule(struct interpreter *interpreter, uint64_t column, enum frame_rule_kind kind,
                     int32_t operand)
{
    if (column < COLUMNS)
        interpreter->row.rules[column] = (struct rule){operand, kind};
}

static void set_offset(struct interpreter *interpreter, uint64_t column, enum frame_rule_kind kind,
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
    uint64_t size = frame_information_uleb(&at);
    return at + size;
}

/* The instructions that set the rule of one register. False for any other. */
static bool step_rule(struct interpreter *interpreter, uint8_t operation, const uint8_t **at)
{
    const uint8_t *start = *at;
    uint64_t column = frame_information_uleb(at);
    switch (operation) {
    case 0x05: /* DW_CFA_offset_extended */
        set_offset(interpreter, column, RULE_AT_OFFSET, frame_information_uleb(at));
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
        set_rule(interpreter, column, RULE_REGISTER, frame_information_uleb(at));
        return true;
    case 0x10: /* DW_CFA_expression */
    case 0x16: /* DW_CFA_val_expression */
        set_rule(interpreter, column, operation == 0x10 ? RULE_AT_EXPRESSION : RULE_IS_EXPRESSION,
                 *at - interpreter->description->own);
        *at = skip_expression(*at);
        return true;
    case 0x11: /* DW_CFA_offset_extended_sf */
        set_offset(interpreter, column, RULE_AT_OFFSET, frame_information_sleb(at));
        return true;
    case 0x14: /* DW_CFA_val_offset */
        set_offset(interpreter, column, RULE_IS_OFFSET, frame_information_uleb(at));
        return true;
    case 0x15: /* DW_CFA_val_offset_sf */
        set_offset(interpreter, column, RULE_IS_OFFSET, frame_information_sleb(at));
        return true;
    default:
        *at = start;
        return false;
    }
}

/* The instructions that say where the CFA is. False for any other. */
static bool step_cfa(struct interpreter *interpreter, uint8_t operation, const uint8_t **at)
{
    struct draft *row = &interpreter->row;
    switch (operation) {
    case 0x0c: /* DW_CFA_def_cfa */
        row->cfa_column = frame_information_uleb(at);
        row->cfa_offset = frame_information_uleb(at);
        break;
    case 0x0d: /* DW_CFA_def_cfa_register */
        row->cfa_column = frame_information_uleb(at);
        break;
    case 0x0e: /* DW_CFA_def_cfa_offset */
        row->cfa_offset = frame_information_uleb(at);
        break;
    case 0x0f: /* DW_CFA_def_cfa_expression */
        row->cfa_expression = *at;
        *at = skip_expression(*at);
        return true;
    case 0x12: /* DW_CFA_def_cfa_sf */
        row->cfa_column = frame_information_uleb(at);
        row->cfa_offset = frame_information_sleb(at) * interpreter->description->data_alignment;
        break;
    case 0x13: /* DW_CFA_def_cfa_offset_sf */
        row->cfa_offset = frame_information_sleb(at) * interpreter->description->data_alignment;
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
        interpreter->location += frame_information_fixed(at, 1 << (operation - 0x02)) * alignment;
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
        frame_information_uleb(at);
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
        set_offset(interpreter, operand, RULE_AT_OFFSET, frame_information_uleb(at));
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

static bool draft_row(struct interpreter *interpreter, const struct description *description, uintptr_t pc)
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

static bool make_row(const struct description *description, uintptr_t pc, struct frame_row *row)
{
    struct interpreter interpreter;
    if (description->return_column != COLUMN_RETURN_ADDRESS || !draft_row(&interpreter, description, pc) ||
        interpreter.row.cfa_column >= COLUMN_XMM0)
        return false;
    row->cfa_column = interpreter.row.cfa_column;
    row->cfa_offset = interpreter.row.cfa_offset;
    row->cfa_expression = interpreter.row.cfa_expression;
    row->expressions = description->own;
    row->rule_count = 0;
    for (unsigned column = 0; column < COLUMNS; column++) {
        struct rule rule = interpreter.row.rules[column];
        if (rule.kind != RULE_SAME)
            row->rules[row->rule_count++] = (struct frame_rule){rule.operand, rule.kind, column};
    }
    return true;
}

bool frame_information_find(uintptr_t pc, struct frame_row *row)
{
    struct description description;
    return describe(pc, &description) && make_row(&description, pc, row);
}

/* CIEs are among them, and begin with 0 where an FDE says which CIE is its own. */
bool frame_information_find_among(const uint8_t *descriptions, size_t size, uintptr_t pc,
                                  struct frame_row *row)
{
    const uint8_t *end, *limit = descriptions + size;
    for (const uint8_t *entry = descriptions, *at; limit - entry >= 8 && (at = open_entry(entry, &end));
         entry = end) {
        struct description description;
        if (end > limit || end < at)
            return false;
        if (frame_information_fixed(&at, 4) && read_fde(entry, pc, &description))
            return make_row(&description, pc, row);
    }
    return false;
}
