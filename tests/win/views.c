/* Sections and their views: what each may do, what they share, and what pages become. */
#include "check.h"
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

enum { PAGE = 4096, GRANULARITY = 65536 };

static MEMORY_BASIC_INFORMATION query(const void *address)
{
    MEMORY_BASIC_INFORMATION information;

    memset(&information, 0xEE, sizeof information);
    CHECK_EQ(VirtualQuery(address, &information, sizeof information), sizeof information);
    return information;
}

static HANDLE memory_section(DWORD protect, DWORD size)
{
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, protect, 0, size, NULL);

    CHECK(section != NULL);
    return section;
}

static char *view_of(HANDLE section, DWORD access)
{
    char *view = MapViewOfFile(section, access, 0, 0, 0);

    CHECK(view != NULL);
    return view;
}

static HANDLE make_file(const char *name, DWORD size)
{
    HANDLE file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE,
                              FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_ALWAYS, 0, NULL);

    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK_EQ(SetFilePointer(file, size, NULL, FILE_BEGIN), size);
    CHECK(SetEndOfFile(file));
    return file;
}

TEST(views_of_one_section_are_coherent)
{
    static const unsigned char return_42[] = {0xB8, 42, 0, 0, 0, 0xC3}, return_7[] = {0xB8, 7, 0, 0, 0, 0xC3};
    HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, GRANULARITY);
    char *writer = view_of(section, FILE_MAP_WRITE);
    char *runner = view_of(section, FILE_MAP_READ | FILE_MAP_EXECUTE);
    char *all = view_of(section, FILE_MAP_WRITE | FILE_MAP_EXECUTE);

    CHECK(CloseHandle(section));
    CHECK_EQ(query(writer).Protect, PAGE_READWRITE);
    CHECK_EQ(query(runner).Protect, PAGE_EXECUTE_READ);
    CHECK_EQ(query(all).AllocationProtect, PAGE_EXECUTE_READWRITE);
    CHECK_EQ(query(all).Type, MEM_MAPPED);
    memcpy(writer, return_42, sizeof return_42);
    CHECK(FlushInstructionCache(GetCurrentProcess(), runner, sizeof return_42));
    CHECK_EQ(((int (*)(void))runner)(), 42);
    memcpy(all, return_7, sizeof return_7);
    CHECK_EQ(((int (*)(void))runner)(), 7);
    CHECK(UnmapViewOfFile(writer));
    CHECK_EQ(((int (*)(void))all)(), 7);
    CHECK(UnmapViewOfFile(all));
    CHECK_EQ(((int (*)(void))runner)(), 7);
    CHECK(UnmapViewOfFile(runner));
    CHECK_EQ(query(runner).State, MEM_FREE);
    CHECK_ERROR(UnmapViewOfFile(runner) == FALSE, ERROR_INVALID_ADDRESS);
}

/* What a view may be made by VirtualProtect follows from the access that it was mapped with. */
TEST(a_views_access_is_its_ceiling)
{
    static const struct {
        DWORD access, allowed;
    } cases[] = {
        {FILE_MAP_READ, PAGE_NOACCESS | PAGE_READONLY | PAGE_WRITECOPY},
        {FILE_MAP_COPY, PAGE_NOACCESS | PAGE_READONLY | PAGE_WRITECOPY},
        {FILE_MAP_WRITE, PAGE_NOACCESS | PAGE_READONLY | PAGE_WRITECOPY | PAGE_READWRITE},
        {FILE_MAP_READ | FILE_MAP_EXECUTE, PAGE_NOACCESS | PAGE_READONLY | PAGE_WRITECOPY | PAGE_EXECUTE |
                                               PAGE_EXECUTE_READ | PAGE_EXECUTE_WRITECOPY},
        {FILE_MAP_WRITE | FILE_MAP_EXECUTE, 0xFF},
        {0, PAGE_NOACCESS},
    };
    HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, 2 * PAGE);

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *view = view_of(section, cases[i].access);

        for (DWORD protect = 1; protect < 0x100; protect <<= 1) {
            DWORD old;

            if (protect & cases[i].allowed) {
                CHECK(VirtualProtect(view, PAGE, protect, &old));
                CHECK_EQ(query(view).Protect, protect);
            } else {
                CHECK_ERROR(VirtualProtect(view, PAGE, protect, &old) == FALSE, ERROR_INVALID_PARAMETER);
            }
        }
        CHECK(UnmapViewOfFile(view));
    }
    CHECK(CloseHandle(section));
}

TEST(a_section_limits_its_views)
{
    HANDLE section = memory_section(PAGE_READONLY, PAGE), reader;

    CHECK_ERROR(MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0) == NULL, ERROR_ACCESS_DENIED);
    CHECK_ERROR(MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_EXECUTE, 0, 0, 0) == NULL,
                ERROR_ACCESS_DENIED);
    CHECK_ERROR(MapViewOfFile(section, FILE_MAP_READ, 0, 0, PAGE + 1) == NULL, ERROR_ACCESS_DENIED);
    CHECK_ERROR(MapViewOfFile(section, FILE_MAP_READ, 0, PAGE, 0) == NULL, ERROR_MAPPED_ALIGNMENT);
    CHECK(CloseHandle(section));
    section = memory_section(PAGE_READWRITE, PAGE);
    CHECK(
        DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &reader, FILE_MAP_READ, FALSE, 0));
    CHECK_ERROR(MapViewOfFile(reader, FILE_MAP_WRITE, 0, 0, 0) == NULL, ERROR_ACCESS_DENIED);
    CHECK(UnmapViewOfFile(view_of(reader, FILE_MAP_COPY)));
    CHECK(CloseHandle(reader));
    CHECK(CloseHandle(section));
}

TEST(pages_split_a_view)
{
    HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, GRANULARITY);
    char *view = view_of(section, FILE_MAP_WRITE | FILE_MAP_EXECUTE);
    DWORD old;

    CHECK(VirtualProtect(view + 4 * PAGE, 3 * PAGE, PAGE_EXECUTE_READ, &old));
    CHECK_EQ(old, PAGE_EXECUTE_READWRITE);
    CHECK_EQ(query(view).RegionSize, 4 * PAGE);
    CHECK_EQ(query(view + 5 * PAGE).RegionSize, 2 * PAGE);
    CHECK_PTR(query(view + 5 * PAGE).AllocationBase, view);
    CHECK_EQ(query(view + 7 * PAGE).RegionSize, GRANULARITY - 7 * PAGE);
    CHECK(UnmapViewOfFile(view + 5 * PAGE + 7));
    CHECK(CloseHandle(section));
}

TEST(copies_are_the_views_own)
{
    HANDLE file = make_file("copied", 3 * PAGE);
    HANDLE section = CreateFileMappingW(file, NULL, PAGE_WRITECOPY, 0, 0, NULL);
    char *copy = view_of(section, FILE_MAP_COPY), *reader = view_of(section, FILE_MAP_READ);
    char byte;
    DWORD read, old;

    CHECK_EQ(query(copy).Protect, PAGE_WRITECOPY);
    CHECK_EQ(query(copy).RegionSize, 3 * PAGE);
    copy[PAGE] = 'c';
    CHECK_EQ(reader[PAGE], 0);
    CHECK_EQ(query(copy).AllocationProtect, PAGE_WRITECOPY);
    UNLESS_WINE("Wine still reports PAGE_WRITECOPY for a page that has been written")
    {
        CHECK_EQ(query(copy).RegionSize, PAGE);
        CHECK_EQ(query(copy + PAGE).Protect, PAGE_READWRITE);
        CHECK_EQ(query(copy + PAGE).RegionSize, PAGE);
        CHECK_EQ(query(copy + 2 * PAGE).Protect, PAGE_WRITECOPY);
        CHECK(VirtualProtect(copy + PAGE, PAGE, PAGE_READONLY, &old));
        CHECK_EQ(old, PAGE_READWRITE);
    }
    SetFilePointer(file, PAGE, NULL, FILE_BEGIN);
    CHECK(ReadFile(file, &byte, 1, &read, NULL));
    CHECK_EQ(byte, 0);
    CHECK(UnmapViewOfFile(copy));
    CHECK(UnmapViewOfFile(reader));
    CHECK(CloseHandle(section));
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("copied"));
}

TEST(shared_pages_can_become_copies)
{
    HANDLE section = memory_section(PAGE_READWRITE, 4 * PAGE);
    char *view = view_of(section, FILE_MAP_WRITE), *other = view_of(section, FILE_MAP_READ);
    DWORD old;

    view[PAGE] = 'a';
    CHECK(VirtualProtect(view, 3 * PAGE, PAGE_WRITECOPY, &old));
    CHECK_EQ(old, PAGE_READWRITE);
    CHECK_EQ(view[PAGE], 'a');
    view[PAGE] = 'b';
    view[3 * PAGE] = 'd';
    UNLESS_WINE("Wine keeps such pages shared")
    {
        CHECK_EQ(other[PAGE], 'a');
        CHECK_EQ(query(view).Protect, PAGE_WRITECOPY);
        CHECK_EQ(query(view + PAGE).Protect, PAGE_READWRITE);
        /* A copy stays one. */
        CHECK(VirtualProtect(view, 3 * PAGE, PAGE_READWRITE, &old));
        CHECK_EQ(old, PAGE_WRITECOPY);
        memset(view, 'e', 3 * PAGE);
        CHECK_EQ(other[0], 'e');
        CHECK_EQ(other[PAGE], 'a');
        CHECK_EQ(other[2 * PAGE], 'e');
    }
    CHECK_EQ(other[3 * PAGE], 'd');
    CHECK(UnmapViewOfFile(view));
    CHECK(UnmapViewOfFile(other));
    CHECK(CloseHandle(section));
}

TEST(a_commit_is_for_all_views)
{
    HANDLE section = memory_section(PAGE_READWRITE | SEC_RESERVE, 16 * GRANULARITY);
    char *one = view_of(section, FILE_MAP_WRITE), *other = view_of(section, FILE_MAP_WRITE), *late;

    CHECK_EQ(query(one).State, MEM_RESERVE);
    CHECK_EQ(query(one).RegionSize, 16 * GRANULARITY);
    CHECK_PTR(VirtualAlloc(one + GRANULARITY, 3 * PAGE, MEM_COMMIT, PAGE_READONLY), one + GRANULARITY);
    CHECK_EQ(query(one + GRANULARITY).Protect, PAGE_READONLY);
    CHECK_EQ(query(one + GRANULARITY).RegionSize, 3 * PAGE);
    CHECK_EQ(query(other).State, MEM_RESERVE);
    CHECK_EQ(query(other + GRANULARITY).State, MEM_COMMIT);
    CHECK_EQ(query(other + GRANULARITY).Protect, PAGE_READWRITE);
    CHECK_EQ(query(other + GRANULARITY).RegionSize, 3 * PAGE);
    /* The other view may use the memory without having asked about it. */
    CHECK_PTR(VirtualAlloc(one + 2 * GRANULARITY, PAGE, MEM_COMMIT, PAGE_READWRITE), one + 2 * GRANULARITY);
    other[2 * GRANULARITY + 5] = 'x';
    CHECK_EQ(one[2 * GRANULARITY + 5], 'x');
    late = view_of(section, FILE_MAP_READ);
    CHECK_EQ(late[2 * GRANULARITY + 5], 'x');
    CHECK_EQ(query(late + 3 * GRANULARITY).State, MEM_RESERVE);
    CHECK_ERROR(VirtualFree(one + GRANULARITY, PAGE, MEM_DECOMMIT) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK(UnmapViewOfFile(one));
    CHECK_EQ(other[2 * GRANULARITY + 5], 'x');
    CHECK(UnmapViewOfFile(other));
    CHECK(UnmapViewOfFile(late));
    CHECK(CloseHandle(section));
}

TEST(a_files_view_cannot_be_committed)
{
    HANDLE file = make_file("plain", PAGE),
           section = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    char *view = view_of(section, FILE_MAP_WRITE);

    CHECK_ERROR(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE) == NULL, ERROR_ACCESS_DENIED);
    CHECK(FlushViewOfFile(view, 0));
    CHECK_ERROR(SetFilePointer(file, 0, NULL, FILE_BEGIN) == 0 && !SetEndOfFile(file),
                ERROR_USER_MAPPED_FILE);
    CHECK(UnmapViewOfFile(view));
    CHECK(CloseHandle(section));
    CHECK(SetEndOfFile(file));
    CHECK_ERROR(CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, 0, NULL) == NULL, ERROR_FILE_INVALID);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("plain"));
}

TEST(attributes_that_are_refused)
{
    static const DWORD refused[] = {
        SEC_RESERVE | SEC_COMMIT, SEC_NOCACHE, SEC_FILE, SEC_FILE | SEC_COMMIT, SEC_RESERVE | SEC_LARGE_PAGES,
        SEC_IMAGE | SEC_COMMIT,
    };

    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++)
        CHECK_ERROR(CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | refused[i], 0, PAGE,
                                       NULL) == NULL,
                    ERROR_INVALID_PARAMETER);
    UNLESS_WINE("Wine reports ERROR_INVALID_PARAMETER")
    CHECK_ERROR(CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL) == NULL,
                ERROR_BAD_EXE_FORMAT);
    CHECK_ERROR(CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_NOACCESS, 0, PAGE, NULL) == NULL,
                ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0, NULL) == NULL,
                ERROR_INVALID_PARAMETER);
}

TEST(caching_belongs_to_the_section)
{
    HANDLE section = memory_section(PAGE_READWRITE | SEC_COMMIT | SEC_NOCACHE, PAGE);
    char *view = view_of(section, FILE_MAP_WRITE);
    DWORD old;

    CHECK_EQ(query(view).Protect, PAGE_READWRITE | PAGE_NOCACHE);
    CHECK(VirtualProtect(view, PAGE, PAGE_READONLY, &old));
    CHECK_EQ(query(view).Protect, PAGE_READONLY | PAGE_NOCACHE);
    CHECK(UnmapViewOfFile(view));
    CHECK(CloseHandle(section));
}

TEST(a_large_section_uses_both_halves_of_its_size)
{
    HANDLE section =
        CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 1, GRANULARITY, NULL);
    char *view;

    CHECK(section != NULL);
    view = MapViewOfFile(section, FILE_MAP_WRITE, 1, 0, 0);
    CHECK(view != NULL);
    CHECK_EQ(query(view).RegionSize, GRANULARITY);
    CHECK(UnmapViewOfFile(view));
    CHECK(CloseHandle(section));
}

TEST(a_name_goes_with_the_last_handle)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, "short-lived"),
           again;
    char *view = view_of(section, FILE_MAP_WRITE);

    again = OpenFileMappingA(FILE_MAP_READ, FALSE, "short-lived");
    CHECK(again != NULL);
    CHECK_ERROR(MapViewOfFile(again, FILE_MAP_WRITE, 0, 0, 0) == NULL, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(again));
    CHECK(CloseHandle(section));
    CHECK_ERROR(OpenFileMappingA(FILE_MAP_READ, FALSE, "short-lived") == NULL, ERROR_FILE_NOT_FOUND);
    view[0] = 1;
    CHECK(UnmapViewOfFile(view));
}

/* Of a buffer that is larger than it has to be, all must be there. */
TEST(a_query_wants_its_whole_buffer)
{
    LONG(NTAPI * query)
    (HANDLE, ULONG, void *, SIZE_T, SIZE_T *) =
        (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQuerySection");
    HANDLE section = memory_section(PAGE_READWRITE, PAGE);
    char *pages = VirtualAlloc(NULL, 2 * PAGE, MEM_RESERVE, PAGE_NOACCESS);
    SIZE_T size = 0;

    CHECK(VirtualAlloc(pages, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
    CHECK_EQ(query(section, 0, pages, PAGE, &size), 0);
    CHECK_EQ(size, 2 * sizeof(void *) + 8);
    UNLESS_WINE("Wine looks at no more than it writes")
    CHECK_EQ(query(section, 0, pages, PAGE + 1, &size), (LONG)STATUS_ACCESS_VIOLATION);
    CHECK(VirtualFree(pages, 0, MEM_RELEASE));
    CHECK(CloseHandle(section));
}

TEST(an_image_is_laid_out)
{
    char path[MAX_PATH];
    HANDLE file, section;
    MEMORY_BASIC_INFORMATION region;
    const IMAGE_DOS_HEADER *header;
    const IMAGE_NT_HEADERS *headers;
    char *view;

    CHECK(GetSystemDirectoryA(path, MAX_PATH) != 0);
    strcat(path, "\\kernel32.dll");
    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    section = CreateFileMappingW(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    CHECK(section != NULL);
    view = view_of(section, FILE_MAP_READ);
    header = (const IMAGE_DOS_HEADER *)view;
    CHECK_EQ(header->e_magic, IMAGE_DOS_SIGNATURE);
    headers = (const IMAGE_NT_HEADERS *)(view + header->e_lfanew);
    region = query(view);
    CHECK_EQ(region.Type, MEM_IMAGE);
    CHECK_EQ(region.Protect, PAGE_READONLY);
    CHECK_EQ(region.AllocationProtect, PAGE_EXECUTE_WRITECOPY);
    region = query(view + headers->OptionalHeader.BaseOfCode);
    CHECK_EQ(region.Protect, PAGE_EXECUTE_READ);
    CHECK_PTR(region.AllocationBase, view);
    CHECK_ERROR(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READONLY) == NULL, ERROR_ACCESS_DENIED);
    CHECK(UnmapViewOfFile(view));
    CHECK(CloseHandle(section));
    CHECK(CloseHandle(file));

    file = make_file("no-image", PAGE);
    CHECK_ERROR(CreateFileMappingW(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL) == NULL,
                ERROR_BAD_EXE_FORMAT);
    CHECK(CloseHandle(file));
    /* Whoever has a file to himself can still map it. */
    file = CreateFileA("no-image", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK_ERROR(CreateFileMappingW(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL) == NULL,
                ERROR_BAD_EXE_FORMAT);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("no-image"));
}

static volatile LONG in_page_errors;
static jmp_buf recovery;

static LONG CALLBACK on_fault(EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;

    if (record->ExceptionCode != (DWORD)EXCEPTION_IN_PAGE_ERROR)
        return EXCEPTION_CONTINUE_SEARCH;
    in_page_errors++;
    CHECK_EQ(record->NumberParameters, 3);
    CHECK_EQ(record->ExceptionInformation[0], 0);
    longjmp(recovery, 1);
}

/* Cuts the file off, as another process: Windows does not let it, but where the file is somebody else's it
 * happens. */
static DWORD cut_off_elsewhere(const char *self)
{
    char command[MAX_PATH + 32];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 0;

    snprintf(command, sizeof command, "\"%s\" cut-off", self);
    CHECK(CreateProcessA(self, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
    CHECK_EQ(WaitForSingleObject(process.hProcess, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process.hProcess, &code));
    CHECK(CloseHandle(process.hProcess));
    CHECK(CloseHandle(process.hThread));
    return code;
}

static int cut_off(void)
{
    HANDLE file =
        CreateFileA("cut", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return 2;
    SetFilePointer(file, PAGE, NULL, FILE_BEGIN);
    return SetEndOfFile(file) ? 0 : 1;
}

static const char *self;

TEST(memory_whose_file_was_cut_off)
{
    HANDLE file = make_file("cut", 4 * PAGE),
           section = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    char *view = view_of(section, FILE_MAP_WRITE);
    void *handler = AddVectoredExceptionHandler(1, on_fault);

    view[3 * PAGE] = 1;
    if (cut_off_elsewhere(self) == 0) {
        CHECK_EQ(view[0], 0);
        for (volatile int i = 0; i < 2; i++)
            if (setjmp(recovery) == 0)
                (void)*(volatile char *)(view + 3 * PAGE);
        CHECK_EQ(in_page_errors, 2);
    }
    CHECK(RemoveVectoredExceptionHandler(handler));
    CHECK(UnmapViewOfFile(view));
    CHECK(CloseHandle(section));
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("cut"));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return cut_off();
    self = argv[0];
    RUN(views_of_one_section_are_coherent);
    RUN(a_views_access_is_its_ceiling);
    RUN(a_section_limits_its_views);
    RUN(pages_split_a_view);
    RUN(copies_are_the_views_own);
    RUN(shared_pages_can_become_copies);
    RUN(a_commit_is_for_all_views);
    RUN(a_files_view_cannot_be_committed);
    RUN(attributes_that_are_refused);
    RUN(caching_belongs_to_the_section);
    RUN(a_large_section_uses_both_halves_of_its_size);
    RUN(a_name_goes_with_the_last_handle);
    RUN(a_query_wants_its_whole_buffer);
    RUN(an_image_is_laid_out);
    RUN(memory_whose_file_was_cut_off);
    return CHECK_END();
}
