/* What there is to know of another process, and its handles. */
#ifndef KERNEL_REMOTE_HANDLE_H
#define KERNEL_REMOTE_HANDLE_H

#include "kernel/process.h"
#include "kernel/section.h"

struct process_summary {
    uint64_t peb;
    bool is_32_bit;
    DWORD handle_count;
};
/* Of this process too. */
EXPORTED NTSTATUS process_summarize(struct process *process, struct process_summary *summary);

/* NtDuplicateObject. Between processes go files of all kinds, sections, and whatever else the type of the
 * object can carry; STATUS_NOT_SUPPORTED for the rest. */
EXPORTED NTSTATUS process_duplicate_handle(HANDLE source_process, HANDLE source, HANDLE target_process,
                                           HANDLE *target, ACCESS_MASK access, ULONG attributes,
                                           ULONG options);

/* section_map and vm_unmap_view in the process that a handle names. */
EXPORTED NTSTATUS process_map_view(HANDLE process, HANDLE section, struct section_view *view);
EXPORTED NTSTATUS process_unmap_view(HANDLE process, void *address, bool keep_place);

#endif
