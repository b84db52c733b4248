#include <stdlib.h>
#include "dlls/ntdll/registry.h"
#include "kernel/registry.h"

/* What keys and values tell of themselves. Each structure has a fixed part, behind which come a name, a class
 * or data: a buffer that has no room for the fixed part is too small, one that has for that alone overflows.
 */

enum { KEY_BASIC, KEY_NODE, KEY_FULL, KEY_NAME, KEY_CACHED, KEY_FLAGS, KEY_HANDLE_TAGS = 7 };
enum { VALUE_BASIC, VALUE_FULL, VALUE_PARTIAL, VALUE_FULL_ALIGNED, VALUE_PARTIAL_ALIGNED };

struct key_basic {
    LARGE_INTEGER written;
    ULONG title, name_size;
};

struct key_node {
    LARGE_INTEGER written;
    ULONG title, class_offset, class_size, name_size;
};

/* Its size is not a multiple of 8. */
struct key_full {
    LARGE_INTEGER written;
    ULONG title, class_offset, class_size;
    ULONG subkeys, longest_subkey, longest_class;
    ULONG values, longest_value_name, largest_data;
};
enum { KEY_FULL_SIZE = offsetof(struct key_full, largest_data) + sizeof(ULONG) };

struct key_cached {
    LARGE_INTEGER written;
    ULONG title, subkeys, longest_subkey, values, longest_value_name, largest_data, name_size;
};
enum { KEY_CACHED_SIZE = offsetof(struct key_cached, name_size) + sizeof(ULONG) };

struct value_basic {
    ULONG title, type, name_size;
};

struct value_full {
    ULONG title, type, data_offset, data_size, name_size;
};

struct value_partial {
    ULONG title, type, data_size;
};

struct value_partial_aligned {
    ULONG type, data_size;
};

/* A caller's buffer, and the parts that are put into it. */
struct answer {
    char *buffer;
    ULONG size, *needed;
    ULONG fixed, total;
};

static void put(struct answer *answer, ULONG offset, const void *part, size_t size)
{
    answer->total = max(answer->total, (ULONG)(offset + size));
    if (offset < answer->size && answer->size >= answer->fixed && size)
        memcpy(answer->buffer + offset, part, min(size, (size_t)(answer->size - offset)));
}

static void begin(struct answer *answer, const void *fixed, ULONG size)
{
    answer->fixed = size;
    put(answer, 0, fixed, size);
}

static NTSTATUS finish(const struct answer *answer)
{
    if (answer->needed)
        *answer->needed = answer->total;
    if (answer->size < answer->fixed)
        return STATUS_BUFFER_TOO_SMALL;
    return answer->size < answer->total ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

/* Keys */

static NTSTATUS give_node(struct answer *answer, const struct registry_information *key)
{
    const ULONG name_size = key->name_length * sizeof(WCHAR), class_size = key->class_length * sizeof(WCHAR);
    const struct key_node node = {
        .written.QuadPart = key->written,
        .class_offset = class_size ? sizeof node + name_size : (ULONG)-1,
        .class_size = class_size,
        .name_size = name_size,
    };
    begin(answer, &node, sizeof node);
    put(answer, sizeof node, key->name, name_size);
    if (class_size)
        put(answer, node.class_offset, key->class, class_size);
    return finish(answer);
}

static NTSTATUS give_full(struct answer *answer, const struct registry_information *key)
{
    const ULONG class_size = key->class_length * sizeof(WCHAR);
    const struct key_full full = {
        .written.QuadPart = key->written,
        .class_offset = class_size ? KEY_FULL_SIZE : (ULONG)-1,
        .class_size = class_size,
        .subkeys = key->subkeys,
        .longest_subkey = key->longest_subkey * sizeof(WCHAR),
        .longest_class = key->longest_class * sizeof(WCHAR),
        .values = key->values,
        .longest_value_name = key->longest_value_name * sizeof(WCHAR),
        .largest_data = key->largest_data,
    };
    begin(answer, &full, KEY_FULL_SIZE);
    put(answer, KEY_FULL_SIZE, key->class, class_size);
    return finish(answer);
}

static NTSTATUS give_cached(struct answer *answer, const struct registry_information *key)
{
    const struct key_cached cached = {
        .written.QuadPart = key->written,
        .subkeys = key->subkeys,
        .longest_subkey = key->longest_subkey * sizeof(WCHAR),
        .values = key->values,
        .longest_value_name = key->longest_value_name * sizeof(WCHAR),
        .largest_data = key->largest_data,
        .name_size = key->name_length * sizeof(WCHAR),
    };
    begin(answer, &cached, KEY_CACHED_SIZE);
    return finish(answer);
}

static NTSTATUS give_basic(struct answer *answer, const struct registry_information *key)
{
    const struct key_basic basic = {.written.QuadPart = key->written,
                                    .name_size = key->name_length * sizeof(WCHAR)};
    begin(answer, &basic, sizeof basic);
    put(answer, sizeof basic, key->name, basic.name_size);
    return finish(answer);
}

static NTSTATUS give_key(struct answer *answer, ULONG class, const struct registry_information *key)
{
    switch (class) {
    case KEY_BASIC:
        return give_basic(answer, key);
    case KEY_NODE:
        return give_node(answer, key);
    case KEY_FULL:
        return give_full(answer, key);
    case KEY_CACHED:
        return give_cached(answer, key);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

/* A key's name may change between the two looks at it. */
static NTSTATUS give_path(struct answer *answer, HANDLE handle)
{
    WCHAR *path = NULL;
    size_t length = 0, capacity;
    NTSTATUS status;
    do {
        capacity = length;
        free(path);
        path = malloc((capacity + 1) * sizeof *path);
        if (!path)
            return STATUS_NO_MEMORY;
        status = registry_query_path(handle, path, capacity, &length);
    } while (NT_SUCCESS(status) && length > capacity);
    if (NT_SUCCESS(status)) {
        const ULONG size = length * sizeof *path;
        begin(answer, &size, sizeof size);
        put(answer, sizeof size, path, size);
        status = finish(answer);
    }
    free(path);
    return status;
}

NTSTATUS NTAPI NtQueryKey(HANDLE handle, ULONG class, void *buffer, ULONG size, ULONG *needed)
{
    struct answer answer = {.buffer = buffer, .size = size, .needed = needed};
    struct registry_information key;
    if (class == KEY_NAME)
        return give_path(&answer, handle);
    NTSTATUS status = registry_query(handle, &key);
    return NT_SUCCESS(status) ? give_key(&answer, class, &key) : status;
}

NTSTATUS NTAPI NtEnumerateKey(HANDLE handle, ULONG index, ULONG class, void *buffer, ULONG size,
                              ULONG *needed)
{
    struct answer answer = {.buffer = buffer, .size = size, .needed = needed};
    struct registry_information key;
    NTSTATUS status = registry_query_subkey(handle, index, &key);
    return NT_SUCCESS(status) ? give_key(&answer, class, &key) : status;
}

/* Values */

static NTSTATUS give_full_value(struct answer *answer, const struct registry_value *value, ULONG alignment)
{
    const ULONG name_size = value->name_length * sizeof(WCHAR);
    const struct value_full full = {
        .type = value->type,
        .data_offset = (sizeof full + name_size + alignment - 1) & ~(alignment - 1),
        .data_size = value->size,
        .name_size = name_size,
    };
    begin(answer, &full, sizeof full);
    put(answer, sizeof full, value->name, name_size);
    put(answer, full.data_offset, value->data, value->size);
    return finish(answer);
}

static NTSTATUS give_value(struct answer *answer, ULONG class, const struct registry_value *value)
{
    const struct value_basic basic = {.type = value->type, .name_size = value->name_length * sizeof(WCHAR)};
    const struct value_partial partial = {.type = value->type, .data_size = value->size};
    const struct value_partial_aligned aligned = {.type = value->type, .data_size = value->size};
    switch (class) {
    case VALUE_BASIC:
        begin(answer, &basic, sizeof basic);
        put(answer, sizeof basic, value->name, basic.name_size);
        return finish(answer);
    case VALUE_FULL:
        return give_full_value(answer, value, sizeof(ULONG));
    case VALUE_FULL_ALIGNED:
        return give_full_value(answer, value, sizeof(ULONGLONG));
    case VALUE_PARTIAL:
        begin(answer, &partial, sizeof partial);
        put(answer, sizeof partial, value->data, value->size);
        return finish(answer);
    case VALUE_PARTIAL_ALIGNED:
        begin(answer, &aligned, sizeof aligned);
        put(answer, sizeof aligned, value->data, value->size);
        return finish(answer);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

static NTSTATUS give_and_release(struct answer *answer, ULONG class, struct registry_value *value)
{
    NTSTATUS status = give_value(answer, class, value);
    registry_value_release(value);
    return status;
}

NTSTATUS NTAPI NtQueryValueKey(HANDLE handle, const UNICODE_STRING *name, ULONG class, void *buffer,
                               ULONG size, ULONG *needed)
{
    struct answer answer = {.buffer = buffer, .size = size, .needed = needed};
    struct registry_value *value;
    NTSTATUS status = registry_get_value(handle, name->Buffer, name->Length / sizeof(WCHAR), &value);
    return NT_SUCCESS(status) ? give_and_release(&answer, class, value) : status;
}

NTSTATUS NTAPI NtEnumerateValueKey(HANDLE handle, ULONG index, ULONG class, void *buffer, ULONG size,
                                   ULONG *needed)
{
    struct answer answer = {.buffer = buffer, .size = size, .needed = needed};
    struct registry_value *value;
    NTSTATUS status = registry_get_value_at(handle, index, &value);
    return NT_SUCCESS(status) ? give_and_release(&answer, class, value) : status;
}
