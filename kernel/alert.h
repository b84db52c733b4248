/* Alerts by thread id, the native API's way to put one thread to sleep and to wake it: an alert that comes
 * first is kept, and two are as good as one. */
#ifndef KERNEL_ALERT_H
#define KERNEL_ALERT_H

#include <litewin/windows.h>

/* STATUS_INVALID_CID where there is no such thread. */
EXPORTED NTSTATUS alert_by_id(DWORD id);
/* STATUS_ALERTED or STATUS_TIMEOUT. */
EXPORTED NTSTATUS alert_wait(const LARGE_INTEGER *timeout);

#endif
