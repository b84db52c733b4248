/* Ends in a way that a report has something to say of: crashes KIND. tests/crash/crash_test.py reads the
 * reports. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile ULONG_PTR bad = 0x10;
static const char *kind = "";

__attribute__((noinline)) static int read_null(void)
{
    return *(volatile int *)bad;
}

/* Where the address is */

static int read_reserved(void)
{
    return *(volatile int *)VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_READWRITE);
}

static int read_guard(void)
{
    return *(volatile int *)VirtualAlloc(NULL, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
}

static int write_constant(void)
{
    static const char *volatile text = "constant";
    return *(char *)text = 6;
}

static int write_view(void)
{
    char path[MAX_PATH];
    GetModuleFileNameA(NULL, path, sizeof path);
    HANDLE file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE mapping = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    char *view = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    return view[5] = 1;
}

static int run_stack(void)
{
    volatile unsigned char code[16] = {0xc3};
    ((void (*)(void))(ULONG_PTR)code)();
    return code[0];
}

/* Where the code is */

static int compare(const void *left, const void *right)
{
    return left == right ? 0 : read_null();
}

__attribute__((noinline)) static int recurse(int depth)
{
    volatile char room[1000];
    room[depth % 1000] = 1;
    return bad ? recurse(depth + 1) + room[0] : 0;
}

static int overflow(void)
{
    return recurse(1);
}

static int sort(void)
{
    int numbers[] = {3, 1, 2};
    qsort(numbers, 3, sizeof *numbers, compare);
    return numbers[0];
}

/* Called with the loader lock held. */
static void NTAPI on_attach(PVOID module, DWORD reason, PVOID reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH && strstr(GetCommandLineA(), " in_callback"))
        read_null();
}
__attribute__((section(".CRT$XLC"), used)) static PIMAGE_TLS_CALLBACK tls_callback = on_attach;

/* -- a process that is broken -----------------------------------------------------------------------------
 */

static volatile LONG ready;

static DWORD CALLBACK crash_together(void *argument)
{
    (void)argument;
    InterlockedDecrement(&ready);
    while (ready)
        YieldProcessor();
    return read_null();
}

static int crash_twice(void)
{
    HANDLE threads[2];
    ready = 2;
    for (int i = 0; i < 2; i++)
        threads[i] = CreateThread(NULL, 0, crash_together, NULL, 0, NULL);
    WaitForMultipleObjects(2, threads, TRUE, INFINITE);
    return 0;
}

static int crash_with_heap_locked(void)
{
    HeapLock(GetProcessHeap());
    return read_null();
}

static int crash_with_heap_corrupt(void)
{
    char *blocks[100];
    for (int i = 0; i < 100; i++)
        blocks[i] = malloc(40);
    for (int i = 0; i < 100; i++)
        memset(blocks[i] - 16, 0xa5, 72);
    return read_null();
}

/* Overwrites the return addresses of its callers. */
__attribute__((noinline)) static int crash_on_broken_stack(void)
{
    volatile ULONG_PTR words[4];
    for (int i = 0; i < 100; i++)
        ((volatile ULONG_PTR *)words)[i] = 0x1234567;
    return read_null() + (int)words[0];
}

static LONG CALLBACK crash_in_filter(EXCEPTION_POINTERS *pointers)
{
    return pointers->ExceptionRecord ? read_null() : 0;
}

static LONG CALLBACK accept_exception(EXCEPTION_POINTERS *pointers)
{
    return pointers->ExceptionRecord ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH;
}

static DWORD CALLBACK wait_for_ever(void *argument)
{
    Sleep(INFINITE);
    return argument != NULL;
}

static int crash_in_named_thread(void)
{
    HRESULT(WINAPI * describe)
    (HANDLE, PCWSTR) = (void *)GetProcAddress(GetModuleHandleA("kernel32"), "SetThreadDescription");
    describe(GetCurrentThread(), L"the \u00e4 thread");
    CreateThread(NULL, 0, wait_for_ever, NULL, 0, NULL);
    return read_null();
}

/* -- raising ------------------------------------------------------------------------------------------------
 */

static int raise_exception(void)
{
    static const ULONG_PTR parameters[] = {1, 0x234};
    RaiseException(0xE0001234, 0, 2, parameters);
    return 0;
}

static int illegal(void)
{
    __asm__ volatile("ud2");
    return 0;
}

static int fail_fast(void)
{
    __asm__ volatile("int $0x29" : : "c"(3));
    return 0;
}

static int fail_fast_by_call(void)
{
    RaiseFailFastException(NULL, NULL, 0);
    return 0;
}

/* What compilers put in place of a pure virtual function. */
static int pure_call(void)
{
    void (*function)(void) = (void (*)(void))(void *)GetProcAddress(GetModuleHandleA("msvcrt"), "_purecall");
    function();
    return 0;
}

#ifdef _WIN64
/* The program describes code that it makes by a function of its own, which is called for each frame; and
 * which is no good any more when it comes to the report. */
static struct {
    unsigned char code[16], info[8];
    RUNTIME_FUNCTION function;
} * made;
static volatile LONG is_bad;

static PRUNTIME_FUNCTION CALLBACK describe(DWORD64 pc, PVOID context)
{
    (void)pc;
    if (is_bad)
        Sleep(context ? INFINITE : 0);
    return is_bad ? (PRUNTIME_FUNCTION)(ULONG_PTR)read_null() : &made->function;
}

static LONG CALLBACK make_bad(EXCEPTION_POINTERS *pointers)
{
    is_bad = pointers->ExceptionRecord != NULL;
    return EXCEPTION_CONTINUE_SEARCH;
}

static int crash_in_made_code(void *hangs)
{
    static const unsigned char code[] = {0x48, 0x83, 0xec, 0x28, 0xff, 0xd1, 0x48, 0x83, 0xc4, 0x28, 0xc3};
    made = VirtualAlloc(NULL, sizeof *made, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    memcpy(made->code, code, sizeof code);
    memcpy(made->info, "\x01\x04\x01\x00\x04\x42\x00", 8); /* sub rsp, 0x28 */
    made->function.EndAddress = sizeof code;
    made->function.UnwindData = (DWORD)((char *)made->info - (char *)made);
    RtlInstallFunctionTableCallback((DWORD64)made | 3, (DWORD64)made, 0x1000, describe, hangs, NULL);
    SetUnhandledExceptionFilter(make_bad);
    return ((int (*)(int (*)(void)))(void *)made->code)(read_null);
}

static int crash_with_bad_table(void)
{
    return crash_in_made_code(NULL);
}

static int crash_with_stuck_table(void)
{
    return crash_in_made_code(&made);
}
#endif

static int start_child(void)
{
    char line[MAX_PATH + 20];
    PROCESS_INFORMATION process;
    STARTUPINFOA startup = {.cb = sizeof startup};
    GetModuleFileNameA(NULL, line, MAX_PATH);
    strcat(line, " read_null");
    CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process);
    WaitForSingleObject(process.hProcess, INFINITE);
    return 0;
}

static const struct {
    const char *name;
    int (*function)(void);
} kinds[] = {
    {"read_null", read_null},
    {"read_reserved", read_reserved},
    {"read_guard", read_guard},
    {"write_constant", write_constant},
    {"write_view", write_view},
    {"run_stack", run_stack},
    {"sort", sort},
    {"overflow", overflow},
    {"twice", crash_twice},
    {"heap_locked", crash_with_heap_locked},
    {"heap_corrupt", crash_with_heap_corrupt},
    {"broken_stack", crash_on_broken_stack},
    {"named_thread", crash_in_named_thread},
    {"raise", raise_exception},
    {"illegal", illegal},
    {"fail_fast", fail_fast},
    {"fail_fast_by_call", fail_fast_by_call},
    {"pure_call", pure_call},
#ifdef _WIN64
    {"bad_table", crash_with_bad_table},
    {"stuck_table", crash_with_stuck_table},
#endif
    {"child", start_child},
};

int main(int argc, char **argv)
{
    kind = argc > 1 ? argv[1] : "";
    if (argc > 2 && !strcmp(argv[2], "accept"))
        SetUnhandledExceptionFilter(accept_exception);
    if (argc > 2 && !strcmp(argv[2], "filter"))
        SetUnhandledExceptionFilter(crash_in_filter);
    puts(kind);
    fflush(stdout);
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kind, kinds[i].name))
            return kinds[i].function();
    return 100;
}
