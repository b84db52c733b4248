/* The process's handle table. Handles are multiples of 4, as on Windows. */
#ifndef KERNEL_HANDLE_H
#define KERNEL_HANDLE_H

#include "kernel/object.h"

/* Gives the object a handle. The handle takes a reference of its own. `access` is what the handle
 * grants; generic rights and MAXIMUM_ALLOWED are mapped by the object's type. `attributes` are
 * OBJ_INHERIT and OBJ_PROTECT_CLOSE, the latter's name being missing in the headers. */
#define OBJ_PROTECT_CLOSE 0x00000001
ACCESS_MASK handle_map_access(const struct object_type *type, ACCESS_MASK access);
EXPORTED NTSTATUS handle_create(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE *handle);
/* The same for a handle that a parent process has chosen. Only at the process's start, in ascending order. */
NTSTATUS handle_create_as(struct object *object, ACCESS_MASK access, ULONG attributes, HANDLE handle);

/* Finds a handle's object and takes a reference for the caller to release. STATUS_INVALID_HANDLE
 * where there is none, STATUS_OBJECT_TYPE_MISMATCH where it is of another type than `type` (NULL:
 * any), STATUS_ACCESS_DENIED where the handle lacks a right of `access`. The pseudo handles of the
 * current process and thread are understood. `object` points to a pointer to the object. */
EXPORTED NTSTATUS handle_reference(HANDLE handle, const struct object_type *type, ACCESS_MASK access,
                                   void *object);

/* Whether it stands for the current process or thread. */
bool handle_is_pseudo(HANDLE handle);

/* STATUS_HANDLE_NOT_CLOSABLE for a protected handle; closing a pseudo handle does nothing. */
EXPORTED NTSTATUS handle_close(HANDLE handle);

/* Within this process; `options` are DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS and
 * DUPLICATE_SAME_ATTRIBUTES (4). A NULL `handle` with DUPLICATE_CLOSE_SOURCE just closes. */
EXPORTED NTSTATUS handle_duplicate(HANDLE source, ACCESS_MASK access, ULONG attributes, ULONG options,
                                   HANDLE *handle);

EXPORTED NTSTATUS handle_query(HANDLE handle, ACCESS_MASK *access, ULONG *attributes);
/* Replaces the attributes in `mask`. */
EXPORTED NTSTATUS handle_set_attributes(HANDLE handle, ULONG mask, ULONG attributes);
EXPORTED ULONG handle_count(void);

/* Calls `visit` for every open handle until it returns false; for inheritance by a new process. */
EXPORTED void handle_for_each(bool (*visit)(HANDLE handle, struct object *object, ACCESS_MASK access,
                                            ULONG attributes, void *context),
                              void *context);

/* The object that GetCurrentProcess() names; process start sets it. */
EXPORTED extern struct object *handle_current_process;

#endif
