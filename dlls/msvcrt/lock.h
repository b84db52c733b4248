/* The C runtime's own locks. They are numbered, since programs take some of them by _lock(number). */
#ifndef MSVCRT_LOCK_H
#define MSVCRT_LOCK_H

#include "dlls/msvcrt/mutex.h"

enum crt_lock_number {
    CRT_LOCK_SIGNAL = 0,
    CRT_LOCK_TIME = 6,
    CRT_LOCK_ENVIRONMENT = 7,
    CRT_LOCK_EXIT = 8, /* MinGW's atexit takes it around __dllonexit */
    CRT_LOCK_CONSOLE = 11,
    CRT_LOCK_LOCALE = 12,
    CRT_LOCK_STREAMS = 16, /* the first of those of _iob: MinGW's _lock_file takes them */
    CRT_LOCK_COUNT = 48,
};

extern struct crt_mutex crt_locks[CRT_LOCK_COUNT];

/* Recursive, like the critical sections they are on Windows. */
void crt_lock(int number);
void crt_unlock(int number);

#endif
