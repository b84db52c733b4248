/* FormatMessage: texts of errors, and messages with inserts. */
#include <stdio.h>
#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/utf.h"

/* Missing in the headers. */
#define NO_WORK_DONE 235

/* The system's messages */

/* One structure holds all texts, so that the table of where they begin needs no relocation. */
static const struct {
#define MESSAGE(number, text) char text_##number[sizeof(text)];
#include "dlls/kernel32/message_table.h"
#undef MESSAGE
} texts = {
#define MESSAGE(number, text) text,
#include "dlls/kernel32/message_table.h"
#undef MESSAGE
};

static const struct {
    uint32_t number;
    uint32_t offset;
} messages[] = {
#define MESSAGE(number, text) {number, offsetof(__typeof__(texts), text_##number)},
#include "dlls/kernel32/message_table.h"
#undef MESSAGE
};

static const char *system_message(DWORD number)
{
    /* An HRESULT that wraps a Win32 error has its message. */
    if (number >> 16 == 0x8007)
        number &= 0xffff;
    size_t low = 0, high = ARRAYSIZE(messages);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (messages[middle].number == number)
            return (const char *)&texts + messages[middle].offset;
        if (messages[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Output */

struct output {
    WCHAR *text;
    size_t length, capacity;
    size_t line;  /* where the current line begins */
    DWORD width;  /* 0: as it comes; 255: one line; else how long a line may become */
    size_t limit; /* formatting may stop when there are that many units; 0 for none */
    bool failed;
};

static void put(struct output *output, WCHAR unit)
{
    if (output->length == output->capacity) {
        size_t capacity = output->capacity ? output->capacity * 2 : 256;
        WCHAR *text = realloc(output->text, capacity * sizeof *text);
        if (!text) {
            output->failed = true;
            return;
        }
        output->text = text;
        output->capacity = capacity;
    }
    output->text[output->length++] = unit;
}

static void put_line_end(struct output *output)
{
    put(output, '\r');
    put(output, '\n');
    output->line = output->length;
}

/* A line that has become as long as it may be is broken at its last blank, which goes away with the
 * blanks before it, or at its end if it has none. */
static void wrap(struct output *output)
{
    if (!output->width || output->width == FORMAT_MESSAGE_MAX_WIDTH_MASK || output->failed ||
        output->length - output->line < output->width)
        return;
    size_t blank = output->length;
    while (blank > output->line && output->text[blank - 1] != ' ')
        blank--;
    if (blank == output->line) {
        put_line_end(output);
        return;
    }
    WCHAR rest[FORMAT_MESSAGE_MAX_WIDTH_MASK];
    size_t rest_length = output->length - blank;
    memcpy(rest, output->text + blank, rest_length * sizeof *rest);
    output->length = blank;
    while (output->length > output->line && output->text[output->length - 1] == ' ')
        output->length--;
    put_line_end(output);
    for (size_t i = 0; i < rest_length; i++)
        put(output, rest[i]);
}

static void put_text(struct output *output, WCHAR unit)
{
    put(output, unit);
    wrap(output);
}

/* Inserts */

/* The program's arguments, in slots of pointer size. Inserts are numbered; the precision and the value of an
 * insert whose width is an asterisk come from the slots that have not been used yet. In a va_list a number
 * means the slot that was the next one when the number was first needed, in an array simply its place. */
struct inserts {
    const char *slots; /* NULL if there are none */
    bool array;
    bool ansi;
    unsigned next; /* the first slot that has not been used */
    unsigned last; /* how many numbers have a slot */
    uint8_t slot_of[100];
};

static ULONG_PTR slot(const struct inserts *inserts, unsigned index)
{
    ULONG_PTR value;
    memcpy(&value, inserts->slots + index * sizeof value, sizeof value);
    return value;
}

static unsigned numbered_slot(struct inserts *inserts, unsigned number)
{
    if (inserts->array) {
        if (number > inserts->next)
            inserts->next = number;
        return number - 1;
    }
    while (inserts->last < number)
        inserts->slot_of[++inserts->last] = inserts->next++;
    return inserts->slot_of[number];
}

static unsigned next_slot(struct inserts *inserts)
{
    return inserts->next++;
}

static void put_repeated(struct output *output, WCHAR unit, int count)
{
    while (count-- > 0)
        put_text(output, unit);
}

/* A printf conversion as far as messages use them. */
struct conversion {
    bool left, zero, plus, blank, alternative;
    int width, precision; /* a precision of -1 is none */
    enum { SIZE_INT, SIZE_SHORT, SIZE_LONG, SIZE_INT64, SIZE_POINTER } size;
    char kind;
};

static void put_field(struct output *output, const struct conversion *conversion, const WCHAR *text,
                      size_t length)
{
    int padding = conversion->width - (int)length;
    if (!conversion->left)
        put_repeated(output, ' ', padding);
    for (size_t i = 0; i < length; i++)
        put_text(output, text[i]);
    if (conversion->left)
        put_repeated(output, ' ', padding);
}

static void put_string(struct output *output, const struct conversion *conversion, const void *string,
                       bool ansi)
{
    struct wide wide;
    size_t limit = conversion->precision < 0 ? SIZE_MAX : (size_t)conversion->precision;
    if (!string)
        string = ansi ? (const void *)"(null)" : (const void *)L"(null)";
    if (!ansi) {
        size_t length = 0;
        while (length < limit && ((const WCHAR *)string)[length])
            length++;
        put_field(output, conversion, string, length);
        return;
    }
    if (!wide_from_ansi(&wide, string)) {
        output->failed = true;
        return;
    }
    put_field(output, conversion, wide.text, wide.length < limit ? wide.length : limit);
    wide_free(&wide);
}

static uint64_t number_of(const struct conversion *conversion, const struct inserts *inserts, unsigned index)
{
    ULONG_PTR value = slot(inserts, index);
    bool is_signed = conversion->kind == 'd' || conversion->kind == 'i';
    switch (conversion->size) {
    case SIZE_SHORT:
        return is_signed ? (uint64_t)(int16_t)value : (uint16_t)value;
    case SIZE_INT64: {
        /* Takes as many slots as its size needs. */
        uint64_t whole;
        memcpy(&whole, inserts->slots + index * sizeof(ULONG_PTR), sizeof whole);
        return whole;
    }
    case SIZE_POINTER:
        return is_signed ? (uint64_t)(LONG_PTR)value : value;
    default:
        return is_signed ? (uint64_t)(int32_t)value : (uint32_t)value;
    }
}

static void put_number(struct output *output, const struct conversion *conversion, uint64_t value)
{
    char format[16], digits[64];
    WCHAR wide[64];
    char *at = format;
    *at++ = '%';
    if (conversion->zero && !conversion->left)
        *at++ = '0';
    if (conversion->left)
        *at++ = '-';
    if (conversion->plus)
        *at++ = '+';
    if (conversion->blank)
        *at++ = ' ';
    if (conversion->alternative)
        *at++ = '#';
    memcpy(at, "*.*ll", 5);
    at[5] = conversion->kind == 'p' ? 'X' : conversion->kind;
    at[6] = '\0';
    int width = conversion->width < 60 ? conversion->width : 60, precision = conversion->precision;
    if (conversion->kind == 'p')
        precision = sizeof(void *) * 2;
    int length = snprintf(digits, sizeof digits, format, width, precision < 60 ? precision : 60, value);
    for (int i = 0; i < length; i++)
        wide[i] = (unsigned char)digits[i];
    struct conversion plain = {.width = conversion->width, .left = conversion->left};
    put_field(output, &plain, wide, length);
}

static const WCHAR *parse_number(const WCHAR *at, int *number)
{
    *number = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        *number = *number < 10000 ? *number * 10 + (*at - '0') : *number;
    return at;
}

static const WCHAR *parse_flags(const WCHAR *at, struct conversion *conversion)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            conversion->left = true;
            break;
        case '0':
            conversion->zero = true;
            break;
        case '+':
            conversion->plus = true;
            break;
        case ' ':
            conversion->blank = true;
            break;
        case '#':
            conversion->alternative = true;
            break;
        default:
            return at;
        }
    }
}

static const WCHAR *parse_size(const WCHAR *at, struct conversion *conversion)
{
    if (at[0] == 'I' && at[1] == '6' && at[2] == '4') {
        conversion->size = SIZE_INT64;
        return at + 3;
    }
    if (at[0] == 'I' && at[1] == '3' && at[2] == '2')
        return at + 3;
    if (at[0] == 'l' && at[1] == 'l') {
        conversion->size = SIZE_INT64;
        return at + 2;
    }
    switch (*at) {
    case 'I':
        conversion->size = SIZE_POINTER;
        return at + 1;
    case 'h':
        conversion->size = SIZE_SHORT;
        return at + 1;
    case 'l':
    case 'w':
        conversion->size = SIZE_LONG;
        return at + 1;
    default:
        return at;
    }
}

/* Whether a string or character conversion means bytes. */
static bool means_ansi(const struct conversion *conversion, bool ansi)
{
    if (conversion->size == SIZE_SHORT)
        return true;
    if (conversion->size == SIZE_LONG)
        return false;
    return conversion->kind == 'S' || conversion->kind == 'C' ? !ansi : ansi;
}

static bool put_conversion(struct output *output, struct conversion *conversion,
                           const struct inserts *inserts, unsigned index)
{
    switch (conversion->kind) {
    case 's':
    case 'S':
        put_string(output, conversion, (const void *)slot(inserts, index),
                   means_ansi(conversion, inserts->ansi));
        return true;
    case 'c':
    case 'C': {
        WCHAR unit = (WCHAR)slot(inserts, index);
        if (means_ansi(conversion, inserts->ansi))
            unit &= 0xff;
        put_field(output, conversion, &unit, 1);
        return true;
    }
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        put_number(output, conversion, number_of(conversion, inserts, index));
        return true;
    case 'p':
        conversion->size = SIZE_POINTER;
        put_number(output, conversion, number_of(conversion, inserts, index));
        return true;
    default:
        return false;
    }
}

/* Reads the conversion between exclamation marks. Returns what follows them, or NULL; `*index` becomes the
 * slot of the value. */
static const WCHAR *parse_conversion(const WCHAR *at, unsigned number, struct inserts *inserts,
                                     struct conversion *conversion, unsigned *index)
{
    bool asterisk = false;
    at = parse_flags(at, conversion);
    if (*at == '*') {
        conversion->width = (int)slot(inserts, numbered_slot(inserts, number));
        asterisk = true;
        at++;
    } else {
        at = parse_number(at, &conversion->width);
    }
    if (at[0] == '.' && at[1] == '*') {
        unsigned precision = asterisk ? next_slot(inserts) : numbered_slot(inserts, number);
        /* It takes a number of its own. */
        if (asterisk && !inserts->array && inserts->last < ARRAYSIZE(inserts->slot_of) - 1)
            inserts->slot_of[++inserts->last] = precision;
        conversion->precision = (int)slot(inserts, precision);
        asterisk = true;
        at += 2;
    } else if (*at == '.') {
        at = parse_number(at + 1, &conversion->precision);
    }
    if (conversion->width < 0) {
        conversion->left = true;
        conversion->width = -conversion->width;
    }
    at = parse_size(at, conversion);
    conversion->kind = *at < 0x80 ? (char)*at : 0;
    *index = asterisk ? next_slot(inserts) : numbered_slot(inserts, number);
    return *at && at[1] == '!' ? at + 2 : NULL;
}

/* Formats the insert whose number has been read; `at` is behind it. Returns what follows it, or NULL. */
static const WCHAR *put_insert(struct output *output, const WCHAR *at, unsigned number,
                               struct inserts *inserts)
{
    struct conversion conversion = {.precision = -1, .kind = 's'};
    unsigned index;
    if (!inserts->slots || !number)
        return NULL;
    if (*at == '!') {
        at = parse_conversion(at + 1, number, inserts, &conversion, &index);
        if (!at)
            return NULL;
    } else {
        index = numbered_slot(inserts, number);
    }
    return put_conversion(output, &conversion, inserts, index) ? at : NULL;
}

/* A message */

/* What stands behind a percent sign. Returns what follows, or NULL for an error or, with `*end`, the end. */
static const WCHAR *put_escape(struct output *output, const WCHAR *at, struct inserts *inserts, bool ignore,
                               bool *end)
{
    int number;
    switch (*at) {
    case 0:
        return NULL;
    case '0':
        *end = true;
        return NULL;
    case 'n':
        put_line_end(output);
        return at + 1;
    case 'r':
        put(output, '\r');
        output->line = output->length;
        return at + 1;
    case 't':
        put_text(output, output->width == FORMAT_MESSAGE_MAX_WIDTH_MASK ? ' ' : '\t');
        return at + 1;
    }
    if (ignore) {
        put_text(output, '%');
        put_text(output, *at);
        return at + 1;
    }
    if (*at < '1' || *at > '9') {
        put_text(output, *at);
        return at + 1;
    }
    const WCHAR *after = at + 1;
    number = *at - '0';
    if (*after >= '0' && *after <= '9')
        number = number * 10 + (*after++ - '0');
    return put_insert(output, after, number, inserts);
}

/* STATUS_INVALID_PARAMETER for a bad insert. */
static NTSTATUS format(struct output *output, const WCHAR *at, struct inserts *inserts, bool ignore)
{
    bool end = false;
    while (*at && !output->failed && !(output->limit && output->length >= output->limit)) {
        if (*at == '%') {
            at = put_escape(output, at + 1, inserts, ignore, &end);
            if (!at)
                return end ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
            continue;
        }
        bool line_end = *at == '\n' || *at == '\r';
        if (at[0] == '\r' && at[1] == '\n')
            at++;
        if (line_end && output->width)
            put_text(output, ' ');
        else if (line_end)
            put_line_end(output);
        else
            put_text(output, *at);
        at++;
    }
    return output->failed ? STATUS_NO_MEMORY : STATUS_SUCCESS;
}

/* English is what there is. */
static bool has_language(DWORD language)
{
    return !language || PRIMARYLANGID(language) == LANG_ENGLISH || PRIMARYLANGID(language) == LANG_NEUTRAL;
}

static DWORD format_system(struct output *output, DWORD number, DWORD language, struct inserts *inserts,
                           bool ignore)
{
    struct wide wide;
    const char *message = system_message(number);
    if (!has_language(language))
        return ERROR_RESOURCE_LANG_NOT_FOUND;
    if (!message)
        return ERROR_MR_MID_NOT_FOUND;
    if (!wide_from_ansi(&wide, message))
        return ERROR_NOT_ENOUGH_MEMORY;
    NTSTATUS status = format(output, wide.text, inserts, ignore);
    wide_free(&wide);
    if (!status)
        status = format(output, L"\r\n", inserts, ignore);
    return status_to_win32(status);
}

static DWORD format_source(struct output *output, DWORD flags, const void *source, DWORD number,
                           DWORD language, struct inserts *inserts)
{
    struct wide wide;
    bool ignore = flags & FORMAT_MESSAGE_IGNORE_INSERTS;
    if (flags & FORMAT_MESSAGE_FROM_STRING) {
        if (!source)
            return ERROR_INVALID_PARAMETER;
        if (!inserts->ansi)
            return status_to_win32(format(output, source, inserts, ignore));
        if (!wide_from_ansi(&wide, source))
            return ERROR_NOT_ENOUGH_MEMORY;
        DWORD error = status_to_win32(format(output, wide.text, inserts, ignore));
        wide_free(&wide);
        return error;
    }
    if (flags & FORMAT_MESSAGE_FROM_SYSTEM)
        return format_system(output, number, language, inserts, ignore);
    return flags & FORMAT_MESSAGE_FROM_HMODULE ? ERROR_RESOURCE_TYPE_NOT_FOUND : ERROR_INVALID_PARAMETER;
}

/* Makes the message in `output`, whose text the caller frees. Returns a Win32 error. */
static DWORD make_message(struct output *output, DWORD flags, const void *source, DWORD number,
                          DWORD language, va_list *arguments, bool ansi)
{
    /* A va_list of the program's is a plain pointer to slots. */
    char **list = (char **)arguments;
    struct inserts inserts = {.ansi = ansi, .array = flags & FORMAT_MESSAGE_ARGUMENT_ARRAY};
    output->width = flags & FORMAT_MESSAGE_MAX_WIDTH_MASK;
    if (list)
        inserts.slots = inserts.array ? (char *)list : *list;
    DWORD error = format_source(output, flags, source, number, language, &inserts);
    /* The caller's list goes on behind what was used of it. */
    if (list && !inserts.array)
        *list += inserts.next * sizeof(ULONG_PTR);
    /* Neither nothing nor more than 64 KiB is a message. */
    if (!error && !output->length)
        return NO_WORK_DONE;
    return !error && output->length >= 32767 ? ERROR_INVALID_PARAMETER : error;
}

/* Results */

static DWORD fail(struct output *output, DWORD error)
{
    free(output->text);
    SetLastError(error);
    return 0;
}

/* FormatMessageW works in the program's buffer, so what there was before an error is there. */
static DWORD fail_in_buffer(struct output *output, DWORD error, WCHAR *buffer, DWORD size)
{
    size_t length = output->length;
    if (size && error != ERROR_INVALID_PARAMETER) {
        length = length < size ? length : size - 1;
        buffer[length] = 0;
    }
    if (length <= size)
        memcpy(buffer, output->text, length * sizeof *buffer);
    return fail(output, error);
}

/* Memory for LocalFree, of at least `size` units. */
static void *allocate_result(size_t length, DWORD size, size_t unit)
{
    size_t units = length + 1 > size ? length + 1 : size;
    return LocalAlloc(LMEM_FIXED, units * unit);
}

DWORD WINAPI FormatMessageW(DWORD flags, LPCVOID source, DWORD number, DWORD language, LPWSTR buffer,
                            DWORD size, va_list *arguments)
{
    struct output output = {0};
    bool allocate = flags & FORMAT_MESSAGE_ALLOCATE_BUFFER;
    if (!buffer)
        return fail(&output, ERROR_INVALID_PARAMETER);
    if (allocate)
        *(WCHAR **)buffer = NULL;
    else
        output.limit = size;
    DWORD error = make_message(&output, flags, source, number, language, arguments, false);
    if (!allocate && (error || output.length >= size))
        return fail_in_buffer(&output, error ? error : ERROR_INSUFFICIENT_BUFFER, buffer, size);
    if (error)
        return fail(&output, error);
    WCHAR *target = allocate ? allocate_result(output.length, size, sizeof *target) : buffer;
    if (!target)
        return fail(&output, ERROR_NOT_ENOUGH_MEMORY);
    memcpy(target, output.text, output.length * sizeof *target);
    target[output.length] = 0;
    if (allocate)
        *(WCHAR **)buffer = target;
    free(output.text);
    return output.length;
}

DWORD WINAPI FormatMessageA(DWORD flags, LPCVOID source, DWORD number, DWORD language, LPSTR buffer,
                            DWORD size, va_list *arguments)
{
    struct output output = {0};
    bool allocate = flags & FORMAT_MESSAGE_ALLOCATE_BUFFER;
    if (!buffer)
        return fail(&output, allocate ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INSUFFICIENT_BUFFER);
    if (allocate)
        *(char **)buffer = NULL;
    DWORD error = make_message(&output, flags, source, number, language, arguments, true);
    if (error)
        return fail(&output, error);
    size_t length = utf8_from_utf16(NULL, 0, output.text, output.length, UTF_REPLACE);
    if (!allocate && length >= size)
        return fail(&output, ERROR_INSUFFICIENT_BUFFER);
    char *target = allocate ? allocate_result(length, size, 1) : buffer;
    if (!target)
        return fail(&output, ERROR_NOT_ENOUGH_MEMORY);
    utf8_from_utf16(target, length, output.text, output.length, UTF_REPLACE);
    target[length] = '\0';
    if (allocate)
        *(char **)buffer = target;
    free(output.text);
    return length;
}
