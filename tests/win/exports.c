/* What litewin's own DLLs export, and what memory it all lies in. */
#include "check.h"

static const IMAGE_NT_HEADERS *headers_of(HMODULE module)
{
    return (const IMAGE_NT_HEADERS *)((const char *)module + ((const IMAGE_DOS_HEADER *)module)->e_lfanew);
}

/* The characteristics of the section that an address of the module lies in; 0 for none. */
static DWORD section_at(HMODULE module, DWORD rva)
{
    const IMAGE_NT_HEADERS *headers = headers_of(module);
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(headers);
    int i;

    for (i = 0; i < headers->FileHeader.NumberOfSections; i++, section++) {
        if (rva >= section->VirtualAddress && rva < section->VirtualAddress + section->Misc.VirtualSize)
            return section->Characteristics;
    }
    return 0;
}

/* Every export is code of the module's own, writable data of its own, or a forwarder's text. */
static void check_exports(const char *name)
{
    HMODULE module = LoadLibraryA(name);
    const char *base = (const char *)module;
    const IMAGE_DATA_DIRECTORY *directory;
    const IMAGE_EXPORT_DIRECTORY *exports;
    const DWORD *functions, *names;
    const WORD *ordinals;
    DWORD i, code = 0;

    CHECK(module != NULL);
    if (!module)
        return;
    directory = &headers_of(module)->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT];
    exports = (const IMAGE_EXPORT_DIRECTORY *)(base + directory->VirtualAddress);
    functions = (const DWORD *)(base + exports->AddressOfFunctions);
    for (i = 0; i < exports->NumberOfFunctions; i++) {
        DWORD where = functions[i] ? section_at(module, functions[i]) : 0;
        BOOL forwarder = functions[i] - directory->VirtualAddress < directory->Size;

        if (!functions[i])
            continue;
        CHECK(forwarder || where & (IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_WRITE));
        CHECK((where & (IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_WRITE)) !=
              (IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_WRITE));
        code += (where & IMAGE_SCN_MEM_EXECUTE) != 0;
    }
    CHECK(code > 0);
    names = (const DWORD *)(base + exports->AddressOfNames);
    ordinals = (const WORD *)(base + exports->AddressOfNameOrdinals);
    for (i = 0; i < exports->NumberOfNames; i++) {
        const char *text = base + names[i];

        CHECK(i == 0 || strcmp(base + names[i - 1], text) < 0);
        if (functions[ordinals[i]] - directory->VirtualAddress >= directory->Size)
            CHECK_PTR(GetProcAddress(module, text), (void *)(base + functions[ordinals[i]]));
    }
    FreeLibrary(module);
}

TEST(every_export_is_its_own_modules)
{
    check_exports("ntdll.dll");
    check_exports("kernel32.dll");
    check_exports("msvcrt.dll");
    check_exports("ws2_32.dll");
}

/* Linux's own record of this process's memory. */
TEST(nothing_is_writable_and_executable)
{
    static char maps[1 << 20];
    HANDLE file =
        CreateFileA("C:\\proc\\self\\maps", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    DWORD size, total = 0;

    if (file == INVALID_HANDLE_VALUE) /* Windows, or Wine with a drive C: of its own */
        return;
    while (ReadFile(file, maps + total, sizeof maps - 1 - total, &size, NULL) && size)
        total += size;
    CloseHandle(file);
    maps[total] = 0;
    CHECK(total > 0);
    CHECK(strstr(maps, " rwx") == NULL);
}

int main(void)
{
    RUN(every_export_is_its_own_modules);
    RUN(nothing_is_writable_and_executable);
    return CHECK_END();
}
