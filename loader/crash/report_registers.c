#include "loader/crash/crash_internal.h"

struct register_name {
    char name[7];
    uint16_t offset; /* in CONTEXT */
};

#define NAMED(name, field)                       \
    {                                            \
        name, (uint16_t)offsetof(CONTEXT, field) \
    }

static const struct register_name names[] = {
#ifdef __x86_64__
    NAMED("rax", Rax), NAMED("rbx", Rbx), NAMED("rcx", Rcx), NAMED("rdx", Rdx), NAMED("rsi", Rsi),
    NAMED("rdi", Rdi), NAMED("rbp", Rbp), NAMED("rsp", Rsp), NAMED(" r8", R8),  NAMED(" r9", R9),
    NAMED("r10", R10), NAMED("r11", R11), NAMED("r12", R12), NAMED("r13", R13), NAMED("r14", R14),
    NAMED("r15", R15), NAMED("rip", Rip),
#else
    NAMED("eax", Eax), NAMED("ebx", Ebx), NAMED("ecx", Ecx), NAMED("edx", Edx), NAMED("esi", Esi),
    NAMED("edi", Edi), NAMED("ebp", Ebp), NAMED("esp", Esp), NAMED("eip", Eip),
#endif
};

void report_registers(struct trace_text *text, const CONTEXT *context)
{
    enum { IN_A_LINE = 4 };
    for (unsigned i = 0; i < ARRAYSIZE(names); i++) {
        uintptr_t value;
        memcpy(&value, (const char *)context + names[i].offset, sizeof value);
        text_string(text, "  ");
        text_string(text, names[i].name);
        text_char(text, ' ');
        text_digits(text, value, 2 * sizeof value);
        if (i % IN_A_LINE == IN_A_LINE - 1)
            text_char(text, '\n');
    }
    text_string(text, "  eflags ");
    text_digits(text, context->EFlags, 8);
    text_char(text, '\n');
}
