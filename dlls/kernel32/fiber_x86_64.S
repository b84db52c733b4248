/* Switching from one fiber to another. */
#include "dlls/kernel32/fiber.h"

#define XMM_AREA   0xa0
#define FLOAT_AREA 0x08

    .text

/* void SwitchToFiber(struct fiber *target)
 * What Windows' convention has a callee keep lies on the fiber's own stack while it does not run; a new
 * fiber's stack looks as if it had been left here (fiber.c). */
    .globl  direct_SwitchToFiber
    .hidden direct_SwitchToFiber
    .type   direct_SwitchToFiber, @function
direct_SwitchToFiber:
    .cfi_startproc
    movq    %gs:TEB_SELF, %rdx
    movq    TEB_FIBER_DATA(%rdx), %rax
    /* A pointer that is none faults here, where nothing has been changed yet. */
    movq    FIBER_STACK_BASE(%rcx), %r8
    pushq   %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    pushq   %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    pushq   %rsi
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rsi, 0
    pushq   %rdi
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rdi, 0
    pushq   %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r12, 0
    pushq   %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r13, 0
    pushq   %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r14, 0
    pushq   %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r15, 0
    subq    $(XMM_AREA + FLOAT_AREA), %rsp
    .cfi_adjust_cfa_offset XMM_AREA + FLOAT_AREA
    movups  %xmm6, 0x00(%rsp)
    movups  %xmm7, 0x10(%rsp)
    movups  %xmm8, 0x20(%rsp)
    movups  %xmm9, 0x30(%rsp)
    movups  %xmm10, 0x40(%rsp)
    movups  %xmm11, 0x50(%rsp)
    movups  %xmm12, 0x60(%rsp)
    movups  %xmm13, 0x70(%rsp)
    movups  %xmm14, 0x80(%rsp)
    movups  %xmm15, 0x90(%rsp)
    cmpl    $0, FIBER_FLOAT_SWITCH(%rax)
    je      1f
    stmxcsr XMM_AREA(%rsp)
    fnstcw  XMM_AREA + 4(%rsp)
1:
    movq    TEB_EXCEPTION_LIST(%rdx), %r9
    movq    %r9, FIBER_EXCEPTION_LIST(%rax)
    movq    TEB_STACK_LIMIT(%rdx), %r10
    movq    %r10, FIBER_STACK_LIMIT(%rax)
    movq    TEB_ACTIVATION(%rdx), %r9
    movq    %r9, FIBER_ACTIVATION(%rax)
    movq    TEB_ACTIVE_FRAME(%rdx), %r10
    movq    %r10, FIBER_ACTIVE_FRAME(%rax)
    movq    TEB_FLS_DATA(%rdx), %r9
    movq    %r9, FIBER_FLS_DATA(%rax)
    movl    TEB_GUARANTEE(%rdx), %r10d
    movl    %r10d, FIBER_GUARANTEE(%rax)
    movq    %rsp, FIBER_STACK_POINTER(%rax)

    movq    FIBER_STACK_POINTER(%rcx), %rsp
    movq    %rcx, TEB_FIBER_DATA(%rdx)
    movq    %r8, TEB_STACK_BASE(%rdx)
    movq    FIBER_EXCEPTION_LIST(%rcx), %r9
    movq    %r9, TEB_EXCEPTION_LIST(%rdx)
    movq    FIBER_STACK_LIMIT(%rcx), %r10
    movq    %r10, TEB_STACK_LIMIT(%rdx)
    movq    FIBER_DEALLOCATION_STACK(%rcx), %r9
    movq    %r9, TEB_DEALLOCATION_STACK(%rdx)
    movq    FIBER_ACTIVATION(%rcx), %r10
    movq    %r10, TEB_ACTIVATION(%rdx)
    movq    FIBER_ACTIVE_FRAME(%rcx), %r9
    movq    %r9, TEB_ACTIVE_FRAME(%rdx)
    movq    FIBER_FLS_DATA(%rcx), %r10
    movq    %r10, TEB_FLS_DATA(%rdx)
    movl    FIBER_GUARANTEE(%rcx), %r9d
    movl    %r9d, TEB_GUARANTEE(%rdx)
    cmpl    $0, FIBER_FLOAT_SWITCH(%rcx)
    je      2f
    ldmxcsr XMM_AREA(%rsp)
    fldcw   XMM_AREA + 4(%rsp)
2:
    movups  0x00(%rsp), %xmm6
    movups  0x10(%rsp), %xmm7
    movups  0x20(%rsp), %xmm8
    movups  0x30(%rsp), %xmm9
    movups  0x40(%rsp), %xmm10
    movups  0x50(%rsp), %xmm11
    movups  0x60(%rsp), %xmm12
    movups  0x70(%rsp), %xmm13
    movups  0x80(%rsp), %xmm14
    movups  0x90(%rsp), %xmm15
    addq    $(XMM_AREA + FLOAT_AREA), %rsp
    .cfi_adjust_cfa_offset -(XMM_AREA + FLOAT_AREA)
    popq    %r15
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r15
    popq    %r14
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r14
    popq    %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r13
    popq    %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r12
    popq    %rdi
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rdi
    popq    %rsi
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rsi
    popq    %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbx
    popq    %rbp
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbp
    /* The processor would predict a return to where this was called from, which is another fiber's code. */
    popq    %rcx
    .cfi_adjust_cfa_offset -8
    .cfi_register %rip, %rcx
    jmp     *%rcx
    .cfi_endproc
    .size   direct_SwitchToFiber, . - direct_SwitchToFiber

/* Where a new fiber begins. The word above it is the zero at which unwinding ends. */
    .globl  fiber_entry
    .hidden fiber_entry, fiber_run
    .type   fiber_entry, @function
fiber_entry:
    .cfi_startproc
    call    fiber_run
    ud2
    .cfi_endproc
    .size   fiber_entry, . - fiber_entry

    .section .note.GNU-stack, "", @progbits
