/* A file's information in the structures that NtQueryInformationFile and its kin define, one for each class.
 * kernel32's GetFileInformationByHandleEx has the same ones under other numbers. */
#ifndef KERNEL_FILE_CLASS_H
#define KERNEL_FILE_CLASS_H

#include "kernel/file.h"

/* Classes that the headers lack. */
#define FileIoCompletionNotificationInformation 41
#define FileIoPriorityHintInformation           43
#define FileIdInformation                       59
#define FileIdExtdDirectoryInformation          60
#define FileDispositionInformationEx            64
#define FileRenameInformationEx                 65
#define FileStatInformation                     68
#define FileCaseSensitiveInformation            71
#define FileLinkInformationEx                   72

/* `used` becomes how many bytes were filled. STATUS_BUFFER_OVERFLOW when only a name was cut short. */
EXPORTED NTSTATUS file_query_class(struct file *file, ULONG class, void *buffer, ULONG size, ULONG *used);

/* Names in `data` are NT paths, relative to the file's own directory if they have no separator. */
EXPORTED NTSTATUS file_set_class(struct file *file, ULONG class, const void *data, ULONG size);

/* Fills the buffer with as many entries of a directory as fit, or one. The pattern counts at the first call
 * only. STATUS_NO_SUCH_FILE when the first finds nothing, STATUS_NO_MORE_FILES at the end. */
EXPORTED NTSTATUS file_query_directory(struct file *file, ULONG class, void *buffer, ULONG size,
                                       const WCHAR *pattern, size_t pattern_length, bool restart, bool single,
                                       ULONG *used);

#endif
