/* The model of a .spec file: what its lines say, and what a module of one architecture exports. */
#ifndef GENTHUNKS_SPEC_H
#define GENTHUNKS_SPEC_H

#include "arena.h"
#include "diagnostics.h"
#include "types.h"

#include <litewin/binding.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_ARGUMENTS 31
#define MAX_ORDINAL   65534

enum arch { ARCH_X86_64, ARCH_I386 };

enum cpu_bit {
    CPU_I386 = 1,
    CPU_X86_64 = 2,
    CPU_ARM = 4,
    CPU_ARM64 = 8,
    CPU_OTHER = 16,
    CPU_ALL = 31,
};

enum entry_kind {
    ENTRY_STDCALL,
    ENTRY_CDECL,
    ENTRY_VARARGS,
    ENTRY_PASCAL,
    ENTRY_STUB,
    ENTRY_EXTERN,
    ENTRY_VARIABLE,
    ENTRY_EQUATE,
};

enum entry_flag {
    FLAG_NONAME = 1 << 0,
    FLAG_ORDINAL = 1 << 1,
    FLAG_PRIVATE = 1 << 2,
    FLAG_DIRECT = 1 << 3,
    FLAG_THISCALL = 1 << 4,
    FLAG_FASTCALL = 1 << 5,
    FLAG_STUB = 1 << 6,    /* ReactOS's way to declare a stub together with its arguments */
    FLAG_NORELAY = 1 << 7, /* the caller's frame is part of what the function works on */
    FLAG_LEAF = 1 << 8,    /* the stub has its usual work; with FLAG_DIRECT, for the rest */
    FLAG_IGNORED = 1 << 9, /* winebuild's flags that mean nothing to litewin */
};

struct argument {
    const struct spec_type *type;
    const char *name; /* "" if the line gives none */
    struct position at;
};

/* One line. Strings that the line does not give are "". */
struct entry {
    struct position at;
    enum entry_kind kind;
    unsigned flags;     /* of enum entry_flag */
    unsigned cpus;      /* of enum cpu_bit */
    unsigned ordinal;   /* 0 for "@" */
    const char *name;   /* in the .spec; see entry_export_name */
    const char *target; /* C symbol */
    struct position target_at;
    const char *forward; /* DLL.symbol */
    const char *category;
    const struct spec_type *result; /* NULL if the line gives none */
    struct position result_at;
    struct argument arguments[MAX_ARGUMENTS];
    unsigned argument_count;
    unsigned size; /* of an extern's data, 0 if the line gives none */
};

/* `apiset NAME = HOST ...`, kept for --list. */
struct apiset {
    const char *name;
    const char *hosts; /* with blanks between */
};

struct spec {
    struct arena *arena;
    const char *file;
    uint64_t hash;
    struct entry **entries;
    size_t entry_count;
    struct apiset *apisets;
    size_t apiset_count;
};

struct export
{
    const struct entry *entry;
    uint32_t index; /* in the order of ordinals, without holes */
    uint16_t ordinal;
};

/* A spec's exports on one architecture. */
struct module {
    const struct spec *spec;
    enum arch arch;
    const char *name;       /* "kernel32.dll" */
    const char *backing;    /* "kernel32.so" */
    struct export *exports; /* by ordinal */
    uint32_t export_count;
    struct export **by_name; /* those with a name, in strcmp's order */
    uint32_t name_count;
    unsigned ordinal_base, ordinal_end; /* the end is one past the last */
};

/* Selects what `arch` sees and numbers it as winebuild does. False after errors. */
bool module_resolve(struct module *module, const struct spec *spec, enum arch arch, const char *dll_name,
                    struct diagnostics *diagnostics);

/* The further demands of a module that is to be built and not only parsed. False after errors. */
bool module_check_buildable(const struct module *module, struct diagnostics *diagnostics);

/* The file name of the DLL that a .spec file describes, and of its ELF side. */
const char *dll_name_of_spec(struct arena *arena, const char *spec_path);
const char *backing_name_of_dll(struct arena *arena, const char *dll_name);

/* Where the DLL prefers to be mapped; each name has a place of its own if no hash collides. */
uint64_t preferred_base(enum arch arch, const char *dll_name);

/* The name that programs see, "" for an export by ordinal only. */
const char *entry_export_name(const struct entry *entry);
enum litewin_export_kind entry_export_kind(const struct entry *entry, enum arch arch);
unsigned entry_export_flags(const struct entry *entry); /* of enum litewin_export_flag */

/* Bytes of all arguments on an i386 stack: the N of a decorated `name@N`. */
unsigned entry_i386_bytes(const struct entry *entry);

/* True if calls of the export go through a thunk (or jump) to a function of the backing. */
bool entry_is_function(const struct entry *entry);
bool entry_is_extern(const struct entry *entry);
bool entry_is_direct(const struct entry *entry);
unsigned entry_extern_size(const struct entry *entry, enum arch arch);

#endif
