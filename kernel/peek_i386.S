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

/* bool poke_io_status(IO_STATUS_BLOCK *block, NTSTATUS status, ULONG_PTR information): see peek.h. */
    .globl poke_io_status, poke_information, poke_status, poke_failed
    .hidden poke_io_status, poke_information, poke_status, poke_failed
    .type poke_io_status, @function
poke_io_status:
    .cfi_startproc
    movl 4(%esp), %ecx
    movl 12(%esp), %edx
    movl $1, %eax
poke_information:
    movl %edx, 4(%ecx)
    movl 8(%esp), %edx
poke_status:
    movl %edx, (%ecx)
    ret
poke_failed:
    xorl %eax, %eax
    ret
    .cfi_endproc
    .size poke_io_status, . - poke_io_status
    .section .note.GNU-stack, "", @progbits
