/* The loader, as native programs see it. MinGW-w64's headers lack these prototypes. */
#include <stdlib.h>
#include "kernel/process.h"
#include "kernel/utf.h"
#include "loader/apiset.h"
#include "loader/load.h"

#define UNCHANGED_REFCOUNT 1
#define PIN                2
#define HANDLE_FLAGS       (UNCHANGED_REFCOUNT | PIN | 4)

/* The names' search paths and DLL characteristics are what nobody has had a use for. */
NTSTATUS WINAPI LdrGetDllHandleEx(ULONG flags, const WCHAR *path, ULONG *characteristics,
                                  const UNICODE_STRING *name, void **base)
{
    if (flags & ~HANDLE_FLAGS || (flags & PIN && flags & UNCHANGED_REFCOUNT))
        return STATUS_INVALID_PARAMETER;
    loader_lock();
    struct module *module = module_find_loaded(name->Buffer, name->Length / sizeof(WCHAR));
    if (module && !(flags & UNCHANGED_REFCOUNT))
        load_count_reference(module, flags & PIN);
    loader_unlock();
    if (!module)
        return STATUS_DLL_NOT_FOUND;
    *base = module->entry.DllBase;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrGetDllHandle(const WCHAR *path, ULONG flags, const UNICODE_STRING *name, void **base)
{
    return LdrGetDllHandleEx(UNCHANGED_REFCOUNT, path, NULL, name, base);
}

/* A name that is too long is cut, and not terminated. */
NTSTATUS WINAPI LdrGetDllFullName(HMODULE handle, UNICODE_STRING *name)
{
    const struct module *module = module_from_handle(handle);
    if (!module)
        return STATUS_DLL_NOT_FOUND;
    const UNICODE_STRING *full = &module->entry.FullDllName;
    name->Length = min(full->Length, name->MaximumLength);
    memcpy(name->Buffer, full->Buffer, name->Length);
    if (name->Length < full->Length)
        return STATUS_BUFFER_TOO_SMALL;
    if (name->Length + sizeof(WCHAR) <= name->MaximumLength)
        name->Buffer[name->Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrFindEntryForAddress(const void *address, struct loader_entry **entry)
{
    struct module *module = module_from_address(address);
    if (!module)
        return STATUS_NO_MORE_ENTRIES;
    *entry = &module->entry;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrGetProcedureAddress(HMODULE handle, const ANSI_STRING *name, ULONG ordinal, void **address)
{
    struct module *module = handle ? module_from_handle(handle) : NULL;
    if (!module)
        return STATUS_DLL_NOT_FOUND;
    if (!name || !name->Length)
        return load_get_procedure(module, NULL, ordinal, address);
    char *text = strndup(name->Buffer, name->Length);
    if (!text)
        return STATUS_NO_MEMORY;
    NTSTATUS status = load_get_procedure(module, text, 0, address);
    free(text);
    return status;
}

NTSTATUS WINAPI LdrAddRefDll(ULONG flags, HMODULE handle)
{
    if (flags & ~PIN)
        return STATUS_INVALID_PARAMETER;
    struct module *module = handle ? module_from_handle(handle) : NULL;
    return module ? load_count_reference(module, flags & PIN) : STATUS_INVALID_PARAMETER;
}

NTSTATUS WINAPI LdrUnloadDll(HMODULE handle)
{
    struct module *module = handle ? module_from_handle(handle) : NULL;
    return module ? load_free_library(module) : STATUS_DLL_NOT_FOUND;
}

BOOLEAN WINAPI RtlDllShutdownInProgress(void)
{
    return process_is_ending();
}

/* -- API sets ----------------------------------------------------------------------------------------- */

/* In ASCII; false if it is too long or has other characters. */
static bool narrow_name(const UNICODE_STRING *name, char *text, size_t size)
{
    size_t length = name->Length / sizeof(WCHAR);
    if (length >= size)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (name->Buffer[i] >= 0x80)
            return false;
        text[i] = (char)name->Buffer[i];
    }
    text[length] = '\0';
    return true;
}

NTSTATUS WINAPI ApiSetQueryApiSetPresence(const UNICODE_STRING *name, BOOLEAN *present)
{
    char text[APISET_NAME_SIZE];
    *present = narrow_name(name, text, sizeof text) && apiset_is_known(text);
    return STATUS_SUCCESS;
}
