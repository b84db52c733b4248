#include "dlls/msvcrt/undname.h"
#include "dlls/msvcrt/heap.h"

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
    struct block *blocks;
    const char *names[REMEMBERED]; /* a digit stands for one that was there before */
    unsigned name_count;
    struct type arguments[REMEMBERED];
    unsigned argument_count;
};

static struct type read_type(struct demangler *d);

/* -- text ---------------------------------------------------------------------------------------------- */

static char *allocate(struct demangler *d, size_t size)
{
    struct block *block = crt_malloc(sizeof *block + size);
    if (!block) {
        d->failed = true;
        return NULL;
    }
    block->next = d->blocks;
    d->blocks = block;
    return block->text;
}

#define PARTS_MAX 6

static const char *join_parts(struct demangler *d, const char *const parts[PARTS_MAX])
{
    size_t size = 1;
    for (int i = 0; i < PARTS_MAX && parts[i]; i++)
        size += strlen(parts[i]);
    char *text = allocate(d, size), *end = text;
    if (!text)
        return "";
    for (int i = 0; i < PARTS_MAX && parts[i]; i++) {
        size_t length = strlen(parts[i]);
        memcpy(end, parts[i], length);
        end += length;
    }
    *end = 0;
    return text;
}

#define join(d, ...) join_parts(d, (const char *const[PARTS_MAX]){__VA_ARGS__})

static const char *fail(struct demangler *d)
{
    d->failed = true;
    return "";
}

static bool skip(struct demangler *d, char c)
{
    if (*d->at != c)
        return false;
    d->at++;
    return true;
}

static bool skip_text(struct demangler *d, const char *text)
{
    size_t length = strlen(text);
    if (strncmp(d->at, text, length))
        return false;
    d->at += length;
    return true;
}

/* -- numbers ------------------------------------------------------------------------------------------- */

/* A digit is one less than the number; others are written with the letters A to P and end with @. */
static const char *read_number(struct demangler *d)
{
    char digits[24];
    const char *sign = skip(d, '?') ? "-" : "";
    uint64_t number = 0;
    if (*d->at >= '0' && *d->at <= '9') {
        number = *d->at++ - '0' + 1;
    } else {
        while (*d->at >= 'A' && *d->at <= 'P')
            number = number << 4 | (unsigned)(*d->at++ - 'A');
        if (!skip(d, '@'))
            return fail(d);
    }
    char *digit = digits + sizeof digits - 1;
    *digit = 0;
    do
        *--digit = (char)('0' + number % 10);
    while (number /= 10);
    return join(d, sign, digit);
}

/* -- names --------------------------------------------------------------------------------------------- */

static const char *remember(struct demangler *d, const char *name)
{
    for (unsigned i = 0; i < d->name_count; i++) {
        if (!strcmp(d->names[i], name))
            return name;
    }
    if (d->name_count < REMEMBERED)
        d->names[d->name_count++] = name;
    return name;
}

static const char *read_identifier(struct demangler *d)
{
    const char *end = strchr(d->at, '@');
    if (!end || end == d->at)
        return fail(d);
    size_t length = end - d->at;
    char *name = allocate(d, length + 1);
    if (!name)
        return "";
    memcpy(name, d->at, length);
    name[length] = 0;
    d->at = end + 1;
    return name;
}

static const char *text_of(struct demangler *d, struct type type)
{
    if (*type.behind == '[')
        return join(d, type.before, " ", type.behind);
    return *type.behind ? join(d, type.before, type.behind) : type.before;
}

static const char *read_template_argument(struct demangler *d)
{
    if (skip_text(d, "$0"))
        return read_number(d);
    return text_of(d, read_type(d));
}

/* The names and types within a template are numbered anew. */
static const char *read_template(struct demangler *d)
{
    struct demangler outer = *d;
    d->name_count = d->argument_count = 0;
    const char *text = join(d, remember(d, read_identifier(d)), "<"), *separator = "";
    while (!d->failed && !skip(d, '@')) {
        text = join(d, text, separator, read_template_argument(d));
        separator = ",";
    }
    memcpy(d->names, outer.names, sizeof d->names);
    memcpy(d->arguments, outer.arguments, sizeof d->arguments);
    d->name_count = outer.name_count;
    d->argument_count = outer.argument_count;
    size_t length = strlen(text);
    return join(d, text, length && text[length - 1] == '>' ? " >" : ">");
}

static const char *read_remembered_name(struct demangler *d)
{
    unsigned index = (unsigned)(*d->at++ - '0');
    return index < d->name_count ? d->names[index] : fail(d);
}

static const char *read_name(struct demangler *d)
{
    if (*d->at >= '0' && *d->at <= '9')
        return read_remembered_name(d);
    if (skip_text(d, "?$"))
        return remember(d, read_template(d));
    if (skip_text(d, "?A")) {
        remember(d, join(d, "?A", read_identifier(d)));
        return "`anonymous namespace'";
    }
    if (skip(d, '?'))
        return join(d, "`", read_number(d), "'");
    return remember(d, read_identifier(d));
}

/* The innermost name comes first. */
static const char *read_qualified_name(struct demangler *d)
{
    const char *text = read_name(d);
    while (!d->failed && !skip(d, '@'))
        text = join(d, read_name(d), "::", text);
    return text;
}

/* -- types --------------------------------------------------------------------------------------------- */

static const char *basic_type(char code)
{
    static const char *const names[] = {
        ['C' - 'C'] = "signed char",  ['D' - 'C'] = "char",           ['E' - 'C'] = "unsigned char",
        ['F' - 'C'] = "short",        ['G' - 'C'] = "unsigned short", ['H' - 'C'] = "int",
        ['I' - 'C'] = "unsigned int", ['J' - 'C'] = "long",           ['K' - 'C'] = "unsigned long",
        ['M' - 'C'] = "float",        ['N' - 'C'] = "double",         ['O' - 'C'] = "long double",
        ['X' - 'C'] = "void",
    };
    return code >= 'C' && code <= 'X' ? names[code - 'C'] : NULL;
}

static const char *extended_type(char code)
{
    static const char *const names[] = {
        ['D' - 'D'] = "__int8",   ['E' - 'D'] = "unsigned __int8",
        ['F' - 'D'] = "__int16",  ['G' - 'D'] = "unsigned __int16",
        ['H' - 'D'] = "__int32",  ['I' - 'D'] = "unsigned __int32",
        ['J' - 'D'] = "__int64",  ['K' - 'D'] = "unsigned __int64",
        ['L' - 'D'] = "__int128", ['M' - 'D'] = "unsigned __int128",
        ['N' - 'D'] = "bool",     ['S' - 'D'] = "char16_t",
        ['U' - 'D'] = "char32_t", ['W' - 'D'] = "wchar_t",
    };
    return code >= 'D' && code <= 'W' ? names[code - 'D'] : NULL;
}

static struct type plain(const char *text)
{
    return (struct type){text, ""};
}

static const char *read_qualifiers(struct demangler *d)
{
    switch (*d->at) {
    case 'A':
        d->at++;
        return "";
    case 'B':
        d->at++;
        return " const";
    case 'C':
        d->at++;
        return " volatile";
    case 'D':
        d->at++;
        return " const volatile";
    default:
        return fail(d);
    }
}

static const char *read_convention(struct demangler *d)
{
    switch (*d->at ? *d->at++ : 0) {
    case 'A':
    case 'B':
        return "__cdecl";
    case 'C':
    case 'D':
        return "__pascal";
    case 'E':
    case 'F':
        return "__thiscall";
    case 'G':
    case 'H':
        return "__stdcall";
    case 'I':
    case 'J':
        return "__fastcall";
    case 'Q':
        return "__vectorcall";
    default:
        return fail(d);
    }
}

/* An argument of more than one letter is remembered. */
static struct type read_argument(struct demangler *d)
{
    if (*d->at >= '0' && *d->at <= '9') {
        unsigned index = (unsigned)(*d->at++ - '0');
        if (index < d->argument_count)
            return d->arguments[index];
        return plain(fail(d));
    }
    const char *start = d->at;
    struct type type = read_type(d);
    if (d->at - start > 1 && d->argument_count < REMEMBERED)
        d->arguments[d->argument_count++] = type;
    return type;
}

static const char *read_arguments(struct demangler *d)
{
    const char *text = "", *separator = "";
    if (skip(d, 'X'))
        return "void";
    while (!d->failed && !skip(d, '@')) {
        if (skip(d, 'Z'))
            return join(d, text, separator, "...");
        text = join(d, text, separator, text_of(d, read_argument(d)));
        separator = ",";
    }
    return text;
}

/* What follows a function's mark: its convention, result and arguments, and that it may throw. `declared` is
 * what stands in its place: "*" for a pointer. */
static struct type read_function(struct demangler *d, const char *declared)
{
    const char *convention = read_convention(d);
    struct type result = skip(d, '@') ? plain("") : read_type(d);
    const char *arguments = read_arguments(d);
    skip(d, 'Z');
    if (*declared)
        return (struct type){join(d, result.before, " (", convention, declared),
                             join(d, ")(", arguments, ")", result.behind)};
    return (struct type){join(d, result.before, " ", convention),
                         join(d, "(", arguments, ")", result.behind)};
}

static struct type pointer_to(struct demangler *d, struct type target, const char *declared)
{
    if (*target.behind == '[')
        return (struct type){join(d, target.before, " (", declared + 1), join(d, ")", target.behind)};
    return (struct type){join(d, target.before, declared), target.behind};
}

/* `mark` is "*" or "&"; the pointer itself may have qualifiers, and a size that x86-64 always mentions. */
static struct type read_pointer(struct demangler *d, const char *mark, const char *qualifiers)
{
    const char *size = skip(d, 'E') ? " __ptr64" : "";
    if (skip(d, 'I'))
        size = join(d, size, " __restrict");
    if (skip(d, '6'))
        return read_function(d, join(d, mark, size, qualifiers));
    if (skip(d, '8')) {
        const char *class = read_qualified_name(d);
        skip(d, 'E');
        read_qualifiers(d);
        return read_function(d, join(d, " ", class, "::", mark, size, qualifiers));
    }
    if (*d->at >= 'Q' && *d->at <= 'T') {
        static const char *const member[] = {"", " const", " volatile", " const volatile"};
        const char *of_target = member[*d->at++ - 'Q'], *class = read_qualified_name(d);
        struct type target = read_type(d);
        return pointer_to(d, (struct type){join(d, target.before, of_target), target.behind},
                          join(d, " ", class, "::", mark, size, qualifiers));
    }
    const char *of_target = read_qualifiers(d);
    struct type target = read_type(d);
    return pointer_to(d, (struct type){join(d, target.before, of_target), target.behind},
                      join(d, " ", mark, size, qualifiers));
}

static struct type read_array(struct demangler *d)
{
    const char *dimensions = "";
    int count = (int)(*d->at ? *d->at++ - '0' + 1 : 0);
    if (count < 1 || count > 10)
        return plain(fail(d));
    while (!d->failed && count--)
        dimensions = join(d, dimensions, "[", read_number(d), "]");
    struct type element = read_type(d);
    return (struct type){element.before, join(d, dimensions, element.behind)};
}

static struct type read_special(struct demangler *d)
{
    if (skip(d, 'Q'))
        return read_pointer(d, "&&", "");
    if (skip(d, 'R'))
        return read_pointer(d, "&&", " volatile");
    if (skip(d, 'T'))
        return plain("std::nullptr_t");
    if (skip_text(d, "A6"))
        return read_function(d, "");
    if (skip(d, 'B'))
        return read_type(d);
    if (skip(d, 'C')) {
        const char *qualifiers = read_qualifiers(d);
        struct type type = read_type(d);
        return (struct type){join(d, type.before, qualifiers), type.behind};
    }
    return plain(fail(d));
}

static struct type read_qualified(struct demangler *d)
{
    const char *qualifiers = read_qualifiers(d);
    struct type type = read_type(d);
    return (struct type){join(d, type.before, qualifiers), type.behind};
}

static struct type read_compound(struct demangler *d, char code)
{
    switch (code) {
    case 'A':
        return read_pointer(d, "&", "");
    case 'B':
        return read_pointer(d, "&", " volatile");
    case 'P':
        return read_pointer(d, "*", "");
    case 'Q':
        return read_pointer(d, "*", " const");
    case 'R':
        return read_pointer(d, "*", " volatile");
    case 'S':
        return read_pointer(d, "*", " const volatile");
    case 'T':
        return plain(join(d, "union ", read_qualified_name(d)));
    case 'U':
        return plain(join(d, "struct ", read_qualified_name(d)));
    case 'V':
        return plain(join(d, "class ", read_qualified_name(d)));
    case 'W':
        if (*d->at >= '0' && *d->at <= '7')
            d->at++;
        return plain(join(d, "enum ", read_qualified_name(d)));
    case 'Y':
        return read_array(d);
    case '?':
        return read_qualified(d);
    case '$':
        return skip(d, '$') ? read_special(d) : plain(fail(d));
    default:
        return plain(fail(d));
    }
}

static struct type read_type(struct demangler *d)
{
    if (d->failed || !*d->at || d->depth >= MAX_DEPTH)
        return plain(fail(d));
    char code = *d->at++;
    const char *name = code == '_' ? extended_type(*d->at ? *d->at++ : 0) : basic_type(code);
    if (name)
        return plain(name);
    d->depth++;
    struct type type = read_compound(d, code);
    d->depth--;
    return type;
}

/* -- what others call ---------------------------------------------------------------------------------- */

static void free_blocks(struct demangler *d)
{
    while (d->blocks) {
        struct block *next = d->blocks->next;
        crt_free(d->blocks);
        d->blocks = next;
    }
}

/* A class that is described stands behind a question mark and the qualifiers of its object. */
char *undname_type(const char *mangled)
{
    struct demangler d = {.at = mangled};
    char *result = NULL;
    const char *text = text_of(&d, read_type(&d));
    size_t size = strlen(text) + 1;
    if (!d.failed && !*d.at)
        result = crt_malloc(size);
    if (result)
        memcpy(result, text, size);
    free_blocks(&d);
    return result;
}
