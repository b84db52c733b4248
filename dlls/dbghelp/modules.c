/* Sessions and modules. There is nothing to load: what is known of a module is in its file. */
#include <litewin/windows.h>
#include <dbghelp.h>
#include "kernel/utf.h"
#include "loader/module.h"

static DWORD options;
static WCHAR search_path[1024] = L".";

BOOL SymInitialize(HANDLE process, PCSTR path, BOOL invade)
{
    return TRUE;
}

BOOL SymInitializeW(HANDLE process, PCWSTR path, BOOL invade)
{
    return !path || SymSetSearchPathW(process, path);
}

BOOL SymCleanup(HANDLE process)
{
    return TRUE;
}

DWORD SymGetOptions(VOID)
{
    return options;
}

DWORD SymSetOptions(DWORD new_options)
{
    return options = new_options;
}

BOOL SymSetSearchPathW(HANDLE process, PCWSTR path)
{
    size_t length = path ? utf16_length(path) : 0;
    if (length >= ARRAYSIZE(search_path)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    memcpy(search_path, path ? path : L"", (length + 1) * sizeof *path);
    return TRUE;
}

BOOL SymGetSearchPathW(HANDLE process, PWSTR path, DWORD length)
{
    size_t needed = utf16_length(search_path) + 1;
    if (!path || length < needed) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(path, search_path, needed * sizeof *path);
    return TRUE;
}

DWORD64 SymGetModuleBase64(HANDLE process, DWORD64 address)
{
    const struct module *module = module_from_address((const void *)(uintptr_t)address);
    return module ? (uintptr_t)module->entry.DllBase : 0;
}

/* The callback ends it by FALSE. */
BOOL EnumerateLoadedModulesW64(HANDLE process, PENUMLOADED_MODULES_CALLBACKW64 callback, PVOID context)
{
    const struct module *module;
    loader_lock();
    for (uint32_t i = 0; (module = module_in_load_order(i)); i++)
        if (!callback(module->entry.FullDllName.Buffer, (uintptr_t)module->entry.DllBase,
                      module->entry.SizeOfImage, context))
            break;
    loader_unlock();
    return TRUE;
}
