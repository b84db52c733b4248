/* Activation contexts: what manifests say, and to whom. */
#include "check.h"
#include <stdio.h>

#ifdef _WIN64
#define ARCHITECTURE "amd64"
#else
#define ARCHITECTURE "x86"
#endif

#define ROOT "<assembly xmlns='urn:schemas-microsoft-com:asm.v1' manifestVersion='1.0'>"
#define END  "</assembly>"

static const char main_manifest[] =
    ROOT "<assemblyIdentity type='win32' name='Lw.Main' version='1.2.3.4'/>"
         "<dependency><dependentAssembly><assemblyIdentity type='win32' name='Lw.Private' version='6.5.4.3' "
         "processorArchitecture='" ARCHITECTURE "'/></dependentAssembly></dependency>" END;

static const char private_manifest[] = ROOT
    "<assemblyIdentity type='win32' name='Lw.Private' version='6.5.4.3' processorArchitecture='" ARCHITECTURE
    "'/><file name='lw_private.dll'><windowClass>LwClass</windowClass></file>" END;

static WCHAR directory[MAX_PATH];

static void path_of(const WCHAR *name, WCHAR path[MAX_PATH])
{
    lstrcpyW(path, directory);
    lstrcatW(path, name);
}

static void write_file(const WCHAR *name, const char *text)
{
    WCHAR path[MAX_PATH];
    DWORD written;
    path_of(name, path);
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    CHECK(WriteFile(file, text, lstrlenA(text), &written, NULL));
    CHECK(CloseHandle(file));
}

static void delete_file(const WCHAR *name)
{
    WCHAR path[MAX_PATH];
    path_of(name, path);
    CHECK(DeleteFileW(path));
}

static HANDLE create(const WCHAR *name)
{
    WCHAR path[MAX_PATH];
    ACTCTXW request = {.cbSize = sizeof request, .lpSource = path};
    path_of(name, path);
    return CreateActCtxW(&request);
}

static HANDLE create_from(const char *manifest)
{
    write_file(L"lw.manifest", manifest);
    HANDLE context = create(L"lw.manifest");
    delete_file(L"lw.manifest");
    return context;
}

static HANDLE create_with_dependency(void)
{
    write_file(L"Lw.Private.manifest", private_manifest);
    HANDLE context = create_from(main_manifest);
    CHECK(context != INVALID_HANDLE_VALUE);
    delete_file(L"Lw.Private.manifest");
    return context;
}

TEST(what_cannot_be_made)
{
    ACTCTXW request = {.cbSize = sizeof request};

    CHECK_ERROR(CreateActCtxW(&request) == INVALID_HANDLE_VALUE, ERROR_INVALID_PARAMETER);
    request.dwFlags = 0x100;
    request.lpSource = L"x";
    CHECK_ERROR(CreateActCtxW(&request) == INVALID_HANDLE_VALUE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(create(L"nonexistent.manifest") == INVALID_HANDLE_VALUE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(create_from("<assembly/>") == INVALID_HANDLE_VALUE, ERROR_SXS_CANT_GEN_ACTCTX);
    /* The dependency is not there. */
    CHECK_ERROR(create_from(main_manifest) == INVALID_HANDLE_VALUE, ERROR_SXS_CANT_GEN_ACTCTX);
    request = (ACTCTXW){
        .cbSize = sizeof request,
        .dwFlags = ACTCTX_FLAG_HMODULE_VALID | ACTCTX_FLAG_RESOURCE_NAME_VALID,
        .hModule = GetModuleHandleW(NULL),
        .lpResourceName = MAKEINTRESOURCEW(77),
    };
    CHECK(CreateActCtxW(&request) == INVALID_HANDLE_VALUE);
}

TEST(activation)
{
    HANDLE context = create_with_dependency(), current = NULL;
    ULONG_PTR first = 0, second = 0;

    CHECK(GetCurrentActCtx(&current));
    CHECK_PTR(current, NULL);
    CHECK(ActivateActCtx(context, &first));
    CHECK(GetCurrentActCtx(&current));
    CHECK_PTR(current, context);
    ReleaseActCtx(current);
    CHECK(ActivateActCtx(NULL, &second));
    CHECK(first != second);
    CHECK(GetCurrentActCtx(&current));
    CHECK_PTR(current, NULL);
    CHECK(DeactivateActCtx(0, second));
    CHECK(GetCurrentActCtx(&current));
    CHECK_PTR(current, context);
    ReleaseActCtx(current);
    /* It lives while it is active. */
    ReleaseActCtx(context);
    CHECK(GetCurrentActCtx(&current));
    CHECK_PTR(current, context);
    ReleaseActCtx(current);
    CHECK(DeactivateActCtx(0, first));
    UNLESS_WINE("Wine 8 does not look at the flags")
    CHECK_ERROR(!DeactivateActCtx(2, first), ERROR_INVALID_PARAMETER);
}

static DWORD raised;

static LONG WINAPI note_exception(EXCEPTION_POINTERS *pointers)
{
    DWORD code = pointers->ExceptionRecord->ExceptionCode;
    if (code != STATUS_SXS_EARLY_DEACTIVATION && code != STATUS_SXS_INVALID_DEACTIVATION)
        return EXCEPTION_CONTINUE_SEARCH;
    raised = code;
    return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(wrong_deactivation)
{
    HANDLE context = create_with_dependency(), current = NULL;
    ULONG_PTR first, second;
    void *handler = AddVectoredExceptionHandler(1, note_exception);

    CHECK(ActivateActCtx(context, &first));
    CHECK(ActivateActCtx(context, &second));
    raised = 0;
    DeactivateActCtx(0, first);
    CHECK_EQ(raised, STATUS_SXS_EARLY_DEACTIVATION);
    CHECK(GetCurrentActCtx(&current));
    CHECK_PTR(current, NULL);
    raised = 0;
    DeactivateActCtx(0, first);
    CHECK_EQ(raised, STATUS_SXS_INVALID_DEACTIVATION);
    CHECK(ActivateActCtx(context, &first));
    CHECK(ActivateActCtx(context, &second));
    raised = 0;
    CHECK(DeactivateActCtx(DEACTIVATE_ACTCTX_FLAG_FORCE_EARLY_DEACTIVATION, first));
    CHECK_EQ(raised, 0);
    RemoveVectoredExceptionHandler(handler);
    ReleaseActCtx(context);
}

static DWORD WINAPI leave_current(void *argument)
{
    return GetCurrentActCtx(argument) ? 0 : GetLastError();
}

TEST(a_thread_begins_with_its_creator_s)
{
    HANDLE context = create_with_dependency(), seen = NULL, thread;
    ULONG_PTR cookie;

    CHECK(ActivateActCtx(context, &cookie));
    thread = CreateThread(NULL, 0, leave_current, &seen, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK_PTR(seen, context);
    ReleaseActCtx(seen);
    CHECK(DeactivateActCtx(0, cookie));
    thread = CreateThread(NULL, 0, leave_current, &seen, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK_PTR(seen, NULL);
    ReleaseActCtx(context);
}

TEST(queries)
{
    HANDLE context = create_with_dependency();
    ACTIVATION_CONTEXT_BASIC_INFORMATION basic;
    union {
        ACTIVATION_CONTEXT_DETAILED_INFORMATION details;
        ACTIVATION_CONTEXT_ASSEMBLY_DETAILED_INFORMATION assembly;
        ASSEMBLY_FILE_DETAILED_INFORMATION file;
        char room[4096];
    } buffer;
    ULONG index = 2;
    ACTIVATION_CONTEXT_QUERY_INDEX file_index = {1, 0};
    WCHAR path[MAX_PATH];
    SIZE_T size = 0;

    CHECK(QueryActCtxW(QUERY_ACTCTX_FLAG_NO_ADDREF, context, NULL, ActivationContextBasicInformation, &basic,
                       sizeof basic, &size));
    CHECK_EQ(size, sizeof basic);
    CHECK_PTR(basic.hActCtx, context);
    CHECK_ERROR(!QueryActCtxW(0, context, NULL, ActivationContextDetailedInformation, &buffer,
                              sizeof buffer.details, &size),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK(size > sizeof buffer.details);
    CHECK(QueryActCtxW(0, context, NULL, ActivationContextDetailedInformation, &buffer, sizeof buffer, NULL));
    CHECK_EQ(buffer.details.ulAssemblyCount, 2);
    path_of(L"lw.manifest", path);
    CHECK_EQ(lstrcmpiW(buffer.details.lpRootManifestPath, path), 0);
    CHECK_EQ(buffer.details.ulRootManifestPathChars, lstrlenW(path));
    CHECK(QueryActCtxW(0, context, &index, AssemblyDetailedInformationInActivationContext, &buffer,
                       sizeof buffer, NULL));
    CHECK_WSTR(buffer.assembly.lpAssemblyEncodedAssemblyIdentity,
               L"Lw.Private,processorArchitecture=\"" ARCHITECTURE L"\",type=\"win32\",version=\"6.5.4.3\"");
    UNLESS_WINE("Wine 8 has a string there") CHECK_EQ(buffer.assembly.ulFileCount, 1);
    index = 3;
    CHECK_ERROR(!QueryActCtxW(0, context, &index, AssemblyDetailedInformationInActivationContext, &buffer,
                              sizeof buffer, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK(QueryActCtxW(0, context, &file_index, FileInformationInAssemblyOfAssemblyInActivationContext,
                       &buffer, sizeof buffer, NULL));
    CHECK_WSTR(buffer.file.lpFileName, L"lw_private.dll");
    UNLESS_WINE("Wine 8 has another error")
    CHECK_ERROR(!QueryActCtxW(0, context, NULL, 99, &buffer, sizeof buffer, NULL), ERROR_INVALID_PARAMETER);
    ReleaseActCtx(context);
}

TEST(what_programs_ask_for)
{
    HANDLE context = create_from(
        ROOT "<assemblyIdentity type='win32' name='Lw.Main' version='1.0.0.0'/>"
             "<trustInfo xmlns='urn:schemas-microsoft-com:asm.v2'><security><requestedPrivileges>"
             "<requestedExecutionLevel level='asInvoker' uiAccess='false'/>"
             "</requestedPrivileges></security></trustInfo>"
             "<compatibility xmlns='urn:schemas-microsoft-com:compatibility.v1'><application>"
             "<supportedOS Id='{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}'/></application></compatibility>"
             "<application xmlns='urn:schemas-microsoft-com:asm.v3'><windowsSettings>"
             "<dpiAware xmlns='http://schemas.microsoft.com/SMI/2005/WindowsSettings'>true</dpiAware>"
             "</windowsSettings></application>" END);
    ACTIVATION_CONTEXT_RUN_LEVEL_INFORMATION level = {.RunLevel = 99};
    struct {
        DWORD count;
        struct {
            GUID id;
            DWORD type;
            ULONGLONG version;
        } elements[4];
    } compatibility;
    WCHAR value[20];
    SIZE_T size = 0;

    CHECK(context != INVALID_HANDLE_VALUE);
    CHECK(QueryActCtxW(0, context, NULL, RunlevelInformationInActivationContext, &level, sizeof level, NULL));
    CHECK_EQ(level.RunLevel, ACTCTX_RUN_LEVEL_AS_INVOKER);
    CHECK(QueryActCtxW(0, context, NULL, CompatibilityInformationInActivationContext, &compatibility,
                       sizeof compatibility, NULL));
    CHECK_EQ(compatibility.count, 1);
    CHECK_EQ(compatibility.elements[0].id.Data1, 0x8e0f7a12);
    CHECK(QueryActCtxSettingsW(0, context, NULL, L"dpiAware", value, 20, &size));
    CHECK_WSTR(value, L"true");
    CHECK_EQ(size, 5);
    CHECK_ERROR(!QueryActCtxSettingsW(0, context, NULL, L"dpiAware", value, 2, &size),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_ERROR(!QueryActCtxSettingsW(0, context, NULL, L"other", value, 20, &size), ERROR_SXS_KEY_NOT_FOUND);
    CHECK_ERROR(!QueryActCtxSettingsW(1, context, NULL, L"dpiAware", value, 20, &size),
                ERROR_INVALID_PARAMETER);
    ReleaseActCtx(context);
}

TEST(sections)
{
    HANDLE context = create_with_dependency();
    ACTCTX_SECTION_KEYED_DATA data = {.cbSize = sizeof data};
    ULONG_PTR cookie;

    CHECK(ActivateActCtx(context, &cookie));
    CHECK(FindActCtxSectionStringW(0, NULL, ACTIVATION_CONTEXT_SECTION_DLL_REDIRECTION, L"LW_PRIVATE.DLL",
                                   &data));
    CHECK_EQ(data.ulAssemblyRosterIndex, 2);
    CHECK_EQ(data.ulLength, 20);
    CHECK_PTR(data.hActCtx, NULL);
    CHECK(FindActCtxSectionStringA(FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX, NULL,
                                   ACTIVATION_CONTEXT_SECTION_WINDOW_CLASS_REDIRECTION, "LwClass", &data));
    CHECK_PTR(data.hActCtx, context);
    ReleaseActCtx(data.hActCtx);
    const ULONG *class = data.lpData;
    CHECK_WSTR((const WCHAR *)((const char *)class + class[3]), L"6.5.4.3!LwClass");
    CHECK_WSTR((const WCHAR *)((const char *)data.lpSectionBase + class[5]), L"lw_private.dll");
    CHECK_ERROR(
        !FindActCtxSectionStringW(0, NULL, ACTIVATION_CONTEXT_SECTION_DLL_REDIRECTION, L"other.dll", &data),
        ERROR_SXS_KEY_NOT_FOUND);
    CHECK_ERROR(!FindActCtxSectionStringW(0, NULL, 100, L"other.dll", &data), ERROR_SXS_SECTION_NOT_FOUND);
    CHECK_ERROR(!FindActCtxSectionStringW(0, NULL, 2, L"other.dll", NULL), ERROR_INVALID_PARAMETER);
    CHECK(DeactivateActCtx(0, cookie));
    ReleaseActCtx(context);
}

struct com_class {
    ULONG size, flags, model;
    GUID clsid, alias, clsid_again, tlbid;
    ULONG module_length, module_offset, progid_length, progid_offset;
};

TEST(what_com_looks_for)
{
    static const GUID clsid = {0x12345678, 0x1234, 0x5678, {0x12, 0x34, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33}};
    static const GUID tlbid = {0x99999999, 0x8888, 0x7777, {0x66, 0x66, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55}};
    HANDLE context = create_from(
        ROOT
        "<assemblyIdentity type='win32' name='Lw.Main' version='1.0.0.0'/><file name='com.dll'>"
        "<comClass clsid='{12345678-1234-5678-1234-111122223333}' threadingModel='Both' progid='Lw.Class'>"
        "<progid>Lw.Class.1</progid></comClass>"
        "<typelib tlbid='{99999999-8888-7777-6666-555555555555}' version='2.5' helpdir='' flags='HIDDEN'/>"
        "</file>" END);
    ACTCTX_SECTION_KEYED_DATA data = {.cbSize = sizeof data}, by_alias = {.cbSize = sizeof by_alias};
    ULONG_PTR cookie;

    CHECK(context != INVALID_HANDLE_VALUE);
    CHECK(ActivateActCtx(context, &cookie));
    CHECK(FindActCtxSectionGuid(0, NULL, ACTIVATION_CONTEXT_SECTION_COM_SERVER_REDIRECTION, &clsid, &data));
    const struct com_class *class = data.lpData;
    CHECK_MEM(&class->clsid, &clsid, sizeof clsid);
    CHECK_EQ(class->model, 4);
    CHECK_WSTR((const WCHAR *)((const char *)class + class->progid_offset), L"Lw.Class");
    CHECK_WSTR((const WCHAR *)((const char *)data.lpSectionBase + class->module_offset), L"com.dll");
    CHECK(FindActCtxSectionGuid(0, NULL, ACTIVATION_CONTEXT_SECTION_COM_SERVER_REDIRECTION, &class->alias,
                                &by_alias));
    CHECK_PTR(by_alias.lpData, class);
    CHECK(FindActCtxSectionStringW(0, NULL, ACTIVATION_CONTEXT_SECTION_COM_PROGID_REDIRECTION, L"Lw.Class.1",
                                   &data));
    CHECK_MEM((const char *)data.lpSectionBase + ((const ULONG *)data.lpData)[2], &class->alias,
              sizeof class->alias);
    CHECK(FindActCtxSectionGuid(0, NULL, ACTIVATION_CONTEXT_SECTION_COM_TYPE_LIBRARY_REDIRECTION, &tlbid,
                                &data));
    const USHORT *library = data.lpData;
    CHECK_EQ(library[9], 4);
    CHECK_EQ(library[14], 2);
    CHECK_EQ(library[15], 5);
    CHECK_ERROR(
        !FindActCtxSectionGuid(0, NULL, ACTIVATION_CONTEXT_SECTION_COM_SERVER_REDIRECTION, &tlbid, &data),
        ERROR_SXS_KEY_NOT_FOUND);
    UNLESS_WINE("Wine 8 does not tell a section from a key")
    CHECK_ERROR(
        !FindActCtxSectionGuid(0, NULL, ACTIVATION_CONTEXT_SECTION_COM_INTERFACE_REDIRECTION, &tlbid, &data),
        ERROR_SXS_SECTION_NOT_FOUND);
    CHECK(DeactivateActCtx(0, cookie));
    ReleaseActCtx(context);
}

/* The DLL lies beside its manifest, which is no place that is searched. */
TEST(a_dll_of_a_private_assembly)
{
    HANDLE context = create_with_dependency();
    WCHAR program[MAX_PATH], path[MAX_PATH], found[MAX_PATH];
    ULONG_PTR cookie;

    GetModuleFileNameW(NULL, program, MAX_PATH);
    path_of(L"lw_private.dll", path);
    CHECK(CopyFileW(program, path, FALSE));
    CHECK_ERROR(LoadLibraryExW(L"lw_private.dll", NULL, DONT_RESOLVE_DLL_REFERENCES) == NULL,
                ERROR_MOD_NOT_FOUND);
    CHECK(ActivateActCtx(context, &cookie));
    CHECK_PTR(GetModuleHandleW(L"lw_private.dll"), NULL);
    HMODULE module = LoadLibraryExW(L"lw_private.dll", NULL, DONT_RESOLVE_DLL_REFERENCES);
    CHECK(module != NULL);
    CHECK(GetModuleFileNameW(module, found, MAX_PATH) > 0);
    CHECK_EQ(lstrcmpiW(found, path), 0);
    CHECK_PTR(GetModuleHandleW(L"lw_private.dll"), module);
    CHECK(FreeLibrary(module));
    CHECK(DeactivateActCtx(0, cookie));
    delete_file(L"lw_private.dll");
    ReleaseActCtx(context);
}

int main(void)
{
    GetTempPathW(MAX_PATH - 60, directory);
    WCHAR name[40];
    swprintf(name, 40, L"activation-%u-%u\\", (unsigned)GetCurrentProcessId(), (unsigned)GetTickCount());
    lstrcatW(directory, name);
    CHECK(CreateDirectoryW(directory, NULL));
    RUN(what_cannot_be_made);
    RUN(activation);
    UNLESS_WINE("Wine 8 raises what cannot be continued") RUN(wrong_deactivation);
    RUN(a_thread_begins_with_its_creator_s);
    RUN(queries);
    RUN(what_programs_ask_for);
    RUN(sections);
    RUN(what_com_looks_for);
    RUN(a_dll_of_a_private_assembly);
    CHECK(RemoveDirectoryW(directory));
    return CHECK_END();
}
