/* Windows' own types and prototypes for code that runs on the Linux side.
 *
 * MinGW-w64's headers are read as they are, except that a pointer to a function of the Windows
 * program carries the program's calling convention (tools/guest-headers). Everything declared as a
 * function is an ordinary Linux function here, so an implementation is written with Windows' own
 * prototype and the compiler checks it. The Linux headers come first, since both worlds define a
 * few names; they must not be included after this file. */
#ifndef LITEWIN_WINDOWS_H
#define LITEWIN_WINDOWS_H

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __x86_64__
#define GUEST_STDCALL __attribute__((ms_abi))
#define GUEST_CDECL __attribute__((ms_abi))
#define _WIN64
#else
#define GUEST_STDCALL __attribute__((stdcall))
#define GUEST_CDECL
#define _X86_
#endif

/* For a function that Windows code calls as it is. Programs for i386 align their stack to 4 bytes; those for
 * x86-64 to 16, but whoever sends a thread to another function by its context seldom cares. */
#define GUEST_REALIGNED __attribute__((force_align_arg_pointer))

/* Linux would align these to 4 bytes in an i386 structure. */
typedef long long GUEST_INT64 __attribute__((aligned(8)));
typedef unsigned long long GUEST_UINT64 __attribute__((aligned(8)));
typedef double GUEST_DOUBLE __attribute__((aligned(8)));

/* A function that floors above, or DLLs, may call. All else stays inside its file's module. */
#define EXPORTED __attribute__((visibility("default")))

#define _WIN32
#define _WIN32_WINNT 0x0A00
#define __CYGWIN__ /* MinGW-w64 then leaves the C library's own declarations alone. */
#define _INT128_DEFINED /* Our __int64 below stands; _mingw.h would define its own. */
#define __declspec(x)
#define __int8 char
#define __int16 short
#define __int32 int
#ifdef __x86_64__
#define __int64 long long
#else
#define __int64 long long __attribute__((aligned(8))) /* Linux would align it to 4 in structures. */
#endif
#define __stdcall
#define __cdecl
#define _cdecl
#define __fastcall
#define _SIZE_T_DEFINED
#define _SSIZE_T_DEFINED
#define _INTPTR_T_DEFINED
#define _UINTPTR_T_DEFINED
#define _PTRDIFF_T_DEFINED
#define _WCHAR_T_DEFINED
#define _WCTYPE_T_DEFINED
#define _WINT_T
#define _ERRCODE_DEFINED
#define _TIME32_T_DEFINED
#define _TIME64_T_DEFINED
#define _TIME_T_DEFINED
#define WIN32_LEAN_AND_MEAN /* COM and the old sockets header have names that Linux also has. */
#define WIN32_NO_STATUS

/* What Windows declares is what other DLLs may call, on the Linux side too. */
#pragma GCC visibility push(default)
#include <windows.h>
#include <winternl.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>
#pragma GCC visibility pop

#endif
