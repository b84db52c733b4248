#include <stdlib.h>
#include "dlls/kernel32/process_list.h"
#include "kernel/host_process.h"
#include "kernel/process.h"

void *list_add(struct list *list, size_t entry_size)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 64;
        void *entries = realloc(list->entries, room * entry_size);
        if (!entries)
            return NULL;
        list->entries = entries;
        list->room = room;
    }
    void *entry = memset((char *)list->entries + list->count++ * entry_size, 0, entry_size);
    *(DWORD *)entry = entry_size;
    return entry;
}

static LONG base_priority(const struct host_process *process)
{
    bool own = process->id == process_self.id;
    return process_base_priority_of(own ? process_priority_class()
                                        : process_priority_class_of_nice(process->nice));
}

static bool add_process(DWORD id, void *context)
{
    struct host_process process;
    if (!host_process_read(id, 0, &process))
        return true;
    PROCESSENTRY32W *entry = list_add(context, sizeof *entry);
    if (!entry)
        return false;
    entry->th32ProcessID = id;
    entry->th32ParentProcessID = process.parent;
    entry->cntThreads = process.threads;
    entry->pcPriClassBase = base_priority(&process);
    host_process_program(&process, entry->szExeFile);
    return true;
}

bool process_list_read(struct list *processes)
{
    return host_process_for_each(add_process, processes);
}

struct thread_list {
    struct list *threads;
    struct host_process process;
};

static bool add_thread(DWORD id, void *context)
{
    struct thread_list *list = context;
    THREADENTRY32 *entry = list_add(list->threads, sizeof *entry);
    if (!entry)
        return false;
    entry->th32ThreadID = id;
    entry->th32OwnerProcessID = list->process.id;
    entry->tpBasePri = base_priority(&list->process);
    return true;
}

static bool add_threads_of(DWORD process, void *threads)
{
    struct thread_list list = {.threads = threads};
    return !host_process_read(process, 0, &list.process) ||
           host_process_for_each_thread(process, add_thread, &list);
}

bool thread_list_read(struct list *threads)
{
    return host_process_for_each(add_threads_of, threads);
}
