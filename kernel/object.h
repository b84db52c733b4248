/* Executive objects: what a handle names. Every object begins with a `struct object`. */
#ifndef KERNEL_OBJECT_H
#define KERNEL_OBJECT_H

#include "kernel/solo.h"
#include <litewin/windows.h>

struct object;
struct object_name;
struct shared_file;

struct object_type {
    const char *name; /* "Event", as Windows names the type */
    /* Frees what the object holds and the object itself; its last reference is gone. */
    void (*destroy)(struct object *object);
    /* Called each time a handle to the object is made, and closed while the object still lives. May be NULL.
     */
    void (*handle_opened)(struct object *object);
    void (*handle_closed)(struct object *object);
    /* For waits: such an object is a `struct waitable`. NULL where it cannot be waited for. */
    const struct wait_operations *wait;
    /* What GENERIC_READ, WRITE, EXECUTE and ALL mean for this type. */
    GENERIC_MAPPING access;
    /* Of a type whose objects several processes can use (kernel/shared_file.h), or 0. */
    uint32_t shared_kind;
    /* Puts the object's state into the file, of that kind and all 0, which the object closes in the end.
     * Called once, while others may be using the object. */
    NTSTATUS (*share)(struct object *object, struct shared_file *file);
    /* Makes an object of this process over a file that has one's state, which is not to be trusted.
     * STATUS_OBJECT_NAME_NOT_FOUND where none of those who have the object lives any more. */
    NTSTATUS (*adopt)(struct shared_file *file, struct object **object);
};

struct object {
    const struct object_type *type;
    struct object_name *name; /* atomic: kernel/named.h; NULL for most */
    /* Atomic. A handle counts for more than one (kernel/handle.c), hence its width. */
    uint64_t references __attribute__((aligned(8)));
};

/* A new object has one reference, its creator's. */
static inline void object_initialize(struct object *object, const struct object_type *type)
{
    object->type = type;
    object->name = NULL;
    object->references = 1;
}

static inline void *object_retain(void *object)
{
    solo_add_64(&((struct object *)object)->references, 1);
    return object;
}

/* False for an object whose last reference is gone already: for lists that hold none. */
static inline bool object_retain_living(void *object)
{
    uint64_t *references = &((struct object *)object)->references;
    uint64_t count = __atomic_load_n(references, __ATOMIC_RELAXED);
    while (count)
        if (__atomic_compare_exchange_n(references, &count, count + 1, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

/* Takes the object's name from it, if it has one, and destroys it. */
EXPORTED void object_destroy(struct object *object);

static inline void object_release(void *pointer)
{
    struct object *object = pointer;
    if (solo_add_64(&object->references, -(uint64_t)1) == 0)
        object_destroy(object);
}

#endif
