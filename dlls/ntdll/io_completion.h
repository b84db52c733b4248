#ifndef NTDLL_IO_COMPLETION_H
#define NTDLL_IO_COMPLETION_H

#include "kernel/file.h"

/* FileCompletionInformation: ties a file to a port. */
NTSTATUS io_completion_set_port(struct file *file, const void *data, ULONG size);

#endif
