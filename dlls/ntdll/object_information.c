#include "dlls/ntdll/object_request.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/registry.h"

/* What a handle tells of itself and of its object. MinGW-w64's headers have but parts of the structures. */

enum { BASIC_INFORMATION, NAME_INFORMATION, TYPE_INFORMATION, HANDLE_FLAG_INFORMATION = 4 };

struct basic_information {
    ULONG attributes;
    ACCESS_MASK access;
    ULONG handles, pointers;
    ULONG pool_usage[2];
    ULONG reserved[3];
    ULONG name_size, type_size, security_size;
    LARGE_INTEGER created;
};

struct type_information {
    UNICODE_STRING name;
    ULONG totals[12];
    ULONG invalid_attributes;
    GENERIC_MAPPING mapping;
    ULONG valid_access;
    BOOLEAN security_required, maintains_handle_count;
    UCHAR index, reserved;
    ULONG pool_type, default_pool_usage[2];
};

struct handle_flags {
    BOOLEAN inherit, protect;
};

/* Where the answer goes, and how much of it there is. */
struct answer {
    void *buffer;
    ULONG size;
    ULONG *needed;
};

static void tell_needed(const struct answer *answer, ULONG needed)
{
    if (answer->needed)
        *answer->needed = needed;
}

static NTSTATUS give(const struct answer *answer, const void *information, ULONG size)
{
    tell_needed(answer, size);
    if (answer->size < size)
        return STATUS_INFO_LENGTH_MISMATCH;
    memcpy(answer->buffer, information, size);
    return STATUS_SUCCESS;
}

/* The classes */

struct handles_of {
    const struct object *object;
    ULONG count;
};

static bool count_handle(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes,
                         void *context)
{
    struct handles_of *handles = context;
    handles->count += object == handles->object;
    return true;
}

static ULONG name_size(const struct object *object)
{
    size_t length = named_path(object, NULL, 0);
    return sizeof(UNICODE_STRING) + (length ? (length + 1) * sizeof(WCHAR) : 0);
}

/* How many references there are to an object is not known here; there are at least those of its handles. */
static NTSTATUS give_basic(HANDLE handle, const struct object *object, const struct answer *answer)
{
    struct handles_of handles = {.object = object};
    struct basic_information information = {0};
    NTSTATUS status = handle_query(handle, &information.access, &information.attributes);
    if (!NT_SUCCESS(status))
        return status;
    handle_for_each(count_handle, &handles);
    information.handles = information.pointers = handles.count;
    information.name_size = named_path(object, NULL, 0) ? name_size(object) : 0;
    return give(answer, &information, sizeof information);
}

/* A key's name is as long as the keys that lead to it make it. */
static NTSTATUS give_key_name(HANDLE handle, const struct answer *answer)
{
    UNICODE_STRING *name = answer->buffer;
    size_t length;
    NTSTATUS status = registry_query_path(handle, NULL, 0, &length);
    if (!NT_SUCCESS(status))
        return status;
    ULONG size = sizeof *name + (length + 1) * sizeof(WCHAR);
    tell_needed(answer, size);
    if (answer->size < size)
        return STATUS_INFO_LENGTH_MISMATCH;
    memset(name, 0, size);
    name->Buffer = (WCHAR *)(name + 1);
    name->MaximumLength = size - sizeof *name;
    name->Length = name->MaximumLength - sizeof(WCHAR);
    return registry_query_path(handle, name->Buffer, length, &length);
}

/* Files have names of devices, which there are none of here. */
static NTSTATUS give_name(HANDLE handle, const struct object *object, const struct answer *answer)
{
    ULONG size = name_size(object);
    UNICODE_STRING *name = answer->buffer;
    if (object->type == &key_type)
        return give_key_name(handle, answer);
    if (object->type == &file_type)
        return STATUS_NOT_SUPPORTED;
    tell_needed(answer, size);
    if (answer->size < size)
        return STATUS_INFO_LENGTH_MISMATCH;
    *name = (UNICODE_STRING){0};
    if (size == sizeof *name)
        return STATUS_SUCCESS;
    name->Buffer = (WCHAR *)(name + 1);
    name->MaximumLength = size - sizeof *name;
    name->Length = name->MaximumLength - sizeof(WCHAR);
    named_path(object, name->Buffer, name->MaximumLength / sizeof(WCHAR));
    return STATUS_SUCCESS;
}

static NTSTATUS give_type(const struct object *object, const struct answer *answer)
{
    const struct object_type *type = object->type;
    size_t length = strlen(type->name);
    struct type_information *information = answer->buffer;
    ULONG size = sizeof *information + (length + 1) * sizeof(WCHAR);
    tell_needed(answer, size);
    if (answer->size < size)
        return STATUS_INFO_LENGTH_MISMATCH;
    memset(information, 0, size);
    WCHAR *name = (WCHAR *)(information + 1);
    for (size_t i = 0; i < length; i++)
        name[i] = (unsigned char)type->name[i];
    information->name = (UNICODE_STRING){
        .Length = length * sizeof(WCHAR),
        .MaximumLength = (length + 1) * sizeof(WCHAR),
        .Buffer = name,
    };
    information->mapping = type->access;
    information->valid_access = type->access.GenericAll | (type->wait ? SYNCHRONIZE : 0);
    return STATUS_SUCCESS;
}

static NTSTATUS give_flags(HANDLE handle, const struct answer *answer)
{
    ACCESS_MASK access;
    ULONG attributes;
    NTSTATUS status = handle_query(handle, &access, &attributes);
    if (!NT_SUCCESS(status))
        return status;
    const struct handle_flags flags = {
        .inherit = (attributes & OBJ_INHERIT) != 0,
        .protect = (attributes & OBJ_PROTECT_CLOSE) != 0,
    };
    if (answer->size != sizeof flags)
        return STATUS_INFO_LENGTH_MISMATCH;
    return give(answer, &flags, sizeof flags);
}

/* Calls */

static NTSTATUS query(HANDLE handle, const struct object *object, ULONG class, const struct answer *answer)
{
    switch (class) {
    case BASIC_INFORMATION:
        return give_basic(handle, object, answer);
    case NAME_INFORMATION:
        return give_name(handle, object, answer);
    case TYPE_INFORMATION:
        return give_type(object, answer);
    case HANDLE_FLAG_INFORMATION:
        return give_flags(handle, answer);
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

NTSTATUS WINAPI NtQueryObject(HANDLE handle, OBJECT_INFORMATION_CLASS class, void *buffer, ULONG size,
                              ULONG *needed)
{
    struct object *object;
    NTSTATUS status = handle_reference(handle, NULL, 0, &object);
    if (!NT_SUCCESS(status))
        return status;
    status = query(handle, object, class, &(struct answer){buffer, size, needed});
    object_release(object);
    return status;
}

NTSTATUS WINAPI NtSetInformationObject(HANDLE handle, OBJECT_INFORMATION_CLASS class, const void *buffer,
                                       ULONG size)
{
    const struct handle_flags *flags = buffer;
    if ((ULONG) class != HANDLE_FLAG_INFORMATION)
        return STATUS_INVALID_INFO_CLASS;
    if (size != sizeof *flags)
        return STATUS_INFO_LENGTH_MISMATCH;
    return handle_set_attributes(handle, OBJ_INHERIT | OBJ_PROTECT_CLOSE,
                                 (flags->inherit ? OBJ_INHERIT : 0) |
                                     (flags->protect ? OBJ_PROTECT_CLOSE : 0));
}
