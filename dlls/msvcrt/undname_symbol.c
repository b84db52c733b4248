/* Mangled names of functions and variables. */
#include "dlls/msvcrt/undname.h"
#include "dlls/msvcrt/undname_parts.h"

/* A symbol's name, by which it may be known what else is special about it. */
struct symbol {
    const char *name;      /* the innermost */
    const char *arguments; /* of a template */
    bool is_constructor, is_destructor, is_conversion;
};

/* Names */

static const char *operator_name(char code)
{
    static const char *const names[] = {
        ['2'] = "operator new", ['3'] = "operator delete", ['4'] = "operator=",  ['5'] = "operator>>",
        ['6'] = "operator<<",   ['7'] = "operator!",       ['8'] = "operator==", ['9'] = "operator!=",
        ['A'] = "operator[]",   ['C'] = "operator->",      ['D'] = "operator*",  ['E'] = "operator++",
        ['F'] = "operator--",   ['G'] = "operator-",       ['H'] = "operator+",  ['I'] = "operator&",
        ['J'] = "operator->*",  ['K'] = "operator/",       ['L'] = "operator%",  ['M'] = "operator<",
        ['N'] = "operator<=",   ['O'] = "operator>",       ['P'] = "operator>=", ['Q'] = "operator,",
        ['R'] = "operator()",   ['S'] = "operator~",       ['T'] = "operator^",  ['U'] = "operator|",
        ['V'] = "operator&&",   ['W'] = "operator||",      ['X'] = "operator*=", ['Y'] = "operator+=",
        ['Z'] = "operator-=",
    };
    return code >= '2' && code <= 'Z' ? names[(unsigned char)code] : NULL;
}

static const char *special_name(char code)
{
    static const char *const names[] = {
        ['0'] = "operator/=",
        ['1'] = "operator%=",
        ['2'] = "operator>>=",
        ['3'] = "operator<<=",
        ['4'] = "operator&=",
        ['5'] = "operator|=",
        ['6'] = "operator^=",
        ['7'] = "`vftable'",
        ['8'] = "`vbtable'",
        ['9'] = "`vcall'",
        ['A'] = "`typeof'",
        ['B'] = "`local static guard'",
        ['C'] = "`string'",
        ['D'] = "`vbase destructor'",
        ['E'] = "`vector deleting destructor'",
        ['F'] = "`default constructor closure'",
        ['G'] = "`scalar deleting destructor'",
        ['H'] = "`vector constructor iterator'",
        ['I'] = "`vector destructor iterator'",
        ['J'] = "`vector vbase constructor iterator'",
        ['K'] = "`virtual displacement map'",
        ['L'] = "`eh vector constructor iterator'",
        ['M'] = "`eh vector destructor iterator'",
        ['N'] = "`eh vector vbase constructor iterator'",
        ['O'] = "`copy constructor closure'",
        ['S'] = "`local vftable'",
        ['T'] = "`local vftable constructor closure'",
        ['U'] = "operator new[]",
        ['V'] = "operator delete[]",
    };
    return code >= '0' && code <= 'V' ? names[(unsigned char)code] : NULL;
}

/* What a compiler writes about a class for run-time types. */
static const char *rtti_name(struct demangler *d)
{
    switch (*d->at ? *d->at++ : 0) {
    case '0':
        return join(d, text_of(d, read_type(d)), " `RTTI Type Descriptor'");
    case '1': {
        const char *member = read_number(d), *table = read_number(d), *entry = read_number(d);
        return join(d, "`RTTI Base Class Descriptor at (",
                    join(d, member, ",", table, ",", entry, ",", read_number(d)), ")'");
    }
    case '2':
        return "`RTTI Base Class Array'";
    case '3':
        return "`RTTI Class Hierarchy Descriptor'";
    case '4':
        return "`RTTI Complete Object Locator'";
    default:
        return fail(d);
    }
}

static void read_operator(struct demangler *d, struct symbol *symbol)
{
    char code = *d->at ? *d->at++ : 0;
    symbol->is_constructor = code == '0';
    symbol->is_destructor = code == '1';
    symbol->is_conversion = code == 'B';
    if (code == '0' || code == '1' || code == 'B') {
        symbol->name = "operator";
        return;
    }
    if (code == '_' && skip(d, 'R'))
        symbol->name = rtti_name(d);
    else if (code == '_')
        symbol->name = special_name(*d->at ? *d->at++ : 0);
    else
        symbol->name = operator_name(code);
    if (!symbol->name)
        symbol->name = fail(d);
}

/* The names within a template are numbered anew, its own the first of them. */
static void read_template_symbol(struct demangler *d, struct symbol *symbol)
{
    const char *outer[REMEMBERED];
    unsigned outer_count = d->name_count;
    memcpy(outer, d->names, sizeof outer);
    d->name_count = 0;
    if (skip(d, '?'))
        read_operator(d, symbol);
    else
        symbol->name = read_name(d);
    symbol->arguments = read_template_arguments(d);
    memcpy(d->names, outer, sizeof outer);
    d->name_count = outer_count;
}

/* Constructors and destructors are called like their class, which is the next name. */
static const char *class_member_name(struct demangler *d, const struct symbol *symbol)
{
    const char *class = read_name(d);
    return read_scopes(d, join(d, class, "::", symbol->is_destructor ? "~" : "", class, symbol->arguments));
}

static const char *read_symbol_name(struct demangler *d, struct symbol *symbol)
{
    if (skip_text(d, "?$"))
        read_template_symbol(d, symbol);
    else if (skip(d, '?'))
        read_operator(d, symbol);
    else
        symbol->name = read_name(d);
    if (symbol->is_constructor || symbol->is_destructor)
        return class_member_name(d, symbol);
    return read_scopes(d, join(d, symbol->name, symbol->arguments));
}

/* What it is */

static const char *access_name(const struct demangler *d, unsigned access)
{
    static const char *const names[] = {"private: ", "protected: ", "public: ", ""};
    return d->flags & UNDNAME_NO_ACCESS_SPECIFIERS ? "" : names[access];
}

static const char *member_kind(const struct demangler *d, const char *kind)
{
    return d->flags & UNDNAME_NO_MEMBER_TYPE ? "" : kind;
}

/* A variable, of a class or on its own. */
static const char *read_variable(struct demangler *d, const char *name, char code)
{
    unsigned access = code <= '2' ? (unsigned)(code - '0') : 3;
    struct type type = read_type(d);
    const char *size = skip(d, 'E') ? " __ptr64" : "";
    const char *qualifiers = "";
    if (*d->at >= 'Q' && *d->at <= 'T') {
        static const char *const of_member[] = {"", " const", " volatile", " const volatile"};
        qualifiers = of_member[*d->at++ - 'Q'];
        read_qualified_name(d);
    } else {
        qualifiers = read_qualifiers(d);
    }
    if (d->flags & UNDNAME_NAME_ONLY)
        return name;
    if (*type.behind == '[')
        type.before = join(d, type.before, " ");
    return join(d, access_name(d, access), access < 3 ? member_kind(d, "static ") : "", type.before,
                qualifiers, size, " ", join(d, name, type.behind));
}

/* A table of a class, perhaps for one of its bases. */
static const char *read_table(struct demangler *d, const char *name)
{
    const char *qualifiers = read_qualifiers(d), *bases = "", *separator = "";
    while (!d->failed && !skip(d, '@')) {
        bases = join(d, bases, separator, "`", read_qualified_name(d), "'");
        separator = "s ";
    }
    if (*bases)
        bases = join(d, "{for ", bases, "}");
    if (d->flags & UNDNAME_NAME_ONLY)
        return join(d, name, bases);
    return join(d, *qualifiers ? qualifiers + 1 : "", *qualifiers ? " " : "", name, bases);
}

struct function {
    const char *name;
    const char *prefix; /* "[thunk]:" */
    const char *access, *kind, *this;
    bool is_conversion;
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && !strcmp(text + length - end_length, end);
}

static const char *write_function(struct demangler *d, struct function *function)
{
    struct signature s = read_signature(d);
    const char *result = "", *behind = s.result.behind;
    if (function->is_conversion) {
        const char *space = ends_with(s.result.before, "const") ? " " : "";
        function->name = join(d, function->name, " ", text_of(d, s.result), space);
        behind = "";
    } else if (d->flags & UNDNAME_NO_FUNCTION_RETURNS) {
        behind = "";
    } else if (*s.result.before) {
        result = join(d, s.result.before, *behind == ')' ? "" : " ");
    }
    if (d->flags & UNDNAME_NAME_ONLY)
        return function->name;
    const char *head = join(d, function->prefix, function->access, function->kind, result, s.convention,
                            *s.convention ? " " : "", function->name);
    return join(d, head, "(", s.arguments, ")", function->this, behind);
}

enum member_kind { ORDINARY, STATIC, VIRTUAL, ADJUSTING };

/* Eight letters for each access: two for each kind. */
static const char *read_function_symbol(struct demangler *d, const char *name, const struct symbol *symbol,
                                        char code)
{
    struct function function = {name, "", "", "", "", symbol->is_conversion};
    unsigned index = (unsigned)(code - 'A'), access = index / 8;
    enum member_kind kind = index % 8 / 2;
    if (access < 3) {
        static const char *const kinds[] = {"", "static ", "virtual ", "virtual "};
        function.access = access_name(d, access);
        function.kind = member_kind(d, kinds[kind]);
        if (kind == ADJUSTING) {
            function.prefix = "[thunk]:";
            function.name = join(d, name, "`adjustor{", read_number(d), "}' ");
        }
        if (kind != STATIC)
            function.this = read_this_qualifiers(d);
    }
    return write_function(d, &function);
}

/* A thunk for a virtual base: the access, then by how much the object's address is adjusted. */
static const char *read_displacing_thunk(struct demangler *d, const char *name)
{
    bool is_extended = skip(d, 'R');
    unsigned access = (unsigned)(*d->at++ - '0') / 2;
    const char *numbers = join(d, read_number(d), ",", read_number(d));
    if (is_extended)
        numbers = join(d, numbers, ",", read_number(d), ",", read_number(d));
    if (access > 2)
        return fail(d);
    struct function function = {
        .name = join(d, name, is_extended ? "`vtordispex{" : "`vtordisp{", numbers, "}' "),
        .prefix = "[thunk]:",
        .access = access_name(d, access),
        .kind = member_kind(d, "virtual "),
        .this = read_this_qualifiers(d),
    };
    return write_function(d, &function);
}

/* A thunk that calls the virtual function at a place in the vtable. */
static const char *read_calling_thunk(struct demangler *d, const char *name)
{
    const char *place = read_number(d);
    if (!skip(d, 'A'))
        return fail(d);
    return join(d, "[thunk]: ", read_convention(d), " ", name, join(d, "{", place, ",{flat}}' }'"));
}

const char *read_symbol(struct demangler *d)
{
    struct symbol symbol = {.arguments = ""};
    if (d->failed || d->depth >= MAX_DEPTH)
        return fail(d);
    d->depth++;
    const char *name = read_symbol_name(d, &symbol), *text = NULL;
    char code = d->failed || !*d->at ? 0 : *d->at++;
    if (code >= '0' && code <= '5')
        text = read_variable(d, name, code);
    else if (code == '6' || code == '7')
        text = read_table(d, name);
    else if (code == '8' || code == '9')
        text = name;
    else if (code >= 'A' && code <= 'Z')
        text = read_function_symbol(d, name, &symbol, code);
    else if (code == '$' && skip(d, 'B'))
        text = read_calling_thunk(d, name);
    else if (code == '$' && (*d->at == 'R' || (*d->at >= '0' && *d->at <= '5')))
        text = read_displacing_thunk(d, name);
    d->depth--;
    return text ? text : fail(d);
}

/* The exports */

typedef void *(GUEST_CDECL *undname_allocate)(size_t size);

static const char *read_whole(struct demangler *d, const char *mangled)
{
    if (d->flags & UNDNAME_TYPE_ONLY)
        return text_of(d, read_type(d));
    if (mangled[0] == '?' && mangled[1] == '$')
        return read_name(d);
    return skip(d, '?') ? read_symbol(d) : mangled;
}

static char *deliver(const char *text, char *buffer, int size, undname_allocate allocate)
{
    if (!buffer)
        return copy_text(text, allocate);
    if (size <= 0)
        return NULL;
    size_t length = min(strlen(text), (size_t)size - 1);
    memcpy(buffer, text, length);
    buffer[length] = 0;
    return buffer;
}

/* A name that cannot be read is its own result. The buffer is `allocate`d if there is none. */
char *crt_undname(char *buffer, const char *mangled, int size, undname_allocate allocate, void *release,
                  unsigned short flags)
{
    if (!mangled)
        return NULL;
    struct demangler d = {.at = mangled, .flags = flags};
    const char *text = read_whole(&d, mangled);
    char *result = deliver(d.failed ? mangled : text, buffer, size, allocate);
    free_blocks(&d);
    return result;
}

char *crt_undname_ex(char *buffer, const char *mangled, int size, undname_allocate allocate, void *release,
                     void *unused, unsigned short flags)
{
    return crt_undname(buffer, mangled, size, allocate, release, flags);
}
