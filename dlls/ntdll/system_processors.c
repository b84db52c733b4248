/* How the processors hang together: cores, packages, caches, and the one node and the one group that they are
 * all in here. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "dlls/ntdll/system_information.h"
#include "kernel/process.h"

/* Cores, packages and, for each processor, four caches at most, and the node. */
#define MOST_PROCESSORS (8 * sizeof(KAFFINITY))
#define MOST_CACHES     4
#define MOST_ENTRIES    ((2 + MOST_CACHES) * MOST_PROCESSORS + 1)

struct topology {
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION entries[MOST_ENTRIES];
    unsigned count;
};

/* What Linux tells */

static bool read_text(unsigned processor, const char *name, char *text, size_t size)
{
    char path[96];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/%s", processor, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, text, size - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* `unknown` where Linux does not tell. */
static unsigned read_number(unsigned processor, const char *name, unsigned unknown)
{
    char text[64];
    return read_text(processor, name, text, sizeof text) ? strtoul(text, NULL, 10) : unknown;
}

static KAFFINITY bit(unsigned processor)
{
    return (KAFFINITY)1 << processor;
}

/* "0-3,8" as a mask, of which those that this process was given count. */
static KAFFINITY parse_list(const char *text)
{
    KAFFINITY mask = 0;
    while (*text >= '0' && *text <= '9') {
        char *end;
        unsigned first = strtoul(text, &end, 10), last = first;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        for (unsigned i = first; i <= last && i < MOST_PROCESSORS; i++)
            mask |= bit(i);
        text = *end == ',' ? end + 1 : end;
    }
    return mask & process_system_affinity();
}

static KAFFINITY read_list(unsigned processor, const char *name)
{
    char text[256];
    KAFFINITY mask = read_text(processor, name, text, sizeof text) ? parse_list(text) : 0;
    return mask ? mask : bit(processor);
}

/* Entries */

/* NULL for one that is there already, of another processor of the same core, package or cache. */
static SYSTEM_LOGICAL_PROCESSOR_INFORMATION *add(struct topology *topology,
                                                 LOGICAL_PROCESSOR_RELATIONSHIP relationship, KAFFINITY mask,
                                                 const CACHE_DESCRIPTOR *cache)
{
    for (unsigned i = 0; i < topology->count; i++) {
        const SYSTEM_LOGICAL_PROCESSOR_INFORMATION *entry = &topology->entries[i];
        if (entry->Relationship == relationship && entry->ProcessorMask == mask &&
            (!cache || (entry->Cache.Level == cache->Level && entry->Cache.Type == cache->Type)))
            return NULL;
    }
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION *entry = &topology->entries[topology->count++];
    *entry = (SYSTEM_LOGICAL_PROCESSOR_INFORMATION){.ProcessorMask = mask, .Relationship = relationship};
    if (cache)
        entry->Cache = *cache;
    return entry;
}

static void add_core(struct topology *topology, unsigned processor)
{
    KAFFINITY mask = read_list(processor, "topology/thread_siblings_list");
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION *entry = add(topology, RelationProcessorCore, mask, NULL);
    if (entry)
        entry->ProcessorCore.Flags = (mask & (mask - 1)) != 0;
}

static PROCESSOR_CACHE_TYPE parse_cache_type(const char *text)
{
    return *text == 'D' ? CacheData : *text == 'I' ? CacheInstruction : CacheUnified;
}

static void add_caches(struct topology *topology, unsigned processor)
{
    for (unsigned i = 0; i < MOST_CACHES; i++) {
        char name[64], text[64];
        int prefix = snprintf(name, sizeof name, "cache/index%u/", i);
#define OF_CACHE(attribute) (snprintf(name + prefix, sizeof name - prefix, attribute), name)
        CACHE_DESCRIPTOR cache = {.Level = read_number(processor, OF_CACHE("level"), 0)};
        if (!cache.Level)
            return;
        cache.Associativity = read_number(processor, OF_CACHE("ways_of_associativity"), 0);
        cache.LineSize = read_number(processor, OF_CACHE("coherency_line_size"), 0);
        cache.Size = read_number(processor, OF_CACHE("size"), 0) * 1024; /* "32K" */
        if (read_text(processor, OF_CACHE("type"), text, sizeof text))
            cache.Type = parse_cache_type(text);
        add(topology, RelationCache, read_list(processor, OF_CACHE("shared_cpu_list")), &cache);
#undef OF_CACHE
    }
}

static void read_topology(struct topology *topology)
{
    topology->count = 0;
    for (unsigned i = 0; i < process_environment.NumberOfProcessors; i++) {
        add_core(topology, i);
        add(topology, RelationProcessorPackage, read_list(i, "topology/core_siblings_list"), NULL);
        add_caches(topology, i);
    }
    add(topology, RelationNumaNode, process_system_affinity(), NULL);
}

NTSTATUS system_tell_processors(struct system_answer *answer)
{
    struct topology topology;
    read_topology(&topology);
    ULONG size = topology.count * sizeof *topology.entries;
    void *entries = system_answer_add(answer, size);
    if (entries)
        memcpy(entries, topology.entries, size);
    return STATUS_SUCCESS;
}

/* The same in records of several sizes */

typedef SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX record;

static record *add_record(struct system_answer *answer, LOGICAL_PROCESSOR_RELATIONSHIP relationship,
                          ULONG size)
{
    size += offsetof(record, Processor);
    record *added = system_answer_add(answer, size);
    if (added) {
        added->Relationship = relationship;
        added->Size = size;
    }
    return added;
}

static void add_processors(struct system_answer *answer, const SYSTEM_LOGICAL_PROCESSOR_INFORMATION *entry)
{
    record *added = add_record(answer, entry->Relationship, sizeof added->Processor);
    if (!added)
        return;
    if (entry->Relationship == RelationProcessorCore)
        added->Processor.Flags = entry->ProcessorCore.Flags ? LTP_PC_SMT : 0;
    added->Processor.GroupCount = 1;
    added->Processor.GroupMask[0].Mask = entry->ProcessorMask;
}

static void add_cache(struct system_answer *answer, const SYSTEM_LOGICAL_PROCESSOR_INFORMATION *entry)
{
    record *added = add_record(answer, RelationCache, sizeof added->Cache);
    if (!added)
        return;
    added->Cache.Level = entry->Cache.Level;
    added->Cache.Associativity = entry->Cache.Associativity;
    added->Cache.LineSize = entry->Cache.LineSize;
    added->Cache.CacheSize = entry->Cache.Size;
    added->Cache.Type = entry->Cache.Type;
    added->Cache.GroupMask.Mask = entry->ProcessorMask;
}

static void add_node(struct system_answer *answer, const SYSTEM_LOGICAL_PROCESSOR_INFORMATION *entry)
{
    record *added = add_record(answer, RelationNumaNode, sizeof added->NumaNode);
    if (added)
        added->NumaNode.GroupMask.Mask = entry->ProcessorMask;
}

static void add_group(struct system_answer *answer)
{
    record *added = add_record(answer, RelationGroup, sizeof added->Group);
    if (!added)
        return;
    added->Group.MaximumGroupCount = added->Group.ActiveGroupCount = 1;
    added->Group.GroupInfo[0].MaximumProcessorCount = process_environment.NumberOfProcessors;
    added->Group.GroupInfo[0].ActiveProcessorCount = process_environment.NumberOfProcessors;
    added->Group.GroupInfo[0].ActiveProcessorMask = process_system_affinity();
}

static void add_entry(struct system_answer *answer, const SYSTEM_LOGICAL_PROCESSOR_INFORMATION *entry)
{
    switch (entry->Relationship) {
    case RelationCache:
        return add_cache(answer, entry);
    case RelationNumaNode:
        return add_node(answer, entry);
    default:
        return add_processors(answer, entry);
    }
}

NTSTATUS system_tell_processors_ex(struct system_answer *answer, LOGICAL_PROCESSOR_RELATIONSHIP relationship)
{
    struct topology topology;
    if (relationship > RelationGroup && relationship != RelationAll)
        return STATUS_INVALID_PARAMETER;
    read_topology(&topology);
    for (unsigned i = 0; i < topology.count; i++)
        if (relationship == RelationAll || relationship == topology.entries[i].Relationship)
            add_entry(answer, &topology.entries[i]);
    if (relationship == RelationAll || relationship == RelationGroup)
        add_group(answer);
    return STATUS_SUCCESS;
}
