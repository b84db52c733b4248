/* The console's input as events: what a terminal sends for a key, as Windows tells of it. */
#include <stdlib.h>
#include <termios.h>
#include "dlls/kernel32/console.h"
#include "dlls/kernel32/error.h"
#include "kernel/utf.h"

/* A key that was recognized at the front of the input. */
struct key {
    WORD code;  /* VK_* */
    WCHAR unit; /* the character, 0 if it has none */
    DWORD state;
    size_t size; /* how many bytes of input it took */
};

static const struct {
    char sequence[5]; /* behind ESC */
    uint8_t code;
} sequences[] = {
    {"[A", VK_UP},     {"[B", VK_DOWN},  {"[C", VK_RIGHT},   {"[D", VK_LEFT},    {"[H", VK_HOME},
    {"[F", VK_END},    {"OA", VK_UP},    {"OB", VK_DOWN},    {"OC", VK_RIGHT},   {"OD", VK_LEFT},
    {"OH", VK_HOME},   {"OF", VK_END},   {"OP", VK_F1},      {"OQ", VK_F2},      {"OR", VK_F3},
    {"OS", VK_F4},     {"[1~", VK_HOME}, {"[2~", VK_INSERT}, {"[3~", VK_DELETE}, {"[4~", VK_END},
    {"[5~", VK_PRIOR}, {"[6~", VK_NEXT}, {"[15~", VK_F5},    {"[17~", VK_F6},    {"[18~", VK_F7},
    {"[19~", VK_F8},   {"[20~", VK_F9},  {"[21~", VK_F10},   {"[23~", VK_F11},   {"[24~", VK_F12},
};

static bool recognize_sequence(const char *bytes, size_t count, struct key *key)
{
    for (size_t i = 0; i < ARRAYSIZE(sequences); i++) {
        size_t length = strnlen(sequences[i].sequence, sizeof sequences[i].sequence);
        if (count <= length || memcmp(bytes + 1, sequences[i].sequence, length))
            continue;
        *key = (struct key){.code = sequences[i].code, .state = ENHANCED_KEY, .size = length + 1};
        return true;
    }
    return false;
}

static struct key control_key(unsigned char byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return (struct key){.code = VK_RETURN, .unit = '\r', .size = 1};
    case '\t':
        return (struct key){.code = VK_TAB, .unit = '\t', .size = 1};
    case '\b':
    case 0x7f:
        return (struct key){.code = VK_BACK, .unit = '\b', .size = 1};
    case 0x1b:
        return (struct key){.code = VK_ESCAPE, .unit = 0x1b, .size = 1};
    default:
        return (struct key){.code = byte + '@', .unit = byte, .state = LEFT_CTRL_PRESSED, .size = 1};
    }
}

static WORD code_of_unit(WCHAR unit)
{
    if (unit >= 'a' && unit <= 'z')
        return unit - 32;
    return (unit >= 'A' && unit <= 'Z') || (unit >= '0' && unit <= '9') || unit == ' ' ? unit : 0;
}

/* A character of two units is two keys, as on Windows. Returns how many there are. */
static int recognize(const char *bytes, size_t count, struct key keys[2])
{
    unsigned char lead = bytes[0];
    if (lead == 0x1b && recognize_sequence(bytes, count, keys))
        return 1;
    if (lead < ' ' || lead == 0x7f) {
        keys[0] = control_key(lead);
        /* Enter is one key, though a line ends in two characters. */
        if (lead == '\r' && count > 1 && bytes[1] == '\n')
            keys[0].size = 2;
        return 1;
    }
    WCHAR units[2];
    size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size > count)
        size = count;
    int unit_count = utf16_from_utf8(units, 2, bytes, size, UTF_REPLACE) == 2 ? 2 : 1;
    for (int i = 0; i < unit_count; i++)
        keys[i] = (struct key){
            .code = code_of_unit(units[i]),
            .unit = units[i],
            .state = units[i] >= 'A' && units[i] <= 'Z' ? SHIFT_PRESSED : 0,
            .size = i == unit_count - 1 ? size : 0,
        };
    return unit_count;
}

static void put_record(INPUT_RECORD *record, const struct key *key, BOOL down)
{
    *record = (INPUT_RECORD){
        .EventType = KEY_EVENT,
        .Event.KeyEvent =
            {
                .bKeyDown = down,
                .wRepeatCount = 1,
                .wVirtualKeyCode = key->code,
                .uChar.UnicodeChar = key->unit,
                .dwControlKeyState = key->state,
            },
    };
}

/* A key is pressed and released. The release of one whose press has been taken is told first. */
static struct key released;
static bool release_is_due;

/* Under the lock. Tells of as many events as fit; with `take` they are gone then. */
static DWORD tell_events(INPUT_RECORD *records, DWORD capacity, bool take)
{
    DWORD told = 0;
    size_t count, at = 0;
    const char *bytes = console_input_bytes(&count);
    if (release_is_due && told < capacity) {
        put_record(&records[told++], &released, FALSE);
        if (take)
            release_is_due = false;
    }
    while (at < count && told < capacity) {
        struct key keys[2];
        int key_count = recognize(bytes + at, count - at, keys);
        if (told + key_count > capacity && told)
            break;
        for (int i = 0; i < key_count && told < capacity; i++) {
            put_record(&records[told++], &keys[i], TRUE);
            at += keys[i].size;
            if (told < capacity) {
                put_record(&records[told++], &keys[i], FALSE);
            } else if (take) {
                released = keys[i];
                release_is_due = true;
            }
        }
    }
    if (take)
        console_input_skip(at);
    return told;
}

static BOOL read_events(HANDLE handle, INPUT_RECORD *records, DWORD capacity, DWORD *told, bool take)
{
    struct file *terminal = console_terminal(handle, FILE_READ_DATA);
    if (!terminal)
        return FALSE;
    console_input_lock();
    NTSTATUS status = console_input_fill(terminal, take && !release_is_due);
    if (!status)
        *told = tell_events(records, capacity, take);
    console_input_unlock();
    object_release(terminal);
    return set_last_status(status);
}

BOOL WINAPI ReadConsoleInputW(HANDLE handle, PINPUT_RECORD records, DWORD capacity, LPDWORD read)
{
    return read_events(handle, records, capacity, read, true);
}

BOOL WINAPI PeekConsoleInputW(HANDLE handle, PINPUT_RECORD records, DWORD capacity, LPDWORD read)
{
    return read_events(handle, records, capacity, read, false);
}

static void to_ansi(INPUT_RECORD *records, DWORD count)
{
    for (DWORD i = 0; i < count; i++) {
        WCHAR unit = records[i].Event.KeyEvent.uChar.UnicodeChar;
        records[i].Event.KeyEvent.uChar.UnicodeChar = 0;
        records[i].Event.KeyEvent.uChar.AsciiChar = unit < 0x80 ? (char)unit : '?';
    }
}

BOOL WINAPI ReadConsoleInputA(HANDLE handle, PINPUT_RECORD records, DWORD capacity, LPDWORD read)
{
    BOOL result = read_events(handle, records, capacity, read, true);
    if (result)
        to_ansi(records, *read);
    return result;
}

BOOL WINAPI PeekConsoleInputA(HANDLE handle, PINPUT_RECORD records, DWORD capacity, LPDWORD read)
{
    BOOL result = read_events(handle, records, capacity, read, false);
    if (result)
        to_ansi(records, *read);
    return result;
}

BOOL WINAPI GetNumberOfConsoleInputEvents(HANDLE handle, LPDWORD count)
{
    INPUT_RECORD records[64];
    return read_events(handle, records, ARRAYSIZE(records), count, false);
}

BOOL WINAPI GetNumberOfConsoleMouseButtons(LPDWORD count)
{
    *count = 0;
    return TRUE;
}

BOOL WINAPI FlushConsoleInputBuffer(HANDLE handle)
{
    struct file *terminal = console_terminal(handle, FILE_READ_DATA);
    size_t count;
    if (!terminal)
        return FALSE;
    console_input_lock();
    console_input_bytes(&count);
    console_input_skip(count);
    release_is_due = false;
    console_input_unlock();
    tcflush(file_descriptor(terminal), TCIFLUSH);
    object_release(terminal);
    return TRUE;
}

/* Characters that a program puts into the input are as if they had been typed; other events nobody reads. */
static NTSTATUS write_events(const INPUT_RECORD *records, DWORD count)
{
    console_input_lock();
    for (DWORD i = 0; i < count; i++) {
        char bytes[4];
        WCHAR unit = records[i].Event.KeyEvent.uChar.UnicodeChar;
        if (records[i].EventType != KEY_EVENT || !records[i].Event.KeyEvent.bKeyDown || !unit)
            continue;
        size_t size = utf8_from_utf16(bytes, sizeof bytes, &unit, 1, UTF_REPLACE);
        console_input_append(bytes, size);
    }
    console_input_unlock();
    return STATUS_SUCCESS;
}

BOOL WINAPI WriteConsoleInputW(HANDLE handle, const INPUT_RECORD *records, DWORD count, LPDWORD written)
{
    struct file *terminal = console_terminal(handle, 0);
    if (!terminal)
        return FALSE;
    NTSTATUS status = write_events(records, count);
    object_release(terminal);
    *written = count;
    return set_last_status(status);
}
