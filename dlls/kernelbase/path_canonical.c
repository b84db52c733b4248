/* PathCch: canonical forms, and paths put together. Sizes are in units and include the NUL. */
#include <stdlib.h>
#include "dlls/kernelbase/path_root.h"
#include "kernel/utf.h"

#define TOO_LONG          HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE)
#define LONGEST_RELATIVE  (MAX_PATH - 4) /* so that something can be put before it */
#define MORE_THAN_IT_WAS  (UNC_PREFIX_LENGTH + 2)
#define FORCED_LONG_NAMES (PATHCCH_FORCE_ENABLE_LONG_NAME_PROCESS | PATHCCH_FORCE_DISABLE_LONG_NAME_PROCESS)

/* A path as it becomes canonical. */
struct path {
    WCHAR *text;
    size_t length;
    size_t root;  /* a ".." behind it has nothing to take away */
    size_t floor; /* what no ".." takes away */
};

static bool is_server(const WCHAR *path)
{
    return path[0] == '\\' && path[1] == '\\';
}

/* Takes over what the path begins with; returns the rest. */
static const WCHAR *take_root(struct path *path, const WCHAR *text)
{
    if (is_server(text) && !path_has_prefix(text)) {
        path->root = 2;
    } else {
        const WCHAR *end = path_root_end(text, NULL);
        path->root = end && end[-1] == '\\' ? end - text : path_has_prefix(text) ? 2 : 0;
        path->floor = path->root > 2 ? path->root : 0;
    }
    memcpy(path->text, text, path->root * sizeof *text);
    path->length = path->root;
    return text + path->root;
}

/* For ".." behind a separator: goes back to where the part before it begins, and over the separator there.
 * Returns whether the separator behind ".." has a place. */
static bool take_part_away(struct path *path)
{
    path->length--;
    while (path->length && path->text[path->length - 1] != '\\')
        path->length--;
    if (path->length)
        path->length--;
    if (path->length >= path->floor)
        return !path->floor || path->length > path->floor;
    path->length = path->floor;
    return false;
}

static void resolve(struct path *path, const WCHAR *text)
{
    text = take_root(path, text);
    while (*text) {
        size_t part = 0;
        while (text[part] && text[part] != '\\')
            part++;
        size_t whole = part + (text[part] == '\\');
        if (part == 1 && text[0] == '.') {
            if (whole == part && path->length > path->root)
                path->length--;
            text += whole;
        } else if (part == 2 && text[0] == '.' && text[1] == '.') {
            text += path->length > path->root && take_part_away(path) ? part : whole;
        } else {
            memcpy(path->text + path->length, text, whole * sizeof *text);
            path->length += whole;
            text += whole;
        }
    }
}

/* Windows drops dots from the end of a name, but "*." finds names without an extension. */
static void drop_dots(struct path *path)
{
    size_t length = path->length;
    while (length && path->text[length - 1] == '.')
        length--;
    if (length && length < path->length && path->text[length - 1] == '*')
        length++;
    path->length = length;
}

static void add_prefix(struct path *path)
{
    bool server = is_server(path->text);
    if (path_has_prefix(path->text) || !(server || path_is_drive(path->text)))
        return;
    const WCHAR *prefix = server ? L"\\\\?\\UNC\\" : L"\\\\?\\";
    size_t prefix_length = server ? UNC_PREFIX_LENGTH : PREFIX_LENGTH, dropped = server ? 2 : 0;
    memmove(path->text + prefix_length, path->text + dropped, (path->length - dropped) * sizeof *path->text);
    memcpy(path->text, prefix, prefix_length * sizeof *prefix);
    path->length += prefix_length - dropped;
}

/* `capacity` says whether a mere drive may become a root. */
static void finish(struct path *path, DWORD flags, size_t capacity)
{
    if (!(flags & (PATHCCH_DO_NOT_NORMALIZE_SEGMENTS | PATHCCH_ENSURE_IS_EXTENDED_LENGTH_PATH)))
        drop_dots(path);
    bool is_drive = path->length == 2 && path->text[1] == ':' && capacity > 3;
    bool needs_end =
        flags & PATHCCH_ENSURE_TRAILING_SLASH && path->length && path->text[path->length - 1] != '\\';
    if (!path->length || is_drive || needs_end)
        path->text[path->length++] = '\\';
    bool is_long = flags & PATHCCH_ALLOW_LONG_PATHS && path->length >= MAX_PATH &&
                   !(flags & PATHCCH_FORCE_ENABLE_LONG_NAME_PROCESS);
    path->text[path->length] = 0;
    if (is_long || flags & PATHCCH_ENSURE_IS_EXTENDED_LENGTH_PATH)
        add_prefix(path);
    path->text[path->length] = 0;
}

static bool is_too_long(const struct path *path, DWORD flags)
{
    if (flags & (PATHCCH_ALLOW_LONG_PATHS | PATHCCH_ENSURE_IS_EXTENDED_LENGTH_PATH))
        return path->length >= PATHCCH_MAX_CCH;
    return path->length >= MAX_PATH || (path->length > LONGEST_RELATIVE && !path_root_end(path->text, NULL));
}

static bool are_valid(DWORD flags)
{
    DWORD forced = flags & FORCED_LONG_NAMES;
    if (flags & PATHCCH_ALLOW_LONG_PATHS)
        return forced != FORCED_LONG_NAMES && !(flags & PATHCCH_ENSURE_IS_EXTENDED_LENGTH_PATH);
    return !forced;
}

/* The caller frees the text. */
static HRESULT canonicalize(const WCHAR *text, DWORD flags, size_t capacity, struct path *path)
{
    *path = (struct path){0};
    if (!text || !are_valid(flags))
        return E_INVALIDARG;
    size_t length = utf16_length(text);
    if (length >= PATHCCH_MAX_CCH)
        return TOO_LONG;
    WCHAR *copy = malloc((length + 1) * sizeof *copy);
    path->text = malloc((length + 1 + MORE_THAN_IT_WAS) * sizeof *path->text);
    if (!copy || !path->text) {
        free(copy);
        return E_OUTOFMEMORY;
    }
    memcpy(copy, text, (length + 1) * sizeof *copy);
    PathCchStripPrefix(copy, PATHCCH_MAX_CCH);
    resolve(path, copy);
    finish(path, flags, capacity);
    free(copy);
    return is_too_long(path, flags) ? TOO_LONG : S_OK;
}

static HRESULT give(struct path *path, HRESULT result, WCHAR *target, size_t size)
{
    if (result == S_OK && path->length >= size)
        result = STRSAFE_E_INSUFFICIENT_BUFFER;
    *target = 0;
    if (result == S_OK)
        memcpy(target, path->text, (path->length + 1) * sizeof *target);
    free(path->text);
    return result;
}

static HRESULT give_allocated(struct path *path, HRESULT result, WCHAR **target)
{
    size_t size = (path->length + 1) * sizeof **target;
    *target = result == S_OK ? LocalAlloc(LMEM_FIXED, size) : NULL;
    if (*target)
        memcpy(*target, path->text, size);
    free(path->text);
    return result == S_OK && !*target ? E_OUTOFMEMORY : result;
}

/* A canonical path is seldom longer than it was; where it is, by what Windows has room for. */
HRESULT WINAPI PathAllocCanonicalize(PCWSTR path, ULONG flags, PWSTR *result)
{
    struct path canonical;
    if (!result)
        return E_INVALIDARG;
    return give_allocated(&canonical,
                          canonicalize(path, flags, path ? utf16_length(path) + 1 : 0, &canonical), result);
}

HRESULT WINAPI PathCchCanonicalizeEx(PWSTR target, size_t size, PCWSTR path, ULONG flags)
{
    struct path canonical;
    if (!target || !size || size > PATHCCH_MAX_CCH)
        return E_INVALIDARG;
    return give(&canonical, canonicalize(path, flags, size, &canonical), target, size);
}

HRESULT WINAPI PathCchCanonicalize(PWSTR target, size_t size, PCWSTR path)
{
    return PathCchCanonicalizeEx(target, size, path, 0);
}

/* How much of the first path stays before the second one. */
static size_t kept_of(const WCHAR *first, const WCHAR *second)
{
    const WCHAR *bare;
    if (is_server(second) || path_is_drive(second))
        return 0;
    if (second[0] != '\\')
        return utf16_length(first);
    return path_root_end(first, &bare) ? bare - first : 0;
}

static HRESULT combine(const WCHAR *first, const WCHAR *second, DWORD flags, struct path *path)
{
    *path = (struct path){0};
    if (!first && !second)
        return E_INVALIDARG;
    first = first ? first : L"";
    second = second ? second : L"";
    size_t kept = kept_of(first, second), rest = utf16_length(second);
    WCHAR *text = malloc((kept + 1 + rest + 1) * sizeof *text);
    if (!text)
        return E_OUTOFMEMORY;
    memcpy(text, first, kept * sizeof *text);
    if (kept && rest && text[kept - 1] != '\\' && second[0] != '\\')
        text[kept++] = '\\';
    else if (kept && text[kept - 1] == '\\' && second[0] == '\\')
        kept--;
    memcpy(text + kept, second, (rest + 1) * sizeof *text);
    HRESULT result = canonicalize(text, flags, PATHCCH_MAX_CCH, path);
    free(text);
    return result;
}

HRESULT WINAPI PathAllocCombine(PCWSTR first, PCWSTR second, ULONG flags, PWSTR *result)
{
    struct path combined;
    if (!result)
        return E_INVALIDARG;
    return give_allocated(&combined, combine(first, second, flags, &combined), result);
}

/* The target may be one of the paths. */
HRESULT WINAPI PathCchCombineEx(PWSTR target, size_t size, PCWSTR first, PCWSTR second, ULONG flags)
{
    struct path combined;
    if (!target || !size || size > PATHCCH_MAX_CCH)
        return E_INVALIDARG;
    return give(&combined, combine(first, second, flags, &combined), target, size);
}

HRESULT WINAPI PathCchCombine(PWSTR target, size_t size, PCWSTR first, PCWSTR second)
{
    return PathCchCombineEx(target, size, first, second, 0);
}

/* Unlike above, a path that begins with a separator goes below the first one. */
HRESULT WINAPI PathCchAppendEx(PWSTR path, size_t size, PCWSTR more, ULONG flags)
{
    if (more && more[0] == '\\' && more[1] != '\\')
        more++;
    return PathCchCombineEx(path, size, path, more, flags);
}

HRESULT WINAPI PathCchAppend(PWSTR path, size_t size, PCWSTR more)
{
    return PathCchAppendEx(path, size, more, 0);
}
