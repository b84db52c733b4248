#include <cpuid.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/process.h"
#include "kernel/registry_machine.h"
#include "kernel/time.h"
#include "kernel/utf.h"
#include "kernel/zone_names.h"

#define CONTROL L"Machine\\System\\CurrentControlSet\\Control\\"

static struct registry_key *add_key(struct registry_key *key, const WCHAR *path)
{
    while (key && *path) {
        size_t length = 0;
        while (path[length] && path[length] != '\\')
            length++;
        key = registry_key_add(key, path, length);
        path += length + (path[length] != 0);
    }
    return key;
}

static bool set_text(struct registry_key *key, const WCHAR *name, const WCHAR *text)
{
    return registry_value_set(key, name, utf16_length(name), REG_SZ, text,
                              (utf16_length(text) + 1) * sizeof *text);
}

static bool set_bytes(struct registry_key *key, const WCHAR *name, const char *text)
{
    WCHAR wide[256];
    size_t length = utf16_from_utf8(wide, ARRAYSIZE(wide) - 1, text, strlen(text), UTF_REPLACE);
    wide[min(length, ARRAYSIZE(wide) - 1)] = 0;
    return set_text(key, name, wide);
}

/* Names */

static bool add_names(struct registry_key *root)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    host[strcspn(host, ".")] = '\0';
    struct registry_key *network =
        add_key(root, L"Machine\\System\\CurrentControlSet\\Services\\Tcpip\\Parameters");
    if (!network || !set_bytes(network, L"Hostname", host) || !set_bytes(network, L"NV Hostname", host))
        return false;
    host[min(strlen(host), (size_t)MAX_COMPUTERNAME_LENGTH)] = '\0';
    for (char *c = host; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? *c - 32 : *c;
    struct registry_key *name = add_key(root, CONTROL L"ComputerName\\ComputerName");
    struct registry_key *active = add_key(root, CONTROL L"ComputerName\\ActiveComputerName");
    return name && active && set_bytes(name, L"ComputerName", host) &&
           set_bytes(active, L"ComputerName", host);
}

static bool add_zone(struct registry_key *root)
{
    WCHAR name[ZONE_NAME_UNITS];
    struct registry_key *zone = add_key(root, CONTROL L"TimeZoneInformation");
    return zone && (!zone_windows_name(time_zone_name(), name) ||
                    (set_text(zone, L"TimeZoneKeyName", name) && set_text(zone, L"StandardName", name)));
}

/* Processors */

struct processor {
    char vendor[13], name[49], identifier[64];
    DWORD megahertz;
};

static void read_identity(struct processor *processor)
{
    unsigned a, b, c, d, highest = 0;
    if (__get_cpuid(0, &a, &b, &c, &d)) {
        const unsigned vendor[] = {b, d, c};
        memcpy(processor->vendor, vendor, sizeof vendor);
    }
    if (__get_cpuid(1, &a, &b, &c, &d)) {
        unsigned family = a >> 8 & 15, model = a >> 4 & 15;
        if (family == 15 || family == 6)
            model |= a >> 12 & 0xf0;
        if (family == 15)
            family += a >> 20 & 0xff;
        snprintf(processor->identifier, sizeof processor->identifier, "%s Family %u Model %u Stepping %u",
                 strcmp(processor->vendor, "GenuineIntel") ? "AMD64" : "Intel64", family, model, a & 15);
    }
    if (__get_cpuid(0x80000000, &highest, &b, &c, &d) && highest >= 0x80000004)
        for (unsigned i = 0; i < 3; i++) {
            unsigned part[4];
            __cpuid(0x80000002 + i, part[0], part[1], part[2], part[3]);
            memcpy(processor->name + i * sizeof part, part, sizeof part);
        }
}

static void read_start_of_file(const char *path, char *text, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = descriptor < 0 ? 0 : read(descriptor, text, size - 1);
    text[max(count, 0)] = '\0';
    if (descriptor >= 0)
        close(descriptor);
}

static DWORD read_megahertz(void)
{
    char text[2048];
    read_start_of_file("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", text, sizeof text);
    if (*text)
        return strtoul(text, NULL, 10) / 1000;
    read_start_of_file("/proc/cpuinfo", text, sizeof text);
    const char *found = strstr(text, "cpu MHz"), *colon = found ? strchr(found, ':') : NULL;
    return colon ? strtoul(colon + 1, NULL, 10) : 0;
}

static bool add_processor(struct registry_key *key, const struct processor *processor)
{
    return set_bytes(key, L"VendorIdentifier", processor->vendor) &&
           set_bytes(key, L"Identifier", processor->identifier) &&
           set_bytes(key, L"ProcessorNameString", processor->name) &&
           registry_value_set(key, L"~MHz", 4, REG_DWORD, &processor->megahertz, sizeof(DWORD));
}

static bool add_processors(struct registry_key *root)
{
    struct processor processor = {.megahertz = read_megahertz()};
    unsigned count = process_count_processors();
    char text[12];
    read_identity(&processor);
    struct registry_key *all = add_key(root, L"Machine\\Hardware\\Description\\System\\CentralProcessor");
    for (unsigned i = 0; all && i < count; i++) {
        WCHAR number[12];
        size_t length = snprintf(text, sizeof text, "%u", i);
        utf16_from_utf8(number, ARRAYSIZE(number), text, length, UTF_STRICT);
        struct registry_key *one = registry_key_add(all, number, length);
        if (!one || !add_processor(one, &processor))
            return false;
    }
    snprintf(text, sizeof text, "%u", count);
    struct registry_key *environment = add_key(root, CONTROL L"Session Manager\\Environment");
    return all && environment && set_bytes(environment, L"NUMBER_OF_PROCESSORS", text) &&
           set_bytes(environment, L"PROCESSOR_IDENTIFIER", processor.identifier);
}

bool registry_add_machine(struct registry_key *root)
{
    return add_names(root) && add_zone(root) && add_processors(root);
}
