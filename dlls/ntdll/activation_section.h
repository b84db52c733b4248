/* Building the sections of activation contexts, in Windows' own layout. The bytes may move while a section
 * grows, so that offsets are kept. */
#ifndef NTDLL_ACTIVATION_SECTION_H
#define NTDLL_ACTIVATION_SECTION_H

#include "dlls/ntdll/activation.h"
#include "kernel/utf.h"

struct activation_section {
    char *bytes;
    size_t length, room;
    bool failed;
};

/* Returns the offset; what is added is zero and begins at a multiple of 4. */
size_t section_add(struct activation_section *section, size_t size);

static inline void *section_at(const struct activation_section *section, size_t offset)
{
    return section->bytes + offset;
}

/* Without the terminator. */
static inline ULONG section_bytes(const WCHAR *string)
{
    return utf16_length(string) * sizeof *string;
}

/* With the terminator, where room for it is. */
void section_put_string(struct activation_section *section, size_t offset, const WCHAR *string);
/* The same in new room; returns its offset. */
size_t section_add_string(struct activation_section *section, const WCHAR *string);

/* What a section has of one key. */
struct section_entry {
    const struct activation_assembly *assembly;
    ULONG roster; /* the assembly's number, from 1 */
    const struct manifest_item *item;
    const WCHAR *name; /* the key of a section by name */
    GUID guid;         /* that of one by GUID */
};

/* Adds an entry's data and returns its length; `offset` becomes that of the data. */
typedef ULONG section_maker(struct activation_section *section, const struct section_entry *entry,
                            size_t *offset);

/* Entry `number` of a section, with its key. */
void section_put_entry(struct activation_section *section, bool by_guid, unsigned number,
                       const struct section_entry *entry, section_maker *make);

/* The entry before it by another GUID. */
void section_put_alias(struct activation_section *section, unsigned number, const GUID *guid);

/* Counts a context's entries for a section, and adds them if there is one. */
typedef ULONG section_walker(const struct activation_context *context, struct activation_section *section);

/* NULL for a section that is not made here. */
section_walker *section_by_guid(ULONG section); /* activation_com.c */
ULONG section_walk_progids(const struct activation_context *context, struct activation_section *section);

#endif
