/* Arguments and results as text. */
#ifndef LOADER_TRACE_VALUE_H
#define LOADER_TRACE_VALUE_H

#include "loader/trace/text.h"
#include "loader/trace/type.h"

/* The most characters of a string that are shown. */
extern unsigned value_string_limit;
enum { VALUE_STRING_MOST = 1000 };

/* As the text format has it: "C:\\a.txt", 0x44 file "C:\\a.txt", GENERIC_READ|0x1. A pointer that points
 * nowhere is shown as its address, with a question mark behind it. */
void value_put(struct trace_text *text, const struct trace_type *type, uint64_t value);

/* The same as JSON. */
void value_put_json(struct trace_text *text, const struct trace_type *type, uint64_t value);

/* A buffer with that many characters, of the type's width; a negative count where it is terminated. */
void value_put_buffer(struct trace_text *text, enum text_quoting quoting, const struct trace_type *type,
                      uint64_t address, int64_t count);

/* What `value`, the address of an argument or a result's buffer, points to once the function has returned. */
void value_put_pointed_to(struct trace_text *text, const struct trace_type *type, uint64_t value);
void value_put_pointed_to_json(struct trace_text *text, const struct trace_type *type, uint64_t address);

#endif
