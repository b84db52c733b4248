/* The memory of a process, which may be another one than this. The handle must grant what is done. */
#ifndef KERNEL_PROCESS_MEMORY_H
#define KERNEL_PROCESS_MEMORY_H

#include <limits.h>
#include "kernel/vm.h"

EXPORTED NTSTATUS process_allocate(HANDLE process, void **address, SIZE_T *size, DWORD type, DWORD protect,
                                   const struct vm_requirements *requirements);
EXPORTED NTSTATUS process_free(HANDLE process, void **address, SIZE_T *size, DWORD type);
EXPORTED NTSTATUS process_protect(HANDLE process, void **address, SIZE_T *size, DWORD protect, DWORD *old);
EXPORTED NTSTATUS process_query(HANDLE process, const void *address, MEMORY_BASIC_INFORMATION *information);
EXPORTED NTSTATUS process_query_allocation(HANDLE process, const void *address,
                                           struct vm_allocation_information *information);
/* STATUS_INVALID_ADDRESS if the page is not in memory now. */
EXPORTED NTSTATUS process_query_page(HANDLE process, const void *address,
                                     struct vm_page_information *information);
/* The host path of the file that the address is mapped from. */
EXPORTED NTSTATUS process_mapped_name(HANDLE process, const void *address, char name[PATH_MAX]);
/* How this process finds that out; whoever knows registers it. */
EXPORTED extern NTSTATUS (*process_find_mapped_name)(const void *address, char name[PATH_MAX]);
EXPORTED NTSTATUS process_lock_pages(HANDLE process, void *address, SIZE_T size);
EXPORTED NTSTATUS process_unlock_pages(HANDLE process, void *address, SIZE_T size);
/* Of memory with MEM_WRITE_WATCH, as vm_written_pages and vm_reset_written_pages. */
EXPORTED NTSTATUS process_written_pages(HANDLE process, void *address, SIZE_T size, bool reset, void **pages,
                                        ULONG_PTR *count);
EXPORTED NTSTATUS process_reset_written_pages(HANDLE process, void *address, SIZE_T size);

/* Copies what is accessible; STATUS_PARTIAL_COPY where that is not all. */
EXPORTED NTSTATUS process_read(HANDLE process, const void *address, void *buffer, SIZE_T size,
                               SIZE_T *copied);
EXPORTED NTSTATUS process_write(HANDLE process, void *address, const void *buffer, SIZE_T size,
                                SIZE_T *copied);

#endif
