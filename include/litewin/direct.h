/* For exports with -direct: C functions in Windows' own calling convention, without a thunk in front.
 *
 * Such a function should do its usual work without calling Linux code, since the compiler would save all
 * registers that Linux' convention does not; the rare rest goes into a function marked DIRECT_RARE, in
 * tail position. That function aligns the stack, which Windows code may not have done. */
#ifndef LITEWIN_DIRECT_H
#define LITEWIN_DIRECT_H

#include <litewin/binding.h>
#include <litewin/windows.h>

#define DIRECT      GUEST_STDCALL
#define DIRECT_RARE GUEST_STDCALL GUEST_REALIGNED __attribute__((noinline, cold))

#define DIRECT_TEXT_OF(...)          #__VA_ARGS__
#define DIRECT_EXPANDED_TEXT_OF(...) DIRECT_TEXT_OF(__VA_ARGS__)

/* For the rare rest that takes locks: as in a thunk, a stack that overflows does so before that. */
static inline void direct_probe_stack(void)
{
    __asm__ volatile(".byte " DIRECT_EXPANDED_TEXT_OF(LITEWIN_STACK_PROBE_CODE)::: "cc", "memory");
}

#endif
