/* Every thunk of missing.c comes here with its number in EAX and the program's frame untouched. It does not
 * return, but an exception may pass through it: what Windows preserves and Linux code may change is saved where
 * the unwinder finds it. DWARF numbers XMM6 to XMM15 from 23 on. */
    .macro save_xmm number
    movaps %xmm\number, 16*(\number-6)(%rsp)
    .cfi_rel_offset 17+\number, 16*(\number-6)
    .endm

    .text
    .globl missing_import_entry
    .hidden missing_import_entry
    .type missing_import_entry, @function
missing_import_entry:
    .cfi_startproc
    pushq %rdi
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rdi, 0
    pushq %rsi
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rsi, 0
    subq $168, %rsp
    .cfi_adjust_cfa_offset 168
    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    save_xmm \number
    .endr
    movl %eax, %edi
    call missing_import_called
    hlt
    .cfi_endproc
    .size missing_import_entry, . - missing_import_entry
    .section .note.GNU-stack, "", @progbits
