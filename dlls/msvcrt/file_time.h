/* Between Windows' file times and seconds since 1970. */
#ifndef MSVCRT_FILE_TIME_H
#define MSVCRT_FILE_TIME_H

#include <litewin/windows.h>

#define FILE_TIME_SECOND 10000000LL
#define FILE_TIME_1970   116444736000000000LL

/* time_t of the functions whose name does not say: programs for i386 that old know no other. */
#ifdef __x86_64__
typedef int64_t crt_time_t;
#else
typedef int32_t crt_time_t;
#endif

/* A time that a file does not have is 0 in Windows and -1 here. */
static inline int64_t seconds_of_file_time(FILETIME time)
{
    int64_t ticks = (int64_t)((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime);
    if (!ticks)
        return -1;
    int64_t since = ticks - FILE_TIME_1970;
    return since >= 0 ? since / FILE_TIME_SECOND : -1;
}

static inline FILETIME file_time_of_seconds(int64_t seconds)
{
    int64_t ticks = seconds * FILE_TIME_SECOND + FILE_TIME_1970;
    return (FILETIME){(DWORD)ticks, (DWORD)(ticks >> 32)};
}

#endif
