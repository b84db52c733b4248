/* build: -nostdlib -e entry
 * The smallest program: no import, no C library; the process ends with what its entry point returns: 42, or
 * the number of the first thing about the registers that is not as Windows leaves them. */

__asm__(".globl entry\n"
        "entry:\n"
#ifdef __x86_64__
        /* The stack is aligned to 16 bytes before the call. */
        "    lea 8(%rsp), %rcx\n"
        "    mov $1, %eax\n"
        "    test $15, %cl\n"
        "    jne 1f\n"
        "    sub $8, %rsp\n"
        "    fnstcw (%rsp)\n"
        "    stmxcsr 4(%rsp)\n"
        "    pop %rcx\n"
        "    mov %rcx, %rdx\n"
        "    shr $32, %rdx\n"
#else
        "    sub $8, %esp\n"
        "    fnstcw (%esp)\n"
        "    stmxcsr 4(%esp)\n"
        "    pop %ecx\n"
        "    pop %edx\n"
#endif
        /* The x87 unit rounds to 53 bits, and nothing traps. */
        "    mov $2, %eax\n"
        "    cmp $0x27F, %cx\n"
        "    jne 1f\n"
        "    mov $3, %eax\n"
        "    cmp $0x1F80, %edx\n"
        "    jne 1f\n"
        /* String instructions go upwards. */
        "    mov $4, %eax\n"
#ifdef __x86_64__
        "    pushfq\n"
        "    pop %rcx\n"
#else
        "    pushf\n"
        "    pop %ecx\n"
#endif
        "    test $0x400, %ecx\n"
        "    jne 1f\n"
        "    mov $42, %eax\n"
        "1:  ret\n");
