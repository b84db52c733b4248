#include <fcntl.h>
#include <unistd.h>

#include "kernel/host_maps.h"

/* Reads /proc/self/maps piece by piece; only the addresses at the start of each line matter. */
struct reader {
    int file;
    size_t length, position;
    char buffer[4096];
};

static int next_character(struct reader *reader)
{
    if (reader->position == reader->length) {
        ssize_t got = read(reader->file, reader->buffer, sizeof reader->buffer);
        if (got <= 0)
            return -1;
        reader->length = got;
        reader->position = 0;
    }
    return (unsigned char)reader->buffer[reader->position++];
}

static int digit_value(int character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* A hexadecimal number and the character that ends it. */
static bool read_number(struct reader *reader, uintptr_t *number)
{
    int character, digit;
    *number = 0;
    while ((character = next_character(reader)) >= 0 && (digit = digit_value(character)) >= 0)
        *number = *number << 4 | digit;
    return character >= 0;
}

static void skip_line(struct reader *reader)
{
    int character;
    do
        character = next_character(reader);
    while (character >= 0 && character != '\n');
}

bool host_maps_overlap(uintptr_t start, uintptr_t end, size_t gap, uintptr_t *first, uintptr_t *last)
{
    struct reader reader = {.file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)};
    uintptr_t from, to;
    bool found = false;
    if (reader.file < 0)
        return false;
    while (read_number(&reader, &from) && read_number(&reader, &to) &&
           (from < end || (found && from - *last < gap))) {
        if (to > start) {
            if (!found)
                *first = from;
            *last = to;
            found = true;
        }
        skip_line(&reader);
    }
    close(reader.file);
    return found;
}
