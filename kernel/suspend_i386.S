/* Where a thread that was suspended inside Linux code comes out of it. */

    .text

/* Reached by a return: the stack pointer is as the return leaves it. All registers are kept, the result on the
 * x87 stack included. suspend_returned fills in where to go on. */
    .globl  suspend_trap
    .hidden suspend_trap, suspend_returned
    .type   suspend_trap, @function
    .cfi_startproc
    .cfi_undefined %eip
    nop     /* An unwinder looks at the instruction before a return address. */
suspend_trap:
    pushl   $0
    pushl   %ebp
    movl    %esp, %ebp
    pushl   %eax
    pushl   %ecx
    pushl   %edx
    subl    $512, %esp
    andl    $-16, %esp
    fxsave  (%esp)
    movl    %esp, %ecx
    leal    -12(%ebp), %eax
    subl    $8, %esp
    pushl   %ecx
    pushl   %eax
    cld
    call    suspend_returned
    addl    $16, %esp
    fxrstor (%esp)
    leal    -12(%ebp), %esp
    popl    %edx
    popl    %ecx
    popl    %eax
    popl    %ebp
    ret
    .cfi_endproc
    .size   suspend_trap, . - suspend_trap

    .section .note.GNU-stack, "", @progbits
