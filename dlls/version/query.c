/* Values in a version resource. What lengths say is believed only as far as the block around them reaches. */
#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "dlls/version/block.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

/* A block and how far it reaches. */
struct found {
    const struct block *block;
    size_t length, key_length, value;
};

static size_t aligned(size_t offset)
{
    return (offset + 3) & ~(size_t)3;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool open_block(const void *at, size_t room, struct found *found)
{
    const struct block *block = at;
    if (room < sizeof *block || block->length < sizeof *block)
        return false;
    size_t length = least(block->length, room), units = (length - sizeof *block) / sizeof(WCHAR), key = 0;
    while (key < units && block->key[key])
        key++;
    if (key == units)
        return false;
    size_t value = aligned(sizeof *block + (key + 1) * sizeof(WCHAR));
    *found = (struct found){block, length, key, least(value, length)};
    return true;
}

static size_t value_size(const struct found *found)
{
    size_t size = found->block->value_length * (found->block->is_text ? sizeof(WCHAR) : 1);
    return least(size, found->length - found->value);
}

static bool open_child(const struct found *parent, const WCHAR *name, size_t name_length, struct found *child)
{
    size_t offset = aligned(parent->value + value_size(parent));
    while (offset < parent->length &&
           open_block((const char *)parent->block + offset, parent->length - offset, child)) {
        if (upcase_equal(child->block->key, child->key_length, name, name_length))
            return true;
        offset += aligned(child->length);
    }
    return false;
}

/* Separators may be doubled, and stand at either end. */
static bool open_path(const void *data, const WCHAR *path, struct found *found)
{
    if (!data || !open_block(data, ((const struct block *)data)->length, found))
        return false;
    while (*path) {
        size_t length = 0;
        while (path[length] && path[length] != '\\')
            length++;
        if (length) {
            struct found parent = *found;
            if (!open_child(&parent, path, length, found))
                return false;
        }
        path += path[length] ? length + 1 : length;
    }
    return true;
}

static bool find(const void *data, const WCHAR *path, UINT *length, struct found *found)
{
    if (open_path(data, path, found))
        return true;
    if (length)
        *length = 0;
    SetLastError(ERROR_RESOURCE_TYPE_NOT_FOUND);
    return false;
}

BOOL WINAPI VerQueryValueW(LPCVOID data, LPCWSTR path, LPVOID *value, PUINT length)
{
    struct found found;
    if (!find(data, path ? path : L"", length, &found))
        return FALSE;
    *value = (char *)found.block + found.value;
    if (length)
        *length = value_size(&found) / (found.block->is_text ? sizeof(WCHAR) : 1);
    return TRUE;
}

/* Puts a text into the room behind the data. */
static char *convert(const void *data, const struct found *found, UINT *length)
{
    const struct block *outermost = data;
    size_t offset = (const char *)found->block - (const char *)data + found->value;
    char *text = (char *)data + outermost->length + sizeof(DWORD) + room_offset(offset);
    size_t units = value_size(found) / sizeof(WCHAR);
    size_t size =
        utf8_from_utf16(text, room_offset(units * sizeof(WCHAR)),
                        (const WCHAR *)((const char *)found->block + found->value), units, UTF_REPLACE);
    if (length)
        *length = size;
    return text;
}

BOOL WINAPI VerQueryValueA(LPCVOID data, LPCSTR path, LPVOID *value, PUINT length)
{
    struct found found;
    int units = MultiByteToWideChar(CP_ACP, 0, path ? path : "", -1, NULL, 0);
    WCHAR *wide = malloc(units * sizeof *wide);
    if (!wide) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    MultiByteToWideChar(CP_ACP, 0, path ? path : "", -1, wide, units);
    bool is_there = find(data, wide, length, &found);
    free(wide);
    if (!is_there)
        return FALSE;
    if (found.block->is_text && value_size(&found)) {
        *value = convert(data, &found, length);
        return TRUE;
    }
    *value = (char *)found.block + found.value;
    if (length)
        *length = value_size(&found);
    return TRUE;
}
