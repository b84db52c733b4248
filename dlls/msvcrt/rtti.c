/* typeid and dynamic_cast. */
#include "dlls/msvcrt/exception_class.h"
#include "dlls/msvcrt/guard.h"

/* What stands in front of a vtable. On i386, references are addresses. */
struct locator {
    uint32_t signature;
    uint32_t offset;       /* of the vtable's pointer in the whole object */
    uint32_t construction; /* where in front of it a virtual base's displacement is kept; 0: nowhere */
    uint32_t type;
    uint32_t hierarchy;
    uint32_t self; /* x86-64, unless the signature is 0 */
};

/* A class and all its bases, each behind what is derived from it. */
struct hierarchy {
    uint32_t signature;
    uint32_t flags;
    uint32_t count;
    uint32_t bases;
};

enum hierarchy_flags {
    MULTIPLE_INHERITANCE = 1,
    VIRTUAL_INHERITANCE = 2,
};

struct base {
    uint32_t type;
    uint32_t contained; /* how many of the next ones are bases of it */
    struct cxx_displacement displacement;
    uint32_t flags;
    uint32_t hierarchy; /* with HAS_HIERARCHY */
};

enum base_flags {
    NOT_VISIBLE = 1,
    AMBIGUOUS = 2,
    NOT_PUBLIC = 4,
    HAS_HIERARCHY = 0x40,
};

/* An object, as a pointer to any part of it with a vtable leads to it. */
struct whole_object {
    char *start;
    const struct locator *locator;
    uintptr_t base;
    const struct hierarchy *hierarchy;
};

static uintptr_t base_of_tables(const struct locator *locator)
{
#ifdef __x86_64__
    if (locator->signature)
        return (uintptr_t)locator - (intptr_t)(int32_t)locator->self;
    void *base;
    RtlPcToFileHeader((void *)locator, &base);
    return (uintptr_t)base;
#else
    return 0;
#endif
}

static struct whole_object find_whole(char *part)
{
    const struct locator *locator = (*(const struct locator ***)part)[-1];
    char *start = part - locator->offset;
    if (locator->construction)
        start -= *(int32_t *)(part - locator->construction);
    uintptr_t base = base_of_tables(locator);
    return (struct whole_object){start, locator, base, cxx_reference(base, locator->hierarchy)};
}

/* Dynamic_cast */

struct cast {
    struct whole_object object;
    char *part;
    const struct cxx_type *source, *target;
};

static const struct base *base_at(const struct cast *cast, const struct hierarchy *hierarchy, uint32_t index)
{
    const uint32_t *bases = cxx_reference(cast->object.base, hierarchy->bases);
    return cxx_reference(cast->object.base, bases[index]);
}

static bool is_type(const struct cast *cast, const struct base *base, const struct cxx_type *type)
{
    const struct cxx_type *other = cxx_reference(cast->object.base, base->type);
    return other == type || (type && !strcmp(other->name, type->name));
}

static char *address_of(const struct cast *cast, const struct base *base)
{
    return cxx_adjust(cast->object.start, &base->displacement);
}

/* Each class but the last has one base: a type is there once. */
static bool is_line(const struct hierarchy *hierarchy)
{
    return !(hierarchy->flags & (MULTIPLE_INHERITANCE | VIRTUAL_INHERITANCE));
}

static bool is_source(const struct cast *cast, const struct base *base)
{
    return is_type(cast, base, cast->source) &&
           (is_line(cast->object.hierarchy) || address_of(cast, base) == cast->part);
}

/* The `index`th base of the whole object is also the `within`th of a class that it is a base of. */
static bool is_public_within(const struct cast *cast, const struct base *derived, uint32_t within,
                             const struct base *base)
{
    if (!(derived->flags & HAS_HIERARCHY))
        return !(base->flags & NOT_PUBLIC);
    const struct hierarchy *hierarchy = cxx_reference(cast->object.base, derived->hierarchy);
    return !(base_at(cast, hierarchy, within)->flags & NOT_VISIBLE);
}

/* A target that the source is a public base of. */
static char *cast_down(const struct cast *cast)
{
    const struct hierarchy *hierarchy = cast->object.hierarchy;
    for (uint32_t i = 0; i < hierarchy->count; i++) {
        const struct base *target = base_at(cast, hierarchy, i);
        if (!is_type(cast, target, cast->target))
            continue;
        uint32_t bases = hierarchy->count - i;
        if (!is_line(hierarchy))
            bases = min(bases, target->contained + 1);
        for (uint32_t j = 0; j < bases; j++) {
            const struct base *base = base_at(cast, hierarchy, i + j);
            if (is_source(cast, base) && (!j || is_public_within(cast, target, j, base)))
                return address_of(cast, target);
        }
    }
    return NULL;
}

static bool is_source_visible(const struct cast *cast)
{
    const struct hierarchy *hierarchy = cast->object.hierarchy;
    for (uint32_t i = 0; i < hierarchy->count; i++) {
        const struct base *base = base_at(cast, hierarchy, i);
        if (is_source(cast, base) && !(base->flags & NOT_VISIBLE))
            return true;
    }
    return false;
}

/* A target beside the source: it must be the only one. */
static char *cast_across(const struct cast *cast)
{
    const struct hierarchy *hierarchy = cast->object.hierarchy;
    for (uint32_t i = 0; i < hierarchy->count; i++) {
        const struct base *base = base_at(cast, hierarchy, i);
        if (is_type(cast, base, cast->target) && !(base->flags & (NOT_VISIBLE | AMBIGUOUS)))
            return is_source_visible(cast) ? address_of(cast, base) : NULL;
    }
    return NULL;
}

/* What compilers call */

/* A pointer that leads to no description is told from one that does by the access violation. */
static GUARD_HANDLER_FUNCTION EXCEPTION_DISPOSITION no_object_handler(EXCEPTION_RECORD *record, void *frame,
                                                                      CONTEXT *context, void *dispatcher)
{
    if (!(record->ExceptionFlags & EXCEPTION_UNWIND) &&
        record->ExceptionCode == (DWORD)STATUS_ACCESS_VIOLATION)
        throw_non_rtti_object(guard_data(frame, dispatcher));
    return ExceptionContinueSearch;
}

static uintptr_t GUEST_CDECL type_of(void *part)
{
    struct whole_object object = find_whole(part);
    void *type = cxx_reference(object.base, object.locator->type);
    if (!type)
        throw_non_rtti_object("Bad read pointer - no RTTI data!");
    return (uintptr_t)type;
}

void *crt_rt_typeid(void *part)
{
    if (!part)
        throw_bad_typeid("Attempted a typeid of NULL pointer!");
    return (void *)guard_call(no_object_handler, "Bad read pointer - no RTTI data!", type_of, part);
}

static uintptr_t GUEST_CDECL start_of(void *part)
{
    return (uintptr_t)find_whole(part).start;
}

void *crt_rt_cast_to_void(void *part)
{
    if (!part)
        return NULL;
    return (void *)guard_call(no_object_handler, "Access violation - no RTTI data!", start_of, part);
}

struct dynamic_cast_call {
    char *part;
    int part_offset;
    const struct cxx_type *source, *target;
};

static uintptr_t GUEST_CDECL cast_object(void *argument)
{
    const struct dynamic_cast_call *call = argument;
    struct cast cast = {find_whole(call->part), call->part - call->part_offset, call->source, call->target};
    char *result = cast_down(&cast);
    return (uintptr_t)(result ? result : cast_across(&cast));
}

/* The pointer is that of a vtable, `part_offset` bytes into the part that is of type `source`. */
void *crt_rt_dynamic_cast(void *part, int part_offset, const struct cxx_type *source,
                          const struct cxx_type *target, int is_reference)
{
    struct dynamic_cast_call call = {part, part_offset, source, target};
    if (!part)
        return NULL;
    void *result =
        (void *)guard_call(no_object_handler, "Access violation - no RTTI data!", cast_object, &call);
    if (!result && is_reference)
        throw_bad_cast("Bad dynamic_cast!");
    return result;
}
