/* The argument and result types that a .spec line may name. */
#ifndef GENTHUNKS_TYPES_H
#define GENTHUNKS_TYPES_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

/* What the C function must take or return where the .spec names the type. "Slot" is the size of a
 * pointer. A structure passed by value counts as an integer of its size if it holds no floating
 * member, since that is how both sides pass it. */
enum c_rule {
    C_UP_TO_SLOT, /* any integer or pointer that fits a slot: winebuild's `long` says no more */
    C_INTEGER_1,
    C_INTEGER_2,
    C_INTEGER_4,
    C_INTEGER_8,
    C_POINTER,
    C_INTEGER_OF_SLOT,
    C_POINTER_OR_SLOT, /* a pointer or an integer of its size */
    C_BYTES_16,        /* 16 bytes by value on i386, a pointer to them on x86-64 */
    C_FLOAT,
    C_DOUBLE,
    C_VOID,
    C_POINTED_TO, /* a structure: the type is good only for what points to it */
};

struct spec_type {
    const char *name;
    enum c_rule rule;
    uint8_t i386_bytes; /* of the argument on the stack */
    bool win16;         /* 16-bit files only */
};

/* NULL if there is no such type. `name*` is a pointer to `name`: the function leaves a result there. */
const struct spec_type *find_type(struct arena *arena, const char *name);

static inline bool type_is_floating(const struct spec_type *type)
{
    return type->rule == C_FLOAT || type->rule == C_DOUBLE;
}

#endif
