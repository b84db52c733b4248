/* Names of objects: `Local\` and `Global\` prefixes, ERROR_ALREADY_EXISTS. A name is looked for in this
 * process first. Where the type can be shared (kernel/object.h), other processes of the user have the same
 * names. */
#ifndef KERNEL_NAMED_H
#define KERNEL_NAMED_H

#include "kernel/object.h"

/* What creation and opening of every nameable object have in common. The name is counted, not
 * terminated; a length of 0 means that there is none. */
struct object_request {
    const WCHAR *name;
    size_t length;
    bool global; /* in the directory that `Global\` leads to */
    ACCESS_MASK access;
    ULONG attributes; /* OBJ_INHERIT, OBJ_CASE_INSENSITIVE */
};

/* Makes a handle for a new object that has its creator's reference, which is taken over. If an object of
 * that name and type exists, the handle is for that one: STATUS_OBJECT_NAME_EXISTS, a success; of another
 * type: STATUS_OBJECT_TYPE_MISMATCH. The statuses of names that Windows refuses are its
 * own. */
EXPORTED NTSTATUS named_create(const struct object_request *request, struct object *object, HANDLE *handle);
EXPORTED NTSTATUS named_open(const struct object_request *request, const struct object_type *type,
                             HANDLE *handle);

struct shared_file;
/* Puts an object where other processes can use it, if it is not there yet: in the file of its name, or one
 * without a name. The file is the object's. STATUS_NOT_SUPPORTED for a type that cannot be shared. */
NTSTATUS named_share(struct object *object, struct shared_file *file);
/* The object of this process, retained, that lies in a file of another one's. The file is taken over. */
NTSTATUS named_adopt(const struct object_type *type, struct shared_file *file, struct object **object);
/* The process ends: its names are not left behind, unless another thread is just busy with them. */
void named_leave(void);

/* How long the object's name is with the directories that lead to it, 0 for one without a name; as much of it
 * as there is room for is written, terminated. */
EXPORTED size_t named_path(const struct object *object, WCHAR *path, size_t capacity);

#endif
