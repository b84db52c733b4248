/* What the C runtime keeps for each thread. */
#ifndef MSVCRT_THREAD_DATA_H
#define MSVCRT_THREAD_DATA_H

#include <litewin/windows.h>

struct crt_buffers;

typedef void(GUEST_CDECL *crt_se_translator)(unsigned code, EXCEPTION_POINTERS *pointers);

/* Lives in static TLS, of which a library that is loaded late has little: what is big belongs in
 * struct crt_buffers. */
struct crt_thread {
    int32_t error;        /* errno, in Windows' numbering (crt_errno.h) */
    uint32_t dos_error;   /* _doserrno */
    uint32_t random;      /* rand's state */
    int32_t fp_exception; /* _fpecode, while a SIGFPE handler runs */
    char *strtok_next;
    WCHAR *wcstok_next;
    unsigned char *mbstok_next;
    void *exception;                 /* _pxcptinfoptrs, while a signal handler runs */
    void *thread_handle;             /* of a thread that _beginthread made: closed at its end */
    crt_se_translator se_translator; /* makes C++ exceptions of others */
    int32_t cxx_unwinding;           /* how many C++ exceptions are on their way */
    struct crt_buffers *buffers;
};

extern __thread struct crt_thread crt_thread __attribute__((tls_model("initial-exec")));

/* Results that a function returns in storage of its own; they stay until the thread's next call. */
struct crt_buffers {
    int32_t broken_down_time[9]; /* struct tm of localtime and gmtime */
    char time_text[26];
    WCHAR wide_time_text[26];
    char error_text[256];
    WCHAR wide_error_text[256];
    char number_text[352]; /* _ecvt and _fcvt */
    /* Handlers of SIGILL, SIGFPE and SIGSEGV, which Windows keeps for each thread. */
    void *fault_handlers[3];
};

/* Made on the thread's first use and freed with the thread; NULL with errno ENOMEM without memory. */
struct crt_buffers *crt_thread_buffers(void);

#endif
