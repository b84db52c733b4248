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
    pushl   %ebp
    .cfi_def_cfa_offset 8
    .cfi_offset %ebp, -8
    movl    %esp, %ebp
    .cfi_def_cfa_register %ebp
    pushl   %ebx
    .cfi_offset %ebx, -12
    pushl   %esi
    .cfi_offset %esi, -16
    pushl   %edi
    .cfi_offset %edi, -20
    subl    $8, %esp
    stmxcsr (%esp)
    fnstcw  4(%esp)
    movl    20(%ebp), %eax
    movl    %esp, (%eax)
    movl    8(%ebp), %eax
    movl    12(%ebp), %ecx
    movl    16(%ebp), %esp
    subl    $16, %esp
    movl    %ecx, (%esp)
    movl    $0x1f80, 4(%esp)
    movl    $0x027f, 8(%esp)
    fninit
    fldcw   8(%esp)
    ldmxcsr 4(%esp)
    cld
    call    *%eax
    leal    -20(%ebp), %esp
.Lrestore:
    fninit
    fldcw   4(%esp)
    ldmxcsr (%esp)
    cld
    addl    $8, %esp
    popl    %edi
    popl    %esi
    popl    %ebx
    popl    %ebp
    .cfi_def_cfa %esp, 4
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
    movl    4(%esp), %ecx
    movl    8(%esp), %eax
    movl    %ecx, %esp
    jmp     .Lrestore
    .cfi_endproc
    .size   thread_return_to_host, . - thread_return_to_host

    .section .note.GNU-stack, "", @progbits
