/* Finding the unwind data of an address on x86-64: images, tables that the program adds, Linux code. */
#ifndef NTDLL_FUNCTION_TABLE_H
#define NTDLL_FUNCTION_TABLE_H

#include <litewin/windows.h>

/* What RtlLookupFunctionEntry gives for Linux code. With it RtlVirtualUnwind crosses a Linux frame, so the
 * program's own stack walks pass through callbacks and reach the thread's start. */
extern const RUNTIME_FUNCTION *const function_table_elf;

#endif
