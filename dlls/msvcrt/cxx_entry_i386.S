/* Where the C++ runtime and the program's code meet on i386. */

        .text

/* EXCEPTION_DISPOSITION __CxxFrameHandler(EXCEPTION_RECORD *, frame, CONTEXT *, dispatcher), with the function's
 * tables in EAX. */
        .globl  crt_cxx_frame_handler
        .hidden crt_cxx_frame_handler, cxx_frame_handler
        .type   crt_cxx_frame_handler, @function
crt_cxx_frame_handler:
        .cfi_startproc
        pushl   %ebp
        .cfi_adjust_cfa_offset 4
        .cfi_rel_offset %ebp, 0
        movl    %esp, %ebp
        .cfi_def_cfa_register %ebp
        andl    $-16, %esp
        cld
        pushl   16(%ebp)
        pushl   12(%ebp)
        pushl   8(%ebp)
        pushl   %eax
        call    cxx_frame_handler
        leave
        .cfi_def_cfa %esp, 4
        ret
        .cfi_endproc
        .size   crt_cxx_frame_handler, . - crt_cxx_frame_handler

/* uintptr_t cxx_call_funclet(void *code, char *base): calls code that works in the frame that EBP says. */
        .globl  cxx_call_funclet
        .hidden cxx_call_funclet
        .type   cxx_call_funclet, @function
cxx_call_funclet:
        .cfi_startproc
        movl    4(%esp), %eax
        movl    8(%esp), %ecx
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
        movl    %ecx, %ebp
        call    *%eax
        popl    %edi
        .cfi_adjust_cfa_offset -4
        popl    %esi
        .cfi_adjust_cfa_offset -4
        popl    %ebx
        .cfi_adjust_cfa_offset -4
        popl    %ebp
        .cfi_adjust_cfa_offset -4
        ret
        .cfi_endproc
        .size   cxx_call_funclet, . - cxx_call_funclet

/* _Noreturn void cxx_continue(void *code, char *base, void *stack, struct registration *first) */
        .globl  cxx_continue
        .hidden cxx_continue
        .type   cxx_continue, @function
cxx_continue:
        .cfi_startproc
        movl    4(%esp), %eax
        movl    8(%esp), %ebp
        movl    12(%esp), %edx
        movl    16(%esp), %ecx
        movl    %ecx, %fs:0
        movl    %edx, %esp
        jmp     *%eax
        .cfi_endproc
        .size   cxx_continue, . - cxx_continue

/* _EH_prolog: enters a function with a handler, which is in EAX: puts the frame's registration, in state -1, on the
 * chain, and EBP behind it. */
        .globl  crt_eh_prolog
        .hidden crt_eh_prolog
        .type   crt_eh_prolog, @function
crt_eh_prolog:
        .cfi_startproc
        pushl   $-1
        .cfi_adjust_cfa_offset 4
        pushl   %eax
        .cfi_adjust_cfa_offset 4
        pushl   %fs:0
        .cfi_adjust_cfa_offset 4
        movl    12(%esp), %eax
        movl    %ebp, 12(%esp)
        leal    12(%esp), %ebp
        movl    %esp, %fs:0
        .cfi_undefined %eip
        jmp     *%eax
        .cfi_endproc
        .size   crt_eh_prolog, . - crt_eh_prolog

/* _chkesp: called behind a comparison of the stack pointer with what it should be. */
        .globl  crt_chkesp
        .hidden crt_chkesp
        .type   crt_chkesp, @function
crt_chkesp:
        .cfi_startproc
        jne     1f
        ret
1:      int3
        ret
        .cfi_endproc
        .size   crt_chkesp, . - crt_chkesp

        .section .note.GNU-stack, "", @progbits
