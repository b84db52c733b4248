/* Threads of litewin's own, which the program does not see: they belong to no list of threads, and no signal
 * but that of a fault of their own (kernel/peek.h) is for them. They last as long as the process. */
#ifndef KERNEL_HELPER_THREAD_H
#define KERNEL_HELPER_THREAD_H

#include <litewin/windows.h>

/* By this name, who looks at the threads of a process from outside passes them over. */
#define HELPER_THREAD_NAME "litewin-helper"

/* Starts a thread that calls `run`, which does not return. */
EXPORTED bool helper_thread_start(void (*run)(void));

#endif
