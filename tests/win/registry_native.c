#include "check.h"
#include <winternl.h>
#include <ntstatus.h>

/* Keys by the native API. The headers have no prototypes of it. */

#define NATIVE(name, ...) NTSTATUS(NTAPI *name)(__VA_ARGS__)

static struct {
    NATIVE(create, HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG, UNICODE_STRING *, ULONG, ULONG *);
    NATIVE(open, HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
    NATIVE(delete, HANDLE);
    NATIVE(rename, HANDLE, UNICODE_STRING *);
    NATIVE(set_value, HANDLE, UNICODE_STRING *, ULONG, ULONG, const void *, ULONG);
    NATIVE(query_value, HANDLE, UNICODE_STRING *, ULONG, void *, ULONG, ULONG *);
    NATIVE(delete_value, HANDLE, UNICODE_STRING *);
    NATIVE(enumerate, HANDLE, ULONG, ULONG, void *, ULONG, ULONG *);
    NATIVE(enumerate_value, HANDLE, ULONG, ULONG, void *, ULONG, ULONG *);
    NATIVE(query, HANDLE, ULONG, void *, ULONG, ULONG *);
    NATIVE(open_user, ACCESS_MASK, HANDLE *);
} native;

static void *find(const char *name)
{
    void *function = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name);

    CHECK(function);
    return function;
}

static void find_all(void)
{
    native.create = find("NtCreateKey");
    native.open = find("NtOpenKey");
    native.delete = find("NtDeleteKey");
    native.rename = find("NtRenameKey");
    native.set_value = find("NtSetValueKey");
    native.query_value = find("NtQueryValueKey");
    native.delete_value = find("NtDeleteValueKey");
    native.enumerate = find("NtEnumerateKey");
    native.enumerate_value = find("NtEnumerateValueKey");
    native.query = find("NtQueryKey");
    native.open_user = find("RtlOpenCurrentUser");
}

static HANDLE home;

static UNICODE_STRING string(const WCHAR *text)
{
    return (UNICODE_STRING){2 * lstrlenW(text), 2 * lstrlenW(text) + 2, (WCHAR *)text};
}

static NTSTATUS create(HANDLE root, const WCHAR *name, HANDLE *key)
{
    UNICODE_STRING text = string(name);
    OBJECT_ATTRIBUTES attributes;

    InitializeObjectAttributes(&attributes, &text, OBJ_CASE_INSENSITIVE, root, NULL);
    return native.create(key, KEY_ALL_ACCESS, &attributes, 0, NULL, 0, NULL);
}

static NTSTATUS open_key(HANDLE root, const WCHAR *name, ACCESS_MASK access, HANDLE *key)
{
    UNICODE_STRING text = string(name);
    OBJECT_ATTRIBUTES attributes;

    InitializeObjectAttributes(&attributes, &text, OBJ_CASE_INSENSITIVE, root, NULL);
    return native.open(key, access, &attributes);
}

TEST(opening)
{
    HANDLE key, machine;

    CHECK_EQ(open_key(NULL, L"\\Registry\\Machine\\Software", KEY_READ, &key), STATUS_SUCCESS);
    CHECK(CloseHandle(key));
    CHECK_EQ(open_key(NULL, L"\\REGISTRY\\MACHINE", KEY_READ, &machine), STATUS_SUCCESS);
    CHECK_EQ(open_key(machine, L"software", KEY_READ, &key), STATUS_SUCCESS);
    CHECK(CloseHandle(key));
    CHECK(CloseHandle(machine));
    CHECK_EQ(open_key(NULL, L"\\Registry\\Machine\\litewin none", KEY_READ, &key),
             STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(open_key(NULL, L"Registry\\Machine", KEY_READ, &key), STATUS_OBJECT_PATH_SYNTAX_BAD);
    CHECK_EQ(open_key(home, L"\\none", KEY_READ, &key), STATUS_OBJECT_PATH_SYNTAX_BAD);
    CHECK_EQ(create(home, L"none\\below", &key), STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST(values)
{
    UNICODE_STRING name = string(L"Value"), none = string(L"none");
    struct {
        ULONG title, type, size;
        BYTE data[16];
    } partial;
    struct {
        ULONG title, type, offset, size, name_size;
        BYTE rest[32];
    } full;
    struct {
        ULONG title, type, name_size;
        WCHAR name[8];
    } basic;
    ULONG needed = 0;

    CHECK_EQ(native.set_value(home, &name, 0, REG_BINARY, "12345", 5), STATUS_SUCCESS);
    CHECK_EQ(native.query_value(home, &name, 2, &partial, sizeof partial, &needed), STATUS_SUCCESS);
    CHECK_EQ(needed, 12 + 5);
    CHECK_EQ(partial.type, REG_BINARY);
    CHECK_EQ(partial.size, 5);
    CHECK_MEM(partial.data, "12345", 5);
    FillMemory(&partial, sizeof partial, 0xEE);
    CHECK_EQ(native.query_value(home, &name, 2, &partial, 12 + 2, &needed), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(needed, 12 + 5);
    CHECK_EQ(partial.size, 5);
    CHECK_EQ(native.query_value(home, &name, 2, &partial, 11, &needed), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(needed, 12 + 5);
    CHECK_EQ(native.query_value(home, &name, 1, &full, sizeof full, &needed), STATUS_SUCCESS);
    CHECK_EQ(full.name_size, 10);
    CHECK_MEM(full.rest, L"Value", 10);
    CHECK_MEM((BYTE *)&full + full.offset, "12345", 5);
    CHECK_EQ(native.enumerate_value(home, 0, 0, &basic, sizeof basic, &needed), STATUS_SUCCESS);
    CHECK_EQ(needed, 12 + 10);
    CHECK_MEM(basic.name, L"Value", 10);
    CHECK_EQ(native.enumerate_value(home, 1, 0, &basic, sizeof basic, &needed), STATUS_NO_MORE_ENTRIES);
    CHECK_EQ(native.query_value(home, &none, 0, &basic, sizeof basic, &needed), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(native.query_value(home, &name, 99, &basic, sizeof basic, &needed), STATUS_INVALID_PARAMETER);
    CHECK_EQ(native.delete_value(home, &name), STATUS_SUCCESS);
    CHECK_EQ(native.delete_value(home, &name), STATUS_OBJECT_NAME_NOT_FOUND);
}

/* A NUL is a character like others here. */
TEST(names_with_nuls)
{
    UNICODE_STRING name = {6, 6, L"a\0b"}, shorter = {2, 2, L"a"};
    BYTE buffer[64];
    ULONG needed;

    CHECK_EQ(native.set_value(home, &name, 0, REG_SZ, L"x", 4), STATUS_SUCCESS);
    CHECK_EQ(native.query_value(home, &shorter, 2, buffer, sizeof buffer, &needed),
             STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(native.query_value(home, &name, 2, buffer, sizeof buffer, &needed), STATUS_SUCCESS);
    CHECK_EQ(native.delete_value(home, &name), STATUS_SUCCESS);
}

TEST(keys)
{
    struct {
        LARGE_INTEGER written;
        ULONG title, size;
        WCHAR name[8];
    } basic;
    struct {
        LARGE_INTEGER written;
        ULONG title, class_offset, class_size, subkeys, longest_subkey, longest_class, values, longest_name,
            largest;
    } full;
    struct {
        ULONG size;
        WCHAR name[256];
    } path;
    struct {
        UNICODE_STRING name;
        WCHAR text[256];
    } object;
    UNICODE_STRING name = string(L"Renamed");
    ULONG needed;
    HANDLE key;

    CHECK_EQ(create(home, L"Below", &key), STATUS_SUCCESS);
    CHECK_EQ(native.enumerate(home, 0, 0, &basic, sizeof basic, &needed), STATUS_SUCCESS);
    CHECK_EQ(needed, 16 + 10);
    CHECK_EQ(basic.size, 10);
    CHECK_MEM(basic.name, L"Below", 10);
    CHECK(basic.written.QuadPart != 0);
    CHECK_EQ(native.enumerate(home, 0, 0, &basic, 20, &needed), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(native.enumerate(home, 0, 0, &basic, 8, &needed), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(native.enumerate(home, 1, 0, &basic, sizeof basic, &needed), STATUS_NO_MORE_ENTRIES);
    CHECK_EQ(native.query(home, 2, &full, sizeof full, &needed), STATUS_SUCCESS);
    CHECK_EQ(full.subkeys, 1);
    CHECK_EQ(full.longest_subkey, 10);
    CHECK_EQ(native.query(key, 3, &path, sizeof path, &needed), STATUS_SUCCESS);
    CHECK_EQ(needed, 4 + path.size);
    CHECK_MEM(path.name, L"\\REGISTRY\\USER\\", 10);
    CHECK_MEM(path.name + path.size / 2 - 6, L"\\Below", 12);
    CHECK_EQ(NtQueryObject(key, 1, &object, sizeof object, &needed), STATUS_SUCCESS);
    CHECK_EQ(object.name.Length, path.size);
    CHECK_MEM(object.name.Buffer, path.name, path.size);
    CHECK_EQ(NtQueryObject(key, 1, &object, sizeof object.name + path.size, &needed),
             STATUS_INFO_LENGTH_MISMATCH);
    UNLESS_WINE("Wine 8 denies access") CHECK_EQ(native.delete(home), STATUS_CANNOT_DELETE);
    UNLESS_WINE("Wine 8 cannot rename keys")
    {
        CHECK_EQ(native.rename(key, &name), STATUS_SUCCESS);
        CHECK_EQ(native.enumerate(home, 0, 0, &basic, sizeof basic, &needed), STATUS_SUCCESS);
        CHECK_MEM(basic.name, L"Renamed", 14);
    }
    CHECK_EQ(native.delete(key), STATUS_SUCCESS);
    CHECK_EQ(native.delete(key), STATUS_SUCCESS);
    CHECK_EQ(native.query(key, 2, &full, sizeof full, &needed), STATUS_KEY_DELETED);
    CHECK(CloseHandle(key));
}

int main(void)
{
    HANDLE user, software;

    find_all();
    CHECK_EQ(native.open_user(KEY_ALL_ACCESS, &user), STATUS_SUCCESS);
    CHECK_EQ(open_key(user, L"Software", KEY_ALL_ACCESS, &software), STATUS_SUCCESS);
    CHECK_EQ(create(software, L"litewin native test", &home), STATUS_SUCCESS);
    RUN(opening);
    RUN(values);
    RUN(names_with_nuls);
    RUN(keys);
    CHECK_EQ(native.delete(home), STATUS_SUCCESS);
    CHECK(CloseHandle(home));
    CHECK(CloseHandle(software));
    CHECK(CloseHandle(user));
    return CHECK_END();
}
