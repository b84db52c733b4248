/* What longjmp does about exception handlers on its way; setjmp_i386.S has the rest. */
#include <litewin/windows.h>

#define NO_FRAME ((struct exception_frame *)-1)
#define COOKIE   0x56433230
#define MAX_DATA 6

/* What a function with handlers puts on the frame list at fs:[0], as its compiler's runtime extends it. */
struct exception_frame {
    struct exception_frame *previous;
    void *handler;
    void *scope_table;
    uint32_t try_level;
};

struct jump_buffer {
    uint32_t ebp, ebx, edi, esi, esp, eip;
    struct exception_frame *frame;
    uint32_t try_level;
    uint32_t cookie;
    void(GUEST_STDCALL *unwind)(struct jump_buffer *buffer);
    uint32_t data[MAX_DATA];
};

static struct exception_frame *current_frame(void)
{
    struct exception_frame *frame;
    __asm__("movl %%fs:0, %0" : "=r"(frame));
    return frame;
}

static void keep_frame(struct jump_buffer *buffer)
{
    buffer->frame = current_frame();
    buffer->try_level = buffer->frame == NO_FRAME ? (uint32_t)-1 : buffer->frame->try_level;
    buffer->cookie = COOKIE;
    buffer->unwind = NULL;
}

/* Up to `count` words follow: how the compiler's runtime unwinds within the frame, its try level, and data.
 */
__attribute__((used, force_align_arg_pointer)) int crt_keep_exception_frame(struct jump_buffer *buffer,
                                                                            int count, ...)
{
    keep_frame(buffer);
    if (buffer->frame == NO_FRAME)
        return 0;
    va_list words;
    va_start(words, count);
    if (count > 0)
        buffer->unwind = va_arg(words, void *);
    if (count > 1)
        buffer->try_level = va_arg(words, uint32_t);
    for (int i = 0; i < count - 2 && i < MAX_DATA; i++)
        buffer->data[i] = va_arg(words, uint32_t);
    va_end(words);
    return 0;
}

__attribute__((used, force_align_arg_pointer)) int crt_keep_exception_frame_only(struct jump_buffer *buffer)
{
    keep_frame(buffer);
    return 0;
}

__attribute__((used)) void crt_unwind_to_exception_frame(struct jump_buffer *buffer)
{
    if (current_frame() != buffer->frame)
        RtlUnwind(buffer->frame, NULL, NULL, NULL);
    if (buffer->frame != NO_FRAME && buffer->cookie == COOKIE && buffer->unwind)
        buffer->unwind(buffer);
}
