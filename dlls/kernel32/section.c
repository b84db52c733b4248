#include "dlls/kernel32/request.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/section.h"
#include "kernel/vm.h"

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
    if (file_handle == INVALID_HANDLE_VALUE)
        return section_create(request, NULL, size, protect & PAGE_BITS, attributes, handle);
    NTSTATUS status = handle_reference(file_handle, &file_type, 0, &file);
    if (!NT_SUCCESS(status))
        return status;
    status = section_create(request, file, size, protect & PAGE_BITS, attributes, handle);
    object_release(file);
    return status;
}

HANDLE WINAPI CreateFileMappingW(HANDLE file, SECURITY_ATTRIBUTES *attributes, DWORD protect, DWORD size_high,
                                 DWORD size_low, LPCWSTR name)
{
    HANDLE handle = NULL;
    struct object_request request =
        make_request(name, name_length(name), rights_of(protect), is_inheritable(attributes));
    uint64_t size = (uint64_t)size_high << 32 | size_low;
    NTSTATUS status = create_section(&request, file, size, protect, &handle);
    return created_handle(status, handle);
}

HANDLE WINAPI CreateFileMappingA(HANDLE file, SECURITY_ATTRIBUTES *attributes, DWORD protect, DWORD size_high,
                                 DWORD size_low, LPCSTR name)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, name))
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
    struct object_request request = make_request(name, name_length(name), access, inherit);
    NTSTATUS status = section_open(&request, &handle);
    return opened_handle(status, handle);
}

HANDLE WINAPI OpenFileMappingA(DWORD access, BOOL inherit, LPCSTR name)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, name))
        return NULL;
    HANDLE handle = OpenFileMappingW(access, inherit, wide.text);
    wide_free(&wide);
    return handle;
}

static DWORD protect_from_access(DWORD access)
{
    DWORD protect = PAGE_NOACCESS;
    if (access & FILE_MAP_WRITE)
        protect = PAGE_READWRITE;
    else if (access & FILE_MAP_READ && !(access & FILE_MAP_COPY))
        protect = PAGE_READONLY;
    else if (access & FILE_MAP_COPY)
        protect = PAGE_WRITECOPY;
    else if (access & FILE_MAP_EXECUTE)
        protect = PAGE_READONLY;
    return access & FILE_MAP_EXECUTE ? protect << 4 : protect;
}

LPVOID WINAPI MapViewOfFileEx(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low, SIZE_T size,
                              LPVOID address)
{
    struct section_view view = {
        .address = address,
        .size = size,
        .offset = (uint64_t)offset_high << 32 | offset_low,
        .protect = protect_from_access(access),
    };
    return set_last_status(section_map(section, &view)) ? view.address : NULL;
}

LPVOID WINAPI MapViewOfFile(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low, SIZE_T size)
{
    return MapViewOfFileEx(section, access, offset_high, offset_low, size, NULL);
}

BOOL WINAPI UnmapViewOfFile(LPCVOID address)
{
    return set_last_status(vm_unmap_view((void *)address));
}

BOOL WINAPI FlushViewOfFile(LPCVOID address, SIZE_T size)
{
    return set_last_status(vm_flush_view((void *)address, size));
}
