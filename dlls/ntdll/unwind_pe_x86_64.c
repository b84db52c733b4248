#include "dlls/ntdll/unwind_pe.h"

#define RSP_NUMBER 4
#define RBP_NUMBER 5

static DWORD64 *integer_register(CONTEXT *context, unsigned number)
{
    return &(&context->Rax)[number];
}

static const struct unwind_info *info_of(uint64_t image_base, const RUNTIME_FUNCTION *function)
{
    return (const struct unwind_info *)(image_base + function->UnwindData);
}

/* Some linkers let entries share unwind data through another entry. */
static const RUNTIME_FUNCTION *follow_indirection(uint64_t image_base, const RUNTIME_FUNCTION *function)
{
    while (function->UnwindData & RUNTIME_FUNCTION_INDIRECT)
        function =
            (const RUNTIME_FUNCTION *)(image_base + (function->UnwindData & ~RUNTIME_FUNCTION_INDIRECT));
    return function;
}

static const void *behind_slots(const struct unwind_info *info)
{
    return &info->slots[(info->slot_count + 1) & ~1];
}

const RUNTIME_FUNCTION *unwind_pe_primary(uint64_t image_base, const RUNTIME_FUNCTION *function)
{
    for (;;) {
        function = follow_indirection(image_base, function);
        const struct unwind_info *info = info_of(image_base, function);
        if (!(info->flags & UNW_FLAG_CHAININFO))
            return function;
        function = behind_slots(info);
    }
}

/* Restoring */

static void restore_integer(CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers, unsigned number,
                            uint64_t address)
{
    *integer_register(context, number) = *(const uint64_t *)address;
    if (pointers)
        pointers->IntegerContext[number] = (PULONG64)address;
}

static void restore_xmm(CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers, unsigned number,
                        uint64_t address)
{
    memcpy(&context->FltSave.XmmRegisters[number], (const void *)address, sizeof(M128A));
    if (pointers)
        pointers->FloatingContext[number] = (PM128A)address;
}

static void pop_integer(CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers, unsigned number)
{
    uint64_t address = context->Rsp;
    context->Rsp += 8;
    restore_integer(context, pointers, number, address);
}

static void pop_rip(CONTEXT *context)
{
    context->Rip = *(const uint64_t *)context->Rsp;
    context->Rsp += 8;
}

/* Prologues */

static unsigned slots_taken(union unwind_slot slot)
{
    switch (slot.operation) {
    case UNWIND_ALLOCATE_LARGE:
        return slot.info ? 3 : 2;
    case UNWIND_SAVE_NONVOLATILE:
    case UNWIND_SAVE_XMM:
        return 2;
    case UNWIND_SAVE_NONVOLATILE_FAR:
    case UNWIND_SAVE_XMM_FAR:
        return 3;
    default:
        return 1;
    }
}

static uint32_t far_operand(const union unwind_slot *slot)
{
    return slot[1].value | (uint32_t)slot[2].value << 16;
}

static uint64_t fixed_frame(const struct unwind_info *info, CONTEXT *context)
{
    return *integer_register(context, info->frame_register) - info->frame_offset * 16;
}

/* What saved registers' offsets are relative to, and what identifies the frame: the stack pointer after
 * the fixed allocation. A function with a frame register may have moved RSP since. */
static uint64_t frame_base(const struct unwind_info *info, uint32_t offset, CONTEXT *context)
{
    if (!info->frame_register)
        return context->Rsp;
    if (offset >= info->prologue_size)
        return fixed_frame(info, context);
    for (unsigned i = 0; i < info->slot_count; i += slots_taken(info->slots[i]))
        if (info->slots[i].operation == UNWIND_SET_FRAME_REGISTER && info->slots[i].prologue_offset <= offset)
            return fixed_frame(info, context);
    return context->Rsp;
}

/* True if the operation has set RIP, too. */
static bool undo_operation(const struct unwind_info *info, const union unwind_slot *slot, uint64_t frame,
                           CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    switch (slot->operation) {
    case UNWIND_PUSH_NONVOLATILE:
        pop_integer(context, pointers, slot->info);
        break;
    case UNWIND_ALLOCATE_LARGE:
        context->Rsp += slot->info ? far_operand(slot) : slot[1].value * 8u;
        break;
    case UNWIND_ALLOCATE_SMALL:
        context->Rsp += slot->info * 8 + 8;
        break;
    case UNWIND_SET_FRAME_REGISTER:
        context->Rsp = fixed_frame(info, context);
        break;
    case UNWIND_SAVE_NONVOLATILE:
        restore_integer(context, pointers, slot->info, frame + slot[1].value * 8u);
        break;
    case UNWIND_SAVE_NONVOLATILE_FAR:
        restore_integer(context, pointers, slot->info, frame + far_operand(slot));
        break;
    case UNWIND_SAVE_XMM:
        restore_xmm(context, pointers, slot->info, frame + slot[1].value * 16u);
        break;
    case UNWIND_SAVE_XMM_FAR:
        restore_xmm(context, pointers, slot->info, frame + far_operand(slot));
        break;
    case UNWIND_PUSH_MACHINE_FRAME: {
        const uint64_t *machine_frame =
            (const uint64_t *)context->Rsp + slot->info; /* behind an error code */
        context->Rip = machine_frame[0];
        context->Rsp = machine_frame[3];
        return true;
    }
    default:
        break;
    }
    return false;
}

/* Undoes what of the prologue has been executed `offset` bytes into the function. */
static bool undo_prologue(const struct unwind_info *info, uint32_t offset, uint64_t frame, CONTEXT *context,
                          KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    bool has_rip = false;
    for (unsigned i = 0; i < info->slot_count; i += slots_taken(info->slots[i]))
        if (info->slots[i].prologue_offset <= offset)
            has_rip |= undo_operation(info, &info->slots[i], frame, context, pointers);
    return has_rip;
}

/* Epilogues */

/* An epilogue is recognised by its code, which may hold nothing else: the fixed allocation is released,
 * registers are popped, and a return or a jump out of the function ends it. */
struct epilogue {
    uint64_t rsp; /* where the pops begin */
    unsigned pop_count;
    uint8_t popped[16];
};

static bool is_rex_w(uint8_t byte)
{
    return (byte & 0xf8) == 0x48;
}

static const uint8_t *skip_release(const uint8_t *code, const struct unwind_info *info, CONTEXT *context,
                                   struct epilogue *epilogue)
{
    int32_t displacement;
    epilogue->rsp = context->Rsp;
    if (code[0] == 0x48 && code[1] == 0x83 && code[2] == 0xc4) { /* add $imm8, %rsp */
        epilogue->rsp += (int8_t)code[3];
        return code + 4;
    }
    if (code[0] == 0x48 && code[1] == 0x81 && code[2] == 0xc4) { /* add $imm32, %rsp */
        memcpy(&displacement, code + 3, sizeof displacement);
        epilogue->rsp += displacement;
        return code + 7;
    }
    if ((code[0] & 0xfe) != 0x48 || code[1] != 0x8d || !info->frame_register) /* lea disp(%frame), %rsp */
        return code;
    unsigned base = (code[2] & 7) | (code[0] & 1) << 3, mode = code[2] >> 6;
    bool is_frame_register = base == info->frame_register && mode != 3 && (base & 7) != RSP_NUMBER &&
                             !(mode == 0 && (base & 7) == RBP_NUMBER); /* which would be relative to RIP */
    if ((code[2] >> 3 & 7) != RSP_NUMBER || !is_frame_register)
        return code;
    epilogue->rsp = *integer_register(context, base);
    if (mode == 1)
        epilogue->rsp += (int8_t)code[3];
    if (mode == 2) {
        memcpy(&displacement, code + 3, sizeof displacement);
        epilogue->rsp += displacement;
    }
    return code + 3 + (mode == 1 ? 1 : mode == 2 ? 4 : 0);
}

static const uint8_t *skip_pops(const uint8_t *code, struct epilogue *epilogue)
{
    epilogue->pop_count = 0;
    while (epilogue->pop_count < sizeof epilogue->popped) {
        bool extended = (code[0] & 0xf0) == 0x40;
        if ((code[extended] & 0xf8) != 0x58)
            break;
        unsigned number = (code[extended] & 7) | (extended && code[0] & 1 ? 8 : 0);
        epilogue->popped[epilogue->pop_count++] = number;
        code += extended + 1;
    }
    return code;
}

/* A jump inside the function ends no epilogue, unless it is a call of itself. */
static bool leaves_function(uint64_t target, uint64_t image_base, const RUNTIME_FUNCTION *function)
{
    const RUNTIME_FUNCTION *primary = unwind_pe_primary(image_base, function);
    uint64_t rva = target - image_base;
    if (rva == primary->BeginAddress)
        return true;
    return (rva < function->BeginAddress || rva >= function->EndAddress) &&
           (rva < primary->BeginAddress || rva >= primary->EndAddress);
}

static bool ends_epilogue(const uint8_t *code, uint64_t image_base, const RUNTIME_FUNCTION *function)
{
    int32_t displacement;
    switch (code[0]) {
    case 0xc3: /* ret */
    case 0xc2: /* ret $n */
        return true;
    case 0xf3: /* rep ret */
    case 0xf2: /* bnd ret */
        return code[1] == 0xc3;
    case 0xeb:
        return leaves_function((uint64_t)code + 2 + (int8_t)code[1], image_base, function);
    case 0xe9:
        memcpy(&displacement, code + 1, sizeof displacement);
        return leaves_function((uint64_t)code + 5 + displacement, image_base, function);
    case 0xff: /* jmp *disp(%rip); without REX.W, other indirect jumps are those of switch tables */
        return code[1] == 0x25;
    default:
        return is_rex_w(code[0]) && code[1] == 0xff && (code[2] >> 3 & 7) == 4;
    }
}

static bool unwind_epilogue(const struct unwind_info *info, uint64_t image_base, uint64_t pc,
                            const RUNTIME_FUNCTION *function, CONTEXT *context,
                            KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    struct epilogue epilogue;
    const uint8_t *code = skip_release((const uint8_t *)pc, info, context, &epilogue);
    code = skip_pops(code, &epilogue);
    bool has_frame = info->slot_count || info->flags & UNW_FLAG_CHAININFO;
    if (!ends_epilogue(code, image_base, function) || (!has_frame && code != (const uint8_t *)pc))
        return false;
    context->Rsp = epilogue.rsp;
    for (unsigned i = 0; i < epilogue.pop_count; i++)
        pop_integer(context, pointers, epilogue.popped[i]);
    pop_rip(context);
    return true;
}

/* Frames */

PEXCEPTION_ROUTINE unwind_pe_frame(DWORD handler_type, uint64_t image_base, uint64_t pc,
                                   const RUNTIME_FUNCTION *function, CONTEXT *context, void **handler_data,
                                   uint64_t *establisher_frame, KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    function = follow_indirection(image_base, function);
    const struct unwind_info *info = info_of(image_base, function);
    uint32_t offset = (uint32_t)(pc - image_base) - function->BeginAddress;
    bool in_prologue = offset < info->prologue_size;
    uint64_t frame = frame_base(info, offset, context);
    *establisher_frame = frame;
    if (!in_prologue && unwind_epilogue(info, image_base, pc, function, context, pointers))
        return NULL;

    bool has_rip = undo_prologue(info, offset, frame, context, pointers);
    while (info->flags & UNW_FLAG_CHAININFO) {
        function = follow_indirection(image_base, behind_slots(info));
        info = info_of(image_base, function);
        has_rip |= undo_prologue(info, UINT32_MAX, frame, context, pointers);
    }
    if (!has_rip)
        pop_rip(context);

    if (in_prologue || !(info->flags & handler_type))
        return NULL;
    const uint32_t *handler_rva = behind_slots(info);
    *handler_data = (void *)(handler_rva + 1);
    return (PEXCEPTION_ROUTINE)(image_base + *handler_rva);
}
