#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/registry_journal.h"
#include "kernel/status.h"

#define TICKS_TO_1970 116444736000000000ll

/* Looking */

static bool is_same_time(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

enum registry_journal_state registry_journal_look(const struct registry_journal *journal, struct stat *status)
{
    const struct stat *seen = &journal->status;
    if (!journal->path || stat(journal->path, status))
        *status = (struct stat){0};
    if (status->st_ino != seen->st_ino || status->st_dev != seen->st_dev)
        return seen->st_ino ? JOURNAL_REPLACED : JOURNAL_GROWN;
    if (status->st_size < seen->st_size)
        return JOURNAL_REPLACED;
    if (status->st_size > seen->st_size)
        return JOURNAL_GROWN;
    return is_same_time(status, seen) ? JOURNAL_UNCHANGED : JOURNAL_REPLACED;
}

/* Reading */

void registry_journal_rewind(struct registry_journal *journal)
{
    journal->status = (struct stat){0};
    journal->read = 0;
    journal->last_size = 0;
    journal->line = 1;
    journal->is_utf16 = false;
    registry_replay_forget_key(&journal->replay);
}

static void complain(struct registry_journal *journal, unsigned line, const char *problem)
{
    if (!journal->complained)
        fprintf(stderr, "litewin: %s:%u: %s\n", journal->path, line, problem);
    journal->complained = true;
}

static bool apply_all(struct registry_journal *journal, struct registry_reader *reader)
{
    struct registry_entry entry;
    for (;;) {
        enum registry_read read = registry_read(reader, &entry);
        enum registry_applied applied = REGISTRY_APPLIED;
        if (read == REGISTRY_READ_END)
            return true;
        if (read == REGISTRY_READ_ENTRY)
            applied = registry_apply(&journal->replay, &entry);
        if (read == REGISTRY_READ_NO_MEMORY || applied == REGISTRY_NO_MEMORY)
            return false;
        if (read == REGISTRY_READ_BROKEN || applied == REGISTRY_NOT_APPLIED)
            complain(journal, reader->line - (reader->at[-1] == '\n'),
                     "this line of the registry cannot be understood; the others are used");
    }
}

static void remember_last(struct registry_journal *journal, const char *text, size_t size)
{
    size_t count = min(size, sizeof journal->last);
    memcpy(journal->last, text + size - count, count);
    journal->last_size = count;
}

/* `text` begins with the last bytes that were read before. */
static bool apply_text(struct registry_journal *journal, const char *text, size_t size)
{
    struct registry_bytes converted = {0};
    size_t before = journal->last_size;
    bool is_utf16 = registry_text_from_utf16(text + before, size - before, &converted);
    struct registry_reader reader = {
        .at = is_utf16 ? converted.bytes : text + before,
        .end = is_utf16 ? converted.bytes + converted.size : text + size,
        .line = journal->line,
    };
    bool done = !converted.failed && apply_all(journal, &reader);
    size_t taken = is_utf16 ? size : (size_t)(reader.at - text);
    journal->read += taken - before;
    journal->line = reader.line;
    journal->is_utf16 |= is_utf16;
    remember_last(journal, text, taken);
    registry_reader_free(&reader);
    free(converted.bytes);
    return done;
}

static bool read_fully(int descriptor, char *text, size_t size, off_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = pread(descriptor, text + done, size - done, offset + done);
        if (count <= 0)
            return false;
        done += count;
    }
    return true;
}

/* The file may have been replaced or cut since it was looked at, which the next look will tell. */
static bool read_on(struct registry_journal *journal, int descriptor, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return false;
    bool done = true;
    if (read_fully(descriptor, text, size, journal->read - journal->last_size)) {
        if (memcmp(text, journal->last, journal->last_size) == 0)
            done = apply_text(journal, text, size);
        else
            journal->status.st_size = INT64_MAX; /* the next look says that it was replaced */
    }
    free(text);
    return done;
}

bool registry_journal_read(struct registry_journal *journal, const struct stat *status)
{
    journal->status = *status;
    if (!status->st_ino)
        return true;
    int descriptor = open(journal->path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        complain(journal, 1, strerror(errno));
        return true;
    }
    journal->replay.written =
        TICKS_TO_1970 + status->st_mtim.tv_sec * 10000000ll + status->st_mtim.tv_nsec / 100;
    off_t from = journal->read - journal->last_size;
    bool done = status->st_size <= journal->read || read_on(journal, descriptor, status->st_size - from);
    close(descriptor);
    return done;
}

/* Adding */

/* What has to come before the lines: the end of an unfinished one, and the name of the key if it is not
 * current there. */
static void add_beginning(const struct registry_journal *journal, const struct registry_key *key,
                          struct registry_bytes *text)
{
    const char header[] = REGISTRY_HEADER "\n\n", cut[] = REGISTRY_CUT_MARK "\n";
    bool is_cut = journal->read < journal->status.st_size;
    if (!journal->status.st_size)
        registry_bytes_add(text, header, sizeof header - 1);
    else if (is_cut)
        registry_bytes_add(text, cut, sizeof cut - 1);
    else if (journal->last_size && journal->last[journal->last_size - 1] != '\n')
        registry_bytes_add(text, "\n", 1);
    if (key && (is_cut || journal->replay.current != key))
        registry_write_key_line(text, key, false);
}

static NTSTATUS write_at_end(int descriptor, const struct registry_bytes *text, off_t end)
{
    ssize_t written = write(descriptor, text->bytes, text->size);
    if (written == (ssize_t)text->size)
        return STATUS_SUCCESS;
    NTSTATUS status = written < 0 ? status_from_errno(errno) : STATUS_DISK_FULL;
    return ftruncate(descriptor, end) ? STATUS_DISK_FULL : status;
}

NTSTATUS registry_journal_append(struct registry_journal *journal, int descriptor,
                                 const struct registry_key *key, const struct registry_bytes *lines)
{
    struct registry_bytes text = {0};
    add_beginning(journal, key, &text);
    registry_bytes_add(&text, lines->bytes, lines->size);
    NTSTATUS status = text.failed || lines->failed ? STATUS_NO_MEMORY
                                                   : write_at_end(descriptor, &text, journal->status.st_size);
    free(text.bytes);
    struct stat now;
    if (!NT_SUCCESS(status))
        return status;
    if (fstat(descriptor, &now))
        return status_from_errno(errno);
    return registry_journal_read(journal, &now) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}
