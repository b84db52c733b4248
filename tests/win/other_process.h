/* For programs that run themselves again, told by an argument what to do meanwhile. */
#ifndef OTHER_PROCESS_H
#define OTHER_PROCESS_H

#include "check.h"
#include <stdio.h>

/* What is run: this program, or its like for another architecture. */
static char program[MAX_PATH];

static inline HANDLE start(const char *role, DWORD flags, PROCESS_INFORMATION *process)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    char line[MAX_PATH + 32];

    snprintf(line, sizeof line, "\"%s\" %s", program, role);
    CHECK(CreateProcessA(program, line, NULL, NULL, FALSE, flags, NULL, NULL, &startup, process));
    return process->hProcess;
}

static inline void terminate(const PROCESS_INFORMATION *process)
{
    CHECK(TerminateProcess(process->hProcess, 7));
    CHECK_EQ(WaitForSingleObject(process->hProcess, 20000), WAIT_OBJECT_0);
}

static inline void forget(const PROCESS_INFORMATION *process)
{
    CHECK(CloseHandle(process->hThread));
    CHECK(CloseHandle(process->hProcess));
}

static inline void finish(const PROCESS_INFORMATION *process)
{
    terminate(process);
    forget(process);
}

#endif
