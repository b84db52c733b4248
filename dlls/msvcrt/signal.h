/* signal and raise. */
#ifndef MSVCRT_SIGNAL_H
#define MSVCRT_SIGNAL_H

enum {
    CRT_SIGINT = 2,
    CRT_SIGILL = 4,
    CRT_SIGFPE = 8,
    CRT_SIGSEGV = 11,
    CRT_SIGTERM = 15,
    CRT_SIGBREAK = 21,
    CRT_SIGABRT = 22,
    CRT_SIGABRT_COMPAT = 6,
};

int crt_raise(int number);

#endif
