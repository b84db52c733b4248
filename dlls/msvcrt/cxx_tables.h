/* A function's exception tables, in whichever format its compiler wrote them.
 *
 * A function's code is numbered in states, -1 where there is nothing to do. Each state has an unwind entry:
 * what to do when it is left, and which state is then. A try block covers the states from `low` to `high`;
 * those of its handlers' code follow, up to `handler_high`. Try blocks stand with the inner ones first. */
#ifndef MSVCRT_CXX_TABLES_H
#define MSVCRT_CXX_TABLES_H

#include "dlls/msvcrt/cxx.h"

#define CXX_NO_STATE (-1)

enum cxx_action {
    CXX_NOTHING,
    CXX_CALL_FUNCLET,   /* with the function's frame */
    CXX_DESTROY,        /* calls a destructor for the object at `object` in the frame */
    CXX_DESTROY_POINTED /* calls a destructor for what the pointer there points to */
};

struct cxx_unwind {
    int next_state;
    enum cxx_action action;
    void *code;
    uint32_t object;
};

struct cxx_try {
    int low, high, handler_high;
    uint32_t handler_count;
    const uint8_t *handlers;
};

struct cxx_handler {
    uint32_t qualifiers;
    const struct cxx_type *type; /* NULL: everything */
    int32_t object;              /* where in the frame the handler wants it; 0: nowhere */
    void *code;
    uint32_t frame_home; /* x86-64, third format: where the handler's code keeps the function's frame */
    /* Where to go on behind the handler; none if its code returns the address. */
    uint32_t continuation_count;
    uintptr_t continuations[2];
};

struct cxx_function;

struct cxx_format {
    struct cxx_unwind (*unwind)(const struct cxx_function *function, int state);
    struct cxx_try (*try_block)(const struct cxx_function *function, uint32_t index);
    /* The handler at the cursor, which then is at the next one. */
    struct cxx_handler (*next_handler)(const struct cxx_function *function, const uint8_t **cursor);
#ifdef __x86_64__
    int (*state_at)(const struct cxx_function *function, uintptr_t address);
#endif
};

struct cxx_function {
    const struct cxx_format *format;
    uintptr_t base;
    bool synchronous; /* only C++ exceptions are its business */
    bool no_exceptions;
    bool has_specification; /* of what it may throw, with `allowed_count` types */
    uint32_t try_count;
    uint32_t allowed_count;
    const uint8_t *allowed;
    int state_count;
    const uint8_t *unwinds, *tries, *addresses;
    /* Fourth format */
    uintptr_t start;
    bool is_handler;
    uint32_t frame_home;
};

/* The third format, and the two before it. */
void cxx_read_tables(struct cxx_function *function, const void *tables, uintptr_t base);

#ifdef __x86_64__
/* The fourth format, for the part of a function that begins at `start`. */
void cxx_read_tables4(struct cxx_function *function, const void *tables, uintptr_t base, uintptr_t start);
#endif

#endif
