#include "dlls/kernel32/error.h"
#include "kernel/utf.h"

/* A command line as CommandLineToArgvW takes it apart. The same steps count first and write then. */
struct splitter {
    const WCHAR *from;
    WCHAR *to;    /* NULL while counting */
    WCHAR **list; /* NULL while counting */
    size_t units; /* NULs included */
    int count;
};

static void put(struct splitter *splitter, WCHAR unit)
{
    if (splitter->to)
        splitter->to[splitter->units] = unit;
    splitter->units++;
}

static void begin(struct splitter *splitter)
{
    if (splitter->list)
        splitter->list[splitter->count] = splitter->to + splitter->units;
    splitter->count++;
}

static bool is_blank(WCHAR unit)
{
    return unit == ' ' || unit == '\t';
}

/* The program's name has no escapes: it goes to the next quotation mark, or to the next blank. */
static void take_program(struct splitter *splitter)
{
    bool quoted = *splitter->from == '"';
    begin(splitter);
    splitter->from += quoted;
    while (*splitter->from && (quoted ? *splitter->from != '"' : *splitter->from > ' '))
        put(splitter, *splitter->from++);
    splitter->from += *splitter->from != 0;
    put(splitter, 0);
}

/* Backslashes count for themselves, but before a quotation mark every two are one, and an odd one takes its
 * meaning away. Of marks in a row, the third is one that is meant. */
static void take_argument(struct splitter *splitter)
{
    unsigned marks = 0;
    begin(splitter);
    while (*splitter->from && (marks || !is_blank(*splitter->from))) {
        size_t slashes = 0;
        while (splitter->from[slashes] == '\\')
            slashes++;
        bool escapes = splitter->from[slashes] == '"';
        splitter->from += slashes;
        for (size_t i = 0; i < (escapes ? slashes / 2 : slashes); i++)
            put(splitter, '\\');
        if (escapes && slashes % 2) {
            put(splitter, *splitter->from++);
        } else if (escapes) {
            for (; *splitter->from == '"'; splitter->from++) {
                if (++marks == 3) {
                    put(splitter, '"');
                    marks = 0;
                }
            }
            marks %= 2;
        } else if (*splitter->from && (marks || !is_blank(*splitter->from))) {
            put(splitter, *splitter->from++);
        }
    }
    put(splitter, 0);
}

static void split(struct splitter *splitter)
{
    take_program(splitter);
    for (;;) {
        while (is_blank(*splitter->from))
            splitter->from++;
        if (!*splitter->from)
            return;
        take_argument(splitter);
    }
}

/* An empty line has one argument, the program's path. */
static const WCHAR *program_path(WCHAR *buffer, DWORD size)
{
    DWORD length = GetModuleFileNameW(NULL, buffer, size);
    return length && length < size ? buffer : NULL;
}

/* The list and its strings are one block, for LocalFree. */
LPWSTR *WINAPI CommandLineToArgvW(LPCWSTR line, int *count)
{
    WCHAR path[32768 + 2] = L"\"";
    if (!line || !count) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!*line) {
        if (!program_path(path + 1, ARRAYSIZE(path) - 1))
            return NULL;
        line = path;
    }
    struct splitter measured = {.from = line}, splitter = {.from = line};
    split(&measured);
    size_t list_size = (measured.count + 1) * sizeof *splitter.list;
    splitter.list = LocalAlloc(LMEM_FIXED, list_size + measured.units * sizeof(WCHAR));
    if (!splitter.list)
        return NULL;
    splitter.to = (WCHAR *)((char *)splitter.list + list_size);
    split(&splitter);
    splitter.list[splitter.count] = NULL;
    *count = splitter.count;
    return splitter.list;
}
