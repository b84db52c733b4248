/* How a stub DLL and its backing meet.
 *
 * genthunks writes both sides from one .spec file: the stub's assembly refers to these layouts by
 * offset, and the backing's NAME.bind.c fills in `litewin_backing`. A change here raises
 * LITEWIN_ABI_VERSION, so that a stub and a backing of different builds refuse each other. */
#ifndef LITEWIN_BINDING_H
#define LITEWIN_BINDING_H

#include <stdint.h>

#define LITEWIN_ABI_VERSION 3
#define LITEWIN_STAMP_SECTION ".litewin"
#define LITEWIN_STAMP_MAGIC "litewin"
#define LITEWIN_BINDING_SECTION ".bind"
#define LITEWIN_BACKING_SYMBOL "litewin_backing"

/* A thunk looks at its stack that far below its frame before it calls Linux code: where a stack overflows, it
 * does so there, while no Linux code holds a lock, and Linux code has that much stack to itself. The fault
 * handler knows the instruction, and passes over one that meets something else than a stack's guard. */
#define LITEWIN_STACK_PROBE 0x4000
#define LITEWIN_STACK_PROBE_CODE 0x85, 0x84, 0x24, 0x00, 0xc0, 0xff, 0xff /* testl %eax, -0x4000(%rsp) */

/* The whole of a stub's .litewin section, put there by objcopy. */
struct litewin_stamp {
    char magic[8];          /* LITEWIN_STAMP_MAGIC */
    uint32_t abi_version;   /* LITEWIN_ABI_VERSION */
    uint32_t export_count;  /* how many functions the backing must hold */
    uint64_t spec_hash;     /* FNV-1a of the .spec file's bytes */
    char backing[64];       /* file name of the ELF side, "kernel32.so" */
};

/* A Linux function of any signature. */
typedef void (*litewin_function)(void);

/* Start of a stub's .bind section, the stub's only writable part besides `extern` data. The loader
 * fills it in when stub and backing are bound. */
struct litewin_binding {
    /* The table that class thunks call through, by export index. */
    const litewin_function *functions;
    /* Called with the stub's own base address and an export index for every `stub` export. It does
     * not return to its caller. */
    void (*not_implemented)(void *image_base, uint32_t index);
    /* One slot for each -direct export, in the order of litewin_backing.direct. */
    litewin_function direct[];
};

enum litewin_export_kind {
    LITEWIN_EXPORT_STUB,     /* named in the .spec, not implemented */
    LITEWIN_EXPORT_STDCALL,
    LITEWIN_EXPORT_CDECL,
    LITEWIN_EXPORT_VARARGS,
    LITEWIN_EXPORT_THISCALL,
    LITEWIN_EXPORT_FASTCALL,
    LITEWIN_EXPORT_EXTERN,
    LITEWIN_EXPORT_FORWARD,
};

enum litewin_export_flag {
    LITEWIN_EXPORT_DIRECT = 1,  /* the C function is in the Windows convention */
    LITEWIN_EXPORT_NORELAY = 2, /* it works on its caller's frame: nothing may come between the two */
};

/* What a .spec line says of one export, for messages, reports and tracing. Strings are offsets into
 * litewin_backing.strings, so that this table needs no relocation at start-up. */
struct litewin_export {
    uint32_t name;           /* "" when exported by ordinal only */
    uint32_t arguments;      /* "wstr:path dword:access", one blank between, "" for none */
    uint32_t result;         /* the -ret= type, "" when the line has none */
    uint32_t category;       /* the #!category in force, "" for none */
    uint16_t ordinal;
    uint8_t kind : 4;        /* enum litewin_export_kind */
    uint8_t flags : 4;       /* of enum litewin_export_flag */
    uint8_t argument_count;
};

/* A datum that lives in the PE image: the loader stores its address in the backing's pointer. */
struct litewin_extern {
    uint16_t ordinal;
    void **address;
};

/* The backing's one exported datum. Exports are numbered in the order of the export table's
 * ordinals, without holes; that number is the index in `functions` and in `exports`. */
struct litewin_backing {
    uint32_t abi_version;
    uint32_t export_count;
    uint64_t spec_hash;
    const litewin_function *functions;    /* NULL for stubs, externs and forwarders */
    const struct litewin_export *exports;
    const char *strings;
    const struct litewin_extern *externs;
    const uint32_t *direct;               /* export indices, one for each slot of the binding */
    uint32_t extern_count;
    uint32_t direct_count;
    /* Run once, after `externs` have their addresses and before any Windows code of the DLL's
     * importers. NULL unless the backing defines `litewin_attach`. */
    void (*attach)(void *image_base);
    /* The DLL whose backing this one calls, which is loaded with it; `litewin_needs`, or NULL. It need not be named
     * for ntdll and kernel32. */
    const char *needs;
};

#endif
