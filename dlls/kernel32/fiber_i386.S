/* Switching from one fiber to another. */
#include "dlls/kernel32/fiber.h"

    .text

/* void SwitchToFiber(struct fiber *target)
 * What Windows' convention has a callee keep lies on the fiber's own stack while it does not run; a new
 * fiber's stack looks as if it had been left here (fiber.c). */
    .globl  direct_SwitchToFiber
    .hidden direct_SwitchToFiber
    .type   direct_SwitchToFiber, @function
direct_SwitchToFiber:
    .cfi_startproc
    movl    %fs:TEB_SELF, %edx
    movl    TEB_FIBER_DATA(%edx), %eax
    movl    4(%esp), %ecx
    /* A pointer that is none faults here, where nothing has been changed yet. */
    cmpl    $0, FIBER_STACK_BASE(%ecx)
    pushl   %ebp
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %ebp, 0
    pushl   %ebx
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %ebx, 0
    pushl   %esi
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %esi, 0
    pushl   %edi
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %edi, 0
    subl    $8, %esp
    .cfi_adjust_cfa_offset 8
    cmpl    $0, FIBER_FLOAT_SWITCH(%eax)
    je      1f
    stmxcsr (%esp)
    fnstcw  4(%esp)
1:
    movl    TEB_EXCEPTION_LIST(%edx), %esi
    movl    %esi, FIBER_EXCEPTION_LIST(%eax)
    movl    TEB_STACK_LIMIT(%edx), %edi
    movl    %edi, FIBER_STACK_LIMIT(%eax)
    movl    TEB_ACTIVATION(%edx), %esi
    movl    %esi, FIBER_ACTIVATION(%eax)
    movl    TEB_ACTIVE_FRAME(%edx), %edi
    movl    %edi, FIBER_ACTIVE_FRAME(%eax)
    movl    TEB_FLS_DATA(%edx), %esi
    movl    %esi, FIBER_FLS_DATA(%eax)
    movl    TEB_GUARANTEE(%edx), %edi
    movl    %edi, FIBER_GUARANTEE(%eax)
    movl    %esp, FIBER_STACK_POINTER(%eax)

    movl    FIBER_STACK_POINTER(%ecx), %esp
    movl    %ecx, TEB_FIBER_DATA(%edx)
    movl    FIBER_STACK_BASE(%ecx), %esi
    movl    %esi, TEB_STACK_BASE(%edx)
    movl    FIBER_EXCEPTION_LIST(%ecx), %edi
    movl    %edi, TEB_EXCEPTION_LIST(%edx)
    movl    FIBER_STACK_LIMIT(%ecx), %esi
    movl    %esi, TEB_STACK_LIMIT(%edx)
    movl    FIBER_DEALLOCATION_STACK(%ecx), %edi
    movl    %edi, TEB_DEALLOCATION_STACK(%edx)
    movl    FIBER_ACTIVATION(%ecx), %esi
    movl    %esi, TEB_ACTIVATION(%edx)
    movl    FIBER_ACTIVE_FRAME(%ecx), %edi
    movl    %edi, TEB_ACTIVE_FRAME(%edx)
    movl    FIBER_FLS_DATA(%ecx), %esi
    movl    %esi, TEB_FLS_DATA(%edx)
    movl    FIBER_GUARANTEE(%ecx), %edi
    movl    %edi, TEB_GUARANTEE(%edx)
    cmpl    $0, FIBER_FLOAT_SWITCH(%ecx)
    je      2f
    ldmxcsr (%esp)
    fldcw   4(%esp)
2:
    addl    $8, %esp
    .cfi_adjust_cfa_offset -8
    popl    %edi
    .cfi_adjust_cfa_offset -4
    .cfi_restore %edi
    popl    %esi
    .cfi_adjust_cfa_offset -4
    .cfi_restore %esi
    popl    %ebx
    .cfi_adjust_cfa_offset -4
    .cfi_restore %ebx
    popl    %ebp
    .cfi_adjust_cfa_offset -4
    .cfi_restore %ebp
    /* The processor would predict a return to where this was called from, which is another fiber's code. */
    popl    %ecx
    .cfi_adjust_cfa_offset -4
    .cfi_register %eip, %ecx
    addl    $4, %esp
    .cfi_adjust_cfa_offset -4
    jmp     *%ecx
    .cfi_endproc
    .size   direct_SwitchToFiber, . - direct_SwitchToFiber

/* Where a new fiber begins. The word above it is the zero at which unwinding ends. */
    .globl  fiber_entry
    .hidden fiber_entry, fiber_run
    .type   fiber_entry, @function
fiber_entry:
    .cfi_startproc
    andl    $-16, %esp
    call    fiber_run
    ud2
    .cfi_endproc
    .size   fiber_entry, . - fiber_entry

    .section .note.GNU-stack, "", @progbits
