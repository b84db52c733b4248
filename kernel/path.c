#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/path_internal.h"
#include "kernel/status.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

static bool is_separator(WCHAR unit)
{
    return unit == '\\' || unit == '/';
}

/* The shapes of a path */

enum shape {
    SHAPE_RELATIVE,       /* a\b */
    SHAPE_ROOTED,         /* \a\b */
    SHAPE_DRIVE_RELATIVE, /* X:a\b */
    SHAPE_DRIVE,          /* X:\a\b */
    SHAPE_UNC,            /* \\server\share\a */
    SHAPE_DEVICE,         /* \\.\a, and what begins like \\?\ with other slashes */
    SHAPE_LITERAL,        /* \\?\a, \??\a */
};

static enum shape shape_of(const WCHAR *path, size_t length)
{
    if (length >= 4 && path[0] == '\\' && (path[1] == '\\' || path[1] == '?') && path[2] == '?' &&
        path[3] == '\\')
        return SHAPE_LITERAL;
    if (length >= 2 && is_separator(path[0]) && is_separator(path[1])) {
        bool device =
            length >= 3 && (path[2] == '.' || path[2] == '?') && (length == 3 || is_separator(path[3]));
        return device ? SHAPE_DEVICE : SHAPE_UNC;
    }
    if (length >= 1 && is_separator(path[0]))
        return SHAPE_ROOTED;
    if (length >= 2 && path[1] == ':')
        return length >= 3 && is_separator(path[2]) ? SHAPE_DRIVE : SHAPE_DRIVE_RELATIVE;
    return SHAPE_RELATIVE;
}

/* Device names */

static enum path_kind device_kind(const WCHAR *name, size_t length)
{
    switch (length) {
    case 3:
        if (path_is_word(name, length, "NUL"))
            return PATH_NUL;
        if (path_is_word(name, length, "CON"))
            return PATH_CONSOLE;
        return path_is_word(name, length, "PRN") || path_is_word(name, length, "AUX") ? PATH_DEVICE
                                                                                      : PATH_FILE;
    case 4:
        if (path_is_word(name, 3, "COM") || path_is_word(name, 3, "LPT")) {
            /* The superscript digits count as well. */
            WCHAR digit = name[3];
            if ((digit >= '1' && digit <= '9') || digit == 0xb9 || digit == 0xb2 || digit == 0xb3)
                return PATH_DEVICE;
        }
        return PATH_FILE;
    case 6:
        return path_is_word(name, length, "CONIN$") ? PATH_CONSOLE_INPUT : PATH_FILE;
    case 7:
        return path_is_word(name, length, "CONOUT$") ? PATH_CONSOLE_OUTPUT : PATH_FILE;
    default:
        return PATH_FILE;
    }
}

enum path_kind path_dos_device(const WCHAR *path, size_t path_length, size_t *offset, size_t *length)
{
    enum shape shape = shape_of(path, path_length);
    if (shape == SHAPE_UNC || shape == SHAPE_DEVICE || shape == SHAPE_LITERAL)
        return PATH_FILE;
    size_t end = path_length;
    if (end && path[end - 1] == ':')
        end--;
    while (end && (path[end - 1] == ' ' || path[end - 1] == '.'))
        end--;
    size_t start = end;
    while (start && !is_separator(path[start - 1]) && path[start - 1] != ':')
        start--;
    enum path_kind kind = device_kind(path + start, end - start);
    if (start && kind != PATH_NUL)
        kind = PATH_FILE;
    *offset = start;
    *length = end - start;
    return kind;
}

static NTSTATUS set_device(struct host_path *host, enum path_kind kind)
{
    host->kind = kind;
    host->directory_only = false;
    strcpy(host->name, kind == PATH_NUL ? "/dev/null" : kind == PATH_DEVICE ? "" : "/dev/tty");
    return STATUS_SUCCESS;
}

/* Normal form */

/* A path that is put together. Adding normal parts never makes it longer than its pieces with a
 * separator between them, so whoever owns `text` knows how large it must be. */
struct builder {
    WCHAR *text;
    size_t length;
    size_t root; /* ".." does not go back beyond here */
};

static void add_text(struct builder *builder, const WCHAR *text, size_t length)
{
    memcpy(builder->text + builder->length, text, length * sizeof *text);
    builder->length += length;
}

static void add_unit(struct builder *builder, WCHAR unit)
{
    builder->text[builder->length++] = unit;
}

static bool at_separator(const struct builder *builder)
{
    return builder->length && builder->text[builder->length - 1] == '\\';
}

static void drop_last_part(struct builder *builder)
{
    while (builder->length > builder->root && builder->text[builder->length - 1] != '\\')
        builder->length--;
    if (builder->length > builder->root)
        builder->length--;
}

/* Adds the parts of a relative path. Returns false if a ".." had nothing left to take away. */
static bool add_parts(struct builder *builder, const WCHAR *path, size_t length)
{
    bool inside = true;
    for (size_t at = 0; at < length;) {
        if (is_separator(path[at])) {
            at++;
            continue;
        }
        size_t start = at;
        while (at < length && !is_separator(path[at]))
            at++;
        size_t end = at;
        if (end - start == 1 && path[start] == '.')
            continue;
        if (end - start == 2 && path[start] == '.' && path[start + 1] == '.') {
            inside &= builder->length > builder->root;
            drop_last_part(builder);
            continue;
        }
        if (at == length) {
            while (end > start && (path[end - 1] == '.' || path[end - 1] == ' '))
                end--;
        } else if (path[end - 1] == '.' && path[end - 2] != '.') {
            end--;
        }
        if (end > start) {
            if (builder->length && !at_separator(builder))
                add_unit(builder, '\\');
            add_text(builder, path + start, end - start);
        }
    }
    /* "a\b\" stays a directory's name, and so does what blanks and dots at the end leave of "a\b\ ". */
    size_t end = length;
    while (end && (path[end - 1] == ' ' ||
                   (path[end - 1] == '.' && end >= 3 && path[end - 2] == '.' && path[end - 3] == '.')))
        end--;
    if (end && is_separator(path[end - 1]) && builder->length > builder->root && !at_separator(builder))
        add_unit(builder, '\\');
    return inside;
}

/* The current directory */

/* As Windows spells it. The kernel's own is always the same directory. */
static struct {
    pthread_mutex_t lock;
    bool known;
    /* Whether a name that is relative to the directory may be left to the kernel. Not so in C:\, with the
     * places that lie over it, and in the places themselves. Read without the lock. */
    enum { RELATIVE_UNKNOWN, RELATIVE_TO_KERNEL, RELATIVE_TO_TEXT } relative;
    size_t length;
    WCHAR text[PATH_MAX + 32];
} current = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void set_current_text(const WCHAR *text, size_t length)
{
    memcpy(current.text, text, length * sizeof *text);
    current.text[length] = 0;
    current.length = length;
    const char *directory;
    size_t directory_length;
    bool over_places = length == 3 || (upcase(text[0]) == 'C' &&
                                       path_find_place(text + 2, length - 2, &directory, &directory_length));
    __atomic_store_n(&current.relative, over_places ? RELATIVE_TO_TEXT : RELATIVE_TO_KERNEL,
                     __ATOMIC_RELEASE);
    current.known = true;
}

static void lock_current(void)
{
    pthread_mutex_lock(&current.lock);
    if (current.known)
        return;
    char host[PATH_MAX];
    WCHAR text[PATH_MAX + 32];
    size_t length = 0;
    if (getcwd(host, sizeof host) && host[0] == '/')
        length = path_from_host(host, text, sizeof text / sizeof text[0]);
    if (!length || length >= sizeof text / sizeof text[0])
        length = path_from_host("/", text, sizeof text / sizeof text[0]);
    set_current_text(text, length);
}

static void unlock_current(void)
{
    pthread_mutex_unlock(&current.lock);
}

size_t path_current_directory(WCHAR *buffer, size_t capacity)
{
    lock_current();
    size_t length = current.length;
    if (length < capacity)
        memcpy(buffer, current.text, (length + 1) * sizeof *buffer);
    unlock_current();
    return length;
}

/* Full paths */

static void add_current_root(struct builder *builder)
{
    lock_current();
    add_text(builder, current.text, 3);
    unlock_current();
    builder->root = builder->length;
}

static void add_current_directory(struct builder *builder)
{
    lock_current();
    add_text(builder, current.text, current.length);
    unlock_current();
    builder->root = 3;
}

/* \\server\share stays, and every slash in it becomes a backslash. */
static void add_share(struct builder *builder, const WCHAR *path, size_t length, size_t *used)
{
    size_t at = 2;
    add_text(builder, L"\\\\", 2);
    for (int part = 0; part < 2; part++) {
        while (at < length && is_separator(path[at]))
            at++;
        if (at == length)
            break;
        if (part)
            add_unit(builder, '\\');
        while (at < length && !is_separator(path[at]))
            add_unit(builder, path[at++]);
    }
    builder->root = builder->length;
    *used = at;
}

static void build_full(struct builder *builder, const WCHAR *path, size_t length)
{
    size_t used = 0, offset, device_length;
    WCHAR drive;
    if (path_dos_device(path, length, &offset, &device_length) != PATH_FILE) {
        add_text(builder, L"\\\\.\\", 4);
        add_text(builder, path + offset, device_length);
        return;
    }
    switch (shape_of(path, length)) {
    case SHAPE_RELATIVE:
        add_current_directory(builder);
        break;
    case SHAPE_ROOTED:
        add_current_root(builder);
        break;
    case SHAPE_DRIVE_RELATIVE:
        used = 2;
        drive = path[0];
        add_current_directory(builder);
        if (upcase(builder->text[0]) != upcase(drive)) {
            /* Other drives than the current one have no current directory of their own here. */
            builder->text[0] = drive;
            builder->length = 3;
        }
        break;
    case SHAPE_DRIVE:
        used = 3;
        add_text(builder, path, 2);
        add_unit(builder, '\\');
        builder->root = 3;
        break;
    case SHAPE_UNC:
        add_share(builder, path, length, &used);
        break;
    case SHAPE_DEVICE:
    case SHAPE_LITERAL:
        used = length < 4 ? length : 4;
        add_text(builder, L"\\\\", 2);
        add_unit(builder, path[2]);
        add_unit(builder, '\\');
        builder->root = 4;
        break;
    }
    add_parts(builder, path + used, length - used);
}

/* Room for what most paths come to; longer ones are built on the heap. */
#define SHORT_PATH 600

struct path_buffer {
    WCHAR *text;
    WCHAR short_text[SHORT_PATH];
};

static bool path_buffer_reserve(struct path_buffer *buffer, size_t size)
{
    buffer->text = size <= SHORT_PATH ? buffer->short_text : malloc(size * sizeof(WCHAR));
    return buffer->text != NULL;
}

static void path_buffer_release(struct path_buffer *buffer)
{
    if (buffer->text != buffer->short_text)
        free(buffer->text);
}

/* How much space the full form of a path may take. The current directory may change meanwhile. */
static size_t full_size(enum shape shape, size_t length)
{
    bool relative = shape == SHAPE_RELATIVE || shape == SHAPE_DRIVE_RELATIVE;
    return length + 8 + (relative ? sizeof current.text / sizeof current.text[0] : 0);
}

size_t path_full(const WCHAR *path, size_t length, WCHAR *full, size_t capacity, size_t *name_offset)
{
    struct path_buffer buffer;
    if (name_offset)
        *name_offset = 0;
    if (!length || !path_buffer_reserve(&buffer, full_size(shape_of(path, length), length)))
        return 0;
    struct builder builder = {.text = buffer.text};
    build_full(&builder, path, length);
    if (builder.length < capacity) {
        memcpy(full, builder.text, builder.length * sizeof *full);
        full[builder.length] = 0;
    }
    if (name_offset && builder.length > builder.root && !at_separator(&builder) && builder.root) {
        size_t offset = builder.length;
        while (builder.text[offset - 1] != '\\')
            offset--;
        *name_offset = offset;
    }
    path_buffer_release(&buffer);
    return builder.length;
}

/* To the host */

static bool is_illegal(WCHAR unit)
{
    switch (unit) {
    case '"':
    case '*':
    case '/':
    case ':':
    case '<':
    case '>':
    case '?':
    case '|':
        return true;
    default:
        return unit < ' ';
    }
}

/* "." and ".." can only be left where a path is taken literally. */
static bool is_legal_part(const WCHAR *part, size_t length)
{
    return length && length <= 255 && !(part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.')));
}

static NTSTATUS check_parts(const WCHAR *path, size_t length)
{
    size_t start = 0;
    for (size_t at = 0; at < length; at++) {
        if (path[at] == '\\') {
            if (at && !is_legal_part(path + start, at - start))
                return STATUS_OBJECT_NAME_INVALID;
            start = at + 1;
        } else if (is_illegal(path[at])) {
            return STATUS_OBJECT_NAME_INVALID;
        }
    }
    return start == length || is_legal_part(path + start, length - start) ? STATUS_SUCCESS
                                                                          : STATUS_OBJECT_NAME_INVALID;
}

/* A file's main stream may be named. It is the only one there is. */
static size_t without_main_stream(const WCHAR *path, size_t length)
{
    static const char main_stream[] = "::$DATA";
    size_t tail = sizeof main_stream - 1;
    return length > tail && path_is_word(path + length - tail, tail, main_stream) ? length - tail : length;
}

/* `path`, in normal form, goes below the first `prefix` bytes of host->name. */
static NTSTATUS add_to_host(struct host_path *host, size_t prefix, const WCHAR *path, size_t length)
{
    length = without_main_stream(path, length);
    host->kind = PATH_FILE;
    host->directory_only = length && path[length - 1] == '\\';
    length -= host->directory_only;
    NTSTATUS status = check_parts(path, length);
    if (status)
        return status;
    size_t room = sizeof host->name - 1 - prefix;
    size_t size = utf8_from_utf16(host->name + prefix, room, path, length, UTF_HOST_NAME);
    if (size > room)
        return STATUS_NAME_TOO_LONG;
    host->name[prefix + size] = '\0';
    return STATUS_SUCCESS;
}

/* `path` is what follows "X:", in normal form. */
static NTSTATUS drive_to_host(WCHAR letter, const WCHAR *path, size_t length, struct host_path *host)
{
    const char *directory = path_drive_prefix(letter);
    if (!directory)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    size_t used = 0, directory_length = strlen(directory);
    if (upcase(letter) == 'C')
        used = path_find_place(path, length, &directory, &directory_length);
    if (directory_length >= sizeof host->name)
        return STATUS_NAME_TOO_LONG;
    memcpy(host->name, directory, directory_length);
    NTSTATUS status = add_to_host(host, directory_length, path + used, length - used);
    if (!status && !host->name[0])
        strcpy(host->name, "/");
    return status;
}

static NTSTATUS volume_to_host(WCHAR letter, const WCHAR *path, size_t length, struct host_path *host)
{
    NTSTATUS status = drive_to_host(letter, length ? path : L"\\", length ? length : 1, host);
    if (!length)
        host->kind = PATH_VOLUME;
    return status;
}

static NTSTATUS pipe_to_host(const WCHAR *name, size_t length, struct host_path *host)
{
    size_t size = utf8_from_utf16(host->name, sizeof host->name - 1, name, length, UTF_REPLACE);
    if (size > sizeof host->name - 1)
        return STATUS_OBJECT_NAME_INVALID;
    host->name[size] = '\0';
    host->kind = PATH_PIPE;
    host->directory_only = false;
    return STATUS_SUCCESS;
}

/* Recognizes \\?\Volume{...}, whose last two digits are the code of a drive's letter. Returns its
 * length, or 0. */
static size_t volume_name(const WCHAR *path, size_t length, WCHAR *letter)
{
    size_t fixed = sizeof PATH_VOLUME_PREFIX - 1;
    if (length < fixed + 3 || !path_is_word(path, fixed, PATH_VOLUME_PREFIX) || path[fixed + 2] != '}')
        return 0;
    WCHAR high = path[fixed], low = upcase(path[fixed + 1]);
    *letter = (high - '0') << 4 | (low <= '9' ? low - '0' : low - 'A' + 10);
    return fixed + 3;
}

/* What follows \\.\ or \\?\. */
static NTSTATUS device_to_host(const WCHAR *path, size_t length, struct host_path *host)
{
    WCHAR letter;
    size_t first = 0, volume = volume_name(path, length, &letter);
    if (volume)
        return volume_to_host(letter, path + volume, length - volume, host);
    while (first < length && path[first] != '\\')
        first++;
    if (first == 2 && path[1] == ':')
        return volume_to_host(path[0], path + 2, length - 2, host);
    if (path_is_word(path, first, "UNC"))
        return STATUS_BAD_NETWORK_PATH;
    /* Without a name, it is what holds all pipes. */
    if (path_is_word(path, first, "pipe"))
        return pipe_to_host(path + min(first + 1, length), length - min(first + 1, length), host);
    if (first < length)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    enum path_kind kind = device_kind(path, length);
    return set_device(host, kind == PATH_FILE ? PATH_DEVICE : kind);
}

/* \\SERVER\pipe\NAME of this very machine. The path has two separators and more. */
static NTSTATUS network_to_host(const WCHAR *path, size_t length, struct host_path *host)
{
    char own[HOST_NAME_MAX + 1] = "";
    size_t server = 2, pipe;
    while (server < length && !is_separator(path[server]))
        server++;
    for (pipe = server + 1; pipe < length && !is_separator(path[pipe]);)
        pipe++;
    gethostname(own, sizeof own - 1);
    bool is_own = path_is_word(path + 2, server - 2, "localhost") || path_is_word(path + 2, server - 2, own);
    if (!is_own || pipe + 1 >= length || !path_is_word(path + server + 1, pipe - server - 1, "pipe"))
        return STATUS_BAD_NETWORK_PATH;
    return pipe_to_host(path + pipe + 1, length - pipe - 1, host);
}

/* Whether a relative path may be left to the kernel. */
static bool is_below_kernel_directory(void)
{
    int relative = __atomic_load_n(&current.relative, __ATOMIC_ACQUIRE);
    if (relative == RELATIVE_UNKNOWN) {
        lock_current();
        relative = current.relative;
        unlock_current();
    }
    return relative == RELATIVE_TO_KERNEL;
}

/* Leaves a relative path relative. STATUS_MORE_PROCESSING_REQUIRED if that cannot be. */
static NTSTATUS relative_to_host(const WCHAR *path, size_t length, struct host_path *host)
{
    struct path_buffer buffer;
    if (!is_below_kernel_directory())
        return STATUS_MORE_PROCESSING_REQUIRED;
    if (!path_buffer_reserve(&buffer, length))
        return STATUS_NO_MEMORY;
    struct builder builder = {.text = buffer.text};
    NTSTATUS status = STATUS_MORE_PROCESSING_REQUIRED;
    if (add_parts(&builder, path, length)) {
        status = add_to_host(host, 0, builder.text, builder.length);
        if (!builder.length)
            strcpy(host->name, ".");
    }
    path_buffer_release(&buffer);
    return status;
}

static NTSTATUS full_to_host(enum shape shape, const WCHAR *path, size_t length, struct host_path *host)
{
    struct path_buffer buffer;
    if (!path_buffer_reserve(&buffer, full_size(shape, length)))
        return STATUS_NO_MEMORY;
    struct builder builder = {.text = buffer.text};
    build_full(&builder, path, length);
    NTSTATUS status;
    if (shape == SHAPE_DEVICE)
        status = device_to_host(builder.text + 4, builder.length - 4, host);
    else
        status = drive_to_host(builder.text[0], builder.text + 2, builder.length - 2, host);
    path_buffer_release(&buffer);
    return status;
}

NTSTATUS path_to_host(const WCHAR *path, size_t length, struct host_path *host)
{
    if (!length)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    if (length > PATH_LONGEST)
        return STATUS_NAME_TOO_LONG;
    enum shape shape = shape_of(path, length);
    if (shape == SHAPE_UNC)
        return network_to_host(path, length, host);
    if (shape == SHAPE_LITERAL)
        return device_to_host(path + 4, length - 4, host);
    size_t offset, device_length;
    enum path_kind device = path_dos_device(path, length, &offset, &device_length);
    if (device != PATH_FILE)
        return set_device(host, device);
    if (shape == SHAPE_RELATIVE) {
        NTSTATUS status = relative_to_host(path, length, host);
        if (status != STATUS_MORE_PROCESSING_REQUIRED)
            return status;
    }
    return full_to_host(shape, path, length, host);
}

/* From the host */

/* Windows drops dots and blanks at the end of a name. */
static void escape_last_unit(WCHAR *name, size_t length)
{
    WCHAR last = name[length - 1];
    bool dots = length <= 2 && name[0] == '.' && last == '.';
    if ((last == '.' || last == ' ') && !dots)
        name[length - 1] = 0xf000 + last;
}

size_t path_name_from_host(const char *host, size_t length, WCHAR *name)
{
    length = utf16_from_utf8(name, PATH_NAME_UNITS, host, length, UTF_HOST_NAME);
    if (length > PATH_NAME_UNITS)
        length = PATH_NAME_UNITS;
    if (length)
        escape_last_unit(name, length);
    return length;
}

size_t path_from_host(const char *host, WCHAR *path, size_t capacity)
{
    static const WCHAR system_directory[] = L"C:\\Windows\\System32";
    size_t prefix = 2;
    size_t below_system = path_system_prefix(host);
    if (below_system) {
        prefix = sizeof system_directory / sizeof system_directory[0] - 1;
        host += below_system;
    }
    size_t room = capacity > prefix ? capacity - prefix : 0;
    size_t rest = utf16_from_utf8(path + prefix, room, host, strlen(host), UTF_HOST_NAME);
    if (rest >= room)
        return prefix + rest;
    memcpy(path, system_directory, prefix * sizeof *path);
    size_t length = prefix + rest;
    for (size_t start = prefix + 1, at = start; at <= length; at++) {
        if (at < length && path[at] != '\\')
            continue;
        if (at > start)
            escape_last_unit(path + start, at - start);
        start = at + 1;
    }
    path[length] = 0;
    return length;
}

/* Changing the current directory */

static NTSTATUS change_kernel_directory(struct host_path *host)
{
    if (!chdir(host->name))
        return STATUS_SUCCESS;
    if (errno == ENOENT) {
        NTSTATUS status = path_correct_case(host);
        if (status)
            return status;
        if (!chdir(host->name))
            return STATUS_SUCCESS;
    }
    return errno == ENOTDIR ? STATUS_NOT_A_DIRECTORY : status_from_errno(errno);
}

NTSTATUS path_set_current_directory(const WCHAR *path, size_t length)
{
    struct host_path host;
    WCHAR full[sizeof current.text / sizeof current.text[0]];
    NTSTATUS status = path_to_host(path, length, &host);
    if (status)
        return status;
    if (host.kind != PATH_FILE)
        return STATUS_OBJECT_NAME_INVALID;
    length = path_full(path, length, full, sizeof full / sizeof full[0], NULL);
    if (!length)
        return STATUS_NO_MEMORY;
    if (length >= sizeof full / sizeof full[0])
        return STATUS_NAME_TOO_LONG;
    WCHAR *text = full;
    if (length >= 7 && full[0] == '\\' && full[5] == ':') {
        /* \\?\C:\a is remembered as C:\a. */
        text += 4;
        length -= 4;
    }
    if (length > 3 && text[length - 1] == '\\')
        length--;
    pthread_mutex_lock(&current.lock);
    status = change_kernel_directory(&host);
    if (!status)
        set_current_text(text, length);
    pthread_mutex_unlock(&current.lock);
    return status;
}
