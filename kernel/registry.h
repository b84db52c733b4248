/* The registry as handles see it. Keys are objects of the type "Key"; their names begin with
 * \Registry\Machine or \Registry\User. The files behind it are kernel/registry_store.h's. */
#ifndef KERNEL_REGISTRY_H
#define KERNEL_REGISTRY_H

#include "kernel/object.h"
#include "kernel/registry_tree.h"

EXPORTED extern const struct object_type key_type;

/* \Registry\User and this is what HKEY_CURRENT_USER leads to. */
EXPORTED extern const WCHAR registry_user_sid[];

/* Which key, and what is to be done to it. */
struct registry_request {
    HANDLE root;       /* NULL: the path begins with \Registry */
    const WCHAR *path; /* counted, may be empty if there is a root */
    size_t length;
    ACCESS_MASK access; /* with KEY_WOW64_64KEY or KEY_WOW64_32KEY */
    ULONG attributes;   /* OBJ_INHERIT */
};

EXPORTED NTSTATUS registry_open(const struct registry_request *request, HANDLE *handle);
/* HKEY_CLASSES_ROOT: the user's classes before those of the machine. */
EXPORTED NTSTATUS registry_open_classes(ACCESS_MASK access, HANDLE *handle);

struct registry_creation {
    ULONG options; /* REG_OPTION_VOLATILE */
    const WCHAR *class;
    size_t class_length;
    bool with_parents; /* makes the keys that lead there, too */
};
/* `*disposition` is REG_CREATED_NEW_KEY or REG_OPENED_EXISTING_KEY. */
EXPORTED NTSTATUS registry_create(const struct registry_request *request,
                                  const struct registry_creation *creation, HANDLE *handle,
                                  ULONG *disposition);

/* STATUS_CANNOT_DELETE where it has keys below it, unless those are to go with it. */
EXPORTED NTSTATUS registry_delete(HANDLE handle, bool with_children);
EXPORTED NTSTATUS registry_rename(HANDLE handle, const WCHAR *name, size_t length);
EXPORTED NTSTATUS registry_flush(HANDLE handle);

EXPORTED NTSTATUS registry_set_value(HANDLE handle, const WCHAR *name, size_t length, ULONG type,
                                     const void *data, size_t size);
EXPORTED NTSTATUS registry_delete_value(HANDLE handle, const WCHAR *name, size_t length);
/* The caller releases the value. STATUS_OBJECT_NAME_NOT_FOUND, STATUS_NO_MORE_ENTRIES. */
EXPORTED NTSTATUS registry_get_value(HANDLE handle, const WCHAR *name, size_t length,
                                     struct registry_value **value);
EXPORTED NTSTATUS registry_get_value_at(HANDLE handle, ULONG index, struct registry_value **value);

/* Lengths are in units, sizes in bytes. */
struct registry_information {
    LONGLONG written;
    ULONG subkeys, longest_subkey, longest_class;
    ULONG values, longest_value_name, largest_data;
    bool is_volatile;
    ULONG name_length, class_length;
    WCHAR name[REGISTRY_KEY_NAME_UNITS], class[REGISTRY_KEY_NAME_UNITS];
};
EXPORTED NTSTATUS registry_query(HANDLE handle, struct registry_information *information);
/* Of the key below that has this number. */
EXPORTED NTSTATUS registry_query_subkey(HANDLE handle, ULONG index, struct registry_information *information);
/* How long the key's whole name is, and as much of it as there is room for. */
EXPORTED NTSTATUS registry_query_path(HANDLE handle, WCHAR *path, size_t capacity, size_t *length);

/* The flags for debugging that the registry sets for a program's file name. */
ULONG registry_global_flag(const char *program);

#endif
