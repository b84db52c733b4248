/* The environment's way from Linux and back. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/environment.h"
#include "kernel/path.h"
#include "kernel/process.h"
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

/* ---- path lists ---- */

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

/* ---- from Linux ---- */

static bool has(const char *name)
{
    WCHAR wide[64];
    size_t length = utf16_from_utf8(wide, ARRAYSIZE(wide), name, strlen(name), UTF_REPLACE), value_length;
    return environment_get(wide, length, &value_length) != NULL;
}

static void set_default(const char *name, const char *value)
{
    WCHAR wide_name[64], wide_value[512];
    if (has(name))
        return;
    size_t name_length = utf16_from_utf8(wide_name, ARRAYSIZE(wide_name), name, strlen(name), UTF_REPLACE);
    size_t value_length =
        utf16_from_utf8(wide_value, ARRAYSIZE(wide_value), value, strlen(value), UTF_REPLACE);
    if (value_length <= ARRAYSIZE(wide_value))
        environment_set(wide_name, name_length, wide_value, value_length);
}

static void add_host_variable(const char *variable)
{
    const char *equals = strchr(variable, '=');
    if (!equals || equals == variable)
        return;
    size_t name_length = equals - variable, value_bytes = strlen(equals + 1);
    bool is_path = holds_paths(variable, name_length) && strchr(equals, '/');
    /* Every directory of a list grows by its drive at most, and has a separator. */
    size_t room = name_length + value_bytes * (is_path ? 3 : 1) + 64;
    WCHAR *wide = malloc(room * sizeof *wide);
    if (!wide)
        return;
    size_t wide_name = utf16_from_utf8(wide, room, variable, name_length, UTF_REPLACE), found;
    WCHAR *value = wide + wide_name;
    size_t value_length =
        is_path ? environment_paths_from_host(value, room - wide_name, equals + 1)
                : utf16_from_utf8(value, room - wide_name, equals + 1, value_bytes, UTF_REPLACE);
    /* Of two names that differ in case alone, Windows can have but the first. */
    if (!environment_get(wide, wide_name, &found) && value_length <= room - wide_name)
        environment_set(wide, wide_name, value, value_length);
    free(wide);
}

/* Windows' own directories lead its PATH. */
static void add_system_directories(void)
{
    static const WCHAR system[] = L"C:\\Windows\\System32;C:\\Windows";
    size_t length = 0, system_length = ARRAYSIZE(system) - 1;
    const WCHAR *path = environment_get(L"PATH", 4, &length);
    WCHAR *whole = malloc((system_length + 1 + length) * sizeof *whole);
    if (!whole)
        return;
    memcpy(whole, system, system_length * sizeof *whole);
    whole[system_length] = ';';
    memcpy(whole + system_length + 1, path, length * sizeof *whole);
    environment_set(L"PATH", 4, whole, length ? system_length + 1 + length : system_length);
    free(whole);
}

/* USERNAME and the user's directories, from what the shell set, so that the user database is read only when
 * it must be. */
static void add_user(void)
{
    const char *home = getenv("HOME"), *user = getenv("USER");
    if (!home || *home != '/') {
        struct passwd *entry = getpwuid(getuid());
        home = entry ? entry->pw_dir : "/";
    }
    if (!user && !(user = getenv("LOGNAME")))
        user = home[1] ? strrchr(home, '/') + 1 : "root";
    set_default("USERNAME", user);
    WCHAR profile[1024];
    size_t length = environment_paths_from_host(profile, ARRAYSIZE(profile), home), found;
    if (length > ARRAYSIZE(profile) - 32)
        return;
    if (!environment_get(L"USERPROFILE", 11, &found))
        environment_set(L"USERPROFILE", 11, profile, length);
    if (!environment_get(L"HOMEPATH", 8, &found))
        environment_set(L"HOMEPATH", 8, profile + 2, length - 2);
    set_default("HOMEDRIVE", "C:");
    static const struct {
        const WCHAR *name, *directory;
    } folders[] = {{L"APPDATA", L"\\AppData\\Roaming"}, {L"LOCALAPPDATA", L"\\AppData\\Local"}};
    for (size_t i = 0; i < ARRAYSIZE(folders); i++) {
        size_t name_length = utf16_length(folders[i].name),
               directory_length = utf16_length(folders[i].directory);
        memcpy(profile + length, folders[i].directory, directory_length * sizeof *profile);
        if (!environment_get(folders[i].name, name_length, &found))
            environment_set(folders[i].name, name_length, profile, length + directory_length);
    }
}

static void add_host_defaults(void)
{
    char text[256];
    snprintf(text, sizeof text, "%u", process_count_processors());
    set_default("NUMBER_OF_PROCESSORS", text);
    if (!gethostname(text, sizeof text)) {
        text[sizeof text - 1] = '\0';
        for (char *c = text; *c; c++)
            *c = *c >= 'a' && *c <= 'z' ? *c - 32 : *c;
        set_default("COMPUTERNAME", text);
    }
    const char *temporary = getenv("TMPDIR");
    WCHAR path[1024];
    size_t length = environment_paths_from_host(path, ARRAYSIZE(path),
                                                temporary && *temporary == '/' ? temporary : "/tmp"),
           found;
    static const WCHAR names[][5] = {L"TEMP", L"TMP"};
    for (size_t i = 0; i < ARRAYSIZE(names) && length <= ARRAYSIZE(path); i++) {
        if (!environment_get(names[i], utf16_length(names[i]), &found))
            environment_set(names[i], utf16_length(names[i]), path, length);
    }
}

NTSTATUS environment_initialize(char **host_environment)
{
    NTSTATUS status = environment_replace(L"");
    if (status)
        return status;
    for (char **variable = host_environment; *variable; variable++)
        add_host_variable(*variable);
    add_system_directories();
    add_user();
    add_host_defaults();
    for (size_t i = 0; i < ARRAYSIZE(defaults); i++)
        set_default(defaults[i].name, defaults[i].value);
    return STATUS_SUCCESS;
}

/* ---- to Linux ---- */

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

char **environment_to_host(void)
{
    size_t length, count = 0;
    environment_lock();
    const WCHAR *block = environment_block(&length);
    for (size_t i = 0; i < length; i++)
        count += !block[i];
    char **host = calloc(count + 1, sizeof *host);
    size_t n = 0;
    for (const WCHAR *variable = block; host && *variable; variable += utf16_length(variable) + 1) {
        char *translated = variable_to_host(variable, utf16_length(variable));
        if (translated)
            host[n++] = translated;
    }
    environment_unlock();
    return host;
}
