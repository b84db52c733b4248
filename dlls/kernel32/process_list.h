/* Linux' processes and their threads and this process's heaps, as the tool help library lists them. */
#ifndef KERNEL32_PROCESS_LIST_H
#define KERNEL32_PROCESS_LIST_H

#include <litewin/windows.h>
#include <tlhelp32.h>

/* An array that grows by one entry at a time. */
struct list {
    void *entries;
    size_t count, room;
};

/* A new entry, all zero but for its first member, a DWORD that holds its size; NULL when memory is short. */
void *list_add(struct list *list, size_t entry_size);

/* All are false when memory is short. */
bool process_list_read(struct list *processes);
bool thread_list_read(struct list *threads);
bool heap_list_read(struct list *heaps);

#endif
