/* Unwinding of Windows frames on x86-64, as their unwind data (.xdata) describes them. */
#ifndef NTDLL_UNWIND_PE_H
#define NTDLL_UNWIND_PE_H

#include <litewin/windows.h>

enum unwind_operation {
    UNWIND_PUSH_NONVOLATILE = 0,
    UNWIND_ALLOCATE_LARGE = 1,
    UNWIND_ALLOCATE_SMALL = 2,
    UNWIND_SET_FRAME_REGISTER = 3,
    UNWIND_SAVE_NONVOLATILE = 4,
    UNWIND_SAVE_NONVOLATILE_FAR = 5,
    UNWIND_EPILOGUE = 6, /* version 2: where epilogues are */
    UNWIND_SPARE = 7,
    UNWIND_SAVE_XMM = 8,
    UNWIND_SAVE_XMM_FAR = 9,
    UNWIND_PUSH_MACHINE_FRAME = 10,
};

/* One slot of UNWIND_INFO's array; an operation takes one to three of them. */
union unwind_slot {
    struct {
        uint8_t prologue_offset; /* of the end of the instruction */
        uint8_t operation : 4;
        uint8_t info : 4;
    };
    uint16_t value;
};

struct unwind_info {
    uint8_t version : 3;
    uint8_t flags : 5; /* UNW_FLAG_* */
    uint8_t prologue_size;
    uint8_t slot_count;
    uint8_t frame_register : 4; /* 0: none */
    uint8_t frame_offset : 4;   /* in units of 16 bytes */
    union unwind_slot slots[];
    /* At the next multiple of 4: the chained RUNTIME_FUNCTION, or the handler's RVA and its data. */
};

/* The function's entry of which a chained entry is a part; the entry itself if it is not chained. */
const RUNTIME_FUNCTION *unwind_pe_primary(uint64_t image_base, const RUNTIME_FUNCTION *function);

/* Turns the context of a frame into that of its caller. The result is the frame's language handler,
 * NULL unless it has one of a kind in `handler_type` (UNW_FLAG_*) and its body was executing. `pointers`
 * may be NULL. */
PEXCEPTION_ROUTINE unwind_pe_frame(DWORD handler_type, uint64_t image_base, uint64_t pc,
                                   const RUNTIME_FUNCTION *function, CONTEXT *context, void **handler_data,
                                   uint64_t *establisher_frame, KNONVOLATILE_CONTEXT_POINTERS *pointers);

#endif
