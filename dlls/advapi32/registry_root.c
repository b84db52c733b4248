#include <stdlib.h>
#include "dlls/advapi32/registry.h"
#include "kernel/handle.h"

/* The predefined keys. Each gets a handle when it is first used, which stays open. */

#define USER_PATH L"\\Registry\\User\\"

static const struct {
    ULONG key;
    WCHAR path[80];
} roots[] = {
    {0x80000000, L""}, /* HKEY_CLASSES_ROOT is of two places */
    {0x80000001, L""}, /* HKEY_CURRENT_USER is of the user */
    {0x80000002, L"\\Registry\\Machine"},
    {0x80000003, L"\\Registry\\User"},
    {0x80000005, L"\\Registry\\Machine\\System\\CurrentControlSet\\Hardware Profiles\\Current"},
};

static HANDLE handles[ARRAYSIZE(roots)];   /* atomic */
static HANDLE overrides[ARRAYSIZE(roots)]; /* atomic: what RegOverridePredefKey has put in their places */

/* A predefined key may come with its upper half or without. */
static size_t root_index(HKEY key)
{
    ULONG_PTR value = (ULONG_PTR)key;
    size_t index = 0;
    if (value != (ULONG)value && value != (ULONG_PTR)(LONG_PTR)(LONG)value)
        return ARRAYSIZE(roots);
    while (index < ARRAYSIZE(roots) && roots[index].key != (ULONG)value)
        index++;
    return index;
}

static NTSTATUS open_user(ACCESS_MASK access, HANDLE *handle)
{
    WCHAR path[128] = USER_PATH;
    const size_t before = ARRAYSIZE(USER_PATH) - 1;
    size_t length = utf16_length(registry_user_sid);
    memcpy(path + before, registry_user_sid, length * sizeof(WCHAR));
    return registry_open(
        &(struct registry_request){.path = path, .length = before + length, .access = access}, handle);
}

static NTSTATUS open_root(size_t index, HANDLE *handle)
{
    const WCHAR *path = roots[index].path;
    if (index == 0)
        return registry_open_classes(MAXIMUM_ALLOWED, handle);
    if (index == 1)
        return open_user(MAXIMUM_ALLOWED, handle);
    const struct registry_request request = {
        .path = path, .length = utf16_length(path), .access = MAXIMUM_ALLOWED};
    return registry_open(&request, handle);
}

NTSTATUS registry_handle(HKEY key, HANDLE *handle)
{
    size_t index = root_index(key);
    *handle = key;
    if (index == ARRAYSIZE(roots))
        return key ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
    HANDLE found = __atomic_load_n(&overrides[index], __ATOMIC_ACQUIRE), expected = NULL;
    if (!found)
        found = __atomic_load_n(&handles[index], __ATOMIC_ACQUIRE);
    if (!found) {
        NTSTATUS status = open_root(index, &found);
        if (!NT_SUCCESS(status))
            return status;
        if (!__atomic_compare_exchange_n(&handles[index], &expected, found, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            handle_close(found);
            found = expected;
        }
    }
    *handle = found;
    return STATUS_SUCCESS;
}

LSTATUS WINAPI RegCloseKey(HKEY key)
{
    if (!key)
        return ERROR_INVALID_HANDLE;
    if (root_index(key) < ARRAYSIZE(roots))
        return ERROR_SUCCESS;
    return status_to_win32(handle_close(key));
}

LSTATUS WINAPI RegOpenCurrentUser(REGSAM access, PHKEY result)
{
    HANDLE handle;
    NTSTATUS status = open_user(access, &handle);
    if (!NT_SUCCESS(status))
        return status_to_win32(status);
    *result = handle;
    return ERROR_SUCCESS;
}

LSTATUS WINAPI RegOverridePredefKey(HKEY key, HKEY replacement)
{
    size_t index = root_index(key);
    HANDLE copy = NULL;
    if (index == ARRAYSIZE(roots))
        return ERROR_INVALID_HANDLE;
    if (replacement) {
        LSTATUS error = registry_open_subkey(replacement, NULL, MAXIMUM_ALLOWED, (HKEY *)&copy);
        if (error)
            return error;
    }
    copy = __atomic_exchange_n(&overrides[index], copy, __ATOMIC_ACQ_REL);
    if (copy)
        handle_close(copy);
    return ERROR_SUCCESS;
}

/* Only this machine has a registry here. */
LSTATUS WINAPI RegConnectRegistryW(LPCWSTR machine, HKEY key, PHKEY result)
{
    if (!result)
        return ERROR_INVALID_PARAMETER;
    if (machine && *machine)
        return ERROR_BAD_NETPATH;
    if (root_index(key) == ARRAYSIZE(roots))
        return ERROR_INVALID_HANDLE;
    *result = key;
    return ERROR_SUCCESS;
}

LSTATUS WINAPI RegConnectRegistryA(LPCSTR machine, HKEY key, PHKEY result)
{
    return RegConnectRegistryW(machine && *machine ? L"?" : NULL, key, result);
}
