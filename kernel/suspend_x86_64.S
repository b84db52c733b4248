/* Where a thread that was suspended inside Linux code comes out of it. */

    .text

/* Reached by a return: the stack pointer is as the return leaves it. All registers are kept, since the return may
 * have been that of a function in Windows' convention. suspend_returned fills in where to go on. */
    .globl  suspend_trap
    .hidden suspend_trap, suspend_returned
    .type   suspend_trap, @function
    .cfi_startproc
    .cfi_undefined %rip
    nop     /* An unwinder looks at the instruction before a return address. */
suspend_trap:
    pushq   $0
    pushq   %rbp
    movq    %rsp, %rbp
    pushq   %rax
    pushq   %rcx
    pushq   %rdx
    pushq   %rsi
    pushq   %rdi
    pushq   %r8
    pushq   %r9
    pushq   %r10
    pushq   %r11
    subq    $512, %rsp
    andq    $-16, %rsp
    fxsave  (%rsp)
    leaq    -72(%rbp), %rdi
    movq    %rsp, %rsi
    cld
    call    suspend_returned
    fxrstor (%rsp)
    leaq    -72(%rbp), %rsp
    popq    %r11
    popq    %r10
    popq    %r9
    popq    %r8
    popq    %rdi
    popq    %rsi
    popq    %rdx
    popq    %rcx
    popq    %rax
    popq    %rbp
    ret
    .cfi_endproc
    .size   suspend_trap, . - suspend_trap

    .section .note.GNU-stack, "", @progbits
