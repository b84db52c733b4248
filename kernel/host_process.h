/* What Linux tells in /proc of processes and threads, this one or others, by their ids. */
#ifndef KERNEL_HOST_PROCESS_H
#define KERNEL_HOST_PROCESS_H

#include <litewin/windows.h>

struct host_process {
    DWORD id, parent; /* the parent of a thread is that of its process */
    DWORD threads;
    bool running; /* it has, or waits for, a processor */
    int nice;
    uint64_t faults;                 /* of pages */
    int64_t created;                 /* UTC */
    int64_t kernel_time, user_time;  /* in ticks, known to a hundredth of a second */
    uint64_t virtual_size, resident; /* in bytes */
    char name[64];                   /* as Linux has it */
};

/* False if there is no such process, or no such thread in it; a `thread` of 0 asks for the process. */
EXPORTED bool host_process_read(DWORD process, DWORD thread, struct host_process *information);

/* When a process was started, as a number: no two of one id were at the same time. 0 if there is none. */
uint32_t host_process_start(DWORD process);
/* Whether there is no thread of that id that will ever run again, in any process. */
bool host_thread_has_ended(DWORD thread);

/* The name of the program's file: for one that litewin runs, the Windows program's. Terminated. */
EXPORTED void host_process_program(const struct host_process *process, WCHAR name[MAX_PATH]);

struct host_process_memory {
    uint64_t virtual_size, peak_virtual_size;
    uint64_t resident, peak_resident;
    uint64_t private; /* what no file backs, in memory or swapped out */
};
EXPORTED bool host_process_memory(DWORD process, struct host_process_memory *memory);

/* What went through read and write calls. */
EXPORTED bool host_process_io(DWORD process, IO_COUNTERS *counters);

/* Calls `visit` for each process, or for each thread of a process, until it returns false. False if it did.
 */
EXPORTED bool host_process_for_each(bool (*visit)(DWORD process, void *context), void *context);
EXPORTED bool host_process_for_each_thread(DWORD process, bool (*visit)(DWORD thread, void *context),
                                           void *context);

#endif
