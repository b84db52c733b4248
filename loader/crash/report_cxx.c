/* The type and the text of a C++ exception that nobody has caught. Everything is read as memory that may not
 * be there. */
#include "kernel/peek.h"
#include "loader/crash/crash_internal.h"
#include "loader/module.h"

enum { LONGEST_NAME = 400, LONGEST_TEXT = 1000 };

static void put_name(struct trace_text *text, const char *name)
{
    text_escaped(text, QUOTE_C, name, strlen(name));
}

/* Types that have no name of their own, in either ABI's letters; false if it is none of these. */
static bool put_plain_type(struct trace_text *text, const char *name)
{
    static const struct {
        char mangled[8], name[16];
    } types[] = {
        {".H", "int"},
        {".I", "unsigned int"},
        {".D", "char"},
        {".N", "double"},
        {".M", "float"},
        {".J", "long"},
        {".K", "unsigned long"},
        {".PAD", "char *"},
        {".PEAD", "char *"},
        {".PBD", "const char *"},
        {".PEBD", "const char *"},
        {"i", "int"},
        {"j", "unsigned int"},
        {"c", "char"},
        {"d", "double"},
        {"f", "float"},
        {"l", "long"},
        {"m", "unsigned long"},
        {"Pc", "char *"},
        {"PKc", "const char *"},
    };
    for (unsigned i = 0; i < ARRAYSIZE(types); i++) {
        if (!strcmp(types[i].mangled, name)) {
            text_string(text, types[i].name);
            return true;
        }
    }
    return false;
}

static bool read_name(char name[LONGEST_NAME], uintptr_t address)
{
    size_t length = peek_length((const void *)address, 1);
    if (length == SIZE_MAX || !length)
        return false;
    length = length < LONGEST_NAME ? length : LONGEST_NAME - 1;
    name[length] = '\0';
    return peek(name, (const void *)address, length);
}

static bool read_word(uintptr_t address, uintptr_t *word)
{
    return peek(word, (const void *)address, sizeof *word);
}

/* -- what() ------------------------------------------------------------------------------------------------
 */

#ifdef __x86_64__
typedef const char *(__attribute__((ms_abi)) * what_function)(uintptr_t object);
#else
typedef const char *(__attribute__((thiscall)) * what_function)(uintptr_t object);
#endif

/* A class may have a what() of its own, so it is called; if it fails, so does this part of the report. */
static void put_what(struct trace_text *text, uintptr_t object, unsigned slot)
{
    uintptr_t table, function;
    char what[LONGEST_TEXT + 1];
    if (!read_word(object, &table) || !read_word(table + slot * sizeof table, &function) ||
        !module_from_address((const void *)function))
        return;
    const char *result = ((what_function)function)(object);
    size_t length = peek_length(result, 1);
    if (length == SIZE_MAX)
        return;
    length = length < LONGEST_TEXT ? length : LONGEST_TEXT;
    peek(what, result, length);
    text_string(text, ": \"");
    text_escaped(text, QUOTE_C, what, length);
    text_char(text, '"');
}

/* -- Microsoft's ABI
 * ----------------------------------------------------------------------------------------- */

/* In the tables addresses are relative to the module on x86-64. */
struct throw_info {
    int32_t attributes, destructor, compatible, types;
};

struct catchable_type {
    int32_t properties, type;
    int32_t displacement, virtual_base, virtual_displacement;
};

/* ".?AVruntime_error@std@@" for simple names; others stay as they are. */
static void put_msvc_type(struct trace_text *text, const char *name)
{
    static const char class[] = ".?AV", structure[] = ".?AU";
    size_t prefix = sizeof class - 1, length = strlen(name);
    bool is_class = !strncmp(name, class, prefix) || !strncmp(name, structure, prefix);
    if (!is_class || strchr(name, '$') || strchr(name + prefix, '?') || length < prefix + 3) {
        if (!put_plain_type(text, name))
            put_name(text, name);
        return;
    }
    const char *begin = name + prefix, *end = name + length - 2;
    while (end > begin) {
        const char *part = end;
        while (part > begin && part[-1] != '@')
            part--;
        text_escaped(text, QUOTE_C, part, end - part);
        end = part > begin ? part - 1 : begin;
        if (end > begin)
            text_string(text, "::");
    }
}

/* The name that the descriptor holds behind two pointers. */
static bool read_msvc_type(uintptr_t base, const struct catchable_type *type, char name[LONGEST_NAME])
{
    return read_name(name, base + (uint32_t)type->type + 2 * sizeof(void *));
}

/* False where there is no such type, or it cannot be read. */
static bool read_catchable(uintptr_t base, uintptr_t types, uint32_t number, struct catchable_type *type)
{
    uint32_t count;
    int32_t address;
    return peek(&count, (const void *)types, sizeof count) && number < count &&
           peek(&address, (const void *)(types + sizeof count + number * sizeof address), sizeof address) &&
           peek(type, (const void *)(base + (uint32_t)address), sizeof *type);
}

static void put_msvc_exception(struct trace_text *text, const EXCEPTION_RECORD *record)
{
    const ULONG_PTR *parameters = record->ExceptionInformation;
    uintptr_t base = record->NumberParameters > 3 ? parameters[3] : 0;
    struct throw_info info;
    struct catchable_type type;
    char name[LONGEST_NAME];
    if (record->NumberParameters < 3 || !peek(&info, (const void *)parameters[2], sizeof info))
        return;
    uintptr_t types = base + (uint32_t)info.types;
    for (uint32_t i = 0; read_catchable(base, types, i, &type) && read_msvc_type(base, &type, name); i++) {
        if (i == 0)
            put_msvc_type(text, name);
        /* The older runtime has it in no namespace. */
        if (!strcmp(name, ".?AVexception@std@@") || !strcmp(name, ".?AVexception@@")) {
            put_what(text, parameters[1] + type.displacement, 1);
            return;
        }
    }
}

/* -- GCC's ABI: only its x86-64 runtime raises Windows' exceptions
 * --------------------------------------------- */

#ifdef __x86_64__
enum {
    UNWIND_HEADER_SIZE = 64, /* the thrown object is behind it */
    TYPE_BEFORE_HEADER = 80, /* what describes the type is before it */
    DEEPEST_BASE = 8,
};

#define PRIMARY_CLASS 0x474e5543432b2b00 /* "GNUCC++\0" */

/* One part of a name, "13runtime_error". */
static bool put_gcc_part(struct trace_text *text, const char **at)
{
    size_t length = 0;
    const char *name = *at;
    while (*name >= '0' && *name <= '9' && length < LONGEST_NAME)
        length = 10 * length + (*name++ - '0');
    if (!length || length > strlen(name))
        return false;
    text_escaped(text, QUOTE_C, name, length);
    *at = name + length;
    return true;
}

/* "St13runtime_error", "N3one3twoE" and "5plain"; others stay as they are. */
static void put_gcc_type(struct trace_text *text, const char *name)
{
    char *start = text->at;
    const char *at = name + (*name == '*'), *end = *at == 'N' ? "E" : "";
    at += *at == 'N';
    bool is_std = !strncmp(at, "St", 2);
    at += is_std ? 2 : 0;
    text_string(text, is_std ? "std::" : "");
    bool good = put_gcc_part(text, &at);
    while (good && *end && strcmp(at, end)) {
        text_string(text, "::");
        good = put_gcc_part(text, &at);
    }
    if (good && !strcmp(at, end))
        return;
    text->at = start;
    if (!put_plain_type(text, name))
        put_name(text, name);
}

static bool find_exception_base(uintptr_t type, uintptr_t *object, unsigned depth);

/* One base, or a number of them with their offsets: __si_class_type_info and __vmi_class_type_info. */
static bool find_in_bases(uintptr_t type, uintptr_t *object, unsigned depth)
{
    uintptr_t base, name, counts, offset;
    char unused[LONGEST_NAME];
    if (read_word(type + 16, &base) && read_word(base + 8, &name) && read_name(unused, name))
        return find_exception_base(base, object, depth);
    if (!read_word(type + 16, &counts) || counts >> 32 > 16)
        return false;
    for (unsigned i = 0; i < counts >> 32; i++) {
        if (!read_word(type + 24 + 16 * i, &base) || !read_word(type + 32 + 16 * i, &offset) || offset & 1)
            return false;
        uintptr_t part = *object + ((int64_t)offset >> 8);
        if (find_exception_base(base, &part, depth)) {
            *object = part;
            return true;
        }
    }
    return false;
}

static bool find_exception_base(uintptr_t type, uintptr_t *object, unsigned depth)
{
    uintptr_t address;
    char name[LONGEST_NAME];
    if (!depth || !read_word(type + 8, &address) || !read_name(name, address))
        return false;
    return !strcmp(name, "St9exception") || find_in_bases(type, object, depth - 1);
}

static void put_gcc_exception(struct trace_text *text, const EXCEPTION_RECORD *record)
{
    uintptr_t header = record->ExceptionInformation[0], class, type, name_address;
    uintptr_t object = header + UNWIND_HEADER_SIZE;
    char name[LONGEST_NAME];
    if (!record->NumberParameters || !read_word(header, &class) || class != PRIMARY_CLASS ||
        !read_word(header - TYPE_BEFORE_HEADER, &type) || !read_word(type + 8, &name_address) ||
        !read_name(name, name_address))
        return;
    put_gcc_type(text, name);
    if (find_exception_base(type, &object, DEEPEST_BASE))
        put_what(text, object, 2);
}
#else
static void put_gcc_exception(struct trace_text *text, const EXCEPTION_RECORD *record) {}
#endif

void report_cxx_exception(struct crash *crash)
{
    struct trace_text *text = &crash->text;
    DWORD code = crash->record->ExceptionCode;
    if (code != CXX_EXCEPTION_MSVC && code != CXX_EXCEPTION_GCC)
        return;
    text_string(text, "  thrown  ");
    const char *start = text->at;
    if (code == CXX_EXCEPTION_MSVC)
        put_msvc_exception(text, crash->record);
    else
        put_gcc_exception(text, crash->record);
    text_string(text, text->at == start ? "(unknown)\n" : "\n");
}
