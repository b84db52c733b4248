/* What an assembly's manifest says. */
#ifndef NTDLL_MANIFEST_H
#define NTDLL_MANIFEST_H

#include <litewin/windows.h>

/* Memory that is given back all at once. */
struct arena {
    struct arena_block *last;
};

/* Zeroed; NULL if there is none. */
void *arena_take(struct arena *arena, size_t size);
void arena_free(struct arena *arena);

/* The strings are NULL where the manifest says nothing. */
struct identity {
    const WCHAR *name, *type, *architecture, *key, *language;
    USHORT version[4];
};

struct manifest_file {
    const WCHAR *name;
    struct manifest_file *next;
};

enum item_kind {
    ITEM_WINDOW_CLASS,
    ITEM_COM_CLASS,
    ITEM_CLR_CLASS,
    ITEM_PROXY_STUB,
    ITEM_EXTERNAL_PROXY_STUB,
    ITEM_TYPE_LIBRARY,
    ITEM_CLR_SURROGATE,
    ITEM_ACTIVATABLE_CLASS,
};

struct item_attribute {
    const WCHAR *name, *value;
    struct item_attribute *next;
};

/* Something that programs look for in an assembly: in a file, or in none. */
struct manifest_item {
    enum item_kind kind;
    const struct manifest_file *file;
    const WCHAR *text;
    struct item_attribute *attributes; /* a <progid> inside counts as one, too */
    struct manifest_item *next;
};

struct dependency {
    struct identity identity;
    bool optional; /* or not needed before it is asked for */
    struct dependency *next;
};

struct setting {
    const WCHAR *space, *name, *value;
    struct setting *next;
};

struct compatibility {
    GUID id;
    ACTCTX_COMPATIBILITY_ELEMENT_TYPE type;
    ULONGLONG version;
    struct compatibility *next;
};

struct manifest {
    struct identity identity;
    struct manifest_file *files;
    struct manifest_item *items;
    struct dependency *dependencies;
    struct setting *settings;
    struct compatibility *compatibility;
    ACTCTX_REQUESTED_RUN_LEVEL run_level;
    bool has_run_level, ui_access;
};

/* The bytes are UTF-8, or UTF-16 with a byte order mark. STATUS_SXS_CANT_GEN_ACTCTX for what is no manifest.
 * What it says is in the arena, which the caller frees in either case. */
NTSTATUS manifest_parse(struct manifest *manifest, struct arena *arena, const void *bytes, size_t size);

/* The name of what a <progid> element says. */
#define MANIFEST_INNER_PROGID L"<progid>"

/* The first attribute of that name; NULL where there is none. */
const WCHAR *manifest_value(const struct manifest_item *item, const WCHAR *name);

/* "{12345678-1234-1234-1234-123456789abc}" */
bool manifest_guid(const WCHAR *text, GUID *guid);

#endif
