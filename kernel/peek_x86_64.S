/* size_t peek_copy(void *to, const void *from, size_t size): see peek.h. */
    .text
    .globl peek_copy, peek_access, peek_end
    .hidden peek_access, peek_end
    .type peek_copy, @function
peek_copy:
    .cfi_startproc
    movq %rdx, %rcx
peek_access:
    rep movsb
peek_end:
    movq %rcx, %rax
    ret
    .cfi_endproc
    .size peek_copy, . - peek_copy
    .section .note.GNU-stack, "", @progbits
