/* What fiber-local storage does beside the Rtl functions. */
#ifndef NTDLL_FLS_H
#define NTDLL_FLS_H

#include <litewin/windows.h>

/* As many as Windows 10 has; the first is never given out. */
enum { FLS_SLOTS = 0xFF0 };

/* What RtlProcessFlsData does: calls the callbacks and forgets the data; frees what has been forgotten. */
enum { FLS_RUN_DOWN = 1, FLS_FREE_MEMORY = 2 };
EXPORTED void WINAPI RtlProcessFlsData(void *data, ULONG flags);

void fls_initialize(void);

#endif
