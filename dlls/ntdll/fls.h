/* What fiber-local storage does beside the Rtl functions. */
#ifndef NTDLL_FLS_H
#define NTDLL_FLS_H

#include <litewin/windows.h>

/* What RtlProcessFlsData does. */
enum { FLS_CALL_CALLBACKS = 1, FLS_DISCARD = 2 };
EXPORTED void WINAPI RtlProcessFlsData(void *data, ULONG flags);

void fls_initialize(void);

#endif
