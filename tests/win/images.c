/* Images that no linker would make: written byte by byte, then loaded, mapped and looked at. */
#include "check.h"
#include <stddef.h>
#include <stdio.h>
#include <winternl.h>

#define STATUS_OK 0

#ifdef _WIN64
#define OTHER_MACHINE IMAGE_FILE_MACHINE_I386
#define OWN_MACHINE   IMAGE_FILE_MACHINE_AMD64
#else
#define OTHER_MACHINE IMAGE_FILE_MACHINE_AMD64
#define OWN_MACHINE   IMAGE_FILE_MACHINE_I386
#endif

typedef NTSTATUS(NTAPI *create_section)(HANDLE *, ACCESS_MASK, void *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);
typedef NTSTATUS(NTAPI *map_view)(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *,
                                  ULONG, ULONG, ULONG);
typedef NTSTATUS(NTAPI *unmap_view)(HANDLE, void *);

static create_section nt_create_section;
static map_view nt_map_view;
static unmap_view nt_unmap_view;

#define PAGE     0x1000
#define CONTENTS "section data"
#define NT_PLACE sizeof(IMAGE_DOS_HEADER)

static char path[MAX_PATH];

/* The file's beginning, as it will be written. */
static struct file {
    IMAGE_DOS_HEADER dos;
    IMAGE_NT_HEADERS nt;
    IMAGE_SECTION_HEADER section;
} file;

/* A DLL without relocations and code, with one section that lies behind a sector in the file. */
static void begin(DWORD characteristics)
{
    memset(&file, 0, sizeof file);
    file.dos.e_magic = IMAGE_DOS_SIGNATURE;
    file.dos.e_lfanew = NT_PLACE;
    file.nt.Signature = IMAGE_NT_SIGNATURE;
    file.nt.FileHeader.Machine = OWN_MACHINE;
    file.nt.FileHeader.NumberOfSections = 1;
    file.nt.FileHeader.SizeOfOptionalHeader = sizeof file.nt.OptionalHeader;
    file.nt.FileHeader.Characteristics =
        IMAGE_FILE_EXECUTABLE_IMAGE | IMAGE_FILE_DLL | IMAGE_FILE_RELOCS_STRIPPED;
    file.nt.OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR_MAGIC;
    file.nt.OptionalHeader.ImageBase = 0x12340000;
    file.nt.OptionalHeader.SectionAlignment = PAGE;
    file.nt.OptionalHeader.FileAlignment = 0x200;
    file.nt.OptionalHeader.MajorSubsystemVersion = 4;
    file.nt.OptionalHeader.SizeOfImage = 2 * PAGE;
    file.nt.OptionalHeader.SizeOfHeaders = 0x200;
    file.nt.OptionalHeader.Subsystem = IMAGE_SUBSYSTEM_WINDOWS_CUI;
    file.nt.OptionalHeader.NumberOfRvaAndSizes = IMAGE_NUMBEROF_DIRECTORY_ENTRIES;
    memcpy(file.section.Name, ".data", 6);
    file.section.VirtualAddress = PAGE;
    file.section.Misc.VirtualSize = 0x100;
    file.section.PointerToRawData = 0x200;
    file.section.SizeOfRawData = 0x200;
    file.section.Characteristics = characteristics;
}

static void write_file(DWORD size)
{
    static char bytes[0x2000];
    DWORD written;
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &file, sizeof file);
    memcpy(bytes + 0x200, CONTENTS, sizeof CONTENTS);
    memset(bytes + 0x300, 'x', 0x100);
    HANDLE handle = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    CHECK(handle != INVALID_HANDLE_VALUE);
    CHECK(WriteFile(handle, bytes, size, &written, NULL) && written == size);
    CloseHandle(handle);
}

static NTSTATUS make_section(HANDLE *section)
{
    HANDLE handle = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    NTSTATUS status =
        nt_create_section(section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_IMAGE, handle);
    CloseHandle(handle);
    return status;
}

static ULONG section_status(void)
{
    HANDLE section = NULL;
    write_file(0x400);
    NTSTATUS status = make_section(&section);
    if (section)
        CloseHandle(section);
    return status;
}

static MEMORY_BASIC_INFORMATION query(const void *address)
{
    MEMORY_BASIC_INFORMATION information = {0};
    CHECK_EQ(VirtualQuery(address, &information, sizeof information), sizeof information);
    return information;
}

TEST(what_a_section_allows_its_pages)
{
    static const struct {
        DWORD characteristics, protect;
    } cases[] = {
        {0, PAGE_NOACCESS},
        {IMAGE_SCN_MEM_READ, PAGE_READONLY},
        {IMAGE_SCN_MEM_WRITE, PAGE_WRITECOPY},
        {IMAGE_SCN_MEM_EXECUTE, PAGE_EXECUTE},
        {IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE, PAGE_WRITECOPY},
        {IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_EXECUTE, PAGE_EXECUTE_READ},
        {IMAGE_SCN_MEM_WRITE | IMAGE_SCN_MEM_EXECUTE, PAGE_EXECUTE_WRITECOPY},
        {IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE | IMAGE_SCN_MEM_EXECUTE, PAGE_EXECUTE_WRITECOPY},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        begin(cases[i].characteristics);
        write_file(0x400);
        char *module = (char *)LoadLibraryExA(path, NULL, DONT_RESOLVE_DLL_REFERENCES);
        CHECK(module);
        MEMORY_BASIC_INFORMATION data = query(module + PAGE), header = query(module);
        CHECK_EQ(data.Protect, cases[i].protect);
        CHECK_EQ(data.RegionSize, PAGE);
        CHECK_EQ(data.AllocationProtect, PAGE_EXECUTE_WRITECOPY);
        CHECK_PTR(data.AllocationBase, module);
        CHECK_EQ(data.Type, MEM_IMAGE);
        CHECK_EQ(header.Protect, PAGE_READONLY);
        if (data.Protect != PAGE_NOACCESS)
            CHECK_STR(module + PAGE, CONTENTS);
        CHECK(FreeLibrary((HMODULE)module));
    }
}

TEST(data_that_are_made_writable_are_copied)
{
    DWORD old;
    begin(IMAGE_SCN_MEM_READ);
    write_file(0x400);
    char *module = (char *)LoadLibraryExA(path, NULL, DONT_RESOLVE_DLL_REFERENCES);
    CHECK(VirtualProtect(module + PAGE, PAGE, PAGE_READWRITE, &old));
    CHECK_EQ(old, PAGE_READONLY);
    CHECK_EQ(query(module + PAGE).Protect, PAGE_WRITECOPY);
    CHECK(VirtualProtect(module + PAGE, PAGE, PAGE_EXECUTE_READWRITE, &old));
    CHECK_EQ(old, PAGE_WRITECOPY);
    CHECK_EQ(query(module + PAGE).Protect, PAGE_EXECUTE_WRITECOPY);
    module[PAGE] = 'S';
    CHECK_STR(module + PAGE, "S"
                             "ection data");
    CHECK_ERROR(VirtualAlloc(module + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE) == NULL, ERROR_ACCESS_DENIED);
    CHECK(FreeLibrary((HMODULE)module));
}

/* Raw data go on to the end of what the file's alignment makes of their size, and no further than the file.
 */
TEST(a_section_shows_whole_sectors)
{
    begin(IMAGE_SCN_MEM_READ);
    file.section.SizeOfRawData = 0x10;
    file.section.Misc.VirtualSize = 0x10;
    write_file(0x400);
    char *module = (char *)LoadLibraryExA(path, NULL, DONT_RESOLVE_DLL_REFERENCES);
    CHECK_STR(module + PAGE, CONTENTS);
    CHECK_EQ(module[PAGE + 0x1ff], 'x');
    CHECK_EQ(module[PAGE + 0x200], 0);
    CHECK(FreeLibrary((HMODULE)module));

    begin(IMAGE_SCN_MEM_READ);
    file.section.PointerToRawData = 0x240; /* which means 0x200 */
    file.section.SizeOfRawData = 0x10;
    write_file(0x350);
    module = (char *)LoadLibraryExA(path, NULL, DONT_RESOLVE_DLL_REFERENCES);
    CHECK(module);
    CHECK_STR(module + PAGE, CONTENTS);
    CHECK_EQ(module[PAGE + 0x14f], 'x');
    CHECK_EQ(module[PAGE + 0x150], 0);
    CHECK(FreeLibrary((HMODULE)module));
}

TEST(headers_may_be_longer_than_the_file)
{
    begin(IMAGE_SCN_MEM_READ);
    file.nt.OptionalHeader.SizeOfHeaders = PAGE;
    write_file(0x400);
    char *module = (char *)LoadLibraryExA(path, NULL, DONT_RESOLVE_DLL_REFERENCES);
    CHECK(module);
    CHECK_STR(module + 0x200, CONTENTS);
    CHECK(FreeLibrary((HMODULE)module));
}

/* Sections that are not aligned to pages: the image is what the file is, and allows everything. */
TEST(a_flat_image)
{
    begin(IMAGE_SCN_MEM_READ);
    file.nt.OptionalHeader.SectionAlignment = file.nt.OptionalHeader.FileAlignment = 0x200;
    file.nt.OptionalHeader.SizeOfImage = 0x400;
    file.section.VirtualAddress = 0x200;
    write_file(0x400);
    char *module = (char *)LoadLibraryExA(path, NULL, DONT_RESOLVE_DLL_REFERENCES);
    CHECK(module);
    MEMORY_BASIC_INFORMATION all = query(module);
    CHECK_EQ(all.Protect, PAGE_EXECUTE_WRITECOPY);
    CHECK_EQ(all.RegionSize, PAGE);
    CHECK_EQ(query(module + PAGE).State, MEM_FREE);
    CHECK_STR(module + 0x200, CONTENTS);
    CHECK_EQ(module[0x3ff], 'x');
    CHECK(FreeLibrary((HMODULE)module));
}

TEST(files_that_are_no_images)
{
    begin(IMAGE_SCN_MEM_READ);
    CHECK_EQ(section_status(), STATUS_OK);
    file.dos.e_magic = 0;
    CHECK_EQ(section_status(), 0xC000012F); /* STATUS_INVALID_IMAGE_NOT_MZ */
    begin(IMAGE_SCN_MEM_READ);
    file.dos.e_lfanew = 0x98760000;
    CHECK_EQ(section_status(), 0xC0000130); /* STATUS_INVALID_IMAGE_PROTECT */
    begin(IMAGE_SCN_MEM_READ);
    file.nt.Signature = 0xdeadbeef;
    CHECK_EQ(section_status(), 0xC0000130);
    file.nt.Signature = IMAGE_OS2_SIGNATURE;
    ((IMAGE_OS2_HEADER *)&file.nt)->ne_exetyp = 1;
    CHECK_EQ(section_status(), 0xC000011B); /* STATUS_INVALID_IMAGE_NE_FORMAT */
    ((IMAGE_OS2_HEADER *)&file.nt)->ne_exetyp = 2;
    CHECK_EQ(section_status(), 0xC0000131); /* STATUS_INVALID_IMAGE_WIN_16 */
    begin(IMAGE_SCN_MEM_READ);
    file.nt.FileHeader.Machine = OTHER_MACHINE;
    CHECK_EQ(section_status(),
             0xC000007B); /* STATUS_INVALID_IMAGE_FORMAT: the optional header does not fit */
    begin(IMAGE_SCN_MEM_READ);
    file.nt.OptionalHeader.AddressOfEntryPoint = 0x12345678; /* which is nobody's concern yet */
    CHECK_EQ(section_status(), STATUS_OK);
    CHECK_ERROR(LoadLibraryA(path) == NULL, ERROR_NOACCESS);
}

/* Without relocations an image has one place, unless nobody is going to run it. */
TEST(an_image_that_cannot_move)
{
    HANDLE section;
    void *first = NULL, *second = NULL;
    SIZE_T size = 0;
    begin(IMAGE_SCN_MEM_READ);
    write_file(0x400);
    CHECK_EQ(make_section(&section), STATUS_OK);
    CHECK_EQ(nt_map_view(section, GetCurrentProcess(), &first, 0, 0, NULL, &size, 1, 0, PAGE_READONLY),
             STATUS_OK);
    CHECK_PTR(first, 0x12340000);
    size = 0;
    CHECK_EQ(nt_map_view(section, GetCurrentProcess(), &second, 0, 0, NULL, &size, 1, 0, PAGE_READONLY),
             0x40000003); /* STATUS_IMAGE_NOT_AT_BASE */
    CHECK(second && second != first);
    CHECK_STR((char *)second + PAGE, CONTENTS);
    CHECK_EQ(nt_unmap_view(GetCurrentProcess(), second), STATUS_OK);
    CHECK_ERROR(LoadLibraryA(path) == NULL, ERROR_INVALID_ADDRESS);
    CHECK_EQ(nt_unmap_view(GetCurrentProcess(), first), STATUS_OK);
    CloseHandle(section);

    first = NULL, size = 0;
    file.nt.FileHeader.Characteristics &= ~IMAGE_FILE_DLL;
    write_file(0x400);
    CHECK_EQ(make_section(&section), STATUS_OK);
    CHECK_EQ(nt_map_view(section, GetCurrentProcess(), &first, 0, 0, NULL, &size, 1, 0, PAGE_READONLY),
             STATUS_OK);
    HMODULE program = LoadLibraryA(path);
    CHECK(program && program != first);
    CHECK(FreeLibrary(program));
    CHECK_EQ(nt_unmap_view(GetCurrentProcess(), first), STATUS_OK);
    CloseHandle(section);
}

TEST(data_files)
{
    begin(IMAGE_SCN_MEM_READ);
    write_file(0x400);
    HMODULE data = LoadLibraryExA(path, NULL, LOAD_LIBRARY_AS_DATAFILE);
    CHECK_EQ((ULONG_PTR)data & 3, 1);
    HANDLE writer = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(writer != INVALID_HANDLE_VALUE);
    CHECK(FreeLibrary(data));
    CHECK_ERROR(LoadLibraryA(path) == NULL, ERROR_SHARING_VIOLATION);
    CloseHandle(writer);

    data = LoadLibraryExA(path, NULL, LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE);
    CHECK_EQ((ULONG_PTR)data & 3, 1);
    CHECK_ERROR(CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL) ==
                    INVALID_HANDLE_VALUE,
                ERROR_SHARING_VIOLATION);
    HANDLE reader = CreateFileA(path, GENERIC_READ | DELETE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(reader != INVALID_HANDLE_VALUE);
    CloseHandle(reader);
    CHECK(FreeLibrary(data));
    CHECK_ERROR(!FreeLibrary((HMODULE)((ULONG_PTR)data + 0x1230)), ERROR_BAD_EXE_FORMAT);

    data = LoadLibraryExA(path, NULL, LOAD_LIBRARY_AS_IMAGE_RESOURCE);
    CHECK_EQ((ULONG_PTR)data & 3, 2);
    CHECK_STR((char *)data - 2 + PAGE, CONTENTS);
    CHECK(FreeLibrary(data));
}

/* What another name of a loaded file finds. */
TEST(one_file_of_two_names)
{
    char other[MAX_PATH + 8];
    begin(IMAGE_SCN_MEM_READ);
    write_file(0x400);
    snprintf(other, sizeof other, "%s.two.dll", path);
    CHECK(CreateHardLinkA(other, path, NULL));
    HMODULE module = LoadLibraryA(path);
    CHECK_PTR(GetModuleHandleA(other), module);
    CHECK_PTR(LoadLibraryA(other), module);
    CHECK(FreeLibrary(module));
    CHECK(FreeLibrary(module));
    CHECK(DeleteFileA(other));
}

/* Imports that are resolved late */

struct procedure {
    ULONG by_name;
    union {
        const char *name;
        ULONG ordinal;
    } description;
};

struct failure {
    ULONG size;
    const IMAGE_DELAYLOAD_DESCRIPTOR *descriptor;
    IMAGE_THUNK_DATA *slot;
    const char *dll;
    struct procedure procedure;
    void *base, *unused;
    ULONG error;
};

typedef void *(WINAPI *dll_hook)(ULONG, struct failure *);
typedef void *(WINAPI *system_hook)(const char *, const char *);
typedef void *(WINAPI *resolve)(void *, const void *, dll_hook, system_hook, IMAGE_THUNK_DATA *, ULONG);

/* What lies in the image's section. */
static struct late {
    IMAGE_DELAYLOAD_DESCRIPTOR descriptor[2];
    HMODULE handle;
    IMAGE_THUNK_DATA slots[4], names[4];
    char dll[16];
    struct {
        WORD hint;
        char name[16];
    } sleep, nonsense;
} late;

static struct failure seen;
static ULONG seen_reason;
static const char *seen_function;

static void *WINAPI note_failure(ULONG reason, struct failure *failure)
{
    seen = *failure;
    seen_reason = reason;
    return NULL;
}

static void *WINAPI stand_in(const char *dll, const char *function)
{
    CHECK_STR(dll, late.dll);
    seen_function = function;
    return &seen;
}

#define RVA(field) (PAGE + offsetof(struct late, field))

static void write_late_imports(const char *dll)
{
    DWORD written;
    memset(&late, 0, sizeof late);
    strcpy(late.dll, dll);
    strcpy(late.sleep.name, "Sleep");
    strcpy(late.nonsense.name, "Nonsense");
    late.descriptor[0].Attributes.AllAttributes = 1;
    late.descriptor[0].DllNameRVA = RVA(dll);
    late.descriptor[0].ModuleHandleRVA = RVA(handle);
    late.descriptor[0].ImportAddressTableRVA = RVA(slots);
    late.descriptor[0].ImportNameTableRVA = RVA(names);
    late.names[0].u1.AddressOfData = RVA(sleep);
    late.names[1].u1.AddressOfData = RVA(nonsense);
    late.names[2].u1.Ordinal = IMAGE_ORDINAL_FLAG | 65000;
    begin(IMAGE_SCN_MEM_READ); /* linkers may put the slots where only the loader is meant to write */
    file.section.SizeOfRawData = file.section.Misc.VirtualSize = sizeof late;
    file.nt.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT].VirtualAddress = PAGE;
    file.nt.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT].Size = sizeof late.descriptor;
    write_file(0x200);
    HANDLE handle = CreateFileA(path, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    SetFilePointer(handle, 0x200, NULL, FILE_BEGIN);
    CHECK(WriteFile(handle, &late, sizeof late, &written, NULL));
    CloseHandle(handle);
}

TEST(imports_that_are_resolved_late)
{
    resolve resolve_late =
        (resolve)(void *)GetProcAddress(GetModuleHandleA("kernel32"), "ResolveDelayLoadedAPI");
    CHECK(resolve_late);
    write_late_imports("kernel32.dll");
    HMODULE module = LoadLibraryA(path);
    struct late *loaded = (struct late *)((char *)module + PAGE);
    void *sleep = (void *)GetProcAddress(GetModuleHandleA("kernel32"), "Sleep");
    CHECK_PTR(resolve_late(module, loaded, note_failure, stand_in, &loaded->slots[0], 0), sleep);
    CHECK_PTR(loaded->slots[0].u1.Function, sleep);
    CHECK_PTR(loaded->handle, GetModuleHandleA("kernel32"));
    CHECK_EQ(seen_reason, 0);

    CHECK_PTR(resolve_late(module, loaded, note_failure, stand_in, &loaded->slots[1], 0), &seen);
    CHECK_EQ(seen_reason, 4);
    CHECK_EQ(seen.size, sizeof seen);
    CHECK_PTR(seen.descriptor, loaded);
    CHECK_PTR(seen.slot, &loaded->slots[1]);
    CHECK_STR(seen.dll, "kernel32.dll");
    CHECK_EQ(seen.procedure.by_name, 1);
    CHECK_STR(seen.procedure.description.name, "Nonsense");
    CHECK_STR(seen_function, "Nonsense");
    CHECK_PTR(seen.base, GetModuleHandleA("kernel32"));
    CHECK(seen.error);
    CHECK(!loaded->slots[1].u1.Function);

    CHECK_PTR(resolve_late(module, loaded, NULL, stand_in, &loaded->slots[2], 0), &seen);
    CHECK_PTR(seen_function, 65000);
    CHECK(FreeLibrary(module));
}

/* The DLL that is loaded so stays as long as the one that needs it. */
TEST(dlls_that_are_loaded_late)
{
    resolve resolve_late =
        (resolve)(void *)GetProcAddress(GetModuleHandleA("kernel32"), "ResolveDelayLoadedAPI");
    write_late_imports("secur32.dll");
    HMODULE module = LoadLibraryA(path);
    struct late *loaded = (struct late *)((char *)module + PAGE);
    CHECK(!GetModuleHandleA("secur32"));
    seen_reason = 0;
    CHECK_PTR(resolve_late(module, loaded, note_failure, stand_in, &loaded->slots[1], 0), &seen);
    CHECK_EQ(seen_reason, 4);
    CHECK(GetModuleHandleA("secur32"));
    CHECK(FreeLibrary(module));
    CHECK(!GetModuleHandleA("secur32"));

    write_late_imports("nosuch.dll");
    module = LoadLibraryA(path);
    loaded = (struct late *)((char *)module + PAGE);
    CHECK_PTR(resolve_late(module, loaded, note_failure, stand_in, &loaded->slots[0], 0), &seen);
    CHECK_EQ(seen_reason, 3);
    CHECK(!seen.base);
    CHECK(FreeLibrary(module));
}

int main(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll");
    char directory[MAX_PATH];
    nt_create_section = (create_section)(void *)GetProcAddress(ntdll, "NtCreateSection");
    nt_map_view = (map_view)(void *)GetProcAddress(ntdll, "NtMapViewOfSection");
    nt_unmap_view = (unmap_view)(void *)GetProcAddress(ntdll, "NtUnmapViewOfSection");
    GetTempPathA(sizeof directory, directory);
    GetTempFileNameA(directory, "img", 0, path);
    RUN(what_a_section_allows_its_pages);
    RUN(data_that_are_made_writable_are_copied);
    RUN(a_section_shows_whole_sectors);
    RUN(headers_may_be_longer_than_the_file);
    RUN(a_flat_image);
    RUN(files_that_are_no_images);
    RUN(an_image_that_cannot_move);
    RUN(data_files);
    RUN(one_file_of_two_names);
    /* Wine 8 asks one of the two hooks alone, and takes no DLL away with the one that needs it. */
    if (!check_on_wine()) {
        RUN(imports_that_are_resolved_late);
        RUN(dlls_that_are_loaded_late);
    }
    DeleteFileA(path);
    return CHECK_END();
}
