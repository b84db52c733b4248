#include "loader/trace/format.h"
#include "kernel/thread.h"

static uint64_t stack_argument(const struct trace_frame *frame, const struct trace_argument *argument)
{
    const uintptr_t *words = frame->stack;
    uint64_t value = words[argument->index];
    if (sizeof *words == 4 && !argument->type.points && argument->type.size == 8)
        value |= (uint64_t)words[argument->index + 1] << 16 << 16;
    return value;
}

uint64_t format_argument(const struct trace_frame *frame, const struct trace_argument *argument)
{
    uint64_t value = 0;
    switch ((enum trace_place)argument->place) {
    case PLACE_INTEGER:
        return frame->integers[argument->index];
    case PLACE_FLOAT:
#ifdef __x86_64__
        memcpy(&value, &frame->floats[argument->index], sizeof value);
#endif
        return value;
    case PLACE_STACK:
        return stack_argument(frame, argument);
    }
    return value;
}

int64_t format_count(const struct trace_frame *frame, const struct trace_argument *argument)
{
    unsigned unused = 64 - 8 * argument[1].type.size;
    uint64_t value = format_argument(frame, &argument[1]) << unused;
    return argument[1].type.kind == KIND_SIGNED ? (int64_t)value >> unused : (int64_t)(value >> unused);
}

uint64_t format_output(const struct trace_frame *frame, const struct trace_argument *argument)
{
    const struct trace_type *type = &argument->type;
    bool receives = type->points || type->kind == KIND_TEXT || type->kind == KIND_WIDE_TEXT;
    return receives ? format_argument(frame, argument) : 0;
}

uint64_t format_result(const struct trace_frame *frame)
{
    const struct trace_type *type = &frame->export->result;
    uint64_t value = frame->result;
    if (type->points || (type->kind != KIND_FLOAT && type->kind != KIND_DOUBLE))
        return value;
#ifdef __x86_64__
    memcpy(&value, &frame->float_result.value, sizeof value);
#else
    long double extended;
    memcpy(&extended, frame->float_result.bytes, 10);
    float single = extended;
    double number = extended;
    value = 0;
    if (type->kind == KIND_FLOAT)
        memcpy(&value, &single, sizeof single);
    else
        memcpy(&value, &number, sizeof number);
#endif
    return value;
}

uint32_t format_last_error(const struct trace_frame *frame)
{
    const struct trace_type *type = &frame->export->result;
    bool has_error = type->kind != KIND_STATUS && type->kind != KIND_ERROR;
    return has_error && trace_type_failed(type, frame->result) ? teb_current()->LastErrorValue : 0;
}
