/* RaiseException for Windows code: what handlers see is the caller's context. */
    .text
    .globl direct_RaiseException
    .hidden direct_RaiseException, raise_exception_captured
    .type direct_RaiseException, @function
direct_RaiseException:
    .cfi_startproc
    call 1f
1:  popl %ecx
    leal raise_exception_captured - 1b(%ecx), %eax
    addl $_GLOBAL_OFFSET_TABLE_ + (. - 1b), %ecx
    movl $16, %edx
    jmp *context_capture_and_call@GOT(%ecx)
    .cfi_endproc
    .size direct_RaiseException, . - direct_RaiseException
    .section .note.GNU-stack, "", @progbits
