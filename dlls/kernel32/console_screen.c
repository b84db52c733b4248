/* The console's screen, drawn with the control sequences that every terminal knows. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/console.h"
#include "dlls/kernel32/error.h"
#include "kernel/lock.h"
#include "kernel/utf.h"

#define DEFAULT_ATTRIBUTES (FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE)

/* What the program set; a terminal cannot be asked. */
static WORD attributes = DEFAULT_ATTRIBUTES;
static CONSOLE_CURSOR_INFO cursor = {.dwSize = 25, .bVisible = TRUE};

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

static NTSTATUS send(struct file *terminal, const char *sequence)
{
    ULONG done;
    return file_write(terminal, sequence, strlen(sequence), FILE_AT_POSITION, &done);
}

static BOOL finish(struct file *terminal, NTSTATUS status)
{
    object_release(terminal);
    return set_last_status(status);
}

/* Size and position */

static COORD size_of(const struct file *terminal)
{
    struct winsize size;
    if (ioctl(file_descriptor(terminal), TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row)
        return (COORD){80, 25};
    return (COORD){size.ws_col, size.ws_row};
}

/* Takes the terminal's answer, ESC [ row ; column R, out of what was read; the rest was typed. */
static bool take_answer(const char *bytes, size_t count, COORD *position)
{
    for (size_t i = 0; i + 1 < count; i++) {
        int row, column, used = 0;
        if (bytes[i] != '\033' || sscanf(bytes + i, "\033[%d;%dR%n", &row, &column, &used) != 2 || !used)
            continue;
        *position = (COORD){column - 1, row - 1};
        console_input_append(bytes, i);
        console_input_append(bytes + i + used, count - i - used);
        return true;
    }
    return false;
}

static bool read_answer(int descriptor, COORD *position)
{
    enum { PATIENCE = 200 }; /* milliseconds; a terminal answers at once or never */
    char bytes[256];
    size_t count = 0;
    struct pollfd input = {.fd = descriptor, .events = POLLIN};
    while (count < sizeof bytes - 1 && poll(&input, 1, PATIENCE) > 0) {
        ssize_t result = read(descriptor, bytes + count, sizeof bytes - 1 - count);
        if (result <= 0)
            break;
        count += result;
        bytes[count] = '\0';
        if (take_answer(bytes, count, position))
            return true;
    }
    console_input_append(bytes, count);
    return false;
}

/* Asks the terminal. Only its foreground process may; others would be stopped for it. */
static COORD position_of(struct file *terminal)
{
    struct termios before, raw;
    COORD position = {0, 0};
    int descriptor = file_descriptor(terminal);
    if (tcgetpgrp(descriptor) != getpgrp() || tcgetattr(descriptor, &before))
        return position;
    raw = before;
    raw.c_lflag &= ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    console_input_lock();
    tcsetattr(descriptor, TCSANOW, &raw);
    if (!send(terminal, "\033[6n"))
        read_answer(descriptor, &position);
    tcsetattr(descriptor, TCSANOW, &before);
    console_input_unlock();
    return position;
}

BOOL WINAPI GetConsoleScreenBufferInfo(HANDLE handle, PCONSOLE_SCREEN_BUFFER_INFO info)
{
    struct file *terminal = console_terminal(handle, 0);
    if (!terminal)
        return FALSE;
    COORD size = size_of(terminal);
    *info = (CONSOLE_SCREEN_BUFFER_INFO){
        .dwSize = size,
        .dwCursorPosition = position_of(terminal),
        .wAttributes = attributes,
        .srWindow = {0, 0, size.X - 1, size.Y - 1},
        .dwMaximumWindowSize = size,
    };
    return finish(terminal, STATUS_SUCCESS);
}

BOOL WINAPI GetConsoleScreenBufferInfoEx(HANDLE handle, PCONSOLE_SCREEN_BUFFER_INFOEX info)
{
    /* Windows' colours, 0x00BBGGRR. */
    static const COLORREF colors[16] = {0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080,
                                        0x008080, 0xc0c0c0, 0x808080, 0xff0000, 0x00ff00, 0xffff00,
                                        0x0000ff, 0xff00ff, 0x00ffff, 0xffffff};
    CONSOLE_SCREEN_BUFFER_INFO plain;
    if (info->cbSize != sizeof *info)
        return fail(ERROR_INVALID_PARAMETER);
    if (!GetConsoleScreenBufferInfo(handle, &plain))
        return FALSE;
    info->dwSize = plain.dwSize;
    info->dwCursorPosition = plain.dwCursorPosition;
    info->wAttributes = plain.wAttributes;
    info->srWindow = plain.srWindow;
    info->dwMaximumWindowSize = plain.dwMaximumWindowSize;
    info->wPopupAttributes = 0xf5;
    info->bFullscreenSupported = FALSE;
    memcpy(info->ColorTable, colors, sizeof colors);
    return TRUE;
}

COORD WINAPI GetLargestConsoleWindowSize(HANDLE handle)
{
    struct file *terminal = console_terminal(handle, 0);
    if (!terminal)
        return (COORD){0, 0};
    COORD size = size_of(terminal);
    object_release(terminal);
    return size;
}

BOOL WINAPI SetConsoleCursorPosition(HANDLE handle, COORD position)
{
    char sequence[32];
    struct file *terminal = console_terminal(handle, FILE_WRITE_DATA);
    if (!terminal)
        return FALSE;
    COORD size = size_of(terminal);
    if (position.X < 0 || position.Y < 0 || position.X >= size.X || position.Y >= size.Y)
        return finish(terminal, STATUS_INVALID_PARAMETER);
    snprintf(sequence, sizeof sequence, "\033[%d;%dH", position.Y + 1, position.X + 1);
    return finish(terminal, send(terminal, sequence));
}

BOOL WINAPI GetConsoleCursorInfo(HANDLE handle, PCONSOLE_CURSOR_INFO info)
{
    struct file *terminal = console_terminal(handle, 0);
    if (!terminal)
        return FALSE;
    *info = cursor;
    return finish(terminal, STATUS_SUCCESS);
}

BOOL WINAPI SetConsoleCursorInfo(HANDLE handle, const CONSOLE_CURSOR_INFO *info)
{
    if (info->dwSize < 1 || info->dwSize > 100)
        return fail(ERROR_INVALID_PARAMETER);
    struct file *terminal = console_terminal(handle, FILE_WRITE_DATA);
    if (!terminal)
        return FALSE;
    cursor = *info;
    return finish(terminal, send(terminal, info->bVisible ? "\033[?25h" : "\033[?25l"));
}

/* Colours */

/* Windows numbers colours by the bits blue, green, red; terminals by red, green, blue. */
static int terminal_color(int color)
{
    return (color & FOREGROUND_BLUE ? 4 : 0) | (color & FOREGROUND_GREEN ? 2 : 0) |
           (color & FOREGROUND_RED ? 1 : 0);
}

static void color_sequence(WORD value, char sequence[32])
{
    if (value == DEFAULT_ATTRIBUTES) {
        strcpy(sequence, "\033[0m");
        return;
    }
    int foreground = (value & FOREGROUND_INTENSITY ? 90 : 30) + terminal_color(value);
    int background = (value & BACKGROUND_INTENSITY ? 100 : 40) + terminal_color(value >> 4);
    /* Black is what a terminal has behind its text, whatever colour that is. */
    if (background == 40)
        background = 49;
    snprintf(sequence, 32, "\033[0%s%s;%d;%dm", value & COMMON_LVB_REVERSE_VIDEO ? ";7" : "",
             value & COMMON_LVB_UNDERSCORE ? ";4" : "", foreground, background);
}

BOOL WINAPI SetConsoleTextAttribute(HANDLE handle, WORD value)
{
    char sequence[32];
    struct file *terminal = console_terminal(handle, FILE_WRITE_DATA);
    if (!terminal)
        return FALSE;
    attributes = value;
    color_sequence(value, sequence);
    return finish(terminal, send(terminal, sequence));
}

/* Filling */

static BOOL fill(HANDLE handle, WCHAR character, DWORD length, COORD start, DWORD *written)
{
    char sequence[32];
    WCHAR row[256];
    struct file *terminal = console_terminal(handle, FILE_WRITE_DATA);
    if (!terminal)
        return FALSE;
    COORD size = size_of(terminal);
    DWORD cells = (DWORD)size.X * size.Y, first = (DWORD)start.Y * size.X + start.X;
    if (start.X < 0 || start.Y < 0 || start.X >= size.X || first >= cells)
        length = 0;
    else if (length > cells - first)
        length = cells - first;
    for (size_t i = 0; i < ARRAYSIZE(row); i++)
        row[i] = character;
    /* The cursor stays where it is; the terminal wraps lines as the console does. */
    snprintf(sequence, sizeof sequence, "\0337\033[%d;%dH", start.Y + 1, start.X + 1);
    NTSTATUS status = send(terminal, sequence);
    for (DWORD done = 0; done < length && !status; done += ARRAYSIZE(row))
        status =
            console_write(terminal, row, length - done < ARRAYSIZE(row) ? length - done : ARRAYSIZE(row));
    if (!status)
        status = send(terminal, "\0338");
    *written = status ? 0 : length;
    return finish(terminal, status);
}

BOOL WINAPI FillConsoleOutputCharacterW(HANDLE handle, WCHAR character, DWORD length, COORD start,
                                        LPDWORD written)
{
    return fill(handle, character, length, start, written);
}

BOOL WINAPI FillConsoleOutputCharacterA(HANDLE handle, CHAR character, DWORD length, COORD start,
                                        LPDWORD written)
{
    return fill(handle, (unsigned char)character, length, start, written);
}

/* A terminal's cells cannot be coloured without writing to them. */
BOOL WINAPI FillConsoleOutputAttribute(HANDLE handle, WORD value, DWORD length, COORD start, LPDWORD written)
{
    *written = 0;
    struct file *terminal = console_terminal(handle, FILE_WRITE_DATA);
    return terminal ? finish(terminal, STATUS_NOT_SUPPORTED) : FALSE;
}

/* The title */

static WCHAR title[256];
static size_t title_length;
static struct lock title_lock;

BOOL WINAPI SetConsoleTitleW(LPCWSTR text)
{
    char sequence[ARRAYSIZE(title) * 3 + 8] = "\033]0;";
    size_t length = utf16_length(text), at = 4;
    if (length >= ARRAYSIZE(title))
        length = ARRAYSIZE(title) - 1;
    lock_acquire(&title_lock);
    memcpy(title, text, length * sizeof *text);
    title[length] = 0;
    title_length = length;
    lock_release(&title_lock);
    at += utf8_from_utf16(sequence + at, sizeof sequence - at - 2, text, length, UTF_REPLACE);
    strcpy(sequence + at, "\a");
    struct file *terminal = console_terminal(GetStdHandle(STD_OUTPUT_HANDLE), FILE_WRITE_DATA);
    /* Without a terminal the title is remembered only. */
    return terminal ? finish(terminal, send(terminal, sequence)) : TRUE;
}

BOOL WINAPI SetConsoleTitleA(LPCSTR text)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, text))
        return FALSE;
    BOOL result = SetConsoleTitleW(wide.text);
    wide_free(&wide);
    return result;
}

/* The whole title's length, whatever of it fits. */
DWORD WINAPI GetConsoleTitleW(LPWSTR buffer, DWORD size)
{
    lock_acquire(&title_lock);
    WCHAR copy[ARRAYSIZE(title)];
    size_t length = title_length;
    memcpy(copy, title, sizeof copy);
    lock_release(&title_lock);
    if (size) {
        size_t copied = length < size ? length : size - 1;
        memcpy(buffer, copy, copied * sizeof *copy);
        buffer[copied] = 0;
    }
    return length;
}

DWORD WINAPI GetConsoleTitleA(LPSTR buffer, DWORD size)
{
    WCHAR wide[ARRAYSIZE(title)];
    DWORD length = GetConsoleTitleW(wide, ARRAYSIZE(wide));
    return ansi_return(wide, length, buffer, size);
}

/* The console as such */

/* A terminal's window is not ours to know. */
HWND WINAPI GetConsoleWindow(void)
{
    return NULL;
}

/* A process has the terminal it was started in, or none. */
BOOL WINAPI AllocConsole(void)
{
    return fail(ERROR_ACCESS_DENIED);
}

BOOL WINAPI AttachConsole(DWORD process)
{
    return fail(ERROR_ACCESS_DENIED);
}

BOOL WINAPI FreeConsole(void)
{
    return TRUE;
}

DWORD WINAPI GetConsoleProcessList(LPDWORD processes, DWORD count)
{
    if (!processes || !count)
        return fail(ERROR_INVALID_PARAMETER);
    processes[0] = getpid();
    return 1;
}

/* The terminal's size is its user's to change. */
static BOOL refuse(HANDLE handle)
{
    struct file *terminal = console_terminal(handle, 0);
    return terminal ? finish(terminal, STATUS_NOT_SUPPORTED) : FALSE;
}

BOOL WINAPI SetConsoleScreenBufferSize(HANDLE handle, COORD size)
{
    return refuse(handle);
}

BOOL WINAPI SetConsoleScreenBufferInfoEx(HANDLE handle, PCONSOLE_SCREEN_BUFFER_INFOEX info)
{
    return refuse(handle);
}

BOOL WINAPI SetConsoleWindowInfo(HANDLE handle, BOOL absolute, const SMALL_RECT *window)
{
    return refuse(handle);
}

BOOL WINAPI SetConsoleActiveScreenBuffer(HANDLE handle)
{
    return refuse(handle);
}
