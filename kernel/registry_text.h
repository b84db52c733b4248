/* Registry files: the syntax of Windows' own .reg files, version 5.00, read from memory and written to it.
 *
 *     [HKEY_CURRENT_USER\Software\Name]   the key that what follows is about; it is made
 *     [-HKEY_CURRENT_USER\Software\Name]  deletes the key with all below it
 *     "name"="text"   @=dword:0000002a   "list"=hex(7):61,00,00,00,00,00
 *     "name"=-                            deletes the value
 *     ; anything
 *
 * What Windows' syntax has no place for is written in forms that it cannot have otherwise: a line feed,
 * carriage return or NUL in a value's name is \n, \r or \0; in a key's name, where a backslash separates, the
 * same after two; and a key's class is the comment `;class="text"`. */
#ifndef KERNEL_REGISTRY_TEXT_H
#define KERNEL_REGISTRY_TEXT_H

#include <litewin/windows.h>

#define REGISTRY_HEADER "Windows Registry Editor Version 5.00"
/* At the end of a line that a writer left unfinished; such a line says nothing. */
#define REGISTRY_CUT_MARK ";cut off"

/* Bytes that grow. */
struct registry_bytes {
    char *bytes;
    size_t size, capacity;
    bool failed; /* memory was short at some time */
};

enum registry_entry_kind {
    REGISTRY_KEY,
    REGISTRY_KEY_DELETED,
    REGISTRY_VALUE,
    REGISTRY_VALUE_DELETED,
    REGISTRY_CLASS, /* of the key: in `data`, without a terminator */
};

struct registry_entry {
    enum registry_entry_kind kind;
    const WCHAR *name; /* a key's whole path, or a value's name; until the next entry is read */
    size_t name_length;
    ULONG type;
    const void *data;
    size_t size;
};

struct registry_reader {
    const char *at, *end;
    unsigned line; /* where `at` is; the caller begins with 1 */
    struct registry_bytes name, data;
};

enum registry_read {
    REGISTRY_READ_ENTRY,
    REGISTRY_READ_BROKEN, /* the line before `at` cannot be understood */
    REGISTRY_READ_END,    /* but for a line without its end, which `at` then is the beginning of */
    REGISTRY_READ_NO_MEMORY,
};

enum registry_read registry_read(struct registry_reader *reader, struct registry_entry *entry);
void registry_reader_free(struct registry_reader *reader);

/* What is UTF-16 from a byte order mark on, such as a file that Windows has exported, as UTF-8; false where
 * there is no such mark. */
bool registry_text_from_utf16(const char *text, size_t size, struct registry_bytes *result);

/* Each adds a line. */
void registry_write_key(struct registry_bytes *text, const WCHAR *path, size_t length, bool deleted);
void registry_write_class(struct registry_bytes *text, const WCHAR *class, size_t length);
void registry_write_value(struct registry_bytes *text, const WCHAR *name, size_t length, ULONG type,
                          const void *data, size_t size);
void registry_write_deleted_value(struct registry_bytes *text, const WCHAR *name, size_t length);

void registry_bytes_add(struct registry_bytes *bytes, const void *added, size_t size);

#endif
