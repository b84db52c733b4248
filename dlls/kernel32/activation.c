/* Activation contexts, of which ntdll has the work. */
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/activation.h"
#include "kernel/utf.h"

HANDLE WINAPI CreateActCtxW(PCACTCTXW request)
{
    HANDLE handle = INVALID_HANDLE_VALUE;
    if (!request) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return handle;
    }
    set_last_status(RtlCreateActivationContext(&handle, request));
    return handle;
}

/* A resource's name may be a number, and what no flag makes valid may be anything. */
static bool widen_if(struct wide *wide, bool wanted, const char *text)
{
    return wide_from_ansi(wide, wanted ? text : NULL);
}

HANDLE WINAPI CreateActCtxA(PCACTCTXA request)
{
    struct wide source, directory, resource;
    HANDLE handle = INVALID_HANDLE_VALUE;
    if (!request || request->cbSize < offsetof(ACTCTXA, lpResourceName)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return handle;
    }
    DWORD flags = request->dwFlags;
    bool has_resource = flags & ACTCTX_FLAG_RESOURCE_NAME_VALID;
    bool has_name = has_resource && (ULONG_PTR)request->lpResourceName > 0xffff;
    if (!wide_from_ansi(&source, request->lpSource))
        return handle;
    if (widen_if(&directory, flags & ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID, request->lpAssemblyDirectory)) {
        if (widen_if(&resource, has_name, request->lpResourceName)) {
            const ACTCTXW wide = {
                .cbSize = sizeof wide,
                .dwFlags = flags,
                .lpSource = source.text,
                .wProcessorArchitecture =
                    flags & ACTCTX_FLAG_PROCESSOR_ARCHITECTURE_VALID ? request->wProcessorArchitecture : 0,
                .wLangId = flags & ACTCTX_FLAG_LANGID_VALID ? request->wLangId : 0,
                .lpAssemblyDirectory = directory.text,
                .lpResourceName = has_name       ? resource.text
                                  : has_resource ? (LPCWSTR)request->lpResourceName
                                                 : NULL,
                .hModule = flags & ACTCTX_FLAG_HMODULE_VALID ? request->hModule : NULL,
            };
            handle = CreateActCtxW(&wide);
            wide_free(&resource);
        }
        wide_free(&directory);
    }
    wide_free(&source);
    return handle;
}

VOID WINAPI AddRefActCtx(HANDLE handle)
{
    RtlAddRefActivationContext(handle);
}

VOID WINAPI ReleaseActCtx(HANDLE handle)
{
    RtlReleaseActivationContext(handle);
}

WINBOOL WINAPI ZombifyActCtx(HANDLE handle)
{
    return set_last_status(RtlZombifyActivationContext(handle));
}

WINBOOL WINAPI ActivateActCtx(HANDLE handle, ULONG_PTR *cookie)
{
    return set_last_status(RtlActivateActivationContext(0, handle, cookie));
}

WINBOOL WINAPI DeactivateActCtx(DWORD flags, ULONG_PTR cookie)
{
    if (flags & ~DEACTIVATE_ACTCTX_FLAG_FORCE_EARLY_DEACTIVATION)
        return set_last_status(STATUS_INVALID_PARAMETER);
    RtlDeactivateActivationContext(flags, cookie);
    return TRUE;
}

WINBOOL WINAPI GetCurrentActCtx(HANDLE *handle)
{
    if (!handle)
        return set_last_status(STATUS_INVALID_PARAMETER);
    return set_last_status(RtlGetActiveActivationContext(handle));
}

WINBOOL WINAPI QueryActCtxW(DWORD flags, HANDLE handle, PVOID instance, ULONG class, PVOID buffer,
                            SIZE_T size, SIZE_T *needed)
{
    return set_last_status(
        RtlQueryInformationActivationContext(flags, handle, instance, class, buffer, size, needed));
}

WINBOOL WINAPI QueryActCtxSettingsW(DWORD flags, HANDLE handle, PCWSTR space, PCWSTR name, PWSTR buffer,
                                    SIZE_T size, SIZE_T *needed)
{
    return set_last_status(
        RtlQueryActivationContextApplicationSettings(flags, handle, space, name, buffer, size, needed));
}

WINBOOL WINAPI FindActCtxSectionStringW(DWORD flags, const GUID *extension, ULONG section, LPCWSTR key,
                                        PACTCTX_SECTION_KEYED_DATA data)
{
    size_t length = key ? utf16_length(key) * sizeof *key : 0;
    if (!key || !data || length > 0xfffe)
        return set_last_status(STATUS_INVALID_PARAMETER);
    const UNICODE_STRING string = {length, length, (WCHAR *)key};
    return set_last_status(RtlFindActivationContextSectionString(flags, extension, section, &string, data));
}

WINBOOL WINAPI FindActCtxSectionStringA(DWORD flags, const GUID *extension, ULONG section, LPCSTR key,
                                        PACTCTX_SECTION_KEYED_DATA data)
{
    struct wide wide;
    if (!key || !data)
        return set_last_status(STATUS_INVALID_PARAMETER);
    if (!wide_from_ansi(&wide, key))
        return FALSE;
    BOOL found = FindActCtxSectionStringW(flags, extension, section, wide.text, data);
    wide_free(&wide);
    return found;
}

WINBOOL WINAPI FindActCtxSectionGuid(DWORD flags, const GUID *extension, ULONG section, const GUID *key,
                                     PACTCTX_SECTION_KEYED_DATA data)
{
    if (!data)
        return set_last_status(STATUS_INVALID_PARAMETER);
    return set_last_status(RtlFindActivationContextSectionGuid(flags, extension, section, key, data));
}
