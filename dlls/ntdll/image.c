/* Images in memory, as native programs look at them. MinGW-w64's headers lack some of these prototypes. */
#include "kernel/vm.h"
#include "loader/module.h"

/* How far the memory goes that begins there; 0 if it cannot be read. What is only mapped is looked at too. */
static size_t readable_size(const void *base)
{
    MEMORY_BASIC_INFORMATION region;
    const char *at = base;
    while (!vm_query(at, &region) && region.State == MEM_COMMIT &&
           !(region.Protect & (PAGE_NOACCESS | PAGE_GUARD)))
        at = (const char *)region.BaseAddress + region.RegionSize;
    return at > (const char *)base ? at - (const char *)base : 0;
}

enum { NO_RANGE_CHECK = 1 };

NTSTATUS WINAPI RtlImageNtHeaderEx(ULONG flags, void *base, ULONG64 size, IMAGE_NT_HEADERS **header)
{
    const IMAGE_DOS_HEADER *dos = base;
    if (header)
        *header = NULL;
    if (!base || base == (void *)-1 || !header || flags & ~(ULONG)NO_RANGE_CHECK)
        return STATUS_INVALID_PARAMETER;
    if (flags & NO_RANGE_CHECK)
        size = UINT64_MAX;
    if (size < sizeof *dos || dos->e_magic != IMAGE_DOS_SIGNATURE)
        return STATUS_INVALID_IMAGE_FORMAT;
    uint32_t offset = (uint32_t)dos->e_lfanew;
    if (offset >= size || size - offset < sizeof(IMAGE_NT_HEADERS32))
        return STATUS_INVALID_IMAGE_FORMAT;
    IMAGE_NT_HEADERS *found = (IMAGE_NT_HEADERS *)((char *)base + offset);
    if (found->Signature != IMAGE_NT_SIGNATURE)
        return STATUS_INVALID_IMAGE_FORMAT;
    *header = found;
    return STATUS_SUCCESS;
}

PIMAGE_NT_HEADERS NTAPI RtlImageNtHeader(PVOID base)
{
    IMAGE_NT_HEADERS *header;
    uintptr_t address = (uintptr_t)base & ~(uintptr_t)3;
    size_t size = address ? readable_size((void *)address) : 0;
    return RtlImageNtHeaderEx(0, (void *)address, size, &header) ? NULL : header;
}

static const IMAGE_SECTION_HEADER *find_section(const IMAGE_NT_HEADERS *header, DWORD rva)
{
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(header);
    for (unsigned i = 0; i < header->FileHeader.NumberOfSections; i++) {
        if (rva >= section[i].VirtualAddress && rva - section[i].VirtualAddress < section[i].SizeOfRawData)
            return &section[i];
    }
    return NULL;
}

PIMAGE_SECTION_HEADER NTAPI RtlImageRvaToSection(PIMAGE_NT_HEADERS header, PVOID base, ULONG rva)
{
    return (IMAGE_SECTION_HEADER *)find_section(header, rva);
}

/* In a file that lies in memory as it is. A caller that asks for many places in one section keeps that. */
PVOID NTAPI RtlImageRvaToVa(PIMAGE_NT_HEADERS header, PVOID base, ULONG rva, PIMAGE_SECTION_HEADER *cached)
{
    const IMAGE_SECTION_HEADER *section = cached ? *cached : NULL;
    if (!section || rva < section->VirtualAddress || rva - section->VirtualAddress >= section->SizeOfRawData)
        section = find_section(header, rva);
    if (!section)
        return NULL;
    if (cached)
        *cached = (IMAGE_SECTION_HEADER *)section;
    return (char *)base + section->PointerToRawData + (rva - section->VirtualAddress);
}

static const IMAGE_DATA_DIRECTORY *find_directory(const IMAGE_NT_HEADERS *header, unsigned index,
                                                  DWORD *headers_size)
{
    const IMAGE_NT_HEADERS32 *header32 = (const IMAGE_NT_HEADERS32 *)header;
    const IMAGE_NT_HEADERS64 *header64 = (const IMAGE_NT_HEADERS64 *)header;
    bool is_64bit = header->OptionalHeader.Magic == IMAGE_NT_OPTIONAL_HDR64_MAGIC;
    DWORD count = is_64bit ? header64->OptionalHeader.NumberOfRvaAndSizes
                           : header32->OptionalHeader.NumberOfRvaAndSizes;
    if (!is_64bit && header->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR32_MAGIC)
        return NULL;
    *headers_size =
        is_64bit ? header64->OptionalHeader.SizeOfHeaders : header32->OptionalHeader.SizeOfHeaders;
    if (index >= min(count, (DWORD)IMAGE_NUMBEROF_DIRECTORY_ENTRIES))
        return NULL;
    return is_64bit ? &header64->OptionalHeader.DataDirectory[index]
                    : &header32->OptionalHeader.DataDirectory[index];
}

/* A handle of LoadLibraryEx's says by its lowest bit that it is data, and so laid out as the file is. */
PVOID NTAPI RtlImageDirectoryEntryToData(PVOID base, BOOLEAN mapped_as_image, USHORT index, PULONG size)
{
    DWORD headers_size;
    if ((uintptr_t)base & 1)
        mapped_as_image = FALSE;
    base = (void *)((uintptr_t)base & ~(uintptr_t)3);
    IMAGE_NT_HEADERS *header = RtlImageNtHeader(base);
    const IMAGE_DATA_DIRECTORY *directory = header ? find_directory(header, index, &headers_size) : NULL;
    if (!directory || !directory->VirtualAddress)
        return NULL;
    *size = directory->Size;
    if (mapped_as_image || directory->VirtualAddress < headers_size)
        return (char *)base + directory->VirtualAddress;
    return RtlImageRvaToVa(header, base, directory->VirtualAddress, NULL);
}
