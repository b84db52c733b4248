/* Atoms: the process's own, the global ones, and the run-time library's tables. */
#include "check.h"
#include <stdio.h>
#include <winternl.h>

#define NAME_INVALID   0xC0000033
#define NAME_NOT_FOUND 0xC0000034
#define TOO_SMALL      0xC0000023
#define INVALID_HANDLE 0xC0000008
#define WAS_LOCKED     0x40000019
#define INVALID        0xC000000D

static const WCHAR *repeat(WCHAR *buffer, int count)
{
    for (int i = 0; i < count; i++)
        buffer[i] = L'a' + i % 10;
    buffer[count] = 0;
    return buffer;
}

TEST(names_are_found_whatever_their_case)
{
    ATOM atom = AddAtomW(L"Litewin atom");

    CHECK(atom >= 0xC000);
    CHECK_EQ(FindAtomW(L"LITEWIN ATOM"), atom);
    CHECK_EQ(FindAtomA("litewin atom"), atom);
    CHECK_EQ(AddAtomA("LiteWin Atom"), atom);
    CHECK_ERROR(FindAtomW(L"Litewin") == 0, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(AddAtomW(L"") == 0, ERROR_INVALID_NAME);
    CHECK_ERROR(AddAtomA("") == 0, ERROR_INVALID_NAME);
    /* It was added twice. */
    CHECK_EQ(DeleteAtom(atom), 0);
    CHECK_EQ(FindAtomW(L"Litewin atom"), atom);
    CHECK_EQ(DeleteAtom(atom), 0);
    CHECK_ERROR(FindAtomW(L"Litewin atom") == 0, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(DeleteAtom(atom) == atom, ERROR_INVALID_HANDLE);
}

TEST(a_name_has_at_most_255_characters)
{
    WCHAR name[300], back[300];
    ATOM atom = AddAtomW(repeat(name, 255));

    CHECK(atom >= 0xC000);
    CHECK_EQ(GetAtomNameW(atom, back, 300), 255);
    CHECK_WSTR(back, name);
    CHECK_EQ(DeleteAtom(atom), 0);
    CHECK_ERROR(AddAtomW(repeat(name, 256)) == 0, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(GlobalAddAtomW(name) == 0, ERROR_INVALID_PARAMETER);
}

TEST(numbers)
{
    WCHAR name[20];
    char narrow[20];

    CHECK_EQ(AddAtomW((LPCWSTR)(ULONG_PTR)1234), 1234);
    CHECK_EQ(AddAtomW(L"#1234"), 1234);
    CHECK_EQ(AddAtomA("#49151"), 0xBFFF);
    CHECK_EQ(FindAtomW(L"#7"), 7);
    CHECK_EQ(GlobalAddAtomA((LPCSTR)(ULONG_PTR)0xBFFF), 0xBFFF);
    CHECK_EQ(AddAtomW((LPCWSTR)(ULONG_PTR)0xC000), 0);
    CHECK_ERROR(AddAtomW(L"#49152") == 0, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(AddAtomW(L"#0") == 0, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(AddAtomW(L"#99999999999999999999") == 0, ERROR_INVALID_PARAMETER);
    CHECK(AddAtomW(L"#12x") >= 0xC000);
    CHECK_EQ(GetAtomNameW(1234, name, 20), 5);
    CHECK_WSTR(name, L"#1234");
    CHECK_EQ(GlobalGetAtomNameA(1, narrow, 20), 2);
    CHECK_STR(narrow, "#1");
    CHECK_EQ(DeleteAtom(1234), 0);
    CHECK_ERROR(GetAtomNameW(0, name, 20) == 0, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(GetAtomNameW(0xFFF0, name, 20) == 0, ERROR_INVALID_HANDLE);
}

TEST(names_are_cut)
{
    ATOM local = AddAtomW(L"foobar"), global = GlobalAddAtomW(L"foobar");
    WCHAR wide[8];
    char narrow[8];

    memset(wide, '.', sizeof wide);
    CHECK_EQ(GetAtomNameW(local, wide, 4), 3);
    CHECK_MEM(wide, L"foo\0\x2e2e", 10);
    CHECK_EQ(GetAtomNameA(local, narrow, 4), 3);
    CHECK_STR(narrow, "foo");
    CHECK_ERROR(GetAtomNameW(local, wide, 1) == 0, ERROR_INSUFFICIENT_BUFFER);
    CHECK_ERROR(GetAtomNameA(local, narrow, 0) == 0, ERROR_MORE_DATA);
    /* Of a global atom, the terminator is cut too; the narrow function calls it an error. */
    memset(wide, '.', sizeof wide);
    CHECK_EQ(GlobalGetAtomNameW(global, wide, 6), 6);
    CHECK_MEM(wide, L"foobar\x2e2e", 14);
    memset(narrow, '.', sizeof narrow);
    CHECK_ERROR(GlobalGetAtomNameA(global, narrow, 6) == 0, ERROR_MORE_DATA);
    CHECK_MEM(narrow, "fooba\0.", 7);
    CHECK_EQ(GlobalGetAtomNameA(global, narrow, 7), 6);
    CHECK_EQ(GlobalFindAtomA("FOOBAR"), global);
    CHECK_EQ(GlobalDeleteAtom(global), 0);
    CHECK_ERROR(GlobalFindAtomW(L"foobar") == 0, ERROR_FILE_NOT_FOUND);
    CHECK_EQ(DeleteAtom(local), 0);
}

TEST(many_atoms)
{
    static ATOM atoms[3000];
    WCHAR name[20], back[20];
    int wrong = 0;

    for (int i = 0; i < 3000; i++) {
        _snwprintf(name, 20, L"atom number %d", i);
        atoms[i] = AddAtomW(name);
    }
    for (int i = 0; i < 3000; i++) {
        _snwprintf(name, 20, L"ATOM NUMBER %d", i);
        wrong +=
            FindAtomW(name) != atoms[i] || !GetAtomNameW(atoms[i], back, 20) || _wcsicmp(back, name) != 0;
        wrong += i > 0 && atoms[i] == atoms[i - 1];
    }
    CHECK_EQ(wrong, 0);
    for (int i = 0; i < 3000; i++)
        wrong += DeleteAtom(atoms[i]) != 0;
    CHECK_EQ(wrong, 0);
}

typedef NTSTATUS(WINAPI *create_function)(ULONG, void **);
typedef NTSTATUS(WINAPI *destroy_function)(void *);
typedef NTSTATUS(WINAPI *empty_function)(void *, BOOLEAN);
typedef NTSTATUS(WINAPI *name_function)(void *, const WCHAR *, USHORT *);
typedef NTSTATUS(WINAPI *atom_function)(void *, USHORT);
typedef NTSTATUS(WINAPI *query_function)(void *, USHORT, ULONG *, ULONG *, WCHAR *, ULONG *);

#define NTDLL(type, name) ((type)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name))

TEST(tables)
{
    create_function create = NTDLL(create_function, "RtlCreateAtomTable");
    destroy_function destroy = NTDLL(destroy_function, "RtlDestroyAtomTable");
    empty_function empty = NTDLL(empty_function, "RtlEmptyAtomTable");
    name_function add = NTDLL(name_function, "RtlAddAtomToAtomTable");
    name_function find = NTDLL(name_function, "RtlLookupAtomInAtomTable");
    atom_function drop = NTDLL(atom_function, "RtlDeleteAtomFromAtomTable");
    atom_function pin = NTDLL(atom_function, "RtlPinAtomInAtomTable");
    query_function query = NTDLL(query_function, "RtlQueryAtomInAtomTable");
    void *table = NULL;
    USHORT one = 0, two = 0, found = 0;
    ULONG references, pins, size = 0;
    WCHAR name[20];

    CHECK_EQ(create(11, &table), 0);
    CHECK_EQ(*(DWORD *)table, 0x6d6f7441);
    CHECK_EQ(add(table, L"one", &one), 0);
    CHECK_EQ(add(table, L"two", &two), 0);
    CHECK_EQ(add(table, L"ONE", &found), 0);
    CHECK_EQ(found, one);
    CHECK_EQ((DWORD)add(table, L"", &found), NAME_INVALID);
    CHECK_EQ((DWORD)add(table, NULL, &found), INVALID);
    CHECK_EQ(query(table, one, &references, &pins, NULL, NULL), 0);
    CHECK_EQ(references, 2);
    CHECK_EQ(pins, 0);
    CHECK_EQ((DWORD)query(table, one, NULL, NULL, name, &size), TOO_SMALL);
    CHECK_EQ(size, 6);
    size = sizeof name;
    CHECK_EQ(query(table, one, NULL, NULL, name, &size), 0);
    CHECK_WSTR(name, L"one");
    CHECK_EQ(size, 6);
    CHECK_EQ(pin(table, two), 0);
    CHECK_EQ((DWORD)drop(table, two), WAS_LOCKED);
    CHECK_EQ(empty(table, FALSE), 0);
    CHECK_EQ((DWORD)find(table, L"one", &found), NAME_NOT_FOUND);
    CHECK_EQ(find(table, L"Two", &found), 0);
    CHECK_EQ(found, two);
    CHECK_EQ(empty(table, TRUE), 0);
    CHECK_EQ((DWORD)find(table, L"two", &found), NAME_NOT_FOUND);
    UNLESS_WINE("Wine does not look")
    CHECK_EQ((DWORD)pin(table, two), INVALID_HANDLE);
    CHECK_EQ(destroy(table), 0);
}

int main(void)
{
    RUN(names_are_found_whatever_their_case);
    RUN(a_name_has_at_most_255_characters);
    RUN(numbers);
    RUN(names_are_cut);
    RUN(many_atoms);
    RUN(tables);
    return CHECK_END();
}
