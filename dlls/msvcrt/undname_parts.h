/* Reading mangled names: what undname.c and undname_symbol.c share. */
#ifndef MSVCRT_UNDNAME_PARTS_H
#define MSVCRT_UNDNAME_PARTS_H

#include <litewin/windows.h>

#define REMEMBERED 10
#define MAX_DEPTH  100

struct block {
    struct block *next;
    char text[];
};

/* A type stands around the name that is declared: "int (*" and ")[3]". */
struct type {
    const char *before, *behind;
};

struct demangler {
    const char *at;
    bool failed;
    unsigned depth;
    unsigned flags; /* enum undname_flags */
    struct block *blocks;
    const char *names[REMEMBERED]; /* a digit stands for one that was there before */
    unsigned name_count;
    struct type arguments[REMEMBERED];
    unsigned argument_count;
};

/* Text */

#define PARTS_MAX 8

/* The parts as one text, which lives as long as the demangler. */
const char *join_parts(struct demangler *d, const char *const parts[PARTS_MAX]);

#define join(d, ...) join_parts(d, (const char *const[PARTS_MAX]){__VA_ARGS__})

const char *fail(struct demangler *d);
bool skip(struct demangler *d, char c);
bool skip_text(struct demangler *d, const char *text);
void free_blocks(struct demangler *d);

/* The text in memory of its own. */
char *copy_text(const char *text, void *(GUEST_CDECL *allocate)(size_t size));

/* Names */

const char *read_number(struct demangler *d);
const char *read_name(struct demangler *d);
const char *read_qualified_name(struct demangler *d);

/* "<" and ">" with what stands between them. */
const char *read_template_arguments(struct demangler *d);

/* What is behind a name that the classes and namespaces around it follow; `name` with these in front. */
const char *read_scopes(struct demangler *d, const char *name);

/* A name that is mangled in a whole: undname_symbol.c. */
const char *read_symbol(struct demangler *d);

/* Types */

struct type read_type(struct demangler *d);
const char *text_of(struct demangler *d, struct type type);
const char *read_qualifiers(struct demangler *d); /* with a blank in front */

/* A function's parts from its convention on. `this` is what its object is, behind the arguments. */
struct signature {
    const char *convention;
    struct type result;
    const char *arguments;
};
struct signature read_signature(struct demangler *d);
const char *read_convention(struct demangler *d);
const char *read_this_qualifiers(struct demangler *d);

#endif
