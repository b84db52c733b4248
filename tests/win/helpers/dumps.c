/* Has dbghelp write a minidump of itself: dumps KIND FILE. tests/crash/crash_test.py reads it. */
#include <windows.h>
#include <dbghelp.h>
#include <stdio.h>
#include <string.h>

typedef BOOL(WINAPI *write_dump)(HANDLE process, DWORD id, HANDLE file, MINIDUMP_TYPE type,
                                 PMINIDUMP_EXCEPTION_INFORMATION exception,
                                 PMINIDUMP_USER_STREAM_INFORMATION streams,
                                 PMINIDUMP_CALLBACK_INFORMATION callback);

static write_dump write;
static const char *path;
static volatile ULONG_PTR bad = 0x10;

static HANDLE create(void)
{
    return CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
}

static LONG CALLBACK on_exception(EXCEPTION_POINTERS *pointers)
{
    static char comment[] = "it was the cat";
    MINIDUMP_USER_STREAM stream = {CommentStreamA, sizeof comment, comment};
    MINIDUMP_USER_STREAM_INFORMATION streams = {1, &stream};
    MINIDUMP_EXCEPTION_INFORMATION exception = {GetCurrentThreadId(), pointers, FALSE};
    HANDLE file = create();
    BOOL written =
        write(GetCurrentProcess(), GetCurrentProcessId(), file, MiniDumpNormal, &exception, &streams, NULL);
    CloseHandle(file);
    printf("written: %d\n", written);
    fflush(stdout);
    return EXCEPTION_EXECUTE_HANDLER;
}

__attribute__((noinline)) static int fault(void)
{
    return *(volatile int *)bad;
}

__attribute__((noinline)) static BOOL dump_itself(HANDLE file)
{
    return write(GetCurrentProcess(), GetCurrentProcessId(), file, MiniDumpNormal, NULL, NULL, NULL);
}

/* What a program prints of its own stack. */
static void show_frame(DWORD64 address)
{
    BOOL(WINAPI * find_symbol)
    (HANDLE, DWORD64, PDWORD64, PSYMBOL_INFO) =
        (void *)GetProcAddress(GetModuleHandleA("dbghelp"), "SymFromAddr");
    BOOL(WINAPI * find_line)
    (HANDLE, DWORD64, PDWORD, PIMAGEHLP_LINE64) =
        (void *)GetProcAddress(GetModuleHandleA("dbghelp"), "SymGetLineFromAddr64");
    union {
        SYMBOL_INFO symbol;
        char bytes[sizeof(SYMBOL_INFO) + 100];
    } buffer = {.symbol = {.SizeOfStruct = sizeof(SYMBOL_INFO), .MaxNameLen = 100}};
    IMAGEHLP_LINE64 line = {.SizeOfStruct = sizeof line};
    DWORD64 offset;
    DWORD line_offset;
    if (!find_symbol(GetCurrentProcess(), address, &offset, &buffer.symbol))
        return;
    printf("%s", buffer.symbol.Name);
    if (find_line(GetCurrentProcess(), address - 1, &line_offset, &line))
        printf(" %s:%lu", strrchr(line.FileName, '/') + 1, line.LineNumber);
    printf("\n");
}

__attribute__((noinline)) static void show_stack(void)
{
    BOOL(WINAPI * walk)
    (DWORD, HANDLE, HANDLE, LPSTACKFRAME64, PVOID, void *, void *, void *, void *) =
        (void *)GetProcAddress(GetModuleHandleA("dbghelp"), "StackWalk64");
    STACKFRAME64 frame = {.AddrPC = {.Mode = AddrModeFlat}};
    CONTEXT context;
    RtlCaptureContext(&context);
#ifdef _WIN64
    DWORD machine = IMAGE_FILE_MACHINE_AMD64;
#else
    DWORD machine = IMAGE_FILE_MACHINE_I386;
#endif
    for (int i = 0; i < 50 && walk(machine, GetCurrentProcess(), GetCurrentThread(), &frame, &context, NULL,
                                   NULL, NULL, NULL);
         i++)
        show_frame(frame.AddrPC.Offset);
}

static DWORD CALLBACK sleep_for_ever(void *argument)
{
    SetEvent(argument);
    Sleep(INFINITE);
    return 0;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 2 ? argv[1] : "";
    path = argc > 2 ? argv[2] : "";
    write = (write_dump)(void *)GetProcAddress(LoadLibraryA("dbghelp"), "MiniDumpWriteDump");
    HANDLE started = CreateEventA(NULL, FALSE, FALSE, NULL);
    CreateThread(NULL, 0, sleep_for_ever, started, 0, NULL);
    WaitForSingleObject(started, INFINITE);
    if (!strcmp(kind, "crash")) {
        SetUnhandledExceptionFilter(on_exception);
        return fault();
    }
    if (!strcmp(kind, "itself"))
        printf("written: %d\n", dump_itself(create()));
    if (!strcmp(kind, "walk"))
        show_stack();
    if (!strcmp(kind, "closed")) {
        BOOL written = dump_itself((HANDLE)(ULONG_PTR)0x7777770);
        printf("written: %d, %lx\n", written, GetLastError());
    }
    return 0;
}
