/* Modules: finding, naming, counting and listing them, and the loader's own lists. */
#include "check.h"
#include <psapi.h>
#include <string.h>
#include <wchar.h>
#include <winternl.h>

static const WCHAR *base_name(const WCHAR *path)
{
    const WCHAR *slash = wcsrchr(path, L'\\');

    return slash ? slash + 1 : path;
}

TEST(modules_that_are_always_there)
{
    HMODULE self = GetModuleHandleW(NULL);
    HMODULE kernel32 = GetModuleHandleW(L"kernel32.dll");

    CHECK(self != NULL);
    CHECK_PTR(GetModuleHandleA(NULL), self);
    CHECK_EQ(*(WORD *)self, IMAGE_DOS_SIGNATURE);
    CHECK(kernel32 != NULL);
    CHECK_EQ(*(WORD *)kernel32, IMAGE_DOS_SIGNATURE);
    CHECK_PTR(GetModuleHandleW(L"KERNEL32.DLL"), kernel32);
    CHECK_PTR(GetModuleHandleW(L"Kernel32"), kernel32);
    CHECK_PTR(GetModuleHandleA("kernel32"), kernel32);
    CHECK(GetModuleHandleW(L"ntdll") != NULL);
    CHECK(GetModuleHandleW(L"msvcrt") != NULL);
    /* A dot at the end says that the name has no extension. */
    CHECK_ERROR(GetModuleHandleW(L"kernel32.") == NULL, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(GetModuleHandleW(L"no such module") == NULL, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(GetModuleHandleW(L"") == NULL, ERROR_MOD_NOT_FOUND);
}

TEST(modules_are_found_by_path_and_address)
{
    WCHAR path[MAX_PATH];
    HMODULE kernel32 = GetModuleHandleW(L"kernel32"), found = NULL;

    CHECK(GetModuleFileNameW(kernel32, path, MAX_PATH) > 0);
    CHECK_PTR(GetModuleHandleW(path), kernel32);
    CHECK(GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, L"kernel32", &found));
    CHECK_PTR(found, kernel32);
    CHECK(GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                 GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                             (const WCHAR *)(void *)modules_are_found_by_path_and_address, &found));
    CHECK_PTR(found, GetModuleHandleW(NULL));
    CHECK(
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)(void *)kernel32, &found));
    CHECK_PTR(found, kernel32);
    CHECK(FreeLibrary(found));
    CHECK(GetModuleHandleExW(0, NULL, &found));
    CHECK_PTR(found, GetModuleHandleW(NULL));
    found = (HMODULE)1;
    CHECK_ERROR(GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)&path, &found) ==
                    FALSE,
                ERROR_MOD_NOT_FOUND);
    CHECK_PTR(found, NULL);
    CHECK_ERROR(GetModuleHandleExW(0, L"no such module", &found) == FALSE, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(GetModuleHandleExW(0, L"kernel32", NULL) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                           L"kernel32", &found) == FALSE,
        ERROR_INVALID_PARAMETER);
}

TEST(the_name_of_a_module)
{
    WCHAR path[MAX_PATH], cut[MAX_PATH];
    char narrow[MAX_PATH];
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);

    CHECK(length > 3 && length < MAX_PATH);
    CHECK_EQ(length, wcslen(path));
    CHECK_EQ(path[1], L':');
    CHECK_EQ(_wcsicmp(base_name(path), L"modules.exe"), 0);
    CHECK(GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES);
    CHECK_EQ(GetModuleFileNameA(NULL, narrow, MAX_PATH), length);
    CHECK_EQ(GetModuleFileNameW(GetModuleHandleW(NULL), cut, MAX_PATH), length);
    CHECK_WSTR(cut, path);
    /* Too small: what fits, with a terminator, and the buffer's own size. */
    memset(cut, 0xFF, sizeof cut);
    CHECK_ERROR(GetModuleFileNameW(NULL, cut, length) == length, ERROR_INSUFFICIENT_BUFFER);
    UNLESS_WINE("Wine writes no terminator, like Windows XP")
    CHECK_EQ(cut[length - 1], 0);
    CHECK_EQ(wcsncmp(cut, path, length - 1), 0);
    CHECK_EQ(cut[length], 0xFFFF);
    CHECK_ERROR(GetModuleFileNameW(NULL, cut, 1) == 1, ERROR_INSUFFICIENT_BUFFER);
    UNLESS_WINE("as above")
    CHECK_EQ(cut[0], 0);
    CHECK_EQ(GetModuleFileNameW(NULL, cut, length + 1), length);
    CHECK_ERROR(GetModuleFileNameA(NULL, narrow, 5) == 5, ERROR_INSUFFICIENT_BUFFER);
    UNLESS_WINE("as above")
    CHECK_EQ(narrow[4], 0);
    CHECK_ERROR(GetModuleFileNameW((HMODULE)(ULONG_PTR)0x12340000, path, MAX_PATH) == 0, ERROR_MOD_NOT_FOUND);
    CHECK(GetModuleFileNameW(GetModuleHandleW(L"kernel32"), path, MAX_PATH) > 0);
    CHECK_EQ(_wcsicmp(base_name(path), L"kernel32.dll"), 0);
    CHECK(GetSystemDirectoryW(cut, MAX_PATH) > 0);
    CHECK_EQ(_wcsnicmp(cut, path, wcslen(cut)), 0);
}

TEST(exports)
{
    HMODULE kernel32 = GetModuleHandleW(L"kernel32");
    DWORD(WINAPI * process_id)(void) = (void *)GetProcAddress(kernel32, "GetCurrentProcessId");

    CHECK(process_id != NULL);
    CHECK_EQ(process_id(), GetCurrentProcessId());
    CHECK_ERROR(GetProcAddress(kernel32, "NoSuchExport") == NULL, ERROR_PROC_NOT_FOUND);
    CHECK_ERROR(GetProcAddress(kernel32, "getcurrentprocessid") == NULL, ERROR_PROC_NOT_FOUND);
    CHECK_ERROR(GetProcAddress(kernel32, "") == NULL, ERROR_PROC_NOT_FOUND);
    UNLESS_WINE("Wine reports ERROR_PROC_NOT_FOUND")
    CHECK_ERROR(GetProcAddress(kernel32, (char *)0xFFFF) == NULL, ERROR_INVALID_ORDINAL);
    CHECK(GetProcAddress(GetModuleHandleW(NULL), "main") == NULL);
    /* No module means the program itself. */
    CHECK(GetProcAddress(NULL, "main") == NULL);
}

static DWORD ordinal_of(HMODULE module, const char *wanted)
{
    BYTE *base = (BYTE *)module;
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    IMAGE_EXPORT_DIRECTORY *exports =
        (IMAGE_EXPORT_DIRECTORY *)(base + headers->OptionalHeader.DataDirectory[0].VirtualAddress);
    DWORD *names = (DWORD *)(base + exports->AddressOfNames);
    WORD *ordinals = (WORD *)(base + exports->AddressOfNameOrdinals);

    for (DWORD i = 0; i < exports->NumberOfNames; i++)
        if (strcmp((char *)base + names[i], wanted) == 0)
            return ordinals[i] + exports->Base;
    return 0;
}

TEST(exports_by_ordinal)
{
    HMODULE msvcrt = GetModuleHandleW(L"msvcrt");
    DWORD ordinal = ordinal_of(msvcrt, "strlen");

    CHECK(ordinal != 0);
    CHECK_PTR(GetProcAddress(msvcrt, (char *)(ULONG_PTR)ordinal), GetProcAddress(msvcrt, "strlen"));
}

TEST(names_are_sorted_in_every_export_table)
{
    static const WCHAR *const modules[] = {L"kernel32", L"ntdll", L"msvcrt"};

    for (int m = 0; m < 3; m++) {
        BYTE *base = (BYTE *)GetModuleHandleW(modules[m]);
        IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
        IMAGE_EXPORT_DIRECTORY *exports =
            (IMAGE_EXPORT_DIRECTORY *)(base + headers->OptionalHeader.DataDirectory[0].VirtualAddress);
        DWORD *names = (DWORD *)(base + exports->AddressOfNames);
        int unsorted = 0;

        CHECK(exports->NumberOfNames > 30);
        for (DWORD i = 1; i < exports->NumberOfNames; i++)
            unsorted += strcmp((char *)base + names[i - 1], (char *)base + names[i]) >= 0;
        CHECK_EQ(unsorted, 0);
    }
}

TEST(loading_what_is_loaded)
{
    HMODULE kernel32 = GetModuleHandleW(L"kernel32");

    CHECK_PTR(LoadLibraryW(L"kernel32.dll"), kernel32);
    CHECK_PTR(LoadLibraryA("KERNEL32"), kernel32);
    CHECK(FreeLibrary(kernel32));
    CHECK(FreeLibrary(kernel32));
    CHECK_PTR(GetModuleHandleW(L"kernel32"), kernel32);
    CHECK_ERROR(LoadLibraryW(L"no such library") == NULL, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(LoadLibraryW(L"C:\\no such folder\\library.dll") == NULL, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(FreeLibrary((HMODULE)(ULONG_PTR)0x12340000) == FALSE, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(FreeLibrary(NULL) == FALSE, ERROR_INVALID_HANDLE);
}

static void make_file(const char *name, const void *content, DWORD size)
{
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD written;

    CHECK(WriteFile(file, content, size, &written, NULL));
    CloseHandle(file);
}

TEST(files_that_are_no_modules)
{
    static const char nonsense[2000] = "This is not a module.";
    char header[2000] = "MZ";

    make_file("text.dll", nonsense, sizeof nonsense);
    CHECK_ERROR(LoadLibraryA(".\\text.dll") == NULL, ERROR_BAD_EXE_FORMAT);
    make_file("empty.dll", "", 0);
    CHECK(LoadLibraryA(".\\empty.dll") == NULL);
    make_file("header.dll", header, sizeof header);
    CHECK_ERROR(LoadLibraryA(".\\header.dll") == NULL, ERROR_BAD_EXE_FORMAT);
    DeleteFileA("text.dll");
    DeleteFileA("empty.dll");
    DeleteFileA("header.dll");
}

TEST(memory_that_is_no_module)
{
    char *block = VirtualAlloc(NULL, 1, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    CHECK(block != NULL);
    CHECK(!FreeLibrary((HMODULE)(block + 1)));
    *block = 1;
    CHECK(VirtualFree(block, 0, MEM_RELEASE));
}

TEST(the_list_of_modules)
{
    HMODULE modules[256];
    DWORD needed = 0, again = 0;
    MODULEINFO information;
    WCHAR name[MAX_PATH];

    CHECK(K32EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &needed));
    CHECK(needed >= 4 * sizeof(HMODULE) && needed % sizeof(HMODULE) == 0);
    CHECK_PTR(modules[0], GetModuleHandleW(NULL));
    CHECK_PTR(modules[1], GetModuleHandleW(L"ntdll"));
    memset(modules, 0, sizeof modules);
    CHECK(K32EnumProcessModules(GetCurrentProcess(), modules, sizeof modules[0], &again));
    CHECK_EQ(again, needed);
    CHECK(modules[0] != NULL && modules[1] == NULL);
    CHECK(K32GetModuleInformation(GetCurrentProcess(), modules[0], &information, sizeof information));
    CHECK_PTR(information.lpBaseOfDll, modules[0]);
    CHECK((ULONG_PTR)information.EntryPoint > (ULONG_PTR)modules[0]);
    CHECK((BYTE *)information.EntryPoint < (BYTE *)modules[0] + information.SizeOfImage);
    CHECK_EQ(K32GetModuleBaseNameW(GetCurrentProcess(), modules[0], name, MAX_PATH), 11);
    CHECK_EQ(_wcsicmp(name, L"modules.exe"), 0);
}

/* An entry as far as programs rely on it; winternl.h hides the names. */
struct loader_entry {
    LIST_ENTRY load_order, memory_order, initialization_order;
    void *base, *entry_point;
    ULONG size_of_image;
    UNICODE_STRING full_name, name;
};

struct loader_data {
    ULONG length;
    BOOLEAN initialized;
    void *handle;
    LIST_ENTRY load_order, memory_order, initialization_order;
};

static int list_length(const LIST_ENTRY *head)
{
    int length = 0;

    for (const LIST_ENTRY *entry = head->Flink; entry != head && length < 1000; entry = entry->Flink) {
        if (entry->Flink->Blink != entry)
            return -1;
        length++;
    }
    return length;
}

static int names_module(const UNICODE_STRING *name, const WCHAR *expected)
{
    return name->Length == wcslen(expected) * sizeof(WCHAR) &&
           _wcsnicmp(name->Buffer, expected, wcslen(expected)) == 0;
}

TEST(the_loaders_lists)
{
    PEB *peb = NtCurrentTeb()->ProcessEnvironmentBlock;
    struct loader_data *data = (struct loader_data *)peb->Ldr;
    struct loader_entry *first = CONTAINING_RECORD(data->load_order.Flink, struct loader_entry, load_order);
    struct loader_entry *second = CONTAINING_RECORD(first->load_order.Flink, struct loader_entry, load_order);
    struct loader_entry *third = CONTAINING_RECORD(second->load_order.Flink, struct loader_entry, load_order);
    int length = list_length(&data->load_order);

    CHECK(data->initialized);
    CHECK(length >= 4);
    CHECK_EQ(list_length(&data->memory_order), length);
    /* The program itself has no place in the order of initialisation. */
    CHECK_EQ(list_length(&data->initialization_order), length - 1);
    CHECK(names_module(&first->name, L"modules.exe"));
    CHECK(names_module(&second->name, L"ntdll.dll"));
    CHECK(names_module(&third->name, L"kernel32.dll"));
    CHECK_PTR(first->base, GetModuleHandleW(NULL));
    CHECK_PTR(second->base, GetModuleHandleW(L"ntdll"));
    CHECK_PTR(third->base, GetModuleHandleW(L"kernel32"));
    CHECK(first->size_of_image > 0x4000 && first->size_of_image % 0x1000 == 0);
    CHECK(first->full_name.Length > first->name.Length);
    CHECK_PTR(first->name.Buffer + first->name.Length / 2,
              first->full_name.Buffer + first->full_name.Length / 2);
    CHECK_PTR(CONTAINING_RECORD(data->memory_order.Flink, struct loader_entry, memory_order), first);
    CHECK_PTR(CONTAINING_RECORD(data->initialization_order.Flink, struct loader_entry, initialization_order),
              second);
}

struct listing {
    int count, most;
    void *last;
};

static void NTAPI visit_module(const struct loader_entry *entry, void *context, BOOLEAN *stop)
{
    struct listing *listing = context;

    listing->count++;
    listing->last = entry->base;
    *stop = listing->count == listing->most;
}

TEST(visiting_all_modules)
{
    LONG(NTAPI * enumerate)
    (ULONG, void(NTAPI *)(const struct loader_entry *, void *, BOOLEAN *), void *) =
        (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "LdrEnumerateLoadedModules");
    PEB *peb = NtCurrentTeb()->ProcessEnvironmentBlock;
    struct listing all = {0}, two = {.most = 2};

    CHECK_EQ(enumerate(0, visit_module, &all), 0);
    CHECK_EQ(all.count, list_length(&((struct loader_data *)peb->Ldr)->load_order));
    CHECK_EQ(enumerate(0, visit_module, &two), 0);
    CHECK_EQ(two.count, 2);
    CHECK_PTR(two.last, GetModuleHandleW(L"ntdll"));
    CHECK_EQ((DWORD)enumerate(1, visit_module, &all), 0xC000000D);
    UNLESS_WINE("Wine 8 calls it") CHECK_EQ((DWORD)enumerate(0, NULL, &all), 0xC000000D);
}

/* RTL_PROCESS_MODULES */
struct process_module {
    void *section, *mapped_base, *base;
    ULONG size, flags;
    USHORT load_order, initialization_order, load_count, name_offset;
    char path[256];
};

struct process_modules {
    ULONG count;
    struct process_module modules[64];
};

#define LIST_SIZE(count) \
    (FIELD_OFFSET(struct process_modules, modules) + (count) * sizeof(struct process_module))

TEST(a_list_of_all_modules)
{
    LONG(NTAPI * query)
    (struct process_modules *, ULONG, ULONG *) =
        (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "LdrQueryProcessModuleInformation");
    PEB *peb = NtCurrentTeb()->ProcessEnvironmentBlock;
    int length = list_length(&((struct loader_data *)peb->Ldr)->load_order);
    static struct process_modules list;
    ULONG size = 0;
    char path[MAX_PATH];

    CHECK_EQ(query(&list, sizeof list, &size), 0);
    CHECK_EQ(list.count, length);
    CHECK_EQ(size, LIST_SIZE(length));
    for (int i = 0; i < length; i++) {
        CHECK_EQ(list.modules[i].load_order, i);
        GetModuleFileNameA(list.modules[i].base, path, MAX_PATH);
        CHECK_EQ(_stricmp(list.modules[i].path, path), 0);
        CHECK_PTR(GetModuleHandleA(i ? list.modules[i].path + list.modules[i].name_offset : NULL),
                  list.modules[i].base);
        CHECK(list.modules[i].size >= 0x1000);
    }
    CHECK_EQ(list.modules[0].initialization_order, 0);
    CHECK_EQ(list.modules[1].initialization_order, 1);
    CHECK_EQ((DWORD)query(&list, LIST_SIZE(length) - 1, &size), 0xC0000004);
    CHECK_EQ(size, LIST_SIZE(length));
    CHECK_EQ((DWORD)query(&list, 0, NULL), 0xC0000004);
}

TEST(modules_of_the_native_interface)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    LONG(NTAPI * get_handle)
    (LPCWSTR, ULONG *, UNICODE_STRING *, void **) = (void *)GetProcAddress(ntdll, "LdrGetDllHandle");
    LONG(NTAPI * full_name)(HMODULE, UNICODE_STRING *) = (void *)GetProcAddress(ntdll, "LdrGetDllFullName");
    LONG(NTAPI * find_entry)(const void *, void **) = (void *)GetProcAddress(ntdll, "LdrFindEntryForAddress");
    LONG(NTAPI * procedure)
    (HMODULE, ANSI_STRING *, ULONG, void **) = (void *)GetProcAddress(ntdll, "LdrGetProcedureAddress");
    WCHAR text[MAX_PATH] = L"", expected[MAX_PATH];
    UNICODE_STRING name = {18, 20, (WCHAR *)L"ntdll.dll"}, none = {14, 16, (WCHAR *)L"no_such"};
    UNICODE_STRING path = {0, sizeof text, text};
    ANSI_STRING function = {11, 12, (char *)"LdrFindEntr"},
                whole = {22, 23, (char *)"LdrFindEntryForAddress"};
    void *base = NULL, *entry = NULL, *address = NULL;

    CHECK_EQ(get_handle(NULL, NULL, &name, &base), 0);
    CHECK(base == ntdll);
    CHECK_EQ((DWORD)get_handle(NULL, NULL, &none, &base), 0xC0000135);
    CHECK_EQ(full_name(ntdll, &path), 0);
    GetModuleFileNameW(ntdll, expected, MAX_PATH);
    CHECK(!lstrcmpiW(text, expected));
    path.MaximumLength = 6;
    CHECK_EQ((DWORD)full_name(ntdll, &path), 0xC0000023);
    CHECK_EQ(path.Length, 6);
    CHECK_EQ(find_entry((char *)ntdll + 0x20, &entry), 0);
    CHECK(((void **)entry)[6] == ntdll);
    CHECK_EQ((DWORD)find_entry((void *)8, &entry), 0x8000001A);
    CHECK_EQ(procedure(ntdll, &whole, 0, &address), 0);
    CHECK(address == (void *)find_entry);
    UNLESS_WINE("Wine 8 has a status of its own")
    CHECK_EQ((DWORD)procedure(ntdll, &function, 0, &address), 0xC0000139);
}

TEST(files_that_the_program_keeps_for_itself)
{
    WCHAR folder[MAX_PATH], path[MAX_PATH];
    HANDLE file;

    GetTempPathW(MAX_PATH, folder);
    GetTempFileNameW(folder, L"mod", 0, path);
    file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK_ERROR(!LoadLibraryW(path), ERROR_SHARING_VIOLATION);
    CloseHandle(file);
    CHECK_ERROR(!LoadLibraryExW(path, NULL, LOAD_LIBRARY_AS_DATAFILE), ERROR_FILE_INVALID);
    DeleteFileW(path);
}

TEST(directories_for_dlls)
{
    WCHAR text[32] = L"unchanged";
    DLL_DIRECTORY_COOKIE cookie = AddDllDirectory(L"\\");

    CHECK(cookie != NULL && RemoveDllDirectory(cookie));
    CHECK_ERROR(!AddDllDirectory(L"C:relative"), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!AddDllDirectory(L".\\relative"), ERROR_INVALID_PARAMETER);
    CHECK(SetDllDirectoryW(L"C:\\some"));
    CHECK_EQ(GetDllDirectoryW(3, text), 8);
    CHECK_WSTR(text, L"");
    CHECK_EQ(GetDllDirectoryW(32, text), 7);
    CHECK_WSTR(text, L"C:\\some");
    CHECK(SetDllDirectoryW(NULL));
}

int main(void)
{
    RUN(modules_that_are_always_there);
    RUN(modules_are_found_by_path_and_address);
    RUN(the_name_of_a_module);
    RUN(exports);
    RUN(exports_by_ordinal);
    RUN(names_are_sorted_in_every_export_table);
    RUN(loading_what_is_loaded);
    RUN(files_that_are_no_modules);
    RUN(memory_that_is_no_module);
    RUN(the_list_of_modules);
    RUN(the_loaders_lists);
    RUN(visiting_all_modules);
    UNLESS_WINE("Wine 8 lacks it") RUN(a_list_of_all_modules);
    RUN(modules_of_the_native_interface);
    RUN(files_that_the_program_keeps_for_itself);
    RUN(directories_for_dlls);
    return CHECK_END();
}
