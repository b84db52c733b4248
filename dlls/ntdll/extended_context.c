/* Contexts with extended state that programs make, look into and copy: of either architecture, as on Windows.
 */
#include "dlls/ntdll/extended_context.h"
#include "kernel/extended_state.h"

#define AMD64_FLAG     0x100000
#define I386_FLAG      0x010000
#define EXTENDED_STATE 0x40
#define STATE_ALIGN    64
#define HEADER_SIZE    offsetof(struct extended_state, ymm_high)

/* What contexts are given whose state is absent: an offset just behind the extension. */
#define ABSENT_STATE_OFFSET 25

/* The part of a context that one flag stands for. */
struct context_part {
    uint16_t begin, end;
    uint16_t flag;
};

struct context_form {
    DWORD architecture;
    DWORD flags;             /* that such a context may have */
    DWORD size, legacy_size; /* the latter without CONTEXT_EXTENDED_REGISTERS */
    DWORD extension_size;    /* with what aligns what follows */
    DWORD slack;             /* that Windows adds to the size for a buffer that is not aligned */
    DWORD alignment;
    DWORD flags_offset;
    struct context_part parts[11];
};

static const struct context_form amd64_form = {
    .architecture = AMD64_FLAG,
    .flags = 0xd810005f,
    .size = 0x4d0,
    .legacy_size = 0x4d0,
    .extension_size = 0x20,
    .slack = 7,
    .alignment = 16,
    .flags_offset = 0x30,
    .parts = {{0x34, 0x38, 0x08},
              {0x38, 0x3a, 0x01},
              {0x3a, 0x42, 0x04},
              {0x42, 0x48, 0x01},
              {0x48, 0x78, 0x10},
              {0x78, 0x98, 0x02},
              {0x98, 0xa0, 0x01},
              {0xa0, 0xf8, 0x02},
              {0xf8, 0x100, 0x01},
              {0x100, 0x300, 0x08},
              {0x4b0, 0x4d0, 0x10}},
};

static const struct context_form i386_form = {
    .architecture = I386_FLAG,
    .flags = 0xd801007f,
    .size = 0x2cc,
    .legacy_size = 0xcc,
    .extension_size = 0x18,
    .slack = 3,
    .alignment = 4,
    .flags_offset = 0,
    .parts = {{0x04, 0x1c, 0x10},
              {0x1c, 0x8c, 0x08},
              {0x8c, 0x9c, 0x04},
              {0x9c, 0xb4, 0x02},
              {0xb4, 0xcc, 0x01},
              {0xcc, 0x2cc, 0x20}},
};

/* NULL for flags that no context has. */
static const struct context_form *form_of(DWORD flags)
{
    const struct context_form *form = flags & AMD64_FLAG ? &amd64_form : &i386_form;
    return flags & form->architecture && !(flags & ~form->flags) ? form : NULL;
}

static DWORD *flags_of(const struct context_form *form, void *context)
{
    return (DWORD *)((char *)context + form->flags_offset);
}

static struct context_extension *extension_of(const struct context_form *form, void *context)
{
    return (struct context_extension *)((char *)context + form->size);
}

static struct extended_state *state_of(struct context_extension *extension)
{
    return (struct extended_state *)((char *)extension + extension->xstate.offset);
}

static DWORD state_size(ULONG64 components)
{
    return HEADER_SIZE + (components & VISIBLE_COMPONENTS ? sizeof(struct extended_state) - HEADER_SIZE : 0);
}

ULONG64 RtlGetEnabledExtendedFeatures(ULONG64 mask)
{
    return extended_state_features() & mask;
}

/* Making */

static NTSTATUS check_flags(DWORD flags, const struct context_form **form)
{
    *form = form_of(flags);
    if (!*form)
        return STATUS_INVALID_PARAMETER;
    return flags & EXTENDED_STATE && !extended_state_features() ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
}

NTSTATUS RtlGetExtendedContextLength2(ULONG flags, ULONG *length, ULONG64 components)
{
    const struct context_form *form;
    NTSTATUS status = check_flags(flags, &form);
    if (!NT_SUCCESS(status))
        return status;
    *length = form->size + form->extension_size;
    if (flags & EXTENDED_STATE)
        *length += state_size(components & extended_state_features()) + STATE_ALIGN - 1;
    else
        *length += form->slack;
    return STATUS_SUCCESS;
}

NTSTATUS RtlGetExtendedContextLength(ULONG flags, ULONG *length)
{
    return RtlGetExtendedContextLength2(flags, length, ~0ull);
}

static uintptr_t align_up(uintptr_t address, uintptr_t alignment)
{
    return (address + alignment - 1) & ~(alignment - 1);
}

static void initialize_state(struct context_extension *extension, const struct context_form *form,
                             ULONG64 components)
{
    uintptr_t state = align_up((uintptr_t)extension + form->extension_size, STATE_ALIGN);
    extension->xstate.offset = state - (uintptr_t)extension;
    extension->xstate.length = state_size(components);
    extension->all.length = form->size + extension->xstate.offset + extension->xstate.length;
    memset((void *)state, 0, HEADER_SIZE);
    state_of(extension)->compaction = extended_state_compaction(components);
}

NTSTATUS RtlInitializeExtendedContext2(void *buffer, ULONG flags, struct context_extension **result,
                                       ULONG64 components)
{
    const struct context_form *form;
    NTSTATUS status = check_flags(flags, &form);
    if (!NT_SUCCESS(status))
        return status;
    void *context = (void *)align_up((uintptr_t)buffer, form->alignment);
    struct context_extension *extension = extension_of(form, context);
    LONG before = -(LONG)form->size;
    *flags_of(form, context) = flags;
    extension->legacy = (struct context_chunk){before, flags & 0x20 ? form->size : form->legacy_size};
    extension->all = (struct context_chunk){before, form->size + sizeof *extension};
    extension->xstate = (struct context_chunk){ABSENT_STATE_OFFSET, 0};
    if (flags & EXTENDED_STATE)
        initialize_state(extension, form, components & extended_state_features());
    *result = extension;
    return STATUS_SUCCESS;
}

NTSTATUS RtlInitializeExtendedContext(void *buffer, ULONG flags, struct context_extension **result)
{
    return RtlInitializeExtendedContext2(buffer, flags, result, ~0ull);
}

/* Looking */

void *RtlLocateLegacyContext(struct context_extension *extension, ULONG *length)
{
    if (length)
        *length = extension->legacy.length;
    return (char *)extension + extension->legacy.offset;
}

void *RtlLocateExtendedFeature(struct context_extension *extension, ULONG feature, ULONG *length)
{
    if (feature != COMPONENT_AVX || !(extended_state_features() & VISIBLE_COMPONENTS))
        return NULL;
    struct extended_state *state = state_of(extension);
    if (length)
        *length = sizeof state->ymm_high;
    bool is_left_out = state->compaction & COMPACTED && !(state->compaction & VISIBLE_COMPONENTS);
    return is_left_out ? NULL : state->ymm_high;
}

ULONG64 RtlGetExtendedFeaturesMask(struct context_extension *extension)
{
    return state_of(extension)->present & ~(ULONG64)LEGACY_COMPONENTS;
}

void RtlSetExtendedFeaturesMask(struct context_extension *extension, ULONG64 mask)
{
    state_of(extension)->present = mask & extended_state_features() & ~(ULONG64)LEGACY_COMPONENTS;
}

/* Copying */

static void copy_parts(const struct context_form *form, char *to, const char *from, DWORD flags)
{
    for (unsigned i = 0; i < ARRAYSIZE(form->parts); i++) {
        const struct context_part *part = &form->parts[i];
        if (flags & part->flag)
            memcpy(to + part->begin, from + part->begin, part->end - part->begin);
    }
    *flags_of(form, to) |= flags;
}

static NTSTATUS copy_state(struct context_extension *to, struct context_extension *from)
{
    if (to->xstate.length < HEADER_SIZE)
        return STATUS_BUFFER_OVERFLOW;
    struct extended_state *target = state_of(to);
    const struct extended_state *source = state_of(from);
    ULONG64 features = extended_state_features();
    memset(target, 0, HEADER_SIZE);
    target->present = source->present & features & ~(ULONG64)LEGACY_COMPONENTS;
    target->compaction = extended_state_compaction(source->compaction & features);
    if (!(target->present & VISIBLE_COMPONENTS))
        return STATUS_SUCCESS;
    if (to->xstate.length < sizeof *target)
        return STATUS_BUFFER_OVERFLOW;
    memcpy(target->ymm_high, source->ymm_high, sizeof target->ymm_high);
    return STATUS_SUCCESS;
}

/* What the flags say is copied, whether the source says that it has it or not. */
NTSTATUS RtlCopyExtendedContext(struct context_extension *to, ULONG flags, struct context_extension *from)
{
    const struct context_form *form;
    NTSTATUS status = check_flags(flags, &form);
    if (!NT_SUCCESS(status))
        return status;
    copy_parts(form, RtlLocateLegacyContext(to, NULL), RtlLocateLegacyContext(from, NULL), flags);
    return flags & EXTENDED_STATE ? copy_state(to, from) : STATUS_SUCCESS;
}

/* Contexts without extended state need not have an extension. */
NTSTATUS RtlCopyContext(CONTEXT *to, DWORD flags, CONTEXT *from)
{
    const struct context_form *form;
    NTSTATUS status = check_flags(flags, &form);
    if (!NT_SUCCESS(status))
        return status;
    DWORD has = *flags_of(form, from), takes = *flags_of(form, to);
    if (!(has & takes & form->architecture))
        return STATUS_INVALID_PARAMETER;
    if (flags & ~takes & EXTENDED_STATE)
        return STATUS_BUFFER_OVERFLOW;
    copy_parts(form, (char *)to, (const char *)from, flags & has);
    return flags & has & EXTENDED_STATE ? copy_state(extension_of(form, to), extension_of(form, from))
                                        : STATUS_SUCCESS;
}
