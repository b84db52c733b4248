/* One file of the registry as a journal that is read bit by bit. */
#ifndef KERNEL_REGISTRY_JOURNAL_H
#define KERNEL_REGISTRY_JOURNAL_H

#include <sys/stat.h>
#include "kernel/registry_replay.h"

struct registry_journal {
    const char *path;
    struct stat status; /* as it was when it was last read; st_ino 0: it did not exist */
    off_t read;         /* how much of it has been read and understood */
    char last[64];      /* the bytes before that */
    size_t last_size;
    unsigned line;
    bool is_utf16; /* in part: it has to be written anew before anything is added */
    bool complained;
    struct registry_replay replay;
};

enum registry_journal_state {
    JOURNAL_UNCHANGED,
    JOURNAL_GROWN,
    JOURNAL_REPLACED, /* what was read of it holds no more */
};

/* Looks at the file, which need not exist; `status` is what it is now. */
enum registry_journal_state registry_journal_look(const struct registry_journal *journal,
                                                  struct stat *status);
/* Reads on to where the file ends that `status` is of. False: memory is short. */
bool registry_journal_read(struct registry_journal *journal, const struct stat *status);
/* The next time it is read from its beginning. */
void registry_journal_rewind(struct registry_journal *journal);

/* Adds lines behind what `descriptor` has; they are about `key` if that is not NULL. Under the registry's
 * lock for all processes, after everything has been read. */
NTSTATUS registry_journal_append(struct registry_journal *journal, int descriptor,
                                 const struct registry_key *key, const struct registry_bytes *lines);

#endif
