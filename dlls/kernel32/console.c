/* Standard handles, and the console as far as a terminal goes. A console handle is a file object whose
 * descriptor is a terminal; every other handle gets ERROR_INVALID_HANDLE here, by which programs tell that
 * they are redirected. */
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/console.h"
#include "dlls/kernel32/error.h"
#include "kernel/lock.h"
#include "kernel/process.h"
#include "kernel/utf.h"

/* Standard handles */

/* Where SetStdHandle has spoken, even NULL stands. */
static bool standard_is_set[3];

static HANDLE *standard_slot(DWORD which, int *descriptor)
{
    switch (which) {
    case STD_INPUT_HANDLE:
        *descriptor = STDIN_FILENO;
        return &process_parameters.StandardInput;
    case STD_OUTPUT_HANDLE:
        *descriptor = STDOUT_FILENO;
        return &process_parameters.StandardOutput;
    case STD_ERROR_HANDLE:
        *descriptor = STDERR_FILENO;
        return &process_parameters.StandardError;
    default:
        SetLastError(ERROR_INVALID_HANDLE);
        return NULL;
    }
}

HANDLE WINAPI GetStdHandle(DWORD which)
{
    int descriptor;
    HANDLE *slot = standard_slot(which, &descriptor);
    if (!slot)
        return INVALID_HANDLE_VALUE;
    if (!*slot && !standard_is_set[descriptor])
        *slot = file_standard_handle(descriptor);
    return *slot;
}

BOOL WINAPI SetStdHandle(DWORD which, HANDLE handle)
{
    int descriptor;
    HANDLE *slot = standard_slot(which, &descriptor);
    if (!slot)
        return FALSE;
    standard_is_set[descriptor] = true;
    *slot = handle;
    return TRUE;
}

BOOL WINAPI SetStdHandleEx(DWORD which, HANDLE handle, HANDLE *previous)
{
    int descriptor;
    HANDLE *slot = standard_slot(which, &descriptor);
    if (!slot)
        return FALSE;
    if (previous)
        *previous = *slot;
    return SetStdHandle(which, handle);
}

/* Terminals */

struct file *console_terminal(HANDLE handle, ACCESS_MASK access)
{
    struct file *file;
    /* That it is no console comes first, whatever the handle grants. */
    NTSTATUS status = file_of(handle, 0, &file);
    if (!status && file_is_terminal(file) && (file_access(file) & access) == access)
        return file;
    SetLastError(!status && file_is_terminal(file) ? ERROR_ACCESS_DENIED : ERROR_INVALID_HANDLE);
    if (!status)
        object_release(file);
    return NULL;
}

/* What the program set; input modes beyond those that a terminal has are remembered only. */
static DWORD input_mode = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT |
                          ENABLE_MOUSE_INPUT | ENABLE_INSERT_MODE | ENABLE_QUICK_EDIT_MODE |
                          ENABLE_EXTENDED_FLAGS | ENABLE_AUTO_POSITION;
static DWORD output_mode = ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT;

static bool is_input(const struct file *file)
{
    return file_access(file) & FILE_READ_DATA &&
           (!(file_access(file) & FILE_WRITE_DATA) || file_descriptor(file) == 0);
}

BOOL WINAPI GetConsoleMode(HANDLE handle, LPDWORD mode)
{
    struct file *file = console_terminal(handle, 0);
    if (!file)
        return FALSE;
    *mode = is_input(file) ? input_mode : output_mode;
    object_release(file);
    return TRUE;
}

static void set_flag(tcflag_t *flags, tcflag_t flag, bool on)
{
    *flags = on ? *flags | flag : *flags & ~flag;
}

static NTSTATUS set_input_mode(int descriptor, DWORD mode)
{
    struct termios terminal;
    if (tcgetattr(descriptor, &terminal))
        return status_from_errno(errno);
    set_flag(&terminal.c_lflag, ICANON, mode & ENABLE_LINE_INPUT);
    set_flag(&terminal.c_lflag, ECHO, mode & ENABLE_ECHO_INPUT);
    set_flag(&terminal.c_lflag, ISIG, mode & ENABLE_PROCESSED_INPUT);
    /* The Enter key is CR to who reads keys and the end of a line to who reads lines. */
    set_flag(&terminal.c_iflag, ICRNL, mode & ENABLE_LINE_INPUT);
    terminal.c_cc[VMIN] = 1;
    terminal.c_cc[VTIME] = 0;
    if (tcsetattr(descriptor, TCSANOW, &terminal))
        return status_from_errno(errno);
    input_mode = mode;
    return STATUS_SUCCESS;
}

BOOL WINAPI SetConsoleMode(HANDLE handle, DWORD mode)
{
    struct file *file = console_terminal(handle, 0);
    if (!file)
        return FALSE;
    NTSTATUS status = STATUS_SUCCESS;
    if (!is_input(file))
        output_mode = mode;
    else if (mode & ENABLE_ECHO_INPUT && !(mode & ENABLE_LINE_INPUT))
        status = STATUS_INVALID_PARAMETER;
    else
        status = set_input_mode(file_descriptor(file), mode);
    object_release(file);
    return set_last_status(status);
}

/* Code pages */

/* A terminal speaks UTF-8. A program that sets another code page means its own output's, which is
 * converted where it writes characters, not bytes. */
static UINT input_page = CP_UTF8, output_page = CP_UTF8;

UINT WINAPI GetConsoleCP(void)
{
    return input_page;
}

UINT WINAPI GetConsoleOutputCP(void)
{
    return output_page;
}

static BOOL set_page(UINT *page, UINT value)
{
    if (value == CP_ACP || value == CP_OEMCP)
        value = GetOEMCP();
    if (!IsValidCodePage(value)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    *page = value;
    return TRUE;
}

BOOL WINAPI SetConsoleCP(UINT page)
{
    return set_page(&input_page, page);
}

BOOL WINAPI SetConsoleOutputCP(UINT page)
{
    return set_page(&output_page, page);
}

/* Writing */

static NTSTATUS write_utf8(struct file *file, const WCHAR *text, DWORD length)
{
    char local[1024], *bytes = local;
    ULONG done;
    size_t size = utf8_from_utf16(NULL, 0, text, length, UTF_REPLACE);
    if (size > sizeof local)
        bytes = malloc(size);
    if (!bytes)
        return STATUS_NO_MEMORY;
    utf8_from_utf16(bytes, size, text, length, UTF_REPLACE);
    NTSTATUS status = file_write(file, bytes, size, FILE_AT_POSITION, &done);
    if (bytes != local)
        free(bytes);
    return status;
}

/* A program may write the halves of a surrogate pair one by one; they are put together again. */
static WCHAR pending_half;
static struct lock write_lock;

NTSTATUS console_write(struct file *file, const WCHAR *text, DWORD length)
{
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&write_lock);
    if (length && pending_half) {
        WCHAR pair[2] = {pending_half, *text};
        bool complete = IS_LOW_SURROGATE(*text);
        pending_half = 0;
        status = write_utf8(file, pair, complete ? 2 : 1);
        text += complete;
        length -= complete;
    }
    if (length && IS_HIGH_SURROGATE(text[length - 1]))
        pending_half = text[--length];
    if (length && !status)
        status = write_utf8(file, text, length);
    lock_release(&write_lock);
    return status;
}

BOOL WINAPI WriteConsoleW(HANDLE handle, CONST VOID *text, DWORD length, LPDWORD written, LPVOID reserved)
{
    if (written)
        *written = 0;
    struct file *file = console_terminal(handle, FILE_WRITE_DATA);
    if (!file)
        return FALSE;
    NTSTATUS status = console_write(file, text, length);
    object_release(file);
    if (!status && written)
        *written = length;
    return set_last_status(status);
}

BOOL WINAPI WriteConsoleA(HANDLE handle, CONST VOID *text, DWORD length, LPDWORD written, LPVOID reserved)
{
    ULONG done = 0;
    if (written)
        *written = 0;
    struct file *file = console_terminal(handle, FILE_WRITE_DATA);
    if (!file)
        return FALSE;
    NTSTATUS status;
    if (output_page == CP_UTF8) {
        status = file_write(file, text, length, FILE_AT_POSITION, &done);
    } else {
        int units = length ? MultiByteToWideChar(output_page, 0, text, length, NULL, 0) : 0;
        WCHAR *wide = malloc((units + 1) * sizeof *wide);
        status = wide ? STATUS_SUCCESS : STATUS_NO_MEMORY;
        if (wide && units) {
            MultiByteToWideChar(output_page, 0, text, length, wide, units);
            status = console_write(file, wide, units);
        }
        free(wide);
        done = status ? 0 : length;
    }
    object_release(file);
    if (written)
        *written = done;
    return set_last_status(status);
}

/* Reading */

/* What was read and has not been taken. */
static struct {
    struct lock lock;
    char bytes[4096];
    size_t at, end;
} input;

void console_input_lock(void)
{
    lock_acquire(&input.lock);
}

void console_input_unlock(void)
{
    lock_release(&input.lock);
}

const char *console_input_bytes(size_t *count)
{
    *count = input.end - input.at;
    return input.bytes + input.at;
}

void console_input_skip(size_t count)
{
    input.at += count;
}

/* Lines end in CR LF on Windows; the terminal ends them in LF. */
void console_input_append(const char *bytes, size_t count)
{
    memmove(input.bytes, input.bytes + input.at, input.end - input.at);
    input.end -= input.at;
    input.at = 0;
    for (size_t i = 0; i < count && input.end + 2 <= sizeof input.bytes; i++) {
        if (bytes[i] == '\n' && input_mode & ENABLE_LINE_INPUT)
            input.bytes[input.end++] = '\r';
        input.bytes[input.end++] = bytes[i];
    }
}

static bool has_input(const struct file *file)
{
    struct pollfd poll_input = {.fd = file_descriptor(file), .events = POLLIN};
    return poll(&poll_input, 1, 0) > 0;
}

static bool is_input_left(void)
{
    return __atomic_load_n(&input.at, __ATOMIC_RELAXED) < __atomic_load_n(&input.end, __ATOMIC_RELAXED);
}

NTSTATUS console_input_fill(struct file *file, bool wait)
{
    char bytes[1024];
    ULONG done;
    if ((wait && input.at < input.end) || (!wait && !has_input(file)) || input.end - input.at > sizeof bytes)
        return STATUS_SUCCESS;
    file_set_console_input(is_input_left);
    NTSTATUS status = file_read(file, bytes, sizeof bytes, FILE_AT_POSITION, &done);
    if (!status)
        console_input_append(bytes, done);
    return status == STATUS_END_OF_FILE ? STATUS_SUCCESS : status;
}

DWORD console_input_mode(void)
{
    return input_mode;
}

/* How many bytes the character at the front of the input takes. */
static size_t next_character(void)
{
    unsigned char lead = input.bytes[input.at];
    size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return size <= input.end - input.at ? size : input.end - input.at;
}

/* A line is taken by itself, whatever follows it. */
static bool ends_line(const char *byte)
{
    return *byte == '\n' && input_mode & ENABLE_LINE_INPUT;
}

static DWORD take_units(void *buffer, DWORD capacity)
{
    WCHAR *text = buffer;
    DWORD length = 0;
    bool line_taken = false;
    while (input.at < input.end && !line_taken) {
        WCHAR units[4];
        const char *bytes = input.bytes + input.at;
        size_t size = next_character();
        size_t count = utf16_from_utf8(units, ARRAYSIZE(units), bytes, size, UTF_REPLACE);
        if (length + count > capacity)
            break;
        memcpy(text + length, units, count * sizeof *units);
        length += count;
        input.at += size;
        line_taken = ends_line(bytes);
    }
    return length;
}

static DWORD take_bytes(void *buffer, DWORD capacity)
{
    char *text = buffer;
    DWORD length = 0;
    bool line_taken = false;
    while (input.at < input.end && length < capacity && !line_taken) {
        text[length++] = input.bytes[input.at];
        line_taken = ends_line(&input.bytes[input.at++]);
    }
    return length;
}

static BOOL read_line(HANDLE handle, void *text, DWORD capacity, DWORD *read, DWORD (*take)(void *, DWORD))
{
    *read = 0;
    struct file *file = console_terminal(handle, FILE_READ_DATA);
    if (!file)
        return FALSE;
    console_input_lock();
    NTSTATUS status = console_input_fill(file, true);
    if (!status)
        *read = take(text, capacity);
    console_input_unlock();
    object_release(file);
    return set_last_status(status);
}

BOOL WINAPI ReadConsoleW(HANDLE handle, LPVOID text, DWORD capacity, LPDWORD read, LPVOID control)
{
    return read_line(handle, text, capacity, read, take_units);
}

BOOL WINAPI ReadConsoleA(HANDLE handle, LPVOID text, DWORD capacity, LPDWORD read, LPVOID control)
{
    return read_line(handle, text, capacity, read, take_bytes);
}
