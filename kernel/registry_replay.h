/* Registry files' entries applied to the keys in memory, and keys' names in such files. */
#ifndef KERNEL_REGISTRY_REPLAY_H
#define KERNEL_REGISTRY_REPLAY_H

#include "kernel/registry_text.h"
#include "kernel/registry_tree.h"

/* The one user there is. */
#define REGISTRY_USER_SID L"S-1-5-21-0-0-0-1000"

/* A file that is being read. */
struct registry_replay {
    struct registry_key *root;
    struct registry_key *current; /* a reference; the key that values are for; NULL: none */
    bool is_volatile;             /* the keys in this file are */
    LONGLONG written;             /* when what is read is taken to have been written */
};

/* A tree that has the keys that are always there; NULL: memory is short. */
struct registry_key *registry_tree_create(void);

enum registry_applied {
    REGISTRY_APPLIED,
    REGISTRY_NOT_APPLIED, /* it cannot be: there is no such root, a name is too long, a value has no key */
    REGISTRY_NO_MEMORY,
};
enum registry_applied registry_apply(struct registry_replay *replay, const struct registry_entry *entry);
void registry_replay_forget_key(struct registry_replay *replay);

/* The lines that name a key, as what is current or what is deleted. The key must not be deleted already. */
void registry_write_key_line(struct registry_bytes *text, const struct registry_key *key, bool deleted);

#endif
