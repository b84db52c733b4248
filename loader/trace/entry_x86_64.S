/* Where the calls of traced exports come first. Each entry (entry.c) loads its struct trace_export into R11 and
 * jumps to one of the three places below. */

#define EXPORT_FUNCTION   0
#define EXPORT_STACK_SIZE 8

/* struct trace_frame */
#define INTEGERS   0
#define FLOATS     48
#define STACK      112
#define EXPORT     120
#define RESULT     128
#define FLOAT      136
#define FRAME_SIZE 160

    .macro save_floats
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7
    movsd %xmm\number, FLOATS+8*\number(%rbx)
    .endr
    .endm

    .macro load_floats
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7
    movsd FLOATS+8*\number(%rbx), %xmm\number
    .endr
    .endm

    /* RBX is the frame from here on. Copies the arguments on the stack to where the function finds them. */
    .macro copy_stack
    movq EXPORT(%rbx), %rax
    movl EXPORT_STACK_SIZE(%rax), %ecx
    testl %ecx, %ecx
    jz 2f
    leaq 15(%rcx), %rdx
    andq $-16, %rdx
    subq %rdx, %rsp
    movq STACK(%rbx), %rsi
1:  movq -8(%rsi,%rcx), %rax
    movq %rax, -8(%rsp,%rcx)
    subl $8, %ecx
    jnz 1b
2:
    .endm

    .macro open_frame
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %rbx
    .cfi_offset %rbx, -24
    .endm

    /* The integer registers are saved before this, and loaded behind it. */
    .macro tell_call
    save_floats
    leaq 16(%rbp), %rax
    movq %rax, STACK(%rbx)
    movq %r11, EXPORT(%rbx)
    movq %rbx, %rdi
    call trace_enter
    copy_stack
    load_floats
    .endm

    .macro call_function
    movq EXPORT(%rbx), %r11
    call *EXPORT_FUNCTION(%r11)
    movq %rbx, %rsp
    movq %rax, RESULT(%rbx)
    movsd %xmm0, FLOAT(%rbx)
    movq %rbx, %rdi
    call trace_leave
    movq RESULT(%rbx), %rax
    movsd FLOAT(%rbx), %xmm0
    .endm

    .text

/* A Linux function, called by its class thunk. */
    .globl trace_entry_linux
    .hidden trace_entry_linux
    .type trace_entry_linux, @function
trace_entry_linux:
    .cfi_startproc
    open_frame
    subq $FRAME_SIZE+8, %rsp
    movq %rsp, %rbx
    movq %rdi, INTEGERS(%rbx)
    movq %rsi, INTEGERS+8(%rbx)
    movq %rdx, INTEGERS+16(%rbx)
    movq %rcx, INTEGERS+24(%rbx)
    movq %r8, INTEGERS+32(%rbx)
    movq %r9, INTEGERS+40(%rbx)
    tell_call
    movq INTEGERS(%rbx), %rdi
    movq INTEGERS+8(%rbx), %rsi
    movq INTEGERS+16(%rbx), %rdx
    movq INTEGERS+24(%rbx), %rcx
    movq INTEGERS+32(%rbx), %r8
    movq INTEGERS+40(%rbx), %r9
    call_function
    movq -8(%rbp), %rbx
    leave
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size trace_entry_linux, . - trace_entry_linux

    .macro save_windows number
    movups %xmm\number, 16*(\number-6)-192(%rbp)
    /* DWARF numbers XMM6 to XMM15 from 23 on. */
    .cfi_rel_offset 17+\number, 16*(\number-6)-192
    .endm

/* A -direct function, called by the program: what Windows preserves is saved for the tracer's sake. */
    .globl trace_entry_windows
    .hidden trace_entry_windows
    .type trace_entry_windows, @function
trace_entry_windows:
    .cfi_startproc
    open_frame
    pushq %rdi
    .cfi_offset %rdi, -32
    pushq %rsi
    .cfi_offset %rsi, -40
    subq $FRAME_SIZE+160+8, %rsp
    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    save_windows \number
    .endr
    andq $-16, %rsp
    movq %rsp, %rbx
    movq %rcx, INTEGERS(%rbx)
    movq %rdx, INTEGERS+8(%rbx)
    movq %r8, INTEGERS+16(%rbx)
    movq %r9, INTEGERS+24(%rbx)
    tell_call
    movq INTEGERS(%rbx), %rcx
    movq INTEGERS+8(%rbx), %rdx
    movq INTEGERS+16(%rbx), %r8
    movq INTEGERS+24(%rbx), %r9
    call_function
    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movups 16*(\number-6)-192(%rbp), %xmm\number
    .endr
    movq -24(%rbp), %rsi
    movq -16(%rbp), %rdi
    movq -8(%rbp), %rbx
    leave
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size trace_entry_windows, . - trace_entry_windows

/* A -norelay function, which must find all as its caller left it. The tracer hears of the call, not of its end. */
    .globl trace_entry_jump
    .hidden trace_entry_jump
    .type trace_entry_jump, @function
trace_entry_jump:
    .cfi_startproc
    pushfq
    .cfi_adjust_cfa_offset 8
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    .irp register, rbx, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
    pushq %\register
    .endr
    .cfi_offset %rbx, -32
    .cfi_offset %rsi, -64
    .cfi_offset %rdi, -72
    andq $-16, %rsp
    subq $512, %rsp
    fxsave64 (%rsp)
    cld
    subq $FRAME_SIZE, %rsp
    movq %rsp, %rbx
    movq %rcx, INTEGERS(%rbx)
    movq %rdx, INTEGERS+8(%rbx)
    movq %r8, INTEGERS+16(%rbx)
    movq %r9, INTEGERS+24(%rbx)
    save_floats
    leaq 24(%rbp), %rax
    movq %rax, STACK(%rbx)
    movq %r11, EXPORT(%rbx)
    movq %rbx, %rdi
    call trace_pass
    fxrstor64 FRAME_SIZE(%rsp)
    leaq -80(%rbp), %rsp
    .irp register, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax, rbx
    popq %\register
    .endr
    popq %rbp
    .cfi_def_cfa %rsp, 16
    popfq
    .cfi_adjust_cfa_offset -8
    jmp *EXPORT_FUNCTION(%r11)
    .cfi_endproc
    .size trace_entry_jump, . - trace_entry_jump
    .section .note.GNU-stack, "", @progbits
