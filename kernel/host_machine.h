/* What Linux tells in /proc of the machine: its memory and its processors. */
#ifndef KERNEL_HOST_MACHINE_H
#define KERNEL_HOST_MACHINE_H

#include <litewin/windows.h>

/* In bytes. */
struct host_memory {
    uint64_t total, available;
    uint64_t swap_total, swap_free;
    uint64_t cached, kernel;
};

EXPORTED void host_memory_read(struct host_memory *memory);

/* The times that the processors spent, all together or one of them, in ticks since the machine was started.
 */
struct host_processor_times {
    int64_t idle, kernel, user; /* of the kernel's, none are idle */
    int64_t deferred, interrupt;
};

/* `number` -1 is all of them. All is 0 where Linux does not tell. */
EXPORTED void host_processor_times(int number, struct host_processor_times *times);

#endif
