/* What Microsoft's headers and static library would give a program. */
#ifndef MSVC_RUNTIME_H
#define MSVC_RUNTIME_H

#include "check.h"

/* Every type's description points here; it is of the program's own. */
extern "C" {
extern void *const type_info_vtable[2] __asm__("??_7type_info@@6B@");
void *const type_info_vtable[2] = {};
}

typedef void (*terminate_handler)();
__declspec(dllimport) terminate_handler set_terminate(terminate_handler handler);
__declspec(dllimport) void terminate();
extern "C" __declspec(dllimport) int __uncaught_exception();

typedef void (*se_translator)(unsigned code, struct _EXCEPTION_POINTERS *pointers);
__declspec(dllimport) se_translator _set_se_translator(se_translator translator);

/* The compiler adds what else they take. */
extern "C" int _setjmp(void *buffer) __attribute__((returns_twice));
extern "C" __declspec(dllimport) __attribute__((noreturn)) void longjmp(void *buffer, int value);

/* Where clang has functions go that must not throw, and do. */
extern "C" void __std_terminate()
{
    terminate();
}

/* The flags of a function's exception tables. */
enum { EH_SYNCHRONOUS = 1, EH_NOEXCEPT = 4 };

#ifdef _WIN64
static inline unsigned *eh_flags_of(void *function)
{
    ULONG64 base;
    RUNTIME_FUNCTION *entry = RtlLookupFunctionEntry((ULONG64)function, &base, nullptr);
    const unsigned char *info = (const unsigned char *)base + entry->UnwindData;
    const unsigned *handler = (const unsigned *)(info + 4 + (info[2] + 1) / 2 * 4);
    return (unsigned *)(base + handler[1]) + 9;
}
#else
/* It begins by putting its handler on the chain: a piece of code that loads the tables' address into EAX. */
static inline unsigned *eh_flags_of(void *function)
{
    unsigned char *code = (unsigned char *)function;
    for (int i = 0; i < 80; i++) {
        unsigned char *handler = *(unsigned char **)(code + i);
        if ((ULONG_PTR)handler - (ULONG_PTR)code + 0x10000 < 0x20000 && handler[0] == 0xB8 &&
            handler[5] == 0xE9)
            return *(unsigned **)(handler + 1) + 8;
    }
    return nullptr;
}
#endif

static inline void set_eh_flags(unsigned *flags, unsigned value)
{
    DWORD before;
    VirtualProtect(flags, sizeof *flags, PAGE_READWRITE, &before);
    *flags = value;
    VirtualProtect(flags, sizeof *flags, before, &before);
}

#endif
