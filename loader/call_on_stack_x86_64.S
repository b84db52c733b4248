/* See call_on_stack.h. */
    .text
    .globl call_on_stack
    .hidden call_on_stack
    .type call_on_stack, @function
call_on_stack:
    .cfi_startproc
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    movq %rcx, %rsp
    movq %rdi, %rax
    movq %rsi, %rdi
    movq %rdx, %rsi
    call *%rax
    leave
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size call_on_stack, . - call_on_stack
    .section .note.GNU-stack, "", @progbits
