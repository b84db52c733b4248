/* Information about open files. */
#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "kernel/file_class.h"
#include "kernel/time.h"
#include "kernel/utf.h"

/* Classes that the headers leave out for this version of Windows, and so number wrongly. */
#define DISPOSITION_INFO_EX  21
#define RENAME_INFO_EX       22
#define CASE_SENSITIVE_INFO  23
#define NORMALIZED_NAME_INFO 24

/* Times */

BOOL WINAPI GetFileTime(HANDLE handle, LPFILETIME creation, LPFILETIME access, LPFILETIME write)
{
    struct file *file;
    struct file_information information;
    NTSTATUS status = file_of(handle, FILE_READ_ATTRIBUTES, &file);
    if (status)
        return set_last_status(status);
    status = file_query(file, &information);
    object_release(file);
    if (status)
        return set_last_status(status);
    if (creation)
        *creation = time_to_filetime(information.creation_time);
    if (access)
        *access = time_to_filetime(information.access_time);
    if (write)
        *write = time_to_filetime(information.write_time);
    return TRUE;
}

BOOL WINAPI SetFileTime(HANDLE handle, const FILETIME *creation, const FILETIME *access,
                        const FILETIME *write)
{
    struct file *file;
    NTSTATUS status = file_of(handle, FILE_WRITE_ATTRIBUTES, &file);
    if (status)
        return set_last_status(status);
    status =
        file_set_times(file, access ? time_from_filetime(access) : 0, write ? time_from_filetime(write) : 0);
    object_release(file);
    return set_last_status(status);
}

/* By handle */

BOOL WINAPI GetFileInformationByHandle(HANDLE handle, LPBY_HANDLE_FILE_INFORMATION result)
{
    struct file *file;
    struct file_information information;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return set_last_status(status);
    /* A terminal has no such information, and programs ask to find that out. */
    status = file_device_type(file) == FILE_TYPE_CHAR ? STATUS_INVALID_DEVICE_REQUEST
                                                      : file_query(file, &information);
    object_release(file);
    if (status)
        return set_last_status(status);
    *result = (BY_HANDLE_FILE_INFORMATION){
        .dwFileAttributes = information.attributes,
        .ftCreationTime = time_to_filetime(information.creation_time),
        .ftLastAccessTime = time_to_filetime(information.access_time),
        .ftLastWriteTime = time_to_filetime(information.write_time),
        .dwVolumeSerialNumber = (DWORD)information.volume,
        .nFileSizeHigh = (DWORD)(information.size >> 32),
        .nFileSizeLow = (DWORD)information.size,
        .nNumberOfLinks = information.links,
        .nFileIndexHigh = (DWORD)(information.id >> 32),
        .nFileIndexLow = (DWORD)information.id,
    };
    return TRUE;
}

/* NT's number for a class that fills a fixed buffer; 0 if there is none. */
static ULONG nt_class(ULONG class)
{
    switch (class) {
    case FileBasicInfo:
        return FileBasicInformation;
    case FileStandardInfo:
        return FileStandardInformation;
    case FileNameInfo:
        return FileNameInformation;
    case FileRenameInfo:
        return FileRenameInformation;
    case FileDispositionInfo:
        return FileDispositionInformation;
    case FileAllocationInfo:
        return FileAllocationInformation;
    case FileEndOfFileInfo:
        return FileEndOfFileInformation;
    case FileStreamInfo:
        return FileStreamInformation;
    case FileCompressionInfo:
        return FileCompressionInformation;
    case FileAttributeTagInfo:
        return FileAttributeTagInformation;
    case FileIoPriorityHintInfo:
        return FileIoPriorityHintInformation;
    case FileAlignmentInfo:
        return FileAlignmentInformation;
    case FileIdInfo:
        return FileIdInformation;
    case DISPOSITION_INFO_EX:
        return FileDispositionInformationEx;
    case RENAME_INFO_EX:
        return FileRenameInformationEx;
    case CASE_SENSITIVE_INFO:
        return FileCaseSensitiveInformation;
    case NORMALIZED_NAME_INFO:
        return FileNormalizedNameInformation;
    default:
        return 0;
    }
}

static ULONG directory_class(ULONG class, bool *restart)
{
    *restart = class == FileIdBothDirectoryRestartInfo || class == FileFullDirectoryRestartInfo ||
               class == FileIdExtdDirectoryRestartInfo;
    switch (class) {
    case FileIdBothDirectoryInfo:
    case FileIdBothDirectoryRestartInfo:
        return FileIdBothDirectoryInformation;
    case FileFullDirectoryInfo:
    case FileFullDirectoryRestartInfo:
        return FileFullDirectoryInformation;
    case FileIdExtdDirectoryInfo:
    case FileIdExtdDirectoryRestartInfo:
        return FileIdExtdDirectoryInformation;
    default:
        return 0;
    }
}

static NTSTATUS query_storage(void *buffer, DWORD size)
{
    if (size < sizeof(FILE_STORAGE_INFO))
        return STATUS_INFO_LENGTH_MISMATCH;
    *(FILE_STORAGE_INFO *)buffer = (FILE_STORAGE_INFO){
        .LogicalBytesPerSector = 512,
        .PhysicalBytesPerSectorForAtomicity = 4096,
        .PhysicalBytesPerSectorForPerformance = 4096,
        .FileSystemEffectivePhysicalBytesPerSectorForAtomicity = 4096,
        .Flags = STORAGE_INFO_FLAGS_ALIGNED_DEVICE | STORAGE_INFO_FLAGS_PARTITION_ALIGNED_ON_DEVICE,
    };
    return STATUS_SUCCESS;
}

static NTSTATUS query(struct file *file, ULONG class, void *buffer, DWORD size)
{
    ULONG used;
    bool restart;
    ULONG directory = directory_class(class, &restart);
    if (directory)
        return file_query_directory(file, directory, buffer, size, NULL, 0, restart, false, &used);
    if (class == FileStorageInfo)
        return query_storage(buffer, size);
    return nt_class(class) ? file_query_class(file, nt_class(class), buffer, size, &used)
                           : STATUS_INVALID_PARAMETER;
}

BOOL WINAPI GetFileInformationByHandleEx(HANDLE handle, FILE_INFO_BY_HANDLE_CLASS class, LPVOID buffer,
                                         DWORD size)
{
    struct file *file;
    bool restart;
    NTSTATUS status = file_of(handle, directory_class(class, &restart) ? FILE_LIST_DIRECTORY : 0, &file);
    if (status)
        return set_last_status(status);
    status = query(file, class, buffer, size);
    object_release(file);
    /* A buffer that is too small for all is an error here, though it is filled. */
    if (status == STATUS_BUFFER_OVERFLOW) {
        SetLastError(ERROR_MORE_DATA);
        return FALSE;
    }
    if (status == STATUS_INVALID_INFO_CLASS)
        status = STATUS_INVALID_PARAMETER;
    return set_last_status(status == STATUS_NO_SUCH_FILE ? STATUS_NO_MORE_FILES : status);
}

/* The new name is a Win32 path here: relative to the current directory, unless a directory is given. */
static NTSTATUS rename_to_win32_path(struct file *file, const FILE_RENAME_INFO *information, DWORD size,
                                     bool replace)
{
    struct host_path target;
    size_t before = offsetof(FILE_RENAME_INFO, FileName);
    if (size < before || information->FileNameLength > size - before)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status =
        path_to_host(information->FileName, information->FileNameLength / sizeof(WCHAR), &target);
    return status ? status : file_rename(file, &target, replace);
}

static NTSTATUS set_information(struct file *file, ULONG class, const void *data, DWORD size)
{
    if (class == FileRenameInfo || class == RENAME_INFO_EX) {
        const FILE_RENAME_INFO *information = data;
        DWORD flags = class == FileRenameInfo ? information->ReplaceIfExists : information->Flags;
        if (!information->RootDirectory)
            return rename_to_win32_path(file, information, size, flags & FILE_RENAME_FLAG_REPLACE_IF_EXISTS);
    }
    return nt_class(class) ? file_set_class(file, nt_class(class), data, size) : STATUS_INVALID_PARAMETER;
}

static ACCESS_MASK access_to_set(ULONG class)
{
    switch (class) {
    case FileBasicInfo:
        return FILE_WRITE_ATTRIBUTES;
    case FileAllocationInfo:
    case FileEndOfFileInfo:
        return FILE_WRITE_DATA;
    case FileRenameInfo:
    case FileDispositionInfo:
    case DISPOSITION_INFO_EX:
    case RENAME_INFO_EX:
        return DELETE;
    default:
        return 0;
    }
}

BOOL WINAPI SetFileInformationByHandle(HANDLE handle, FILE_INFO_BY_HANDLE_CLASS class, LPVOID data,
                                       DWORD size)
{
    struct file *file;
    NTSTATUS status = file_of(handle, access_to_set(class), &file);
    if (status)
        return set_last_status(status);
    status = set_information(file, class, data, size);
    object_release(file);
    return set_last_status(status == STATUS_INVALID_INFO_CLASS ? STATUS_INVALID_PARAMETER : status);
}
