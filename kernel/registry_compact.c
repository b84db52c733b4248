#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/registry_compact.h"
#include "kernel/registry_machine.h"
#include "kernel/upcase.h"

/* Differences */

static bool is_same_value(const struct registry_value *a, const struct registry_value *b)
{
    return a && a->type == b->type && a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static bool is_same_class(const struct registry_key *from, const struct registry_key *to)
{
    return from ? from->class_length == to->class_length &&
                      (!to->class_length || !memcmp(from->class, to->class, to->class_length * sizeof(WCHAR)))
                : !to->class_length;
}

static struct registry_value *find_same(const struct registry_key *key, const struct registry_value *value)
{
    return key ? registry_value_find(key, value->name, value->name_length, value->hash) : NULL;
}

static void write_values(struct registry_bytes *text, const struct registry_key *from,
                         const struct registry_key *to)
{
    if (!is_same_class(from, to))
        registry_write_class(text, to->class, to->class_length);
    for (uint32_t i = 0; i < to->value_count; i++) {
        const struct registry_value *value = to->values[i];
        if (!is_same_value(find_same(from, value), value))
            registry_write_value(text, value->name, value->name_length, value->type, value->data,
                                 value->size);
    }
    for (uint32_t i = 0; from && i < from->value_count; i++)
        if (!find_same(to, from->values[i]))
            registry_write_deleted_value(text, from->values[i]->name, from->values[i]->name_length);
}

/* The key's name is written only if it is new or has something to say. */
static void write_key(struct registry_bytes *text, const struct registry_key *from,
                      const struct registry_key *to)
{
    struct registry_bytes values = {0};
    write_values(&values, from, to);
    if (!from || values.size) {
        registry_bytes_add(text, "\n", text->size ? 1 : 0);
        registry_write_key_line(text, to, false);
        registry_bytes_add(text, values.bytes, values.size);
    }
    text->failed |= values.failed;
    free(values.bytes);
}

void registry_write_difference(struct registry_bytes *text, const struct registry_key *from,
                               const struct registry_key *to)
{
    if (to->parent && !to->is_volatile)
        write_key(text, from, to);
    for (uint32_t i = 0; from && i < from->child_count; i++) {
        const struct registry_key *child = from->children[i];
        if (!registry_key_find(to, child->name, child->name_length))
            registry_write_key_line(text, child, true);
    }
    for (uint32_t i = 0; i < to->child_count; i++) {
        const struct registry_key *child = to->children[i];
        if (!child->is_volatile)
            registry_write_difference(
                text, from ? registry_key_find(from, child->name, child->name_length) : NULL, child);
    }
}

/* What every user has, as it was read at first. */
static struct registry_key *read_base(const struct registry_journal *builtin)
{
    struct stat status;
    struct registry_key *root = registry_tree_create();
    if (!root)
        return NULL;
    struct registry_journal journal = {.path = builtin->path, .replay.root = root, .complained = true};
    registry_journal_rewind(&journal);
    registry_journal_look(&journal, &status);
    bool done = registry_journal_read(&journal, &status) && registry_add_machine(root);
    registry_replay_forget_key(&journal.replay);
    if (done)
        return root;
    registry_tree_free(root);
    return NULL;
}

/* When */

/* A file is looked at again when it has become twice as long as it was found to have to be. */
static off_t needed;

bool registry_is_worth_compacting(const struct registry_journal *journal)
{
    const off_t small = 1 << 16;
    return journal->is_utf16 || journal->status.st_size > max(small, 2 * needed);
}

/* The file */

static bool write_file(const char *path, mode_t mode, const struct registry_bytes *text)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return false;
    size_t done = 0;
    for (ssize_t count = 1; done < text->size && count > 0; done += max(count, 0))
        count = write(descriptor, text->bytes + done, text->size - done);
    bool written = done == text->size && !fchmod(descriptor, mode & 07777) && !fsync(descriptor);
    return !close(descriptor) && written;
}

/* A link stays one: what it leads to is replaced. */
static bool replace_file(const char *path, mode_t mode, const struct registry_bytes *text)
{
    char target[PATH_MAX], temporary[PATH_MAX + 8];
    if (!realpath(path, target))
        return false;
    snprintf(temporary, sizeof temporary, "%s.new", target);
    if (write_file(temporary, mode, text) && !rename(temporary, target))
        return true;
    unlink(temporary);
    return false;
}

bool registry_compact(struct registry_journal *journal, const struct registry_journal *builtin,
                      const struct registry_key *tree)
{
    const char header[] = REGISTRY_HEADER "\n";
    struct registry_bytes text = {0};
    struct registry_key *base = read_base(builtin);
    if (!base)
        return false;
    registry_bytes_add(&text, header, sizeof header - 1);
    registry_write_difference(&text, base, tree);
    registry_tree_free(base);
    needed = text.size;
    bool replaced = !text.failed && (journal->is_utf16 || journal->status.st_size > 2 * needed) &&
                    replace_file(journal->path, journal->status.st_mode, &text);
    free(text.bytes);
    return replaced;
}
