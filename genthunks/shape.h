/* The marshalling that an export's calls need. Exports of equal shape share one thunk. */
#ifndef GENTHUNKS_SHAPE_H
#define GENTHUNKS_SHAPE_H

#include "spec.h"

/* Longest: "thunk_varargs_", 31 letters or a number of words, a NUL. */
#define SHAPE_NAME_SIZE 64

/* x86-64: each argument takes one slot, and only its kind matters. */
struct shape_x86_64 {
    char name[SHAPE_NAME_SIZE];
    unsigned count;
    bool floating[MAX_ARGUMENTS];
    bool varargs;
};

/* i386: the C function takes all arguments as words on its stack, in order. */
enum word_source { WORD_STACK, WORD_ECX, WORD_EDX };

struct shape_i386 {
    char name[SHAPE_NAME_SIZE];
    unsigned word_count;
    uint8_t words[MAX_ARGUMENTS * 4]; /* enum word_source */
    unsigned popped;                  /* bytes that the function takes off its caller's stack */
    bool varargs;
};

void shape_of_entry_x86_64(const struct entry *entry, struct shape_x86_64 *shape);
void shape_of_entry_i386(const struct entry *entry, struct shape_i386 *shape);

#endif
