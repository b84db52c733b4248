/* A DLL with a whole TLS directory: a template, zeros behind it, an alignment, two callbacks. It keeps a log
 * of who was called with what: `a` and `b` are the callbacks, `m` is DllMain; the reason follows. */
#include "directory.h"

#define IN_TEMPLATE __attribute__((section(".tls"), used))

enum { ZEROS = 256 };

IN_TEMPLATE static int numbers[4] = {11, 22, 33, 44};

static char log_text[200];
static volatile LONG log_length;
static char *attach_saw;
ULONG _tls_index = 12345;

static void note(char who, DWORD reason)
{
    LONG at = InterlockedExchangeAdd(&log_length, 2);

    if (at < (LONG)sizeof log_text - 2) {
        log_text[at] = who;
        log_text[at + 1] = (char)('0' + reason);
    }
}

static void WINAPI first_callback(void *module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        attach_saw = tls_array()[_tls_index];
    note('a', reason);
}

static void WINAPI second_callback(void *module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    note('b', reason);
}

static const PIMAGE_TLS_CALLBACK callbacks[] = {(PIMAGE_TLS_CALLBACK)first_callback,
                                                (PIMAGE_TLS_CALLBACK)second_callback, NULL};

/* The linker makes the program's directory entry of a symbol of this name. */
const IMAGE_TLS_DIRECTORY _tls_used = {
    (ULONG_PTR)numbers,      (ULONG_PTR)(numbers + 4), (ULONG_PTR)&_tls_index, (ULONG_PTR)callbacks, ZEROS,
    IMAGE_SCN_ALIGN_64BYTES,
};

BOOL WINAPI entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("entry");

BOOL WINAPI entry(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    note('m', reason);
    return TRUE;
}

__declspec(dllexport) ULONG late_index(void)
{
    return _tls_index;
}

__declspec(dllexport) int *late_numbers(void)
{
    return tls_array()[_tls_index];
}

/* Whether the bytes behind the template are as they should be in a thread that did not touch them. */
__declspec(dllexport) BOOL late_zeros(void)
{
    const char *zeros = (char *)(late_numbers() + 4);

    for (int i = 0; i < ZEROS; i++)
        if (zeros[i])
            return FALSE;
    return TRUE;
}

__declspec(dllexport) BOOL late_attach_had_data(void)
{
    return attach_saw == (char *)late_numbers();
}

__declspec(dllexport) const char *late_log(void)
{
    log_text[log_length] = 0;
    return log_text;
}

__declspec(dllexport) void late_clear_log(void)
{
    log_length = 0;
}
