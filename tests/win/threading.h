/* For programs about threads and what they wait for. */
#ifndef THREADING_H
#define THREADING_H

#include "check.h"

/* Milliseconds, for what should take none. */
#define PATIENCE 30000

static inline HANDLE start(LPTHREAD_START_ROUTINE function, void *parameter)
{
    HANDLE thread = CreateThread(NULL, 0, function, parameter, 0, NULL);

    CHECK(thread != NULL);
    return thread;
}

/* Closes the thread's handle too, and returns its exit code. */
static inline DWORD join(HANDLE thread)
{
    DWORD code = 0;

    CHECK_EQ(WaitForSingleObject(thread, PATIENCE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK(CloseHandle(thread));
    return code;
}

static inline DWORD poll(HANDLE handle)
{
    return WaitForSingleObject(handle, 0);
}

/* Milliseconds, exact to a microsecond. */
static inline double now(void)
{
    LARGE_INTEGER frequency, counter;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&counter);
    return counter.QuadPart * 1000.0 / frequency.QuadPart;
}

#endif
