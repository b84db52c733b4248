/* Windows functions for contexts with extended state, which MinGW-w64's headers do not declare. */
#ifndef NTDLL_EXTENDED_CONTEXT_H
#define NTDLL_EXTENDED_CONTEXT_H

#include "kernel/extended_state.h"

EXPORTED ULONG64 RtlGetEnabledExtendedFeatures(ULONG64 mask);
EXPORTED NTSTATUS RtlGetExtendedContextLength(ULONG flags, ULONG *length);
EXPORTED NTSTATUS RtlGetExtendedContextLength2(ULONG flags, ULONG *length, ULONG64 components);
EXPORTED NTSTATUS RtlInitializeExtendedContext(void *buffer, ULONG flags, struct context_extension **result);
EXPORTED NTSTATUS RtlInitializeExtendedContext2(void *buffer, ULONG flags, struct context_extension **result,
                                                ULONG64 components);
EXPORTED void *RtlLocateLegacyContext(struct context_extension *extension, ULONG *length);
EXPORTED void *RtlLocateExtendedFeature(struct context_extension *extension, ULONG feature, ULONG *length);
EXPORTED ULONG64 RtlGetExtendedFeaturesMask(struct context_extension *extension);
EXPORTED void RtlSetExtendedFeaturesMask(struct context_extension *extension, ULONG64 mask);
EXPORTED NTSTATUS RtlCopyExtendedContext(struct context_extension *to, ULONG flags,
                                         struct context_extension *from);
EXPORTED NTSTATUS RtlCopyContext(CONTEXT *to, DWORD flags, CONTEXT *from);

#endif
