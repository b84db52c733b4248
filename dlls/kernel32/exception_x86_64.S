/* RaiseException for Windows code: what handlers see is the caller's context. */
    .text
    .globl direct_RaiseException
    .hidden direct_RaiseException, raise_exception_captured
    .type direct_RaiseException, @function
direct_RaiseException:
    .cfi_startproc
    leaq raise_exception_captured(%rip), %r11
    jmp *context_capture_and_call@GOTPCREL(%rip)
    .cfi_endproc
    .size direct_RaiseException, . - direct_RaiseException
    .section .note.GNU-stack, "", @progbits
