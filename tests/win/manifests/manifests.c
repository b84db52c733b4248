/* What a program's own manifest does: whose DLL it gets, and which Windows it is told of. */
#include "check.h"

__declspec(dllimport) int side(void);

TEST(a_dll_of_the_program_s_assembly)
{
    WCHAR path[MAX_PATH], *name;

    CHECK_EQ(side(), 5);
    HMODULE module = GetModuleHandleW(L"lw_side.dll");
    CHECK(module != NULL);
    CHECK(GetModuleFileNameW(module, path, MAX_PATH) > 0);
    name = path + lstrlenW(path) - lstrlenW(L"Lw.Side\\lw_side.dll");
    CHECK_EQ(lstrcmpiW(name, L"Lw.Side\\lw_side.dll"), 0);
}

TEST(the_process_s_context)
{
    union {
        ACTIVATION_CONTEXT_DETAILED_INFORMATION details;
        char room[4096];
    } buffer;
    WCHAR path[MAX_PATH];
    HANDLE current = INVALID_HANDLE_VALUE;

    CHECK(GetCurrentActCtx(&current));
    CHECK_PTR(current, NULL);
    CHECK(QueryActCtxW(0, NULL, NULL, ActivationContextDetailedInformation, &buffer, sizeof buffer, NULL));
    CHECK_EQ(buffer.details.ulAssemblyCount, 2);
    GetModuleFileNameW(NULL, path, MAX_PATH);
    CHECK_EQ(lstrcmpiW(buffer.details.lpRootManifestPath, path), 0);
}

static int call(HMODULE module, const char *name)
{
    int (*function)(void) = (void *)GetProcAddress(module, name);

    return CHECK(function != NULL) ? function() : -1;
}

/* Its manifest, resource 2, holds while the DLL's imports are looked for and while its entry point runs. */
TEST(a_dll_of_a_dll_s_assembly)
{
    WCHAR path[MAX_PATH], *name;
    HMODULE module, isolated;
    HANDLE current = INVALID_HANDLE_VALUE;

    CHECK_ERROR(LoadLibraryW(L"lw_other.dll") == NULL, ERROR_MOD_NOT_FOUND);
    isolated = LoadLibraryW(L"isolated.dll");
    CHECK(isolated != NULL);
    CHECK_EQ(call(isolated, "through"), 60);
    CHECK_EQ(call(isolated, "had_context"), TRUE);
    CHECK(GetCurrentActCtx(&current));
    CHECK_PTR(current, NULL);
    module = GetModuleHandleW(L"lw_other.dll");
    CHECK(module != NULL);
    CHECK(GetModuleFileNameW(module, path, MAX_PATH) > 0);
    name = path + lstrlenW(path) - lstrlenW(L"Lw.Other\\lw_other.dll");
    CHECK_EQ(lstrcmpiW(name, L"Lw.Other\\lw_other.dll"), 0);
    CHECK(FreeLibrary(isolated));
    CHECK_PTR(GetModuleHandleW(L"lw_other.dll"), NULL);
}

TEST(the_version_that_is_told)
{
    OSVERSIONINFOW version = {sizeof version};

    CHECK(GetVersionExW(&version));
    UNLESS_WINE("Wine 8 is configured to be Windows 7")
    {
        CHECK_EQ(version.dwMajorVersion, 10);
        CHECK_EQ(version.dwMinorVersion, 0);
        CHECK_EQ(GetVersion() & 0xff, 10);
    }
}

int main(void)
{
    RUN(a_dll_of_the_program_s_assembly);
    RUN(the_process_s_context);
    RUN(a_dll_of_a_dll_s_assembly);
    RUN(the_version_that_is_told);
    return CHECK_END();
}
