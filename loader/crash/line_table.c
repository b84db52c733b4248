#include "loader/crash/line_table.h"

enum {
    NEWEST_VERSION = 5,
    OLDEST_VERSION = 2,
    MOST_FORMATS = 16, /* of the fields that version 5 gives a directory or a file */
};

/* What a unit's header says. */
struct unit {
    const struct line_sections *sections;
    unsigned version, offset_size, address_size;
    uint8_t minimum_length, maximum_operations, line_range, opcode_base;
    int8_t line_base;
    struct span argument_counts; /* of the standard opcodes, from 1 on */
    struct span tables;          /* directories, then files */
    struct span program;
};

/* Names */

enum { CONTENT_PATH = 1, CONTENT_DIRECTORY = 2 };

enum form {
    FORM_BLOCK2 = 0x03,
    FORM_BLOCK4 = 0x04,
    FORM_DATA2 = 0x05,
    FORM_DATA4 = 0x06,
    FORM_DATA8 = 0x07,
    FORM_STRING = 0x08,
    FORM_BLOCK = 0x09,
    FORM_BLOCK1 = 0x0a,
    FORM_DATA1 = 0x0b,
    FORM_SDATA = 0x0d,
    FORM_STRP = 0x0e,
    FORM_UDATA = 0x0f,
    FORM_DATA16 = 0x1e,
    FORM_LINE_STRP = 0x1f,
};

struct field {
    const char *string;
    uint64_t number;
};

static const char *string_at(const struct span *strings, uint64_t offset)
{
    struct span rest = span_from(strings, offset);
    return span_string(&rest);
}

/* An unknown form ends the reading: how long it is, nobody knows. */
static struct field read_field(const struct unit *unit, struct span *at, uint64_t form)
{
    switch (form) {
    case FORM_STRING:
        return (struct field){.string = span_string(at)};
    case FORM_STRP:
        return (struct field){.string =
                                  string_at(&unit->sections->strings, span_number(at, unit->offset_size))};
    case FORM_LINE_STRP:
        return (struct field){
            .string = string_at(&unit->sections->line_strings, span_number(at, unit->offset_size))};
    case FORM_DATA1:
        return (struct field){.number = span_number(at, 1)};
    case FORM_DATA2:
        return (struct field){.number = span_number(at, 2)};
    case FORM_DATA4:
        return (struct field){.number = span_number(at, 4)};
    case FORM_DATA8:
        return (struct field){.number = span_number(at, 8)};
    case FORM_UDATA:
    case FORM_SDATA:
        return (struct field){.number = span_uleb(at)};
    case FORM_DATA16:
        span_take(at, 16);
        return (struct field){0};
    case FORM_BLOCK:
        span_take(at, span_uleb(at));
        return (struct field){0};
    case FORM_BLOCK1:
        span_take(at, span_number(at, 1));
        return (struct field){0};
    case FORM_BLOCK2:
        span_take(at, span_number(at, 2));
        return (struct field){0};
    case FORM_BLOCK4:
        span_take(at, span_number(at, 4));
        return (struct field){0};
    default:
        at->broken = true;
        return (struct field){0};
    }
}

struct entry {
    const char *name;
    uint64_t directory;
};

/* One of version 5's two tables: goes behind it, and keeps the entry of that number. */
static bool read_table(const struct unit *unit, struct span *at, uint64_t wanted, struct entry *entry)
{
    struct {
        uint64_t content, form;
    } formats[MOST_FORMATS];
    unsigned format_count = span_number(at, 1);
    bool found = false;
    if (format_count > MOST_FORMATS)
        return false;
    for (unsigned i = 0; i < format_count; i++) {
        formats[i].content = span_uleb(at);
        formats[i].form = span_uleb(at);
    }
    uint64_t count = span_uleb(at);
    for (uint64_t n = 0; format_count && n < count && !at->broken; n++) {
        struct entry this = {.name = NULL};
        for (unsigned i = 0; i < format_count; i++) {
            struct field field = read_field(unit, at, formats[i].form);
            if (formats[i].content == CONTENT_PATH)
                this.name = field.string;
            else if (formats[i].content == CONTENT_DIRECTORY)
                this.directory = field.number;
        }
        if (n == wanted && this.name) {
            *entry = this;
            found = true;
        }
    }
    return found && !at->broken;
}

/* The directory is known by its number only when the files, which follow it, have been read. */
static bool name_file_of_new_version(const struct unit *unit, uint64_t file, struct line_place *place)
{
    struct span at = unit->tables, again = unit->tables;
    struct entry found, directory, unused;
    read_table(unit, &at, UINT64_MAX, &unused);
    if (at.broken || !read_table(unit, &at, file, &found))
        return false;
    place->file = found.name;
    /* The first directory is the compiler's own. */
    if (found.directory && read_table(unit, &again, found.directory, &directory))
        place->directory = directory.name;
    return true;
}

/* Versions 2 to 4 count from 1, and both tables end with an empty name. */
static bool name_file_of_old_version(const struct unit *unit, uint64_t file, struct line_place *place)
{
    struct span at = unit->tables, directories = unit->tables;
    while (*span_string(&at) && !at.broken)
        ;
    for (uint64_t n = 1;; n++) {
        const char *name = span_string(&at);
        uint64_t directory = span_uleb(&at);
        span_uleb(&at); /* the time */
        span_uleb(&at); /* the size */
        if (at.broken || !*name)
            return false;
        if (n != file)
            continue;
        place->file = name;
        for (uint64_t d = 1; d <= directory && !directories.broken; d++)
            place->directory = span_string(&directories);
        return true;
    }
}

static bool name_file(const struct unit *unit, uint64_t file, struct line_place *place)
{
    place->directory = "";
    return unit->version >= 5 ? name_file_of_new_version(unit, file, place)
                              : name_file_of_old_version(unit, file, place);
}

/* Programs */

struct row {
    uint64_t address, file;
    uint32_t operation, line;
};

struct machine {
    const struct unit *unit;
    uint64_t wanted;
    struct row row, previous;
    bool has_previous; /* in this sequence */
    bool found;        /* `previous` is the row of the wanted address */
};

static void reset(struct machine *machine)
{
    machine->row = (struct row){.file = 1, .line = 1};
    machine->has_previous = false;
}

/* Linkers leave sequences of functions that they have dropped at address 0. */
static void emit(struct machine *machine)
{
    machine->found = machine->has_previous && machine->previous.address &&
                     machine->wanted >= machine->previous.address && machine->wanted < machine->row.address;
    if (machine->found)
        return;
    machine->previous = machine->row;
    machine->has_previous = true;
}

static void advance(struct machine *machine, uint64_t operations)
{
    const struct unit *unit = machine->unit;
    uint64_t operation = machine->row.operation + operations;
    machine->row.address += unit->minimum_length * (operation / unit->maximum_operations);
    machine->row.operation = operation % unit->maximum_operations;
}

static void step_extended(struct machine *machine, struct span *at)
{
    struct span arguments = span_take(at, span_uleb(at));
    switch (span_number(&arguments, 1)) {
    case 1: /* DW_LNE_end_sequence */
        emit(machine);
        if (!machine->found)
            reset(machine);
        break;
    case 2: /* DW_LNE_set_address */
        machine->row.address = span_number(&arguments, span_size(&arguments) > 8 ? 8 : span_size(&arguments));
        machine->row.operation = 0;
        break;
    }
}

static void step_standard(struct machine *machine, uint8_t opcode, struct span *at)
{
    const struct unit *unit = machine->unit;
    switch (opcode) {
    case 1: /* DW_LNS_copy */
        emit(machine);
        break;
    case 2: /* DW_LNS_advance_pc */
        advance(machine, span_uleb(at));
        break;
    case 3: /* DW_LNS_advance_line */
        machine->row.line += span_sleb(at);
        break;
    case 4: /* DW_LNS_set_file */
        machine->row.file = span_uleb(at);
        break;
    case 8: /* DW_LNS_const_add_pc */
        advance(machine, (255 - unit->opcode_base) / unit->line_range);
        break;
    case 9: /* DW_LNS_fixed_advance_pc */
        machine->row.address += span_number(at, 2);
        machine->row.operation = 0;
        break;
    default:
        for (unsigned count = unit->argument_counts.at[opcode - 1]; count; count--)
            span_uleb(at);
        break;
    }
}

static void step(struct machine *machine, struct span *at)
{
    const struct unit *unit = machine->unit;
    uint8_t opcode = span_number(at, 1);
    if (!opcode) {
        step_extended(machine, at);
    } else if (opcode < unit->opcode_base) {
        step_standard(machine, opcode, at);
    } else {
        uint8_t adjusted = opcode - unit->opcode_base;
        advance(machine, adjusted / unit->line_range);
        machine->row.line += unit->line_base + adjusted % unit->line_range;
        emit(machine);
    }
}

static bool run(const struct unit *unit, uint64_t address, struct line_place *place)
{
    struct machine machine = {.unit = unit, .wanted = address};
    struct span at = unit->program;
    reset(&machine);
    while (span_size(&at) && !at.broken && !machine.found)
        step(&machine, &at);
    if (!machine.found || !name_file(unit, machine.previous.file, place))
        return false;
    place->line = machine.previous.line;
    place->offset = address - machine.previous.address;
    return true;
}

/* Units */

static bool read_header(struct unit *unit, struct span body)
{
    unit->version = span_number(&body, 2);
    if (unit->version < OLDEST_VERSION || unit->version > NEWEST_VERSION)
        return false;
    if (unit->version >= 5) {
        unit->address_size = span_number(&body, 1);
        span_number(&body, 1); /* the size of a segment's number */
    }
    struct span header = span_take(&body, span_number(&body, unit->offset_size));
    unit->program = body;
    unit->minimum_length = span_number(&header, 1);
    unit->maximum_operations = unit->version >= 4 ? span_number(&header, 1) : 1;
    span_number(&header, 1); /* whether rows begin statements */
    unit->line_base = span_number(&header, 1);
    unit->line_range = span_number(&header, 1);
    unit->opcode_base = span_number(&header, 1);
    if (!unit->opcode_base)
        return false;
    unit->argument_counts = span_take(&header, unit->opcode_base - 1);
    unit->tables = header;
    return !header.broken && !body.broken && unit->line_range && unit->maximum_operations;
}

bool line_table_find(const struct line_sections *sections, uint64_t address, struct line_place *place)
{
    struct span at = sections->lines;
    while (span_size(&at) && !at.broken) {
        struct unit unit = {.sections = sections, .offset_size = 4};
        uint64_t length = span_number(&at, 4);
        if (length == UINT32_MAX) {
            unit.offset_size = 8;
            length = span_number(&at, 8);
        }
        struct span body = span_take(&at, length);
        if (!at.broken && read_header(&unit, body) && run(&unit, address, place))
            return true;
    }
    return false;
}
