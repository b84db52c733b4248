/* KUSER_SHARED_DATA: the page at 0x7FFE0000 that programs read the time and the system's version from. */
#ifndef KERNEL_SHARED_DATA_H
#define KERNEL_SHARED_DATA_H

/* Few programs read it, so it exists from the first access on, which faults. */
void shared_data_initialize(void);

#endif
