/* Minidumps: the state of this process in the file format of Windows' debuggers. */
#ifndef LOADER_CRASH_MINIDUMP_H
#define LOADER_CRASH_MINIDUMP_H

#include <litewin/windows.h>

struct minidump_source {
    const EXCEPTION_RECORD *record; /* NULL: there is no exception */
    const CONTEXT *exception_context;
    DWORD exception_thread;
    const CONTEXT *context; /* the calling thread's */
    const struct _MINIDUMP_USER_STREAM *user_streams;
    unsigned user_stream_count;
    bool full; /* all memory of the program, not stacks and what registers point to alone */
};

/* Writes the dump over a file that is empty. The other threads are suspended meanwhile. False if it could not
 * be written, or not to its end. Within a report: each stream is a part of its own. */
bool minidump_write(int file, const struct minidump_source *source);

#endif
