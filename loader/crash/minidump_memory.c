/* A minidump's memory: what registers point to, or all that the program has; and a map of it. */
#include "kernel/vm.h"
#include "loader/crash/crash_internal.h"
#include "loader/crash/minidump_internal.h"

/* -- what registers point to
 * ---------------------------------------------------------------------------------- */

static bool is_readable(const MEMORY_BASIC_INFORMATION *memory)
{
    return memory->State == MEM_COMMIT && !(memory->Protect & (PAGE_GUARD | PAGE_NOACCESS));
}

static bool is_in_ranges(const struct minidump *dump, uintptr_t address)
{
    for (unsigned i = 0; i < dump->range_count; i++) {
        const MINIDUMP_MEMORY_DESCRIPTOR *range = &dump->ranges[i];
        if (address >= range->StartOfMemoryRange &&
            address - range->StartOfMemoryRange < range->Memory.DataSize)
            return true;
    }
    return false;
}

/* A part of a page that is in no range, which ends where a range begins in it. */
static void append_page(struct minidump *dump, uintptr_t page)
{
    MEMORY_BASIC_INFORMATION memory;
    uintptr_t end = page;
    while (end < page + VM_PAGE && !is_in_ranges(dump, end))
        end += 16;
    if (end > page && !vm_query((const void *)page, &memory) && is_readable(&memory))
        minidump_append_memory(dump, page, end - page);
}

static void append_around(struct minidump *dump, uintptr_t address)
{
    enum { AROUND = 0x200 };
    uintptr_t first = (address - AROUND) & ~(uintptr_t)(VM_PAGE - 1);
    uintptr_t last = (address + AROUND) & ~(uintptr_t)(VM_PAGE - 1);
    if (address < VM_GRANULARITY || address > UINTPTR_MAX - VM_GRANULARITY)
        return;
    append_page(dump, first);
    if (last != first)
        append_page(dump, last);
}

static void append_around_registers(struct minidump *dump, const CONTEXT *context)
{
#ifdef __x86_64__
    const uintptr_t *first = (const uintptr_t *)&context->Rax, *last = (const uintptr_t *)&context->Rip;
#else
    const uintptr_t *first = (const uintptr_t *)&context->Edi, *last = (const uintptr_t *)&context->Eip;
#endif
    for (const uintptr_t *value = first; value <= last; value++)
        append_around(dump, *value);
}

void minidump_memory_list(void *argument)
{
    struct minidump *dump = argument;
    const struct minidump_source *source = dump->source;
    if (source->full)
        return;
    append_around_registers(dump, source->record ? source->exception_context : source->context);
    ULONG32 count = dump->range_count;
    MINIDUMP_LOCATION_DESCRIPTOR list = minidump_reserve(dump, sizeof count + count * sizeof *dump->ranges);
    minidump_put(dump, list.Rva, &count, sizeof count);
    minidump_put(dump, list.Rva + sizeof count, dump->ranges, count * sizeof *dump->ranges);
    minidump_add_stream(dump, MemoryListStream, list);
}

/* -- the map
 * ---------------------------------------------------------------------------------------------------- */

/* The region at or behind *address, which is moved behind it. False at the end of the address space. */
static bool next_region(uintptr_t *address, MEMORY_BASIC_INFORMATION *memory)
{
    if (*address > vm_highest_address() || vm_query((const void *)*address, memory))
        return false;
    *address = (uintptr_t)memory->BaseAddress + memory->RegionSize;
    return memory->RegionSize;
}

void minidump_memory_info(void *argument)
{
    struct minidump *dump = argument;
    MEMORY_BASIC_INFORMATION memory;
    MINIDUMP_MEMORY_INFO_LIST header = {sizeof header, sizeof(MINIDUMP_MEMORY_INFO), 0};
    uintptr_t address = vm_lowest_address();
    while (next_region(&address, &memory))
        header.NumberOfEntries++;
    MINIDUMP_LOCATION_DESCRIPTOR list =
        minidump_reserve(dump, sizeof header + header.NumberOfEntries * sizeof(MINIDUMP_MEMORY_INFO));
    minidump_put(dump, list.Rva, &header, sizeof header);
    address = vm_lowest_address();
    for (uint64_t i = 0; i < header.NumberOfEntries && next_region(&address, &memory); i++) {
        const MINIDUMP_MEMORY_INFO entry = {
            .BaseAddress = (uintptr_t)memory.BaseAddress,
            .AllocationBase = (uintptr_t)memory.AllocationBase,
            .AllocationProtect = memory.AllocationProtect,
            .RegionSize = memory.RegionSize,
            .State = memory.State,
            .Protect = memory.Protect,
            .Type = memory.Type,
        };
        minidump_put(dump, list.Rva + sizeof header + i * sizeof entry, &entry, sizeof entry);
    }
    minidump_add_stream(dump, MemoryInfoListStream, list);
}

/* -- all of it
 * ---------------------------------------------------------------------------------------------------- */

static bool next_readable(uintptr_t *address, MEMORY_BASIC_INFORMATION *memory)
{
    while (next_region(address, memory))
        if (is_readable(memory))
            return true;
    return false;
}

/* The memory follows its list, and may take more room than an RVA can say: it is the last of the file. */
void minidump_all_memory(void *argument)
{
    struct minidump *dump = argument;
    MEMORY_BASIC_INFORMATION memory;
    ULONG64 header[2] = {0, 0}; /* how many ranges, and where their memory begins */
    uintptr_t address = vm_lowest_address();
    while (next_readable(&address, &memory))
        header[0]++;
    MINIDUMP_LOCATION_DESCRIPTOR list =
        minidump_reserve(dump, sizeof header + header[0] * sizeof(MINIDUMP_MEMORY_DESCRIPTOR64));
    header[1] = dump->end;
    minidump_put(dump, list.Rva, header, sizeof header);
    address = vm_lowest_address();
    for (uint64_t i = 0; i < header[0] && next_readable(&address, &memory); i++) {
        const MINIDUMP_MEMORY_DESCRIPTOR64 range = {(uintptr_t)memory.BaseAddress, memory.RegionSize};
        minidump_put(dump, list.Rva + sizeof header + i * sizeof range, &range, sizeof range);
        minidump_put(dump, dump->end, memory.BaseAddress, memory.RegionSize);
        dump->end += memory.RegionSize;
    }
    minidump_add_stream(dump, Memory64ListStream, list);
}
