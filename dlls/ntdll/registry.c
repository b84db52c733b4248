#include "dlls/ntdll/registry.h"
#include "kernel/heap.h"
#include "kernel/registry.h"
#include "kernel/utf.h"

/* Keys and values by the native API: opening, changing and deleting. */

static NTSTATUS make_request(struct registry_request *request, ACCESS_MASK access,
                             const OBJECT_ATTRIBUTES *attributes)
{
    if (!attributes || attributes->Length != sizeof *attributes)
        return STATUS_INVALID_PARAMETER;
    const UNICODE_STRING *name = attributes->ObjectName;
    if (!name)
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    if (name->Length % sizeof(WCHAR))
        return STATUS_OBJECT_NAME_INVALID;
    *request = (struct registry_request){
        .root = attributes->RootDirectory,
        .path = name->Buffer,
        .length = name->Length / sizeof(WCHAR),
        .access = access,
        .attributes = attributes->Attributes,
    };
    return STATUS_SUCCESS;
}

/* There are no links among keys, so that opening one instead of what it leads to makes no difference. */
NTSTATUS NTAPI NtOpenKeyEx(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                           ULONG options)
{
    struct registry_request request;
    if (options & ~(ULONG)(REG_OPTION_OPEN_LINK | REG_OPTION_BACKUP_RESTORE))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = make_request(&request, access, attributes);
    return NT_SUCCESS(status) ? registry_open(&request, handle) : status;
}

NTSTATUS NTAPI NtOpenKey(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes)
{
    return NtOpenKeyEx(handle, access, attributes, 0);
}

NTSTATUS NTAPI NtCreateKey(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                           ULONG title, const UNICODE_STRING *class, ULONG options, ULONG *disposition)
{
    const struct registry_creation creation = {
        .options = options,
        .class = class ? class->Buffer : NULL,
        .class_length = class ? class->Length / sizeof(WCHAR) : 0,
    };
    struct registry_request request;
    NTSTATUS status = make_request(&request, access, attributes);
    return NT_SUCCESS(status) ? registry_create(&request, &creation, handle, disposition) : status;
}

NTSTATUS NTAPI NtDeleteKey(HANDLE handle)
{
    return registry_delete(handle, false);
}

NTSTATUS NTAPI NtRenameKey(HANDLE handle, UNICODE_STRING *name)
{
    return registry_rename(handle, name->Buffer, name->Length / sizeof(WCHAR));
}

NTSTATUS NTAPI NtFlushKey(HANDLE handle)
{
    return registry_flush(handle);
}

NTSTATUS NTAPI NtSetValueKey(HANDLE handle, const UNICODE_STRING *name, ULONG title, ULONG type,
                             const void *data, ULONG size)
{
    return registry_set_value(handle, name->Buffer, name->Length / sizeof(WCHAR), type, data, size);
}

NTSTATUS NTAPI NtDeleteValueKey(HANDLE handle, const UNICODE_STRING *name)
{
    return registry_delete_value(handle, name->Buffer, name->Length / sizeof(WCHAR));
}

/* The user */

#define USERS L"\\Registry\\User\\"

NTSTATUS NTAPI RtlFormatCurrentUserKeyPath(UNICODE_STRING *path)
{
    const size_t before = ARRAYSIZE(USERS) - 1;
    size_t length = before + utf16_length(registry_user_sid);
    WCHAR *text = heap_allocate(&heap_process, 0, (length + 1) * sizeof *text);
    if (!text)
        return STATUS_NO_MEMORY;
    memcpy(text, USERS, before * sizeof *text);
    memcpy(text + before, registry_user_sid, (length - before + 1) * sizeof *text);
    *path = (UNICODE_STRING){length * sizeof *text, (length + 1) * sizeof *text, text};
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlOpenCurrentUser(ACCESS_MASK access, HANDLE *handle)
{
    UNICODE_STRING path;
    NTSTATUS status = RtlFormatCurrentUserKeyPath(&path);
    if (!NT_SUCCESS(status))
        return status;
    status = registry_open(&(struct registry_request){.path = path.Buffer,
                                                      .length = path.Length / sizeof(WCHAR),
                                                      .access = access},
                           handle);
    heap_free(&heap_process, 0, path.Buffer);
    return status;
}
