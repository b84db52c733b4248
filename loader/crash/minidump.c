/* The file of a minidump, and the threads while it is written. A list's room is reserved before its entries
 * are written, since what they refer to follows them. */
#include "loader/crash/minidump.h"
#include <time.h>
#include <unistd.h>
#include "loader/crash/crash_internal.h"
#include "loader/crash/minidump_internal.h"

static struct minidump dump;

/* The file */

enum { ALIGNMENT = 8, PAGE = 0x1000 };

MINIDUMP_LOCATION_DESCRIPTOR minidump_reserve(struct minidump *dump, size_t size)
{
    uint64_t at = (dump->end + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
    dump->end = at + size;
    if (dump->end > UINT32_MAX)
        dump->failed = true;
    return (MINIDUMP_LOCATION_DESCRIPTOR){.DataSize = size, .Rva = at};
}

void minidump_put(struct minidump *dump, uint64_t at, const void *bytes, size_t size)
{
    const char *from = bytes, *end = from + size;
    while (from < end && !dump->failed) {
        ssize_t written = pwrite(dump->file, from, end - from, at + (from - (const char *)bytes));
        if (written > 0)
            from += written;
        else if (errno == EFAULT) /* The next page may be there. */
            from += PAGE - (uintptr_t)from % PAGE;
        else if (errno != EINTR)
            dump->failed = true;
    }
}

MINIDUMP_LOCATION_DESCRIPTOR minidump_append(struct minidump *dump, const void *bytes, size_t size)
{
    MINIDUMP_LOCATION_DESCRIPTOR location = minidump_reserve(dump, size);
    minidump_put(dump, location.Rva, bytes, size);
    return location;
}

RVA minidump_append_string(struct minidump *dump, const WCHAR *text, size_t length)
{
    uint32_t size = length * sizeof *text;
    MINIDUMP_LOCATION_DESCRIPTOR location = minidump_reserve(dump, sizeof size + size + sizeof *text);
    minidump_put(dump, location.Rva, &size, sizeof size);
    minidump_put(dump, location.Rva + sizeof size, text, size);
    return location.Rva;
}

MINIDUMP_MEMORY_DESCRIPTOR minidump_append_memory(struct minidump *dump, uintptr_t start, size_t size)
{
    MINIDUMP_MEMORY_DESCRIPTOR range = {.StartOfMemoryRange = start};
    if (dump->source->full || dump->range_count == MINIDUMP_MOST_RANGES)
        return range;
    range.Memory = minidump_append(dump, (const void *)start, size);
    dump->ranges[dump->range_count++] = range;
    return range;
}

void minidump_add_stream(struct minidump *dump, ULONG type, MINIDUMP_LOCATION_DESCRIPTOR location)
{
    dump->streams[dump->stream_count++] = (MINIDUMP_DIRECTORY){type, location};
}

static void put_header(void)
{
    MINIDUMP_HEADER header = {
        .Signature = 0x504d444d, /* "MDMP" */
        .Version = MINIDUMP_VERSION,
        .NumberOfStreams = dump.stream_count,
        .StreamDirectoryRva = sizeof header,
        .TimeDateStamp = time(NULL),
        .Flags = dump.source->full ? MiniDumpWithFullMemory | MiniDumpWithFullMemoryInfo : MiniDumpNormal,
    };
    minidump_put(&dump, 0, &header, sizeof header);
    minidump_put(&dump, sizeof header, dump.streams, sizeof dump.streams);
    /* Zeros at the end are not written otherwise. */
    if (ftruncate(dump.file, dump.end))
        dump.failed = true;
}

/* -- the threads -------------------------------------------------------------------------------------------
 */

static void collect_thread(struct thread *thread, void *unused)
{
    if (thread == thread_current() || dump.thread_count == MINIDUMP_MOST_THREADS)
        return;
    object_retain(&thread->object);
    dump.threads[dump.thread_count++] = thread;
}

static void suspend_threads(void *unused)
{
    DWORD previous;
    object_retain(&thread_current()->object);
    dump.threads[dump.thread_count++] = thread_current();
    thread_for_each(collect_thread, NULL);
    for (dump.suspended_count = 1; dump.suspended_count < dump.thread_count; dump.suspended_count++)
        thread_suspend(dump.threads[dump.suspended_count], &previous);
}

static void resume_threads(void *unused)
{
    DWORD previous;
    for (unsigned i = 0; i < dump.thread_count; i++) {
        if (i && i < dump.suspended_count)
            thread_resume(dump.threads[i], &previous);
        thread_release(dump.threads[i]);
    }
}

bool minidump_write(int file, const struct minidump_source *source)
{
    static void (*const streams[])(void *dump) = {
        minidump_system_info, minidump_misc_info,    minidump_exception,
        minidump_thread_list, minidump_thread_names, minidump_module_list,
        minidump_memory_list, minidump_memory_info,  minidump_user_streams,
    };
    memset(&dump, 0, offsetof(struct minidump, threads));
    dump.thread_count = dump.suspended_count = dump.range_count = 0;
    dump.file = file;
    dump.source = source;
    minidump_reserve(&dump, sizeof(MINIDUMP_HEADER) + sizeof dump.streams);
    bool complete = crash_attempt(suspend_threads, NULL);
    for (unsigned i = 0; i < ARRAYSIZE(streams); i++)
        complete &= crash_attempt(streams[i], &dump);
    if (source->full)
        complete &= crash_attempt(minidump_all_memory, &dump);
    put_header();
    crash_attempt(resume_threads, NULL);
    return complete && !dump.failed;
}
