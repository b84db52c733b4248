/* psapi's view of the modules; kernel32 exports it with K32 before each name. */
#define PSAPI_VERSION 2
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "loader/module.h"
#include <psapi.h>

/* Only this process's modules are known. */
static bool is_own_process(HANDLE handle, ACCESS_MASK access)
{
    void *process;
    if (!set_last_status(handle_reference(handle, &process_type, access, &process)))
        return false;
    bool own = process == &process_self;
    object_release(process);
    if (!own)
        SetLastError(ERROR_ACCESS_DENIED);
    return own;
}

static const struct module *find_module(HANDLE process, HMODULE handle)
{
    if (!is_own_process(process, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ))
        return NULL;
    const struct module *module = module_from_handle(handle);
    if (!module)
        SetLastError(ERROR_INVALID_HANDLE);
    return module;
}

BOOL WINAPI EnumProcessModules(HANDLE process, HMODULE *modules, DWORD size, LPDWORD needed)
{
    if (!is_own_process(process, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ))
        return FALSE;
    loader_lock();
    DWORD count = 0;
    for (struct module *module; (module = module_in_load_order(count)); count++) {
        if (count < size / sizeof *modules)
            modules[count] = module_handle(module);
    }
    loader_unlock();
    *needed = count * sizeof *modules;
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
    const struct module *module = find_module(process, handle);
    return module ? wide_return_cut(module->entry.BaseDllName.Buffer,
                                    module->entry.BaseDllName.Length / sizeof(WCHAR), buffer, size)
                  : 0;
}

DWORD WINAPI GetModuleBaseNameA(HANDLE process, HMODULE handle, LPSTR buffer, DWORD size)
{
    const struct module *module = find_module(process, handle);
    return module ? ansi_return_cut(module->entry.BaseDllName.Buffer,
                                    module->entry.BaseDllName.Length / sizeof(WCHAR), buffer, size)
                  : 0;
}

DWORD WINAPI GetModuleFileNameExW(HANDLE process, HMODULE handle, LPWSTR buffer, DWORD size)
{
    const struct module *module = find_module(process, handle);
    return module ? wide_return_cut(module->entry.FullDllName.Buffer,
                                    module->entry.FullDllName.Length / sizeof(WCHAR), buffer, size)
                  : 0;
}

DWORD WINAPI GetModuleFileNameExA(HANDLE process, HMODULE handle, LPSTR buffer, DWORD size)
{
    const struct module *module = find_module(process, handle);
    return module ? ansi_return_cut(module->entry.FullDllName.Buffer,
                                    module->entry.FullDllName.Length / sizeof(WCHAR), buffer, size)
                  : 0;
}

BOOL WINAPI GetModuleInformation(HANDLE process, HMODULE handle, LPMODULEINFO information, DWORD size)
{
    const struct module *module = find_module(process, handle);
    if (!module)
        return FALSE;
    if (size < sizeof *information) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    information->lpBaseOfDll = module->entry.DllBase;
    information->SizeOfImage = module->entry.SizeOfImage;
    information->EntryPoint = module->entry.EntryPoint;
    return TRUE;
}
