/* size_t peek_copy(void *to, const void *from, size_t size): see peek.h. */
    .text
    .globl peek_copy, peek_access, peek_end
    .hidden peek_access, peek_end
    .type peek_copy, @function
peek_copy:
    .cfi_startproc
    pushl %edi
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %edi, 0
    pushl %esi
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %esi, 0
    movl 12(%esp), %edi
    movl 16(%esp), %esi
    movl 20(%esp), %ecx
peek_access:
    rep movsb
peek_end:
    movl %ecx, %eax
    popl %esi
    .cfi_adjust_cfa_offset -4
    .cfi_restore %esi
    popl %edi
    .cfi_adjust_cfa_offset -4
    .cfi_restore %edi
    ret
    .cfi_endproc
    .size peek_copy, . - peek_copy
    .section .note.GNU-stack, "", @progbits
