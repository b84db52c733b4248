/* Paths of Win32 as the run-time library handles them. */
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/path.h"
#include "kernel/process.h"
#include "kernel/utf.h"
#include "dlls/ntdll/heap.h"

/* RTL_RELATIVE_NAME_U: here no name is left relative, so there is no directory to go with it. */
struct relative_name {
    UNICODE_STRING RelativeName;
    HANDLE ContainingDirectory;
    void *CurDirRef;
};

/* Shapes */

static bool is_separator(WCHAR unit)
{
    return unit == '\\' || unit == '/';
}

/* The values of RTL_PATH_TYPE. */
enum {
    PATH_TYPE_UNKNOWN,
    PATH_TYPE_UNC,
    PATH_TYPE_DRIVE_ABSOLUTE,
    PATH_TYPE_DRIVE_RELATIVE,
    PATH_TYPE_ROOTED,
    PATH_TYPE_RELATIVE,
    PATH_TYPE_LOCAL_DEVICE,
    PATH_TYPE_ROOT_LOCAL_DEVICE,
};

ULONG NTAPI RtlDetermineDosPathNameType_U(PCWSTR path)
{
    if (!path || !*path)
        return path ? PATH_TYPE_RELATIVE : PATH_TYPE_UNKNOWN;
    if (is_separator(path[0])) {
        if (!is_separator(path[1]))
            return PATH_TYPE_ROOTED;
        if (path[2] != '.' && path[2] != '?')
            return PATH_TYPE_UNC;
        if (is_separator(path[3]))
            return PATH_TYPE_LOCAL_DEVICE;
        return path[3] ? PATH_TYPE_UNC : PATH_TYPE_ROOT_LOCAL_DEVICE;
    }
    if (path[1] != ':')
        return PATH_TYPE_RELATIVE;
    return is_separator(path[2]) ? PATH_TYPE_DRIVE_ABSOLUTE : PATH_TYPE_DRIVE_RELATIVE;
}

/* Where the device's name is, in bytes: its offset in the high half, its length in the low one. */
ULONG NTAPI RtlIsDosDeviceName_U(PCWSTR path)
{
    size_t offset, length;
    if (!path || path_dos_device(path, utf16_length(path), &offset, &length) == PATH_FILE)
        return 0;
    return (ULONG)(offset * sizeof(WCHAR)) << 16 | (ULONG)(length * sizeof(WCHAR));
}

/* Full paths */

/* Sizes are in bytes. The result counts no NUL if the path fits, and one if not. */
ULONG NTAPI RtlGetFullPathName_U(PCWSTR path, ULONG size, PWSTR buffer, PWSTR *name)
{
    size_t offset;
    size_t length = path ? path_full(path, utf16_length(path), buffer, size / sizeof(WCHAR), &offset) : 0;
    if (!length)
        return 0;
    if (length * sizeof(WCHAR) >= size)
        return (length + 1) * sizeof(WCHAR);
    if (name)
        *name = offset ? buffer + offset : NULL;
    return length * sizeof(WCHAR);
}

ULONG NTAPI RtlGetCurrentDirectory_U(ULONG size, PWSTR buffer)
{
    size_t length = path_current_directory(buffer, size / sizeof(WCHAR));
    return length * sizeof(WCHAR) < size ? length * sizeof(WCHAR) : (length + 1) * sizeof(WCHAR);
}

NTSTATUS NTAPI RtlSetCurrentDirectory_U(PUNICODE_STRING path)
{
    NTSTATUS status = path_set_current_directory(path->Buffer, path->Length / sizeof(WCHAR));
    return status ? status : process_note_current_directory();
}

/* NT paths */

static bool is_literal(const WCHAR *path)
{
    return path[0] == '\\' && (path[1] == '\\' || path[1] == '?') && path[2] == '?' && path[3] == '\\';
}

/* What of a full path stays when a prefix makes it an NT path. */
static const WCHAR *below_prefix(const WCHAR *full, const WCHAR **prefix)
{
    *prefix = L"\\??\\";
    if (!is_separator(full[0]))
        return full;
    if (full[1] == '?' || full[2] == '.' || full[2] == '?')
        return full + 4;
    *prefix = L"\\??\\UNC\\";
    return full + 2;
}

#define LONGEST_PREFIX 8

/* The path as it is if it is literal, else in full. Returns its length. */
static size_t copy_full(const WCHAR *path, size_t length, WCHAR *full, size_t capacity, size_t *name_offset)
{
    *name_offset = 0;
    if (!is_literal(path))
        return path_full(path, length, full, capacity, name_offset);
    if (length < capacity)
        memcpy(full, path, (length + 1) * sizeof *full);
    return length;
}

static NTSTATUS make_nt_path(const WCHAR *path, UNICODE_STRING *result, PCWSTR *name)
{
    size_t length = path ? utf16_length(path) : 0, offset;
    const WCHAR *prefix;
    if (!length)
        return STATUS_OBJECT_NAME_INVALID;
    size_t capacity = copy_full(path, length, NULL, 0, &offset) + 1;
    if (LONGEST_PREFIX + capacity > PATH_LONGEST)
        return STATUS_NAME_TOO_LONG;
    WCHAR *buffer =
        RtlAllocateHeap(process_environment.ProcessHeap, 0, (LONGEST_PREFIX + capacity) * sizeof *buffer);
    if (!buffer)
        return STATUS_NO_MEMORY;
    WCHAR *full = buffer + LONGEST_PREFIX;
    size_t full_length = copy_full(path, length, full, capacity, &offset);
    if (full_length >= capacity) {
        /* The current directory has become a longer one in between. */
        RtlFreeHeap(process_environment.ProcessHeap, 0, buffer);
        return STATUS_NAME_TOO_LONG;
    }
    const WCHAR *rest = below_prefix(full, &prefix);
    size_t prefix_length = utf16_length(prefix), dropped = rest - full;
    memcpy(buffer, prefix, prefix_length * sizeof *buffer);
    memmove(buffer + prefix_length, rest, (full_length - dropped + 1) * sizeof *buffer);
    if (name)
        *name = offset ? buffer + prefix_length + offset - dropped : NULL;
    *result = (UNICODE_STRING){
        .Length = (prefix_length + full_length - dropped) * sizeof *buffer,
        .MaximumLength = (LONGEST_PREFIX + capacity) * sizeof *buffer,
        .Buffer = buffer,
    };
    return STATUS_SUCCESS;
}

static NTSTATUS make_relative(const WCHAR *path, UNICODE_STRING *result, PCWSTR *name,
                              struct relative_name *relative)
{
    if (relative)
        *relative = (struct relative_name){0};
    return make_nt_path(path, result, name);
}

NTSTATUS NTAPI RtlDosPathNameToNtPathName_U_WithStatus(PCWSTR path, PUNICODE_STRING result, PCWSTR *name,
                                                       struct relative_name *relative)
{
    return make_relative(path, result, name, relative);
}

BOOL NTAPI RtlDosPathNameToNtPathName_U(PCWSTR path, PUNICODE_STRING result, PCWSTR *name, VOID *relative)
{
    return make_relative(path, result, name, relative) == STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlDosPathNameToRelativeNtPathName_U_WithStatus(PCWSTR path, PUNICODE_STRING result,
                                                               PCWSTR *name, struct relative_name *relative)
{
    return make_relative(path, result, name, relative);
}

BOOLEAN NTAPI RtlDosPathNameToRelativeNtPathName_U(PCWSTR path, PUNICODE_STRING result, PCWSTR *name,
                                                   struct relative_name *relative)
{
    return make_relative(path, result, name, relative) == STATUS_SUCCESS;
}

/* Nothing is held for a name that is not relative. */
void NTAPI RtlReleaseRelativeName(struct relative_name *relative) {}

BOOLEAN NTAPI RtlDoesFileExists_U(PCWSTR path)
{
    struct host_path host;
    DWORD attributes;
    return path && !path_to_host(path, utf16_length(path), &host) &&
           !file_query_attributes(&host, &attributes);
}
