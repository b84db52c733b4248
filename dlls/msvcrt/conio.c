/* The console functions: what they read and write is the console's, wherever the standard handles lead. */
#include <stdlib.h>
#include "dlls/msvcrt/conio.h"
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lock.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"

#define NO_CHARACTER (-1)
#define NO_WIDE      ((WCHAR)-1) /* WEOF */

static int pushed_back = NO_CHARACTER;

/* Opened on first use and kept; INVALID_HANDLE_VALUE where the process has no console. */
static HANDLE console_handle(HANDLE *kept, const WCHAR *name)
{
    HANDLE handle = __atomic_load_n(kept, __ATOMIC_ACQUIRE);
    if (handle)
        return handle;
    handle = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                         OPEN_EXISTING, 0, NULL);
    if (handle != INVALID_HANDLE_VALUE)
        __atomic_store_n(kept, handle, __ATOMIC_RELEASE);
    return handle;
}

static HANDLE console_input(void)
{
    static HANDLE handle;
    return console_handle(&handle, L"CONIN$");
}

static HANDLE console_output(void)
{
    static HANDLE handle;
    return console_handle(&handle, L"CONOUT$");
}

/* One key, without an echo and without waiting for the end of the line. */
static WCHAR read_key(void)
{
    HANDLE input = console_input();
    DWORD mode, read;
    WCHAR key;
    if (!GetConsoleMode(input, &mode))
        return NO_WIDE;
    SetConsoleMode(input, 0);
    BOOL done = ReadConsoleW(input, &key, 1, &read, NULL);
    SetConsoleMode(input, mode);
    return done && read == 1 ? key : NO_WIDE;
}

bool conio_write(const WCHAR *text, size_t length)
{
    DWORD written;
    return WriteConsoleW(console_output(), text, (DWORD)length, &written, NULL) && written == length;
}

static WCHAR *widen(const char *text, int length, int *wide_length)
{
    WCHAR *wide = malloc((length + 1) * sizeof *wide);
    *wide_length = wide && length ? MultiByteToWideChar(CP_OEMCP, 0, text, length, wide, length) : 0;
    return wide;
}

bool conio_write_narrow(const char *text, size_t length)
{
    int wide_length;
    WCHAR *wide = widen(text, (int)length, &wide_length);
    bool done = wide && conio_write(wide, wide_length);
    free(wide);
    return done;
}

WCHAR crt_getwch(void)
{
    crt_lock(CRT_LOCK_CONSOLE);
    int c = pushed_back;
    pushed_back = NO_CHARACTER;
    WCHAR key = c == NO_CHARACTER ? read_key() : (WCHAR)c;
    crt_unlock(CRT_LOCK_CONSOLE);
    return key;
}

WCHAR crt_putwch(WCHAR c)
{
    return conio_write(&c, 1) ? c : NO_WIDE;
}

WCHAR crt_getwche(void)
{
    WCHAR key = crt_getwch();
    return key == NO_WIDE ? key : crt_putwch(key);
}

WCHAR crt_ungetwch(WCHAR c)
{
    crt_lock(CRT_LOCK_CONSOLE);
    bool room = c != NO_WIDE && pushed_back == NO_CHARACTER;
    if (room)
        pushed_back = c;
    crt_unlock(CRT_LOCK_CONSOLE);
    return room ? c : NO_WIDE;
}

/* What the console's code page has no byte for is a question mark. */
static int narrow_key(WCHAR key)
{
    char byte;
    if (key == NO_WIDE || WideCharToMultiByte(CP_OEMCP, 0, &key, 1, &byte, 1, NULL, NULL) != 1)
        return key == NO_WIDE ? -1 : '?';
    return (unsigned char)byte;
}

static WCHAR wide_key(int c)
{
    char byte = (char)c;
    WCHAR key = (unsigned char)c;
    MultiByteToWideChar(CP_OEMCP, 0, &byte, 1, &key, 1);
    return key;
}

int crt_getch(void)
{
    return narrow_key(crt_getwch());
}

int crt_getche(void)
{
    return narrow_key(crt_getwche());
}

int crt_putch(int c)
{
    return crt_putwch(wide_key(c)) == NO_WIDE ? -1 : c;
}

int crt_ungetch(int c)
{
    return c == -1 || crt_ungetwch(wide_key(c)) == NO_WIDE ? -1 : c;
}

int crt_kbhit(void)
{
    DWORD events = 0;
    return pushed_back != NO_CHARACTER ||
           (GetNumberOfConsoleInputEvents(console_input(), &events) && events > 0);
}

int crt_cputs(const char *text)
{
    if (!text) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    return conio_write_narrow(text, strlen(text)) ? 0 : -1;
}

int crt_cputws(const WCHAR *text)
{
    if (!text) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    return conio_write(text, crt_wcslen(text)) ? 0 : -1;
}

/* buffer[0] says how much fits, buffer[1] will say how much there is; the text begins at buffer[2]. */
WCHAR *crt_cgetws(WCHAR *buffer)
{
    DWORD read = 0;
    if (!buffer || !buffer[0]) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    if (!ReadConsoleW(console_input(), buffer + 2, buffer[0], &read, NULL))
        return NULL;
    while (read && (buffer[1 + read] == '\n' || buffer[1 + read] == '\r'))
        read--;
    if (read == buffer[0])
        read--;
    buffer[1] = (WCHAR)read;
    buffer[2 + read] = 0;
    return buffer + 2;
}

char *crt_cgets(char *buffer)
{
    WCHAR wide[258];
    if (!buffer || !buffer[0]) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    int size = (unsigned char)buffer[0];
    wide[0] = (WCHAR)size;
    if (!crt_cgetws(wide))
        return NULL;
    int length =
        wide[1] ? WideCharToMultiByte(CP_OEMCP, 0, wide + 2, wide[1], buffer + 2, size - 1, NULL, NULL) : 0;
    buffer[1] = (char)length;
    buffer[2 + length] = 0;
    return buffer + 2;
}
