/* See call_on_stack.h. */
    .text
    .globl call_on_stack
    .hidden call_on_stack
    .type call_on_stack, @function
call_on_stack:
    .cfi_startproc
    pushl %ebp
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %ebp, 0
    movl %esp, %ebp
    .cfi_def_cfa_register %ebp
    movl 20(%ebp), %esp
    subl $8, %esp
    pushl 16(%ebp)
    pushl 12(%ebp)
    call *8(%ebp)
    leave
    .cfi_def_cfa %esp, 4
    .cfi_restore %ebp
    ret
    .cfi_endproc
    .size call_on_stack, . - call_on_stack
    .section .note.GNU-stack, "", @progbits
