/* Makes calls of every kind for tests/trace to look at: traced.exe calls | threads | child | terminate |
 * crash. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define TEN       "0123456789"
#define LONG_TEXT TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static jmp_buf back;

static int compare(const void *a, const void *b)
{
    return lstrcmpA(*(const char *const *)a, *(const char *const *)b);
}

static int leave(const void *a, const void *b)
{
    longjmp(back, lstrlenA("about to leave") + (a == b));
}

static DWORD WINAPI end_by_exit_thread(void *code)
{
    lstrlenA("in a thread");
    ExitThread((DWORD)(ULONG_PTR)code);
}

static void files(void)
{
    DWORD written;
    char full[MAX_PATH];
    CreateFileA("not there", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE file = CreateFileW(L"tr\u00e4ced \"1\".txt", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) /* quotes are not for names */
        file = CreateFileW(L"tr\u00e4ced.txt", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    WriteFile(file, "abc", 3, &written, NULL);
    WriteFile(file, "\xff\0\n", 3, &written, NULL);
    WriteFile(file, LONG_TEXT, 100, &written, NULL);
    CloseHandle(file);
    DeleteFileW(L"tr\u00e4ced.txt");
    GetFullPathNameA("x.txt", sizeof full, full, NULL);
}

static void buffers(void)
{
    SYSTEM_INFO system;
    WCHAR wide[20];
    char narrow[20];
    GetSystemInfo(&system);
    MultiByteToWideChar(CP_UTF8, 0, "tr\u00e4ced", -1, wide, 20);
    WideCharToMultiByte(CP_ACP, WC_NO_BEST_FIT_CHARS, L"two words", 3, narrow, sizeof narrow, NULL, NULL);
}

static void callbacks(void)
{
    const char *words[] = {"b", "a"};
    qsort(words, 2, sizeof *words, compare);
    if (!setjmp(back))
        qsort(words, 2, sizeof *words, leave);
    lstrlenA("after");
}

static LONG CALLBACK skip_fault(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != 0xe0001234)
        return EXCEPTION_CONTINUE_SEARCH;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void exceptions(void)
{
    ULONG_PTR parameters[] = {1, 2};
    void *handler = AddVectoredExceptionHandler(1, skip_fault);
    RaiseException(0xe0001234, 0, 2, parameters);
    RemoveVectoredExceptionHandler(handler);
}

/* kernel32 forwards both of the first to ntdll; the last two are called by ntdll's names. */
static void forwarders(void)
{
    static CRITICAL_SECTION section;
    union {
        FARPROC procedure;
        void(WINAPI *enter)(CRITICAL_SECTION *);
        void *(WINAPI *encode)(void *);
    } rtl_enter, rtl_encode, encode;
    HMODULE ntdll = GetModuleHandleA("ntdll"), kernel32 = GetModuleHandleA("kernel32");
    rtl_enter.procedure = GetProcAddress(ntdll, "RtlEnterCriticalSection");
    rtl_encode.procedure = GetProcAddress(ntdll, "RtlEncodePointer");
    encode.procedure = GetProcAddress(kernel32, "EncodePointer");
    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    encode.encode((void *)0x123);
    rtl_enter.enter(&section);
    rtl_encode.encode((void *)0x456);
}

static int calls(void)
{
    forwarders();
    exceptions();
    files();
    buffers();
    callbacks();
    IsBadStringPtrA((const char *)(ULONG_PTR)16, 4);
    lstrlenA("line\n\ttab \\ \x01");
    lstrlenA(LONG_TEXT);
    void *memory = VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    VirtualFree(memory, 0, MEM_RELEASE);
    HMODULE dll = LoadLibraryA("ws2_32.dll");
    FreeLibrary(dll);
    printf("%d %s %.1f\n", 42, "text", 1.5);
    HANDLE thread = CreateThread(NULL, 0, end_by_exit_thread, (void *)7, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    SetLastError(5);
    return GetLastError() == 5 ? 3 : 4;
}

static DWORD WINAPI many_calls(void *count)
{
    for (ULONG_PTR i = 0; i < (ULONG_PTR)count; i++)
        lstrlenA("one of many");
    return 0;
}

static int threads(void)
{
    HANDLE all[16];
    for (int i = 0; i < 16; i++)
        all[i] = CreateThread(NULL, 0, many_calls, (void *)500, 0, NULL);
    WaitForMultipleObjects(16, all, TRUE, INFINITE);
    return 0;
}

static int child(const char *program)
{
    STARTUPINFOA startup = {sizeof startup};
    PROCESS_INFORMATION process;
    char line[MAX_PATH + 20];
    DWORD code = 99;
    snprintf(line, sizeof line, "\"%s\" threads", program);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))
        return 98;
    many_calls((void *)500);
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}

static DWORD WINAPI endless_calls(void *begun)
{
    many_calls((void *)10);
    SetEvent(begun);
    return many_calls((void *)(ULONG_PTR)-1);
}

/* Others are in the middle of their calls when the process ends. */
static int end_among_others(const char *how)
{
    for (int i = 0; i < 4; i++) {
        HANDLE begun = CreateEventA(NULL, TRUE, FALSE, NULL);
        CreateThread(NULL, 0, endless_calls, begun, 0, NULL);
        WaitForSingleObject(begun, INFINITE);
    }
    many_calls((void *)500);
    lstrlenA("the last");
    if (!strcmp(how, "terminate"))
        TerminateProcess(GetCurrentProcess(), 5);
    *(volatile char *)NULL = 1;
    return 96;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 97;
    if (!strcmp(argv[1], "terminate") || !strcmp(argv[1], "crash"))
        return end_among_others(argv[1]);
    return !strcmp(argv[1], "calls") ? calls() : !strcmp(argv[1], "threads") ? threads() : child(argv[0]);
}
