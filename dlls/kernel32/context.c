/* Contexts with extended state. */
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/extended_context.h"

#ifdef __x86_64__
#define NATIVE_FLAG          CONTEXT_AMD64
#define LEGACY_STATE_FLAG    CONTEXT_FLOATING_POINT
#define LEGACY_AREA(context) (&(context)->FltSave)
#define XMM_COUNT            16
#else
#define NATIVE_FLAG          CONTEXT_i386
#define LEGACY_STATE_FLAG    CONTEXT_EXTENDED_REGISTERS
#define LEGACY_AREA(context) (context)->ExtendedRegisters
#define XMM_COUNT            8
#endif

#define EXTENDED_STATE 0x40

static struct context_extension *extension_of(CONTEXT *context)
{
    return (struct context_extension *)(context + 1);
}

static bool has_extended_state(const CONTEXT *context)
{
    return context->ContextFlags & EXTENDED_STATE;
}

static XSAVE_FORMAT *legacy_area(CONTEXT *context)
{
    return (XSAVE_FORMAT *)LEGACY_AREA(context);
}

DWORD64 GetEnabledXStateFeatures(VOID)
{
    return RtlGetEnabledExtendedFeatures(~0ull);
}

BOOL InitializeContext2(PVOID buffer, DWORD flags, PCONTEXT *context, PDWORD length, ULONG64 components)
{
    struct context_extension *extension;
    ULONG needed;
    if (flags & EXTENDED_STATE && !RtlGetEnabledExtendedFeatures(~0ull))
        flags &= ~EXTENDED_STATE;
    NTSTATUS status = RtlGetExtendedContextLength2(flags, &needed, components);
    if (!NT_SUCCESS(status))
        return set_last_status(status);
    if (!buffer || *length < needed) {
        *length = needed;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *length = needed;
    status = RtlInitializeExtendedContext2(buffer, flags, &extension, components);
    if (!NT_SUCCESS(status))
        return set_last_status(status);
    *context = RtlLocateLegacyContext(extension, NULL);
    return TRUE;
}

BOOL InitializeContext(PVOID buffer, DWORD flags, PCONTEXT *context, PDWORD length)
{
    return InitializeContext2(buffer, flags, context, length, ~0ull);
}

BOOL CopyContext(PCONTEXT to, DWORD flags, PCONTEXT from)
{
    return set_last_status(RtlCopyContext(to, flags, from));
}

PVOID LocateXStateFeature(PCONTEXT context, DWORD feature, PDWORD length)
{
    if (!(context->ContextFlags & NATIVE_FLAG))
        return NULL;
    if (feature > 1)
        return has_extended_state(context) ? RtlLocateExtendedFeature(extension_of(context), feature, length)
                                           : NULL;
    XSAVE_FORMAT *area = legacy_area(context);
    if (length)
        *length = feature ? XMM_COUNT * sizeof(M128A) : offsetof(XSAVE_FORMAT, XmmRegisters);
    return feature ? (void *)area->XmmRegisters : area;
}

BOOL GetXStateFeaturesMask(PCONTEXT context, PDWORD64 mask)
{
    if (!(context->ContextFlags & NATIVE_FLAG))
        return FALSE;
    bool has_legacy = (context->ContextFlags & LEGACY_STATE_FLAG) == LEGACY_STATE_FLAG;
    *mask = (has_legacy ? LEGACY_COMPONENTS : 0) |
            (has_extended_state(context) ? RtlGetExtendedFeaturesMask(extension_of(context)) : 0);
    return TRUE;
}

BOOL SetXStateFeaturesMask(PCONTEXT context, DWORD64 mask)
{
    if (!(context->ContextFlags & NATIVE_FLAG))
        return FALSE;
    if (mask & LEGACY_COMPONENTS)
        context->ContextFlags |= LEGACY_STATE_FLAG;
    if (!has_extended_state(context))
        return !(mask & ~(DWORD64)LEGACY_COMPONENTS);
    RtlSetExtendedFeaturesMask(extension_of(context), mask);
    return TRUE;
}
