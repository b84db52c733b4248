/* The exports with -leaf: what the calling thread's TEB answers in a few instructions. What is rare goes to `rest`,
 * the C function of the same name. */

    .macro leaf_GetLastError rest
    movl %fs:0x34, %eax
    ret
    .endm

    .macro leaf_SetLastError rest
    movl 4(%esp), %eax
    movl %eax, %fs:0x34
    ret $4
    .endm

    .macro leaf_GetCurrentThreadId rest
    movl %fs:0x24, %eax
    ret
    .endm

/* Beyond the 64 slots in the TEB is the rest. */
    .macro leaf_TlsGetValue rest
    movl 4(%esp), %ecx
    cmpl $64, %ecx
    jae \rest
    movl %fs:0xe10(,%ecx,4), %eax
    movl $0, %fs:0x34
    ret $4
    .endm
