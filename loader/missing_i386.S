/* Every thunk of missing.c comes here with its number in EAX. It does not return. */
    .text
    .globl missing_import_entry
    .hidden missing_import_entry
    .type missing_import_entry, @function
missing_import_entry:
    .cfi_startproc
    pushl %ebp
    .cfi_def_cfa_offset 8
    .cfi_offset %ebp, -8
    movl %esp, %ebp
    .cfi_def_cfa_register %ebp
    andl $-16, %esp
    subl $12, %esp
    pushl %eax
    call missing_import_called
    hlt
    .cfi_endproc
    .size missing_import_entry, . - missing_import_entry
    .section .note.GNU-stack, "", @progbits
