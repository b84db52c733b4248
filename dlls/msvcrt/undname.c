#include "dlls/msvcrt/undname.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/undname_parts.h"

static struct type read_argument(struct demangler *d);

/* Text */

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

const char *join_parts(struct demangler *d, const char *const parts[PARTS_MAX])
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

const char *fail(struct demangler *d)
{
    d->failed = true;
    return "";
}

bool skip(struct demangler *d, char c)
{
    if (*d->at != c)
        return false;
    d->at++;
    return true;
}

bool skip_text(struct demangler *d, const char *text)
{
    size_t length = strlen(text);
    if (strncmp(d->at, text, length))
        return false;
    d->at += length;
    return true;
}

/* Numbers */

/* A digit is one less than the number; others are written with the letters A to P and end with @. */
const char *read_number(struct demangler *d)
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

/* Names */

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

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("_$<>-", c) ||
           c < 0;
}

static const char *read_identifier(struct demangler *d)
{
    const char *end = strchr(d->at, '@');
    if (!end || end == d->at)
        return fail(d);
    size_t length = end - d->at;
    for (size_t i = 0; i < length; i++) {
        if (!is_name_character(d->at[i]))
            return fail(d);
    }
    char *name = allocate(d, length + 1);
    if (!name)
        return "";
    memcpy(name, d->at, length);
    name[length] = 0;
    d->at = end + 1;
    return name;
}

const char *text_of(struct demangler *d, struct type type)
{
    if (*type.behind == '[')
        return join(d, type.before, " ", type.behind);
    return *type.behind ? join(d, type.before, type.behind) : type.before;
}

/* A negative number stands for one of the template's own parameters; a question mark else begins a type. */
static bool is_parameter_number(const char *text)
{
    size_t digits = *text == '?' ? strspn(text + 1, "ABCDEFGHIJKLMNOP") : 0;
    return digits && text[1 + digits] == '@';
}

static const char *read_template_argument(struct demangler *d)
{
    if (skip_text(d, "$0"))
        return read_number(d);
    if (skip_text(d, "$D"))
        return join(d, "`template-parameter", read_number(d), "'");
    if (is_parameter_number(d->at))
        return join(d, "`template-parameter", read_number(d), "'");
    if (skip_text(d, "$1?")) {
        return join(d, "&", read_symbol(d));
    }
    return text_of(d, read_argument(d));
}

/* The types within a template are numbered anew. */
const char *read_template_arguments(struct demangler *d)
{
    const char *text = "<", *separator = "";
    unsigned outer_count = d->argument_count;
    struct type outer[REMEMBERED];
    memcpy(outer, d->arguments, sizeof outer);
    d->argument_count = 0;
    while (!d->failed && *d->at && !skip(d, '@')) {
        if (skip_text(d, "$S") || skip_text(d, "$$V") || skip_text(d, "$$Z"))
            continue;
        text = join(d, text, separator, read_template_argument(d));
        separator = ",";
    }
    memcpy(d->arguments, outer, sizeof outer);
    d->argument_count = outer_count;
    size_t length = strlen(text);
    return join(d, text, length && text[length - 1] == '>' ? " >" : ">");
}

/* The names within it, too. */
static const char *read_template(struct demangler *d)
{
    const char *outer[REMEMBERED];
    unsigned outer_count = d->name_count;
    memcpy(outer, d->names, sizeof outer);
    d->name_count = 0;
    const char *name = skip(d, '?') ? fail(d) : remember(d, read_identifier(d));
    const char *text = join(d, name, read_template_arguments(d));
    memcpy(d->names, outer, sizeof outer);
    d->name_count = outer_count;
    return text;
}

static const char *read_remembered_name(struct demangler *d)
{
    unsigned index = (unsigned)(*d->at++ - '0');
    return index < d->name_count ? d->names[index] : fail(d);
}

const char *read_name(struct demangler *d)
{
    if (*d->at >= '0' && *d->at <= '9')
        return read_remembered_name(d);
    if (skip_text(d, "?$"))
        return remember(d, read_template(d));
    if (skip_text(d, "?A")) {
        remember(d, join(d, "?A", read_identifier(d)));
        return "`anonymous namespace'";
    }
    if (skip_text(d, "??"))
        return join(d, "`", read_symbol(d), "'");
    if (skip(d, '?'))
        return join(d, "`", read_number(d), "'");
    return remember(d, read_identifier(d));
}

/* The innermost name comes first. */
const char *read_scopes(struct demangler *d, const char *name)
{
    while (!d->failed && !skip(d, '@'))
        name = join(d, read_name(d), "::", name);
    return name;
}

const char *read_qualified_name(struct demangler *d)
{
    return read_scopes(d, read_name(d));
}

/* Types */

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

/* A word of Microsoft's, perhaps with a blank in front; none, or without its underscores, if the caller
 * wants. */
static const char *keyword(struct demangler *d, const char *word)
{
    if (d->flags & UNDNAME_NO_MS_KEYWORDS)
        return "";
    if (!(d->flags & UNDNAME_NO_LEADING_UNDERSCORES))
        return word;
    return *word == ' ' ? join(d, " ", word + 3) : word + 2;
}

static struct type plain(const char *text)
{
    return (struct type){text, ""};
}

const char *read_qualifiers(struct demangler *d)
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

const char *read_convention(struct demangler *d)
{
    static const char *const names[] = {"__cdecl", "__pascal",  "__thiscall", "__stdcall",   "__fastcall",
                                        NULL,      "__clrcall", "__eabi",     "__vectorcall"};
    size_t index = (unsigned)(*d->at - 'A') / 2;
    if (*d->at < 'A' || index >= (size_t)ARRAYSIZE(names) || !names[index])
        return fail(d);
    d->at++;
    return d->flags & UNDNAME_NO_ALLOCATION_LANGUAGE ? "" : keyword(d, names[index]);
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

struct signature read_signature(struct demangler *d)
{
    struct signature signature;
    signature.convention = read_convention(d);
    signature.result = skip(d, '@') ? plain("") : read_type(d);
    signature.arguments = read_arguments(d);
    skip(d, 'Z');
    return signature;
}

/* What a member function's object is: "const ", and how its pointer is. */
const char *read_this_qualifiers(struct demangler *d)
{
    bool is_64 = skip(d, 'E'), is_restricted = skip(d, 'I'), is_unaligned = skip(d, 'F');
    const char *qualifiers = read_qualifiers(d);
    if (d->flags & UNDNAME_NO_THISTYPE)
        return "";
    const char *text = *qualifiers ? join(d, qualifiers + 1, " ") : "";
    if (is_unaligned)
        text = join(d, text, keyword(d, "__unaligned"), " ");
    if (is_64)
        text = join(d, *text ? text : " ", keyword(d, "__ptr64"));
    return is_restricted ? join(d, text, keyword(d, " __restrict")) : text;
}

/* `declared` is what stands in the function's place: "*" for a pointer. */
static struct type function_type(struct demangler *d, const char *class, const char *declared,
                                 const char *this)
{
    struct signature s = read_signature(d);
    const char *behind = join(d, "(", s.arguments, ")", this, s.result.behind);
    const char *space = *s.result.behind == ')' ? "" : " ";
    if (!*declared)
        return (struct type){join(d, s.result.before, space, s.convention), behind};
    return (struct type){join(d, s.result.before, space, "(", s.convention, class, declared),
                         join(d, ")", behind)};
}

/* Marks follow those of a pointer to a function at once. */
static struct type pointer_to(struct demangler *d, struct type target, const char *declared)
{
    if (*target.behind == '[') {
        const char *open = strchr(target.behind, ')') ? "(" : " (";
        return (struct type){join(d, target.before, open, declared + 1), join(d, ")", target.behind)};
    }
    if (*target.behind == ')' && target.before[strlen(target.before) - 1] == '*' &&
        target.before[strlen(target.before) - 2] != ' ' && target.before[strlen(target.before) - 2] != '*')
        return (struct type){join(d, target.before, declared + 1), target.behind};
    return (struct type){join(d, target.before, declared), target.behind};
}

static struct type read_member_function(struct demangler *d, const char *declared)
{
    const char *class = join(d, " ", read_qualified_name(d), "::");
    const char *this = read_this_qualifiers(d);
    return function_type(d, class, declared, this);
}

static struct type read_member_pointer(struct demangler *d, const char *size, const char *declared)
{
    static const char *const qualifiers[] = {"", " const", " volatile", " const volatile"};
    const char *of_target = qualifiers[*d->at++ - 'Q'], *class = read_qualified_name(d);
    struct type target = read_type(d);
    return pointer_to(d, (struct type){join(d, target.before, of_target), target.behind},
                      join(d, " ", class, "::", declared, size));
}

/* `mark` is "*" or "&"; the pointer itself may have qualifiers, and a size that x86-64 always mentions. */
static struct type read_pointer(struct demangler *d, const char *mark, const char *qualifiers)
{
    const char *size = skip(d, 'E') ? keyword(d, " __ptr64") : "";
    bool is_unaligned = false, is_restricted = false;
    while (*d->at == 'I' || *d->at == 'F') {
        is_unaligned |= *d->at == 'F';
        is_restricted |= *d->at++ == 'I';
    }
    if (is_restricted)
        size = join(d, size, keyword(d, " __restrict"));
    const char *declared = join(d, mark, size, qualifiers);
    if (skip(d, '6'))
        return function_type(d, "", declared, "");
    if (skip(d, '8'))
        return read_member_function(d, declared);
    if (*d->at >= 'Q' && *d->at <= 'T')
        return read_member_pointer(d, "", declared);
    const char *of_target = read_qualifiers(d);
    /* What a pointer is itself, it says again. */
    if (*d->at >= 'Q' && *d->at <= 'S')
        of_target = "";
    struct type target = read_type(d);
    const char *unaligned = is_unaligned ? keyword(d, " __unaligned") : "";
    /* The qualifiers of an array's elements stand with the pointer. */
    if (*target.behind == '[')
        return pointer_to(d, target, join(d, *of_target ? of_target : "", " ", declared));
    return pointer_to(d, (struct type){join(d, target.before, of_target, unaligned), target.behind},
                      join(d, " ", declared));
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
        return function_type(d, "", "", "");
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

struct type read_type(struct demangler *d)
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

/* What others call */

void free_blocks(struct demangler *d)
{
    while (d->blocks) {
        struct block *next = d->blocks->next;
        crt_free(d->blocks);
        d->blocks = next;
    }
}

char *copy_text(const char *text, void *(GUEST_CDECL *allocate)(size_t size))
{
    size_t size = strlen(text) + 1;
    char *copy = allocate ? allocate(size) : crt_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

char *undname_type(const char *mangled)
{
    struct demangler d = {.at = mangled};
    const char *text = text_of(&d, read_type(&d));
    char *result = d.failed || *d.at ? NULL : copy_text(text, NULL);
    free_blocks(&d);
    return result;
}
