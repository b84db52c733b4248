/* What the streams of a minidump share. */
#ifndef LOADER_CRASH_MINIDUMP_INTERNAL_H
#define LOADER_CRASH_MINIDUMP_INTERNAL_H

#include "loader/crash/minidump.h"
#include "kernel/thread.h"
#include <dbghelp.h>

enum {
    MINIDUMP_MOST_STREAMS = 32,
    MINIDUMP_MOST_THREADS = 500,
    MINIDUMP_MOST_RANGES = 2 * MINIDUMP_MOST_THREADS + 100,
};

struct minidump {
    const struct minidump_source *source;
    int file;
    bool failed;
    uint64_t end; /* of what is written, or reserved */
    MINIDUMP_DIRECTORY streams[MINIDUMP_MOST_STREAMS];
    unsigned stream_count;
    struct thread *threads[MINIDUMP_MOST_THREADS]; /* retained; the calling one is the first */
    unsigned thread_count, suspended_count;
    MINIDUMP_MEMORY_DESCRIPTOR ranges[MINIDUMP_MOST_RANGES];
    unsigned range_count;
};

/* The file */

/* Room for something that follows later; where it is aligned, zeros come before it. */
MINIDUMP_LOCATION_DESCRIPTOR minidump_reserve(struct minidump *dump, size_t size);
/* Memory that cannot be read leaves zeros. */
void minidump_put(struct minidump *dump, uint64_t at, const void *bytes, size_t size);
MINIDUMP_LOCATION_DESCRIPTOR minidump_append(struct minidump *dump, const void *bytes, size_t size);
/* A MINIDUMP_STRING. */
RVA minidump_append_string(struct minidump *dump, const WCHAR *text, size_t length);
void minidump_add_stream(struct minidump *dump, ULONG type, MINIDUMP_LOCATION_DESCRIPTOR location);

/* Writes memory and remembers it for the list of memory. */
MINIDUMP_MEMORY_DESCRIPTOR minidump_append_memory(struct minidump *dump, uintptr_t start, size_t size);

/* The streams, each an attempt of its own; `dump` is a struct minidump */

void minidump_system_info(void *dump);
void minidump_misc_info(void *dump);
void minidump_thread_list(void *dump);
void minidump_thread_names(void *dump);
void minidump_module_list(void *dump);
void minidump_exception(void *dump);
void minidump_user_streams(void *dump);
void minidump_memory_list(void *dump);
void minidump_memory_info(void *dump);
void minidump_all_memory(void *dump);

#endif
