/* Contexts on i386: capturing, resuming, and the calls of frame handlers. */
#include "dlls/ntdll/context.h"

#define EFLAGS_OF_PROGRAMS 0x250dd5 /* what code at user level may set: no IOPL, NT or virtual mode */

.macro capture_segment segment, field:vararg
    movl \segment, %eax
    movzwl %ax, %eax
    movl %eax, \field
.endm

/* The context at `base`, which is not EAX, except for EAX, EIP, ESP, EBP and `base` itself. */
.macro capture_registers base
    movl %ecx, CONTEXT_ECX(\base)
    movl %edx, CONTEXT_EDX(\base)
    movl %ebx, CONTEXT_EBX(\base)
    movl %esi, CONTEXT_ESI(\base)
    movl %edi, CONTEXT_EDI(\base)
    pushfl
    popl CONTEXT_EFLAGS(\base)
    capture_segment %cs, CONTEXT_CS(\base)
    capture_segment %ds, CONTEXT_DS(\base)
    capture_segment %es, CONTEXT_ES(\base)
    capture_segment %fs, CONTEXT_FS(\base)
    capture_segment %gs, CONTEXT_GS(\base)
    capture_segment %ss, CONTEXT_SS(\base)
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

/* void RtlCaptureContext(CONTEXT *), for Linux code, and for Windows code, which has the argument taken off
 * the stack. */
.macro capture_context name, popped
begin \name
    pushl %ecx
    .cfi_adjust_cfa_offset 4
    movl 8(%esp), %ecx
    movl %eax, CONTEXT_EAX(%ecx)
    capture_registers %ecx
    movl (%esp), %eax
    movl %eax, CONTEXT_ECX(%ecx)
    movl %ebp, CONTEXT_EBP(%ecx)
    movl 4(%esp), %eax
    movl %eax, CONTEXT_EIP(%ecx)
    leal 8 + \popped(%esp), %eax
    movl %eax, CONTEXT_ESP(%ecx)
    popl %ecx
    .cfi_adjust_cfa_offset -4
    ret $\popped
end \name
.endm

capture_context RtlCaptureContext, 0

    .hidden direct_RtlCaptureContext
capture_context direct_RtlCaptureContext, 4

/* From EBP: 4 the return address, 8 the arguments; below it how much to take off the stack, and the context. */
begin context_capture_and_call
    pushl %ebp
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %ebp, 0
    movl %esp, %ebp
    .cfi_def_cfa_register %ebp
    pushl %edx
    pushl %eax
    subl $CONTEXT_SIZE + 24, %esp
    andl $-16, %esp
    pushl %ecx
    leal 20(%esp), %ecx
    capture_registers %ecx
    popl CONTEXT_ECX(%ecx)
    movl $0, CONTEXT_EAX(%ecx)
    movl (%ebp), %eax
    movl %eax, CONTEXT_EBP(%ecx)
    movl 4(%ebp), %eax
    movl %eax, CONTEXT_EIP(%ecx)
    movl -4(%ebp), %eax
    leal 8(%ebp,%eax), %eax
    movl %eax, CONTEXT_ESP(%ecx)
    leal 8(%ebp), %eax
    movl %ecx, (%esp)
    movl %eax, 4(%esp)
    call *-8(%ebp)
    movl -4(%ebp), %edx
    leave
    .cfi_def_cfa %esp, 4
    .cfi_restore %ebp
    popl %ecx
    .cfi_adjust_cfa_offset -4
    .cfi_register %eip, %ecx
    addl %edx, %esp
    jmp *%ecx
end context_capture_and_call

/* _Noreturn void context_resume(const CONTEXT *, const void *extended, uint64_t mask)
 * What IRET and POPA take is laid out on the stack that is returned to, where nothing lives below the stack
 * pointer. */
    .hidden context_resume
begin context_resume
    movl 4(%esp), %esi
    movl 8(%esp), %ecx
    movl 12(%esp), %eax
    movl 16(%esp), %edx
    movl CONTEXT_FLAGS(%esi), %ebx
    testl $8, %ebx
    jz 1f
    frstor CONTEXT_FLOAT(%esi)
1:  testl $0x20, %ebx
    jz 2f
    fxrstor CONTEXT_EXTENDED(%esi)
2:  testl %ecx, %ecx
    jz 3f
    xrstor (%ecx)
3:  movl CONTEXT_ESP(%esi), %edi
    movl CONTEXT_EFLAGS(%esi), %eax
    andl $EFLAGS_OF_PROGRAMS, %eax
    movl %eax, -4(%edi)
    movl %cs, %eax
    movl %eax, -8(%edi)
    movl CONTEXT_EIP(%esi), %eax
    movl %eax, -12(%edi)
    movl CONTEXT_EAX(%esi), %eax
    movl %eax, -16(%edi)
    movl CONTEXT_ECX(%esi), %eax
    movl %eax, -20(%edi)
    movl CONTEXT_EDX(%esi), %eax
    movl %eax, -24(%edi)
    movl CONTEXT_EBX(%esi), %eax
    movl %eax, -28(%edi)
    movl CONTEXT_EBP(%esi), %eax
    movl %eax, -36(%edi)
    movl CONTEXT_ESI(%esi), %eax
    movl %eax, -40(%edi)
    movl CONTEXT_EDI(%esi), %eax
    movl %eax, -44(%edi)
    leal -44(%edi), %esp
    popal
    iret
end context_resume

/* A fault arrives here by the signal handler, with a struct fault_frame at the stack pointer. */
    .hidden context_fault_entry, exception_dispatch_fault
begin context_fault_entry
    .cfi_signal_frame
    .cfi_def_cfa %esp, 0
    .cfi_offset %ebx, CONTEXT_EBX
    .cfi_offset %esp, CONTEXT_ESP
    .cfi_offset %ebp, CONTEXT_EBP
    .cfi_offset %esi, CONTEXT_ESI
    .cfi_offset %edi, CONTEXT_EDI
    .cfi_offset %eip, CONTEXT_EIP
    leal FAULT_RECORD(%esp), %eax
    movl %esp, %ecx
    subl $8, %esp
    .cfi_adjust_cfa_offset 8
    pushl %ecx
    .cfi_adjust_cfa_offset 4
    pushl %eax
    .cfi_adjust_cfa_offset 4
    call exception_dispatch_fault
    hlt
end context_fault_entry

/* EXCEPTION_DISPOSITION context_call_handler(EXCEPTION_RECORD *, void *frame, CONTEXT *, void *dispatcher,
 *                                            handler, own)
 * The stack pointer is found again through the chain, since some handlers are careless with it. */
    .hidden context_call_handler
begin context_call_handler
    pushl %ebp
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset %ebp, 0
    movl %esp, %ebp
    .cfi_def_cfa_register %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    .cfi_offset %ebx, -12
    .cfi_offset %esi, -16
    .cfi_offset %edi, -20
    pushl 12(%ebp)
    pushl 28(%ebp)
    pushl %fs:0
    movl %esp, %fs:0
    andl $-16, %esp
    pushl 20(%ebp)
    pushl 16(%ebp)
    pushl 12(%ebp)
    pushl 8(%ebp)
    call *24(%ebp)
    movl %fs:0, %esp
    popl %fs:0
    addl $8, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    .cfi_def_cfa %esp, 4
    ret
end context_call_handler

/* Functions that see their caller's registers, for Linux code, and for Windows code, which has their
 * arguments taken off the stack. */
.macro captured name, function, popped
    .hidden \function
begin \name
    call 1f
1:  popl %eax
    leal \function - 1b(%eax), %eax
    movl $\popped, %edx
    jmp context_capture_and_call
end \name
.endm

    .hidden direct_NtContinueEx, direct_RtlRaiseException, direct_RtlUnwind, direct_NtContinue, direct_RtlCaptureStackBackTrace
captured direct_RtlRaiseException, exception_captured, 4
captured direct_RtlUnwind, unwind_captured, 16
captured direct_NtContinue, continue_captured, 8
captured direct_NtContinueEx, continue_ex_captured, 8
captured direct_RtlCaptureStackBackTrace, back_trace_captured, 16

captured RtlRaiseException, exception_captured, 0
captured RtlUnwind, unwind_captured, 0
captured NtContinue, continue_captured, 0
captured RtlCaptureStackBackTrace, back_trace_captured, 0
captured exception_notify, exception_notify_captured, 0
    .section .note.GNU-stack, "", @progbits
