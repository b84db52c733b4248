/* What i386 compilers call for the mathematical functions: arguments and results on the x87's stack. */

        .text

/* _CIname: the last argument is in ST(0), one before it in ST(1). */
.macro ONE_ARGUMENT name
        .globl  crt_ci_\name
        .hidden crt_ci_\name
        .type   crt_ci_\name, @function
crt_ci_\name:
        .cfi_startproc
        pushl   %ebp
        .cfi_def_cfa_offset 8
        .cfi_offset %ebp, -8
        movl    %esp, %ebp
        .cfi_def_cfa_register %ebp
        subl    $8, %esp
        andl    $-16, %esp
        fstpl   (%esp)
        call    crt_\name
        leave
        .cfi_def_cfa %esp, 4
        ret
        .cfi_endproc
        .size   crt_ci_\name, . - crt_ci_\name
.endm

.macro TWO_ARGUMENTS name
        .globl  crt_ci_\name
        .hidden crt_ci_\name
        .type   crt_ci_\name, @function
crt_ci_\name:
        .cfi_startproc
        pushl   %ebp
        .cfi_def_cfa_offset 8
        .cfi_offset %ebp, -8
        movl    %esp, %ebp
        .cfi_def_cfa_register %ebp
        subl    $16, %esp
        andl    $-16, %esp
        fstpl   8(%esp)
        fstpl   (%esp)
        call    crt_\name
        leave
        .cfi_def_cfa %esp, 4
        ret
        .cfi_endproc
        .size   crt_ci_\name, . - crt_ci_\name
.endm

        ONE_ARGUMENT acos
        ONE_ARGUMENT asin
        ONE_ARGUMENT atan
        ONE_ARGUMENT cos
        ONE_ARGUMENT cosh
        ONE_ARGUMENT exp
        ONE_ARGUMENT log
        ONE_ARGUMENT log10
        ONE_ARGUMENT sin
        ONE_ARGUMENT sinh
        ONE_ARGUMENT sqrt
        ONE_ARGUMENT tan
        ONE_ARGUMENT tanh
        TWO_ARGUMENTS atan2
        TWO_ARGUMENTS fmod
        TWO_ARGUMENTS pow

/* _ftol: ST(0) to EDX:EAX, cut off towards zero whatever the rounding mode is. */
        .globl  crt_ftol
        .hidden crt_ftol
        .type   crt_ftol, @function
crt_ftol:
        .cfi_startproc
        subl    $12, %esp
        .cfi_def_cfa_offset 16
        fnstcw  8(%esp)
        movzwl  8(%esp), %eax
        orl     $0x0c00, %eax
        movw    %ax, 10(%esp)
        fldcw   10(%esp)
        fistpll (%esp)
        fldcw   8(%esp)
        movl    (%esp), %eax
        movl    4(%esp), %edx
        addl    $12, %esp
        .cfi_def_cfa_offset 4
        ret
        .cfi_endproc
        .size   crt_ftol, . - crt_ftol

        .section .note.GNU-stack, "", @progbits
