/* Ends by an exception that nobody handles: crash KIND. */
#include <windows.h>
#include <stdlib.h>
#include <string.h>

static volatile ULONG_PTR bad = 0x10;
static volatile int zero;

static LONG CALLBACK accept_exception(EXCEPTION_POINTERS *pointers)
{
    return pointers->ExceptionRecord ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH;
}

static LONG CALLBACK decline_exception(EXCEPTION_POINTERS *pointers)
{
    return pointers->ExceptionRecord ? EXCEPTION_CONTINUE_SEARCH : EXCEPTION_EXECUTE_HANDLER;
}

static int fault(void)
{
    return *(volatile int *)bad;
}

static int recurse(int depth)
{
    volatile char room[1000];
    room[depth % 1000] = 1;
    return bad ? recurse(depth + 1) + room[0] : 0;
}

static DWORD CALLBACK fault_in_thread(void *argument)
{
    return argument ? 0 : (DWORD)fault();
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";

    if (!strcmp(kind, "read"))
        return fault();
    if (!strcmp(kind, "write"))
        return *(volatile int *)bad = 1;
    if (!strcmp(kind, "execute"))
        ((void (*)(void))bad)();
    if (!strcmp(kind, "divide"))
        return 5 / zero;
    if (!strcmp(kind, "breakpoint"))
        __asm__ volatile("int3");
    if (!strcmp(kind, "fastfail"))
        __asm__ volatile("int $0x29" : : "c"(7));
    if (!strcmp(kind, "overflow"))
        return recurse(argc);
    if (!strcmp(kind, "raise"))
        RaiseException(strtoul(argv[2], NULL, 0), 0, 0, NULL);
    if (!strcmp(kind, "thread")) {
        WaitForSingleObject(CreateThread(NULL, 0, fault_in_thread, NULL, 0, NULL), INFINITE);
        return 0;
    }
    if (!strcmp(kind, "strlen"))
        return (int)((size_t(*volatile)(const char *))strlen)((const char *)bad);
    if (!strcmp(kind, "accepted"))
        SetUnhandledExceptionFilter(accept_exception);
    if (!strcmp(kind, "declined"))
        SetUnhandledExceptionFilter(decline_exception);
    if (!strcmp(kind, "silent"))
        SetErrorMode(SEM_NOGPFAULTERRORBOX);
    return fault();
}
