/* Drives and volumes. Each drive letter is a volume of its own. */
#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "kernel/lock.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"
#include "kernel/volume.h"

/* Programs ask for the name to know what they may expect; what NTFS has, Linux file systems have too. */
static const WCHAR file_system_name[] = L"NTFS";

/* \\?\Volume{...}\ with a final NUL. */
#define VOLUME_NAME_UNITS 50

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

/* Roots */

/* A Win32 error that no status stands for, as a status. */
#define NOT_A_ROOT ((NTSTATUS)(0xc0070000 | ERROR_DIR_NOT_ROOT))

static bool is_root(const WCHAR *path)
{
    return upcase(path[0]) >= 'A' && upcase(path[0]) <= 'Z' && path[1] == ':' &&
           (path[2] == '\\' || path[2] == '/') && !path[3];
}

/* "C:" means the drive's root only while that is the current directory. */
static bool is_current_root(const WCHAR *drive)
{
    WCHAR current[4];
    return drive[0] && drive[1] == ':' && !drive[2] &&
           path_current_directory(current, ARRAYSIZE(current)) == 3 && upcase(current[0]) == upcase(drive[0]);
}

/* The host directory of a root argument: NULL is the current drive's. Nothing but roots will do: those of
 * drives, also with \\?\ or \\.\ before them, and the names of volumes. */
static NTSTATUS root_to_host(const WCHAR *root, struct host_path *host)
{
    WCHAR full[VOLUME_NAME_UNITS + 8];
    if (!root || is_current_root(root))
        return path_to_host(L"\\", 1, host);
    size_t length = utf16_length(root);
    if (!length || (root[length - 1] != '\\' && root[length - 1] != '/'))
        return STATUS_OBJECT_NAME_INVALID;
    size_t full_length = path_full(root, length, full, ARRAYSIZE(full), NULL);
    bool volume = full_length == VOLUME_NAME_UNITS - 1 && full[0] == '\\';
    bool prefixed = full_length == 7 && full[0] == '\\' && is_root(full + 4);
    if (!volume && !prefixed && full_length != 3)
        return NOT_A_ROOT;
    return path_to_host(root, length, host);
}

static NTSTATUS query_directory(const WCHAR *path, struct volume_information *information)
{
    struct host_path host;
    NTSTATUS status = host_path_of(path, &host);
    if (status)
        return status;
    status = volume_query(host.name, information);
    if (status != STATUS_OBJECT_NAME_NOT_FOUND)
        return status;
    status = path_correct_case(&host);
    return status ? STATUS_OBJECT_PATH_NOT_FOUND : volume_query(host.name, information);
}

UINT WINAPI GetDriveTypeW(LPCWSTR root)
{
    struct host_path host;
    struct volume_information information;
    WCHAR drive[4] = {0};
    if (root && root[0] && root[1] == ':' && !root[2]) {
        /* Only here the separator may be missing. */
        memcpy(drive, (WCHAR[]){root[0], ':', '\\'}, 3 * sizeof *drive);
        root = drive;
    }
    if (root && !is_root(root) && utf16_length(root) < VOLUME_NAME_UNITS - 2)
        return DRIVE_NO_ROOT_DIR;
    if (root_to_host(root, &host) || volume_query(host.name, &information))
        return DRIVE_NO_ROOT_DIR;
    return information.drive_type;
}

UINT WINAPI GetDriveTypeA(LPCSTR root)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, root))
        return DRIVE_NO_ROOT_DIR;
    UINT type = GetDriveTypeW(wide.text);
    wide_free(&wide);
    return type;
}

DWORD WINAPI GetLogicalDrives(void)
{
    return path_drives();
}

/* "C:\", a NUL, "Z:\", a NUL, and one more NUL. */
static size_t drive_strings(char text[26 * 4 + 1])
{
    size_t length = 0;
    for (int drive = 0; drive < 26; drive++) {
        if (!(path_drives() >> drive & 1))
            continue;
        text[length++] = 'A' + drive;
        memcpy(text + length, ":\\", 3);
        length += 3;
    }
    text[length] = '\0';
    return length;
}

DWORD WINAPI GetLogicalDriveStringsW(DWORD size, LPWSTR buffer)
{
    char text[26 * 4 + 1];
    size_t length = drive_strings(text);
    if (length >= size)
        return length + 1;
    for (size_t i = 0; i <= length; i++)
        buffer[i] = text[i];
    return length;
}

DWORD WINAPI GetLogicalDriveStringsA(DWORD size, LPSTR buffer)
{
    char text[26 * 4 + 1];
    size_t length = drive_strings(text);
    if (length >= size)
        return length + 1;
    memcpy(buffer, text, length + 1);
    return length;
}

/* Information */

/* Strings go to buffers of `size` units, of which there may be none. */
static BOOL give_information(const struct volume_information *information, LPWSTR label, DWORD label_size,
                             LPDWORD serial, LPDWORD longest, LPDWORD flags, LPWSTR name, DWORD name_size)
{
    if (label && label_size)
        label[0] = 0;
    if (serial)
        *serial = information->serial_number;
    if (longest)
        *longest = information->longest_name;
    if (flags)
        *flags = information->flags;
    if (name && name_size < ARRAYSIZE(file_system_name))
        return fail(ERROR_BAD_LENGTH);
    if (name)
        memcpy(name, file_system_name, sizeof file_system_name);
    return TRUE;
}

BOOL WINAPI GetVolumeInformationW(LPCWSTR root, LPWSTR label, DWORD label_size, LPDWORD serial,
                                  LPDWORD longest, LPDWORD flags, LPWSTR name, DWORD name_size)
{
    struct host_path host;
    struct volume_information information;
    NTSTATUS status = root_to_host(root, &host);
    if (!status)
        status = volume_query(host.name, &information);
    if (status)
        return set_last_status(status);
    return give_information(&information, label, label_size, serial, longest, flags, name, name_size);
}

BOOL WINAPI GetVolumeInformationA(LPCSTR root, LPSTR label, DWORD label_size, LPDWORD serial, LPDWORD longest,
                                  LPDWORD flags, LPSTR name, DWORD name_size)
{
    struct wide wide;
    WCHAR wide_name[ARRAYSIZE(file_system_name)];
    if (!wide_from_ansi(&wide, root))
        return FALSE;
    BOOL result =
        GetVolumeInformationW(wide.text, NULL, 0, serial, longest, flags, wide_name, ARRAYSIZE(wide_name));
    wide_free(&wide);
    if (result && label && label_size)
        label[0] = '\0';
    if (result && name && ansi_return(wide_name, utf16_length(wide_name), name, name_size) >= name_size)
        return fail(ERROR_BAD_LENGTH);
    return result;
}

BOOL WINAPI GetVolumeInformationByHandleW(HANDLE handle, LPWSTR label, DWORD label_size, LPDWORD serial,
                                          LPDWORD longest, LPDWORD flags, LPWSTR name, DWORD name_size)
{
    struct file *file;
    struct volume_information information;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return set_last_status(status);
    status = volume_query_descriptor(file_descriptor(file), &information);
    object_release(file);
    if (status)
        return set_last_status(status);
    return give_information(&information, label, label_size, serial, longest, flags, name, name_size);
}

BOOL WINAPI GetDiskFreeSpaceExW(LPCWSTR directory, PULARGE_INTEGER available, PULARGE_INTEGER total,
                                PULARGE_INTEGER total_free)
{
    struct volume_information information;
    NTSTATUS status = query_directory(directory ? directory : L"\\", &information);
    if (status)
        return set_last_status(status);
    if (available)
        available->QuadPart = information.available_bytes;
    if (total)
        total->QuadPart = information.total_bytes;
    if (total_free)
        total_free->QuadPart = information.free_bytes;
    return TRUE;
}

BOOL WINAPI GetDiskFreeSpaceExA(LPCSTR directory, PULARGE_INTEGER available, PULARGE_INTEGER total,
                                PULARGE_INTEGER total_free)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, directory))
        return FALSE;
    BOOL result = GetDiskFreeSpaceExW(wide.text, available, total, total_free);
    wide_free(&wide);
    return result;
}

static DWORD clusters(uint64_t bytes, uint32_t cluster)
{
    uint64_t count = bytes / cluster;
    return count < UINT32_MAX ? (DWORD)count : UINT32_MAX;
}

BOOL WINAPI GetDiskFreeSpaceW(LPCWSTR root, LPDWORD sectors, LPDWORD bytes, LPDWORD free_clusters,
                              LPDWORD total_clusters)
{
    struct volume_information information;
    NTSTATUS status = query_directory(root ? root : L"\\", &information);
    if (status)
        return set_last_status(status);
    if (sectors)
        *sectors = information.bytes_per_cluster / VOLUME_BYTES_PER_SECTOR;
    if (bytes)
        *bytes = VOLUME_BYTES_PER_SECTOR;
    if (free_clusters)
        *free_clusters = clusters(information.available_bytes, information.bytes_per_cluster);
    if (total_clusters)
        *total_clusters = clusters(information.total_bytes, information.bytes_per_cluster);
    return TRUE;
}

BOOL WINAPI GetDiskFreeSpaceA(LPCSTR root, LPDWORD sectors, LPDWORD bytes, LPDWORD free_clusters,
                              LPDWORD total_clusters)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, root))
        return FALSE;
    BOOL result = GetDiskFreeSpaceW(wide.text, sectors, bytes, free_clusters, total_clusters);
    wide_free(&wide);
    return result;
}

/* Names of volumes */

static void name_volume(WCHAR letter, WCHAR name[VOLUME_NAME_UNITS])
{
    static const WCHAR prefix[] = L"\\\\?\\" PATH_VOLUME_PREFIX_WIDE;
    size_t length = ARRAYSIZE(prefix) - 1;
    WCHAR code = upcase(letter);
    memcpy(name, prefix, sizeof prefix);
    name[length++] = "0123456789abcdef"[code >> 4];
    name[length++] = "0123456789abcdef"[code & 15];
    memcpy(name + length, L"}\\", sizeof L"}\\");
}

BOOL WINAPI GetVolumeNameForVolumeMountPointW(LPCWSTR root, LPWSTR name, DWORD size)
{
    WCHAR volume[VOLUME_NAME_UNITS];
    size_t length = root ? utf16_length(root) : 0;
    if (!length)
        return fail(ERROR_PATH_NOT_FOUND);
    if (root[length - 1] != '\\' && root[length - 1] != '/')
        return fail(ERROR_INVALID_NAME);
    if (!is_root(root))
        return fail(ERROR_NOT_A_REPARSE_POINT);
    if (!path_drive_directory(root[0]))
        return fail(ERROR_FILE_NOT_FOUND);
    if (size < VOLUME_NAME_UNITS)
        return fail(ERROR_FILENAME_EXCED_RANGE);
    name_volume(root[0], volume);
    memcpy(name, volume, sizeof volume);
    return TRUE;
}

BOOL WINAPI GetVolumeNameForVolumeMountPointA(LPCSTR root, LPSTR name, DWORD size)
{
    struct wide wide;
    WCHAR volume[VOLUME_NAME_UNITS];
    if (!wide_from_ansi(&wide, root))
        return FALSE;
    BOOL result = GetVolumeNameForVolumeMountPointW(wide.text, volume, size);
    wide_free(&wide);
    if (result)
        ansi_return(volume, utf16_length(volume), name, size);
    return result;
}

/* Finds the root that a path lies below, "C:\\" or "\\\\?\\C:\\". Returns its length, or 0 and sets the last
 * error. */
static size_t volume_root(const WCHAR *path, WCHAR root[8])
{
    WCHAR full[PATH_MAX];
    size_t length = utf16_length(path), prefix = 0;
    bool global = length >= 4 && path[0] == '\\' && path[1] == '?' && path[2] == '?' && path[3] == '\\';
    if (!length)
        return fail(ERROR_INVALID_PARAMETER);
    /* What is no Win32 path is taken to be below the current drive's root. */
    length = global ? path_full(L"\\", 1, full, ARRAYSIZE(full), NULL)
                    : path_full(path, length, full, ARRAYSIZE(full), NULL);
    if (length >= 4 && full[0] == '\\' && full[1] == '\\' && full[2] == '?' && full[3] == '\\') {
        prefix = 4;
        full[4] = full[4] < 0x80 ? full[4] : 0;
    } else if (full[0] != '\\') {
        full[0] = upcase(full[0]);
    }
    if (length < prefix + 2 || length >= ARRAYSIZE(full) || full[prefix + 1] != ':')
        return fail(ERROR_INVALID_NAME);
    if (!path_drive_directory(full[prefix]))
        return fail(ERROR_FILE_NOT_FOUND);
    memcpy(root, full, (prefix + 2) * sizeof *root);
    memcpy(root + prefix + 2, L"\\", sizeof L"\\");
    return prefix + 3;
}

/* A buffer that is too small for the separator at the end gets the root without it. */
BOOL WINAPI GetVolumePathNameW(LPCWSTR path, LPWSTR root, DWORD size)
{
    WCHAR found[8];
    if (!path || !root || !size)
        return fail(ERROR_INVALID_PARAMETER);
    size_t length = volume_root(path, found);
    if (!length)
        return FALSE;
    if (length == size)
        found[--length] = 0;
    if (length >= size)
        return fail(ERROR_FILENAME_EXCED_RANGE);
    memcpy(root, found, (length + 1) * sizeof *root);
    return TRUE;
}

BOOL WINAPI GetVolumePathNameA(LPCSTR path, LPSTR root, DWORD size)
{
    struct wide wide;
    WCHAR wide_root[8];
    if (!path || !root || !size)
        return fail(ERROR_INVALID_PARAMETER);
    if (!wide_from_ansi(&wide, path))
        return FALSE;
    BOOL result =
        GetVolumePathNameW(wide.text, wide_root, size < ARRAYSIZE(wide_root) ? size : ARRAYSIZE(wide_root));
    wide_free(&wide);
    if (result)
        ansi_return(wide_root, utf16_length(wide_root), root, size);
    return result;
}

/* The letter in a volume's name, or 0. */
static WCHAR volume_letter(const WCHAR *volume)
{
    WCHAR name[VOLUME_NAME_UNITS];
    size_t length = volume ? utf16_length(volume) : 0;
    for (WCHAR letter = 'A'; letter <= 'Z'; letter++) {
        name_volume(letter, name);
        if (path_drive_directory(letter) && upcase_equal(volume, length, name, VOLUME_NAME_UNITS - 1))
            return letter;
    }
    return 0;
}

BOOL WINAPI GetVolumePathNamesForVolumeNameW(LPCWSTR volume, LPWSTR names, DWORD size, PDWORD needed)
{
    WCHAR letter = volume_letter(volume), list[5] = {letter, ':', '\\', 0, 0};
    if (!letter)
        return fail(volume ? ERROR_FILE_NOT_FOUND : ERROR_INVALID_NAME);
    if (needed)
        *needed = ARRAYSIZE(list);
    if (size < ARRAYSIZE(list))
        return fail(ERROR_MORE_DATA);
    memcpy(names, list, sizeof list);
    return TRUE;
}

BOOL WINAPI GetVolumePathNamesForVolumeNameA(LPCSTR volume, LPSTR names, DWORD size, PDWORD needed)
{
    struct wide wide;
    WCHAR list[5];
    if (!wide_from_ansi(&wide, volume))
        return FALSE;
    BOOL result = GetVolumePathNamesForVolumeNameW(wide.text, list, size < 5 ? size : 5, needed);
    wide_free(&wide);
    for (size_t i = 0; result && i < ARRAYSIZE(list); i++)
        names[i] = (char)list[i];
    return result;
}

/* Enumeration */

struct volume_search {
    struct object object;
    DWORD left; /* drives that have not been told; atomic */
};

static void volume_search_destroy(struct object *object)
{
    free(object);
}

static const struct object_type volume_search_type = {.name = "FindVolume", .destroy = volume_search_destroy};

static NTSTATUS next_volume(struct volume_search *search, WCHAR *name, DWORD size)
{
    WCHAR volume[VOLUME_NAME_UNITS];
    if (size < VOLUME_NAME_UNITS)
        return STATUS_NAME_TOO_LONG;
    DWORD left = __atomic_load_n(&search->left, __ATOMIC_RELAXED);
    do {
        if (!left)
            return STATUS_NO_MORE_FILES;
    } while (!__atomic_compare_exchange_n(&search->left, &left, left & (left - 1), false, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    name_volume('A' + __builtin_ctz(left), volume);
    memcpy(name, volume, sizeof volume);
    return STATUS_SUCCESS;
}

HANDLE WINAPI FindFirstVolumeW(LPWSTR name, DWORD size)
{
    HANDLE handle = INVALID_HANDLE_VALUE;
    struct volume_search *search = calloc(1, sizeof *search);
    if (!search) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return INVALID_HANDLE_VALUE;
    }
    object_initialize(&search->object, &volume_search_type);
    search->left = path_drives();
    NTSTATUS status = next_volume(search, name, size);
    if (!status)
        status = handle_create(&search->object, 0, 0, &handle);
    object_release(search);
    return set_last_status(status) ? handle : INVALID_HANDLE_VALUE;
}

BOOL WINAPI FindNextVolumeW(HANDLE handle, LPWSTR name, DWORD size)
{
    struct volume_search *search;
    NTSTATUS status = handle_reference(handle, &volume_search_type, 0, &search);
    if (status)
        return set_last_status(status);
    status = next_volume(search, name, size);
    object_release(search);
    return set_last_status(status);
}

static void give_ansi_name(const WCHAR *name, char *buffer)
{
    utf8_from_utf16(buffer, VOLUME_NAME_UNITS, name, VOLUME_NAME_UNITS, UTF_REPLACE);
}

HANDLE WINAPI FindFirstVolumeA(LPSTR buffer, DWORD size)
{
    WCHAR name[VOLUME_NAME_UNITS];
    HANDLE handle = FindFirstVolumeW(name, size);
    if (handle != INVALID_HANDLE_VALUE)
        give_ansi_name(name, buffer);
    return handle;
}

BOOL WINAPI FindNextVolumeA(HANDLE handle, LPSTR buffer, DWORD size)
{
    WCHAR name[VOLUME_NAME_UNITS];
    if (!FindNextVolumeW(handle, name, size))
        return FALSE;
    give_ansi_name(name, buffer);
    return TRUE;
}

BOOL WINAPI FindVolumeClose(HANDLE handle)
{
    struct volume_search *search;
    NTSTATUS status = handle_reference(handle, &volume_search_type, 0, &search);
    if (status)
        return set_last_status(status);
    status = handle_close(handle);
    object_release(search);
    return set_last_status(status);
}

/* MS-DOS devices */

/* Every drive is the one disk's. With no name, all of them are listed. */
DWORD WINAPI QueryDosDeviceW(LPCWSTR device, LPWSTR buffer, DWORD size)
{
    static const WCHAR target[] = L"\\Device\\HarddiskVolume1\0";
    size_t length = 0;
    if (device) {
        if (!device[0] || device[1] != ':' || device[2] || !path_drive_directory(device[0]))
            return fail(ERROR_FILE_NOT_FOUND);
        if (size < ARRAYSIZE(target))
            return fail(ERROR_INSUFFICIENT_BUFFER);
        memcpy(buffer, target, sizeof target);
        return ARRAYSIZE(target);
    }
    for (WCHAR letter = 'A'; letter <= 'Z'; letter++) {
        if (!path_drive_directory(letter))
            continue;
        if (length + 4 > size)
            return fail(ERROR_INSUFFICIENT_BUFFER);
        memcpy(buffer + length, (WCHAR[]){letter, ':', 0}, 3 * sizeof *buffer);
        length += 3;
    }
    buffer[length++] = 0;
    return length;
}

DWORD WINAPI QueryDosDeviceA(LPCSTR device, LPSTR buffer, DWORD size)
{
    struct wide wide;
    WCHAR list[26 * 3 + 32];
    if (!wide_from_ansi(&wide, device))
        return 0;
    DWORD length = QueryDosDeviceW(wide.text, list, ARRAYSIZE(list));
    wide_free(&wide);
    if (length > size)
        return fail(ERROR_INSUFFICIENT_BUFFER);
    for (DWORD i = 0; i < length; i++)
        buffer[i] = (char)list[i];
    return length;
}

/* Makes a directory a drive, or takes one away that was made so. Other devices cannot be defined. */
BOOL WINAPI DefineDosDeviceW(DWORD flags, LPCWSTR device, LPCWSTR target)
{
    struct host_path host;
    if (!device || !device[0] || device[1] != ':' || device[2])
        return fail(ERROR_INVALID_PARAMETER);
    if (flags & DDD_REMOVE_DEFINITION) {
        if (!path_drive_directory(device[0]))
            return fail(ERROR_FILE_NOT_FOUND);
        bool fixed = upcase(device[0]) == 'C' || upcase(device[0]) == 'Z';
        return fixed ? fail(ERROR_ACCESS_DENIED) : set_last_status(path_set_drive(device[0], NULL));
    }
    if (path_drive_directory(device[0]))
        return fail(ERROR_ALREADY_EXISTS);
    NTSTATUS status = host_path_of(target, &host);
    return set_last_status(status ? status : path_set_drive(device[0], host.name));
}

BOOL WINAPI DefineDosDeviceA(DWORD flags, LPCSTR device, LPCSTR target)
{
    struct wide_pair pair;
    if (!wide_pair_from_ansi(&pair, device, target))
        return FALSE;
    BOOL result = DefineDosDeviceW(flags, pair.first.text, pair.second.text);
    wide_pair_free(&pair);
    return result;
}
