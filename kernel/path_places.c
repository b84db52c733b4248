/* Drives, and the places that lie over drive C:. */
#include <stdlib.h>
#include <sys/stat.h>
#include "kernel/path_internal.h"
#include "kernel/status.h"
#include "kernel/upcase.h"

bool path_is_letter(WCHAR unit)
{
    return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z');
}

bool path_is_word(const WCHAR *text, size_t length, const char *word)
{
    for (size_t i = 0; i < length; i++)
        if (!word[i] || upcase(text[i]) != upcase((unsigned char)word[i]))
            return false;
    return !word[length];
}

/* Drives */

/* Host directories without a final slash, so that the root is "". */
static const char *drives['Z' - 'A' + 1] = {['C' - 'A'] = "", ['Z' - 'A'] = ""};

NTSTATUS path_set_drive(WCHAR letter, const char *directory)
{
    if (!path_is_letter(letter))
        return STATUS_INVALID_PARAMETER;
    if (!directory) {
        drives[upcase(letter) - 'A'] = NULL;
        return STATUS_SUCCESS;
    }
    char *absolute = realpath(directory, NULL);
    if (!absolute)
        return errno == ENOENT ? STATUS_OBJECT_PATH_NOT_FOUND : status_from_errno(errno);
    struct stat status;
    if (stat(absolute, &status) || !S_ISDIR(status.st_mode)) {
        free(absolute);
        return STATUS_NOT_A_DIRECTORY;
    }
    /* What was there before is not freed: another thread may be reading it. */
    drives[upcase(letter) - 'A'] = absolute[1] ? absolute : "";
    return STATUS_SUCCESS;
}

const char *path_drive_prefix(WCHAR letter)
{
    return path_is_letter(letter) ? drives[upcase(letter) - 'A'] : NULL;
}

const char *path_drive_directory(WCHAR letter)
{
    const char *prefix = path_drive_prefix(letter);
    return prefix && !*prefix ? "/" : prefix;
}

DWORD path_drives(void)
{
    DWORD mask = 0;
    for (unsigned i = 0; i < sizeof drives / sizeof drives[0]; i++)
        if (drives[i])
            mask |= 1u << i;
    return mask;
}

/* Places */

static struct {
    const char *system; /* C:\Windows\System32 */
    size_t system_length;
    size_t windows_length; /* C:\Windows is that much of it */
    const char *home;      /* $HOME, set on first use */
    size_t users_length;   /* C:\Users is that much of it */
    const char *temporary;
} places;

void path_set_system_directory(const char *directory)
{
    places.system = directory;
    places.system_length = strlen(directory);
    const char *slash = strrchr(directory, '/');
    places.windows_length = slash ? slash - directory : 0;
}

const char *path_system_directory(void)
{
    return places.system;
}

static void find_user_places(void)
{
    const char *temporary = getenv("TMPDIR");
    places.temporary = temporary && temporary[0] == '/' && temporary[1] ? temporary : "/tmp";
    const char *home = getenv("HOME");
    if (!home || home[0] != '/')
        home = "/";
    size_t length = strlen(home);
    while (length > 1 && home[length - 1] == '/')
        length--;
    while (home[length - 1] != '/')
        length--;
    places.users_length = length - 1;
    places.home = home;
}

/* The part of a path that starts at `*at`, a separator. */
static size_t next_part(const WCHAR *path, size_t length, size_t *at, const WCHAR **part)
{
    size_t start = *at < length ? *at + 1 : length, end = start;
    while (end < length && path[end] != '\\')
        end++;
    *part = path + start;
    *at = end;
    return end - start;
}

size_t path_find_place(const WCHAR *path, size_t length, const char **directory, size_t *directory_length)
{
    const WCHAR *part;
    size_t at = 0, part_length = next_part(path, length, &at, &part);
    if (part_length == 5 && path_is_word(part, part_length, "Users")) {
        if (!places.home)
            find_user_places();
        *directory = places.home;
        *directory_length = places.users_length;
        return at;
    }
    if (!places.system || part_length != 7 || !path_is_word(part, part_length, "Windows"))
        return 0;
    *directory = places.system;
    *directory_length = places.windows_length;
    size_t after = at;
    part_length = next_part(path, length, &after, &part);
    if (path_is_word(part, part_length, "System32")
#ifdef __i386__
        || path_is_word(part, part_length, "SysWOW64")
#endif
    ) {
        *directory_length = places.system_length;
        return after;
    }
    if (path_is_word(part, part_length, "Temp")) {
        if (!places.home)
            find_user_places();
        *directory = places.temporary;
        *directory_length = strlen(places.temporary);
        return after;
    }
    return at;
}

size_t path_system_prefix(const char *host)
{
    bool below = places.system && !strncmp(host, places.system, places.system_length) &&
                 (host[places.system_length] == '/' || !host[places.system_length]);
    return below ? places.system_length : 0;
}
