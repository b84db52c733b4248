/* Memory that lives as long as the run: a .spec file's text, entries and tables are freed together. */
#ifndef GENTHUNKS_ARENA_H
#define GENTHUNKS_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks;
};

/* Zeroed memory, aligned for any type; ends the program when there is none. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of `length` bytes with a NUL after them. */
char *arena_string(struct arena *arena, const char *bytes, size_t length);
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *arena);

/* Makes room for one more element behind an array of `count`; its room doubles at powers of two. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);

#endif
