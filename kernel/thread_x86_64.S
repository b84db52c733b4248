/* Leaving the host's stack for the program's, and coming back. */

    .text

/* uint32_t thread_call_on_stack(uint32_t (*function)(void *), void *argument, void *stack, void **saved)
 * Calls function(argument) on another stack with Windows' initial floating point state. *saved is where
 * thread_return_to_host can come back to. */
    .globl  thread_call_on_stack
    .hidden thread_call_on_stack
    .type   thread_call_on_stack, @function
thread_call_on_stack:
    .cfi_startproc
    pushq   %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq    %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq   %rbx
    .cfi_offset %rbx, -24
    pushq   %r12
    .cfi_offset %r12, -32
    pushq   %r13
    .cfi_offset %r13, -40
    pushq   %r14
    .cfi_offset %r14, -48
    pushq   %r15
    .cfi_offset %r15, -56
    pushq   $0
    stmxcsr (%rsp)
    fnstcw  4(%rsp)
    movq    %rsp, (%rcx)
    movq    %rdx, %rsp
    movq    %rdi, %rax
    movq    %rsi, %rdi
    fninit
    fldcw   initial_x87(%rip)
    ldmxcsr initial_mxcsr(%rip)
    cld
    call    *%rax
    leaq    -48(%rbp), %rsp
.Lrestore:
    fninit
    fldcw   4(%rsp)
    ldmxcsr (%rsp)
    cld
    addq    $8, %rsp
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbx
    popq    %rbp
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size   thread_call_on_stack, . - thread_call_on_stack

/* void thread_return_to_host(void *saved, uint32_t result)
 * The call on the other stack returns `result`, whatever is on that stack. */
    .globl  thread_return_to_host
    .hidden thread_return_to_host
    .type   thread_return_to_host, @function
thread_return_to_host:
    .cfi_startproc
    movl    %esi, %eax
    movq    %rdi, %rsp
    jmp     .Lrestore
    .cfi_endproc
    .size   thread_return_to_host, . - thread_return_to_host

    .section .rodata
    .balign 4
initial_mxcsr:
    .long   0x1f80
initial_x87:
    .short  0x027f

    .section .note.GNU-stack, "", @progbits
