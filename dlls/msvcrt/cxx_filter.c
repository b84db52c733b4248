/* C++ exceptions in functions that are not C++: what __except filters and handlers ask of the runtime. */
#include "dlls/msvcrt/cxx_frame.h"
#include "dlls/msvcrt/cxx_match.h"

/* The exception itself, where a filter sees `throw;`. */
static EXCEPTION_RECORD *exception_of(const EXCEPTION_POINTERS *pointers)
{
    const struct cxx_catch *current;
    if (!cxx_is_rethrow(pointers->ExceptionRecord))
        return pointers->ExceptionRecord;
    current = cxx_current_catch();
    return current ? current->record : NULL;
}

/* A filter for catch of that type, or of everything, with the object copied to a buffer. */
int crt_cxx_exception_filter(EXCEPTION_POINTERS *pointers, const struct cxx_type *type, int qualifiers,
                             void *buffer)
{
    struct cxx_handler handler = {.qualifiers = (uint32_t)qualifiers, .type = type};
    const struct cxx_catchable *catchable;
    const EXCEPTION_RECORD *record = pointers ? exception_of(pointers) : NULL;
    if (!record || !cxx_is_exception(record) || !cxx_matches(&handler, record, &catchable))
        return EXCEPTION_CONTINUE_SEARCH;
    if (catchable && buffer)
        cxx_build_object(&handler, record, catchable, buffer);
    return EXCEPTION_EXECUTE_HANDLER;
}

int crt_cxx_detect_rethrow(const EXCEPTION_POINTERS *pointers)
{
    return pointers && cxx_is_rethrow(pointers->ExceptionRecord);
}

/* A handler that is not called by us keeps this while it runs. */
struct registered_exception {
    struct cxx_active active;
    struct cxx_catch caught;
    EXCEPTION_RECORD record;
};

int crt_cxx_query_exception_size(void)
{
    return sizeof(struct registered_exception);
}

int crt_cxx_register_exception_object(EXCEPTION_POINTERS *pointers, struct registered_exception *storage)
{
    const EXCEPTION_RECORD *record = exception_of(pointers);
    storage->record = record ? *record : *pointers->ExceptionRecord;
    storage->caught = (struct cxx_catch){.record = &storage->record, .context = pointers->ContextRecord};
    cxx_hold_exception(&storage->active, &storage->caught);
    return 1;
}

void crt_cxx_unregister_exception_object(struct registered_exception *storage, int is_thrown_on)
{
    cxx_let_go(&storage->active, !is_thrown_on);
}

/* True if the exception can be caught as an object of that type. */
int crt_is_exception_typeof(const struct cxx_type *type, const EXCEPTION_POINTERS *pointers)
{
    struct cxx_handler handler = {.qualifiers = CXX_CONST | CXX_VOLATILE | CXX_UNALIGNED | CXX_REFERENCE,
                                  .type = type};
    const struct cxx_catchable *catchable;
    const EXCEPTION_RECORD *record = pointers ? exception_of(pointers) : NULL;
    if (!record || !cxx_is_exception(record) || !cxx_info(record))
        crt_terminate();
    return cxx_matches(&handler, record, &catchable);
}

void *crt_adjust_pointer(char *object, const struct cxx_displacement *displacement)
{
    return cxx_adjust(object, displacement);
}

/* The filter of code that leaves states of a C++ function. */
int crt_frame_unwind_filter(const EXCEPTION_POINTERS *pointers)
{
    if (cxx_is_exception(pointers->ExceptionRecord))
        crt_terminate();
    return EXCEPTION_CONTINUE_SEARCH;
}
