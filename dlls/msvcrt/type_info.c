/* type_info, which is also how a type is described in exception tables. */
#include "dlls/msvcrt/exception_class.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/undname.h"

int crt_type_info_equal(const struct cxx_type *this, const struct cxx_type *other)
{
    return !strcmp(this->name + 1, other->name + 1);
}

int crt_type_info_not_equal(const struct cxx_type *this, const struct cxx_type *other)
{
    return !crt_type_info_equal(this, other);
}

int crt_type_info_before(const struct cxx_type *this, const struct cxx_type *other)
{
    return strcmp(this->name + 1, other->name + 1) < 0;
}

const char *crt_type_info_raw_name(const struct cxx_type *this)
{
    return this->name;
}

/* The name in front of whose mangled form there is a dot. */
const char *crt_type_info_name(struct cxx_type *this)
{
    char *name = __atomic_load_n(&this->readable_name, __ATOMIC_ACQUIRE), *expected = NULL;
    if (name)
        return name;
    name = undname_type(this->name + 1);
    if (!name)
        return NULL;
    if (__atomic_compare_exchange_n(&this->readable_name, &expected, name, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return name;
    crt_free(name);
    return expected;
}

void crt_type_info_destroy(struct cxx_type *this)
{
    crt_free(this->readable_name);
    this->readable_name = NULL;
}

__attribute__((used)) CXX_METHOD_FUNCTION void *type_info_destroy_and_delete(struct cxx_type *this,
                                                                             unsigned flags)
{
    crt_type_info_destroy(this);
    if (flags & 1)
        crt_free(this);
    return this;
}
