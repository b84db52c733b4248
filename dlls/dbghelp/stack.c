/* Walking over stacks. */
#include <litewin/windows.h>
#include <dbghelp.h>
#include "loader/crash/crash.h"

#ifdef __x86_64__
#define MACHINE     IMAGE_FILE_MACHINE_AMD64
#define PC(context) ((context)->Rip)
#define SP(context) ((context)->Rsp)
#define FP(context) ((context)->Rbp)
#else
#define MACHINE     IMAGE_FILE_MACHINE_I386
#define PC(context) ((context)->Eip)
#define SP(context) ((context)->Esp)
#define FP(context) ((context)->Ebp)
#endif

PVOID SymFunctionTableAccess64(HANDLE process, DWORD64 address)
{
#ifdef __x86_64__
    DWORD64 base;
    return RtlLookupFunctionEntry(address, &base, NULL);
#else
    return NULL; /* It would be frame pointer omission data, which no compiler writes any more. */
#endif
}

/* How far the walk has come is kept in the frame, which the program has filled with zeros. */
enum progress { NOT_BEGUN, AT_INNERMOST, FURTHER_UP };

static void describe(STACKFRAME64 *frame, const CONTEXT *context)
{
    CONTEXT caller = *context;
    crash_walk(&caller, frame->Reserved[0] == AT_INNERMOST);
    frame->AddrPC = (ADDRESS64){PC(context), 0, AddrModeFlat};
    frame->AddrStack = (ADDRESS64){SP(context), 0, AddrModeFlat};
    frame->AddrFrame = (ADDRESS64){FP(context), 0, AddrModeFlat};
    frame->AddrReturn = (ADDRESS64){PC(&caller), 0, AddrModeFlat};
}

/* On i386 the addresses in the frame are enough. */
static CONTEXT context_of(const STACKFRAME64 *frame)
{
    CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
    PC(&context) = frame->AddrPC.Offset;
    SP(&context) = frame->AddrStack.Offset;
    FP(&context) = frame->AddrFrame.Offset;
    return context;
}

static bool walk(STACKFRAME64 *frame, CONTEXT *context)
{
    uintptr_t sp = SP(context);
    if (frame->Reserved[0] == NOT_BEGUN) {
        frame->Reserved[0] = AT_INNERMOST;
    } else {
        crash_walk(context, frame->Reserved[0] == AT_INNERMOST);
        frame->Reserved[0] = FURTHER_UP;
        if (SP(context) < sp)
            return false;
    }
    describe(frame, context);
    return PC(context);
}

/* Of this process's threads. The functions that would read another's memory are not needed. */
BOOL StackWalk64(DWORD machine, HANDLE process, HANDLE thread, LPSTACKFRAME64 frame, PVOID context,
                 PREAD_PROCESS_MEMORY_ROUTINE64 read, PFUNCTION_TABLE_ACCESS_ROUTINE64 function_table,
                 PGET_MODULE_BASE_ROUTINE64 module_base, PTRANSLATE_ADDRESS_ROUTINE64 translate)
{
    if (machine != MACHINE || !frame || (!context && MACHINE != IMAGE_FILE_MACHINE_I386)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    CONTEXT own = context_of(frame);
    return walk(frame, context ? context : &own);
}
