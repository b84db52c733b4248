/* What there is to know of another process, and its handles. */
#ifndef KERNEL_REMOTE_HANDLE_H
#define KERNEL_REMOTE_HANDLE_H

#include "kernel/process.h"
#include "kernel/section.h"

struct process_summary {
    uint64_t peb;
    bool is_32_bit;
    DWORD handle_count;
    KAFFINITY affinity; /* as much of it as a process of this architecture has */
    uint8_t priority_class;
};
/* Of this process too. */
EXPORTED NTSTATUS process_summarize(struct process *process, struct process_summary *summary);

/* What program a process runs, and where it lies there. */
EXPORTED NTSTATUS process_describe_image(struct process *process,
                                         struct section_image_information *information);

/* The processors that a process may use, and its priority class. */
EXPORTED NTSTATUS process_set_affinity_of(struct process *process, KAFFINITY mask);
EXPORTED NTSTATUS process_set_priority_class_of(struct process *process, uint8_t class);

/* NtDuplicateObject. Between processes go files of all kinds, sections, and whatever else the type of the
 * object can carry; STATUS_NOT_SUPPORTED for the rest. */
EXPORTED NTSTATUS process_duplicate_handle(HANDLE source_process, HANDLE source, HANDLE target_process,
                                           HANDLE *target, ACCESS_MASK access, ULONG attributes,
                                           ULONG options);

/* section_map and vm_unmap_view in the process that a handle names. */
EXPORTED NTSTATUS process_map_view(HANDLE process, HANDLE section, struct section_view *view);
EXPORTED NTSTATUS process_unmap_view(HANDLE process, void *address, bool keep_place);

#endif
