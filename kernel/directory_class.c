/* Directory entries in the structures of the directory information classes. */
#include "kernel/directory.h"
#include "kernel/file_class.h"
#include "kernel/file_internal.h"

/* Up to here all structures but FILE_NAMES_INFORMATION are the same. */
struct common_entry {
    ULONG NextEntryOffset;
    ULONG FileIndex;
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    LARGE_INTEGER EndOfFile;
    LARGE_INTEGER AllocationSize;
    ULONG FileAttributes;
    ULONG FileNameLength;
};

_Static_assert(offsetof(FILE_DIRECTORY_INFORMATION, FileName) == sizeof(struct common_entry), "common part");

static size_t name_offset(ULONG class)
{
    switch (class) {
    case FileDirectoryInformation:
        return offsetof(FILE_DIRECTORY_INFORMATION, FileName);
    case FileFullDirectoryInformation:
        return offsetof(FILE_FULL_DIR_INFORMATION, FileName);
    case FileBothDirectoryInformation:
        return offsetof(FILE_BOTH_DIR_INFORMATION, FileName);
    case FileNamesInformation:
        return offsetof(FILE_NAMES_INFORMATION, FileName);
    case FileIdBothDirectoryInformation:
        return offsetof(FILE_ID_BOTH_DIR_INFORMATION, FileName);
    case FileIdFullDirectoryInformation:
        return offsetof(FILE_ID_FULL_DIR_INFORMATION, FileName);
    case FileIdExtdDirectoryInformation:
        return offsetof(FILE_ID_EXTD_DIR_INFO, FileName);
    default:
        return 0;
    }
}

static LARGE_INTEGER large(int64_t value)
{
    return (LARGE_INTEGER){.QuadPart = value};
}

/* What the classes have between the common part and the name. */
static void fill_rest(ULONG class, void *place, const struct file_information *information)
{
    switch (class) {
    case FileFullDirectoryInformation:
        /* Where a reparse point has its tag, others have the size of their extended attributes. */
        ((FILE_FULL_DIR_INFORMATION *)place)->EaSize = information->reparse_tag;
        break;
    case FileBothDirectoryInformation:
        ((FILE_BOTH_DIR_INFORMATION *)place)->EaSize = information->reparse_tag;
        break;
    case FileIdBothDirectoryInformation:
        ((FILE_ID_BOTH_DIR_INFORMATION *)place)->EaSize = information->reparse_tag;
        ((FILE_ID_BOTH_DIR_INFORMATION *)place)->FileId = large(information->id);
        break;
    case FileIdFullDirectoryInformation:
        ((FILE_ID_FULL_DIR_INFORMATION *)place)->EaSize = information->reparse_tag;
        ((FILE_ID_FULL_DIR_INFORMATION *)place)->FileId = large(information->id);
        break;
    case FileIdExtdDirectoryInformation:
        ((FILE_ID_EXTD_DIR_INFO *)place)->ReparsePointTag = information->reparse_tag;
        memcpy(&((FILE_ID_EXTD_DIR_INFO *)place)->FileId, &information->id, sizeof information->id);
        break;
    }
}

static void fill_entry(ULONG class, void *place, const struct directory_entry *entry,
                       const struct file_information *information)
{
    size_t offset = name_offset(class);
    memset(place, 0, offset);
    if (class == FileNamesInformation) {
        ((FILE_NAMES_INFORMATION *)place)->FileNameLength = entry->name_length * sizeof(WCHAR);
    } else {
        struct common_entry *common = place;
        common->CreationTime = large(information->creation_time);
        common->LastAccessTime = large(information->access_time);
        common->LastWriteTime = large(information->write_time);
        common->ChangeTime = large(information->change_time);
        common->EndOfFile = large(information->size);
        common->AllocationSize = large(information->allocation);
        common->FileAttributes = information->attributes;
        common->FileNameLength = entry->name_length * sizeof(WCHAR);
        fill_rest(class, place, information);
    }
    memcpy((char *)place + offset, entry->name, entry->name_length * sizeof(WCHAR));
}

static NTSTATUS fill_buffer(struct directory_search *search, ULONG class, char *buffer, ULONG size,
                            bool single, ULONG *used)
{
    size_t offset = name_offset(class), at = 0;
    ULONG *link = NULL;
    struct directory_entry entry;
    struct file_information information;
    while (directory_search_next(search, &entry)) {
        size_t needed = offset + entry.name_length * sizeof(WCHAR);
        if (at + needed > size) {
            directory_search_back(search);
            return link ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
        }
        if (class != FileNamesInformation && directory_search_query(search, &entry, &information))
            continue; /* it has gone */
        fill_entry(class, buffer + at, &entry, &information);
        if (link)
            *link = buffer + at - (char *)link;
        link = (ULONG *)(buffer + at);
        *used = at + needed;
        at = (at + needed + 7) & ~(size_t)7;
        if (single)
            break;
    }
    return link ? STATUS_SUCCESS : STATUS_NO_MORE_FILES;
}

static bool is_root(const struct file *file)
{
    char name[PATH_MAX];
    return !file_host_name(file, name) && !strcmp(name, "/");
}

NTSTATUS file_query_directory(struct file *file, ULONG class, void *buffer, ULONG size, const WCHAR *pattern,
                              size_t pattern_length, bool restart, bool single, ULONG *used)
{
    *used = 0;
    if (!name_offset(class))
        return STATUS_INVALID_INFO_CLASS;
    if (!file->directory)
        return STATUS_INVALID_PARAMETER;
    if (size < name_offset(class))
        return STATUS_INFO_LENGTH_MISMATCH;
    lock_acquire(&file->lock);
    NTSTATUS status = STATUS_SUCCESS;
    bool first = restart || !file->search;
    if (first) {
        if (file->search)
            directory_search_close(file->search);
        file->search = NULL;
        status =
            directory_search_open(file->descriptor, pattern, pattern_length, is_root(file), &file->search);
    }
    if (!status)
        status = fill_buffer(file->search, class, buffer, size, single, used);
    lock_release(&file->lock);
    return first && status == STATUS_NO_MORE_FILES ? STATUS_NO_SUCH_FILE : status;
}
