/* Snapshots of the system's processes and threads and of this process's modules and heaps. */
#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/process_list.h"
#include "dlls/kernel32/remote_modules.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/utf.h"
#include "loader/module.h"

enum { PROCESSES, THREADS, MODULES, HEAPS, KINDS };

static const size_t entry_sizes[KINDS] = {sizeof(PROCESSENTRY32W), sizeof(THREADENTRY32),
                                          sizeof(MODULEENTRY32W), sizeof(HEAPLIST32)};

struct snapshot {
    struct object object;
    struct list lists[KINDS];
    uint32_t next[KINDS]; /* which entry the next ...Next function gives */
};

static void destroy_snapshot(struct object *object)
{
    struct snapshot *snapshot = CONTAINING_RECORD(object, struct snapshot, object);
    for (int kind = 0; kind < KINDS; kind++)
        free(snapshot->lists[kind].entries);
    free(snapshot);
}

/* Windows makes them of sections, which have such rights. */
static const struct object_type snapshot_type = {
    .name = "Section",
    .destroy = destroy_snapshot,
    .access = {.GenericRead = SECTION_QUERY | SECTION_MAP_READ, .GenericAll = SECTION_ALL_ACCESS},
};

/* Making one */

static void copy_name(WCHAR *to, size_t size, const UNICODE_STRING *name)
{
    size_t length = min(name->Length / sizeof(WCHAR), size - 1);
    memcpy(to, name->Buffer, length * sizeof *to);
}

static bool read_modules(struct list *modules)
{
    MODULEENTRY32W *entry = NULL;
    struct module *module;
    loader_lock();
    for (uint32_t i = 0; (module = module_in_load_order(i)) && (entry = list_add(modules, sizeof *entry));
         i++) {
        entry->th32ModuleID = 1;
        entry->th32ProcessID = GetCurrentProcessId();
        entry->GlblcntUsage = entry->ProccntUsage = module->entry.LoadCount;
        entry->modBaseAddr = module->entry.DllBase;
        entry->modBaseSize = module->entry.SizeOfImage;
        entry->hModule = module_handle(module);
        copy_name(entry->szModule, ARRAYSIZE(entry->szModule), &module->entry.BaseDllName);
        copy_name(entry->szExePath, ARRAYSIZE(entry->szExePath), &module->entry.FullDllName);
    }
    loader_unlock();
    return entry;
}

static bool add_remote_module(const struct remote_module *module, void *context)
{
    struct list *modules = context;
    MODULEENTRY32W *entry = list_add(modules, sizeof *entry);
    if (!entry)
        return false;
    entry->th32ModuleID = 1;
    entry->GlblcntUsage = entry->ProccntUsage = module->load_count;
    entry->modBaseAddr = module->base;
    entry->modBaseSize = module->size;
    entry->hModule = module->base;
    lstrcpynW(entry->szModule, module->name, ARRAYSIZE(entry->szModule));
    lstrcpynW(entry->szExePath, module->path, ARRAYSIZE(entry->szExePath));
    return true;
}

static NTSTATUS read_modules_of(DWORD id, struct list *modules)
{
    HANDLE handle;
    struct process *process;
    NTSTATUS status = process_open(id, &process);
    if (!NT_SUCCESS(status))
        return STATUS_INVALID_PARAMETER;
    status = handle_create(&process->object.object, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, 0, &handle);
    object_release(process);
    if (!NT_SUCCESS(status))
        return status;
    status = remote_modules_read(handle, add_remote_module, modules);
    handle_close(handle);
    for (size_t i = 0; i < modules->count; i++)
        ((MODULEENTRY32W *)modules->entries)[i].th32ProcessID = id;
    return status;
}

static NTSTATUS fill(struct snapshot *snapshot, DWORD flags, DWORD process)
{
    const DWORD modules = TH32CS_SNAPMODULE | TH32CS_SNAPMODULE32;
    bool complete = true;
    bool own = !process || process == GetCurrentProcessId();
    NTSTATUS status = STATUS_SUCCESS;
    if (flags & TH32CS_SNAPHEAPLIST && !own)
        return STATUS_ACCESS_DENIED;
    if (flags & modules && !own)
        status = read_modules_of(process, &snapshot->lists[MODULES]);
    else if (flags & modules)
        complete = read_modules(&snapshot->lists[MODULES]);
    if (!NT_SUCCESS(status))
        return status;
    if (flags & TH32CS_SNAPHEAPLIST)
        complete = complete && heap_list_read(&snapshot->lists[HEAPS]);
    if (flags & TH32CS_SNAPPROCESS)
        complete = complete && process_list_read(&snapshot->lists[PROCESSES]);
    if (flags & TH32CS_SNAPTHREAD)
        complete = complete && thread_list_read(&snapshot->lists[THREADS]);
    return complete ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static NTSTATUS create_snapshot(DWORD flags, DWORD process, HANDLE *handle)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return STATUS_NO_MEMORY;
    object_initialize(&snapshot->object, &snapshot_type);
    NTSTATUS status = fill(snapshot, flags, process);
    if (NT_SUCCESS(status))
        status = handle_create(&snapshot->object, SECTION_ALL_ACCESS,
                               flags & TH32CS_INHERIT ? OBJ_INHERIT : 0, handle);
    object_release(&snapshot->object);
    return status;
}

HANDLE WINAPI CreateToolhelp32Snapshot(DWORD flags, DWORD process)
{
    HANDLE handle;
    return set_last_status(create_snapshot(flags, process, &handle)) ? handle : INVALID_HANDLE_VALUE;
}

/* Reading it */

/* Copies the first or the next entry of a kind to the caller. */
static NTSTATUS copy_entry(HANDLE handle, int kind, bool first, void *to)
{
    void *object;
    NTSTATUS status = handle_reference(handle, &snapshot_type, 0, &object);
    if (!NT_SUCCESS(status))
        return status == STATUS_OBJECT_TYPE_MISMATCH ? STATUS_INVALID_HANDLE : status;
    struct snapshot *snapshot = object;
    if (first)
        __atomic_store_n(&snapshot->next[kind], 0, __ATOMIC_RELAXED);
    uint32_t number = __atomic_fetch_add(&snapshot->next[kind], 1, __ATOMIC_RELAXED);
    const struct list *list = &snapshot->lists[kind];
    status = number < list->count ? STATUS_SUCCESS : STATUS_NO_MORE_FILES;
    if (NT_SUCCESS(status))
        memcpy(to, (const char *)list->entries + number * entry_sizes[kind], entry_sizes[kind]);
    object_release(object);
    return status;
}

/* Every entry begins with its size, which the caller has set. */
static BOOL give_entry(HANDLE handle, int kind, bool first, void *entry)
{
    DWORD size = *(DWORD *)entry;
    if (size < entry_sizes[kind]) {
        SetLastError(ERROR_BAD_LENGTH);
        return FALSE;
    }
    return set_last_status(copy_entry(handle, kind, first, entry));
}

BOOL WINAPI Process32FirstW(HANDLE snapshot, PROCESSENTRY32W *entry)
{
    return give_entry(snapshot, PROCESSES, true, entry);
}

BOOL WINAPI Process32NextW(HANDLE snapshot, PROCESSENTRY32W *entry)
{
    return give_entry(snapshot, PROCESSES, false, entry);
}

BOOL WINAPI Thread32First(HANDLE snapshot, THREADENTRY32 *entry)
{
    return give_entry(snapshot, THREADS, true, entry);
}

BOOL WINAPI Thread32Next(HANDLE snapshot, THREADENTRY32 *entry)
{
    return give_entry(snapshot, THREADS, false, entry);
}

BOOL WINAPI Module32FirstW(HANDLE snapshot, MODULEENTRY32W *entry)
{
    return give_entry(snapshot, MODULES, true, entry);
}

BOOL WINAPI Module32NextW(HANDLE snapshot, MODULEENTRY32W *entry)
{
    return give_entry(snapshot, MODULES, false, entry);
}

BOOL WINAPI Heap32ListFirst(HANDLE snapshot, HEAPLIST32 *entry)
{
    return give_entry(snapshot, HEAPS, true, entry);
}

BOOL WINAPI Heap32ListNext(HANDLE snapshot, HEAPLIST32 *entry)
{
    return give_entry(snapshot, HEAPS, false, entry);
}

static void narrow(char *to, size_t size, const WCHAR *from)
{
    size_t length = utf8_from_utf16(to, size - 1, from, lstrlenW(from), UTF_REPLACE);
    to[min(length, size - 1)] = '\0';
}

static BOOL give_process(HANDLE snapshot, bool first, PROCESSENTRY32 *entry)
{
    PROCESSENTRY32W wide = {.dwSize = sizeof wide};
    if (entry->dwSize < sizeof *entry) {
        SetLastError(ERROR_BAD_LENGTH);
        return FALSE;
    }
    if (!give_entry(snapshot, PROCESSES, first, &wide))
        return FALSE;
    memcpy(entry, &wide, offsetof(PROCESSENTRY32, szExeFile));
    entry->dwSize = sizeof *entry;
    narrow(entry->szExeFile, sizeof entry->szExeFile, wide.szExeFile);
    return TRUE;
}

BOOL WINAPI Process32First(HANDLE snapshot, PROCESSENTRY32 *entry)
{
    return give_process(snapshot, true, entry);
}

BOOL WINAPI Process32Next(HANDLE snapshot, PROCESSENTRY32 *entry)
{
    return give_process(snapshot, false, entry);
}

static BOOL give_module(HANDLE snapshot, bool first, MODULEENTRY32 *entry)
{
    MODULEENTRY32W wide = {.dwSize = sizeof wide};
    if (entry->dwSize < sizeof *entry) {
        SetLastError(ERROR_BAD_LENGTH);
        return FALSE;
    }
    if (!give_entry(snapshot, MODULES, first, &wide))
        return FALSE;
    memcpy(entry, &wide, offsetof(MODULEENTRY32, szModule));
    entry->dwSize = sizeof *entry;
    narrow(entry->szModule, sizeof entry->szModule, wide.szModule);
    narrow(entry->szExePath, sizeof entry->szExePath, wide.szExePath);
    return TRUE;
}

BOOL WINAPI Module32First(HANDLE snapshot, MODULEENTRY32 *entry)
{
    return give_module(snapshot, true, entry);
}

BOOL WINAPI Module32Next(HANDLE snapshot, MODULEENTRY32 *entry)
{
    return give_module(snapshot, false, entry);
}

/* Process 0 is the calling one. */
BOOL WINAPI Toolhelp32ReadProcessMemory(DWORD id, LPCVOID address, LPVOID buffer, SIZE_T size, SIZE_T *read)
{
    HANDLE process = OpenProcess(PROCESS_VM_READ, FALSE, id ? id : GetCurrentProcessId());
    if (!process)
        return FALSE;
    BOOL done = ReadProcessMemory(process, address, buffer, size, read);
    CloseHandle(process);
    return done;
}
