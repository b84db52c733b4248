/* Sections that several processes have: by name, by inheritance and by duplication. This program again is the
 * other process, told by its arguments what to do; "with PROGRAM" has the tests run its like for another
 * architecture instead. */
#include "other_process.h"
#include <stdlib.h>
#include <string.h>

#define PAGE        0x1000
#define GRANULARITY 0x10000

enum { PATIENCE = 20000, FAILED = 200 };

/* What the other process does. It tells with its exit code what came of it. */

static volatile LONG *map(HANDLE section, DWORD access)
{
    return MapViewOfFile(section, access, 0, 0, 0);
}

static HANDLE open_section(const char *name)
{
    return OpenFileMappingA(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, name);
}

static SIZE_T size_of_view(const volatile void *view)
{
    MEMORY_BASIC_INFORMATION region = {0};

    VirtualQuery((const void *)view, &region, sizeof region);
    return region.RegionSize;
}

static int add_to(HANDLE section)
{
    volatile LONG *view = section ? map(section, FILE_MAP_WRITE) : NULL;

    return view ? (int)InterlockedExchangeAdd(view, 5) : FAILED;
}

static int open_error(const char *name)
{
    HANDLE section = open_section(name);

    return section ? FAILED : (int)GetLastError();
}

/* How many pages it has; what exists is as large as its maker said. */
static int create_larger(const char *name)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 1, 16 * PAGE, name);
    int exists = GetLastError() == ERROR_ALREADY_EXISTS;
    volatile LONG *view = section ? map(section, FILE_MAP_WRITE) : NULL;
    int error = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 4 * PAGE) ? 0 : (int)GetLastError();

    return view && exists && error == ERROR_ACCESS_DENIED ? (int)(size_of_view(view) / PAGE) : FAILED;
}

static int create_zeros(const char *name)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, name);
    int exists = GetLastError() == ERROR_ALREADY_EXISTS;
    volatile LONG *view = section ? map(section, FILE_MAP_WRITE) : NULL;

    return view && !exists ? (int)*view : FAILED;
}

static int map_error(const char *name)
{
    HANDLE section = open_section(name);

    if (!section || !map(section, FILE_MAP_READ))
        return FAILED;
    return map(section, FILE_MAP_WRITE) ? 0 : (int)GetLastError();
}

/* Both must fail alike. */
static int mismatch_error(const char *name)
{
    DWORD errors[4];

    CreateEventA(NULL, TRUE, FALSE, name);
    errors[0] = GetLastError();
    OpenMutexA(SYNCHRONIZE, FALSE, name);
    errors[1] = GetLastError();
    CreateSemaphoreA(NULL, 0, 1, name);
    errors[2] = GetLastError();
    CreateWaitableTimerA(NULL, TRUE, name);
    errors[3] = GetLastError();
    return errors[0] == errors[1] && errors[0] == errors[2] && errors[0] == errors[3] ? (int)errors[0]
                                                                                      : FAILED;
}

static int commit(HANDLE section)
{
    volatile LONG *view = section ? map(section, FILE_MAP_WRITE) : NULL;
    char *page = (char *)view + 3 * PAGE;
    MEMORY_BASIC_INFORMATION region;

    if (!view || !VirtualQuery((void *)view, &region, sizeof region) || region.State != MEM_RESERVE ||
        !VirtualAlloc(page, PAGE, MEM_COMMIT, PAGE_READWRITE))
        return FAILED;
    memcpy(page, "committed", 10);
    return 0;
}

static int look_at_image(HANDLE section)
{
    const char *view = section ? MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0) : NULL;
    MEMORY_BASIC_INFORMATION region = {0};

    if (!view || !VirtualQuery(view, &region, sizeof region) || region.Type != MEM_IMAGE)
        return FAILED;
    return !memcmp(view, "MZ", 2) && region.RegionSize == PAGE ? 0 : FAILED;
}

/* All who do this at a time have the name at the same time. */
static int meet(const char *name, LONG count)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, name);
    int first = GetLastError() != ERROR_ALREADY_EXISTS;
    volatile LONG *view = section ? map(section, FILE_MAP_WRITE) : NULL;
    DWORD begin = GetTickCount();

    if (!view)
        return FAILED;
    InterlockedIncrement(view);
    while (*view < count)
        if (Sleep(1), GetTickCount() - begin > PATIENCE)
            return FAILED;
    return first;
}

static int hold(HANDLE section)
{
    volatile LONG *view = section ? map(section, FILE_MAP_WRITE) : NULL;

    if (!view)
        return FAILED;
    InterlockedExchange(view, 77);
    Sleep(INFINITE);
    return 0;
}

static int play(const char *role, const char *name)
{
    HANDLE inherited = (HANDLE)(ULONG_PTR)strtoul(name, NULL, 16);

    if (!strcmp(role, "add"))
        return add_to(open_section(name));
    if (!strcmp(role, "open"))
        return open_error(name);
    if (!strcmp(role, "larger"))
        return create_larger(name);
    if (!strcmp(role, "zeros"))
        return create_zeros(name);
    if (!strcmp(role, "map"))
        return map_error(name);
    if (!strcmp(role, "mismatch"))
        return mismatch_error(name);
    if (!strcmp(role, "commit"))
        return commit(open_section(name));
    if (!strcmp(role, "image"))
        return look_at_image(OpenFileMappingA(FILE_MAP_READ, FALSE, name));
    if (!strcmp(role, "meet"))
        return meet(name, 6);
    if (!strcmp(role, "hold"))
        return hold(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, name));
    if (!strcmp(role, "add-inherited"))
        return add_to(inherited);
    if (!strcmp(role, "commit-inherited"))
        return commit(inherited);
    if (!strcmp(role, "hold-inherited"))
        return hold(inherited);
    if (!strcmp(role, "sleep"))
        Sleep(INFINITE);
    return FAILED;
}

/* What this one does */

/* Other runs of this program have other names. */
static const char *name_of(const char *test)
{
    static char name[80];

    snprintf(name, sizeof name, "litewin shared %s %lu", test, GetCurrentProcessId());
    return name;
}

static HANDLE begin(const char *role, const char *name, BOOL inherit, DWORD flags,
                    PROCESS_INFORMATION *process)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    char line[MAX_PATH + 128];

    snprintf(line, sizeof line, "\"%s\" %s \"%s\"", program, role, name);
    CHECK(CreateProcessA(program, line, NULL, NULL, inherit, flags, NULL, NULL, &startup, process));
    return process->hProcess;
}

static int code_of(PROCESS_INFORMATION *process)
{
    DWORD code = 0;

    CHECK_EQ(WaitForSingleObject(process->hProcess, 2 * PATIENCE), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process->hProcess, &code));
    forget(process);
    return (int)code;
}

static int have_done(const char *role, const char *name)
{
    PROCESS_INFORMATION process;

    begin(role, name, FALSE, 0, &process);
    return code_of(&process);
}

static HANDLE make_section(const char *name, DWORD protect, DWORD size)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, protect, 0, size, name);

    CHECK(section != NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    return section;
}

static volatile LONG *view_of(HANDLE section, DWORD access)
{
    volatile LONG *view = map(section, access);

    CHECK(view != NULL);
    return view;
}

static void unmap(volatile LONG *view)
{
    CHECK(UnmapViewOfFile((void *)view));
}

TEST(memory_by_name)
{
    const char *name = name_of("memory");
    HANDLE section = make_section(name, PAGE_READWRITE, 3 * PAGE);
    volatile LONG *view = view_of(section, FILE_MAP_WRITE);

    *view = 30;
    CHECK_EQ(have_done("add", name), 30);
    CHECK_EQ(*view, 35);
    CHECK_EQ(have_done("larger", name), 3);
    CHECK_EQ(have_done("add", name), 35);
    CHECK_EQ(*view, 40);
    unmap(view);
    CHECK(CloseHandle(section));
    CHECK_EQ(have_done("open", name), ERROR_FILE_NOT_FOUND);
}

TEST(rights_to_what_another_process_made)
{
    const char *name = name_of("rights");
    HANDLE section = make_section(name, PAGE_READONLY, PAGE);

    UNLESS_WINE("Wine 8 maps what the section does not allow")
    CHECK_EQ(have_done("map", name), ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(section));
}

TEST(another_kind_of_that_name)
{
    const char *name = name_of("kind");
    HANDLE section = make_section(name, PAGE_READWRITE, PAGE);

    CHECK_EQ(have_done("mismatch", name), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(section));
}

TEST(namespaces)
{
    char global[100], local[100];
    const char *name = name_of("spaces");
    HANDLE section = make_section(name, PAGE_READWRITE, PAGE), second;
    volatile LONG *view = view_of(section, FILE_MAP_WRITE), *other;

    snprintf(global, sizeof global, "Global\\%s", name);
    snprintf(local, sizeof local, "Local\\%s", name);
    *view = 3;
    CHECK_EQ(have_done("add", local), 3);
    CHECK_EQ(have_done("open", global), ERROR_FILE_NOT_FOUND);
    second = make_section(global, PAGE_READWRITE, PAGE);
    other = view_of(second, FILE_MAP_WRITE);
    *other = 50;
    CHECK_EQ(have_done("add", global), 50);
    CHECK_EQ(have_done("add", name), 8);
    CHECK_EQ(*other, 55);
    unmap(view);
    unmap(other);
    CHECK(CloseHandle(section));
    CHECK_EQ(have_done("open", name), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(have_done("add", global), 55);
    CHECK(CloseHandle(second));
}

/* A view keeps the memory, but not the name. */
TEST(a_name_goes_with_the_last_handle)
{
    const char *name = name_of("last");
    HANDLE section = make_section(name, PAGE_READWRITE, PAGE);
    volatile LONG *view = view_of(section, FILE_MAP_WRITE);

    *view = 9;
    CHECK(CloseHandle(section));
    CHECK_EQ(have_done("open", name), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(have_done("zeros", name), 0);
    CHECK_EQ(*view, 9);
    section = make_section(name, PAGE_READWRITE, PAGE);
    CHECK_EQ(have_done("add", name), 0);
    CHECK_EQ(*view, 9);
    unmap(view);
    CHECK(CloseHandle(section));
}

/* The other process has it alone, until it is killed. */
TEST(a_name_goes_with_its_process)
{
    const char *name = name_of("process");
    PROCESS_INFORMATION process;
    HANDLE section;
    volatile LONG *view;

    begin("hold", name, FALSE, 0, &process);
    while (!(section = open_section(name)) && WaitForSingleObject(process.hProcess, 1) == WAIT_TIMEOUT)
        continue;
    CHECK(section != NULL);
    view = view_of(section, FILE_MAP_WRITE);
    while (!*view && WaitForSingleObject(process.hProcess, 1) == WAIT_TIMEOUT)
        continue;
    CHECK(CloseHandle(section));
    section = open_section(name);
    CHECK(section != NULL);
    CHECK(CloseHandle(section));
    finish(&process);
    CHECK_ERROR(open_section(name) == NULL, ERROR_FILE_NOT_FOUND);
    CHECK_EQ(*view, 77);
    unmap(view);
    section = make_section(name, PAGE_READWRITE, PAGE);
    view = view_of(section, FILE_MAP_WRITE);
    CHECK_EQ(*view, 0);
    unmap(view);
    CHECK(CloseHandle(section));
}

TEST(memory_that_another_process_commits)
{
    const char *name = name_of("reserve");
    HANDLE section = make_section(name, PAGE_READWRITE | SEC_RESERVE, GRANULARITY);
    volatile LONG *view = view_of(section, FILE_MAP_WRITE);
    MEMORY_BASIC_INFORMATION region;
    char *page = (char *)view + 3 * PAGE;

    CHECK(VirtualQuery(page, &region, sizeof region));
    CHECK_EQ(region.State, MEM_RESERVE);
    CHECK_EQ(have_done("commit", name), 0);
    CHECK_STR(page, "committed");
    CHECK(VirtualQuery(page, &region, sizeof region));
    CHECK_EQ(region.State, MEM_COMMIT);
    CHECK_EQ(region.RegionSize, PAGE);
    CHECK(VirtualQuery((void *)view, &region, sizeof region));
    CHECK_EQ(region.State, MEM_RESERVE);
    unmap(view);
    CHECK(CloseHandle(section));
}

static HANDLE make_file(char path[MAX_PATH], const char *text)
{
    char directory[MAX_PATH];
    DWORD written;

    GetTempPathA(sizeof directory, directory);
    GetTempFileNameA(directory, "sec", 0, path);
    HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              CREATE_ALWAYS, 0, NULL);
    CHECK(WriteFile(file, text, (DWORD)strlen(text), &written, NULL));
    return file;
}

TEST(a_file_by_the_name_of_its_section)
{
    const char *name = name_of("file");
    char path[MAX_PATH], text[8];
    DWORD done;
    HANDLE file = make_file(path, "\1\0\0\0");
    HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 2 * PAGE, name);

    CHECK(section != NULL);
    CloseHandle(file);
    CHECK_EQ(have_done("add", name), '\1');
    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_EXISTING, 0, NULL);
    CHECK_EQ(GetFileSize(file, NULL), 2 * PAGE);
    CHECK(ReadFile(file, text, sizeof text, &done, NULL));
    CHECK_EQ(text[0], '\6');
    CHECK(CloseHandle(section));
    CloseHandle(file);
    CHECK(DeleteFileA(path));
}

TEST(an_image_by_the_name_of_its_section)
{
    const char *name = name_of("image");
    char path[MAX_PATH];
    HANDLE file, section;

    GetSystemDirectoryA(path, sizeof path);
    strcat(path, "\\kernel32.dll");
    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    section = CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, name);
    CHECK(section != NULL);
    CloseHandle(file);
    CHECK_EQ(have_done("image", name), 0);
    CHECK(CloseHandle(section));
}

TEST(several_processes_at_once)
{
    const char *name = name_of("several");
    PROCESS_INFORMATION processes[6];
    int first = 0;

    for (int i = 0; i < 6; i++)
        begin("meet", name, FALSE, 0, &processes[i]);
    for (int i = 0; i < 6; i++)
        first += code_of(&processes[i]);
    CHECK_EQ(first, 1);
    CHECK_ERROR(open_section(name) == NULL, ERROR_FILE_NOT_FOUND);
}

/* Inheritance */

static HANDLE inheritable(HANDLE section)
{
    CHECK(section != NULL);
    CHECK(SetHandleInformation(section, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    return section;
}

/* This process has closed the handle before the other one begins. */
static void begin_with(HANDLE section, const char *role, PROCESS_INFORMATION *process)
{
    char text[20];

    snprintf(text, sizeof text, "%lx", (unsigned long)(ULONG_PTR)section);
    begin(role, text, TRUE, CREATE_SUSPENDED, process);
    CHECK(CloseHandle(section));
    CHECK_EQ(ResumeThread(process->hThread), 1);
}

TEST(memory_that_is_inherited)
{
    HANDLE section = inheritable(make_section(NULL, PAGE_READWRITE, PAGE)), same;
    volatile LONG *view = view_of(section, FILE_MAP_WRITE);
    PROCESS_INFORMATION process;

    CHECK(DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &same, 0, TRUE,
                          DUPLICATE_SAME_ACCESS));
    *view = 20;
    begin_with(section, "add-inherited", &process);
    CHECK_EQ(code_of(&process), 20);
    CHECK_EQ(*view, 25);
    begin_with(same, "add-inherited", &process);
    CHECK_EQ(code_of(&process), 25);
    CHECK_EQ(*view, 30);
    unmap(view);
}

TEST(memory_that_is_not_inherited)
{
    HANDLE section = make_section(NULL, PAGE_READWRITE, PAGE);
    PROCESS_INFORMATION process;

    begin_with(section, "add-inherited", &process);
    CHECK_EQ(code_of(&process), FAILED);
}

TEST(reserved_memory_that_is_inherited)
{
    HANDLE section = inheritable(make_section(NULL, PAGE_READWRITE | SEC_RESERVE, GRANULARITY));
    volatile LONG *view = view_of(section, FILE_MAP_WRITE);
    PROCESS_INFORMATION process;

    begin_with(section, "commit-inherited", &process);
    CHECK_EQ(code_of(&process), 0);
    CHECK_STR((char *)view + 3 * PAGE, "committed");
    unmap(view);
}

TEST(a_file_that_is_inherited)
{
    char path[MAX_PATH];
    HANDLE file = make_file(path, "\2\0\0\0");
    HANDLE section = inheritable(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL));
    volatile LONG *view = view_of(section, FILE_MAP_READ);
    PROCESS_INFORMATION process;

    CloseHandle(file);
    begin_with(section, "add-inherited", &process);
    CHECK_EQ(code_of(&process), 2);
    CHECK_EQ(*view, 7);
    unmap(view);
    CHECK(DeleteFileA(path));
}

/* The child's handle keeps the name. */
TEST(a_name_that_is_inherited)
{
    const char *name = name_of("inherited");
    HANDLE section = inheritable(make_section(name, PAGE_READWRITE, PAGE)), again;
    volatile LONG *view = view_of(section, FILE_MAP_WRITE);
    PROCESS_INFORMATION process;

    begin_with(section, "hold-inherited", &process);
    while (!*view && WaitForSingleObject(process.hProcess, 1) == WAIT_TIMEOUT)
        continue;
    CHECK_EQ(*view, 77);
    again = open_section(name);
    CHECK(again != NULL);
    CHECK_EQ(have_done("add", name), 77);
    CHECK_EQ(*view, 82);
    CHECK(CloseHandle(again));
    finish(&process);
    CHECK_ERROR(open_section(name) == NULL, ERROR_FILE_NOT_FOUND);
    unmap(view);
}

TEST(a_name_that_is_duplicated)
{
    const char *name = name_of("duplicated");
    HANDLE section = make_section(name, PAGE_READWRITE, PAGE), there = NULL, back = NULL;
    PROCESS_INFORMATION process;
    volatile LONG *view;

    begin("sleep", name, FALSE, 0, &process);
    CHECK(DuplicateHandle(GetCurrentProcess(), section, process.hProcess, &there, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CHECK(CloseHandle(section));
    section = open_section(name);
    view = view_of(section, FILE_MAP_WRITE);
    *view = 60;
    CHECK_EQ(have_done("add", name), 60);
    CHECK(CloseHandle(section));
    CHECK(DuplicateHandle(process.hProcess, there, GetCurrentProcess(), &back, 0, FALSE,
                          DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    CHECK_EQ(have_done("add", name), 65);
    CHECK_EQ(*view, 70);
    CHECK(CloseHandle(back));
    CHECK_ERROR(open_section(name) == NULL, ERROR_FILE_NOT_FOUND);
    unmap(view);
    finish(&process);
}

int main(int count, char **arguments)
{
    BOOL other = count == 3 && !strcmp(arguments[1], "with");

    if (!other && count == 3)
        return play(arguments[1], arguments[2]);
    if (other)
        snprintf(program, sizeof program, "%s", arguments[2]);
    else
        GetModuleFileNameA(NULL, program, sizeof program);
    RUN(memory_by_name);
    RUN(rights_to_what_another_process_made);
    RUN(another_kind_of_that_name);
    RUN(namespaces);
    RUN(a_name_goes_with_the_last_handle);
    RUN(a_name_goes_with_its_process);
    RUN(memory_that_another_process_commits);
    RUN(a_file_by_the_name_of_its_section);
    if (!other)
        RUN(an_image_by_the_name_of_its_section);
    RUN(several_processes_at_once);
    RUN(memory_that_is_inherited);
    RUN(memory_that_is_not_inherited);
    RUN(reserved_memory_that_is_inherited);
    RUN(a_file_that_is_inherited);
    RUN(a_name_that_is_inherited);
    RUN(a_name_that_is_duplicated);
    return CHECK_END();
}
