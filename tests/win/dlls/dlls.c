/* Loading DLLs: the order of their entry points, failures, rings, forwarders, ordinals, counts, base
 * addresses, delayed and absent imports. first.dll and second.dll come with the program, the others when it
 * asks. */
#include "check.h"
#include "journal.h"
#include <setjmp.h>
#include <string.h>
#include <winternl.h>

__declspec(dllimport) int first_value(void);
int delayed_value(void);
int delayed_absent(void);
int never_value(void);

static int call(HMODULE module, const char *name)
{
    int (*function)(void) = (void *)GetProcAddress(module, name);

    return CHECK(function != NULL) ? function() : -1;
}

static HMODULE load(const char *name)
{
    HMODULE module = LoadLibraryA(name);

    if (!CHECK(module != NULL))
        check_note(name);
    return module;
}

TEST(what_the_program_imports_came_first)
{
    CHECK_STR(journal_text(), "21s 11s ");
    CHECK_EQ(first_value(), 21);
    CHECK(GetModuleHandleA("second") != NULL);
}

TEST(dependencies_come_first_and_go_last)
{
    HMODULE branch;

    journal_clear();
    branch = load("branch.dll");
    CHECK_STR(journal_text(), "l1d b1d ");
    CHECK_EQ(call(branch, "branch_value"), 34);
    journal_clear();
    CHECK(FreeLibrary(branch));
    CHECK_STR(journal_text(), "b0d l0d ");
    CHECK_PTR(GetModuleHandleA("branch"), NULL);
    CHECK_PTR(GetModuleHandleA("leaf"), NULL);
}

TEST(loads_are_counted)
{
    HMODULE leaf = load("leaf"), branch, same;

    journal_clear();
    CHECK_PTR(LoadLibraryA("LEAF.DLL"), leaf);
    CHECK(GetModuleHandleExA(0, "leaf", &same));
    CHECK_PTR(same, leaf);
    branch = load("branch");
    CHECK_STR(journal_text(), "b1d ");
    CHECK(FreeLibrary(leaf));
    CHECK(FreeLibrary(leaf));
    CHECK(FreeLibrary(leaf));
    CHECK_PTR(GetModuleHandleA("leaf"), leaf);
    journal_clear();
    CHECK(FreeLibrary(branch));
    CHECK_STR(journal_text(), "b0d l0d ");
    CHECK_ERROR(FreeLibrary(leaf) == FALSE, ERROR_MOD_NOT_FOUND);
}

/* Notifications */

struct notice {
    ULONG flags;
    const UNICODE_STRING *full, *base;
    void *module;
    ULONG size;
};

typedef void(CALLBACK *notified)(ULONG, const struct notice *, void *);

static NTSTATUS(NTAPI *register_notification)(ULONG, notified, void *, void **);
static NTSTATUS(NTAPI *unregister_notification)(void *);
static struct notice last_notice;
static void *other_cookie;

/* In the journal as the DLL's first letter, a sign for the reason and the observer's own letter. */
static void CALLBACK note_it(ULONG reason, const struct notice *notice, void *observer)
{
    last_notice = *notice;
    journal_note((char)notice->base->Buffer[0], reason == 1 ? '+' - '0' : '-' - '0', observer != NULL);
}

static void CALLBACK leave_at_once(ULONG reason, const struct notice *notice, void *unused)
{
    (void)notice, (void)unused;
    if (reason == 1)
        CHECK_EQ(unregister_notification(other_cookie), 0);
}

static int comes_before(const char *first, const char *second)
{
    const char *text = journal_text(), *one = strstr(text, first), *other = strstr(text, second);

    return one && other && one < other;
}

/* Each DLL is announced before its entry point is called, and is gone only when that has been called. */
TEST(who_wants_to_know_is_told)
{
    HMODULE ntdll = GetModuleHandleA("ntdll"), branch;
    void *first = NULL, *second = NULL;

    register_notification = (void *)GetProcAddress(ntdll, "LdrRegisterDllNotification");
    unregister_notification = (void *)GetProcAddress(ntdll, "LdrUnregisterDllNotification");
    CHECK_EQ(register_notification(0, note_it, NULL, &first), 0);
    journal_clear();
    branch = load("branch");
    CHECK(comes_before("l+d ", "l1d ") && comes_before("b+d ", "b1d "));
    CHECK(comes_before("l+d ", "b+d ") && comes_before("l1d ", "b1d "));
    CHECK_EQ(last_notice.flags, 0);
    CHECK_PTR(last_notice.module, branch);
    CHECK(last_notice.size >= 0x1000 && last_notice.size % 0x1000 == 0);
    journal_clear();
    CHECK_PTR(load("branch"), branch);
    CHECK(FreeLibrary(branch));
    CHECK_STR(journal_text(), "");
    CHECK(FreeLibrary(branch));
    CHECK(comes_before("b0d ", "b-d ") && comes_before("l0d ", "l-d ") && comes_before("b0d ", "l0d "));
    CHECK_EQ(register_notification(0, note_it, &second, &second), 0);
    journal_clear();
    CHECK_ERROR(LoadLibraryA("failing.dll") == NULL, ERROR_DLL_INIT_FAILED);
    CHECK(comes_before("f+d f+s ", "f1d ") && comes_before("f1d ", "f0d ") &&
          comes_before("f0d ", "f-d f-s "));
    CHECK(comes_before("l+d l+s ", "f+d f+s ") && comes_before("f0d ", "l-d l-s "));
    journal_clear();
    CHECK_ERROR(LoadLibraryA("no_such_dll.dll") == NULL, ERROR_MOD_NOT_FOUND);
    CHECK_STR(journal_text(), "");
    CHECK_EQ(unregister_notification(first), 0);
    CHECK_EQ(unregister_notification(second), 0);
    UNLESS_WINE("Wine 8 takes any cookie") CHECK_EQ((DWORD)unregister_notification(first), 0xC0000135);
    CHECK_EQ(register_notification(0, leave_at_once, NULL, &first), 0);
    CHECK_EQ(register_notification(0, note_it, NULL, &other_cookie), 0);
    journal_clear();
    CHECK(FreeLibrary(load("leaf")));
    UNLESS_WINE("Wine 8 tells whoever was there when it began") CHECK_STR(journal_text(), "l1d l0d ");
    CHECK_EQ(unregister_notification(first), 0);
    UNLESS_WINE("Wine 8 does not look at the flags")
    CHECK_EQ((DWORD)register_notification(1, note_it, NULL, &first), 0xC000000D);
}

/* In the graph of what needs what, LDR_DATA_TABLE_ENTRY.DdagNode->LoadCount. */
static LONG count_in_graph(HMODULE module)
{
    NTSTATUS(NTAPI * find)
    (const void *, char **) = (void *)GetProcAddress(GetModuleHandleA("ntdll"), "LdrFindEntryForAddress");
    char *entry = NULL, *node;

    if (!CHECK_EQ(find(module, &entry), 0))
        return 0;
    memcpy(&node, entry + (sizeof(void *) == 8 ? 0x98 : 0x50), sizeof node);
    return *(LONG *)(node + 3 * sizeof(void *));
}

TEST(counts_are_in_the_graph)
{
    HMODULE leaf, branch;

    CHECK_EQ(count_in_graph(GetModuleHandleA(NULL)), -1);
    CHECK_EQ(count_in_graph(GetModuleHandleA("ntdll")), -1);
    CHECK_EQ(count_in_graph(GetModuleHandleA("kernel32")), -1);
    CHECK(count_in_graph(GetModuleHandleA("first")) > 0);
    leaf = load("leaf");
    CHECK_EQ(count_in_graph(leaf), 1);
    branch = load("branch");
    CHECK_EQ(count_in_graph(leaf), 2);
    CHECK(LoadLibraryA("leaf") != NULL);
    CHECK_EQ(count_in_graph(leaf), 3);
    CHECK_EQ(count_in_graph(branch), 1);
    CHECK(FreeLibrary(branch));
    CHECK_EQ(count_in_graph(leaf), 2);
    CHECK(FreeLibrary(leaf));
    branch = load("quiet");
    CHECK(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN, "quiet", &branch));
    CHECK_EQ(count_in_graph(branch), -1);
    CHECK(FreeLibrary(branch));
    CHECK_EQ(count_in_graph(branch), -1);
    CHECK(FreeLibrary(leaf));
    CHECK_PTR(GetModuleHandleA("leaf"), NULL);
}

TEST(what_came_with_the_program_stays)
{
    HMODULE first = GetModuleHandleA("first");

    journal_clear();
    CHECK(FreeLibrary(first));
    CHECK_PTR(GetModuleHandleA("first"), first);
    CHECK_STR(journal_text(), "");
}

TEST(a_dll_may_refuse)
{
    journal_clear();
    CHECK_ERROR(LoadLibraryA("failing.dll") == NULL, ERROR_DLL_INIT_FAILED);
    CHECK_STR(journal_text(), "l1d f1d f0d l0d ");
    CHECK_PTR(GetModuleHandleA("failing"), NULL);
    CHECK_PTR(GetModuleHandleA("leaf"), NULL);
    CHECK_ERROR(LoadLibraryA("needs_failing.dll") == NULL, ERROR_DLL_INIT_FAILED);
    CHECK(strchr(journal_text(), 'n') == NULL);
    CHECK_PTR(GetModuleHandleA("needs_failing"), NULL);
}

static DWORD WINAPI do_nothing(void *unused)
{
    (void)unused;
    return 0;
}

static void run_thread(LPTHREAD_START_ROUTINE function, void *parameter)
{
    HANDLE thread = CreateThread(NULL, 0, function, parameter, 0, NULL);

    CHECK_EQ(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    CloseHandle(thread);
}

/* The exception's code is the load's error; one that is no error refuses. */
TEST(a_dll_may_raise)
{
    journal_clear();
    CHECK_ERROR(LoadLibraryA("raising.dll") == NULL, ERROR_NOACCESS);
    CHECK(strstr(journal_text(), "r1d ") == journal_text());
    CHECK_PTR(GetModuleHandleA("raising"), NULL);
    UNLESS_WINE("Wine 8 makes an error of any code")
    CHECK_ERROR(LoadLibraryA("odd.dll") == NULL, ERROR_DLL_INIT_FAILED);
    CHECK_PTR(GetModuleHandleA("odd"), NULL);
    journal_clear();
    CHECK(FreeLibrary(load("sulking.dll")));
    CHECK_STR(journal_text(), "s1d s0d ");
    CHECK_PTR(GetModuleHandleA("sulking"), NULL);
    /* The loader's lock is free. */
    run_thread(do_nothing, NULL);
}

TEST(dlls_may_need_each_other)
{
    HMODULE ring;

    journal_clear();
    ring = load("ring_a.dll");
    CHECK_STR(journal_text(), "y1d x1d ");
    CHECK_EQ(call(ring, "ring_a_value"), 98);
    CHECK_EQ(call(GetModuleHandleA("ring_b"), "ring_b_value"), 89);
    CHECK(FreeLibrary(ring));
    CHECK_PTR(GetModuleHandleA("ring_a"), NULL);
    CHECK_PTR(GetModuleHandleA("ring_b"), NULL);
}

TEST(ordinals)
{
    HMODULE target = load("target.dll");
    int (*function)(void) = (void *)GetProcAddress(target, (char *)7);

    CHECK(function != NULL && function() == 107);
    function = (void *)GetProcAddress(target, (char *)20);
    CHECK(function != NULL && function() == 120);
    CHECK_PTR(GetProcAddress(target, (char *)5), GetProcAddress(target, "named"));
    CHECK_PTR(GetProcAddress(target, (char *)4), NULL);
    CHECK_PTR(GetProcAddress(target, (char *)12), NULL);
    CHECK_PTR(GetProcAddress(target, (char *)21), NULL);
    CHECK_PTR(GetProcAddress(target, "seventh"), NULL);
    CHECK(FreeLibrary(target));
}

TEST(forwarders)
{
    HMODULE forward = load("forward.dll");

    CHECK_PTR(GetModuleHandleA("relay"), NULL);
    CHECK_EQ(call(forward, "to_name"), 100);
    CHECK_EQ(call(forward, "to_ordinal"), 107);
    CHECK_EQ(call(forward, "to_kernel32"), GetCurrentProcessId());
    CHECK_EQ(call(forward, "to_chain"), 100);
    CHECK_EQ(call(forward, "to_chain_of_ordinals"), 120);
    CHECK_PTR(GetProcAddress(forward, "to_name"), GetProcAddress(GetModuleHandleA("target"), "named"));
    CHECK(GetProcAddress(forward, "to_absent_name") == NULL);
    CHECK(GetProcAddress(forward, "to_absent_dll") == NULL);
    CHECK(GetProcAddress(forward, "to_name ") == NULL);
    CHECK(FreeLibrary(forward));
}

static jmp_buf rescue;
static DWORD raised;

static LONG CALLBACK escape(EXCEPTION_POINTERS *pointers)
{
    raised = pointers->ExceptionRecord->ExceptionCode;
    longjmp(rescue, 1);
}

/* The code of the exception that the function raises. */
static DWORD exception_of(int (*function)(void))
{
    void *handler = AddVectoredExceptionHandler(1, escape);

    raised = 0;
    if (setjmp(rescue) == 0)
        function();
    RemoveVectoredExceptionHandler(handler);
    return raised;
}

TEST(imports_of_every_kind)
{
    HMODULE importer = load("importer.dll"), target = GetModuleHandleA("target");
    int *(*data_address)(void) = (void *)GetProcAddress(importer, "data_address");

    CHECK_EQ(call(importer, "call_named"), 100);
    CHECK_EQ(call(importer, "call_ordinals"), 107120);
    CHECK_EQ(call(importer, "call_forwarders"), 200);
    CHECK_EQ(*data_address(), 5);
    CHECK_PTR(data_address(), GetProcAddress(target, "counter"));
    CHECK_EQ(call(target, "count_up"), 6);
    CHECK_EQ(*data_address(), 6);
    /* Windows would not load a DLL that imports what is not there; here the call is what fails. */
    CHECK_EQ(exception_of((void *)GetProcAddress(importer, "call_absent")), 0x80000100);
    CHECK(FreeLibrary(importer));
}

TEST(a_taken_base_means_relocation)
{
    HMODULE a = load("same_base_a.dll"), b = load("same_base_b.dll");

    CHECK(a != b);
    CHECK_PTR(*(int **)GetProcAddress(a, "counter_address"), GetProcAddress(a, "counter"));
    CHECK_PTR(*(int **)GetProcAddress(b, "counter_address"), GetProcAddress(b, "counter"));
    CHECK_EQ(call(a, "count_up"), 6);
    CHECK_EQ(call(a, "count_up"), 7);
    CHECK_EQ(call(b, "count_up"), 6);
    CHECK(FreeLibrary(a));
    CHECK(FreeLibrary(b));
    a = load("same_base_a.dll");
    CHECK_EQ(call(a, "count_up"), 6);
    CHECK(FreeLibrary(a));
}

/* A copy of same_base_a.dll in the current directory, which says that its relocations were stripped. */
static void make_fixed(const char *name)
{
    static BYTE content[65536];
    char path[MAX_PATH];
    HMODULE module = LoadLibraryA("same_base_a");
    IMAGE_NT_HEADERS *headers;
    HANDLE file;
    DWORD size;

    GetModuleFileNameA(module, path, MAX_PATH);
    FreeLibrary(module);
    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(ReadFile(file, content, sizeof content, &size, NULL));
    CloseHandle(file);
    headers = (IMAGE_NT_HEADERS *)(content + ((IMAGE_DOS_HEADER *)content)->e_lfanew);
    headers->FileHeader.Characteristics |= IMAGE_FILE_RELOCS_STRIPPED;
    headers->OptionalHeader.DllCharacteristics &= ~IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE;
    ZeroMemory(&headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_BASERELOC],
               sizeof(IMAGE_DATA_DIRECTORY));
    file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    CHECK(WriteFile(file, content, size, &size, NULL));
    CloseHandle(file);
}

TEST(without_relocations_a_taken_base_is_an_error)
{
    HMODULE a;

    make_fixed("fixed_a.dll");
    make_fixed("fixed_b.dll");
    a = load(".\\fixed_a.dll");
    CHECK_PTR(a, 0x66660000);
    CHECK_EQ(call(a, "count_up"), 6);
    SetLastError(CHECK_SENTINEL);
    CHECK_PTR(LoadLibraryA(".\\fixed_b.dll"), NULL);
    CHECK(GetLastError() == ERROR_INVALID_ADDRESS || GetLastError() == ERROR_BAD_EXE_FORMAT);
    CHECK(FreeLibrary(a));
    a = load(".\\fixed_b.dll");
    CHECK_PTR(a, 0x66660000);
    CHECK(FreeLibrary(a));
    CHECK(DeleteFileA("fixed_a.dll"));
    CHECK(DeleteFileA("fixed_b.dll"));
}

static DWORD WINAPI free_and_exit(void *module)
{
    FreeLibraryAndExitThread(module, 5);
}

TEST(threads_are_announced)
{
    HMODULE leaf = load("leaf"), quiet = load("quiet");

    journal_clear();
    run_thread(do_nothing, NULL);
    /* In the order of initialisation, and at the end the other way round. */
    CHECK_STR(journal_text(), "22d 12d l2d l3d 13d 23d ");
    CHECK(DisableThreadLibraryCalls(leaf));
    journal_clear();
    run_thread(do_nothing, NULL);
    CHECK_STR(journal_text(), "22d 12d 13d 23d ");
    journal_clear();
    run_thread(free_and_exit, quiet);
    CHECK(strstr(journal_text(), "q0d ") != NULL);
    CHECK_PTR(GetModuleHandleA("quiet"), NULL);
    CHECK(FreeLibrary(leaf));
}

TEST(a_dll_may_be_mere_data)
{
    HMODULE data, image, unresolved;

    journal_clear();
    data = LoadLibraryExA("leaf.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
    CHECK_EQ((ULONG_PTR)data & 3, 1);
    CHECK_EQ(*(WORD *)((ULONG_PTR)data & ~(ULONG_PTR)3), IMAGE_DOS_SIGNATURE);
    CHECK_PTR(GetModuleHandleA("leaf"), NULL);
    CHECK_PTR(GetProcAddress(data, "leaf_value"), NULL);
    CHECK(FreeLibrary(data));
    image = LoadLibraryExA("leaf.dll", NULL, LOAD_LIBRARY_AS_IMAGE_RESOURCE);
    CHECK_EQ((ULONG_PTR)image & 3, 2);
    CHECK(FreeLibrary(image));
    CHECK_STR(journal_text(), "");
    CHECK_ERROR(LoadLibraryExA("absent.dll", NULL, LOAD_LIBRARY_AS_DATAFILE) == NULL, ERROR_FILE_NOT_FOUND);
    unresolved = LoadLibraryExA("branch.dll", NULL, DONT_RESOLVE_DLL_REFERENCES);
    CHECK(unresolved != NULL);
    CHECK_PTR(GetModuleHandleA("branch"), unresolved);
    CHECK_PTR(GetModuleHandleA("leaf"), NULL);
    CHECK_STR(journal_text(), "");
    CHECK(FreeLibrary(unresolved));
    CHECK_STR(journal_text(), "");
}

TEST(a_delayed_import_comes_with_its_first_call)
{
    CHECK_PTR(GetModuleHandleA("delayed"), NULL);
    journal_clear();
    CHECK_EQ(delayed_value(), 12);
    CHECK_STR(journal_text(), "d1d ");
    CHECK_EQ(delayed_value(), 12);
    CHECK(GetModuleHandleA("delayed") != NULL);
    /* What the helper in the program raises, and the last error in its low half. */
    CHECK_EQ(exception_of(delayed_absent), 0xC06D0000 | ERROR_PROC_NOT_FOUND);
    CHECK_EQ(exception_of(never_value), 0xC06D0000 | ERROR_MOD_NOT_FOUND);
}

int main(int argc, char **argv)
{
    /* For a case of the runner's: the journal prints the order of the end. */
    if (argc > 1) {
        load("branch");
        if (strcmp(argv[1], "terminate") == 0)
            TerminateProcess(GetCurrentProcess(), 7);
        return 7;
    }
    RUN(what_the_program_imports_came_first);
    RUN(dependencies_come_first_and_go_last);
    RUN(loads_are_counted);
    RUN(what_came_with_the_program_stays);
    RUN(a_dll_may_refuse);
    RUN(a_dll_may_raise);
    RUN(dlls_may_need_each_other);
    RUN(ordinals);
    RUN(forwarders);
    RUN(imports_of_every_kind);
    RUN(a_taken_base_means_relocation);
    RUN(without_relocations_a_taken_base_is_an_error);
    RUN(threads_are_announced);
    RUN(a_dll_may_be_mere_data);
    RUN(a_delayed_import_comes_with_its_first_call);
    RUN(who_wants_to_know_is_told);
    UNLESS_WINE("Wine 8 keeps no counts there") RUN(counts_are_in_the_graph);
    return CHECK_END();
}
