/* Every thunk of missing.c comes here with its number in EAX and the program's frame untouched. It
 * does not return, but an exception may pass through it: RSI and RDI, which Linux code may change,
 * are saved where the unwinder finds them. */
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
    subq $8, %rsp
    .cfi_adjust_cfa_offset 8
    movl %eax, %edi
    call missing_import_called
    hlt
    .cfi_endproc
    .size missing_import_entry, . - missing_import_entry
    .section .note.GNU-stack, "", @progbits
