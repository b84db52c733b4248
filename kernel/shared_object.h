/* Objects that go from one process to another: their files, and the descriptors that lead there. */
#ifndef KERNEL_SHARED_OBJECT_H
#define KERNEL_SHARED_OBJECT_H

#include "kernel/object.h"

struct handed_object {
    uint32_t kind; /* enum shared_kind */
    int descriptor;
    int contents; /* -1: the kind has none */
};

/* What another process needs to have the same object, whatever becomes of it here. The descriptors are new,
 * and the caller's to close. STATUS_NOT_SUPPORTED for a type that cannot be shared. */
NTSTATUS shared_object_give(struct object *object, struct handed_object *handed);
/* A process has the descriptors now, with these numbers, and can be relied on for the object. */
void shared_object_given(const struct handed_object *handed, DWORD process);
void handed_object_close(const struct handed_object *handed);
/* The object, retained. The descriptors stay the caller's. */
NTSTATUS shared_object_take(const struct handed_object *handed, struct object **object);

#endif
