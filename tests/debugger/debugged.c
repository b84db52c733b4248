/* What debugger_test.py looks at: debugged MODE. Its lines are found by their marks. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

WINBASEAPI HRESULT WINAPI SetThreadDescription(HANDLE thread, PCWSTR name); /* not in MinGW-w64's headers */

/* litewin has functions and files of such names, too: a breakpoint must be in these. */
static int compare(const void *left, const void *right)
{
    int first = *(const int *)left, second = *(const int *)right;
    return first - second; /* mark: compare */
}

static int sort(void)
{
    int values[] = {3, 1, 2};
    qsort(values, 3, sizeof *values, compare);
    return values[0];
}

static int late(void)
{
    int total = 0;
    for (int i = 1; i <= 2; i++) {
        HMODULE module = LoadLibraryA("plug.dll");
        int (*work)(int) = (int (*)(int))(void *)GetProcAddress(module, "plug_work");
        total += work(i);
        FreeLibrary(module);
    }
    return total;
}

static int called_back(int value)
{
    return value + 1; /* mark: called_back */
}

/* A DLL that has neither symbols nor debug information. */
static int bare(void)
{
    HMODULE module = LoadLibraryA("bare.dll");
    int (*call)(int (*)(int), int) = (int (*)(int (*)(int), int))(void *)GetProcAddress(module, "bare_call");
    return call(called_back, 4);
}

/* Code that is made while the program runs, and says how it is unwound. */
static int made(void)
{
#ifdef _WIN64
    static const unsigned char code[] = {
        0x53, 0x48, 0x83, 0xec, 0x40, /* push %rbx; sub $0x40, %rsp */
        0x48, 0x89, 0xc8, 0x89, 0xd1, /* mov %rcx, %rax; mov %edx, %ecx */
        0xff, 0xd0,                   /* call *%rax */
        0x48, 0x83, 0xc4, 0x40, 0x5b, /* add $0x40, %rsp; pop %rbx */
        0xc3,
    };
    static const unsigned char unwind[] = {1, 5, 2, 0, 5, 0x72, 1, 0x30};
    static RUNTIME_FUNCTION function = {0, sizeof code, 0x100};
    char *memory = VirtualAlloc(NULL, 0x1000, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    memcpy(memory, code, sizeof code);
    memcpy(memory + 0x100, unwind, sizeof unwind);
    RtlAddFunctionTable(&function, 1, (DWORD64)memory);
    return ((int (*)(int (*)(int), int))(void *)memory)(called_back, 4);
#else
    return called_back(4);
#endif
}

static int crash(volatile int *where)
{
    return *where = 1; /* mark: crash */
}

static LONG CALLBACK settle(EXCEPTION_POINTERS *pointers)
{
    return pointers->ExceptionRecord->ExceptionCode >> 24 == 0xE1 ? EXCEPTION_CONTINUE_EXECUTION
                                                                  : EXCEPTION_CONTINUE_SEARCH;
}

static int raise_exceptions(void)
{
    AddVectoredExceptionHandler(1, settle);
    RaiseException(0xE1000001, 0, 0, NULL);
    RaiseException(0xE1000002, 0, 0, NULL); /* mark: raise */
    return 0;
}

static int talk(void)
{
    OutputDebugStringA("said in bytes\n");
    OutputDebugStringW(L"said in units");
    printf("debugger %d\n", IsDebuggerPresent());
    fflush(stdout);
    DebugBreak();
    return 0;
}

static DWORD CALLBACK sleeper(void *event)
{
    return WaitForSingleObject(event, INFINITE);
}

static int waiting(void)
{
    static volatile int counter;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, "Local\\the event");
    HANDLE thread = CreateThread(NULL, 0, sleeper, event, 0, NULL);
    HANDLE stopped = CreateThread(NULL, 0, sleeper, event, CREATE_SUSPENDED, NULL);
    char *memory = VirtualAlloc(NULL, 0x30000, MEM_RESERVE, PAGE_READWRITE);
    HANDLE file = CreateFileA("a file.txt", GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
    SetThreadDescription(thread, L"the sleeper");
    VirtualAlloc(memory, 0x2000, MEM_COMMIT, PAGE_READONLY);
    printf("ready event %p file %p memory %p\n", event, file, (void *)memory);
    fflush(stdout);
    counter = getchar();
    SetEvent(event);
    ResumeThread(stopped);
    WaitForSingleObject(thread, INFINITE);
    WaitForSingleObject(stopped, INFINITE);
    printf("debugger %d\n", IsDebuggerPresent());
    return counter != '\n';
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : ""; /* mark: main */
    if (!strcmp(mode, "sort"))
        return sort();
    if (!strcmp(mode, "late"))
        return late();
    if (!strcmp(mode, "bare"))
        return bare();
    if (!strcmp(mode, "made"))
        return made();
    if (!strcmp(mode, "crash"))
        return crash((int *)0x10);
    if (!strcmp(mode, "raise"))
        return raise_exceptions();
    if (!strcmp(mode, "talk"))
        return talk();
    if (!strcmp(mode, "wait"))
        return waiting();
    return 100;
}
