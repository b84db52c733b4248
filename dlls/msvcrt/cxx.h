/* C++ exceptions of Microsoft's ABI: what a compiler lays out for a throw, as its runtime reads it.
 *
 * Where x86-64 has offsets from an image, i386 has addresses: both have 4 bytes, so that one structure
 * serves, with a base that is 0 on i386. */
#ifndef MSVCRT_CXX_H
#define MSVCRT_CXX_H

#include <litewin/windows.h>

#define CXX_EXCEPTION  0xe06d7363u /* "msc" */
#define CXX_MAGIC      0x19930520u
#define CXX_MAGIC_ES   0x19930521u /* the function's table has an exception specification */
#define CXX_MAGIC_EHS  0x19930522u /* and flags */
#define CXX_MAGIC_PURE 0x01994000u

/* What RaiseException is told of a throw. */
enum { CXX_PARAMETER_MAGIC, CXX_PARAMETER_OBJECT, CXX_PARAMETER_INFO, CXX_PARAMETER_BASE };
#ifdef __x86_64__
#define CXX_PARAMETERS 4
#else
#define CXX_PARAMETERS 3
#endif

/* Describes a class; its name is mangled. */
struct cxx_type {
    const void *vtable;  /* type_info's */
    char *readable_name; /* made when somebody asks for it */
    char name[];
};

/* Where a base class is in an object: at `member`, and if `table` is not -1, further in a virtual base, whose
 * offset stands at `entry` in the table of virtual bases that the object points to at `table`. */
struct cxx_displacement {
    int32_t member, table, entry;
};

enum cxx_catchable_flags {
    CXX_CATCHABLE_SIMPLE = 1, /* copied like bytes; adjusted if it is a pointer */
    CXX_CATCHABLE_BY_REFERENCE_ONLY = 2,
    CXX_CATCHABLE_HAS_VIRTUAL_BASE = 4, /* its copy constructor has one argument more */
    CXX_CATCHABLE_BAD_ALLOC = 0x10,
};

/* One of the types that a thrown object can be caught as. */
struct cxx_catchable {
    uint32_t flags;
    uint32_t type;
    struct cxx_displacement displacement;
    uint32_t size;
    uint32_t copy_constructor;
};

struct cxx_catchables {
    uint32_t count;
    uint32_t catchable[];
};

/* A thrown pointer's target may be const; a handler's type, too. */
enum cxx_qualifiers {
    CXX_CONST = 1,
    CXX_VOLATILE = 2,
    CXX_UNALIGNED = 4,
    CXX_REFERENCE = 8,
    CXX_STANDARD_CATCH_ALL = 0x40, /* catch (...) that is meant for C++ exceptions alone */
    CXX_BAD_ALLOC = 0x80,
};

struct cxx_throw_info {
    uint32_t qualifiers;
    uint32_t destructor;
    uint32_t forward_compatibility;
    uint32_t catchables;
};

/* The runtime's own tables are between its code and its data: their offsets may be negative. */
static inline void *cxx_reference(uintptr_t base, uint32_t offset)
{
    return (void *)(base + (intptr_t)(int32_t)offset);
}

/* A reference that may be none. */
static inline void *cxx_at(uintptr_t base, uint32_t offset)
{
    return offset ? cxx_reference(base, offset) : NULL;
}

static inline bool cxx_is_exception(const EXCEPTION_RECORD *record)
{
    return record->ExceptionCode == CXX_EXCEPTION && record->NumberParameters == CXX_PARAMETERS &&
           ((record->ExceptionInformation[CXX_PARAMETER_MAGIC] >= CXX_MAGIC &&
             record->ExceptionInformation[CXX_PARAMETER_MAGIC] <= CXX_MAGIC_EHS) ||
            record->ExceptionInformation[CXX_PARAMETER_MAGIC] == CXX_MAGIC_PURE);
}

static inline char *cxx_object(const EXCEPTION_RECORD *record)
{
    return (char *)record->ExceptionInformation[CXX_PARAMETER_OBJECT];
}

static inline const struct cxx_throw_info *cxx_info(const EXCEPTION_RECORD *record)
{
    return (const struct cxx_throw_info *)record->ExceptionInformation[CXX_PARAMETER_INFO];
}

static inline uintptr_t cxx_base(const EXCEPTION_RECORD *record)
{
#ifdef __x86_64__
    return record->ExceptionInformation[CXX_PARAMETER_BASE];
#else
    return 0;
#endif
}

/* `throw;` says nothing of an object: it means the one that is caught at the time. */
static inline bool cxx_is_rethrow(const EXCEPTION_RECORD *record)
{
    return cxx_is_exception(record) && !cxx_info(record);
}

/* Both architectures' member functions take their object first; on i386 in ECX. */
#ifdef __x86_64__
#define CXX_METHOD GUEST_CDECL
#else
#define CXX_METHOD __attribute__((thiscall))
#endif

/* Throws an object whose description is relative to `base`. */
_Noreturn void cxx_throw(void *object, const struct cxx_throw_info *info, uintptr_t base);

/* Ends an exception's object. What its destructor throws ends the program. */
void cxx_destroy_object(const EXCEPTION_RECORD *record);

/* Where the base class with that displacement is in the object. */
char *cxx_adjust(char *object, const struct cxx_displacement *displacement);

_Noreturn void crt_terminate(void);
bool crt_has_terminate_handler(void);
_Noreturn void crt_unexpected(void);

#endif
