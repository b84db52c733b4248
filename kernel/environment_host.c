/* The environment's way from Linux and back. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/environment.h"
#include "kernel/path.h"
#include "kernel/process.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

/* Every process has these on Windows, and programs fail in odd ways without them. Some more
 * depend on the host (add_host_defaults). */
static const struct {
    const char *name, *value;
} defaults[] = {
    {"ALLUSERSPROFILE", "C:\\ProgramData"},
    {"ComSpec", "C:\\Windows\\System32\\cmd.exe"},
    {"CommonProgramFiles", "C:\\Program Files\\Common Files"},
    {"OS", "Windows_NT"},
    {"PATHEXT", ".COM;.EXE;.BAT;.CMD"},
#ifdef __x86_64__
    {"PROCESSOR_ARCHITECTURE", "AMD64"},
#else
    {"PROCESSOR_ARCHITECTURE", "x86"},
#endif
    {"ProgramData", "C:\\ProgramData"},
    {"ProgramFiles", "C:\\Program Files"},
    {"PUBLIC", "C:\\Users\\Public"},
    {"SystemDrive", "C:"},
    {"SystemRoot", "C:\\Windows"},
    {"windir", "C:\\Windows"},
};

/* Path lists */

/* Variables that hold a directory, or several with a separator between them, on both sides. */
static bool holds_paths(const char *name, size_t length)
{
    static const char names[][12] = {"PATH", "TEMP", "TMP", "USERPROFILE"};
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        if (strlen(names[i]) == length && !strncasecmp(name, names[i], length))
            return true;
    }
    return false;
}

/* One directory of a list; what is no absolute path stays as it is. */
static size_t path_to_windows(WCHAR *to, size_t room, const char *from, size_t length)
{
    char directory[PATH_MAX];
    if (!length || from[0] != '/' || length >= sizeof directory)
        return utf16_from_utf8(to, room, from, length, UTF_HOST_NAME);
    memcpy(directory, from, length);
    directory[length] = '\0';
    return path_from_host(directory, to, room);
}

size_t environment_paths_from_host(WCHAR *to, size_t room, const char *list)
{
    size_t length = 0;
    for (;;) {
        size_t part = strcspn(list, ":");
        length += path_to_windows(length < room ? to + length : NULL, length < room ? room - length : 0, list,
                                  part);
        list += part;
        if (!*list++)
            return length;
        if (length < room)
            to[length] = ';';
        length++;
    }
}

static size_t path_to_linux(char *to, size_t room, const WCHAR *from, size_t length)
{
    struct host_path host;
    /* The list's separator cannot be part of one of its directories. */
    if (!length || path_to_host(from, length, &host) || strchr(host.name, ':'))
        return 0;
    size_t host_length = strlen(host.name);
    if (host_length < room)
        memcpy(to, host.name, host_length);
    return host_length;
}

size_t environment_paths_to_host(char *to, size_t room, const WCHAR *list, size_t length)
{
    size_t written = 0;
    while (length) {
        size_t part = 0;
        while (part < length && list[part] != ';')
            part++;
        size_t before = written;
        if (written && written < room)
            to[written] = ':';
        written += written != 0;
        size_t added = path_to_linux(written < room ? to + written : NULL,
                                     written < room ? room - written : 0, list, part);
        written = added ? written + added : before;
        list += part;
        length -= part;
        if (length)
            list++, length--;
    }
    return written;
}

/* From Linux */

/* The variables as they are gathered, in no order. Only one thread runs at this time. */
struct gathering {
    WCHAR *text; /* NAME=VALUE strings with their NULs, one behind the other */
    size_t used, capacity;
    struct variable {
        size_t offset, name_length;
        uint32_t hash; /* of the name in upper case */
    } * variables;
    size_t count, room;
    bool failed; /* memory was short */
};

static uint32_t hash_name(const WCHAR *name, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ upcase(name[i])) * 16777619u;
    return hash;
}

static const struct variable *find(const struct gathering *all, const WCHAR *name, size_t length)
{
    uint32_t hash = hash_name(name, length);
    for (size_t i = 0; i < all->count; i++) {
        const struct variable *variable = &all->variables[i];
        if (variable->hash == hash &&
            upcase_equal(all->text + variable->offset, variable->name_length, name, length))
            return variable;
    }
    return NULL;
}

/* Room for so many more units, and one more variable. */
static bool make_room(struct gathering *all, size_t units)
{
    if (all->used + units > all->capacity) {
        size_t capacity = 2 * all->capacity + units + 4096;
        WCHAR *text = realloc(all->text, capacity * sizeof *text);
        all->failed |= !text;
        if (text) {
            all->text = text;
            all->capacity = capacity;
        }
    }
    if (all->count == all->room) {
        size_t room = 2 * all->room + 64;
        struct variable *variables = realloc(all->variables, room * sizeof *variables);
        all->failed |= !variables;
        if (variables) {
            all->variables = variables;
            all->room = room;
        }
    }
    return !all->failed;
}

/* Takes up what was written behind the last variable, unless there is one of that name already: of two names
 * that differ in case alone, Windows can have but the first. */
static void take(struct gathering *all, size_t name_length, size_t length)
{
    WCHAR *text = all->text + all->used;
    if (find(all, text, name_length))
        return;
    all->variables[all->count++] = (struct variable){all->used, name_length, hash_name(text, name_length)};
    text[length] = 0;
    all->used += length + 1;
}

static void add(struct gathering *all, const char *name, const WCHAR *value, size_t value_length)
{
    size_t name_length = strlen(name);
    if (!make_room(all, name_length + 1 + value_length + 1))
        return;
    WCHAR *text = all->text + all->used;
    for (size_t i = 0; i < name_length; i++)
        text[i] = name[i];
    text[name_length] = '=';
    memcpy(text + name_length + 1, value, value_length * sizeof *value);
    take(all, name_length, name_length + 1 + value_length);
}

static void add_text(struct gathering *all, const char *name, const char *value)
{
    WCHAR wide[512];
    size_t length = utf16_from_utf8(wide, ARRAYSIZE(wide), value, strlen(value), UTF_REPLACE);
    if (length <= ARRAYSIZE(wide))
        add(all, name, wide, length);
}

static const WCHAR system_path[] = L"C:\\Windows\\System32;C:\\Windows";
#define SYSTEM_PATH_LENGTH (ARRAYSIZE(system_path) - 1)

static void add_host_variable(struct gathering *all, const char *variable)
{
    const char *equals = strchr(variable, '=');
    if (!equals || equals == variable)
        return;
    size_t name_bytes = equals - variable, value_bytes = strlen(equals + 1);
    bool is_path = holds_paths(variable, name_bytes) && strchr(equals, '/');
    /* Every directory of a list grows by its drive at most, and has a separator. */
    size_t room = SYSTEM_PATH_LENGTH + name_bytes + value_bytes * (is_path ? 3 : 1) + 4;
    if (!make_room(all, room))
        return;
    WCHAR *text = all->text + all->used;
    size_t name_length = utf16_from_utf8(text, room, variable, name_bytes + 1, UTF_REPLACE) - 1;
    WCHAR *value = text + name_length + 1, *end = value;
    /* Windows' own directories lead its PATH. */
    if (name_bytes == 4 && !memcmp(variable, "PATH", 4)) {
        memcpy(end, system_path, sizeof system_path);
        end[SYSTEM_PATH_LENGTH] = ';';
        end += SYSTEM_PATH_LENGTH + 1;
    }
    room -= end - text;
    end += is_path ? environment_paths_from_host(end, room, equals + 1)
                   : utf16_from_utf8(end, room, equals + 1, value_bytes, UTF_REPLACE);
    take(all, name_length, end - text);
}

/* From what the shell set, so that the user database is read only when it must be. */
static const char *host_home(void)
{
    const char *home = getenv("HOME");
    if (home && *home == '/')
        return home;
    const struct passwd *entry = getpwuid(getuid());
    return entry ? entry->pw_dir : "/";
}

size_t environment_profile(WCHAR *to, size_t room)
{
    return environment_paths_from_host(to, room, host_home());
}

/* USERNAME and the user's directories. */
static void add_user(struct gathering *all)
{
    const char *home = host_home(), *user = getenv("USER");
    if (!user && !(user = getenv("LOGNAME")))
        user = home[1] ? strrchr(home, '/') + 1 : "root";
    add_text(all, "USERNAME", user);
    add_text(all, "HOMEDRIVE", "C:");
    static const WCHAR roaming[] = L"\\AppData\\Roaming", local[] = L"\\AppData\\Local";
    WCHAR profile[1024];
    size_t length = environment_paths_from_host(profile, ARRAYSIZE(profile) - ARRAYSIZE(roaming), home);
    if (length > ARRAYSIZE(profile) - ARRAYSIZE(roaming))
        return;
    add(all, "USERPROFILE", profile, length);
    add(all, "HOMEPATH", profile + 2, length - 2);
    memcpy(profile + length, roaming, sizeof roaming);
    add(all, "APPDATA", profile, length + ARRAYSIZE(roaming) - 1);
    memcpy(profile + length, local, sizeof local);
    add(all, "LOCALAPPDATA", profile, length + ARRAYSIZE(local) - 1);
}

static void add_host_defaults(struct gathering *all)
{
    char text[256];
    snprintf(text, sizeof text, "%u", process_count_processors());
    add_text(all, "NUMBER_OF_PROCESSORS", text);
    if (!gethostname(text, sizeof text)) {
        text[sizeof text - 1] = '\0';
        for (char *c = text; *c; c++)
            *c = *c >= 'a' && *c <= 'z' ? *c - 32 : *c;
        add_text(all, "COMPUTERNAME", text);
    }
    const char *temporary = getenv("TMPDIR");
    WCHAR path[1024];
    size_t length = environment_paths_from_host(path, ARRAYSIZE(path),
                                                temporary && *temporary == '/' ? temporary : "/tmp");
    if (length <= ARRAYSIZE(path)) {
        add(all, "TEMP", path, length);
        add(all, "TMP", path, length);
    }
    add(all, "PATH", system_path, SYSTEM_PATH_LENGTH);
}

static int compare_variables(const void *a, const void *b, void *context)
{
    const struct variable *first = a, *second = b;
    const WCHAR *text = context;
    return upcase_compare(text + first->offset, first->name_length, text + second->offset,
                          second->name_length);
}

/* Writes the gathered variables in order as one block. */
static WCHAR *sorted_block(struct gathering *all, size_t *length)
{
    WCHAR *block = malloc((all->used + 1) * sizeof *block), *end = block;
    if (!block)
        return NULL;
    qsort_r(all->variables, all->count, sizeof *all->variables, compare_variables, all->text);
    for (size_t i = 0; i < all->count; i++) {
        const WCHAR *text = all->text + all->variables[i].offset;
        size_t units = utf16_length(text) + 1;
        memcpy(end, text, units * sizeof *text);
        end += units;
    }
    *end++ = 0;
    *length = end - block;
    return block;
}

NTSTATUS environment_initialize(char **host_environment)
{
    struct gathering all = {0};
    for (char **variable = host_environment; *variable; variable++)
        add_host_variable(&all, *variable);
    add_user(&all);
    add_host_defaults(&all);
    for (size_t i = 0; i < ARRAYSIZE(defaults); i++)
        add_text(&all, defaults[i].name, defaults[i].value);
    size_t length;
    WCHAR *block = all.failed ? NULL : sorted_block(&all, &length);
    free(all.text);
    free(all.variables);
    if (!block)
        return STATUS_NO_MEMORY;
    environment_adopt(block, length);
    return STATUS_SUCCESS;
}

/* To Linux */

/* One variable as Linux has it; NULL for one that only Windows programs understand (the current
 * directories of drives). */
static char *variable_to_host(const WCHAR *variable, size_t length)
{
    size_t name_length = 0;
    while (name_length < length && variable[name_length] != '=')
        name_length++;
    if (!name_length)
        return NULL;
    size_t room = length * 3 + PATH_MAX;
    char *host = malloc(room);
    if (!host)
        return NULL;
    size_t used = utf8_from_utf16(host, room - 1, variable, name_length + 1, UTF_REPLACE);
    const WCHAR *value = variable + name_length + 1;
    size_t value_length = length - name_length - 1;
    if (holds_paths(host, used - 1))
        used += environment_paths_to_host(host + used, room - used - 1, value, value_length);
    else
        used += utf8_from_utf16(host + used, room - used - 1, value, value_length, UTF_REPLACE);
    host[used < room ? used : room - 1] = '\0';
    return host;
}

char **environment_block_to_host(const WCHAR *block)
{
    size_t count = 0, n = 0;
    for (const WCHAR *variable = block; *variable; variable += utf16_length(variable) + 1)
        count++;
    char **host = calloc(count + 1, sizeof *host);
    for (const WCHAR *variable = block; host && *variable; variable += utf16_length(variable) + 1) {
        char *translated = variable_to_host(variable, utf16_length(variable));
        if (translated)
            host[n++] = translated;
    }
    return host;
}

char **environment_to_host(void)
{
    size_t length;
    environment_lock();
    char **host = environment_block_to_host(environment_block(&length));
    environment_unlock();
    return host;
}
