/* Names of values: what Windows' headers call flags, choices, errors and statuses. */
#ifndef LOADER_TRACE_NAMES_H
#define LOADER_TRACE_NAMES_H

#include "loader/trace/text.h"

/* Up to an entry without a name. Of flags, masks of several bits come before their parts. */
struct trace_names {
    uint32_t value;
    const char *name;
};

extern const struct trace_names names_access[], names_share[], names_disposition[], names_attributes[],
    names_protection[], names_allocation[], names_standard_handle[], names_origin[], names_timeout[],
    names_wait[], names_creation[], names_load[], names_move[], names_codepage[], names_nt_disposition[],
    names_nt_options[], names_map_access[], names_file_type[], names_file_class[], names_conversion[],
    names_heap_flags[], names_message_flags[], names_duplication[], names_handle_flags[], names_open_flags[],
    names_whence[], names_locale_category[], names_control_code[], names_lock_flags[], names_compare[],
    names_tls_index[], names_set_pointer[], names_file_size[];

/* NULL for a value without a name. */
const char *names_find(const struct trace_names *names, uint32_t value);
const char *names_of_error(uint32_t error);
const char *names_of_status(uint32_t status);

/* "GENERIC_READ|GENERIC_WRITE|0x4"; "0" for none. */
void names_put_flags(struct trace_text *text, const struct trace_names *names, uint32_t value);

#endif
