#include <stdlib.h>
#include "dlls/ntdll/nt_path.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/pipe.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

/* What NT calls places that a path of Win32 leads to as well. Each ends where a part of the name ends. */
static const struct {
    WCHAR name[26];
    WCHAR path[16];
} prefixes[] = {
    {L"\\??", L"\\??"},
    {L"\\DosDevices", L"\\??"},
    {L"\\Device\\HarddiskVolume1", L"\\??\\C:"},
    {L"\\SystemRoot", L"\\??\\C:\\Windows"},
    {L"\\Device\\Null", L"\\??\\NUL"},
    {L"\\Device\\NamedPipe", L"\\??\\pipe"},
};

static bool has_prefix(const WCHAR *name, size_t length, const WCHAR *prefix)
{
    size_t prefix_length = utf16_length(prefix);
    return length >= prefix_length && upcase_equal(name, prefix_length, prefix, prefix_length) &&
           (length == prefix_length || name[prefix_length] == '\\');
}

/* Puts `head` and `tail` together, with a separator between them if neither brings one. */
static NTSTATUS join(const WCHAR *head, size_t head_length, const WCHAR *tail, size_t tail_length,
                     struct host_path *host)
{
    WCHAR local[600], *text = local;
    if (head_length + tail_length + 1 > ARRAYSIZE(local))
        text = malloc((head_length + tail_length + 1) * sizeof *text);
    if (!text)
        return STATUS_NO_MEMORY;
    memcpy(text, head, head_length * sizeof *text);
    size_t length = head_length;
    if (tail_length && head[head_length - 1] != '\\' && tail[0] != '\\')
        text[length++] = '\\';
    memcpy(text + length, tail, tail_length * sizeof *text);
    NTSTATUS status = path_to_host(text, length + tail_length, host);
    if (text != local)
        free(text);
    return status;
}

static NTSTATUS absolute_to_host(const WCHAR *name, size_t length, struct host_path *host)
{
    if (!length || name[0] != '\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    for (size_t i = 0; i < ARRAYSIZE(prefixes); i++) {
        if (!has_prefix(name, length, prefixes[i].name))
            continue;
        size_t prefix = utf16_length(prefixes[i].name);
        return join(prefixes[i].path, utf16_length(prefixes[i].path), name + prefix, length - prefix, host);
    }
    return STATUS_OBJECT_PATH_NOT_FOUND;
}

/* An empty name is the directory itself. */
static NTSTATUS relative_to_host(HANDLE root, const WCHAR *name, size_t length, struct host_path *host)
{
    static const WCHAR nt_prefix[] = L"\\??\\";
    const size_t prefix_length = ARRAYSIZE(nt_prefix) - 1;
    struct file *directory;
    char host_name[PATH_MAX];
    WCHAR text[PATH_MAX + 32];
    if (length && name[0] == '\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    NTSTATUS status = handle_reference(root, &file_type, 0, &directory);
    if (status)
        return status;
    if (file_device_type(directory) == FILE_TYPE_PIPE) {
        status = pipe_relative_path(directory, name, length, host);
        object_release(directory);
        return status;
    }
    status = file_host_name(directory, host_name);
    object_release(directory);
    if (status)
        return status;
    memcpy(text, nt_prefix, sizeof nt_prefix);
    size_t text_length = prefix_length + path_from_host(host_name, text + prefix_length, PATH_MAX);
    return join(text, text_length, name, length, host);
}

NTSTATUS nt_path_to_host(const OBJECT_ATTRIBUTES *attributes, struct host_path *host)
{
    if (!attributes || attributes->Length != sizeof *attributes || !attributes->ObjectName)
        return STATUS_INVALID_PARAMETER;
    const UNICODE_STRING *name = attributes->ObjectName;
    if (name->Length % sizeof(WCHAR))
        return STATUS_OBJECT_NAME_INVALID;
    size_t length = name->Length / sizeof(WCHAR);
    if (attributes->RootDirectory)
        return relative_to_host(attributes->RootDirectory, name->Buffer, length, host);
    return absolute_to_host(name->Buffer, length, host);
}
