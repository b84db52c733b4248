/* Every thunk of missing.c comes here with its number in EAX and the program's frame untouched. It does not
 * return, but an exception may pass through it: what Windows preserves and Linux code may change is saved where
 * the unwinder finds it. DWARF numbers XMM6 to XMM15 from 23 on. */
    .macro save_xmm number
    movups %xmm\number, 16*(\number-6)-176(%rbp)
    .cfi_rel_offset 17+\number, 16*(\number-6)-176
    .endm

    .text
    .globl missing_import_entry
    .hidden missing_import_entry
    .type missing_import_entry, @function
missing_import_entry:
    .cfi_startproc
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %rdi
    .cfi_rel_offset %rdi, -8
    pushq %rsi
    .cfi_rel_offset %rsi, -16
    subq $160, %rsp
    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    save_xmm \number
    .endr
    andq $-16, %rsp
    movl %eax, %edi
    call missing_import_called
    hlt
    .cfi_endproc
    .size missing_import_entry, . - missing_import_entry
    .section .note.GNU-stack, "", @progbits
