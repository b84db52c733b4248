/* psapi's view of the modules; kernel32 exports it with K32 before each name. */
#define PSAPI_VERSION 2
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/remote_modules.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/utf.h"
#include "loader/module.h"
#include <psapi.h>

/* A module of this process or of another. */
struct found {
    UNICODE_STRING name, path;
    void *base, *entry_point;
    ULONG size;
    HMODULE wanted; /* NULL: the program */
    bool is_there;
    struct remote_module remote; /* which the strings lie in */
};

static NTSTATUS check_own(HANDLE handle, bool *own)
{
    void *process;
    NTSTATUS status =
        handle_reference(handle, &process_type, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, &process);
    if (!NT_SUCCESS(status))
        return status;
    *own = process == &process_self;
    object_release(process);
    return STATUS_SUCCESS;
}

static UNICODE_STRING string_of(WCHAR *text)
{
    USHORT size = utf16_length(text) * sizeof *text;
    return (UNICODE_STRING){size, size + sizeof *text, text};
}

static bool compare_module(const struct remote_module *module, void *context)
{
    struct found *found = context;
    if (found->wanted && module->base != found->wanted)
        return true;
    found->remote = *module;
    found->name = string_of(found->remote.name);
    found->path = string_of(found->remote.path);
    found->base = module->base;
    found->entry_point = module->entry_point;
    found->size = module->size;
    found->is_there = true;
    return false;
}

static void find_own(struct found *found)
{
    const struct module *module = module_from_handle(found->wanted);
    if (!module)
        return;
    found->name = module->entry.BaseDllName;
    found->path = module->entry.FullDllName;
    found->base = module->entry.DllBase;
    found->entry_point = module->entry.EntryPoint;
    found->size = module->entry.SizeOfImage;
    found->is_there = true;
}

static bool find_module(HANDLE process, HMODULE handle, struct found *found)
{
    bool own;
    found->wanted = handle;
    found->is_there = false;
    NTSTATUS status = check_own(process, &own);
    if (NT_SUCCESS(status) && own)
        find_own(found);
    else if (NT_SUCCESS(status))
        status = remote_modules_read(process, compare_module, found);
    if (NT_SUCCESS(status) && !found->is_there)
        status = STATUS_INVALID_HANDLE;
    return set_last_status(status);
}

struct handles {
    HMODULE *modules;
    DWORD room, count;
};

static void add_handle(struct handles *handles, HMODULE module)
{
    if (handles->count < handles->room)
        handles->modules[handles->count] = module;
    handles->count++;
}

static bool add_remote(const struct remote_module *module, void *handles)
{
    add_handle(handles, module->base);
    return true;
}

static void add_own(struct handles *handles)
{
    loader_lock();
    for (struct module *module; (module = module_in_load_order(handles->count));)
        add_handle(handles, module_handle(module));
    loader_unlock();
}

BOOL WINAPI EnumProcessModules(HANDLE process, HMODULE *modules, DWORD size, LPDWORD needed)
{
    struct handles handles = {.modules = modules, .room = size / sizeof *modules};
    bool own;
    NTSTATUS status = check_own(process, &own);
    if (NT_SUCCESS(status) && own)
        add_own(&handles);
    else if (NT_SUCCESS(status))
        status = remote_modules_read(process, add_remote, &handles);
    if (!set_last_status(status))
        return FALSE;
    *needed = handles.count * sizeof *modules;
    return TRUE;
}

BOOL WINAPI EnumProcessModulesEx(HANDLE process, HMODULE *modules, DWORD size, LPDWORD needed, DWORD filter)
{
    if (filter > LIST_MODULES_ALL) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    return EnumProcessModules(process, modules, size, needed);
}

DWORD WINAPI GetModuleBaseNameW(HANDLE process, HMODULE handle, LPWSTR buffer, DWORD size)
{
    struct found found;
    return find_module(process, handle, &found)
               ? wide_return_cut(found.name.Buffer, found.name.Length / sizeof(WCHAR), buffer, size)
               : 0;
}

DWORD WINAPI GetModuleBaseNameA(HANDLE process, HMODULE handle, LPSTR buffer, DWORD size)
{
    struct found found;
    return find_module(process, handle, &found)
               ? ansi_return_cut(found.name.Buffer, found.name.Length / sizeof(WCHAR), buffer, size)
               : 0;
}

DWORD WINAPI GetModuleFileNameExW(HANDLE process, HMODULE handle, LPWSTR buffer, DWORD size)
{
    struct found found;
    return find_module(process, handle, &found)
               ? wide_return_cut(found.path.Buffer, found.path.Length / sizeof(WCHAR), buffer, size)
               : 0;
}

DWORD WINAPI GetModuleFileNameExA(HANDLE process, HMODULE handle, LPSTR buffer, DWORD size)
{
    struct found found;
    return find_module(process, handle, &found)
               ? ansi_return_cut(found.path.Buffer, found.path.Length / sizeof(WCHAR), buffer, size)
               : 0;
}

BOOL WINAPI GetModuleInformation(HANDLE process, HMODULE handle, LPMODULEINFO information, DWORD size)
{
    struct found found;
    if (!find_module(process, handle, &found))
        return FALSE;
    if (size < sizeof *information) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    information->lpBaseOfDll = found.base;
    information->SizeOfImage = found.size;
    information->EntryPoint = found.entry_point;
    return TRUE;
}
