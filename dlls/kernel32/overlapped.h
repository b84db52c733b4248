/* OVERLAPPED: where a transfer goes, and how its end is told. */
#ifndef KERNEL32_OVERLAPPED_H
#define KERNEL32_OVERLAPPED_H

#include "kernel/file.h"

/* Marks a transfer as begun. A handle opened for overlapped use must be given an OVERLAPPED:
 * STATUS_INVALID_PARAMETER. NULL is for the others. */
NTSTATUS overlapped_begin(struct file *file, OVERLAPPED *overlapped);

/* Moves the position of a handle that has one behind what was transferred. */
void overlapped_advance(struct file *file, const OVERLAPPED *overlapped, ULONG done);

/* Tells the end of an operation: its result, and the event. */
void overlapped_end(struct file *file, OVERLAPPED *overlapped, NTSTATUS status, ULONG done);

static inline int64_t overlapped_offset(const OVERLAPPED *overlapped)
{
    if (!overlapped)
        return FILE_AT_POSITION;
    uint64_t offset = (uint64_t)overlapped->OffsetHigh << 32 | overlapped->Offset;
    return offset == UINT64_MAX ? FILE_APPEND : (int64_t)offset;
}

#endif
