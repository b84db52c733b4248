/* The exports with -leaf: what the calling thread's TEB answers in a few instructions. What is rare goes to `rest`,
 * the C function of the same name. */

    .macro leaf_GetLastError rest
    movl %gs:0x68, %eax
    ret
    .endm

    .macro leaf_SetLastError rest
    movl %ecx, %gs:0x68
    ret
    .endm

    .macro leaf_GetCurrentThreadId rest
    movl %gs:0x48, %eax
    ret
    .endm

/* Beyond the 64 slots in the TEB is the rest. */
    .macro leaf_TlsGetValue rest
    movl %ecx, %edx
    cmpl $64, %ecx
    jae \rest
    movq %gs:0x1480(,%rdx,8), %rax
    movl $0, %gs:0x68
    ret
    .endm
