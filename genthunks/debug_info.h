/* What an ELF file's DWARF says of its functions and data. */
#ifndef GENTHUNKS_DEBUG_INFO_H
#define GENTHUNKS_DEBUG_INFO_H

#include "spec.h"

struct debug_info;

enum c_class {
    C_CLASS_VOID,
    C_CLASS_INTEGER,
    C_CLASS_POINTER,
    C_CLASS_FLOATING,
    C_CLASS_STRUCTURE,
    C_CLASS_OTHER
};

struct c_type {
    enum c_class class;
    bool has_floating_member; /* of a structure, at any depth */
    uint64_t size;
};

struct c_function {
    bool typed; /* false for assembly, which has no DWARF; nothing below is known then */
    bool variadic;
    unsigned parameter_count;
    struct c_type parameters[MAX_ARGUMENTS + 2]; /* the first ones */
    struct c_type result;
    const char *file;
    int line;
};

struct c_datum {
    struct c_type type;
    uint64_t pointee_size; /* 0 if it is no pointer, or to something of no known size */
    const char *file;
    int line;
};

/* NULL after an error that was reported. */
struct debug_info *debug_info_open(const char *path, enum arch arch, struct diagnostics *diagnostics);
void debug_info_close(struct debug_info *info);

/* Both find what other files of the same module can refer to; static ones they do not see. */
bool debug_info_function(const struct debug_info *info, const char *name, struct c_function *function);
bool debug_info_datum(const struct debug_info *info, const char *name, struct c_datum *datum);

#endif
