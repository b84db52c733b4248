#include "dlls/ntdll/context.h"

typedef LONG(GUEST_CDECL *scope_filter)(EXCEPTION_POINTERS *pointers, void *frame);
typedef void(GUEST_CDECL *scope_termination)(BOOLEAN abnormal, void *frame);

/* A scope without a jump target is a __try with __finally, whose handler is the termination block; else it
 * has an __except, whose handler is the filter, or this for one that is constantly true. */
#define FILTER_IS_TRUE 1

static bool scope_holds(const SCOPE_TABLE_AMD64 *table, DWORD index, uint64_t rva)
{
    return rva >= table->ScopeRecord[index].BeginAddress && rva < table->ScopeRecord[index].EndAddress;
}

static LONG call_filter(uint64_t image_base, DWORD handler, EXCEPTION_RECORD *record, CONTEXT *context,
                        void *frame)
{
    if (handler == FILTER_IS_TRUE)
        return EXCEPTION_EXECUTE_HANDLER;
    EXCEPTION_POINTERS pointers = {record, context};
    return ((scope_filter)(image_base + handler))(&pointers, frame);
}

/* The block is entered with the exception's code in RAX: GetExceptionCode reads it there. */
static void execute_handler(const SCOPE_TABLE_AMD64 *table, DWORD index, EXCEPTION_RECORD *record,
                            void *frame, DISPATCHER_CONTEXT *dispatcher)
{
    void *target = (void *)(dispatcher->ImageBase + table->ScopeRecord[index].JumpTarget);
    RtlUnwindEx(frame, target, record, (void *)(uint64_t)record->ExceptionCode, dispatcher->ContextRecord,
                dispatcher->HistoryTable);
}

static EXCEPTION_DISPOSITION search_scopes(const SCOPE_TABLE_AMD64 *table, EXCEPTION_RECORD *record,
                                           void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatcher)
{
    uint64_t rva = dispatcher->ControlPc - dispatcher->ImageBase;
    for (DWORD i = dispatcher->ScopeIndex; i < table->Count; i++) {
        if (!scope_holds(table, i, rva) || !table->ScopeRecord[i].JumpTarget)
            continue;
        LONG answer =
            call_filter(dispatcher->ImageBase, table->ScopeRecord[i].HandlerAddress, record, context, frame);
        if (answer < 0)
            return ExceptionContinueExecution;
        if (answer > 0)
            execute_handler(table, i, record, frame, dispatcher);
    }
    return ExceptionContinueSearch;
}

/* In the frame that the unwind is for, the scopes that also hold the target are not left. */
static bool unwind_ends_in_scope(const SCOPE_TABLE_AMD64 *table, DWORD index, uint64_t target)
{
    return table->ScopeRecord[index].JumpTarget ? table->ScopeRecord[index].JumpTarget == target
                                                : scope_holds(table, index, target);
}

static EXCEPTION_DISPOSITION leave_scopes(const SCOPE_TABLE_AMD64 *table, const EXCEPTION_RECORD *record,
                                          void *frame, DISPATCHER_CONTEXT *dispatcher)
{
    uint64_t rva = dispatcher->ControlPc - dispatcher->ImageBase;
    uint64_t target = dispatcher->TargetIp - dispatcher->ImageBase;
    bool is_target = record->ExceptionFlags & EXCEPTION_TARGET_UNWIND;
    for (DWORD i = dispatcher->ScopeIndex; i < table->Count; i++) {
        if (!scope_holds(table, i, rva))
            continue;
        if (is_target && unwind_ends_in_scope(table, i, target))
            break;
        if (table->ScopeRecord[i].JumpTarget)
            continue;
        /* Should the block raise an exception, it is not run again for that. */
        dispatcher->ScopeIndex = i + 1;
        ((scope_termination)(dispatcher->ImageBase + table->ScopeRecord[i].HandlerAddress))(TRUE, frame);
    }
    return ExceptionContinueSearch;
}

/* The language handler of functions with __try. */
EXCEPTION_DISPOSITION __C_specific_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                           DISPATCHER_CONTEXT *dispatcher)
{
    const SCOPE_TABLE_AMD64 *table = dispatcher->HandlerData;
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        return leave_scopes(table, record, frame, dispatcher);
    return search_scopes(table, record, frame, context, dispatcher);
}
