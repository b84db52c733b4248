/* Where the calls of traced exports come first. Each entry (entry.c) pushes the address of its struct
 * trace_export and jumps to one of the two places below. */

#define EXPORT_FUNCTION   0
#define EXPORT_STACK_SIZE 4
#define EXPORT_POPPED     8
#define EXPORT_FLAGS      12
#define FLOAT_RESULT      1

/* struct trace_frame */
#define INTEGERS   0
#define STACK      8
#define EXPORT     12
#define RESULT     16
#define FLOAT      24
#define FRAME_SIZE 48

    .text

/* Any function: its arguments are on the stack, the first perhaps in ECX and EDX. EBX is the frame. */
    .globl trace_entry_call
    .hidden trace_entry_call
    .type trace_entry_call, @function
trace_entry_call:
    .cfi_startproc
    .cfi_def_cfa_offset 8
    pushl %ebp
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %ebp, 0
    movl %esp, %ebp
    .cfi_def_cfa_register %ebp
    pushl %ebx
    .cfi_offset %ebx, -16
    pushl %esi
    .cfi_offset %esi, -20
    subl $FRAME_SIZE, %esp
    andl $-16, %esp
    movl %esp, %ebx
    movl %ecx, INTEGERS(%ebx)
    movl %edx, INTEGERS+4(%ebx)
    leal 12(%ebp), %eax
    movl %eax, STACK(%ebx)
    movl 4(%ebp), %eax
    movl %eax, EXPORT(%ebx)
    subl $12, %esp
    pushl %ebx
    call trace_enter
    movl EXPORT(%ebx), %eax
    movl EXPORT_STACK_SIZE(%eax), %ecx
    leal 15(%ecx), %edx
    andl $-16, %edx
    movl %ebx, %esp
    subl %edx, %esp
    testl %ecx, %ecx
    jz 2f
    movl STACK(%ebx), %esi
1:  movl -4(%esi,%ecx), %edx
    movl %edx, -4(%esp,%ecx)
    subl $4, %ecx
    jnz 1b
2:  movl INTEGERS(%ebx), %ecx
    movl INTEGERS+4(%ebx), %edx
    call *EXPORT_FUNCTION(%eax)
    movl %eax, RESULT(%ebx)
    movl %edx, RESULT+4(%ebx)
    movl EXPORT(%ebx), %ecx
    testl $FLOAT_RESULT, EXPORT_FLAGS(%ecx)
    jz 3f
    fstpt FLOAT(%ebx)
3:  movl %ebx, %esp
    subl $12, %esp
    pushl %ebx
    call trace_leave
    movl EXPORT(%ebx), %ecx
    testl $FLOAT_RESULT, EXPORT_FLAGS(%ecx)
    jz 4f
    fldt FLOAT(%ebx)
4:  movl RESULT(%ebx), %eax
    movl RESULT+4(%ebx), %edx
    /* The return address goes to where the stack is to end: over the entry's word and what is popped. */
    movl EXPORT_POPPED(%ecx), %ecx
    leal 8(%ebp,%ecx), %ecx
    pushl 8(%ebp)
    popl (%ecx)
    movl -4(%ebp), %ebx
    movl -8(%ebp), %esi
    movl (%ebp), %ebp
    movl %ecx, %esp
    .cfi_def_cfa %esp, 4
    .cfi_restore %ebp
    .cfi_restore %ebx
    .cfi_restore %esi
    ret
    .cfi_endproc
    .size trace_entry_call, . - trace_entry_call

/* A -norelay function, which must find all as its caller left it. The tracer hears of the call, not of its end. */
    .globl trace_entry_jump
    .hidden trace_entry_jump
    .type trace_entry_jump, @function
trace_entry_jump:
    .cfi_startproc
    .cfi_def_cfa_offset 8
    pushfl
    .cfi_adjust_cfa_offset 4
    pushl %ebp
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %ebp, 0
    movl %esp, %ebp
    .cfi_def_cfa_register %ebp
    .irp register, ebx, eax, ecx, edx, esi, edi
    pushl %\register
    .endr
    .cfi_offset %ebx, -20
    .cfi_offset %esi, -36
    .cfi_offset %edi, -40
    andl $-16, %esp
    subl $512, %esp
    fxsave (%esp)
    fninit
    cld
    subl $FRAME_SIZE, %esp
    movl %esp, %ebx
    movl %ecx, INTEGERS(%ebx)
    movl %edx, INTEGERS+4(%ebx)
    leal 16(%ebp), %eax
    movl %eax, STACK(%ebx)
    movl 8(%ebp), %eax
    movl %eax, EXPORT(%ebx)
    subl $12, %esp
    pushl %ebx
    call trace_pass
    addl $16, %esp
    fxrstor FRAME_SIZE(%esp)
    /* The entry's word becomes the place to go on at. */
    movl 8(%ebp), %eax
    movl EXPORT_FUNCTION(%eax), %eax
    movl %eax, 8(%ebp)
    leal -24(%ebp), %esp
    .irp register, edi, esi, edx, ecx, eax, ebx
    popl %\register
    .endr
    popl %ebp
    .cfi_def_cfa %esp, 12
    popfl
    .cfi_adjust_cfa_offset -4
    ret
    .cfi_endproc
    .size trace_entry_jump, . - trace_entry_jump
    .section .note.GNU-stack, "", @progbits
