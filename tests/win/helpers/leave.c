/* leave HOW CODE: ends the process with CODE in one of the ways there are. */
#include <windows.h>
#include <stdlib.h>
#include <string.h>

static DWORD WINAPI exit_process(void *code)
{
    ExitProcess((UINT)(ULONG_PTR)code);
}

static DWORD WINAPI outlive_main(void *code)
{
    Sleep(20);
    return (DWORD)(ULONG_PTR)code;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    UINT code = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
    void *parameter = (void *)(ULONG_PTR)code;

    if (strcmp(how, "return") == 0)
        return (int)code;
    if (strcmp(how, "exit") == 0)
        exit((int)code);
    if (strcmp(how, "_exit") == 0)
        _exit((int)code);
    if (strcmp(how, "ExitProcess") == 0)
        ExitProcess(code);
    if (strcmp(how, "TerminateProcess") == 0)
        TerminateProcess(GetCurrentProcess(), code);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "thread") == 0) {
        CreateThread(NULL, 0, exit_process, parameter, 0, NULL);
        Sleep(INFINITE);
    }
    /* The process lives until its last thread ends, and that thread's code is the process's. */
    if (strcmp(how, "last-thread") == 0) {
        CreateThread(NULL, 0, outlive_main, parameter, 0, NULL);
        ExitThread(1);
    }
    return 99;
}
