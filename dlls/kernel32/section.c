#include "dlls/kernel32/request.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/remote_handle.h"
#include "kernel/section.h"
#include "kernel/vm.h"
#include "dlls/ntdll/virtual.h"

/* What a handle from CreateFileMapping may do follows from the section's protection. */
static ACCESS_MASK rights_of(DWORD protect)
{
    ACCESS_MASK rights = STANDARD_RIGHTS_REQUIRED | SECTION_QUERY | SECTION_MAP_READ;
    if (protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE))
        rights |= SECTION_MAP_WRITE;
    if (protect & (PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY))
        rights |= SECTION_MAP_EXECUTE | SECTION_MAP_EXECUTE_EXPLICIT;
    return rights;
}

#define PAGE_BITS 0xFFF

static NTSTATUS create_section(const struct object_request *request, HANDLE file_handle, uint64_t size,
                               DWORD protect, HANDLE *handle)
{
    struct file *file = NULL;
    DWORD attributes = protect & ~(DWORD)PAGE_BITS;
    if (!attributes)
        attributes = SEC_COMMIT;
    if (file_handle == INVALID_HANDLE_VALUE)
        return section_create(request, NULL, size, protect & PAGE_BITS, attributes, handle);
    NTSTATUS status = handle_reference(file_handle, &file_type, 0, &file);
    if (!NT_SUCCESS(status))
        return status;
    status = section_create(request, file, size, protect & PAGE_BITS, attributes, handle);
    object_release(file);
    return status;
}

static HANDLE create(HANDLE file, SECURITY_ATTRIBUTES *attributes, ACCESS_MASK access, DWORD protect,
                     uint64_t size, LPCWSTR name)
{
    HANDLE handle = NULL;
    struct object_request request = make_request(name, name_length(name), access, is_inheritable(attributes));
    NTSTATUS status = create_section(&request, file, size, protect, &handle);
    return created_handle(status, handle);
}

HANDLE WINAPI CreateFileMappingW(HANDLE file, SECURITY_ATTRIBUTES *attributes, DWORD protect, DWORD size_high,
                                 DWORD size_low, LPCWSTR name)
{
    return create(file, attributes, rights_of(protect), protect, (uint64_t)size_high << 32 | size_low, name);
}

/* All memory is as near as any other here. */
static bool is_node(DWORD node)
{
    return set_last_status(node == 0 || node == NUMA_NO_PREFERRED_NODE ? STATUS_SUCCESS
                                                                       : STATUS_INVALID_PARAMETER);
}

HANDLE WINAPI CreateFileMappingNumaW(HANDLE file, SECURITY_ATTRIBUTES *attributes, DWORD protect,
                                     DWORD size_high, DWORD size_low, LPCWSTR name, DWORD node)
{
    return is_node(node) ? CreateFileMappingW(file, attributes, protect, size_high, size_low, name) : NULL;
}

HANDLE WINAPI CreateFileMappingFromApp(HANDLE file, SECURITY_ATTRIBUTES *attributes, ULONG protect,
                                       ULONG64 size, PCWSTR name)
{
    return create(file, attributes, rights_of(protect), protect, size, name);
}

/* Unlike its elders, it is told what the handle may do. */
HANDLE WINAPI CreateFileMapping2(HANDLE file, SECURITY_ATTRIBUTES *attributes, ULONG access, ULONG protect,
                                 ULONG allocation, ULONG64 size, PCWSTR name,
                                 MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    bool fits = count == 0 || (count == 1 && parameters && parameters->Type == MemExtendedParameterNumaNode &&
                               (parameters->ULong == 0 || parameters->ULong == NUMA_NO_PREFERRED_NODE));
    if (!fits || protect & ~PAGE_BITS || allocation & PAGE_BITS) {
        set_last_status(STATUS_INVALID_PARAMETER);
        return NULL;
    }
    return create(file, attributes, access, protect | allocation, size, name);
}

HANDLE WINAPI CreateFileMappingA(HANDLE file, SECURITY_ATTRIBUTES *attributes, DWORD protect, DWORD size_high,
                                 DWORD size_low, LPCSTR name)
{
    struct wide wide;
    if (!wide_from_object_name(&wide, name))
        return NULL;
    HANDLE handle = CreateFileMappingW(file, attributes, protect, size_high, size_low, wide.text);
    wide_free(&wide);
    return handle;
}

HANDLE WINAPI OpenFileMappingW(DWORD access, BOOL inherit, LPCWSTR name)
{
    HANDLE handle = NULL;
    if (!name)
        return opened_handle(STATUS_INVALID_PARAMETER, NULL);
    /* FILE_MAP_COPY is the bit of SECTION_QUERY, and needs what reading needs. */
    if (access == FILE_MAP_COPY)
        access = FILE_MAP_READ;
    if (access & FILE_MAP_EXECUTE)
        access = (access & ~FILE_MAP_EXECUTE) | SECTION_MAP_EXECUTE;
    struct object_request request = make_request(name, name_length(name), access, inherit);
    NTSTATUS status = section_open(&request, &handle);
    return opened_handle(status, handle);
}

HANDLE WINAPI OpenFileMappingA(DWORD access, BOOL inherit, LPCSTR name)
{
    struct wide wide;
    if (!wide_from_object_name(&wide, name))
        return NULL;
    HANDLE handle = OpenFileMappingW(access, inherit, wide.text);
    wide_free(&wide);
    return handle;
}

HANDLE WINAPI OpenFileMappingFromApp(ULONG access, WINBOOL inherit, PCWSTR name)
{
    return OpenFileMappingW(access, inherit, name);
}

/* Execution adds to what else is asked for; asked for alone, it gives nothing. */
static DWORD protect_from_access(DWORD access)
{
    DWORD protect = PAGE_NOACCESS, shift = access & FILE_MAP_EXECUTE ? 4 : 0;
    access &= ~FILE_MAP_EXECUTE;
    if (access & FILE_MAP_WRITE)
        protect = PAGE_READWRITE;
    else if (access & FILE_MAP_READ)
        protect = PAGE_READONLY;
    else if (access == FILE_MAP_COPY)
        protect = PAGE_WRITECOPY;
    return protect == PAGE_NOACCESS ? protect : protect << shift;
}

static void *map_view(HANDLE section, DWORD protect, uint64_t offset, SIZE_T size, void *address)
{
    struct section_view view = {
        .address = address,
        .size = size,
        .offset = offset,
        .protect = protect,
    };
    return set_last_status(process_map_view(GetCurrentProcess(), section, &view)) ? view.address : NULL;
}

LPVOID WINAPI MapViewOfFileEx(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low, SIZE_T size,
                              LPVOID address)
{
    return map_view(section, protect_from_access(access), (uint64_t)offset_high << 32 | offset_low, size,
                    address);
}

LPVOID WINAPI MapViewOfFile(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low, SIZE_T size)
{
    return MapViewOfFileEx(section, access, offset_high, offset_low, size, NULL);
}

LPVOID WINAPI MapViewOfFileExNuma(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low,
                                  SIZE_T size, LPVOID address, DWORD node)
{
    return is_node(node) ? MapViewOfFileEx(section, access, offset_high, offset_low, size, address) : NULL;
}

PVOID WINAPI MapViewOfFileFromApp(HANDLE section, ULONG access, ULONG64 offset, SIZE_T size)
{
    return map_view(section, protect_from_access(access), offset, size, NULL);
}

PVOID WINAPI MapViewOfFile3(HANDLE section, HANDLE process, PVOID address, ULONG64 offset, SIZE_T size,
                            ULONG type, ULONG protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    LARGE_INTEGER start = {.QuadPart = offset};
    if (!process)
        process = GetCurrentProcess();
    return set_last_status(NtMapViewOfSectionEx(section, process, &address, &start, &size, type, protect,
                                                parameters, count))
               ? address
               : NULL;
}

PVOID WINAPI MapViewOfFile3FromApp(HANDLE section, HANDLE process, PVOID address, ULONG64 offset, SIZE_T size,
                                   ULONG type, ULONG protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    return MapViewOfFile3(section, process, address, offset, size, type, protect, parameters, count);
}

PVOID WINAPI MapViewOfFileNuma2(HANDLE section, HANDLE process, ULONG64 offset, PVOID address, SIZE_T size,
                                ULONG type, ULONG protect, ULONG node)
{
    return is_node(node) ? MapViewOfFile3(section, process, address, offset, size, type, protect, NULL, 0)
                         : NULL;
}

BOOL WINAPI UnmapViewOfFile2(HANDLE process, PVOID address, ULONG flags)
{
    return set_last_status(NtUnmapViewOfSectionEx(process, address, flags));
}

BOOL WINAPI UnmapViewOfFileEx(PVOID address, ULONG flags)
{
    return UnmapViewOfFile2(GetCurrentProcess(), address, flags);
}

BOOL WINAPI UnmapViewOfFile(LPCVOID address)
{
    return set_last_status(vm_unmap_view((void *)address, false));
}

BOOL WINAPI FlushViewOfFile(LPCVOID address, SIZE_T size)
{
    return set_last_status(vm_flush_view((void *)address, size));
}
