#include <stdlib.h>
#include "dlls/advapi32/registry.h"
#include "kernel/handle.h"

/* Opening and creating */

static const REGSAM both_views = KEY_WOW64_64KEY | KEY_WOW64_32KEY;

/* Names below HKEY_CLASSES_ROOT may begin with a separator. */
static LPCWSTR skip_separator(HKEY key, LPCWSTR name)
{
    return (ULONG_PTR)(LONG_PTR)(LONG)(ULONG_PTR)key == (ULONG_PTR)HKEY_CLASSES_ROOT && name && *name == '\\'
               ? name + 1
               : name;
}

LSTATUS registry_open_subkey(HKEY key, LPCWSTR name, REGSAM access, HKEY *result)
{
    struct registry_request request = {.access = access};
    HANDLE handle;
    if ((access & both_views) == both_views)
        return ERROR_INVALID_PARAMETER;
    NTSTATUS status = registry_handle(key, &request.root);
    if (!NT_SUCCESS(status))
        return status_to_win32(status);
    request.path = skip_separator(key, name);
    request.length = registry_text_length(request.path);
    status = registry_open(&request, &handle);
    if (NT_SUCCESS(status))
        *result = handle;
    return status_to_win32(status);
}

LSTATUS WINAPI RegOpenKeyExW(HKEY key, LPCWSTR name, DWORD options, REGSAM access, PHKEY result)
{
    if (!result)
        return ERROR_INVALID_PARAMETER;
    return registry_open_subkey(key, name, access, result);
}

/* Without a name, the key that it was given. */
LSTATUS WINAPI RegOpenKeyW(HKEY key, LPCWSTR name, PHKEY result)
{
    if (!result)
        return ERROR_INVALID_PARAMETER;
    if (!name || !*name) {
        *result = key;
        return ERROR_SUCCESS;
    }
    return registry_open_subkey(key, name, MAXIMUM_ALLOWED, result);
}

LSTATUS WINAPI RegCreateKeyExW(HKEY key, LPCWSTR name, DWORD reserved, LPWSTR class, DWORD options,
                               REGSAM access, const LPSECURITY_ATTRIBUTES security, PHKEY result,
                               LPDWORD disposition)
{
    const struct registry_creation creation = {
        .options = options,
        .class = class,
        .class_length = registry_text_length(class),
        .with_parents = true,
    };
    struct registry_request request = {.access = access};
    HANDLE handle;
    if (reserved || !result || (access & both_views) == both_views)
        return ERROR_INVALID_PARAMETER;
    if (!name)
        return ERROR_BADKEY;
    NTSTATUS status = registry_handle(key, &request.root);
    if (!NT_SUCCESS(status))
        return status_to_win32(status);
    request.path = skip_separator(key, name);
    request.length = registry_text_length(request.path);
    request.attributes = security && security->bInheritHandle ? OBJ_INHERIT : 0;
    status = registry_create(&request, &creation, &handle, disposition);
    if (NT_SUCCESS(status))
        *result = handle;
    return status_to_win32(status);
}

LSTATUS WINAPI RegCreateKeyW(HKEY key, LPCWSTR name, PHKEY result)
{
    if (!result)
        return ERROR_INVALID_PARAMETER;
    if (!name || !*name)
        return RegOpenKeyW(key, name, result);
    return RegCreateKeyExW(key, name, 0, NULL, REG_OPTION_NON_VOLATILE, MAXIMUM_ALLOWED, NULL, result, NULL);
}

/* Nobody but the machine's own classes and the user's lie below HKEY_CLASSES_ROOT, for any token. */
LSTATUS WINAPI RegOpenUserClassesRoot(HANDLE token, DWORD options, REGSAM access, PHKEY result)
{
    HANDLE handle;
    if (options || !result)
        return ERROR_INVALID_PARAMETER;
    NTSTATUS status = registry_open_classes(access, &handle);
    if (NT_SUCCESS(status))
        *result = handle;
    return status_to_win32(status);
}

LSTATUS WINAPI RegFlushKey(HKEY key)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);
    return status_to_win32(NT_SUCCESS(status) ? registry_flush(handle) : status);
}

/* Deleting */

static LSTATUS delete_key(HKEY key, LPCWSTR name, REGSAM view, bool with_children)
{
    HKEY opened;
    LSTATUS error = registry_open_subkey(key, name, DELETE | (view & both_views), &opened);
    if (error)
        return error;
    NTSTATUS status = registry_delete(opened, with_children);
    RegCloseKey(opened);
    return status_to_win32(status);
}

LSTATUS WINAPI RegDeleteKeyExW(HKEY key, LPCWSTR name, REGSAM view, DWORD reserved)
{
    if (!name || reserved)
        return ERROR_INVALID_PARAMETER;
    return delete_key(key, name, view, false);
}

LSTATUS WINAPI RegDeleteKeyW(HKEY key, LPCWSTR name)
{
    return RegDeleteKeyExW(key, name, 0, 0);
}

static LSTATUS empty_key(HKEY key)
{
    struct registry_information information;
    struct registry_value *value;
    NTSTATUS status;
    while (NT_SUCCESS(status = registry_query_subkey(key, 0, &information))) {
        WCHAR name[REGISTRY_KEY_NAME_UNITS + 1];
        memcpy(name, information.name, information.name_length * sizeof(WCHAR));
        name[information.name_length] = 0;
        LSTATUS error = delete_key(key, name, 0, true);
        if (error)
            return error;
    }
    while (status == STATUS_NO_MORE_ENTRIES && NT_SUCCESS(status = registry_get_value_at(key, 0, &value))) {
        status = registry_delete_value(key, value->name, value->name_length);
        registry_value_release(value);
        if (NT_SUCCESS(status))
            status = STATUS_NO_MORE_ENTRIES;
        else
            break;
    }
    return status == STATUS_NO_MORE_ENTRIES ? ERROR_SUCCESS : status_to_win32(status);
}

/* Without a name, the key itself stays. */
LSTATUS WINAPI RegDeleteTreeW(HKEY key, LPCWSTR name)
{
    HKEY opened;
    if (name && *name)
        return delete_key(key, name, 0, true);
    const REGSAM access = KEY_ENUMERATE_SUB_KEYS | KEY_QUERY_VALUE | KEY_SET_VALUE | DELETE;
    LSTATUS error = registry_open_subkey(key, NULL, access, &opened);
    if (error)
        return error;
    error = empty_key(opened);
    RegCloseKey(opened);
    return error;
}

LSTATUS WINAPI RegRenameKey(HKEY key, LPCWSTR name, LPCWSTR new_name)
{
    HKEY opened;
    LSTATUS error = registry_open_subkey(key, name, KEY_WRITE, &opened);
    if (error)
        return error;
    NTSTATUS status = registry_rename(opened, new_name, registry_text_length(new_name));
    RegCloseKey(opened);
    return status_to_win32(status);
}

/* Copying */

static NTSTATUS copy_values(HANDLE from, HANDLE to)
{
    struct registry_value *value;
    NTSTATUS status = STATUS_SUCCESS;
    for (ULONG i = 0; NT_SUCCESS(status) && NT_SUCCESS(registry_get_value_at(from, i, &value)); i++) {
        status =
            registry_set_value(to, value->name, value->name_length, value->type, value->data, value->size);
        registry_value_release(value);
    }
    return status;
}

static LSTATUS copy_tree(HKEY from, HKEY to)
{
    struct registry_information child;
    LSTATUS error = status_to_win32(copy_values(from, to));
    for (ULONG i = 0; !error && NT_SUCCESS(registry_query_subkey(from, i, &child)); i++) {
        WCHAR name[REGISTRY_KEY_NAME_UNITS + 1];
        HKEY source, target;
        memcpy(name, child.name, child.name_length * sizeof(WCHAR));
        name[child.name_length] = 0;
        error = registry_open_subkey(from, name, KEY_READ, &source);
        if (error)
            return error;
        error = RegCreateKeyExW(to, name, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &target, NULL);
        if (!error) {
            error = copy_tree(source, target);
            RegCloseKey(target);
        }
        RegCloseKey(source);
    }
    return error;
}

LSTATUS WINAPI RegCopyTreeW(HKEY key, LPCWSTR name, HKEY target)
{
    HKEY from, to;
    LSTATUS error = registry_open_subkey(key, name, KEY_READ, &from);
    if (error)
        return error;
    error = registry_open_subkey(target, NULL, KEY_WRITE | KEY_READ, &to);
    if (!error) {
        error = copy_tree(from, to);
        RegCloseKey(to);
    }
    RegCloseKey(from);
    return error;
}

/* Reflection went with Windows 7, and these have done nothing since. */

LONG WINAPI RegDisableReflectionKey(HKEY key)
{
    return ERROR_SUCCESS;
}

LONG WINAPI RegEnableReflectionKey(HKEY key)
{
    return ERROR_SUCCESS;
}
