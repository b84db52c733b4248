#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/ldr.h"
#include "kernel/path.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/utf.h"
#include "loader/datafile.h"
#include "loader/load.h"

/* Loading */

#define SAFE_CURRENT_DIRS 0x2000 /* LOAD_LIBRARY_SAFE_CURRENT_DIRS, which the headers lack */
#define ORDINARY_FLAGS                                                                            \
    (DONT_RESOLVE_DLL_REFERENCES | LOAD_WITH_ALTERED_SEARCH_PATH | LOAD_IGNORE_CODE_AUTHZ_LEVEL | \
     LOAD_LIBRARY_REQUIRE_SIGNED_TARGET | SAFE_CURRENT_DIRS | SEARCH_FLAGS | DATA_FLAGS)
#define SEARCH_FLAGS                                                          \
    (LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_APPLICATION_DIR | \
     LOAD_LIBRARY_SEARCH_USER_DIRS | LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
#define DATA_FLAGS \
    (LOAD_LIBRARY_AS_DATAFILE | LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE | LOAD_LIBRARY_AS_IMAGE_RESOURCE)

static bool flags_are_valid(DWORD flags)
{
    bool altered = flags & LOAD_WITH_ALTERED_SEARCH_PATH;
    return !(flags & ~ORDINARY_FLAGS) && !(altered && flags & SEARCH_FLAGS);
}

HMODULE WINAPI LoadLibraryExW(LPCWSTR name, HANDLE file, DWORD flags)
{
    if (!name || file || !flags_are_valid(flags)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    size_t length = utf16_length(name);
    while (length && name[length - 1] == ' ')
        length--;
    if (!length) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    HMODULE handle;
    struct module *module;
    const struct search search = {.flags = flags};
    if (flags & DATA_FLAGS)
        return set_last_status(datafile_load(name, length, flags, &handle)) ? handle : NULL;
    return set_last_status(load_library(name, length, &search, &module)) ? module_handle(module) : NULL;
}

HMODULE WINAPI LoadLibraryExA(LPCSTR name, HANDLE file, DWORD flags)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, name))
        return NULL;
    HMODULE module = LoadLibraryExW(wide.text, file, flags);
    wide_free(&wide);
    return module;
}

HMODULE WINAPI LoadLibraryW(LPCWSTR name)
{
    return LoadLibraryExW(name, NULL, 0);
}

HMODULE WINAPI LoadLibraryA(LPCSTR name)
{
    return LoadLibraryExA(name, NULL, 0);
}

/* There are no packages of applications here, and so no package that this process could be of. */
HMODULE WINAPI LoadPackagedLibrary(LPCWSTR name, DWORD reserved)
{
    SetLastError(reserved ? ERROR_INVALID_PARAMETER : APPMODEL_ERROR_NO_PACKAGE);
    return NULL;
}

/* What linkers of Windows' own DLLs name as the last resort of a delayed import: it raises what the C
 * runtime's helper raises, too. */
FARPROC WINAPI DelayLoadFailureHook(LPCSTR dll, LPCSTR function)
{
    enum { RUNTIME_EXCEPTION = 0xC06D0000 };
    const ULONG_PTR arguments[] = {(ULONG_PTR)dll, (ULONG_PTR)function};
    DWORD error = GetModuleHandleA(dll) ? ERROR_PROC_NOT_FOUND : ERROR_MOD_NOT_FOUND;
    RaiseException(RUNTIME_EXCEPTION | error, 0, ARRAYSIZE(arguments), arguments);
    return NULL;
}

BOOL WINAPI FreeLibrary(HMODULE handle)
{
    if (datafile_is_handle(handle))
        return set_last_status(datafile_free(handle));
    struct module *module = handle ? module_from_handle(handle) : NULL;
    if (!module) {
        SetLastError(handle ? ERROR_MOD_NOT_FOUND : ERROR_INVALID_HANDLE);
        return FALSE;
    }
    return set_last_status(load_free_library(module));
}

void WINAPI FreeLibraryAndExitThread(HMODULE module, DWORD exit_code)
{
    FreeLibrary(module);
    ExitThread(exit_code);
}

BOOL WINAPI DisableThreadLibraryCalls(HMODULE handle)
{
    NTSTATUS status = LdrDisableThreadCalloutsForDll(handle);
    if (status == STATUS_ACCESS_DENIED || !status)
        return set_last_status(status);
    SetLastError(ERROR_INVALID_HANDLE);
    return FALSE;
}

/* Finding */

HMODULE WINAPI GetModuleHandleW(LPCWSTR name)
{
    struct module *module = name ? load_find_loaded(name, utf16_length(name)) : program_module;
    if (module)
        return module_handle(module);
    SetLastError(ERROR_MOD_NOT_FOUND);
    return NULL;
}

HMODULE WINAPI GetModuleHandleA(LPCSTR name)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, name))
        return NULL;
    HMODULE module = GetModuleHandleW(wide.text);
    wide_free(&wide);
    return module;
}

#define HANDLE_FLAGS                                                                \
    (GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | \
     GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS)

BOOL WINAPI GetModuleHandleExW(DWORD flags, LPCWSTR name, HMODULE *handle)
{
    bool pin = flags & GET_MODULE_HANDLE_EX_FLAG_PIN;
    bool unchanged = flags & GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    bool by_address = flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    if (!handle || flags & ~HANDLE_FLAGS || (pin && unchanged) || (by_address && !name)) {
        if (handle)
            *handle = NULL;
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    loader_lock();
    struct module *module = by_address ? module_from_address(name)
                            : name     ? load_find_loaded(name, utf16_length(name))
                                       : program_module;
    if (module && !unchanged)
        load_count_reference(module, pin);
    loader_unlock();
    *handle = module ? module_handle(module) : NULL;
    if (!module)
        SetLastError(ERROR_MOD_NOT_FOUND);
    return module != NULL;
}

BOOL WINAPI GetModuleHandleExA(DWORD flags, LPCSTR name, HMODULE *handle)
{
    struct wide wide;
    if (flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS)
        return GetModuleHandleExW(flags, (LPCWSTR)name, handle);
    if (!wide_from_ansi(&wide, name))
        return FALSE;
    BOOL done = GetModuleHandleExW(flags, wide.text, handle);
    wide_free(&wide);
    return done;
}

FARPROC WINAPI GetProcAddress(HMODULE handle, LPCSTR name)
{
    struct module *module = datafile_is_handle(handle) ? NULL : module_from_handle(handle);
    if (!module) {
        SetLastError(ERROR_MOD_NOT_FOUND);
        return NULL;
    }
    void *address;
    bool by_ordinal = (uintptr_t)name < 0x10000;
    NTSTATUS status =
        load_get_procedure(module, by_ordinal ? NULL : name, (uint16_t)(uintptr_t)name, &address);
    return set_last_status(status) ? (FARPROC)address : NULL;
}

/* Names */

DWORD WINAPI GetModuleFileNameW(HMODULE handle, LPWSTR buffer, DWORD size)
{
    struct module *module = module_from_handle(handle);
    if (!module) {
        SetLastError(ERROR_MOD_NOT_FOUND);
        return 0;
    }
    const UNICODE_STRING *name = &module->entry.FullDllName;
    return wide_return_cut(name->Buffer, name->Length / sizeof(WCHAR), buffer, size);
}

DWORD WINAPI GetModuleFileNameA(HMODULE handle, LPSTR buffer, DWORD size)
{
    struct module *module = module_from_handle(handle);
    if (!module) {
        SetLastError(ERROR_MOD_NOT_FOUND);
        return 0;
    }
    const UNICODE_STRING *name = &module->entry.FullDllName;
    return ansi_return_cut(name->Buffer, name->Length / sizeof(WCHAR), buffer, size);
}

/* Search order */

BOOL WINAPI SetDllDirectoryW(LPCWSTR directory)
{
    return set_last_status(search_set_directory(directory, directory ? utf16_length(directory) : 0));
}

BOOL WINAPI SetDllDirectoryA(LPCSTR directory)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, directory))
        return FALSE;
    BOOL done = SetDllDirectoryW(wide.text);
    wide_free(&wide);
    return done;
}

DWORD WINAPI GetDllDirectoryW(DWORD size, LPWSTR buffer)
{
    size_t length = search_get_directory(buffer, size);
    if (length < size)
        return length;
    if (size)
        *buffer = 0;
    return length + 1;
}

DWORD WINAPI GetDllDirectoryA(DWORD size, LPSTR buffer)
{
    size_t length = search_get_directory(NULL, 0);
    WCHAR *wide = malloc((length + 1) * sizeof *wide);
    if (!wide) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    length = search_get_directory(wide, length + 1);
    DWORD result = ansi_return(wide, length, buffer, size);
    if (size && result >= size)
        *buffer = '\0';
    free(wide);
    return result;
}

BOOL WINAPI SetDefaultDllDirectories(DWORD flags)
{
    return set_last_status(search_set_default_flags(flags));
}

DLL_DIRECTORY_COOKIE WINAPI AddDllDirectory(PCWSTR directory)
{
    void *cookie = NULL;
    if (!directory) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return set_last_status(search_add_directory(directory, utf16_length(directory), &cookie)) ? cookie : NULL;
}

BOOL WINAPI RemoveDllDirectory(DLL_DIRECTORY_COOKIE cookie)
{
    return set_last_status(search_remove_directory(cookie));
}
