/* Atom tables. MinGW-w64's headers do not declare them. */
#ifndef NTDLL_ATOM_H
#define NTDLL_ATOM_H

#include <litewin/windows.h>

/* An atom's name has at most that many characters. */
enum { ATOM_NAME_MAX = 255 };

/* Atoms below are numbers, which need no table; the others stand for names. */
enum { FIRST_NAMED_ATOM = 0xC000 };

typedef USHORT RTL_ATOM;
typedef struct rtl_atom_table *RTL_ATOM_TABLE;

#pragma GCC visibility push(default)

NTSTATUS WINAPI RtlCreateAtomTable(ULONG buckets, RTL_ATOM_TABLE *table);
NTSTATUS WINAPI RtlDestroyAtomTable(RTL_ATOM_TABLE table);
NTSTATUS WINAPI RtlEmptyAtomTable(RTL_ATOM_TABLE table, BOOLEAN pinned_too);
NTSTATUS WINAPI RtlAddAtomToAtomTable(RTL_ATOM_TABLE table, const WCHAR *name, RTL_ATOM *atom);
NTSTATUS WINAPI RtlLookupAtomInAtomTable(RTL_ATOM_TABLE table, const WCHAR *name, RTL_ATOM *atom);
NTSTATUS WINAPI RtlDeleteAtomFromAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom);
NTSTATUS WINAPI RtlPinAtomInAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom);
/* `size` is in bytes; the name is cut so that it and its terminator fit, and its length is returned there. */
NTSTATUS WINAPI RtlQueryAtomInAtomTable(RTL_ATOM_TABLE table, RTL_ATOM atom, ULONG *references, ULONG *pins,
                                        WCHAR *name, ULONG *size);

/* The same in the table that processes share on Windows. */
NTSTATUS WINAPI NtAddAtom(const WCHAR *name, ULONG size, RTL_ATOM *atom);
NTSTATUS WINAPI NtFindAtom(const WCHAR *name, ULONG size, RTL_ATOM *atom);
NTSTATUS WINAPI NtDeleteAtom(RTL_ATOM atom);
NTSTATUS WINAPI NtQueryInformationAtom(RTL_ATOM atom, ULONG class, void *buffer, ULONG size, ULONG *returned);

#pragma GCC visibility pop

#endif
