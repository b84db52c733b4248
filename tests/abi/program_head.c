/* The hand-written part of the ABI test's program; generate.py appends a test for each function. It needs
 * only four functions of kernel32, so that it runs when little else does. */
#include <stdint.h>
#include <string.h>
#include <windows.h>

struct seen {
    uint64_t values[40];
    const char *function;
    uint32_t count, aligned;
};

#define IMPORT __declspec(dllimport)

IMPORT struct seen *__stdcall seen(void);
IMPORT void __stdcall set_number(int32_t value);
IMPORT int32_t __stdcall get_number(void);
IMPORT int32_t __stdcall get_block_byte(int32_t index);
IMPORT void __stdcall set_block_byte(int32_t index, int32_t value);
IMPORT double __stdcall get_real(void);
IMPORT uint32_t __stdcall coordinates(uint32_t packed);
IMPORT int64_t __stdcall pair(int64_t packed);
IMPORT int32_t __stdcall clobber_all(int32_t a, double b);
IMPORT int32_t __cdecl clobber_varargs(int32_t a, ...);
IMPORT int32_t __stdcall control_words(void);
typedef double(__stdcall *callback)(int32_t, double, int64_t, float, int32_t);
IMPORT double __stdcall call_back(callback function, int32_t a, double b, int64_t c, float d, int32_t e);
IMPORT int32_t __stdcall by_ordinal(int32_t a, int32_t b);
IMPORT int32_t __stdcall by_ordinal_too(int32_t a, int32_t b);
IMPORT int32_t __stdcall forwarded(int32_t a, int32_t b, int32_t c);
extern IMPORT int32_t number;
extern IMPORT char block[100];
extern IMPORT double real;
extern IMPORT void *pointer;

static unsigned passed, failed;

static void print(const char *text)
{
    DWORD written, length = 0;
    while (text[length])
        length++;
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, length, &written, NULL);
}

static char *append(char *end, const char *text)
{
    while (*text)
        *end++ = *text++;
    *end = 0;
    return end;
}

static char *append_number(char *end, uint64_t value, unsigned base)
{
    char digits[24];
    unsigned count = 0;
    do
        digits[count++] = "0123456789abcdef"[value % base];
    while (value /= base);
    while (count)
        *end++ = digits[--count];
    *end = 0;
    return end;
}

static void check(int condition, const char *what)
{
    if (condition) {
        passed++;
        return;
    }
    failed++;
    print(what);
    print(" is wrong\n");
}

static void check_value(const char *function, unsigned position, uint64_t actual, uint64_t expected)
{
    char line[200];
    if (actual == expected) {
        passed++;
        return;
    }
    failed++;
    char *end = append(append(line, function), ": argument ");
    end = append(append_number(end, position + 1, 10), " arrived as 0x");
    end = append(append_number(end, actual, 16), ", expected 0x");
    append(append_number(end, expected, 16), "\n");
    print(line);
}

static void check_seen(const char *function, unsigned count, const uint64_t *expected)
{
    const struct seen *record = seen();
    char line[100];
    int same = 0;
    for (const char *a = function, *b = record->function; *a == *b && !same; a++, b++)
        same = !*a;
    append(append(line, function), ": function called");
    check(same, line);
    append(append(line, function), ": number of arguments");
    check(record->count == count, line);
    append(append(line, function), ": stack alignment");
    check(record->aligned, line);
    for (unsigned i = 0; i < count && i < record->count; i++)
        check_value(function, i, record->values[i], expected[i]);
}

#ifdef _WIN64
#define READ_FLAGS()    __builtin_ia32_readeflags_u64()
#define PRESERVED_COUNT 28 /* RBX RBP RDI RSI R12 R13 R14 R15, XMM6 to XMM15 of two words each */
#else
#define READ_FLAGS()    __builtin_ia32_readeflags_u32()
#define PRESERVED_COUNT 4 /* EBX EBP EDI ESI */
#endif

/* Fills the preserved registers from `before`, calls clobber_all(1, 2.0) or clobber_varargs(1, 2, 3.0), and
 * stores the registers to `after`. */
int32_t __cdecl call_with_registers(const uintptr_t *before, uintptr_t *after, void *function);

#ifdef _WIN64
__asm__(
    ".text\n"
    ".globl call_with_registers\n"
    "call_with_registers:\n"
    "    push %rbx\n push %rbp\n push %rdi\n push %rsi\n push %r12\n push %r13\n push %r14\n push %r15\n"
    "    sub $232, %rsp\n" /* 40 for the call, 160 for XMM6-15, two words of our own */
    "    movdqu %xmm6, 48(%rsp)\n movdqu %xmm7, 64(%rsp)\n movdqu %xmm8, 80(%rsp)\n movdqu %xmm9, 96(%rsp)\n"
    "    movdqu %xmm10, 112(%rsp)\n movdqu %xmm11, 128(%rsp)\n movdqu %xmm12, 144(%rsp)\n"
    "    movdqu %xmm13, 160(%rsp)\n movdqu %xmm14, 176(%rsp)\n movdqu %xmm15, 192(%rsp)\n"
    "    mov %rdx, 216(%rsp)\n"
    "    mov %r8, %r11\n"
    "    mov (%rcx), %rbx\n mov 8(%rcx), %rbp\n mov 16(%rcx), %rdi\n mov 24(%rcx), %rsi\n"
    "    mov 32(%rcx), %r12\n mov 40(%rcx), %r13\n mov 48(%rcx), %r14\n mov 56(%rcx), %r15\n"
    "    movdqu 64(%rcx), %xmm6\n movdqu 80(%rcx), %xmm7\n movdqu 96(%rcx), %xmm8\n movdqu 112(%rcx), %xmm9\n"
    "    movdqu 128(%rcx), %xmm10\n movdqu 144(%rcx), %xmm11\n movdqu 160(%rcx), %xmm12\n"
    "    movdqu 176(%rcx), %xmm13\n movdqu 192(%rcx), %xmm14\n movdqu 208(%rcx), %xmm15\n"
    "    mov $1, %ecx\n"
    "    movabs $0x4000000000000000, %rax\n movq %rax, %xmm1\n" /* 2.0 for clobber_all */
    "    mov $2, %edx\n"
    "    movabs $0x4008000000000000, %r8\n" /* 3.0 for clobber_varargs */
    "    call *%r11\n"
    "    mov 216(%rsp), %rdx\n"
    "    mov %rbx, (%rdx)\n mov %rbp, 8(%rdx)\n mov %rdi, 16(%rdx)\n mov %rsi, 24(%rdx)\n"
    "    mov %r12, 32(%rdx)\n mov %r13, 40(%rdx)\n mov %r14, 48(%rdx)\n mov %r15, 56(%rdx)\n"
    "    movdqu %xmm6, 64(%rdx)\n movdqu %xmm7, 80(%rdx)\n movdqu %xmm8, 96(%rdx)\n movdqu %xmm9, 112(%rdx)\n"
    "    movdqu %xmm10, 128(%rdx)\n movdqu %xmm11, 144(%rdx)\n movdqu %xmm12, 160(%rdx)\n"
    "    movdqu %xmm13, 176(%rdx)\n movdqu %xmm14, 192(%rdx)\n movdqu %xmm15, 208(%rdx)\n"
    "    movdqu 48(%rsp), %xmm6\n movdqu 64(%rsp), %xmm7\n movdqu 80(%rsp), %xmm8\n movdqu 96(%rsp), %xmm9\n"
    "    movdqu 112(%rsp), %xmm10\n movdqu 128(%rsp), %xmm11\n movdqu 144(%rsp), %xmm12\n"
    "    movdqu 160(%rsp), %xmm13\n movdqu 176(%rsp), %xmm14\n movdqu 192(%rsp), %xmm15\n"
    "    add $232, %rsp\n"
    "    pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rsi\n pop %rdi\n pop %rbp\n pop %rbx\n"
    "    ret\n");
#else
/* The stack pointer is put back from saved_stack, whoever popped the arguments. */
static uintptr_t saved_stack __asm__("saved_stack") __attribute__((used));
static uintptr_t saved_after __asm__("saved_after") __attribute__((used));
__asm__(".text\n"
        ".globl _call_with_registers\n"
        "_call_with_registers:\n"
        "    push %ebx\n push %ebp\n push %edi\n push %esi\n"
        "    mov 20(%esp), %ecx\n mov 24(%esp), %eax\n mov %eax, saved_after\n mov 28(%esp), %eax\n"
        "    mov %esp, saved_stack\n"
        "    sub $8, %esp\n" /* off the alignment that Linux expects */
        "    cmp %eax, __imp__clobber_varargs\n"
        "    je 1f\n"
        "    push $0x40000000\n push $0\n push $1\n"
        "    jmp 2f\n"
        "1:  push $0x40080000\n push $0\n push $2\n push $1\n"
        "2:  mov (%ecx), %ebx\n mov 4(%ecx), %ebp\n mov 8(%ecx), %edi\n mov 12(%ecx), %esi\n"
        "    call *%eax\n"
        "    mov saved_after, %ecx\n"
        "    mov %ebx, (%ecx)\n mov %ebp, 4(%ecx)\n mov %edi, 8(%ecx)\n mov %esi, 12(%ecx)\n"
        "    mov saved_stack, %esp\n"
        "    pop %esi\n pop %edi\n pop %ebp\n pop %ebx\n"
        "    ret\n");
#endif

static void test_registers(void *function, int32_t expected, const char *what)
{
    uintptr_t before[PRESERVED_COUNT], after[PRESERVED_COUNT];
    for (unsigned i = 0; i < PRESERVED_COUNT; i++) {
        before[i] = (uintptr_t)0x9e3779b97f4a7c15ull * (i + 1);
        after[i] = 0;
    }
    check(call_with_registers(before, after, function) == expected, what);
    for (unsigned i = 0; i < PRESERVED_COUNT; i++)
        check_value(what, i, after[i], before[i]);
}

static void test_control_words(void)
{
    const uint32_t round_down = 0x3f80;
    const uint16_t windows_x87 = 0x027f;
    uint32_t old_mxcsr, mxcsr;
    uint16_t old_control, control;
    __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(old_mxcsr), "=m"(old_control));
    __asm__ volatile("ldmxcsr %0\n fldcw %1" : : "m"(round_down), "m"(windows_x87));
    int32_t inside = control_words();
    __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(mxcsr), "=m"(control));
    uintptr_t flags = READ_FLAGS();
    __asm__ volatile("ldmxcsr %0\n fldcw %1" : : "m"(old_mxcsr), "m"(old_control));
    check(inside == 7, "control words inside a call");
    check((mxcsr & 0xffc0) == (round_down & 0xffc0), "MXCSR after a call");
    check(control == windows_x87, "x87 control word after a call");
    check(!(flags & 0x400), "direction flag after a call");
}

static void test_data(void)
{
    check(number == 42, "number: initial value");
    number = 1234567;
    check(get_number() == 1234567, "number: written by the program");
    set_number(-5);
    check(number == -5, "number: written by the DLL");
    check(block[0] == 7 && block[99] == 7, "block: initial value");
    block[99] = 3;
    check(get_block_byte(99) == 3, "block: written by the program");
    set_block_byte(50, 9);
    check(block[50] == 9, "block: written by the DLL");
    check(real == 2.5 && get_real() == 2.5, "real: initial value, attached once");
    check(pointer == (void *)GetModuleHandleA("abitest.dll"), "pointer: image base");
}

static double __stdcall called_back(int32_t a, double b, int64_t c, float d, int32_t e)
{
    check(a == -7 && b == 1.5 && c == 0x123456789abcll && d == 0.25f && e == 11, "callback: arguments");
    return 40.5;
}

static void test_others(void)
{
    test_data();
    check(coordinates(0x00020001) == 0x00010002, "coordinates");
    check(pair(0x200000001ll) == 0x100000002ll, "pair");
    check(call_back(called_back, -7, 1.5, 0x123456789abcll, 0.25f, 11) == 41.5, "callback: result");
    check(by_ordinal(50, 8) == 42, "by_ordinal");
    check(by_ordinal_too(6, 7) == 42, "by_ordinal_too");
    forwarded(1, 2, 3);
    check_seen("ints_3", 3, (const uint64_t[]){1, 2, 3});
    test_registers((void *)clobber_all, 3, "registers preserved by clobber_all");
    test_registers((void *)clobber_varargs, 6, "registers preserved by clobber_varargs");
    test_control_words();
}

static void finish(void)
{
    char line[100];
    char *end = append_number(append(line, "abitest: "), passed, 10);
    append(append_number(append(end, " passed, "), failed, 10), " failed\n");
    print(line);
    ExitProcess(failed != 0);
}
