/* The one translator between Windows paths and host paths.
 *
 * Drives C: and Z: are the host's root, further drives are added by path_set_drive. Over C: lie a
 * few places: C:\Windows\System32 is litewin's own DLL directory, C:\Windows what holds it,
 * C:\Windows\Temp the host's temporary directory and C:\Users what holds the user's home.
 *
 * The kernel's current directory is always the Windows program's, so a relative name stays relative.
 *
 * A name is tried as it is given. Only when that misses is another case looked for:
 *
 *     status = path_to_host(path, length, &host);
 *     if (NT_SUCCESS(status) && (fd = open(host.name, flags)) < 0 && errno == ENOENT) {
 *         status = path_correct_case(&host);
 *         if (NT_SUCCESS(status))
 *             fd = open(host.name, flags);
 *     }
 */
#ifndef KERNEL_PATH_H
#define KERNEL_PATH_H

#include <litewin/windows.h>

/* \\?\Volume{...}\ of a drive: this, the letter's code in two hexadecimal digits, and a brace. */
#define PATH_VOLUME_PREFIX      "Volume{6c697465-7769-6e00-0000-0000000000"
#define PATH_VOLUME_PREFIX_WIDE L"" PATH_VOLUME_PREFIX

/* Longest Windows path, in UTF-16 units without the NUL. */
#define PATH_LONGEST 32767

enum path_kind {
    PATH_FILE,           /* whatever the host has under `name`, if it has anything */
    PATH_NUL,            /* NUL; `name` is /dev/null */
    PATH_CONSOLE,        /* CON: input or output, as the access asks; `name` is /dev/tty, for these three */
    PATH_CONSOLE_INPUT,  /* CONIN$ */
    PATH_CONSOLE_OUTPUT, /* CONOUT$ */
    PATH_PIPE,           /* \\.\pipe\NAME; `name` is NAME in UTF-8, "" for what holds all pipes */
    PATH_VOLUME,         /* \\.\C:, the volume itself; `name` is the drive's root directory */
    PATH_DEVICE,         /* PRN, AUX, COM1, \\.\PhysicalDrive0 ...: known, but not there; `name` is empty */
};

struct host_path {
    enum path_kind kind;
    /* The Windows path ended in a separator, so that only a directory can be meant. `name` does
     * not end in one, unless it is "/". */
    bool directory_only;
    /* NUL-terminated. Absolute, or relative to the current directory; "." for that directory. */
    char name[PATH_MAX];
};

/* Translates without asking the host anything. `length` excludes a NUL. Takes every form that
 * Win32 knows, and \??\ for the callers of ntdll.
 *   STATUS_OBJECT_NAME_INVALID    illegal characters, a part of more than 255 units, a stream
 *   STATUS_OBJECT_PATH_NOT_FOUND  an empty path, a drive that does not exist
 *   STATUS_BAD_NETWORK_PATH       \\server\share
 *   STATUS_NAME_TOO_LONG          longer than the host can take */
EXPORTED NTSTATUS path_to_host(const WCHAR *path, size_t length, struct host_path *host);

/* After a name was not found as given (ENOENT, ENOTDIR): looks for it in another case.
 *   STATUS_SUCCESS                there is one, and `host->name` names it now
 *   STATUS_OBJECT_NAME_NOT_FOUND  the directory exists and `host->name` leads into it, but there is
 *                                 nothing of that name in any case; creating it makes no twin
 *   STATUS_OBJECT_PATH_NOT_FOUND  there is no such directory
 *   STATUS_ACCESS_DENIED          a directory on the way may not be searched
 * Costs one system call when the directory is known and has not changed since. */
EXPORTED NTSTATUS path_correct_case(struct host_path *host);

/* What happened to an entry of a directory through this process, so that what path_correct_case knows
 * stays known. `name` is a host path. */
EXPORTED void path_note_created(const char *name);
EXPORTED void path_note_removed(const char *name);

/* Finds `name`, one file name without directories, in a host directory, as given or in another case.
 * `found`, of PATH_MAX bytes, becomes the whole host path. STATUS_OBJECT_NAME_NOT_FOUND if there is
 * none, STATUS_OBJECT_PATH_NOT_FOUND if there is no such directory. */
EXPORTED NTSTATUS path_find_in_directory(const char *directory, const WCHAR *name, size_t length,
                                         char *found);

/* The Windows path of an absolute host path: C:\..., or C:\Windows\System32\... for litewin's own.
 * Returns its length without the NUL. It is written, with a NUL, only if that is less than
 * `capacity`. */
EXPORTED size_t path_from_host(const char *host, WCHAR *path, size_t capacity);

/* The Windows name of a directory's entry. `name` may become PATH_NAME_UNITS units; no NUL is added. */
#define PATH_NAME_UNITS 255
EXPORTED size_t path_name_from_host(const char *host, size_t length, WCHAR *name);

/* GetFullPathName: makes a path absolute and normal, by its text and the current directory alone.
 * Returns the length without the NUL; the result is written, with a NUL, only if that is less than
 * `capacity`. `name_offset`, unless NULL, becomes the index of the last part, or 0 if the path ends
 * in a separator or names a device. 0 means an empty path. */
EXPORTED size_t path_full(const WCHAR *path, size_t length, WCHAR *full, size_t capacity,
                          size_t *name_offset);

/* The device that a whole path names by the reserved name of a DOS device ("nul", "CON:", "aux "), or
 * PATH_FILE. As of Windows 11, a name with an extension is a file's, and so is every name in a
 * directory except NUL. The device's own name is `length` units at `offset` of the path. */
EXPORTED enum path_kind path_dos_device(const WCHAR *path, size_t path_length, size_t *offset,
                                        size_t *length);

/* The current directory, without a final separator unless it is a root, and NUL-terminated. Returns
 * the length; nothing is written unless that is less than `capacity`. */
EXPORTED size_t path_current_directory(WCHAR *buffer, size_t capacity);
EXPORTED NTSTATUS path_set_current_directory(const WCHAR *path, size_t length);

/* Makes a letter a drive; NULL takes it away. The directory must exist. */
EXPORTED NTSTATUS path_set_drive(WCHAR letter, const char *directory);
/* The host directory of a drive, "/" for C:, or NULL. */
EXPORTED const char *path_drive_directory(WCHAR letter);
/* Bit 0 is A:. */
EXPORTED DWORD path_drives(void);

/* Where C:\Windows\System32 is, and on i386 C:\Windows\SysWOW64: an absolute host path without
 * a final separator, which must stay valid. */
EXPORTED void path_set_system_directory(const char *directory);
/* NULL before that. */
const char *path_system_directory(void);

#endif
