/* Memory calls of ntdll that MinGW-w64's headers do not declare, for the DLLs above. */
#ifndef NTDLL_VIRTUAL_H
#define NTDLL_VIRTUAL_H

#include <limits.h>
#include <litewin/windows.h>
#ifndef PSAPI_VERSION
#define PSAPI_VERSION 2
#endif
#include <psapi.h>

/* MEMORY_INFORMATION_CLASS. */
enum memory_class {
    MEMORY_BASIC_CLASS,
    MEMORY_WORKING_SET_CLASS,
    MEMORY_FILENAME_CLASS,
    MEMORY_REGION_CLASS,
    MEMORY_WORKING_SET_EX_CLASS,
    MEMORY_SHARED_COMMIT_CLASS,
    MEMORY_IMAGE_CLASS,
    MEMORY_REGION_EX_CLASS,
};

/* WIN32_MEMORY_REGION_INFORMATION. */
struct memory_region_information {
    void *base;
    ULONG protect;
    ULONG flags;
    SIZE_T size;
    SIZE_T committed;
};
enum { REGION_PRIVATE = 1, REGION_DATA_FILE = 2, REGION_IMAGE = 4, REGION_PAGE_FILE = 8 };

/* The host path of what is mapped at an address of this process. */
NTSTATUS virtual_mapped_name(const void *address, char name[PATH_MAX]);

EXPORTED NTSTATUS NtAllocateVirtualMemoryEx(HANDLE process, void **address, SIZE_T *size, ULONG type,
                                            ULONG protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count);
EXPORTED NTSTATUS NtMapViewOfSectionEx(HANDLE section, HANDLE process, void **address, LARGE_INTEGER *offset,
                                       SIZE_T *size, ULONG type, ULONG protect,
                                       MEM_EXTENDED_PARAMETER *parameters, ULONG count);
EXPORTED NTSTATUS NtUnmapViewOfSectionEx(HANDLE process, void *address, ULONG flags);
EXPORTED NTSTATUS NtQueryVirtualMemory(HANDLE process, const void *address, ULONG class, void *buffer,
                                       SIZE_T size, SIZE_T *returned);
EXPORTED NTSTATUS NtReadVirtualMemory(HANDLE process, const void *address, void *buffer, SIZE_T size,
                                      SIZE_T *read);
EXPORTED NTSTATUS NtWriteVirtualMemory(HANDLE process, void *address, const void *buffer, SIZE_T size,
                                       SIZE_T *written);
EXPORTED NTSTATUS NtFlushInstructionCache(HANDLE process, const void *address, SIZE_T size);
EXPORTED NTSTATUS NtGetWriteWatch(HANDLE process, ULONG flags, void *address, SIZE_T size, void **pages,
                                  ULONG_PTR *count, ULONG *granularity);
EXPORTED NTSTATUS NtResetWriteWatch(HANDLE process, void *address, SIZE_T size);

#endif
