/* For exports with -direct: C functions in Windows' own calling convention, without a thunk in front.
 *
 * Such a function should do its usual work without calling Linux code, since the compiler would save all
 * registers that Linux' convention does not; the rare rest goes into a function marked DIRECT_RARE, in
 * tail position. On i386 that function aligns the stack, which Windows code does not. */
#ifndef LITEWIN_DIRECT_H
#define LITEWIN_DIRECT_H

#include <litewin/windows.h>

#define DIRECT GUEST_STDCALL
#define DIRECT_RARE GUEST_STDCALL GUEST_REALIGNED __attribute__((noinline, cold))

#endif
