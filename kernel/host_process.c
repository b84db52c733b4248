#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/host_process.h"
#include "kernel/helper_thread.h"
#include "kernel/time.h"
#include "kernel/utf.h"
#include "kernel/vm.h"

/* Files of /proc */

/* Such a file comes whole in one read. What it has is terminated; 0 where it has nothing or is not there. */
static size_t read_file(const char *path, char *text, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, text, size - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    return length > 0 ? length : 0;
}

static size_t read_of_process(DWORD process, const char *name, char *text, size_t size)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%u/%s", (unsigned)process, name);
    return read_file(path, text, size);
}

/* The number in a line "NAME 1234"; 0 where a kernel has no such line. */
static uint64_t find_number(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line ? strtoull(line + strlen(name), NULL, 10) : 0;
}

/* Stat */

/* Those after the name and the state, the parent being the first. */
enum {
    STAT_PARENT,
    STAT_MINOR_FAULTS = 6,
    STAT_MAJOR_FAULTS = 8,
    STAT_USER_TIME = 10,
    STAT_KERNEL_TIME = 11,
    STAT_NICE = 15,
    STAT_THREADS = 16,
    STAT_START = 18,
    STAT_VIRTUAL_SIZE = 19,
    STAT_RESIDENT = 20,
    STAT_COUNT,
};

static bool parse_numbers(const char *text, long long numbers[STAT_COUNT])
{
    for (unsigned i = 0; i < STAT_COUNT; i++) {
        char *end;
        numbers[i] = strtoll(text, &end, 10);
        if (end == text)
            return false;
        text = end;
    }
    return true;
}

/* When the machine was started. */
static int64_t boot_time(void)
{
    struct timespec since_boot;
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return time_system() - since_boot.tv_sec * TIME_TICKS_PER_SECOND - since_boot.tv_nsec / 100;
}

/* "ID (NAME) STATE PARENT ..."; the name may hold anything. */
static bool parse_stat(char *text, struct host_process *information)
{
    long long numbers[STAT_COUNT];
    char *name = strchr(text, '('), *end = strrchr(text, ')');
    if (!name || !end || end < name || strlen(end) < 4 || !parse_numbers(end + 3, numbers))
        return false;
    *end = '\0';
    int64_t tick = TIME_TICKS_PER_SECOND / sysconf(_SC_CLK_TCK);
    *information = (struct host_process){
        .id = strtoul(text, NULL, 10),
        .parent = numbers[STAT_PARENT],
        .threads = numbers[STAT_THREADS],
        .running = end[2] == 'R',
        .nice = numbers[STAT_NICE],
        .faults = numbers[STAT_MINOR_FAULTS] + numbers[STAT_MAJOR_FAULTS],
        .created = boot_time() + numbers[STAT_START] * tick,
        .kernel_time = numbers[STAT_KERNEL_TIME] * tick,
        .user_time = numbers[STAT_USER_TIME] * tick,
        .virtual_size = numbers[STAT_VIRTUAL_SIZE],
        .resident = (uint64_t)numbers[STAT_RESIDENT] * VM_PAGE,
    };
    snprintf(information->name, sizeof information->name, "%s", name + 1);
    return true;
}

bool host_process_read(DWORD process, DWORD thread, struct host_process *information)
{
    char text[1024], name[32] = "stat";
    if (thread)
        snprintf(name, sizeof name, "task/%u/stat", (unsigned)thread);
    return read_of_process(process, name, text, sizeof text) && parse_stat(text, information);
}

/* What follows the name in "ID (NAME) STATE PARENT ..."; NULL if there is no such thread. */
static const char *read_state(DWORD thread, char *text, size_t size)
{
    char *end = read_of_process(thread, "stat", text, size) ? strrchr(text, ')') : NULL;
    return end && strlen(end) >= 4 ? end + 2 : NULL;
}

/* The low half of the clock ticks since the machine's start will do, but for 0. */
uint32_t host_process_start(DWORD process)
{
    char text[1024];
    long long numbers[STAT_COUNT];
    const char *state = read_state(process, text, sizeof text);
    return state && parse_numbers(state + 1, numbers) ? (uint32_t)numbers[STAT_START] | 0x80000000 : 0;
}

bool host_thread_has_ended(DWORD thread)
{
    char text[1024];
    const char *state = read_state(thread, text, sizeof text);
    return !state || *state == 'Z' || *state == 'X';
}

/* Names */

static const char *base_name(const char *path)
{
    const char *base = path;
    for (; *path; path++) {
        if (*path == '/' || *path == '\\')
            base = path + 1;
    }
    return base;
}

static const char *find_program(const char *command, size_t length)
{
    for (const char *word = command; word < command + length; word += strlen(word) + 1) {
        size_t bytes = strlen(word);
        if (bytes > 4 && !strcasecmp(word + bytes - 4, ".exe"))
            return base_name(word);
    }
    return NULL;
}

/* Every Windows program is litewin-load to Linux; its command line tells which. */
void host_process_program(const struct host_process *process, WCHAR name[MAX_PATH])
{
    char command[4096];
    const char *program = NULL;
    if (!strcmp(process->name, "litewin-load"))
        program = find_program(command, read_of_process(process->id, "cmdline", command, sizeof command));
    if (!program)
        program = process->name;
    size_t length = utf16_from_utf8(name, MAX_PATH - 1, program, strlen(program), UTF_REPLACE);
    name[min(length, (size_t)MAX_PATH - 1)] = 0;
}

/* Memory and input */

bool host_process_memory(DWORD process, struct host_process_memory *memory)
{
    char text[4096];
    if (!read_of_process(process, "status", text, sizeof text))
        return false;
    *memory = (struct host_process_memory){
        .virtual_size = find_number(text, "\nVmSize:") * 1024,
        .peak_virtual_size = find_number(text, "\nVmPeak:") * 1024,
        .resident = find_number(text, "\nVmRSS:") * 1024,
        .peak_resident = find_number(text, "\nVmHWM:") * 1024,
        .private = (find_number(text, "\nRssAnon:") + find_number(text, "\nVmSwap:")) * 1024,
    };
    return true;
}

bool host_process_io(DWORD process, IO_COUNTERS *counters)
{
    char text[512] = "\n";
    if (!read_of_process(process, "io", text + 1, sizeof text - 1))
        return false;
    *counters = (IO_COUNTERS){
        .ReadOperationCount = find_number(text, "\nsyscr:"),
        .WriteOperationCount = find_number(text, "\nsyscw:"),
        .ReadTransferCount = find_number(text, "\nrchar:"),
        .WriteTransferCount = find_number(text, "\nwchar:"),
    };
    return true;
}

/* Lists */

/* Of the entries of a directory, those that are numbers. */
static bool for_each_number(const char *directory, bool (*visit)(DWORD number, void *context), void *context)
{
    DIR *stream = opendir(directory);
    bool complete = true;
    /* A process that has ended meanwhile has no threads. */
    if (!stream)
        return true;
    for (struct dirent *entry; complete && (entry = readdir(stream));) {
        if (*entry->d_name >= '1' && *entry->d_name <= '9')
            complete = visit(strtoul(entry->d_name, NULL, 10), context);
    }
    closedir(stream);
    return complete;
}

bool host_process_for_each(bool (*visit)(DWORD process, void *context), void *context)
{
    return for_each_number("/proc", visit, context);
}

struct thread_visit {
    DWORD process;
    bool (*visit)(DWORD thread, void *context);
    void *context;
};

static bool visit_thread(DWORD thread, void *context)
{
    const struct thread_visit *visit = context;
    char file[32], name[32];
    snprintf(file, sizeof file, "task/%u/comm", (unsigned)thread);
    if (read_of_process(visit->process, file, name, sizeof name) && !strcmp(name, HELPER_THREAD_NAME "\n"))
        return true;
    return visit->visit(thread, visit->context);
}

bool host_process_for_each_thread(DWORD process, bool (*visit)(DWORD thread, void *context), void *context)
{
    char directory[48];
    struct thread_visit one = {.process = process, .visit = visit, .context = context};
    snprintf(directory, sizeof directory, "/proc/%u/task", (unsigned)process);
    return for_each_number(directory, visit_thread, &one);
}
