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

/* bool poke_io_status(IO_STATUS_BLOCK *block, NTSTATUS status, ULONG_PTR information): see peek.h. */
    .globl poke_io_status, poke_information, poke_status, poke_failed
    .hidden poke_io_status, poke_information, poke_status, poke_failed
    .type poke_io_status, @function
poke_io_status:
    .cfi_startproc
    movl $1, %eax
poke_information:
    movq %rdx, 8(%rdi)
poke_status:
    movl %esi, (%rdi)
    ret
poke_failed:
    xorl %eax, %eax
    ret
    .cfi_endproc
    .size poke_io_status, . - poke_io_status
    .section .note.GNU-stack, "", @progbits
