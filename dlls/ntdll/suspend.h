/* What suspending threads needs to know of frames. */
#ifndef NTDLL_SUSPEND_H
#define NTDLL_SUSPEND_H

/* Registers it with kernel/suspend.c. */
void suspend_initialize(void);

#endif
