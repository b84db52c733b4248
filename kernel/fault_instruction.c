#include "kernel/fault_instruction.h"
#include "kernel/teb.h"
#include "kernel/vm.h"

#ifdef __x86_64__
#define IS_64BIT true
#else
#define IS_64BIT false
#endif

#define REX_W 8
#define REX_X 2
#define REX_B 1

/* What the processor accepts, prefixes included. */
#define MAXIMUM_LENGTH 15

/* An instruction without its prefixes; all of it where there are too many. */
struct instruction {
    const uint8_t *code;
    uint8_t rex;
    bool operand_16; /* 16-bit operands */
    bool address_32; /* addresses of 32 bits where they usually have 64 */
    bool in_teb;     /* a segment prefix makes addresses relative to the TEB */
};

static uintptr_t get_register(CONTEXT *context, unsigned number)
{
#ifdef __x86_64__
    return (&context->Rax)[number];
#else
    const DWORD registers[8] = {context->Eax, context->Ecx, context->Edx, context->Ebx,
                                context->Esp, context->Ebp, context->Esi, context->Edi};
    return registers[number];
#endif
}

static const uint8_t *program_counter(const CONTEXT *context)
{
#ifdef __x86_64__
    return (const uint8_t *)context->Rip;
#else
    return (const uint8_t *)context->Eip;
#endif
}

static struct instruction decode(const CONTEXT *context)
{
    struct instruction instruction = {.code = program_counter(context)};
    const uint8_t teb_prefix = IS_64BIT ? 0x65 : 0x64, *end = instruction.code + MAXIMUM_LENGTH;
    for (; instruction.code < end; instruction.code++) {
        switch (*instruction.code) {
        case 0x66:
            instruction.operand_16 = true;
            continue;
        case 0x64:
        case 0x65:
            instruction.in_teb |= *instruction.code == teb_prefix;
            continue;
        case 0x67:
            instruction.address_32 = IS_64BIT;
            continue;
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
        case 0xf0:
        case 0xf2:
        case 0xf3:
            continue;
        }
        break;
    }
    if (IS_64BIT && (*instruction.code & 0xf0) == 0x40)
        instruction.rex = *instruction.code++;
    return instruction;
}

/* The part of an address that a SIB byte gives. */
static uintptr_t sib_address(const struct instruction *instruction, uint8_t mode, uint8_t sib,
                             CONTEXT *context)
{
    unsigned base = (sib & 7) | (instruction->rex & REX_B ? 8 : 0);
    unsigned index = (sib >> 3 & 7) | (instruction->rex & REX_X ? 8 : 0);
    uintptr_t address = (sib & 7) == 5 && mode == 0 ? 0 : get_register(context, base);
    if (index != 4)
        address += get_register(context, index) << (sib >> 6);
    return address;
}

/* The address of the memory operand that the ModRM byte behind a one-byte opcode gives. */
static uintptr_t memory_operand(const struct instruction *instruction, CONTEXT *context)
{
    const uint8_t *at = instruction->code + 1;
    uint8_t mode = *at >> 6, base = *at & 7, sib = 0;
    bool has_sib = base == 4;
    uintptr_t address = 0;
    at++;
    if (has_sib) {
        sib = *at++;
        address = sib_address(instruction, mode, sib, context);
    } else if (mode || base != 5) {
        address = get_register(context, base | (instruction->rex & REX_B ? 8 : 0));
    }
    bool is_absolute = mode == 0 && (has_sib ? sib & 7 : base) == 5;
    int32_t displacement = 0;
    if (mode == 1) {
        displacement = (int8_t)*at++;
    } else if (mode == 2 || is_absolute) {
        memcpy(&displacement, at, sizeof displacement);
        at += sizeof displacement;
    }
    if (IS_64BIT && mode == 0 && base == 5) /* relative to the next instruction; a division ends here */
        address += (uintptr_t)at;
    address += displacement;
    if (instruction->address_32)
        address = (uint32_t)address;
    return address + (instruction->in_teb ? (uintptr_t)teb_current() : 0);
}

static uint64_t divisor(const struct instruction *instruction, CONTEXT *context)
{
    uint8_t modrm = instruction->code[1], number = modrm & 7;
    unsigned size = instruction->code[0] == 0xf6 ? 1
                    : instruction->rex & REX_W   ? 8
                    : instruction->operand_16    ? 2
                                                 : 4;
    uint64_t value = 0;
    if (modrm >> 6 != 3) {
        vm_copy(&value, (const void *)memory_operand(instruction, context), size);
        return value;
    }
    if (size == 1 && !instruction->rex && number >= 4) /* AH, CH, DH, BH */
        return get_register(context, number - 4) >> 8 & 0xff;
    uintptr_t full = get_register(context, number | (instruction->rex & REX_B ? 8 : 0));
    memcpy(&value, &full, size);
    return value;
}

bool instruction_divides_by_zero(CONTEXT *context)
{
    struct instruction instruction = decode(context);
    if (instruction.code[0] == 0xd4) /* aam $n */
        return instruction.code[1] == 0;
    if ((instruction.code[0] & 0xfe) != 0xf6)
        return true;
    return divisor(&instruction, context) == 0;
}

/* Those behind the byte 0x0f. */
static bool is_privileged_extended(const uint8_t *code)
{
    unsigned extension = code[1] >> 3 & 7;
    switch (code[0]) {
    case 0x00: /* lldt, ltr */
        return extension == 2 || extension == 3;
    case 0x01: /* lgdt, lidt, lmsw, invlpg and those that share their code */
        return extension == 2 || extension == 3 || extension == 6 || extension == 7;
    case 0x06: /* clts */
    case 0x07: /* sysret */
    case 0x08: /* invd */
    case 0x09: /* wbinvd */
    case 0x20: /* moves of control and debug registers */
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x30: /* wrmsr */
    case 0x31: /* rdtsc */
    case 0x32: /* rdmsr */
    case 0x33: /* rdpmc */
    case 0x35: /* sysexit */
        return true;
    default:
        return false;
    }
}

bool instruction_is_privileged(CONTEXT *context)
{
    struct instruction instruction = decode(context);
    uint8_t opcode = instruction.code[0];
    if (opcode == 0x0f)
        return is_privileged_extended(instruction.code + 1);
    return opcode == 0xf4 || opcode == 0xfa || opcode == 0xfb || /* hlt, cli, sti */
           (opcode >= 0x6c && opcode <= 0x6f) ||                 /* ins, outs */
           (opcode >= 0xe4 && opcode <= 0xe7) ||                 /* in, out */
           (opcode >= 0xec && opcode <= 0xef);
}

bool instruction_is_too_long(CONTEXT *context)
{
    return decode(context).code - program_counter(context) >= MAXIMUM_LENGTH;
}

int instruction_interrupt(CONTEXT *context)
{
    struct instruction instruction = decode(context);
    return instruction.code[0] == 0xcd ? instruction.code[1] : -1;
}
