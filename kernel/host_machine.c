#include <stdio.h>
#include <unistd.h>

#include "kernel/host_machine.h"
#include "kernel/time.h"

/* /proc/meminfo counts kilobytes. */
void host_memory_read(struct host_memory *memory)
{
    const struct {
        const char *name;
        uint64_t *value;
    } wanted[] = {
        {"MemTotal:", &memory->total},       {"MemAvailable:", &memory->available},
        {"SwapTotal:", &memory->swap_total}, {"SwapFree:", &memory->swap_free},
        {"Cached:", &memory->cached},        {"Slab:", &memory->kernel},
    };
    char line[128], name[64];
    unsigned long long kilobytes;
    *memory = (struct host_memory){0};
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%63s %llu", name, &kilobytes) != 2)
            continue;
        for (unsigned i = 0; i < ARRAYSIZE(wanted); i++)
            if (strcmp(name, wanted[i].name) == 0)
                *wanted[i].value = kilobytes * 1024;
    }
    if (file)
        fclose(file);
}

void host_processor_times(int number, struct host_processor_times *times)
{
    char line[512], wanted[16] = "cpu ";
    unsigned long long user, nice, kernel, idle, waiting, interrupt, deferred;
    int64_t tick = TIME_TICKS_PER_SECOND / sysconf(_SC_CLK_TCK);
    if (number >= 0)
        snprintf(wanted, sizeof wanted, "cpu%d ", number);
    *times = (struct host_processor_times){0};
    FILE *file = fopen("/proc/stat", "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, wanted, strlen(wanted)) ||
            sscanf(line, "%*s %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &kernel, &idle, &waiting,
                   &interrupt, &deferred) != 7)
            continue;
        times->user = (user + nice) * tick;
        times->kernel = (kernel + interrupt + deferred) * tick;
        times->idle = (idle + waiting) * tick;
        times->interrupt = interrupt * tick;
        times->deferred = deferred * tick;
        break;
    }
    if (file)
        fclose(file);
}
