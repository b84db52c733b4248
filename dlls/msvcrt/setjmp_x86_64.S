/* setjmp and longjmp, in Windows' convention throughout: -direct exports. */

/* _JUMP_BUFFER */
#define FRAME 0x00
#define RBX   0x08
#define RSP   0x10
#define RBP   0x18
#define RSI   0x20
#define RDI   0x28
#define R12   0x30
#define R13   0x38
#define R14   0x40
#define R15   0x48
#define RIP   0x50
#define MXCSR 0x58
#define FPCSR 0x5c
#define XMM6  0x60

        .text

/* int _setjmp(jmp_buf buffer, void *frame) */
        .globl  crt_setjmp
        .hidden crt_setjmp
        .type   crt_setjmp, @function
crt_setjmp:
        .cfi_startproc
        movq    %rdx, FRAME(%rcx)
        movq    %rbx, RBX(%rcx)
        leaq    8(%rsp), %rax
        movq    %rax, RSP(%rcx)
        movq    %rbp, RBP(%rcx)
        movq    %rsi, RSI(%rcx)
        movq    %rdi, RDI(%rcx)
        movq    %r12, R12(%rcx)
        movq    %r13, R13(%rcx)
        movq    %r14, R14(%rcx)
        movq    %r15, R15(%rcx)
        movq    (%rsp), %rax
        movq    %rax, RIP(%rcx)
        stmxcsr MXCSR(%rcx)
        fnstcw  FPCSR(%rcx)
        movups  %xmm6, XMM6+0x00(%rcx)
        movups  %xmm7, XMM6+0x10(%rcx)
        movups  %xmm8, XMM6+0x20(%rcx)
        movups  %xmm9, XMM6+0x30(%rcx)
        movups  %xmm10, XMM6+0x40(%rcx)
        movups  %xmm11, XMM6+0x50(%rcx)
        movups  %xmm12, XMM6+0x60(%rcx)
        movups  %xmm13, XMM6+0x70(%rcx)
        movups  %xmm14, XMM6+0x80(%rcx)
        movups  %xmm15, XMM6+0x90(%rcx)
        xorl    %eax, %eax
        ret
        .cfi_endproc
        .size   crt_setjmp, . - crt_setjmp

/* void longjmp(jmp_buf buffer, int value). A buffer with a frame was made where handlers may have to run on
 * the way back. */
        .globl  crt_longjmp
        .hidden crt_longjmp
        .type   crt_longjmp, @function
crt_longjmp:
        .cfi_startproc
        movl    $1, %eax
        testl   %edx, %edx
        cmovzl  %eax, %edx
        cmpq    $0, FRAME(%rcx)
        jne     crt_longjmp_through_handlers
        movl    %edx, %eax
        movq    RBX(%rcx), %rbx
        movq    RBP(%rcx), %rbp
        movq    RSI(%rcx), %rsi
        movq    RDI(%rcx), %rdi
        movq    R12(%rcx), %r12
        movq    R13(%rcx), %r13
        movq    R14(%rcx), %r14
        movq    R15(%rcx), %r15
        ldmxcsr MXCSR(%rcx)
        fnclex
        fldcw   FPCSR(%rcx)
        movups  XMM6+0x00(%rcx), %xmm6
        movups  XMM6+0x10(%rcx), %xmm7
        movups  XMM6+0x20(%rcx), %xmm8
        movups  XMM6+0x30(%rcx), %xmm9
        movups  XMM6+0x40(%rcx), %xmm10
        movups  XMM6+0x50(%rcx), %xmm11
        movups  XMM6+0x60(%rcx), %xmm12
        movups  XMM6+0x70(%rcx), %xmm13
        movups  XMM6+0x80(%rcx), %xmm14
        movups  XMM6+0x90(%rcx), %xmm15
        movq    RSP(%rcx), %rsp
        jmpq    *RIP(%rcx)
        .cfi_endproc
        .size   crt_longjmp, . - crt_longjmp

        .section .note.GNU-stack, "", @progbits
