/* What longjmp does about exception handlers on its way; setjmp_x86_64.S has the rest. */
#include <litewin/windows.h>

/* The beginning of _JUMP_BUFFER. */
struct jump_buffer {
    void *frame;
    uint64_t rbx, rsp, rbp, rsi, rdi, r12, r13, r14, r15;
    void *rip;
};

/* Runs the termination handlers of the frames that are left. RtlUnwindEx knows this record, and takes all
 * registers from the buffer that it names. */
__attribute__((used)) void GUEST_CDECL GUEST_REALIGNED
crt_longjmp_through_handlers(struct jump_buffer *buffer, int value)
{
    CONTEXT context;
    EXCEPTION_RECORD record = {
        .ExceptionCode = STATUS_LONGJUMP,
        .NumberParameters = 1,
        .ExceptionInformation = {(ULONG_PTR)buffer},
    };
    RtlUnwindEx(buffer->frame, buffer->rip, &record, (void *)(intptr_t)value, &context, NULL);
}
