#include "dlls/msvcrt/cxx_match.h"
#include "dlls/msvcrt/guard.h"

typedef void(CXX_METHOD *copy_constructor)(char *object, const char *original);
typedef void(CXX_METHOD *copy_constructor_of_bases)(char *object, const char *original, int is_whole);

char *cxx_adjust(char *object, const struct cxx_displacement *displacement)
{
    char *base = object + displacement->member;
    if (displacement->table >= 0) {
        const char *table = *(const char **)(object + displacement->table);
        base += displacement->table + *(const int32_t *)(table + displacement->entry);
    }
    return base;
}

static bool is_same_type(const struct cxx_type *a, const struct cxx_type *b)
{
    return a == b || !strcmp(a->name, b->name);
}

static bool takes(const struct cxx_handler *handler, const struct cxx_throw_info *info,
                  const struct cxx_catchable *catchable, const struct cxx_type *type)
{
    if ((handler->qualifiers & CXX_BAD_ALLOC) && (catchable->flags & CXX_CATCHABLE_BAD_ALLOC))
        return true;
    uint32_t missing = info->qualifiers & ~handler->qualifiers;
    return is_same_type(handler->type, type) && !(missing & (CXX_CONST | CXX_VOLATILE | CXX_UNALIGNED)) &&
           (!(catchable->flags & CXX_CATCHABLE_BY_REFERENCE_ONLY) || (handler->qualifiers & CXX_REFERENCE));
}

bool cxx_matches(const struct cxx_handler *handler, const EXCEPTION_RECORD *record,
                 const struct cxx_catchable **catchable)
{
    bool takes_all = !handler->type || !handler->type->name[0];
    *catchable = NULL;
    if (!cxx_is_exception(record))
        return takes_all && !(handler->qualifiers & CXX_STANDARD_CATCH_ALL);
    if (takes_all)
        return true;
    const struct cxx_throw_info *info = cxx_info(record);
    uintptr_t base = cxx_base(record);
    const struct cxx_catchables *list = cxx_at(base, info->catchables);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct cxx_catchable *candidate = cxx_at(base, list->catchable[i]);
        if (takes(handler, info, candidate, cxx_at(base, candidate->type))) {
            *catchable = candidate;
            return true;
        }
    }
    return false;
}

/* The handler's object */

static void copy_simple(char *target, char *object, const struct cxx_catchable *catchable)
{
    memcpy(target, object, catchable->size);
    if (catchable->size != sizeof(char *))
        return;
    char *pointer;
    memcpy(&pointer, target, sizeof pointer);
    if (pointer) {
        pointer = cxx_adjust(pointer, &catchable->displacement);
        memcpy(target, &pointer, sizeof pointer);
    }
}

struct construction {
    void *constructor;
    bool has_virtual_base;
    char *target;
    const char *original;
};

static uintptr_t GUEST_CDECL construct(void *argument)
{
    struct construction *c = argument;
    if (c->has_virtual_base)
        ((copy_constructor_of_bases)c->constructor)(c->target, c->original, 1);
    else
        ((copy_constructor)c->constructor)(c->target, c->original);
    return 0;
}

static void copy_object(char *target, const EXCEPTION_RECORD *record, const struct cxx_catchable *catchable)
{
    char *original = cxx_adjust(cxx_object(record), &catchable->displacement);
    if (!catchable->copy_constructor) {
        memcpy(target, original, catchable->size);
        return;
    }
    struct construction construction = {
        .constructor = cxx_at(cxx_base(record), catchable->copy_constructor),
        .has_virtual_base = catchable->flags & CXX_CATCHABLE_HAS_VIRTUAL_BASE,
        .target = target,
        .original = original,
    };
    guard_call_no_throw(construct, &construction);
}

void cxx_build_object(const struct cxx_handler *handler, const EXCEPTION_RECORD *record,
                      const struct cxx_catchable *catchable, char *target)
{
    if (handler->qualifiers & CXX_REFERENCE)
        *(char **)target = cxx_adjust(cxx_object(record), &catchable->displacement);
    else if (catchable->flags & CXX_CATCHABLE_SIMPLE)
        copy_simple(target, cxx_object(record), catchable);
    else
        copy_object(target, record, catchable);
}

/* The thrown object's end */

typedef void(CXX_METHOD *destructor)(char *object);

static uintptr_t GUEST_CDECL destroy(void *argument)
{
    const EXCEPTION_RECORD *record = argument;
    destructor destructor_of_object = (destructor)cxx_at(cxx_base(record), cxx_info(record)->destructor);
    destructor_of_object(cxx_object(record));
    return 0;
}

void cxx_destroy_object(const EXCEPTION_RECORD *record)
{
    if (cxx_is_exception(record) && cxx_info(record) && cxx_info(record)->destructor)
        guard_call_no_throw(destroy, (void *)record);
}
