#include <fcntl.h>
#include "kernel/file_class.h"
#include "kernel/pipe.h"
#include "kernel/file_internal.h"
#include "kernel/status.h"
#include "kernel/utf.h"

static LARGE_INTEGER large(int64_t value)
{
    return (LARGE_INTEGER){.QuadPart = value};
}

/* Fixed structures */

static FILE_BASIC_INFORMATION basic(const struct file_information *information)
{
    return (FILE_BASIC_INFORMATION){
        .CreationTime = large(information->creation_time),
        .LastAccessTime = large(information->access_time),
        .LastWriteTime = large(information->write_time),
        .ChangeTime = large(information->change_time),
        .FileAttributes = information->attributes,
    };
}

static FILE_STANDARD_INFORMATION standard(const struct file *file, const struct file_information *information)
{
    return (FILE_STANDARD_INFORMATION){
        .AllocationSize = large(information->allocation),
        .EndOfFile = large(information->size),
        .NumberOfLinks = information->links,
        .DeletePending = file->delete_pending,
        .Directory = file->directory,
    };
}

static FILE_NETWORK_OPEN_INFORMATION network_open(const struct file_information *information)
{
    return (FILE_NETWORK_OPEN_INFORMATION){
        .CreationTime = large(information->creation_time),
        .LastAccessTime = large(information->access_time),
        .LastWriteTime = large(information->write_time),
        .ChangeTime = large(information->change_time),
        .AllocationSize = large(information->allocation),
        .EndOfFile = large(information->size),
        .FileAttributes = information->attributes,
    };
}

static FILE_COMPRESSION_INFO compression(const struct file_information *information)
{
    return (FILE_COMPRESSION_INFO){
        .CompressedFileSize =
            large(information->allocation < information->size ? information->allocation : information->size),
    };
}

static FILE_ID_INFO identity(const struct file_information *information)
{
    FILE_ID_INFO result = {.VolumeSerialNumber = information->volume};
    memcpy(&result.FileId, &information->id, sizeof information->id);
    return result;
}

static FILE_POSITION_INFORMATION position(struct file *file)
{
    int64_t offset = 0;
    file_seek(file, 0, FILE_CURRENT, &offset);
    return (FILE_POSITION_INFORMATION){.CurrentByteOffset = large(offset)};
}

#define MODE_OPTIONS                                                              \
    (FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_NO_INTERMEDIATE_BUFFERING | \
     FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE)

/* Names */

/* The path below its drive. What is no file has no name here. */
static size_t name_in_drive(const struct file *file, WCHAR *name, size_t capacity)
{
    char host[PATH_MAX];
    if (file_host_name(file, host))
        return 0;
    size_t length = path_from_host(host, name, capacity);
    memmove(name, name + 2, (length - 2) * sizeof *name);
    return length - 2;
}

/* FILE_NAME_INFORMATION: a length, and as much of the name as there is room for. */
static NTSTATUS fill_name(const struct file *file, FILE_NAME_INFORMATION *information, ULONG size,
                          ULONG *used)
{
    WCHAR name[PATH_MAX + 32];
    size_t room = size - offsetof(FILE_NAME_INFORMATION, FileName);
    if (size < sizeof *information)
        return STATUS_INFO_LENGTH_MISMATCH;
    size_t bytes = name_in_drive(file, name, ARRAYSIZE(name)) * sizeof *name;
    size_t copied = bytes < room ? bytes : room & ~(size_t)1;
    information->FileNameLength = bytes;
    memcpy(information->FileName, name, copied);
    *used = offsetof(FILE_NAME_INFORMATION, FileName) + copied;
    return copied < bytes ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS fill_all(struct file *file, const struct file_information *information,
                         FILE_ALL_INFORMATION *all, ULONG size, ULONG *used)
{
    if (size < sizeof *all)
        return STATUS_INFO_LENGTH_MISMATCH;
    memset(all, 0, sizeof *all);
    all->BasicInformation = basic(information);
    all->StandardInformation = standard(file, information);
    all->InternalInformation.IndexNumber = large(information->id);
    all->AccessInformation.AccessFlags = file->access;
    all->PositionInformation = position(file);
    all->ModeInformation.Mode = file->options & MODE_OPTIONS;
    ULONG before = offsetof(FILE_ALL_INFORMATION, NameInformation);
    NTSTATUS status = fill_name(file, &all->NameInformation, size - before, used);
    *used += before;
    return status;
}

/* A file has one stream, its data; a directory has none. */
static NTSTATUS fill_streams(const struct file *file, const struct file_information *information,
                             FILE_STREAM_INFORMATION *stream, ULONG size, ULONG *used)
{
    static const WCHAR name[] = L"::$DATA";
    const ULONG name_size = sizeof name - sizeof *name,
                needed = offsetof(FILE_STREAM_INFORMATION, StreamName) + name_size;
    if (file->directory)
        return STATUS_END_OF_FILE;
    if (size < needed)
        return size < sizeof *stream ? STATUS_INFO_LENGTH_MISMATCH : STATUS_BUFFER_OVERFLOW;
    *stream = (FILE_STREAM_INFORMATION){
        .StreamNameLength = name_size,
        .StreamSize = large(information->size),
        .StreamAllocationSize = large(information->allocation),
    };
    memcpy(stream->StreamName, name, name_size);
    *used = needed;
    return STATUS_SUCCESS;
}

/* Query */

static NTSTATUS store(const void *structure, ULONG structure_size, void *buffer, ULONG size, ULONG *used)
{
    if (size < structure_size)
        return STATUS_INFO_LENGTH_MISMATCH;
    memcpy(buffer, structure, structure_size);
    *used = structure_size;
    return STATUS_SUCCESS;
}

static NTSTATUS fill_pipe(struct file *file, ULONG class, void *buffer, ULONG size, ULONG *used)
{
    struct pipe_information pipe;
    NTSTATUS status = pipe_query(file, &pipe);
    if (status)
        return status;
    const FILE_PIPE_INFORMATION modes = {pipe.reads_messages, pipe.no_wait};
    if (class == FilePipeInformation)
        return store(&modes, sizeof modes, buffer, size, used);
    const FILE_PIPE_LOCAL_INFORMATION local = {
        .NamedPipeType = pipe.message_type,
        .NamedPipeConfiguration = pipe.configuration,
        .MaximumInstances = pipe.maximum,
        .CurrentInstances = pipe.instances,
        .InboundQuota = pipe.inbound_size,
        .ReadDataAvailable = pipe.available,
        .OutboundQuota = pipe.outbound_size,
        .WriteQuotaAvailable = pipe.server ? pipe.outbound_size : pipe.inbound_size,
        .NamedPipeState = pipe.state,
        .NamedPipeEnd = pipe.server,
    };
    return store(&local, sizeof local, buffer, size, used);
}

#define STORE(...) store(&(__VA_ARGS__), sizeof(__VA_ARGS__), buffer, size, used)

NTSTATUS file_query_class(struct file *file, ULONG class, void *buffer, ULONG size, ULONG *used)
{
    struct file_information information;
    *used = 0;
    NTSTATUS status = file_query(file, &information);
    if (status)
        return status;
    switch (class) {
    case FileBasicInformation:
        return STORE((FILE_BASIC_INFORMATION[]){basic(&information)});
    case FileStandardInformation:
        return STORE((FILE_STANDARD_INFORMATION[]){standard(file, &information)});
    case FileInternalInformation:
        return STORE((FILE_INTERNAL_INFORMATION){large(information.id)});
    case FileEaInformation:
        return STORE((FILE_EA_INFORMATION){0});
    case FileAccessInformation:
        return STORE((FILE_ACCESS_INFORMATION){file->access});
    case FilePositionInformation:
        return STORE((FILE_POSITION_INFORMATION[]){position(file)});
    case FileModeInformation:
        return STORE((FILE_MODE_INFORMATION){file->options & MODE_OPTIONS});
    case FileAlignmentInformation:
        return STORE((FILE_ALIGNMENT_INFORMATION){0});
    case FileIoCompletionNotificationInformation:
        return STORE((ULONG){file_completion_modes(file)});
    case FilePipeInformation:
    case FilePipeLocalInformation:
        return fill_pipe(file, class, buffer, size, used);
    case FileNameInformation:
    case FileNormalizedNameInformation:
        return fill_name(file, buffer, size, used);
    case FileAllInformation:
        return fill_all(file, &information, buffer, size, used);
    case FileStreamInformation:
        return fill_streams(file, &information, buffer, size, used);
    case FileCompressionInformation:
        return STORE((FILE_COMPRESSION_INFO[]){compression(&information)});
    case FileNetworkOpenInformation:
        return STORE((FILE_NETWORK_OPEN_INFORMATION[]){network_open(&information)});
    case FileAttributeTagInformation:
        return STORE((FILE_ATTRIBUTE_TAG_INFORMATION){information.attributes, information.reparse_tag});
    case FileIdInformation:
        return STORE((FILE_ID_INFO[]){identity(&information)});
    case FileCaseSensitiveInformation:
        return STORE((FILE_CASE_SENSITIVE_INFO){0});
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

/* Set */

static NTSTATUS set_basic(struct file *file, const FILE_BASIC_INFORMATION *information)
{
    NTSTATUS status =
        file_set_times(file, information->LastAccessTime.QuadPart, information->LastWriteTime.QuadPart);
    if (!status && information->FileAttributes)
        status = file_set_attributes(file, information->FileAttributes);
    return status;
}

/* The path that a name means beside the file itself, or below an open directory. */
static NTSTATUS target_path(struct file *file, const FILE_RENAME_INFORMATION *information,
                            struct host_path *target)
{
    char directory[PATH_MAX];
    WCHAR text[PATH_MAX + 32 + PATH_NAME_UNITS];
    size_t length = information->FileNameLength / sizeof(WCHAR);
    const WCHAR *name = information->FileName;
    bool plain = true;
    for (size_t i = 0; i < length && plain; i++)
        plain = name[i] != '\\' && name[i] != ':';
    if (!plain && !information->RootDirectory)
        return path_to_host(name, length, target);
    NTSTATUS status = file_directory_name(file, information->RootDirectory, directory);
    if (status)
        return status;
    size_t prefix = path_from_host(directory, text, ARRAYSIZE(text));
    if (prefix + 1 + length >= ARRAYSIZE(text))
        return STATUS_NAME_TOO_LONG;
    if (text[prefix - 1] != '\\')
        text[prefix++] = '\\';
    memcpy(text + prefix, name, length * sizeof *text);
    return path_to_host(text, prefix + length, target);
}

static NTSTATUS set_name(struct file *file, const FILE_RENAME_INFORMATION *information, ULONG size, bool link,
                         bool replace)
{
    struct host_path target;
    size_t before = offsetof(FILE_RENAME_INFORMATION, FileName);
    if (size < before || information->FileNameLength > size - before)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = target_path(file, information, &target);
    if (status)
        return status;
    return link ? file_link(file, &target, replace) : file_rename(file, &target, replace);
}

static NTSTATUS set_allocation(struct file *file, int64_t allocation)
{
    struct file_information information;
    NTSTATUS status = file_query(file, &information);
    if (status || allocation < 0)
        return status ? status : STATUS_INVALID_PARAMETER;
    if ((uint64_t)allocation < information.size)
        return file_set_size(file, allocation);
    if (!allocation || !fallocate(file->descriptor, FALLOC_FL_KEEP_SIZE, 0, allocation))
        return STATUS_SUCCESS;
    /* Not every file system can reserve space; what it is for, writing without fail, is no promise then. */
    return errno == EOPNOTSUPP ? STATUS_SUCCESS : status_from_errno(errno);
}

static NTSTATUS set_disposition(struct file *file, ULONG flags)
{
    if (flags & FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE && flags & FILE_DISPOSITION_FLAG_DELETE) {
        NTSTATUS status = file_set_attributes(file, FILE_ATTRIBUTE_NORMAL);
        if (status)
            return status;
    }
    return file_set_delete(file, flags & FILE_DISPOSITION_FLAG_DELETE);
}

static ULONG set_size_of(ULONG class)
{
    switch (class) {
    case FileBasicInformation:
        return sizeof(FILE_BASIC_INFORMATION);
    case FileDispositionInformation:
        return sizeof(FILE_DISPOSITION_INFORMATION);
    case FilePipeInformation:
        return sizeof(FILE_PIPE_INFORMATION);
    case FilePositionInformation:
    case FileAllocationInformation:
    case FileEndOfFileInformation:
    case FileValidDataLengthInformation:
        return sizeof(LARGE_INTEGER);
    case FileDispositionInformationEx:
    case FileCaseSensitiveInformation:
    case FileIoPriorityHintInformation:
    case FileIoCompletionNotificationInformation:
        return sizeof(ULONG);
    default:
        return 0;
    }
}

NTSTATUS file_set_class(struct file *file, ULONG class, const void *data, ULONG size)
{
    int64_t value = 0, ignored;
    ULONG flags = 0;
    if (size < set_size_of(class))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (set_size_of(class) == sizeof value)
        memcpy(&value, data, sizeof value);
    if (set_size_of(class) == sizeof flags)
        memcpy(&flags, data, sizeof flags);
    switch (class) {
    case FileBasicInformation:
        return set_basic(file, data);
    case FileIoCompletionNotificationInformation:
        file_set_completion_modes(file, flags);
        return STATUS_SUCCESS;
    case FilePipeInformation:
        return pipe_set_mode(file, ((const FILE_PIPE_INFORMATION *)data)->ReadMode & 1,
                             ((const FILE_PIPE_INFORMATION *)data)->CompletionMode & 1);
    case FileRenameInformation:
    case FileLinkInformation:
        return set_name(file, data, size, class == FileLinkInformation,
                        ((const FILE_RENAME_INFORMATION *)data)->ReplaceIfExists);
    case FileRenameInformationEx:
    case FileLinkInformationEx:
        return set_name(file, data, size, class == FileLinkInformationEx,
                        *(const ULONG *)data & FILE_RENAME_FLAG_REPLACE_IF_EXISTS);
    case FileDispositionInformation:
        return file_set_delete(file, ((const FILE_DISPOSITION_INFORMATION *)data)->DoDeleteFile);
    case FileDispositionInformationEx:
        return set_disposition(file, flags);
    case FilePositionInformation:
        return file_seek(file, value, FILE_BEGIN, &ignored);
    case FileAllocationInformation:
        return set_allocation(file, value);
    case FileEndOfFileInformation:
        return file_set_size(file, value);
    case FileIoPriorityHintInformation:
        return STATUS_SUCCESS; /* a hint */
    case FileCaseSensitiveInformation:
        return flags ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}
