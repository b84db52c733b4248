/* The lock that programs hold while they look at or change what the process's environment block leads to. It
 * is the program's alone: nothing of litewin takes it. */
#ifndef NTDLL_PEB_LOCK_H
#define NTDLL_PEB_LOCK_H

#include <litewin/windows.h>

EXPORTED NTSTATUS WINAPI RtlAcquirePebLock(void);
EXPORTED NTSTATUS WINAPI RtlReleasePebLock(void);

void peb_lock_initialize(void);

#endif
