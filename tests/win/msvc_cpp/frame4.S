/* A function with exception tables of the fourth format, which no free compiler writes.
 *
 *     int frame4(void (*function)(void *), void *argument)
 *
 * calls function(argument) within a try block with three objects, whose destructor is frame4_end, and with
 * handlers for int, char and everything else. It returns 0, or what the place where it goes on behind the handler
 * stands for. */

#define FIRST   0x20 /* an object */
#define POINTER 0x28 /* to the second */
#define SECOND  0x30
#define CAUGHT  0x38
#define THIRD   0x40
#define FRAME   0x50

/* In a handler's frame, where it has the function's. */
#define PARENT 0x38

/* Compressed numbers of one to five bytes. */
.macro number1 n
        .byte   (\n) << 1
.endm
.macro number2 n
        .short  (\n) << 2 | 1
.endm
.macro number3 n
        .byte   ((\n) << 3 | 3) & 0xff, (\n) >> 5 & 0xff, (\n) >> 13 & 0xff
.endm
.macro number4 n
        .long   (\n) << 4 | 7
.endm
.macro number5 n
        .byte   0x0f
        .long   \n
.endm

#define NOTHING         0
#define DESTROY         1
#define DESTROY_POINTED 2
#define FUNCLET         3

        .text
        .globl  frame4
        .seh_proc frame4
frame4:
        pushq   %rbp
        .seh_pushreg %rbp
        subq    $FRAME, %rsp
        .seh_stackalloc FRAME
        .seh_endprologue
        movq    %rcx, %rax
        movq    %rdx, %rcx
        movq    $'a', FIRST(%rsp)
        movq    $'b', SECOND(%rsp)
        movq    $'c', THIRD(%rsp)
        leaq    SECOND(%rsp), %rdx
        movq    %rdx, POINTER(%rsp)
.Ltry:
        call    *%rax
        nop
.Ltry_end:
        xorl    %eax, %eax
        addq    $FRAME, %rsp
        popq    %rbp
        ret
.Lfirst_continuation:
        movl    $1, %eax
        addq    $FRAME, %rsp
        popq    %rbp
        ret
.Lsecond_continuation:
        movl    $2, %eax
        addq    $FRAME, %rsp
        popq    %rbp
        ret
.Lreturned_continuation:
        movl    $3, %eax
        addq    $FRAME, %rsp
        popq    %rbp
        ret
.Lonly_continuation:
        movl    $4, %eax
        addq    $FRAME, %rsp
        popq    %rbp
        ret
        .seh_handler __CxxFrameHandler4, @unwind, @except
        .seh_handlerdata
        .rva    .Lfunction
        .text
        .seh_endproc

/* The end of the third object. */
        .seh_proc end_third
end_third:
        subq    $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_endprologue
        leaq    THIRD(%rdx), %rcx
        call    frame4_end
        addq    $0x28, %rsp
        ret
        .seh_endproc

.macro handler name, tables
        .seh_proc \name
\name:
        movq    %rdx, 0x10(%rsp)
        pushq   %rbp
        .seh_pushreg %rbp
        subq    $0x20, %rsp
        .seh_stackalloc 0x20
        .seh_endprologue
        movq    %rdx, %rbp
.endm
.macro end_handler tables
        addq    $0x20, %rsp
        popq    %rbp
        ret
        .seh_handler __CxxFrameHandler4, @unwind, @except
        .seh_handlerdata
        .rva    \tables
        .text
        .seh_endproc
.endm

/* catch (int): frame4_handle says how to go on, or throws, in a state in which an object is to end. */
        handler catch_int
        movq    $'h', THIRD(%rbp)
        movl    CAUGHT(%rbp), %ecx
.Lin_handler:
        call    frame4_handle
        nop
.Lin_handler_end:
        end_handler .Lhandler

        handler catch_char
        leaq    .Lreturned_continuation(%rip), %rax
        end_handler .Lother_handler

        handler catch_all
        end_handler .Lother_handler

        .section .rdata, "dr"
.Lfunction:
        .byte   0x08 | 0x10 | 0x20 /* unwind entries, try blocks, only C++ exceptions */
        .rva    .Lunwinds, .Ltries, .Laddresses
.Lhandler:
        .byte   0x01 | 0x04 | 0x08 | 0x10 | 0x20 /* that, and a handler with flags of the optimizer */
        number1 0
        .rva    .Lunwinds, .Ltries, .Lhandler_addresses
        number1 PARENT
.Lother_handler:
        .byte   0x01 | 0x02 | 0x08 | 0x10 | 0x20 /* a handler in several places */
        .rva    .Lunwinds, .Ltries, .Lsegments
        number2 PARENT

/* States 0 to 3 are the try block's, 4 and 5 the handler's. */
.Lunwinds:
        number1 6
.Lstate0:
        number1 1 << 2 | NOTHING
.Lstate1:
        number1 1 << 2 | DESTROY
        .rva    frame4_end
        number1 FIRST
.Lstate2:
        number2 6 << 2 | DESTROY_POINTED
        .rva    frame4_end
        number3 POINTER
.Lstate3:
        number1 9 << 2 | FUNCLET
        .rva    end_third
.Lstate4:
        number5 22 << 2 | NOTHING
.Lstate5:
        number4 5 << 2 | DESTROY
        .rva    frame4_end
        number1 THIRD

.Ltries:
        number1 1
        number1 0
        number1 3
        number1 5
        .rva    .Lhandlers

.Lhandlers:
        number1 3
        .byte   0x02 | 0x04 | 2 << 4 /* type, object, two continuations */
        .rva    frame4_int
        number1 CAUGHT
        .rva    catch_int
        number2 .Lfirst_continuation-frame4
        number2 .Lsecond_continuation-frame4
        .byte   0x01 | 0x02 /* qualifiers, type; the handler returns its continuation */
        number1 1
        .rva    frame4_char
        .rva    catch_char
        .byte   0x01 | 0x08 | 1 << 4 /* qualifiers, one continuation as an offset from the image */
        number1 0x40
        .rva    catch_all
        .rva    .Lonly_continuation

.Laddresses:
        number1 3
        number1 0
        number1 0
        number2 .Ltry-frame4
        number1 3+1
        number1 .Ltry_end-.Ltry
        number1 0

.Lhandler_addresses:
        number1 3
        number1 0
        number1 4+1
        number1 .Lin_handler-catch_int
        number1 5+1
        number1 .Lin_handler_end-.Lin_handler
        number1 4+1

.Lsegments:
        number1 2
        .rva    catch_char, .Lother_addresses, catch_all, .Lother_addresses
.Lother_addresses:
        number1 1
        number1 0
        number1 4+1
