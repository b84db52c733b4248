/* setjmp and longjmp, in Windows' convention throughout: -direct exports. */

/* _JUMP_BUFFER */
#define EBP 0x00
#define EBX 0x04
#define EDI 0x08
#define ESI 0x0c
#define ESP 0x10
#define EIP 0x14

        .text

/* int _setjmp3(jmp_buf buffer, int count, ...). The registers are kept here, the exception frame in C: its
 * function has the same arguments, and its result, 0, is the result. */
        .globl  crt_setjmp3
        .hidden crt_setjmp3
        .type   crt_setjmp3, @function
crt_setjmp3:
        .cfi_startproc
        movl    4(%esp), %edx
        movl    %ebp, EBP(%edx)
        movl    %ebx, EBX(%edx)
        movl    %edi, EDI(%edx)
        movl    %esi, ESI(%edx)
        movl    %esp, ESP(%edx)
        movl    (%esp), %eax
        movl    %eax, EIP(%edx)
        jmp     crt_keep_exception_frame
        .cfi_endproc
        .size   crt_setjmp3, . - crt_setjmp3

/* int _setjmp(jmp_buf buffer): _setjmp3 of a program that has nothing more to say. */
        .globl  crt_setjmp
        .hidden crt_setjmp
        .type   crt_setjmp, @function
crt_setjmp:
        .cfi_startproc
        movl    4(%esp), %edx
        movl    %ebp, EBP(%edx)
        movl    %ebx, EBX(%edx)
        movl    %edi, EDI(%edx)
        movl    %esi, ESI(%edx)
        movl    %esp, ESP(%edx)
        movl    (%esp), %eax
        movl    %eax, EIP(%edx)
        jmp     crt_keep_exception_frame_only
        .cfi_endproc
        .size   crt_setjmp, . - crt_setjmp

/* void longjmp(jmp_buf buffer, int value) */
        .globl  crt_longjmp
        .hidden crt_longjmp
        .type   crt_longjmp, @function
crt_longjmp:
        .cfi_startproc
        movl    4(%esp), %ebx
        movl    8(%esp), %esi
        .cfi_undefined %eip             /* Nothing ever returns from here. */
        andl    $-16, %esp
        subl    $12, %esp
        pushl   %ebx
        call    crt_unwind_to_exception_frame
        movl    %ebx, %edx
        movl    $1, %eax
        testl   %esi, %esi
        cmovnzl %esi, %eax
        movl    EBP(%edx), %ebp
        movl    EBX(%edx), %ebx
        movl    EDI(%edx), %edi
        movl    ESI(%edx), %esi
        movl    ESP(%edx), %esp
        addl    $4, %esp
        jmpl    *EIP(%edx)
        .cfi_endproc
        .size   crt_longjmp, . - crt_longjmp

        .section .note.GNU-stack, "", @progbits
