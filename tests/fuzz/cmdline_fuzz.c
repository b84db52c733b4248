/* uses: kernel/cmdline.c kernel/utf.c */
/* Any bytes as a command line, which is split by both rules, and as arguments that are joined to a line and
 * must come back. */
#include <stdlib.h>
#include "kernel/cmdline.h"
#include "kernel/utf.h"

#define MAX_ARGUMENTS 64

static void split(const WCHAR *line, enum cmdline_rules rules, size_t expected_count,
                  const char *const *expected)
{
    size_t counted, counted_size, count, size;
    cmdline_parse(line, rules, NULL, NULL, &counted, &counted_size);
    WCHAR **argv = malloc((counted + 1) * sizeof *argv), *text = malloc(counted_size * sizeof *text);
    cmdline_parse(line, rules, argv, text, &count, &size);
    if (count != counted || size != counted_size || argv[count])
        abort();
    for (size_t i = 0; i < expected_count; i++) {
        WCHAR argument[4096];
        size_t length = utf16_from_utf8(argument, 4096, expected[i], strlen(expected[i]) + 1, UTF_REPLACE);
        if (count != expected_count || length > 4096 ||
            memcmp(argv[i], argument, length * sizeof *argument) != 0)
            abort();
    }
    free(argv);
    free(text);
}

static void split_bytes(const uint8_t *bytes, size_t size)
{
    WCHAR *line = malloc((size + 1) * sizeof *line);
    for (size_t i = 0; i < size; i++)
        line[i] = bytes[i];
    line[size] = 0;
    split(line, CMDLINE_CRT, 0, NULL);
    split(line, CMDLINE_SHELL, 0, NULL);
    free(line);
}

/* Each NUL, and the end, ends an argument. */
static void join_and_split(const uint8_t *bytes, size_t size)
{
    const char *argv[MAX_ARGUMENTS] = {"program"};
    char *copy = malloc(size + 1);
    size_t count = 1;
    memcpy(copy, bytes, size);
    copy[size] = 0;
    for (char *p = copy; p <= copy + size && count < MAX_ARGUMENTS; p += strlen(p) + 1)
        argv[count++] = p;
    WCHAR *line = cmdline_build(count, argv);
    split(line, CMDLINE_CRT, count, argv);
    split(line, CMDLINE_SHELL, count, argv);
    free(line);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size > 4000)
        return 0;
    split_bytes(bytes, size);
    join_and_split(bytes, size);
    return 0;
}
