        .text
        .globl  guarded
        .seh_proc guarded
guarded:
        subq    $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_endprologue
        movq    %rcx, %rax
        movq    %rsp, %rcx
        leaq    target(%rip), %rdx
try:
        call    *%rax
        nop
try_end:
        movl    $1, %eax
        addq    $0x28, %rsp
        ret
target:
        movl    $7, %eax
        addq    $0x28, %rsp
        ret
        .seh_handler __C_specific_handler, @unwind, @except
        .seh_handlerdata
        .long   1
        .rva    try, try_end, finally
        .long   0
        .text
        .seh_endproc
