/* Contexts on x86-64: capturing, resuming, and the calls whose frames the dispatcher must recognise. */
#include "dlls/ntdll/context.h"

#define EFLAGS_OF_PROGRAMS 0x250dd5 /* what code at user level may set: no IOPL, NT or virtual mode */

/* The context at `base`, except for RIP, RSP and `base` itself. Clobbers RAX behind its capture. */
.macro capture_registers base
    movq %rax, CONTEXT_RAX(\base)
    movq %rcx, CONTEXT_RCX(\base)
    movq %rdx, CONTEXT_RDX(\base)
    movq %rbx, CONTEXT_RBX(\base)
    movq %rbp, CONTEXT_RBP(\base)
    movq %rsi, CONTEXT_RSI(\base)
    movq %rdi, CONTEXT_RDI(\base)
    movq %r8, CONTEXT_R8(\base)
    movq %r9, CONTEXT_R9(\base)
    movq %r10, CONTEXT_R10(\base)
    movq %r11, CONTEXT_R11(\base)
    movq %r12, CONTEXT_R12(\base)
    movq %r13, CONTEXT_R13(\base)
    movq %r14, CONTEXT_R14(\base)
    movq %r15, CONTEXT_R15(\base)
    pushfq
    .cfi_adjust_cfa_offset 8
    popq %rax
    .cfi_adjust_cfa_offset -8
    movl %eax, CONTEXT_EFLAGS(\base)
    movw %cs, CONTEXT_CS(\base)
    movw %ds, CONTEXT_DS(\base)
    movw %es, CONTEXT_ES(\base)
    movw %fs, CONTEXT_FS(\base)
    movw %gs, CONTEXT_GS(\base)
    movw %ss, CONTEXT_SS(\base)
    fxsave CONTEXT_FLOAT(\base)
    stmxcsr CONTEXT_MXCSR(\base)
    movl $CONTEXT_CAPTURED, CONTEXT_FLAGS(\base)
.endm

.macro begin name
    .globl \name
    .type \name, @function
\name:
    .cfi_startproc
.endm

.macro end name
    .cfi_endproc
    .size \name, . - \name
.endm

    .text

/* void RtlCaptureContext(CONTEXT *), for Linux code and for Windows code. */
.macro capture_context name base
    begin \name
    capture_registers \base
    movq (%rsp), %rax
    movq %rax, CONTEXT_RIP(\base)
    leaq 8(%rsp), %rax
    movq %rax, CONTEXT_RSP(\base)
    ret
    end \name
.endm

capture_context RtlCaptureContext %rdi

    .hidden direct_RtlCaptureContext
capture_context direct_RtlCaptureContext %rcx

/* The frame: the context, aligned whatever the stack is, then what the program's functions preserve and C
 * functions may not. The handlers may do with the context what they like. */
#define SAVED_RSI -8
#define SAVED_RDI -16
#define SAVED_XMM -176

begin context_capture_and_call
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    subq $CONTEXT_SIZE - SAVED_XMM, %rsp
    movq %rsi, SAVED_RSI(%rbp)
    .cfi_rel_offset %rsi, SAVED_RSI
    movq %rdi, SAVED_RDI(%rbp)
    .cfi_rel_offset %rdi, SAVED_RDI
    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movups %xmm\number, SAVED_XMM + 16 * (\number - 6)(%rbp)
    .cfi_rel_offset 17 + \number, SAVED_XMM + 16 * (\number - 6)
    .endr
    andq $-16, %rsp
    movq %rdi, %r10 /* R10 is volatile: it stands for RDI while that is the base. */
    movq %rsp, %rdi
    capture_registers %rdi
    movq %r10, CONTEXT_RDI(%rdi)
    movq (%rbp), %rax
    movq %rax, CONTEXT_RBP(%rdi)
    movq 8(%rbp), %rax
    movq %rax, CONTEXT_RIP(%rdi)
    leaq 16(%rbp), %rax
    movq %rax, CONTEXT_RSP(%rdi)
    call *%r11
    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movups SAVED_XMM + 16 * (\number - 6)(%rbp), %xmm\number
    .endr
    movq SAVED_RSI(%rbp), %rsi
    movq SAVED_RDI(%rbp), %rdi
    leave
    .cfi_def_cfa %rsp, 8
    ret
end context_capture_and_call

/* _Noreturn void context_resume(const CONTEXT *, const void *extended, uint64_t mask) */
    .hidden context_resume
begin context_resume
    testl $8, CONTEXT_FLAGS(%rdi)
    jz 1f
    fxrstor CONTEXT_FLOAT(%rdi)
    ldmxcsr CONTEXT_MXCSR(%rdi)
1:  testq %rsi, %rsi
    jz 2f
    movl %edx, %eax
    shrq $32, %rdx
    xrstor (%rsi)
2:  movl %ss, %eax
    pushq %rax
    pushq CONTEXT_RSP(%rdi)
    movl CONTEXT_EFLAGS(%rdi), %eax
    andl $EFLAGS_OF_PROGRAMS, %eax
    pushq %rax
    movl %cs, %eax
    pushq %rax
    pushq CONTEXT_RIP(%rdi)
    movq CONTEXT_RAX(%rdi), %rax
    movq CONTEXT_RCX(%rdi), %rcx
    movq CONTEXT_RDX(%rdi), %rdx
    movq CONTEXT_RBX(%rdi), %rbx
    movq CONTEXT_RBP(%rdi), %rbp
    movq CONTEXT_RSI(%rdi), %rsi
    movq CONTEXT_R8(%rdi), %r8
    movq CONTEXT_R9(%rdi), %r9
    movq CONTEXT_R10(%rdi), %r10
    movq CONTEXT_R11(%rdi), %r11
    movq CONTEXT_R12(%rdi), %r12
    movq CONTEXT_R13(%rdi), %r13
    movq CONTEXT_R14(%rdi), %r14
    movq CONTEXT_R15(%rdi), %r15
    movq CONTEXT_RDI(%rdi), %rdi
    iretq
end context_resume

/* Every register of the frame is in a CONTEXT, `offset` bytes above the stack pointer. */
.macro registers_in_context offset
    .cfi_signal_frame
    .cfi_def_cfa %rsp, \offset
    .cfi_offset %rax, CONTEXT_RAX
    .cfi_offset %rcx, CONTEXT_RCX
    .cfi_offset %rdx, CONTEXT_RDX
    .cfi_offset %rbx, CONTEXT_RBX
    .cfi_offset %rsp, CONTEXT_RSP
    .cfi_offset %rbp, CONTEXT_RBP
    .cfi_offset %rsi, CONTEXT_RSI
    .cfi_offset %rdi, CONTEXT_RDI
    .cfi_offset %r8, CONTEXT_R8
    .cfi_offset %r9, CONTEXT_R9
    .cfi_offset %r10, CONTEXT_R10
    .cfi_offset %r11, CONTEXT_R11
    .cfi_offset %r12, CONTEXT_R12
    .cfi_offset %r13, CONTEXT_R13
    .cfi_offset %r14, CONTEXT_R14
    .cfi_offset %r15, CONTEXT_R15
    .cfi_offset %rip, CONTEXT_RIP
    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    .cfi_offset 17 + \number, CONTEXT_XMM6 + 16 * (\number - 6)
    .endr
.endm

/* A fault arrives here by the signal handler, with a struct fault_frame at the stack pointer. The nop
 * is there since a frame's address is taken to be behind a call. */
    .hidden context_fault_entry, exception_dispatch_fault
    nop
begin context_fault_entry
    registers_in_context 0
    leaq FAULT_RECORD(%rsp), %rdi
    movq %rsp, %rsi
    call exception_dispatch_fault
    hlt
end context_fault_entry

/* _Noreturn void context_consolidate(const CONTEXT *, EXCEPTION_RECORD *, function): function(record), a
 * Windows function, runs in a frame whose caller is the context's: for whoever unwinds through it the
 * frames between are gone. Goes on at the context, at the address that it returns. */
    .hidden context_consolidate
begin context_consolidate
    movq %rdi, %r9
    movq %rsi, %r8
    subq $CONTEXT_SIZE + 32, %rsp
    andq $-16, %rsp
    movq %r9, %rsi
    leaq 32(%rsp), %rdi
    movl $CONTEXT_SIZE / 8, %ecx
    rep movsq
    registers_in_context 32
    movq %r8, %rcx
    call *%rdx
    leaq 32(%rsp), %rdi
    movq %rax, CONTEXT_RIP(%rdi)
    xorl %esi, %esi
    jmp context_resume
end context_consolidate

/* EXCEPTION_DISPOSITION NAME(EXCEPTION_RECORD *, void *frame, CONTEXT *, DISPATCHER_CONTEXT *, handler):
 * calls a language handler, which is Windows code. Whoever walks over this frame finds what the handler
 * was called for at CALL_DISPATCHER, and which of the two calls it is by the return address. */
.macro call_handler name
    .hidden \name, \name\()_return
begin \name
    subq $0x28, %rsp
    .cfi_adjust_cfa_offset 0x28
    movq %rcx, CALL_DISPATCHER(%rsp)
    movq %r8, %rax
    movq %rcx, %r9
    movq %rdx, %r8
    movq %rsi, %rdx
    movq %rdi, %rcx
    call *%rax
    .globl \name\()_return
\name\()_return:
    addq $0x28, %rsp
    .cfi_adjust_cfa_offset -0x28
    ret
end \name
.endm

call_handler context_call_exception_handler
call_handler context_call_unwind_handler

/* uintptr_t context_call_guarded(handler, data, function, argument, second) */
    .hidden context_call_guarded_return
begin context_call_guarded
    subq $0x38, %rsp
    .cfi_adjust_cfa_offset 0x38
    movq %rdi, GUARD_HANDLER(%rsp)
    movq %rsi, GUARD_DATA(%rsp)
    movq %rdx, %rax
    movq %r8, %rdx
    call *%rax
    .globl context_call_guarded_return
context_call_guarded_return:
    addq $0x38, %rsp
    .cfi_adjust_cfa_offset -0x38
    ret
end context_call_guarded

/* Functions that see their caller's registers, for Windows code and for Linux code: what they are made of
 * in C finds its arguments in the captured context. */
.macro captured name, function
    .hidden \function
begin \name
    leaq \function(%rip), %r11
    jmp context_capture_and_call
end \name
.endm

    .hidden direct_RtlRaiseException, direct_RtlUnwindEx, direct_RtlUnwind, direct_NtContinue
    .hidden direct_NtContinueEx, direct_RtlCaptureContext2
    .hidden direct_RtlCaptureStackBackTrace
captured direct_RtlRaiseException, exception_captured_by_windows
captured direct_RtlUnwindEx, unwind_captured_by_windows
captured direct_RtlUnwind, unwind_captured_by_windows
captured direct_NtContinue, continue_captured_by_windows
captured direct_NtContinueEx, continue_ex_captured_by_windows
captured direct_RtlCaptureContext2, capture_captured_by_windows
captured direct_RtlCaptureStackBackTrace, back_trace_captured_by_windows

captured RtlRaiseException, exception_captured_by_linux
captured RtlUnwindEx, unwind_captured_by_linux
captured RtlUnwind, unwind_captured_by_linux
captured NtContinue, continue_captured_by_linux
captured RtlCaptureStackBackTrace, back_trace_captured_by_linux
captured exception_notify, exception_notify_captured
    .section .note.GNU-stack, "", @progbits
