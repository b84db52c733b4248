/* How a section lies in a shared file: what it is, and which processes have its contents open. */
#ifndef KERNEL_SECTION_SHARE_H
#define KERNEL_SECTION_SHARE_H

#include "kernel/section.h"
#include "kernel/shared_file.h"

/* Writes what the section is into a file that is all 0. */
NTSTATUS section_write(const struct section_contents *contents, struct shared_file *file);
/* Reads it. The descriptor is a new one: of the file's `contents` if that is known, else of a process's that
 * has the section. STATUS_OBJECT_NAME_NOT_FOUND where there is none any more. */
NTSTATUS section_read(const struct shared_file *file, struct section_contents *contents);

/* Others may open the contents by a process's descriptor, or by this one's no longer. */
void section_enter_holder(const struct shared_file *file, DWORD process, int descriptor);
void section_remove_holder(const struct shared_file *file, int descriptor);

#endif
