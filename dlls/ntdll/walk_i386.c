/* 32-bit Windows code need not describe its frames. What MinGW's compilers make does, in .eh_frame; of all
 * else the chain of frame pointers is followed, which thunks keep.
 *
 * Where a frame is in a call, the stack pointer is that of the moment behind the call instruction's push,
 * whoever takes the arguments off the stack: so it is what the frame's description says of the call itself.
 */
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/frame_information.h"
#include "dlls/ntdll/unwind_elf.h"
#include "dlls/ntdll/walk.h"
#include "kernel/vm.h"
#include "loader/crash/symbols.h"

static bool leave_described(const struct module *module, CONTEXT *context, bool innermost)
{
    struct frame_row row;
    size_t size;
    const void *descriptions = symbols_loaded_section(module, ".eh_frame", &size);
    uintptr_t address = context->Eip - !innermost;
    if (!descriptions || !frame_information_find_among(descriptions, size, address, &row))
        return false;
    unwind_described_frame(&row, context);
    return true;
}

static void leave_by_frame_pointer(CONTEXT *context)
{
    const DWORD *frame = (const DWORD *)context->Ebp;
    if (context->Ebp < context->Esp || context->Ebp % sizeof *frame) {
        context->Eip = 0;
        return;
    }
    context->Ebp = frame[0];
    context->Eip = frame[1];
    context->Esp = (DWORD)(frame + 2);
}

/* The program's part of a stack ends at the Linux frame that has switched to it. */
static void leave_linux_code(CONTEXT *context, bool innermost)
{
    bool was_on_stack = exception_is_on_stack(context->Esp);
    if (innermost)
        unwind_elf_interrupted_frame(context);
    else
        unwind_elf_frame(context->Eip, context, NULL);
    if (was_on_stack && !exception_is_on_stack(context->Esp))
        context->Eip = 0;
}

static bool is_executable(uintptr_t address)
{
    MEMORY_BASIC_INFORMATION memory;
    return !vm_query((const void *)address, &memory) && memory.State == MEM_COMMIT &&
           memory.Protect &
               (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY);
}

static void leave_by_return_address(CONTEXT *context)
{
    context->Eip = *(const DWORD *)context->Esp;
    context->Esp += sizeof(DWORD);
}

/* Of what is no code, only that somebody has called it is known. */
static bool is_nowhere(const struct module *module, uintptr_t address)
{
    return !module && !is_executable(address);
}

/* As a thread stands there that is suspended within Windows. */
static bool is_at_thunks_return(const struct module *module, uintptr_t address)
{
    uint8_t code = module && module->backing ? *(const uint8_t *)address : 0;
    return code == 0xc2 || code == 0xc3;
}

void walk_leave_frame(CONTEXT *context, bool innermost)
{
    const struct module *module = module_from_address((const void *)context->Eip);
    if (unwind_is_elf(context->Eip))
        leave_linux_code(context, innermost);
    else if (is_nowhere(module, context->Eip) || is_at_thunks_return(module, context->Eip))
        leave_by_return_address(context);
    else if (!module || module->backing || !leave_described(module, context, innermost))
        leave_by_frame_pointer(context);
}
