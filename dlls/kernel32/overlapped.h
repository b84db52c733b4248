/* OVERLAPPED: where a transfer goes, and how its end is told. */
#ifndef KERNEL32_OVERLAPPED_H
#define KERNEL32_OVERLAPPED_H

#include "kernel/file.h"
#include "kernel/io_request.h"

/* Does an operation, whose end an OVERLAPPED is told of. Without one, it is done when this returns, which is
 * not for a disk file that was opened for overlapped use: STATUS_INVALID_PARAMETER. */
NTSTATUS overlapped_run(struct file *file, struct io_operation *operation, OVERLAPPED *overlapped);
/* How the end is told, the operation being begun. */
struct io_notice overlapped_notice(OVERLAPPED *overlapped);
/* What a function returns and leaves as the last error: FALSE and ERROR_IO_PENDING of what is not done. */
BOOL overlapped_result(NTSTATUS status);

static inline int64_t overlapped_offset(const OVERLAPPED *overlapped)
{
    if (!overlapped)
        return FILE_AT_POSITION;
    uint64_t offset = (uint64_t)overlapped->OffsetHigh << 32 | overlapped->Offset;
    return offset == UINT64_MAX ? FILE_APPEND : (int64_t)offset;
}

#endif
