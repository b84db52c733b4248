/* Thunks from Microsoft's x64 convention to the System V one.
 *
 * Frame, from the stack pointer upwards: arguments for the C function, XMM6 to XMM15, RBP, RSI, RDI,
 * the return address, the caller's home space and stack arguments. What Windows preserves and
 * System V does not is saved and described by unwind data, so that an exception may pass. RAX, the
 * export's index, stays as it is until the call.
 *
 * The C function needs a stack that is aligned to 16 bytes. Windows' own functions mostly do not, and
 * there are programs that count on it: whoever sends a thread to another function by its context seldom
 * cares. So RBP is the frame's pointer, and the stack pointer goes to the next multiple below. */
#include "shape.h"
#include "stub.h"

#include <string.h>

#define FIRST_SAVED_XMM 6
#define LAST_SAVED_XMM  15
#define SAVED_XMM_SIZE  (16 * (LAST_SAVED_XMM - FIRST_SAVED_XMM + 1))

static const char *const sysv_integers[] = {"%rdi", "%rsi", "%rdx", "%rcx", "%r8", "%r9"};
static const char *const windows_integers[] = {"%rcx", "%rdx", "%r8", "%r9"};

#define SYSV_INTEGERS     6
#define SYSV_FLOATS       8
#define WINDOWS_REGISTERS 4

/* Where RBP points, counted from the frame's lowest byte: the middle, for short displacements. */
#define FRAME_POINTER_OFFSET 128

struct frame {
    unsigned outgoing; /* bytes of stack arguments, a multiple of 16 */
    unsigned size;     /* what is taken off the stack pointer after the three pushes */
};

/* RSP is 8 bytes off a multiple of 16 at entry, as a rule, and thus no more after three pushes. */
static struct frame frame_with_outgoing(unsigned bytes)
{
    unsigned outgoing = (bytes + 15) & ~15u;
    return (struct frame){outgoing, outgoing + SAVED_XMM_SIZE};
}

static unsigned outgoing_bytes(const struct shape_x86_64 *shape)
{
    unsigned integers = shape->varargs, floats = 0;
    for (unsigned i = 0; i < shape->count; i++)
        *(shape->floating[i] ? &floats : &integers) += 1;
    unsigned slots = integers > SYSV_INTEGERS ? integers - SYSV_INTEGERS : 0;
    slots += floats > SYSV_FLOATS ? floats - SYSV_FLOATS : 0;
    return 8 * slots;
}

/* Where the caller keeps the argument of a position, relative to RBP: the first four have home space. */
static unsigned incoming_offset(const struct frame *frame, unsigned position)
{
    const unsigned pushed_registers_and_return = 32;
    return frame->size + pushed_registers_and_return + 8 * position - FRAME_POINTER_OFFSET;
}

static int saved_xmm_offset(const struct frame *frame, unsigned xmm)
{
    return frame->outgoing + 16 * (xmm - FIRST_SAVED_XMM);
}

static void emit_prologue(const char *name, const struct frame *frame, FILE *out)
{
    fprintf(out,
            "\n    .balign 16, 0xcc\n"
            "    .seh_proc %s\n"
            "%s:\n"
            "    pushq %%rdi\n    .seh_pushreg %%rdi\n"
            "    pushq %%rsi\n    .seh_pushreg %%rsi\n"
            "    pushq %%rbp\n    .seh_pushreg %%rbp\n"
            "    subq $%u, %%rsp\n    .seh_stackalloc %u\n"
            "    leaq %u(%%rsp), %%rbp\n    .seh_setframe %%rbp, %u\n",
            name, name, frame->size, frame->size, FRAME_POINTER_OFFSET, FRAME_POINTER_OFFSET);
    for (unsigned xmm = FIRST_SAVED_XMM; xmm <= LAST_SAVED_XMM; xmm++) {
        int offset = saved_xmm_offset(frame, xmm);
        fprintf(out, "    movups %%xmm%u, %d(%%rbp)\n    .seh_savexmm %%xmm%u, %d\n", xmm,
                offset - FRAME_POINTER_OFFSET, xmm, offset);
    }
    fputs("    .seh_endprologue\n"
          "    andq $-16, %rsp\n",
          out);
}

static void emit_epilogue(const struct frame *frame, FILE *out)
{
    for (unsigned xmm = FIRST_SAVED_XMM; xmm <= LAST_SAVED_XMM; xmm++)
        fprintf(out, "    movups %d(%%rbp), %%xmm%u\n", saved_xmm_offset(frame, xmm) - FRAME_POINTER_OFFSET,
                xmm);
    fprintf(out,
            "    leaq %u(%%rbp), %%rsp\n"
            "    popq %%rbp\n"
            "    popq %%rsi\n"
            "    popq %%rdi\n"
            "    ret\n"
            "    .seh_endproc\n",
            frame->size - FRAME_POINTER_OFFSET);
}

/* Where the next argument of each kind goes. */
struct destinations {
    unsigned integers, floats, stack;
};

static void move_integer(const struct frame *frame, unsigned position, struct destinations *next, FILE *out)
{
    bool in_register = position < WINDOWS_REGISTERS, to_register = next->integers < SYSV_INTEGERS;
    const char *destination = to_register ? sysv_integers[next->integers++] : "%r10";
    if (in_register)
        fprintf(out, "    movq %s, %s\n", windows_integers[position], destination);
    else
        fprintf(out, "    movq %u(%%rbp), %s\n", incoming_offset(frame, position), destination);
    if (!to_register)
        fprintf(out, "    movq %%r10, %u(%%rsp)\n", 8 * next->stack++);
}

static void move_float(const struct frame *frame, unsigned position, struct destinations *next, FILE *out)
{
    if (next->floats == SYSV_FLOATS) {
        fprintf(out, "    movq %u(%%rbp), %%r10\n    movq %%r10, %u(%%rsp)\n",
                incoming_offset(frame, position), 8 * next->stack++);
        return;
    }
    unsigned destination = next->floats++;
    if (position >= WINDOWS_REGISTERS)
        fprintf(out, "    movsd %u(%%rbp), %%xmm%u\n", incoming_offset(frame, position), destination);
    else if (destination != position)
        fprintf(out, "    movaps %%xmm%u, %%xmm%u\n", position, destination);
}

/* The variable arguments become an array: those in registers join the rest in their home space. */
static void pass_variable_arguments(const struct shape_x86_64 *shape, const struct frame *frame,
                                    struct destinations *next, FILE *out)
{
    bool to_register = next->integers < SYSV_INTEGERS;
    const char *destination = to_register ? sysv_integers[next->integers++] : "%r10";
    fprintf(out, "    leaq %u(%%rbp), %s\n", incoming_offset(frame, shape->count), destination);
    if (!to_register)
        fprintf(out, "    movq %%r10, %u(%%rsp)\n", 8 * next->stack++);
}

/* In the order of positions no move overwrites a register that is still to be read, since an
 * argument's place in either convention's sequence is never behind its position. */
static void emit_moves(const struct shape_x86_64 *shape, const struct frame *frame, FILE *out)
{
    struct destinations next = {0};
    for (unsigned i = shape->count; shape->varargs && i < WINDOWS_REGISTERS; i++)
        fprintf(out, "    movq %s, %u(%%rbp)\n", windows_integers[i], incoming_offset(frame, i));
    for (unsigned i = 0; i < shape->count; i++) {
        if (shape->floating[i])
            move_float(frame, i, &next, out);
        else
            move_integer(frame, i, &next, out);
    }
    if (shape->varargs)
        pass_variable_arguments(shape, frame, &next, out);
}

static void thunk_name(const struct entry *entry, char *name)
{
    struct shape_x86_64 shape;
    shape_of_entry_x86_64(entry, &shape);
    strcpy(name, shape.name);
}

static void emit_thunk(const struct entry *entry, FILE *out)
{
    struct shape_x86_64 shape;
    shape_of_entry_x86_64(entry, &shape);
    struct frame frame = frame_with_outgoing(outgoing_bytes(&shape));
    emit_prologue(shape.name, &frame, out);
    emit_stack_probe(out);
    emit_moves(&shape, &frame, out);
    fputs("    movq litewin_binding(%rip), %r11\n"
          "    call *(%r11,%rax,8)\n",
          out);
    emit_epilogue(&frame, out);
}

/* The handler does not come back, but an exception that it raises may pass here. */
static void emit_not_implemented(FILE *out)
{
    struct frame frame = frame_with_outgoing(0);
    emit_prologue(NOT_IMPLEMENTED_THUNK, &frame, out);
    fprintf(out,
            "    leaq litewin_binding-%u(%%rip), %%rdi\n"
            "    movl %%eax, %%esi\n"
            "    call *litewin_binding+%u(%%rip)\n",
            BINDING_RVA, 8 * BINDING_NOT_IMPLEMENTED);
    emit_epilogue(&frame, out);
}

static void emit_direct_jump(unsigned offset, FILE *out)
{
    fprintf(out, "    jmp *litewin_binding+%u(%%rip)\n", offset);
}

const struct stub_target stub_x86_64 = {
    .pointer = ".quad",
    .pointer_size = 8,
    .thunk_name = thunk_name,
    .emit_thunk = emit_thunk,
    .emit_not_implemented = emit_not_implemented,
    .emit_direct_jump = emit_direct_jump,
};
