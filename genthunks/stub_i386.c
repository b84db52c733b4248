/* Thunks from the i386 conventions of Windows to the C function's: all arguments on a stack that is
 * aligned to 16 bytes at the call, taken off it by the caller. Windows promises 4 bytes only. EAX,
 * the export's index, stays as it is until the call; results need no work. */
#include "shape.h"
#include "stub.h"

#include <string.h>

#define FIRST_STACK_WORD 8 /* from EBP: behind the saved EBP and the return address */

static unsigned frame_size(const struct shape_i386 *shape)
{
    unsigned bytes = 4 * (shape->word_count + shape->varargs);
    return (bytes + 15) & ~15u;
}

/* Registers are stored first, since the words from the stack pass through ECX and EDX, in turn so
 * that one copy need not wait for the other. */
static void emit_copies(const struct shape_i386 *shape, FILE *out)
{
    static const char *const registers[] = {[WORD_ECX] = "%ecx", [WORD_EDX] = "%edx"};
    unsigned stack_words = 0;
    for (unsigned i = 0; i < shape->word_count; i++)
        if (shape->words[i] != WORD_STACK)
            fprintf(out, "    movl %s, %u(%%esp)\n", registers[shape->words[i]], 4 * i);
    for (unsigned i = 0; i < shape->word_count; i++) {
        if (shape->words[i] != WORD_STACK)
            continue;
        const char *scratch = registers[stack_words % 2 ? WORD_EDX : WORD_ECX];
        fprintf(out, "    movl %u(%%ebp), %s\n    movl %s, %u(%%esp)\n", FIRST_STACK_WORD + 4 * stack_words++,
                scratch, scratch, 4 * i);
    }
    if (shape->varargs)
        fprintf(out, "    leal %u(%%ebp), %%ecx\n    movl %%ecx, %u(%%esp)\n",
                FIRST_STACK_WORD + 4 * stack_words, 4 * shape->word_count);
}

static void emit_prologue(const char *name, unsigned size, FILE *out)
{
    fprintf(out,
            "\n    .balign 16, 0xcc\n"
            "%s:\n"
            "    pushl %%ebp\n"
            "    movl %%esp, %%ebp\n"
            "    andl $-16, %%esp\n",
            name);
    if (size)
        fprintf(out, "    subl $%u, %%esp\n", size);
}

static void thunk_name(const struct entry *entry, char *name)
{
    struct shape_i386 shape;
    shape_of_entry_i386(entry, &shape);
    strcpy(name, shape.name);
}

static void emit_thunk(const struct entry *entry, FILE *out)
{
    struct shape_i386 shape;
    shape_of_entry_i386(entry, &shape);
    emit_prologue(shape.name, frame_size(&shape), out);
    emit_stack_probe(out);
    emit_copies(&shape, out);
    fputs("    movl litewin_binding, %ecx\n"
          "    call *(%ecx,%eax,4)\n"
          "    leave\n",
          out);
    if (shape.popped)
        fprintf(out, "    ret $%u\n", shape.popped);
    else
        fputs("    ret\n", out);
}

static void emit_not_implemented(FILE *out)
{
    emit_prologue(NOT_IMPLEMENTED_THUNK, 16, out);
    fprintf(out,
            "    movl $litewin_binding-%u, (%%esp)\n"
            "    movl %%eax, 4(%%esp)\n"
            "    call *litewin_binding+%u\n"
            "    leave\n"
            "    ret\n",
            BINDING_RVA, 4 * BINDING_NOT_IMPLEMENTED);
}

static void emit_direct_jump(unsigned offset, FILE *out)
{
    fprintf(out, "    jmp *litewin_binding+%u\n", offset);
}

const struct stub_target stub_i386 = {
    .pointer = ".long",
    .pointer_size = 4,
    .thunk_name = thunk_name,
    .emit_thunk = emit_thunk,
    .emit_not_implemented = emit_not_implemented,
    .emit_direct_jump = emit_direct_jump,
};
