#include <litewin/windows.h>
#include <dbghelp.h>
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "loader/crash/crash.h"
#include "loader/crash/minidump.h"

/* It sets an HRESULT where others set an error. */
static BOOL fail(DWORD error)
{
    SetLastError(HRESULT_FROM_WIN32(error));
    return FALSE;
}

static BOOL write_dump(HANDLE handle, const struct minidump_source *source)
{
    struct file *file;
    if (!NT_SUCCESS(handle_reference(handle, &file_type, FILE_WRITE_DATA, &file)))
        return fail(ERROR_INVALID_HANDLE);
    bool written = crash_write_dump(file_descriptor(file), source);
    object_release(file);
    return written || fail(ERROR_WRITE_FAULT);
}

/* Of this process alone. What a callback would choose among is small, and all of it is written. */
BOOL MiniDumpWriteDump(HANDLE process, DWORD id, HANDLE file, MINIDUMP_TYPE type,
                       const PMINIDUMP_EXCEPTION_INFORMATION exception,
                       const PMINIDUMP_USER_STREAM_INFORMATION user_streams,
                       const PMINIDUMP_CALLBACK_INFORMATION callback)
{
    /* As it will be when this returns: debuggers do not know litewin's code. */
    CONTEXT context = {.ContextFlags = CONTEXT_ALL};
    struct minidump_source source = {
        .context = &context,
        .full = type & MiniDumpWithFullMemory,
        .user_streams = user_streams ? user_streams->UserStreamArray : NULL,
        .user_stream_count = user_streams ? user_streams->UserStreamCount : 0,
    };
    if (process_check_current(process, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ) != STATUS_SUCCESS)
        return fail(ERROR_INVALID_HANDLE);
    if (!NT_SUCCESS(crash_get_context(thread_current(), &context)))
        return fail(ERROR_INVALID_FUNCTION);
    if (exception && exception->ExceptionPointers) {
        source.record = exception->ExceptionPointers->ExceptionRecord;
        source.exception_context = exception->ExceptionPointers->ContextRecord;
        source.exception_thread = exception->ThreadId;
    }
    return write_dump(file, &source);
}
