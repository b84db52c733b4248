/* The file system controls (FSCTL_*) and device controls (IOCTL_*) that mean something to Linux files. */
#ifndef KERNEL_FILE_CONTROL_H
#define KERNEL_FILE_CONTROL_H

#include "kernel/file.h"

/* `used` becomes how many bytes of output were written. STATUS_INVALID_DEVICE_REQUEST for what is not known.
 */
EXPORTED NTSTATUS file_control(struct file *file, ULONG code, const void *input, ULONG input_size,
                               void *output, ULONG output_size, ULONG *used);

#endif
