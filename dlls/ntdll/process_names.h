/* What program a process runs, and for which machine. */
#ifndef NTDLL_PROCESS_NAMES_H
#define NTDLL_PROCESS_NAMES_H

#include "kernel/process.h"

EXPORTED NTSTATUS process_is_32_bit(const struct process *process, bool *is_32_bit);

/* The program's path, written and terminated if `capacity` has room for it; with \Device\... for a drive if
 * `native`. */
EXPORTED NTSTATUS process_image_path(const struct process *process, bool native, WCHAR *path, size_t capacity,
                                     size_t *length);

#endif
