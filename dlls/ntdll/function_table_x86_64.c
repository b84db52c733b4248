#include <pthread.h>
#include <stdlib.h>
#include "dlls/ntdll/function_table.h"
#include "dlls/ntdll/unwind_elf.h"
#include "dlls/ntdll/unwind_pe.h"
#include "loader/module.h"

typedef RUNTIME_FUNCTION *(GUEST_CDECL *table_callback)(DWORD64 pc, void *context);

/* A table that the program has added for code that it makes itself. */
struct dynamic_table {
    struct dynamic_table *next;
    uint64_t identifier; /* what deletes it: the table's address, or the number given with a callback */
    uint64_t base, begin, end;
    bool sorted;
    uint32_t count;              /* grows, atomically, in a growable table */
    RUNTIME_FUNCTION *functions; /* NULL: the callback finds the entry */
    table_callback callback;
    void *callback_context;
};

static struct dynamic_table *dynamic_tables;
static pthread_rwlock_t dynamic_lock = PTHREAD_RWLOCK_INITIALIZER;

/* Linux code */

/* A leaf function's unwind data, for programs that look into what they are given. */
static const struct {
    RUNTIME_FUNCTION function;
    struct unwind_info info;
} elf_function = {
    .function = {.BeginAddress = 0, .EndAddress = 1, .UnwindData = sizeof(RUNTIME_FUNCTION)},
    .info = {.version = 1},
};

const RUNTIME_FUNCTION *const function_table_elf = &elf_function.function;

/* Images */

static RUNTIME_FUNCTION *search_sorted(RUNTIME_FUNCTION *functions, uint32_t count, uint32_t rva)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (functions[middle].BeginAddress <= rva)
            low = middle + 1;
        else
            high = middle;
    }
    return low && rva < functions[low - 1].EndAddress ? &functions[low - 1] : NULL;
}

static RUNTIME_FUNCTION *search_all(RUNTIME_FUNCTION *functions, uint32_t count, uint32_t rva)
{
    for (uint32_t i = 0; i < count; i++)
        if (rva >= functions[i].BeginAddress && rva < functions[i].EndAddress)
            return &functions[i];
    return NULL;
}

static RUNTIME_FUNCTION *search_module(const struct module *module, uint64_t pc)
{
    const struct pe_directory *table = &module->image.directories[IMAGE_DIRECTORY_ENTRY_EXCEPTION];
    uint64_t base = (uint64_t)module->entry.DllBase;
    if (!table->rva)
        return NULL;
    return search_sorted((RUNTIME_FUNCTION *)(base + table->rva), table->size / sizeof(RUNTIME_FUNCTION),
                         pc - base);
}

/* Dynamic tables */

/* False where no table covers the address. */
static bool copy_dynamic_table(uint64_t pc, struct dynamic_table *copy)
{
    bool found = false;
    if (!__atomic_load_n(&dynamic_tables, __ATOMIC_ACQUIRE))
        return false;
    pthread_rwlock_rdlock(&dynamic_lock);
    for (const struct dynamic_table *table = dynamic_tables; table && !found; table = table->next)
        if (pc >= table->begin && pc < table->end) {
            *copy = *table;
            found = true;
        }
    pthread_rwlock_unlock(&dynamic_lock);
    return found;
}

static RUNTIME_FUNCTION *search_dynamic(const struct dynamic_table *table, uint64_t pc)
{
    if (!table->functions)
        return table->callback(pc, table->callback_context);
    uint32_t rva = pc - table->base;
    return (table->sorted ? search_sorted : search_all)(table->functions, table->count, rva);
}

static struct dynamic_table *add_dynamic_table(const struct dynamic_table *values)
{
    struct dynamic_table *table = malloc(sizeof *table);
    if (!table)
        return NULL;
    *table = *values;
    pthread_rwlock_wrlock(&dynamic_lock);
    table->next = dynamic_tables;
    __atomic_store_n(&dynamic_tables, table, __ATOMIC_RELEASE);
    pthread_rwlock_unlock(&dynamic_lock);
    return table;
}

static bool is_identified(const struct dynamic_table *table, uint64_t identifier)
{
    return table->identifier == identifier;
}

static bool is_handle(const struct dynamic_table *table, uint64_t handle)
{
    return (uint64_t)table == handle;
}

static bool remove_dynamic_table(bool (*matches)(const struct dynamic_table *, uint64_t), uint64_t key)
{
    pthread_rwlock_wrlock(&dynamic_lock);
    struct dynamic_table **link = &dynamic_tables;
    while (*link && !matches(*link, key))
        link = &(*link)->next;
    struct dynamic_table *table = *link;
    if (table)
        *link = table->next;
    pthread_rwlock_unlock(&dynamic_lock);
    free(table);
    return table != NULL;
}

BOOLEAN RtlAddFunctionTable(PRUNTIME_FUNCTION functions, DWORD count, DWORD64 base)
{
    struct dynamic_table table = {
        .identifier = (uint64_t)functions,
        .base = base,
        .begin = UINT64_MAX,
        .sorted = true,
        .count = count,
        .functions = functions,
    };
    for (DWORD i = 0; i < count; i++) {
        table.sorted &= !i || functions[i].BeginAddress >= functions[i - 1].BeginAddress;
        table.begin = min(table.begin, base + functions[i].BeginAddress);
        table.end = max(table.end, base + functions[i].EndAddress);
    }
    return add_dynamic_table(&table) != NULL;
}

BOOLEAN RtlInstallFunctionTableCallback(DWORD64 identifier, DWORD64 base, DWORD length,
                                        PGET_RUNTIME_FUNCTION_CALLBACK callback, PVOID context,
                                        PCWSTR out_of_process_dll)
{
    /* The two low bits tell such an identifier from a table's address. */
    if ((identifier & 3) != 3)
        return FALSE;
    struct dynamic_table table = {
        .identifier = identifier,
        .base = base,
        .begin = base,
        .end = base + length,
        .callback = (table_callback)callback,
        .callback_context = context,
    };
    return add_dynamic_table(&table) != NULL;
}

BOOLEAN RtlDeleteFunctionTable(PRUNTIME_FUNCTION functions)
{
    return remove_dynamic_table(is_identified, (uint64_t)functions);
}

DWORD RtlAddGrowableFunctionTable(PVOID *handle, PRUNTIME_FUNCTION functions, DWORD count,
                                  DWORD maximum_count, ULONG_PTR begin, ULONG_PTR end)
{
    struct dynamic_table values = {
        .base = begin,
        .begin = begin,
        .end = end,
        .sorted = true,
        .count = count,
        .functions = functions,
    };
    struct dynamic_table *table = add_dynamic_table(&values);
    if (!table)
        return STATUS_NO_MEMORY;
    *handle = table;
    return STATUS_SUCCESS;
}

VOID RtlGrowFunctionTable(PVOID handle, DWORD count)
{
    struct dynamic_table *table = handle;
    __atomic_store_n(&table->count, count, __ATOMIC_RELEASE);
}

VOID RtlDeleteGrowableFunctionTable(PVOID handle)
{
    remove_dynamic_table(is_handle, (uint64_t)handle);
}

/* Lookup */

/* The history table is a cache that a caller may offer; the search is short enough without. */
PRUNTIME_FUNCTION RtlLookupFunctionEntry(DWORD64 pc, PDWORD64 image_base, PUNWIND_HISTORY_TABLE history)
{
    const struct module *module = module_from_address((const void *)pc);
    if (module) {
        *image_base = (DWORD64)module->entry.DllBase;
        return search_module(module, pc);
    }
    struct dynamic_table table;
    if (copy_dynamic_table(pc, &table)) {
        *image_base = table.base;
        return search_dynamic(&table, pc);
    }
    if (unwind_is_elf(pc)) {
        *image_base = (DWORD64)function_table_elf;
        return (PRUNTIME_FUNCTION)function_table_elf;
    }
    *image_base = 0;
    return NULL;
}
