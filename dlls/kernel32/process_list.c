#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "dlls/kernel32/process_list.h"
#include "kernel/utf.h"

#define NORMAL_PRIORITY 8

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

/* What /proc says of a process in one of its files, with NULs for whatever ends there. */
static size_t read_file(DWORD process, const char *name, char *text, size_t size)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%u/%s", (unsigned)process, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, text, size - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    return length > 0 ? length : 0;
}

static const char *base_name(const char *path)
{
    const char *base = path;
    for (; *path; path++) {
        if (*path == '/' || *path == '\\')
            base = path + 1;
    }
    return base;
}

/* Every Windows program is litewin-load to Linux; its command line tells which. */
static const char *name_in_command(const char *command, size_t length)
{
    for (const char *word = command; word < command + length; word += strlen(word) + 1) {
        size_t bytes = strlen(word);
        if (bytes > 4 && !strcasecmp(word + bytes - 4, ".exe"))
            return base_name(word);
    }
    return NULL;
}

static void name_process(PROCESSENTRY32W *entry, char *short_name)
{
    char command[4096];
    const char *name = short_name;
    if (!strcmp(short_name, "litewin-load")) {
        size_t length = read_file(entry->th32ProcessID, "cmdline", command, sizeof command);
        const char *found = name_in_command(command, length);
        name = found ? found : name;
    }
    size_t length = utf16_from_utf8(entry->szExeFile, MAX_PATH - 1, name, strlen(name), UTF_REPLACE);
    entry->szExeFile[min(length, MAX_PATH - 1)] = 0;
}

/* "ID (NAME) STATE PARENT ..."; the name may hold anything. */
static void describe_process(PROCESSENTRY32W *entry, char *stat)
{
    char *name = strchr(stat, '('), *end = strrchr(stat, ')');
    unsigned parent = 0, threads = 1;
    if (!name || !end)
        return;
    *end = '\0';
    sscanf(end + 1, " %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %u", &parent,
           &threads);
    entry->th32ParentProcessID = parent;
    entry->cntThreads = threads;
    entry->pcPriClassBase = NORMAL_PRIORITY;
    name_process(entry, name + 1);
}

/* Calls `visit` for each entry of a directory of /proc that is a number; false when it was. */
static bool for_each_number(const char *directory, bool (*visit)(struct list *list, DWORD number, DWORD of),
                            struct list *list, DWORD of)
{
    DIR *stream = opendir(directory);
    bool complete = true;
    /* A process that has ended meanwhile has no threads. */
    if (!stream)
        return true;
    for (struct dirent *entry; complete && (entry = readdir(stream));) {
        if (isdigit((unsigned char)*entry->d_name))
            complete = visit(list, strtoul(entry->d_name, NULL, 10), of);
    }
    closedir(stream);
    return complete;
}

static bool add_process(struct list *list, DWORD id, DWORD unused)
{
    char stat[1024];
    (void)unused;
    if (!read_file(id, "stat", stat, sizeof stat))
        return true;
    PROCESSENTRY32W *entry = list_add(list, sizeof *entry);
    if (!entry)
        return false;
    entry->th32ProcessID = id;
    describe_process(entry, stat);
    return true;
}

bool process_list_read(struct list *processes)
{
    return for_each_number("/proc", add_process, processes, 0);
}

static bool add_thread(struct list *list, DWORD id, DWORD process)
{
    THREADENTRY32 *entry = list_add(list, sizeof *entry);
    if (!entry)
        return false;
    entry->th32ThreadID = id;
    entry->th32OwnerProcessID = process;
    entry->tpBasePri = NORMAL_PRIORITY;
    return true;
}

static bool add_threads_of(struct list *list, DWORD process, DWORD unused)
{
    char directory[48];
    (void)unused;
    snprintf(directory, sizeof directory, "/proc/%u/task", (unsigned)process);
    return for_each_number(directory, add_thread, list, process);
}

bool thread_list_read(struct list *threads)
{
    return for_each_number("/proc", add_threads_of, threads, 0);
}
