/* DWARF call frame information: how Linux code's frames are laid out. */
#ifndef NTDLL_FRAME_INFORMATION_H
#define NTDLL_FRAME_INFORMATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DWARF's numbers of registers, of which a row may hold rules. */
#ifdef __x86_64__
enum {
    COLUMN_STACK_POINTER = 7,
    COLUMN_RETURN_ADDRESS = 16,
    COLUMN_XMM0 = 17,
    COLUMNS = 33,
};
#else
/* What i386 code preserves are integer registers alone. */
enum {
    COLUMN_STACK_POINTER = 4,
    COLUMN_RETURN_ADDRESS = 8,
    COLUMN_XMM0 = 9,
    COLUMNS = 9,
};
#endif

enum frame_rule_kind {
    RULE_SAME,
    RULE_UNDEFINED,
    RULE_AT_OFFSET, /* saved at CFA + operand */
    RULE_IS_OFFSET, /* is CFA + operand */
    RULE_REGISTER,  /* is the register of column `operand` */
    RULE_AT_EXPRESSION,
    RULE_IS_EXPRESSION,
};

struct frame_rule {
    int32_t operand; /* of an expression: where it is, from the row's `expressions` */
    uint8_t kind;
    uint8_t column;
};

/* How to find the caller's registers at one address of a function. The canonical frame address (CFA) is
 * the caller's stack pointer, unless a rule says otherwise. */
struct frame_row {
    uint8_t cfa_column;
    uint8_t rule_count;
    int32_t cfa_offset;
    const uint8_t *cfa_expression; /* instead of both, if not NULL; its length comes first */
    const uint8_t *expressions;
    struct frame_rule rules[COLUMNS]; /* of the columns that do not stay the same */
};

/* False where nothing describes the code at `pc`, or in a way that is not known here. */
bool frame_information_find(uintptr_t pc, struct frame_row *row);

/* The same for code of a module whose descriptions, in no order, are these bytes of its .eh_frame. */
bool frame_information_find_among(const uint8_t *descriptions, size_t size, uintptr_t pc,
                                  struct frame_row *row);

/* For expressions, which are read in the same way. */
uint64_t frame_information_fixed(const uint8_t **at, unsigned size);
uint64_t frame_information_uleb(const uint8_t **at);
int64_t frame_information_sleb(const uint8_t **at);

#endif
