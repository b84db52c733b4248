/* What the stub of each architecture adds to the common parts. */
#ifndef GENTHUNKS_STUB_H
#define GENTHUNKS_STUB_H

#include "spec.h"

#include <stdio.h>

#define NOT_IMPLEMENTED_THUNK "thunk_not_implemented"

struct stub_target {
    const char *pointer; /* the directive for a pointer */
    unsigned pointer_size;
    /* The name of the export's thunk. */
    void (*thunk_name)(const struct entry *entry, char *name);
    /* All thunks of the shape that `entry` is an example of. */
    void (*emit_thunk)(const struct entry *entry, FILE *out);
    /* The thunk of all `stub` exports, called NOT_IMPLEMENTED_THUNK. */
    void (*emit_not_implemented)(FILE *out);
    /* The code of a -direct export: a jump through what lies at an offset in the binding. */
    void (*emit_direct_jump)(unsigned offset, FILE *out);
};

extern const struct stub_target stub_x86_64, stub_i386;

/* See LITEWIN_STACK_PROBE. It changes no register. */
void emit_stack_probe(FILE *out);

/* Where stub.ld puts the binding: behind the one page of headers. */
#define BINDING_RVA 4096

/* Offsets in struct litewin_binding, whose members are pointers of the target. */
enum binding_member { BINDING_FUNCTIONS, BINDING_NOT_IMPLEMENTED, BINDING_DIRECT };

#endif
