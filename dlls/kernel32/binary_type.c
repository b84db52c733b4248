/* For which system a program is made. */
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/upcase.h"

/* Target systems in the header of a 16-bit program. */
#define NE_TARGET_WINDOWS     2
#define NE_TARGET_WINDOWS_386 4

static bool read_at(HANDLE file, LONG offset, void *buffer, DWORD size)
{
    DWORD done;
    return SetFilePointer(file, offset, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER &&
           ReadFile(file, buffer, size, &done, NULL) && done == size;
}

static bool type_of_portable(const IMAGE_FILE_HEADER *header, DWORD *type)
{
    if (header->Characteristics & IMAGE_FILE_DLL)
        return false;
    *type = header->Machine == IMAGE_FILE_MACHINE_I386 ? SCS_32BIT_BINARY : SCS_64BIT_BINARY;
    return true;
}

/* What begins with the header of DOS is one of its programs, unless it has another header. */
static bool type_of_file(HANDLE file, DWORD *type)
{
    IMAGE_DOS_HEADER dos;
    struct {
        DWORD signature;
        IMAGE_FILE_HEADER file;
    } header;
    IMAGE_OS2_HEADER old;
    if (!read_at(file, 0, &dos, sizeof dos) || dos.e_magic != IMAGE_DOS_SIGNATURE)
        return false;
    if (read_at(file, dos.e_lfanew, &header, sizeof header) && header.signature == IMAGE_NT_SIGNATURE)
        return type_of_portable(&header.file, type);
    *type = SCS_DOS_BINARY;
    if (read_at(file, dos.e_lfanew, &old, sizeof old) && old.ne_magic == IMAGE_OS2_SIGNATURE)
        *type = old.ne_exetyp == NE_TARGET_WINDOWS || old.ne_exetyp == NE_TARGET_WINDOWS_386
                    ? SCS_WOW_BINARY
                    : SCS_OS216_BINARY;
    return true;
}

static bool ends_in(const WCHAR *name, const WCHAR *extension)
{
    size_t length = lstrlenW(name), ending = lstrlenW(extension);
    return length >= ending && upcase_equal(name + length - ending, ending, extension, ending);
}

/* Some programs have nothing but their name to tell them by. */
static bool type_of_name(const WCHAR *name, DWORD *type)
{
    *type = SCS_DOS_BINARY;
    if (ends_in(name, L".com"))
        return true;
    *type = SCS_PIF_BINARY;
    return ends_in(name, L".pif");
}

BOOL WINAPI GetBinaryTypeW(LPCWSTR name, LPDWORD type)
{
    DWORD found;
    HANDLE file =
        CreateFileW(name, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return FALSE;
    bool is_program = type_of_file(file, &found) || type_of_name(name, &found);
    CloseHandle(file);
    if (is_program)
        *type = found;
    else
        SetLastError(ERROR_BAD_EXE_FORMAT);
    return is_program;
}

BOOL WINAPI GetBinaryTypeA(LPCSTR name, LPDWORD type)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, name))
        return FALSE;
    BOOL result = GetBinaryTypeW(wide.text, type);
    wide_free(&wide);
    return result;
}
