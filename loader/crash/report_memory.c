/* What lies at an address, in memory and in the code. */
#include <fcntl.h>
#include <unistd.h>
#include "kernel/peek.h"
#include "kernel/thread.h"
#include "kernel/vm.h"
#include "loader/crash/crash_internal.h"
#include "loader/module.h"
#include "loader/place.h"
#include "loader/trace/names.h"

/* Linux's view: which file a page is of */

struct reader {
    int file;
    size_t length, position;
    char bytes[1024];
};

static int next_character(struct reader *reader)
{
    if (reader->position == reader->length) {
        ssize_t got = read(reader->file, reader->bytes, sizeof reader->bytes);
        if (got <= 0)
            return -1;
        reader->length = got;
        reader->position = 0;
    }
    return (unsigned char)reader->bytes[reader->position++];
}

/* The next line of /proc/self/maps, cut to the buffer's size. */
static bool read_line(struct reader *reader, char *line, size_t size)
{
    int character;
    size_t length = 0;
    while ((character = next_character(reader)) >= 0 && character != '\n')
        if (length + 1 < size)
            line[length++] = character;
    line[length] = '\0';
    return character >= 0;
}

static uint64_t read_hex(const char **at)
{
    uint64_t value = 0;
    for (;; ++*at) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, **at);
        if (!digit || !*digit)
            return value;
        value = value << 4 | (digit - digits);
    }
}

/* "7f00-7f10 r-xp 00000000 08:01 1234    /lib/x.so": the sixth field. */
static const char *sixth_field(const char *at)
{
    for (unsigned field = 1; field < 6; field++) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    return at;
}

/* The file that is mapped there, or "[stack]" and the like; "" for none, NULL where nothing is mapped. */
static const char *find_host_mapping(uintptr_t address, char *line, size_t size)
{
    struct reader reader = {.file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)};
    const char *found = NULL;
    while (reader.file >= 0 && !found && read_line(&reader, line, size)) {
        const char *at = line;
        uint64_t begin = read_hex(&at);
        if (*at == '-')
            at++;
        uint64_t end = read_hex(&at);
        if (address >= begin && address < end)
            found = sixth_field(line);
    }
    if (reader.file >= 0)
        close(reader.file);
    return found;
}

/* -- the program's view ------------------------------------------------------------------------------------
 */

struct owner {
    uintptr_t address;
    DWORD id; /* of the thread whose stack it is; 0: none */
    bool is_mine;
};

static void look_at_stack(struct thread *thread, void *argument)
{
    struct owner *owner = argument;
    if (owner->address < (uintptr_t)thread->teb.DeallocationStack ||
        owner->address >= (uintptr_t)thread->teb.Tib.StackBase)
        return;
    owner->id = thread->id;
    owner->is_mine = thread == thread_current();
}

static void put_stack_owner(struct trace_text *text, uintptr_t address)
{
    struct owner owner = {.address = address};
    thread_for_each(look_at_stack, &owner);
    if (!owner.id)
        return;
    text_string(text, owner.is_mine ? ", on this thread's stack" : ", on the stack of thread ");
    if (!owner.is_mine)
        text_decimal(text, owner.id);
}

static void put_section(struct trace_text *text, uintptr_t address)
{
    const struct module *module = module_from_address((const void *)address);
    char place[300];
    struct pe_section section;
    if (!module)
        return;
    place_describe((const void *)address, place, sizeof place);
    text_string(text, ", ");
    text_string(text, place);
    uint64_t rva = address - (uintptr_t)module->entry.DllBase;
    for (uint32_t i = 0; i < module->image.section_count; i++) {
        pe_section(&module->image, i, &section);
        if (rva < section.rva || rva - section.rva >= section.virtual_size)
            continue;
        text_string(text, " in section ");
        text_escaped(text, QUOTE_C, section.name, strlen(section.name));
    }
}

static void put_mapped_file(struct trace_text *text, uintptr_t address)
{
    char line[512];
    const char *path = find_host_mapping(address, line, sizeof line);
    if (!path || !*path)
        return;
    text_string(text, " of ");
    text_string(text, path);
}

static void put_committed(struct trace_text *text, uintptr_t address, const MEMORY_BASIC_INFORMATION *memory)
{
    text_string(text, "is committed ");
    names_put_flags(text, names_protection, memory->Protect);
    if (memory->Protect & PAGE_GUARD)
        text_string(text, " (guard page)");
    text_string(text, memory->Type == MEM_IMAGE    ? ", an image"
                      : memory->Type == MEM_MAPPED ? ", a view"
                                                   : ", private");
    if (memory->Type == MEM_MAPPED)
        put_mapped_file(text, address);
}

/* The program's map does not know of Linux's own. */
static void put_free(struct trace_text *text, uintptr_t address)
{
    char line[512];
    const char *path = find_host_mapping(address, line, sizeof line);
    if (!path) {
        text_string(text, address < VM_GRANULARITY ? "is free: a null pointer, or near one" : "is free");
        return;
    }
    text_string(text, "is litewin's own");
    if (*path) {
        text_string(text, ", of ");
        text_string(text, path);
    }
}

static void put_region(struct trace_text *text, uintptr_t address)
{
    MEMORY_BASIC_INFORMATION memory;
    if (vm_query((const void *)address, &memory))
        text_string(text, "is no address of a program's");
    else if (memory.State == MEM_FREE)
        put_free(text, address);
    else if (memory.State == MEM_RESERVE)
        text_string(text, "is reserved, not committed");
    else
        put_committed(text, address, &memory);
}

void report_memory(struct trace_text *text, uintptr_t address)
{
    if (address == UINTPTR_MAX) {
        text_string(text, "the processor does not say which");
        return;
    }
    text_hex(text, address);
    text_char(text, ' ');
    put_region(text, address);
    put_section(text, address);
    put_stack_owner(text, address);
}

/* -- code
 * ---------------------------------------------------------------------------------------------------- */

void report_code(struct trace_text *text, uintptr_t pc)
{
    enum { BEFORE = 8, AFTER = 12 };
    for (uintptr_t address = pc - BEFORE; address != pc + AFTER; address++) {
        uint8_t byte;
        if (address != pc - BEFORE)
            text_char(text, ' ');
        if (address == pc)
            text_char(text, '<');
        if (peek(&byte, (const void *)address, 1))
            text_digits(text, byte, 2);
        else
            text_string(text, "??");
        if (address == pc)
            text_char(text, '>');
    }
}
