#include "parser.h"

#include "lexer.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ReactOS's `-version=` asks for a range of Windows versions; litewin is Windows 10. */
#define OUR_VERSION 0xA00

#define MAX_EXTERN_SIZE (1 << 20)
#define MAX_HOSTS       3

struct parser {
    struct lexer lexer;
    struct spec *spec;
    struct diagnostics *diagnostics;
    const char *category;
    bool win16;
};

static const char *const categories[] = {
    "file_io",  "console_io", "memory",  "threading", "synchronization", "environment", "process",
    "registry", "dll",        "network", "exception", "string",          "time",
};

static const struct {
    const char *name;
    enum entry_kind kind;
    unsigned flags;
    bool win16;
} kinds[] = {
    {"stdcall", ENTRY_STDCALL, 0, false},
    {"cdecl", ENTRY_CDECL, 0, false},
    {"varargs", ENTRY_VARARGS, 0, false},
    {"thiscall", ENTRY_STDCALL, FLAG_THISCALL, false},
    {"fastcall", ENTRY_STDCALL, FLAG_FASTCALL, false},
    {"stub", ENTRY_STUB, 0, false},
    {"extern", ENTRY_EXTERN, 0, false},
    {"pascal", ENTRY_PASCAL, 0, true},
    {"variable", ENTRY_VARIABLE, 0, true},
    {"equate", ENTRY_EQUATE, 0, true},
};

static const struct {
    const char *name;
    unsigned flag;
    bool win16;
} flags[] = {
    {"-noname", FLAG_NONAME, false},
    {"-ordinal", FLAG_ORDINAL, false},
    {"-private", FLAG_PRIVATE, false},
    {"-direct", FLAG_DIRECT, false},
    {"-thiscall", FLAG_THISCALL, false},
    {"-fastcall", FLAG_FASTCALL, false},
    {"-stub", FLAG_STUB, false},
    {"-norelay", FLAG_NORELAY, false},
    {"-leaf", FLAG_LEAF | FLAG_DIRECT, false},
    {"-ret64", FLAG_IGNORED, false},
    {"-syscall", FLAG_IGNORED, false},
    {"-import", FLAG_IGNORED, false},
    {"-ret16", FLAG_IGNORED, true},
    {"-register", FLAG_IGNORED, true},
};

static const struct {
    const char *name;
    unsigned cpus;
} cpus[] = {
    {"win32", CPU_I386 | CPU_ARM},
    {"win64", CPU_X86_64 | CPU_ARM64},
    {"i386", CPU_I386},
    {"i486", CPU_I386},
    {"i586", CPU_I386},
    {"i686", CPU_I386},
    {"i786", CPU_I386},
    {"x86_64", CPU_X86_64},
    {"amd64", CPU_X86_64},
    {"arm", CPU_ARM},
    {"arm64", CPU_ARM64},
    {"aarch64", CPU_ARM64},
    {"arm64ec", CPU_OTHER},
    {"ia64", CPU_OTHER},
    {"powerpc", CPU_OTHER},
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* The value of an option such as "-arch=", NULL if the token is another. */
static const char *option_value(const char *token, const char *option)
{
    size_t length = strlen(option);
    return strncmp(token, option, length) ? NULL : token + length;
}

static const char *shown(struct token token)
{
    return token.text ? token.text : "the end of the line";
}

/* A whole number that is at most `limit`; base 0 stands for C's notation. */
static bool parse_number(const char *text, int base, unsigned long limit, unsigned long *number)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *number = strtoul(text, &end, base);
    return !*end && !errno && *number <= limit;
}

static bool parse_cpu(const char *name, size_t length, unsigned *found)
{
    for (size_t i = 0; i < LENGTH(cpus); i++) {
        if (strlen(cpus[i].name) == length && !memcmp(cpus[i].name, name, length)) {
            *found = cpus[i].cpus;
            return true;
        }
    }
    return false;
}

/* The union of the CPUs that are named, or all, without those that are excluded by "!". */
static bool parse_arch(struct parser *parser, struct token token, const char *list, struct entry *entry)
{
    unsigned named = 0, excluded = 0;
    bool any_named = false;
    for (;;) {
        size_t length = strcspn(list, ",");
        bool negated = *list == '!';
        unsigned found;
        if (!parse_cpu(list + negated, length - negated, &found)) {
            report(parser->diagnostics, token.at,
                   "unknown CPU \"%.*s\", expected i386, x86_64, arm, arm64, win32 or win64", (int)length,
                   list);
            return false;
        }
        if (negated)
            excluded |= found;
        else
            named |= found;
        any_named |= !negated;
        if (!list[length])
            break;
        list += length + 1;
    }
    entry->cpus &= (any_named ? named : CPU_ALL) & ~excluded;
    return true;
}

/* "0x600+", "0x351-0x502" or one version. */
static bool read_versions(const char *range, unsigned long *first, unsigned long *last)
{
    char *end;
    if (!isxdigit((unsigned char)*range))
        return false;
    *first = *last = strtoul(range, &end, 16);
    if (!strcmp(end, "+")) {
        *last = ULONG_MAX;
        return true;
    }
    if (*end == '-' && isxdigit((unsigned char)end[1]))
        *last = strtoul(end + 1, &end, 16);
    return !*end;
}

static bool parse_version(struct parser *parser, struct token token, const char *range, struct entry *entry)
{
    unsigned long first, last;
    if (!read_versions(range, &first, &last)) {
        report(parser->diagnostics, token.at, "\"%s\" is no range of versions, expected 0xA-0xB or 0xA+",
               range);
        return false;
    }
    if (OUR_VERSION < first || OUR_VERSION > last)
        entry->cpus = 0;
    return true;
}

static const struct spec_type *parse_type(struct parser *parser, struct position at, const char *name)
{
    const struct spec_type *type = find_type(parser->spec->arena, name);
    if (!type || (type->win16 && !parser->win16) || type->rule == C_POINTED_TO) {
        report(parser->diagnostics, at,
               type && type->win16 ? "type \"%s\" is for 16-bit files only, expected a 32-bit type"
               : type              ? "\"%s\" is a structure, expected a pointer to it, with an asterisk"
                                   : "unknown type \"%s\", expected one such as long, ptr, wstr, dword",
               name);
        return NULL;
    }
    return type;
}

/* -ret= and -size=, which may stand among the flags and behind the target. */
static bool parse_annotation(struct parser *parser, struct token token, struct entry *entry, bool *recognised)
{
    const char *result = option_value(token.text, "-ret="), *size = option_value(token.text, "-size=");
    *recognised = result || size;
    if (result &&
        (entry->kind == ENTRY_EXTERN || entry->kind == ENTRY_VARIABLE || entry->kind == ENTRY_EQUATE)) {
        report(parser->diagnostics, token.at, "-ret= on data, expected it on a function");
        return false;
    }
    if (result) {
        entry->result = parse_type(parser, token.at, result);
        entry->result_at = token.at;
        return entry->result;
    }
    if (size) {
        unsigned long bytes;
        if (entry->kind != ENTRY_EXTERN) {
            report(parser->diagnostics, token.at, "-size= on a function, expected it on an extern");
            return false;
        }
        if (!parse_number(size, 0, MAX_EXTERN_SIZE, &bytes) || !bytes) {
            report(parser->diagnostics, token.at, "\"%s\" is no size, expected 1 to %d bytes", size,
                   MAX_EXTERN_SIZE);
            return false;
        }
        entry->size = (unsigned)bytes;
    }
    return true;
}

/* winebuild numbers these functions, or the line does; litewin has no system calls of its own. */
static bool check_syscall(struct parser *parser, struct token token, const struct entry *entry)
{
    const char *digits = option_value(token.text, "-syscall=");
    unsigned long number;
    if (digits && !parse_number(digits, 0, 0xffff, &number)) {
        report(parser->diagnostics, token.at, "\"%s\" is no system call, expected 0 to 0xffff", digits);
        return false;
    }
    if (entry->kind != ENTRY_STDCALL && entry->kind != ENTRY_CDECL) {
        report(parser->diagnostics, token.at, "-syscall on another kind, expected it on stdcall or cdecl");
        return false;
    }
    return true;
}

static bool parse_flag(struct parser *parser, struct token token, struct entry *entry)
{
    bool recognised;
    const char *list = option_value(token.text, "-arch="), *version = option_value(token.text, "-version=");
    if (list)
        return parse_arch(parser, token, list, entry);
    if (version)
        return parse_version(parser, token, version, entry);
    if (!strcmp(token.text, "-i386"))
        return parse_arch(parser, token, "i386", entry);
    if (!strcmp(token.text, "-syscall") || option_value(token.text, "-syscall="))
        return check_syscall(parser, token, entry);
    if (!parse_annotation(parser, token, entry, &recognised))
        return false;
    if (recognised)
        return true;
    for (size_t i = 0; i < LENGTH(flags); i++) {
        if (strcmp(flags[i].name, token.text))
            continue;
        if (flags[i].win16 && !parser->win16) {
            report(parser->diagnostics, token.at, "flag \"%s\" is for 16-bit files only, expected another",
                   token.text);
            return false;
        }
        entry->flags |= flags[i].flag;
        return true;
    }
    report(parser->diagnostics, token.at,
           "unknown flag \"%s\", expected one such as -noname, -arch=i386, -ret=long", token.text);
    return false;
}

static bool is_export_name(const char *name)
{
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && !strchr("/$:-_@?<>", *name))
            return false;
    return true;
}

static bool parse_name(struct parser *parser, struct entry *entry)
{
    struct token token = lexer_next(&parser->lexer);
    if (!token.text || *token.text == '(' || *token.text == ')') {
        report(parser->diagnostics, token.at, "no name before %s, expected the export's name or @",
               shown(token));
        return false;
    }
    if (!is_export_name(token.text)) {
        report(parser->diagnostics, token.at,
               "\"%s\" is no export's name, expected letters, digits and /$:-_@?<>", token.text);
        return false;
    }
    entry->name = strcmp(token.text, "@") ? token.text : "";
    entry->target_at = token.at;
    if (!entry->ordinal && (!*entry->name || entry->flags & (FLAG_NONAME | FLAG_ORDINAL))) {
        report(parser->diagnostics, entry->at,
               *entry->name ? "-noname or -ordinal without an ordinal, expected a number in place of @"
                            : "an export without a name has no ordinal, expected a number in place of @");
        return false;
    }
    return true;
}

static bool parse_argument(struct parser *parser, struct token token, struct entry *entry)
{
    const char *colon = strchr(token.text, ':');
    size_t length = colon ? (size_t)(colon - token.text) : strlen(token.text);
    const char *type_name = arena_string(parser->spec->arena, token.text, length);
    const struct spec_type *type = parse_type(parser, token.at, type_name);
    if (!type)
        return false;
    if (type->rule == C_VOID) {
        report(parser->diagnostics, token.at, "an argument cannot be void, expected a type with a size");
        return false;
    }
    if (colon &&
        (!colon[1] || strspn(colon + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
                          strlen(colon + 1))) {
        report(parser->diagnostics, token.at, "\"%s\" is no argument's name, expected letters, digits and _",
               colon + 1);
        return false;
    }
    if (entry->argument_count == MAX_ARGUMENTS) {
        report(parser->diagnostics, token.at, "too many arguments, expected at most %d", MAX_ARGUMENTS);
        return false;
    }
    entry->arguments[entry->argument_count++] = (struct argument){type, colon ? colon + 1 : "", token.at};
    return true;
}

static bool parse_open(struct parser *parser)
{
    struct token token = lexer_next(&parser->lexer);
    if (token.text && !strcmp(token.text, "("))
        return true;
    report(parser->diagnostics, token.at, "unexpected %s, expected ( and the arguments", shown(token));
    return false;
}

static bool parse_arguments(struct parser *parser, struct entry *entry)
{
    if (!parse_open(parser))
        return false;
    for (;;) {
        struct token token = lexer_next(&parser->lexer);
        if (token.text && !strcmp(token.text, ")"))
            return true;
        if (!token.text || !strcmp(token.text, "(")) {
            report(parser->diagnostics, token.at, "unexpected %s among the arguments, expected a type or )",
                   shown(token));
            return false;
        }
        if (!parse_argument(parser, token, entry))
            return false;
    }
}

static bool parse_word(struct parser *parser, struct token token)
{
    unsigned long number;
    const char *digits = token.text && *token.text == '-' ? token.text + 1 : token.text;
    if (digits && parse_number(digits, 0, 0xffffffff, &number))
        return true;
    report(parser->diagnostics, token.at, "unexpected %s, expected a number", shown(token));
    return false;
}

static bool parse_variable(struct parser *parser)
{
    if (!parse_open(parser))
        return false;
    for (;;) {
        struct token token = lexer_next(&parser->lexer);
        if (token.text && !strcmp(token.text, ")"))
            return true;
        if (!parse_word(parser, token))
            return false;
    }
}

static bool set_target(struct parser *parser, struct token token, struct entry *entry)
{
    if (strpbrk(token.text, "()\"'\\")) {
        report(parser->diagnostics, token.at, "\"%s\" is no symbol, expected a C symbol or DLL.symbol",
               token.text);
        return false;
    }
    entry->target_at = token.at;
    const char *dot = strrchr(token.text, '.');
    if (!dot) {
        entry->target = token.text;
    } else if (dot == token.text || !dot[1]) {
        report(parser->diagnostics, token.at, "\"%s\" forwards to nothing, expected DLL.symbol", token.text);
        return false;
    } else {
        entry->forward = token.text;
    }
    return true;
}

/* What may follow an export's name and arguments: the target, then annotations. */
static bool parse_tail(struct parser *parser, struct entry *entry, bool may_have_target)
{
    bool has_target = false;
    for (;;) {
        struct token token = lexer_next(&parser->lexer);
        bool recognised;
        if (!token.text)
            break;
        if (!parse_annotation(parser, token, entry, &recognised))
            return false;
        if (recognised)
            continue;
        if (has_target || !may_have_target) {
            report(parser->diagnostics, token.at, "unexpected \"%s\", expected the end of the line",
                   token.text);
            return false;
        }
        has_target = true;
        if (!set_target(parser, token, entry))
            return false;
    }
    if (*entry->target || *entry->forward || !may_have_target)
        return true;
    if (!*entry->name) {
        report(parser->diagnostics, entry->at, "an export without a name has no target, expected a C symbol");
        return false;
    }
    entry->target = entry->name;
    return true;
}

static bool check_combination(struct parser *parser, struct entry *entry)
{
    bool has_code = entry_is_function(entry);
    if (entry->flags & FLAG_DIRECT && !has_code) {
        report(parser->diagnostics, entry->at, "%s without a function of its own, expected it on one",
               entry->flags & FLAG_LEAF ? "-leaf" : "-direct");
        return false;
    }
    if (entry->flags & (FLAG_THISCALL | FLAG_FASTCALL) && entry->kind != ENTRY_STDCALL &&
        entry->kind != ENTRY_STUB) {
        report(parser->diagnostics, entry->at,
               "-thiscall or -fastcall on another kind, expected it on stdcall");
        return false;
    }
    return true;
}

static bool parse_entry_body(struct parser *parser, struct entry *entry)
{
    struct token token;
    while ((token = lexer_peek(&parser->lexer)).text && *token.text == '-' && token.text[1])
        if (!parse_flag(parser, lexer_next(&parser->lexer), entry))
            return false;
    if (!parse_name(parser, entry))
        return false;
    switch (entry->kind) {
    case ENTRY_VARIABLE:
        return parse_variable(parser) && parse_tail(parser, entry, false);
    case ENTRY_EQUATE:
        return parse_word(parser, lexer_next(&parser->lexer)) && parse_tail(parser, entry, false);
    case ENTRY_EXTERN:
        return parse_tail(parser, entry, true);
    case ENTRY_STUB:
        token = lexer_peek(&parser->lexer);
        if (token.text && !strcmp(token.text, "(") && !parse_arguments(parser, entry))
            return false;
        return parse_tail(parser, entry, false);
    default:
        if (!parse_arguments(parser, entry))
            return false;
        if (entry->flags & FLAG_STUB)
            entry->kind = ENTRY_STUB;
        return parse_tail(parser, entry, true);
    }
}

static bool parse_ordinal(struct parser *parser, struct token token, struct entry *entry)
{
    unsigned long ordinal;
    if (!strcmp(token.text, "@"))
        return true;
    if (!parse_number(token.text, 10, MAX_ORDINAL, &ordinal) || !ordinal) {
        report(parser->diagnostics, token.at, "\"%s\" is no ordinal, expected @ or 1 to %d", token.text,
               MAX_ORDINAL);
        return false;
    }
    entry->ordinal = (unsigned)ordinal;
    return true;
}

static bool parse_kind(struct parser *parser, struct token token, struct entry *entry)
{
    for (size_t i = 0; token.text && i < LENGTH(kinds); i++) {
        if (strcmp(kinds[i].name, token.text))
            continue;
        if (kinds[i].win16 && !parser->win16) {
            report(parser->diagnostics, token.at, "\"%s\" is for 16-bit files only, expected a 32-bit kind",
                   token.text);
            return false;
        }
        entry->kind = kinds[i].kind;
        entry->flags = kinds[i].flags;
        return true;
    }
    report(parser->diagnostics, token.at,
           "unexpected %s, expected stdcall, cdecl, varargs, thiscall, stub or extern", shown(token));
    return false;
}

static void parse_entry(struct parser *parser, struct token first)
{
    struct spec *spec = parser->spec;
    struct entry *entry = arena_alloc(spec->arena, sizeof *entry);
    *entry = (struct entry){.at = first.at, .cpus = CPU_ALL, .category = parser->category};
    entry->name = entry->target = entry->forward = "";
    if (!parse_ordinal(parser, first, entry) || !parse_kind(parser, lexer_next(&parser->lexer), entry) ||
        !parse_entry_body(parser, entry) || !check_combination(parser, entry))
        return;
    spec->entries = arena_grow(spec->arena, spec->entries, spec->entry_count, sizeof(struct entry *));
    spec->entries[spec->entry_count++] = entry;
}

static void parse_apiset(struct parser *parser)
{
    struct spec *spec = parser->spec;
    struct token name = lexer_next(&parser->lexer), equals = lexer_next(&parser->lexer), host;
    if (!name.text || !equals.text || strcmp(equals.text, "=")) {
        report(parser->diagnostics, name.text ? equals.at : name.at,
               "unexpected %s, expected apiset NAME = HOST", shown(name.text ? equals : name));
        return;
    }
    struct apiset apiset = {name.text, ""};
    for (unsigned count = 0; (host = lexer_next(&parser->lexer)).text; count++) {
        if (count == MAX_HOSTS) {
            report(parser->diagnostics, host.at, "too many hosts, expected at most %d", MAX_HOSTS);
            return;
        }
        apiset.hosts = arena_format(spec->arena, "%s%s%s", apiset.hosts, count ? " " : "", host.text);
    }
    if (!*apiset.hosts) {
        report(parser->diagnostics, host.at, "the API set has no host, expected a DLL's name");
        return;
    }
    spec->apisets = arena_grow(spec->arena, spec->apisets, spec->apiset_count, sizeof(struct apiset));
    spec->apisets[spec->apiset_count++] = apiset;
}

static void parse_directive(struct parser *parser)
{
    if (strcmp(lexer_next(&parser->lexer).text, "#!category"))
        return;
    struct token name = lexer_next(&parser->lexer);
    for (size_t i = 0; name.text && i < LENGTH(categories); i++) {
        if (!strcmp(name.text, categories[i])) {
            parser->category = categories[i];
            return;
        }
    }
    report(parser->diagnostics, name.at, "unknown category %s, expected one such as %s, %s, %s", shown(name),
           categories[0], categories[2], categories[9]);
}

static void parse_line(struct parser *parser)
{
    if (lexer_at_directive(&parser->lexer)) {
        parse_directive(parser);
        return;
    }
    struct token first = lexer_next(&parser->lexer);
    if (!first.text)
        return;
    if (!strcmp(first.text, "apiset"))
        parse_apiset(parser);
    else
        parse_entry(parser, first);
}

static uint64_t fnv1a(const char *bytes, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3;
    return hash;
}

bool parse_spec(struct spec *spec, const char *bytes, size_t size, bool win16,
                struct diagnostics *diagnostics)
{
    struct parser parser = {.spec = spec, .diagnostics = diagnostics, .category = "", .win16 = win16};
    unsigned errors = diagnostics->errors;
    spec->hash = fnv1a(bytes, size);
    if (size && memchr(bytes, 0, size)) {
        report(diagnostics, (struct position){0}, "a NUL byte in the file, expected text");
        return false;
    }
    lexer_init(&parser.lexer, spec->arena, bytes, size);
    while (lexer_more(&parser.lexer)) {
        parse_line(&parser);
        lexer_end_line(&parser.lexer);
    }
    return diagnostics->errors == errors;
}
