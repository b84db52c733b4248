#include <stdlib.h>
#include "dlls/msvcrt/arguments.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/wcsstring.h"
#include "kernel/cmdline.h"

/* While it grows, the vector holds offsets into its text: both are still moving. */
struct vector {
    size_t *offsets;
    size_t count, capacity;
    WCHAR *text;
    size_t used, size;
    bool failed;
};

static bool reserve(struct vector *vector, size_t characters)
{
    if (vector->count == vector->capacity) {
        size_t capacity = vector->capacity ? vector->capacity * 2 : 16;
        size_t *offsets = realloc(vector->offsets, capacity * sizeof *offsets);
        if (!offsets)
            return false;
        vector->offsets = offsets;
        vector->capacity = capacity;
    }
    if (vector->size - vector->used < characters) {
        size_t size = (vector->used + characters) * 2;
        WCHAR *text = realloc(vector->text, size * sizeof *text);
        if (!text)
            return false;
        vector->text = text;
        vector->size = size;
    }
    return true;
}

/* Room for one more string of up to `characters` with its terminator; NULL without memory. */
static WCHAR *next_string(struct vector *vector, size_t characters)
{
    if (vector->failed || !reserve(vector, characters)) {
        vector->failed = true;
        return NULL;
    }
    return vector->text + vector->used;
}

static void keep_string(struct vector *vector, size_t length)
{
    vector->offsets[vector->count++] = vector->used;
    vector->used += length + 1;
}

/* A pattern's directory part ends after its last separator. */
static size_t directory_length(const WCHAR *pattern)
{
    size_t length = 0;
    for (size_t i = 0; pattern[i]; i++) {
        if (pattern[i] == '\\' || pattern[i] == '/' || pattern[i] == ':')
            length = i + 1;
    }
    return length;
}

static void add_match(struct vector *vector, const WCHAR *pattern, size_t directory, const WCHAR *name)
{
    size_t length = crt_wcslen(name);
    WCHAR *text = next_string(vector, directory + length + 1);
    if (!text)
        return;
    memcpy(text, pattern, directory * sizeof *text);
    memcpy(text + directory, name, (length + 1) * sizeof *text);
    keep_string(vector, directory + length);
}

static int compare_names(const void *a, const void *b, void *text)
{
    const WCHAR *names = text;
    return lstrcmpiW(names + *(const size_t *)a, names + *(const size_t *)b);
}

static bool is_dot_entry(const WCHAR *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Adds what the pattern matches, in the order of names, and says whether that was anything. `pattern` is
 * a copy, since the vector's text moves. */
static bool add_matches(struct vector *vector, const WCHAR *pattern)
{
    size_t first = vector->count, directory = directory_length(pattern);
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(pattern, &found);
    if (search == INVALID_HANDLE_VALUE)
        return false;
    do {
        if (!is_dot_entry(found.cFileName))
            add_match(vector, pattern, directory, found.cFileName);
    } while (FindNextFileW(search, &found));
    FindClose(search);
    qsort_r(vector->offsets + first, vector->count - first, sizeof *vector->offsets, compare_names,
            vector->text);
    return vector->count > first;
}

/* The argument stands unkept at the end of the text: it is kept where the pattern has no match. */
static void expand(struct vector *vector, size_t length)
{
    WCHAR *pattern = malloc((length + 1) * sizeof *pattern);
    if (!pattern) {
        vector->failed = true;
        return;
    }
    memcpy(pattern, vector->text + vector->used, (length + 1) * sizeof *pattern);
    if (!add_matches(vector, pattern))
        keep_string(vector, length);
    free(pattern);
}

/* Matches were sorted, so the strings are put in order here. */
static WCHAR **finished_vector(const struct vector *vector)
{
    size_t pointers = (vector->count + 1) * sizeof(WCHAR *);
    WCHAR **result = crt_malloc(pointers + vector->used * sizeof(WCHAR));
    if (!result)
        return NULL;
    WCHAR *text = (WCHAR *)(result + vector->count + 1);
    for (size_t i = 0; i < vector->count; i++) {
        const WCHAR *string = vector->text + vector->offsets[i];
        size_t size = crt_wcslen(string) + 1;
        memcpy(text, string, size * sizeof *text);
        result[i] = text;
        text += size;
    }
    result[vector->count] = NULL;
    return result;
}

static WCHAR **expanded_arguments(const WCHAR *line, int *count)
{
    struct vector vector = {0};
    struct cmdline_argument argument;
    WCHAR *text = next_string(&vector, crt_wcslen(line) + 1);
    if (text) {
        cmdline_program(&line, CMDLINE_CRT, text, &argument);
        keep_string(&vector, argument.length);
    }
    while ((text = next_string(&vector, crt_wcslen(line) + 1)) != NULL &&
           cmdline_next(&line, CMDLINE_CRT, text, &argument)) {
        if (argument.wildcard)
            expand(&vector, argument.length);
        else
            keep_string(&vector, argument.length);
    }
    WCHAR **result = vector.failed ? NULL : finished_vector(&vector);
    *count = (int)vector.count;
    free(vector.offsets);
    free(vector.text);
    return result;
}

static WCHAR **plain_arguments(const WCHAR *line, int *count)
{
    size_t strings, characters;
    cmdline_parse(line, CMDLINE_CRT, NULL, NULL, &strings, &characters);
    WCHAR **result = crt_malloc((strings + 1) * sizeof *result + characters * sizeof(WCHAR));
    if (result)
        cmdline_parse(line, CMDLINE_CRT, result, (WCHAR *)(result + strings + 1), &strings, &characters);
    *count = (int)strings;
    return result;
}

WCHAR **wide_arguments(const WCHAR *line, bool expand_wildcards, int *count)
{
    return expand_wildcards ? expanded_arguments(line, count) : plain_arguments(line, count);
}

/* The strings of a vector lie one behind the other, so they are converted at one go. */
char **narrow_arguments(WCHAR *const *wide, int count)
{
    const WCHAR *text = wide[0];
    const WCHAR *last = wide[count - 1];
    int length = (int)(last + crt_wcslen(last) + 1 - text);
    int bytes = WideCharToMultiByte(CP_ACP, 0, text, length, NULL, 0, NULL, NULL);
    char **result = crt_malloc((count + 1) * sizeof *result + bytes);
    if (!result)
        return NULL;
    char *string = (char *)(result + count + 1);
    WideCharToMultiByte(CP_ACP, 0, text, length, string, bytes, NULL, NULL);
    for (int i = 0; i < count; i++) {
        result[i] = string;
        string += strlen(string) + 1;
    }
    result[count] = NULL;
    return result;
}
