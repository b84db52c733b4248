/* int guarded(void (*function)(void *frame)), as a compiler lays it out for _except_handler4. */

#define LEVEL        -4
#define TABLE        -8
#define HANDLER      -12
#define REGISTRATION -16
#define POINTERS     -20
#define STACK        -24
#define FRAME_COOKIE -28
#define COOKIE       -32
#define FRAME        32

        .text
        .globl  _guarded
_guarded:
        pushl   %ebp
        movl    %esp, %ebp
        subl    $FRAME, %esp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    %esp, STACK(%ebp)
        movl    $-2, LEVEL(%ebp)
        movl    $table, %eax
        xorl    _secret, %eax
        movl    %eax, TABLE(%ebp)
        movl    %ebp, %eax
        xorl    _secret, %eax
        movl    %eax, FRAME_COOKIE(%ebp)
        leal    8(%ebp), %eax
        xorl    _secret, %eax
        movl    %eax, COOKIE(%ebp)
        movl    $_except_handler4, HANDLER(%ebp)
        movl    %fs:0, %eax
        movl    %eax, REGISTRATION(%ebp)
        leal    REGISTRATION(%ebp), %eax
        movl    %eax, %fs:0
        movl    $1, LEVEL(%ebp)
        pushl   %eax
        call    *8(%ebp)
        movl    $-2, LEVEL(%ebp)
        xorl    %eax, %eax
return:
        movl    REGISTRATION(%ebp), %ecx
        movl    %ecx, %fs:0
        leal    -FRAME-12(%ebp), %esp
        popl    %edi
        popl    %esi
        popl    %ebx
        leave
        ret

ask_filter:
        pushl   POINTERS(%ebp)
        call    _filter
        popl    %ecx
        ret

handle:
        movl    STACK(%ebp), %esp
        movl    $1, %eax
        jmp     return

        .section .rdata, "dr"
        .balign 4
table:
        .long   COOKIE, 8
        .long   FRAME_COOKIE, 0
        .long   -2, ask_filter, handle
        .long   0, 0, _finally
