#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/atom.h"
#include "kernel/lock.h"
#include "kernel/utf.h"

/* Local atoms are a table of the process. Global ones are shared by a user's processes on Windows; here a
 * process sees those that it has made itself. */
static RTL_ATOM_TABLE local_table;

static NTSTATUS ensure_local_table(ULONG buckets)
{
    static struct lock creation;
    lock_acquire(&creation);
    NTSTATUS status = RtlCreateAtomTable(buckets, &local_table);
    lock_release(&creation);
    return status;
}

BOOL WINAPI InitAtomTable(DWORD size)
{
    return set_last_status(ensure_local_table(size));
}

static ATOM result_of(NTSTATUS status, ATOM atom)
{
    return set_last_status(status) ? atom : 0;
}

static bool is_number(const void *name)
{
    return (ULONG_PTR)name <= 0xFFFF;
}

typedef ATOM(wide_function)(const WCHAR *name);

/* A number in the place of the name is passed on as it is. */
static ATOM call_wide(wide_function *function, const char *name)
{
    struct wide wide;
    if (is_number(name))
        return function((const WCHAR *)name);
    if (!wide_from_ansi(&wide, name))
        return 0;
    ATOM atom = function(wide.text);
    wide_free(&wide);
    return atom;
}

/* Local atoms */

/* Windows leaves the last error alone where the atom is MAKEINTATOM(0). */
ATOM WINAPI AddAtomW(LPCWSTR name)
{
    RTL_ATOM atom = 0;
    if (!name)
        return 0;
    NTSTATUS status = ensure_local_table(0);
    if (NT_SUCCESS(status))
        status = RtlAddAtomToAtomTable(local_table, name, &atom);
    return result_of(status, atom);
}

ATOM WINAPI AddAtomA(LPCSTR name)
{
    return call_wide(AddAtomW, name);
}

ATOM WINAPI FindAtomW(LPCWSTR name)
{
    RTL_ATOM atom = 0;
    if (!name)
        return 0;
    NTSTATUS status = ensure_local_table(0);
    if (NT_SUCCESS(status))
        status = RtlLookupAtomInAtomTable(local_table, name, &atom);
    return result_of(status, atom);
}

ATOM WINAPI FindAtomA(LPCSTR name)
{
    return call_wide(FindAtomW, name);
}

/* Returns the atom if it fails, 0 otherwise. */
ATOM WINAPI DeleteAtom(ATOM atom)
{
    NTSTATUS status = ensure_local_table(0);
    if (NT_SUCCESS(status))
        status = RtlDeleteAtomFromAtomTable(local_table, atom);
    return set_last_status(status) ? 0 : atom;
}

/* Both kinds of name are cut to what fits with a terminator. */
UINT WINAPI GetAtomNameW(ATOM atom, LPWSTR buffer, int size)
{
    if (size <= 0) {
        SetLastError(ERROR_MORE_DATA);
        return 0;
    }
    ULONG bytes = min(size, ATOM_NAME_MAX + 1) * sizeof(WCHAR);
    NTSTATUS status = ensure_local_table(0);
    if (NT_SUCCESS(status))
        status = RtlQueryAtomInAtomTable(local_table, atom, NULL, NULL, buffer, &bytes);
    return set_last_status(status) ? bytes / sizeof(WCHAR) : 0;
}

/* As many bytes of the name as fit, without splitting a character, and the terminator. */
static UINT copy_cut(const WCHAR *name, size_t length, char *buffer, int size)
{
    size_t whole = utf8_from_utf16(NULL, 0, name, length, UTF_REPLACE);
    while (whole >= (size_t)size)
        whole = utf8_from_utf16(NULL, 0, name, --length, UTF_REPLACE);
    utf8_from_utf16(buffer, size, name, length, UTF_REPLACE);
    buffer[whole] = '\0';
    return whole;
}

UINT WINAPI GetAtomNameA(ATOM atom, LPSTR buffer, int size)
{
    WCHAR name[ATOM_NAME_MAX + 1];
    UINT length = GetAtomNameW(atom, name, min(size, ATOM_NAME_MAX + 1));
    return length ? copy_cut(name, length, buffer, size) : 0;
}

/* Global atoms */

ATOM WINAPI GlobalAddAtomW(LPCWSTR name)
{
    RTL_ATOM atom = 0;
    if (!name)
        return 0;
    ULONG bytes = is_number(name) ? 0 : utf16_length(name) * sizeof(WCHAR);
    NTSTATUS status = NtAddAtom(name, bytes, &atom);
    return result_of(status, atom);
}

ATOM WINAPI GlobalAddAtomA(LPCSTR name)
{
    return call_wide(GlobalAddAtomW, name);
}

ATOM WINAPI GlobalFindAtomW(LPCWSTR name)
{
    RTL_ATOM atom = 0;
    if (!name)
        return 0;
    ULONG bytes = is_number(name) ? 0 : utf16_length(name) * sizeof(WCHAR);
    NTSTATUS status = NtFindAtom(name, bytes, &atom);
    return result_of(status, atom);
}

ATOM WINAPI GlobalFindAtomA(LPCSTR name)
{
    return call_wide(GlobalFindAtomW, name);
}

ATOM WINAPI GlobalDeleteAtom(ATOM atom)
{
    return set_last_status(NtDeleteAtom(atom)) ? 0 : atom;
}

/* 0 for none, with the last error set. The name has its terminator. */
static UINT global_name(ATOM atom, int size, WCHAR name[ATOM_NAME_MAX + 1])
{
    struct {
        USHORT references, pins, name_size;
        WCHAR name[ATOM_NAME_MAX + 1];
    } information;
    if (size <= 0) {
        SetLastError(ERROR_MORE_DATA);
        return 0;
    }
    if (!set_last_status(NtQueryInformationAtom(atom, 0, &information, sizeof information, NULL)))
        return 0;
    memcpy(name, information.name, information.name_size + sizeof(WCHAR));
    return information.name_size / sizeof(WCHAR);
}

/* Unlike the local ones: what does not fit is cut without a terminator. */
UINT WINAPI GlobalGetAtomNameW(ATOM atom, LPWSTR buffer, int size)
{
    WCHAR name[ATOM_NAME_MAX + 1];
    UINT length = global_name(atom, size, name);
    if (!length)
        return 0;
    memcpy(buffer, name, min(length + 1, (UINT)size) * sizeof(WCHAR));
    return min(length, (UINT)size);
}

/* What does not fit is cut, terminated, and an error. */
UINT WINAPI GlobalGetAtomNameA(ATOM atom, LPSTR buffer, int size)
{
    WCHAR name[ATOM_NAME_MAX + 1];
    UINT length = global_name(atom, size, name);
    if (!length)
        return 0;
    size_t whole = utf8_from_utf16(NULL, 0, name, length, UTF_REPLACE);
    UINT copied = copy_cut(name, length, buffer, size);
    if (copied == whole)
        return copied;
    SetLastError(ERROR_MORE_DATA);
    return 0;
}
