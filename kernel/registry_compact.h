/* Writing the user's file anew, when much of what it says has been overtaken. */
#ifndef KERNEL_REGISTRY_COMPACT_H
#define KERNEL_REGISTRY_COMPACT_H

#include "kernel/registry_journal.h"

bool registry_is_worth_compacting(const struct registry_journal *journal);
/* Under the registry's lock for all processes: puts a file in the place of `journal`'s that says what `tree`
 * has beyond `builtin`. False if it was left as it is. */
bool registry_compact(struct registry_journal *journal, const struct registry_journal *builtin,
                      const struct registry_key *tree);

/* Adds the lines that make what is below `from` what is below `to`, but for volatile keys. `from` may be
 * NULL. */
void registry_write_difference(struct registry_bytes *text, const struct registry_key *from,
                               const struct registry_key *to);

#endif
