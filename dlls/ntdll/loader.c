/* The loader, as native programs see it. MinGW-w64's headers lack these prototypes. */
#include <stdlib.h>
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/ldr.h"
#include "kernel/process.h"
#include "kernel/utf.h"
#include "loader/apiset.h"
#include "loader/load.h"
#include "loader/notification.h"

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
    struct module *module = load_find_loaded(name->Buffer, name->Length / sizeof(WCHAR));
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

/* The path lists directories in place of those that are usually searched. */
NTSTATUS WINAPI LdrLoadDll(const WCHAR *path, ULONG *characteristics, const UNICODE_STRING *name,
                           HMODULE *base)
{
    struct module *module;
    const struct search search = {
        .flags = characteristics ? *characteristics & DONT_RESOLVE_DLL_REFERENCES : 0,
        .path = path,
        .path_length = path ? utf16_length(path) : 0,
    };
    NTSTATUS status = load_library(name->Buffer, name->Length / sizeof(WCHAR), &search, &module);
    if (!status)
        *base = module_handle(module);
    return status;
}

NTSTATUS WINAPI LdrUnloadDll(HMODULE handle)
{
    struct module *module = handle ? module_from_handle(handle) : NULL;
    return module ? load_free_library(module) : STATUS_DLL_NOT_FOUND;
}

/* A DLL with static TLS needs its callbacks whatever its DllMain wishes. */
NTSTATUS WINAPI LdrDisableThreadCalloutsForDll(HMODULE handle)
{
    struct module *module = handle ? module_from_handle(handle) : NULL;
    if (!module)
        return STATUS_DLL_NOT_FOUND;
    if (module->has_tls)
        return STATUS_ACCESS_DENIED;
    module->entry.Flags |= ENTRY_NO_THREAD_CALLS;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrRegisterDllNotification(ULONG flags, notification_function function, void *context,
                                           void **cookie)
{
    if (flags || !function || !cookie)
        return STATUS_INVALID_PARAMETER;
    return notification_register(function, context, cookie);
}

NTSTATUS WINAPI LdrUnregisterDllNotification(void *cookie)
{
    return notification_unregister(cookie);
}

BOOLEAN WINAPI RtlDllShutdownInProgress(void)
{
    return process_is_ending();
}

/* The loader lock */

enum { RAISE_ON_ERRORS = 1, TRY_ONLY = 2, LOCK_FLAGS = 3 };
enum { LOCK_ACQUIRED = 1, LOCK_NOT_ACQUIRED = 2 };

static NTSTATUS lock_result(ULONG flags, NTSTATUS status)
{
    if (status && flags & RAISE_ON_ERRORS)
        RtlRaiseStatus(status);
    return status;
}

/* Unlocking takes the cookie, which names the thread. */
static ULONG_PTR lock_cookie(void)
{
    return 0x10000000 | (ULONG_PTR)(teb_current()->ClientId.UniqueThread) << 4;
}

NTSTATUS WINAPI LdrLockLoaderLock(ULONG flags, ULONG *disposition, ULONG_PTR *cookie)
{
    if (disposition)
        *disposition = 0;
    if (cookie)
        *cookie = 0;
    if (flags & ~(ULONG)LOCK_FLAGS)
        return lock_result(flags, STATUS_INVALID_PARAMETER_1);
    if (!cookie)
        return lock_result(flags, STATUS_INVALID_PARAMETER_3);
    if (flags & TRY_ONLY && !disposition)
        return lock_result(flags, STATUS_INVALID_PARAMETER_2);
    bool locked = true;
    if (flags & TRY_ONLY)
        locked = loader_try_lock();
    else
        loader_lock();
    if (disposition)
        *disposition = locked ? LOCK_ACQUIRED : LOCK_NOT_ACQUIRED;
    if (locked)
        *cookie = lock_cookie();
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrUnlockLoaderLock(ULONG flags, ULONG_PTR cookie)
{
    if (flags & ~(ULONG)RAISE_ON_ERRORS)
        return lock_result(flags, STATUS_INVALID_PARAMETER_1);
    if (!cookie)
        return STATUS_SUCCESS;
    if (cookie != lock_cookie() || !loader_lock_is_mine())
        return lock_result(flags, STATUS_INVALID_PARAMETER_2);
    loader_unlock();
    return STATUS_SUCCESS;
}

/* API sets */

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

/* With its last number, and without an extension. */
NTSTATUS WINAPI ApiSetQueryApiSetPresenceEx(const UNICODE_STRING *name, BOOLEAN *in_schema, BOOLEAN *present)
{
    char text[APISET_NAME_SIZE];
    return narrow_name(name, text, sizeof text) ? apiset_query(text, in_schema, present)
                                                : STATUS_INVALID_PARAMETER;
}
