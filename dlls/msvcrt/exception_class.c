#include "dlls/msvcrt/exception_class.h"
#include "dlls/msvcrt/heap.h"

/* exception, and the classes derived from it, which add nothing. */
struct exception {
    const void *vtable;
    char *text;
    int owns_text;
};

/* What a vtable has: functions that the program calls. In front of it stands what RTTI knows of the class. */
struct exception_vtable {
    void *(CXX_METHOD *destroy_and_delete)(struct exception *this, unsigned flags);
    const char *(CXX_METHOD *what)(const struct exception *this);
};

struct exception_vtable *crt_exception_vtable, *crt_bad_cast_vtable, *crt_bad_typeid_vtable,
    *crt_non_rtti_object_vtable;

extern const char class_tables[], locator_of_exception[], locator_of_bad_cast[], locator_of_bad_typeid[],
    locator_of_non_rtti_object[];
extern const struct cxx_throw_info throw_of_bad_cast, throw_of_bad_typeid, throw_of_non_rtti_object;

/* Text */

static void own_text(struct exception *this, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    this->text = size ? crt_malloc(size) : NULL;
    this->owns_text = this->text != NULL;
    if (this->text)
        memcpy(this->text, text, size);
}

static void copy_text(struct exception *this, const struct exception *other)
{
    if (other->owns_text) {
        own_text(this, other->text);
    } else {
        this->text = other->text;
        this->owns_text = 0;
    }
}

static void free_text(struct exception *this)
{
    if (this->owns_text)
        crt_free(this->text);
    this->text = NULL;
    this->owns_text = 0;
}

static struct exception *construct(struct exception *this, const void *vtable, const char *text)
{
    this->vtable = vtable;
    own_text(this, text);
    return this;
}

static struct exception *construct_copy(struct exception *this, const void *vtable,
                                        const struct exception *other)
{
    this->vtable = vtable;
    copy_text(this, other);
    return this;
}

/* Exception */

struct exception *crt_exception_construct(struct exception *this)
{
    return construct(this, crt_exception_vtable, NULL);
}

struct exception *crt_exception_construct_text(struct exception *this, const char *const *text)
{
    return construct(this, crt_exception_vtable, *text);
}

/* The text stays the caller's. */
struct exception *crt_exception_construct_constant(struct exception *this, const char *const *text,
                                                   int unused)
{
    this->vtable = crt_exception_vtable;
    this->text = (char *)*text;
    this->owns_text = 0;
    return this;
}

struct exception *crt_exception_construct_copy(struct exception *this, const struct exception *other)
{
    return construct_copy(this, crt_exception_vtable, other);
}

void crt_exception_destroy(struct exception *this)
{
    this->vtable = crt_exception_vtable;
    free_text(this);
}

/* The derived classes have none of their own to add: their vtable stays as well. */
struct exception *crt_exception_assign(struct exception *this, const struct exception *other)
{
    if (this != other) {
        free_text(this);
        copy_text(this, other);
    }
    return this;
}

const char *crt_exception_what(const struct exception *this)
{
    return this->text ? this->text : "Unknown exception";
}

/* The derived classes */

struct exception *crt_bad_cast_construct(struct exception *this, const char *text)
{
    return construct(this, crt_bad_cast_vtable, text);
}

struct exception *crt_bad_cast_construct_text(struct exception *this, const char *const *text)
{
    return construct(this, crt_bad_cast_vtable, *text);
}

struct exception *crt_bad_cast_construct_copy(struct exception *this, const struct exception *other)
{
    return construct_copy(this, crt_bad_cast_vtable, other);
}

void crt_bad_cast_construct_default(struct exception *this)
{
    construct(this, crt_bad_cast_vtable, "bad cast");
}

struct exception *crt_bad_typeid_construct(struct exception *this, const char *text)
{
    return construct(this, crt_bad_typeid_vtable, text);
}

struct exception *crt_bad_typeid_construct_copy(struct exception *this, const struct exception *other)
{
    return construct_copy(this, crt_bad_typeid_vtable, other);
}

void crt_bad_typeid_construct_default(struct exception *this)
{
    construct(this, crt_bad_typeid_vtable, "bad typeid");
}

struct exception *crt_non_rtti_object_construct(struct exception *this, const char *text)
{
    return construct(this, crt_non_rtti_object_vtable, text);
}

struct exception *crt_non_rtti_object_construct_copy(struct exception *this, const struct exception *other)
{
    return construct_copy(this, crt_non_rtti_object_vtable, other);
}

/* What vtables and exception tables name */

enum { DELETE_MEMORY = 1, IS_ARRAY = 2 };

/* An array has its count in front of it. */
static void *destroy_array(struct exception *array, unsigned flags)
{
    size_t *count = (size_t *)array - 1;
    for (size_t i = *count; i > 0; i--)
        crt_exception_destroy(&array[i - 1]);
    if (flags & DELETE_MEMORY)
        crt_free(count);
    return count;
}

void *crt_exception_destroy_and_delete(struct exception *this, unsigned flags)
{
    if (flags & IS_ARRAY)
        return destroy_array(this, flags);
    crt_exception_destroy(this);
    if (flags & DELETE_MEMORY)
        crt_free(this);
    return this;
}

static CXX_METHOD_FUNCTION void *destroy_and_delete(struct exception *this, unsigned flags)
{
    return crt_exception_destroy_and_delete(this, flags);
}

static CXX_METHOD_FUNCTION const char *what(const struct exception *this)
{
    return crt_exception_what(this);
}

__attribute__((used)) CXX_METHOD_FUNCTION void exception_destroy(struct exception *this)
{
    crt_exception_destroy(this);
}

#define COPY_CONSTRUCTOR(class)                                                                             \
    __attribute__((used)) CXX_METHOD_FUNCTION struct exception *class##_copy(struct exception *this,        \
                                                                             const struct exception *other) \
    {                                                                                                       \
        return construct_copy(this, crt_##class##_vtable, other);                                           \
    }

COPY_CONSTRUCTOR(exception)
COPY_CONSTRUCTOR(bad_cast)
COPY_CONSTRUCTOR(bad_typeid)
COPY_CONSTRUCTOR(non_rtti_object)

static void fill_vtable(struct exception_vtable *vtable, const char *locator)
{
    ((const void **)vtable)[-1] = locator;
    *vtable = (struct exception_vtable){destroy_and_delete, what};
}

void exception_class_attach(void)
{
    fill_vtable(crt_exception_vtable, locator_of_exception);
    fill_vtable(crt_bad_cast_vtable, locator_of_bad_cast);
    fill_vtable(crt_bad_typeid_vtable, locator_of_bad_typeid);
    fill_vtable(crt_non_rtti_object_vtable, locator_of_non_rtti_object);
}

/* Throwing */

#ifdef __x86_64__
#define TABLES_BASE ((uintptr_t)class_tables)
#else
#define TABLES_BASE 0
#endif

_Noreturn void throw_bad_cast(const char *text)
{
    struct exception object;
    cxx_throw(crt_bad_cast_construct(&object, text), &throw_of_bad_cast, TABLES_BASE);
}

_Noreturn void throw_bad_typeid(const char *text)
{
    struct exception object;
    cxx_throw(crt_bad_typeid_construct(&object, text), &throw_of_bad_typeid, TABLES_BASE);
}

_Noreturn void throw_non_rtti_object(const char *text)
{
    struct exception object;
    cxx_throw(crt_non_rtti_object_construct(&object, text), &throw_of_non_rtti_object, TABLES_BASE);
}
