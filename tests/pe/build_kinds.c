#include "tests/pe/build_kinds.h"

#define CODE   (IMAGE_SCN_CNT_CODE | IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_READ)
#define DATA   (IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE)
#define RDATA  (IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ)
#define BSS    (IMAGE_SCN_CNT_UNINITIALIZED_DATA | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE)
#define RELOC  (RDATA | IMAGE_SCN_MEM_DISCARDABLE)
#define ANSWER 42

/* Bytes of code that serve both machines unless their name says otherwise. */
#define RETURN_42                "\xB8\x2A\x00\x00\x00\xC3" /* mov eax, 42; ret */
#define RET                      "\xC3"
#define CALL_INDIRECT            "\xFF\x15" /* call [memory] */
#define LOAD_EAX                 "\x8B\x05" /* mov eax, [memory] */
#define STORE_DWORD              "\xC7\x05" /* mov dword [memory], immediate */
#define IMMEDIATE_42             "\x2A\x00\x00\x00"
#define ADD_EAX_42               "\x83\xC0\x2A"
#define ENTER_64                 "\x48\x83\xEC\x28" /* sub rsp, 40 */
#define LEAVE_64                 "\x48\x83\xC4\x28" /* add rsp, 40 */
#define PUT_LITERAL(build, text) build_put(build, text, sizeof(text) - 1)

static void start_code(struct pe_build *build)
{
    build_set_entry(build, build_section(build, ".text", CODE));
}

static void end_with_relocations(struct pe_build *build)
{
    build_section(build, ".reloc", RELOC);
    build_relocations(build);
    build_end(build);
}

static void no_relocations(struct pe_build *build)
{
    build_file_header(build)->Characteristics |= IMAGE_FILE_RELOCS_STRIPPED;
    build_end(build);
}

/* Code that ends the process with 42 through an import slot of ExitProcess. */
static void put_exit_process(struct pe_build *build, uint32_t slot)
{
    if (build->is_64bit) {
        PUT_LITERAL(build, ENTER_64);
        PUT_LITERAL(build, "\xB9" IMMEDIATE_42); /* mov ecx, 42 */
    } else {
        PUT_LITERAL(build, "\x6A\x2A"); /* push 42 */
    }
    build_memory_operand(build, CALL_INDIRECT, 2, slot, 0);
    PUT_LITERAL(build, "\xCC");
}

/* Programs that run */

static void build_naked(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    start_code(build);
    PUT_LITERAL(build, RETURN_42);
    no_relocations(build);
}

/* A data section with 42 and the code that returns it. */
static void put_data_program(struct pe_build *build)
{
    build_section(build, ".data", DATA);
    uint32_t answer = build_dword(build, ANSWER);
    start_code(build);
    build_memory_operand(build, LOAD_EAX, 2, answer, 0);
    PUT_LITERAL(build, RET);
    build_section(build, ".ptr", RDATA);
    build_address(build, answer);
}

/* Addresses that no program gets: the kernel's. */
static uint64_t unusable_base(uint16_t machine)
{
    return machine == IMAGE_FILE_MACHINE_AMD64 ? 0xFFFF800000000000ull : 0xFFF00000u;
}

static void build_moved(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    build_set_base(build, unusable_base(machine));
    put_data_program(build);
    end_with_relocations(build);
}

static void build_fixed(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    build_set_base(build, unusable_base(machine));
    put_data_program(build);
    no_relocations(build);
}

/* Where the page of shared data always lies. */
static void build_taken(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    build_set_base(build, 0x7FFE0000);
    put_data_program(build);
    end_with_relocations(build);
}

static void build_fixed_taken(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    build_set_base(build, 0x7FFE0000);
    put_data_program(build);
    no_relocations(build);
}

/* The address of 42 is in two halves, relocated by HIGH and LOW; ABSOLUTE entries stand between. */
static void build_high_low(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    /* Only an i386 program can hold an address in 32 bits. */
    build_set_base(build, machine == IMAGE_FILE_MACHINE_AMD64 ? BUILD_BASE_64 : unusable_base(machine));
    build_section(build, ".data", DATA);
    uint32_t answer = build_dword(build, ANSWER);
    uint32_t address = (uint32_t)build_nt32(build)->OptionalHeader.ImageBase + answer;
    uint32_t high = build_word(build, (uint16_t)(address >> 16));
    uint32_t low = build_word(build, (uint16_t)address);
    start_code(build);
    if (build->is_64bit) {
        PUT_LITERAL(build, RETURN_42);
    } else {
        build_memory_operand(build, "\x0F\xB7\x05", 3, high, 0); /* movzx eax, word [high] */
        PUT_LITERAL(build, "\xC1\xE0\x10");                      /* shl eax, 16 */
        build_memory_operand(build, "\x66\x8B\x05", 3, low, 0);  /* mov ax, [low] */
        PUT_LITERAL(build, "\x8B\x00\xC3");                      /* mov eax, [eax]; ret */
    }
    build_section(build, ".reloc", RELOC);
    build_relocations(build);
    IMAGE_BASE_RELOCATION block = {.VirtualAddress = answer & ~0xfffu, .SizeOfBlock = sizeof block + 8};
    build_put(build, &block, sizeof block);
    build_word(build, IMAGE_REL_BASED_ABSOLUTE << 12);
    build_word(build, (uint16_t)(IMAGE_REL_BASED_HIGH << 12 | (high & 0xfff)));
    build_word(build, IMAGE_REL_BASED_ABSOLUTE << 12 | 0xfff);
    build_word(build, (uint16_t)(IMAGE_REL_BASED_LOW << 12 | (low & 0xfff)));
    build_directory(build, IMAGE_DIRECTORY_ENTRY_BASERELOC)->Size += block.SizeOfBlock;
    build_end(build);
}

/* A program that ends by an ExitProcess imported as `dll` says. */
static void build_exit_process(struct pe_build *build, uint16_t machine, const struct build_import_dll *dll)
{
    uint32_t slots;
    build_begin(build, machine);
    build_section(build, ".idata", DATA);
    build_imports(build, dll, 1, &slots);
    start_code(build);
    put_exit_process(build, slots);
    end_with_relocations(build);
}

static const struct build_import exit_process[] = {{"ExitProcess", 0xFFFE}};

static void build_import_by_name(struct pe_build *build, uint16_t machine)
{
    build_exit_process(build, machine, &(struct build_import_dll){"KERNEL32.dll", exit_process, 1, false});
}

static void build_no_lookup(struct pe_build *build, uint16_t machine)
{
    build_exit_process(build, machine, &(struct build_import_dll){"kernel32.DLL", exit_process, 1, true});
}

/* Bound to a KERNEL32 that is not this one: its slots hold addresses that lead nowhere. */
static void build_bound(struct pe_build *build, uint16_t machine)
{
    struct {
        IMAGE_BOUND_IMPORT_DESCRIPTOR first, end;
        char name[16];
    } bound = {
        {.TimeDateStamp = 0x12345678, .OffsetModuleName = 2 * sizeof bound.first}, {0}, "KERNEL32.dll"};
    enum { BOUND_RVA = BUILD_HEADERS_SIZE - sizeof bound };
    build_import_by_name(build, machine);
    IMAGE_IMPORT_DESCRIPTOR *descriptor = (IMAGE_IMPORT_DESCRIPTOR *)build_at(
        build, build_directory(build, IMAGE_DIRECTORY_ENTRY_IMPORT)->VirtualAddress);
    descriptor->TimeDateStamp = 0xFFFFFFFF;
    memset(build_at(build, descriptor->FirstThunk), 0x11, build->is_64bit ? 8 : 4);
    memcpy(build->bytes + BOUND_RVA, &bound, sizeof bound);
    *build_directory(build, IMAGE_DIRECTORY_ENTRY_BOUND_IMPORT) =
        (IMAGE_DATA_DIRECTORY){BOUND_RVA, sizeof bound};
}

/* Imports WS2_32 #115, WSAStartup, and returns 42 plus what it returned. */
static void put_ordinal_program(struct pe_build *build, bool no_lookup)
{
    static const struct build_import startup[] = {{NULL, 115}};
    struct build_import_dll dll = {"WS2_32.dll", startup, 1, no_lookup};
    uint32_t slots;
    build_section(build, ".idata", DATA);
    build_imports(build, &dll, 1, &slots);
    build_align(build, 16);
    uint32_t wsadata = build_zeros(build, 512);
    start_code(build);
    if (build->is_64bit) {
        PUT_LITERAL(build, ENTER_64);
        PUT_LITERAL(build, "\xB9\x02\x02\x00\x00");                 /* mov ecx, 0202h */
        build_memory_operand(build, "\x48\x8D\x15", 3, wsadata, 0); /* lea rdx, [wsadata] */
        build_memory_operand(build, CALL_INDIRECT, 2, slots, 0);
        PUT_LITERAL(build, LEAVE_64);
    } else {
        build_memory_operand(build, "\x68", 1, wsadata, 0); /* push wsadata */
        PUT_LITERAL(build, "\x68\x02\x02\x00\x00");         /* push 0202h */
        build_memory_operand(build, CALL_INDIRECT, 2, slots, 0);
    }
    PUT_LITERAL(build, ADD_EAX_42 RET);
}

static void build_ordinal(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    put_ordinal_program(build, false);
    end_with_relocations(build);
}

static void build_ordinal_no_lookup(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    put_ordinal_program(build, true);
    end_with_relocations(build);
}

/* Imports a function that KERNEL32 has not; `call` says whether it is called. */
static void put_missing_import(struct pe_build *build, bool call)
{
    static const struct build_import missing[] = {{"NoSuchFunctionAnywhere", 0}};
    struct build_import_dll dll = {"KERNEL32.dll", missing, 1, false};
    uint32_t slots;
    build_section(build, ".idata", DATA);
    build_imports(build, &dll, 1, &slots);
    start_code(build);
    if (call) {
        if (build->is_64bit)
            PUT_LITERAL(build, ENTER_64);
        build_memory_operand(build, CALL_INDIRECT, 2, slots, 0);
        if (build->is_64bit)
            PUT_LITERAL(build, LEAVE_64);
    }
    PUT_LITERAL(build, RETURN_42);
}

static void build_missing(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    put_missing_import(build, false);
    end_with_relocations(build);
}

static void build_missing_call(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    put_missing_import(build, true);
    end_with_relocations(build);
}

static void build_delayed(struct pe_build *build, uint16_t machine)
{
    static const struct build_import imports[] = {{"ExitProcess", 7}, {NULL, 115}};
    struct build_import_dll dll = {"KERNEL32.dll", imports, 2, false};
    build_begin(build, machine);
    build_section(build, ".idata", DATA);
    build_delay_imports(build, &dll, 1, machine == IMAGE_FILE_MACHINE_I386);
    start_code(build);
    PUT_LITERAL(build, RETURN_42);
    no_relocations(build);
}

static void build_tls_program(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    build_section(build, ".data", DATA);
    uint32_t flag = build_dword(build, 0);
    uint32_t index = build_dword(build, 0xFFFFFFFF);
    uint32_t template = build_put(build, "template", 8);
    start_code(build);
    build_memory_operand(build, LOAD_EAX, 2, flag, 0);
    PUT_LITERAL(build, RET);
    uint32_t callback = build_align(build, 16);
    build_memory_operand(build, STORE_DWORD, 2, flag, 4);
    PUT_LITERAL(build, IMMEDIATE_42);
    if (build->is_64bit)
        PUT_LITERAL(build, RET);
    else
        PUT_LITERAL(build, "\xC2\x0C\x00"); /* ret 12 */
    build_section(build, ".tls", RDATA);
    uint32_t callbacks = build_address(build, callback);
    build_zeros(build, 8);
    build_tls(build, template, 8, index, callbacks);
    end_with_relocations(build);
}

/* As much of a load configuration as reaches to the cookie. */
static void put_load_config(struct pe_build *build, uint32_t cookie)
{
    uint32_t config = build_align(build, 8);
    if (build->is_64bit) {
        IMAGE_LOAD_CONFIG_DIRECTORY64 wide = {.Size =
                                                  offsetof(IMAGE_LOAD_CONFIG_DIRECTORY64, SEHandlerTable)};
        build_put(build, &wide, offsetof(IMAGE_LOAD_CONFIG_DIRECTORY64, SecurityCookie));
    } else {
        IMAGE_LOAD_CONFIG_DIRECTORY32 narrow = {.Size =
                                                    offsetof(IMAGE_LOAD_CONFIG_DIRECTORY32, SEHandlerTable)};
        build_put(build, &narrow, offsetof(IMAGE_LOAD_CONFIG_DIRECTORY32, SecurityCookie));
    }
    build_address(build, cookie);
    *build_directory(build, IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG) =
        (IMAGE_DATA_DIRECTORY){config, (uint32_t)(build->is_64bit ? 0x60 : 0x40)};
}

#define COMPARE_EAX  "\x3B\x05" /* cmp eax, [memory] */
#define STORE_EAX    "\x89\x05" /* mov [memory], eax */
#define UNLESS_EQUAL "\x75"     /* jne */
#define IF_EQUAL     "\x74"     /* je */
#define RETURN_1     "\xB8\x01\x00\x00\x00\xC3"

/* Its TLS callback, which is the first code to run, must find another cookie than the linker's, and its entry
 * point the same that the callback found. */
static void build_cookie(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    bool wide = build->is_64bit;
    build_section(build, ".data", DATA);
    uint32_t cookie = build_dword(build, wide ? 0x2DDFA232 : 0xBB40E64E);
    uint32_t high = build_dword(build, wide ? 0x00002B99 : 0);
    uint32_t seen = build_dword(build, 0), original = build_dword(build, wide ? 0x2DDFA232 : 0xBB40E64E);
    uint32_t index = build_dword(build, 0);
    start_code(build);
    build_memory_operand(build, LOAD_EAX, 2, seen, 0);
    build_memory_operand(build, COMPARE_EAX, 2, original, 0);
    PUT_LITERAL(build, IF_EQUAL "\x1D");
    build_memory_operand(build, COMPARE_EAX, 2, cookie, 0);
    PUT_LITERAL(build, UNLESS_EQUAL "\x15");
    /* The highest 16 bits of 64 stay zero, so that a string that overflows cannot write them. */
    build_memory_operand(build, LOAD_EAX, 2, high, 0);
    PUT_LITERAL(build, "\xA9\x00\x00\xFF\xFF"); /* test eax, 0FFFF0000h */
    PUT_LITERAL(build, UNLESS_EQUAL "\x08");
    PUT_LITERAL(build, "\x90\x90" RETURN_42);
    PUT_LITERAL(build, RETURN_1);
    uint32_t callback = build_align(build, 16);
    build_memory_operand(build, LOAD_EAX, 2, cookie, 0);
    build_memory_operand(build, STORE_EAX, 2, seen, 0);
    if (wide)
        PUT_LITERAL(build, RET);
    else
        PUT_LITERAL(build, "\xC2\x0C\x00"); /* ret 12 */
    build_section(build, ".rdata", RDATA);
    uint32_t callbacks = build_address(build, callback);
    build_zeros(build, 8);
    build_tls(build, 0, 0, index, callbacks);
    put_load_config(build, cookie);
    end_with_relocations(build);
}

/* Section oddities */

static void build_bss_only(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    start_code(build);
    /* The section that follows this page. */
    uint32_t bss = build_section_header(build, 0)->VirtualAddress + 0x1000;
    build_memory_operand(build, LOAD_EAX, 2, bss + 0xFFFFC, 0);
    PUT_LITERAL(build, ADD_EAX_42 RET);
    build_section(build, ".bss", BSS);
    build_end(build);
    IMAGE_SECTION_HEADER *section = build_section_header(build, 1);
    section->PointerToRawData = 0;
    section->Misc.VirtualSize = 0x100000;
    build_nt32(build)->OptionalHeader.SizeOfImage = section->VirtualAddress + section->Misc.VirtualSize;
    build_file_header(build)->Characteristics |= IMAGE_FILE_RELOCS_STRIPPED;
}

static void build_virtual_size_0(struct pe_build *build, uint16_t machine)
{
    build_naked(build, machine);
    build_section_header(build, 0)->Misc.VirtualSize = 0;
}

static void build_raw_above_virtual(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    start_code(build);
    PUT_LITERAL(build, RETURN_42);
    build_zeros(build, 0x2000);
    no_relocations(build);
    /* One page of memory, two pages and more of file; the next section would start where the second is. */
    build_section_header(build, 0)->Misc.VirtualSize = 6;
    build_nt32(build)->OptionalHeader.SizeOfImage = 0x2000;
}

/* Sections that are closer than pages: the image is its file. */
static void build_low_alignment(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    build_nt32(build)->OptionalHeader.SectionAlignment = 16;
    build_nt32(build)->OptionalHeader.FileAlignment = 16;
    start_code(build);
    PUT_LITERAL(build, RETURN_42);
    no_relocations(build);
    IMAGE_SECTION_HEADER *section = build_section_header(build, 0);
    section->VirtualAddress = section->PointerToRawData;
    section->Misc.VirtualSize = section->SizeOfRawData = 16;
    build->size = section->PointerToRawData + section->SizeOfRawData;
    build_nt32(build)->OptionalHeader.SizeOfImage = (uint32_t)build->size;
    build_set_entry(build, section->VirtualAddress);
}

/* DLLs */

static void build_dll(struct pe_build *build, uint16_t machine)
{
    build_begin(build, machine);
    build_file_header(build)->Characteristics |= IMAGE_FILE_DLL;
    start_code(build);
    PUT_LITERAL(build, "\xB8\x01\x00\x00\x00"); /* mov eax, 1 */
    if (build->is_64bit)
        PUT_LITERAL(build, RET);
    else
        PUT_LITERAL(build, "\xC2\x0C\x00"); /* ret 12 */
    uint32_t answer = build_align(build, 16);
    PUT_LITERAL(build, RETURN_42);
    const struct build_export exports[] = {
        {"Alpha", answer, NULL},
        {NULL, answer, NULL},
        {NULL, 0, NULL},
        {"ForwardByName", 0, "KERNEL32.GetTickCount"},
        {"ForwardByOrdinal", 0, "WS2_32.#115"},
        {"Zulu", answer, NULL},
    };
    build_section(build, ".edata", RDATA);
    build_exports(build, "oddities.dll", 10, exports, sizeof exports / sizeof *exports);
    end_with_relocations(build);
}

/* Hostile contents */

/* Opens, and then has something wrong in every directory; its names hold control characters. */
static void build_hostile(struct pe_build *build, uint16_t machine)
{
    static const struct build_import imports[] = {{"\x1b[31mred", 1}, {"tab\tnewline\n", 2}};
    const struct build_import_dll dll = {"K\\\x7f\xff.dll", imports, 2, false};
    const struct build_export exports[] = {{"\x1b]0;title\x07", 0x1000, NULL}, {NULL, 0, "A.\r\x9b"}};
    uint32_t slots, *names;
    build_begin(build, machine);
    build_section(build, "\x1b\n\r\x80", DATA);
    build_imports(build, &dll, 1, &slots);
    IMAGE_IMPORT_DESCRIPTOR unnamed = {.Name = 0x7FFFFFFF, .FirstThunk = 0x1000};
    memcpy(build_at(build, build_directory(build, IMAGE_DIRECTORY_ENTRY_IMPORT)->VirtualAddress) +
               sizeof unnamed,
           &unnamed, sizeof unnamed);
    build_delay_imports(build, &dll, 1, false);
    uint32_t *lookup = (uint32_t *)build_at(
        build, build_directory(build, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT)->VirtualAddress);
    lookup[4] = 0x7FFFFFFF; /* ImportNameTableRVA */
    build_exports(build, "\b.dll", 1, exports, 2);
    names = (uint32_t *)build_at(build, build_directory(build, IMAGE_DIRECTORY_ENTRY_EXPORT)->VirtualAddress);
    build_dword(build, 0x7FFFFFFF); /* a second name, that leads nowhere */
    names[6] = 2;
    build_tls(build, 0, 0, 0x7FFFFFFF, 0);
    build_section(build, ".litewin", RDATA);
    build_zeros(build, 96);
    uint32_t config = build_dword(build, 0x1000);
    build_section(build, ".reloc", RELOC);
    build_relocations(build);
    *(uint32_t *)(build_at(build, build_directory(build, IMAGE_DIRECTORY_ENTRY_BASERELOC)->VirtualAddress) +
                  4) = 7;
    build_end(build);
    *build_directory(build, IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG) = (IMAGE_DATA_DIRECTORY){config, 4};
}

/* Programs that are refused */

static void build_arm64(struct pe_build *build, uint16_t machine)
{
    build_naked(build, machine);
    build_file_header(build)->Machine = IMAGE_FILE_MACHINE_ARM64;
}

static void build_dotnet(struct pe_build *build, uint16_t machine)
{
    build_naked(build, machine);
    *build_directory(build, IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR) = (IMAGE_DATA_DIRECTORY){0x1000, 72};
}

static void build_other_signature(struct pe_build *build, uint16_t machine, const char *signature)
{
    build_naked(build, machine);
    memcpy(build->bytes + BUILD_NT_HEADER, signature, 2);
}

static void build_ne(struct pe_build *build, uint16_t machine)
{
    build_other_signature(build, machine, "NE");
}

static void build_le(struct pe_build *build, uint16_t machine)
{
    build_other_signature(build, machine, "LE");
}

static void build_lx(struct pe_build *build, uint16_t machine)
{
    build_other_signature(build, machine, "LX");
}

static void build_plain_dos(struct pe_build *build, uint16_t machine)
{
    build_other_signature(build, machine, "\x90\x90");
    build_dos(build)->e_lfarlc = 0x1c;
}

static void build_no_signature(struct pe_build *build, uint16_t machine)
{
    build_other_signature(build, machine, "XX");
}

static void build_truncated(struct pe_build *build, uint16_t machine)
{
    build_naked(build, machine);
    build->size = BUILD_HEADERS_SIZE + 0x100;
}

static void build_elf(struct pe_build *build, uint16_t machine)
{
    build_naked(build, machine);
    memcpy(build->bytes,
           "\x7f"
           "ELF",
           4);
}

const struct build_kind build_kinds[] = {
    {"naked", "no imports, returns 42", build_naked},
    {"moved", "must be relocated, then returns 42", build_moved},
    {"high-low", "i386: relocated by HIGH and LOW, returns 42", build_high_low},
    {"import", "ends by ExitProcess(42), whose hint is wrong", build_import_by_name},
    {"no-lookup", "the same without a lookup table", build_no_lookup},
    {"bound", "the same with a binding that does not hold", build_bound},
    {"ordinal", "calls WSAStartup by ordinal, returns 42", build_ordinal},
    {"ordinal-no-lookup", "the same without a lookup table", build_ordinal_no_lookup},
    {"missing", "imports a function that is nowhere, returns 42", build_missing},
    {"missing-call", "imports such a function and calls it", build_missing_call},
    {"delayed", "delay imports, by address on i386; returns 42", build_delayed},
    {"tls", "returns the 42 that its TLS callback stored", build_tls_program},
    {"cookie", "returns 42 if its security cookie was made anew before any code ran", build_cookie},
    {"bss-only", "a section without bytes in the file; returns 42 if it is zero", build_bss_only},
    {"virtual-size-0", "a section with VirtualSize 0, returns 42", build_virtual_size_0},
    {"raw-above-virtual", "more bytes in the file than in memory, returns 42", build_raw_above_virtual},
    {"low-alignment", "sections 16 bytes apart, returns 42", build_low_alignment},
    {"dll", "exports by name and ordinal, forwarders, a hole", build_dll},
    {"hostile", "bad directories and names", build_hostile},
    {"fixed", "cannot be relocated and must be: does not load", build_fixed},
    {"taken", "its base is taken, returns 42", build_taken},
    {"fixed-taken", "the same without relocations: does not load", build_fixed_taken},
    {"arm64", "refused", build_arm64},
    {"dotnet", "refused", build_dotnet},
    {"ne", "refused: 16-bit Windows", build_ne},
    {"le", "refused: OS/2 or VxD", build_le},
    {"lx", "refused: OS/2", build_lx},
    {"dos", "refused: MS-DOS", build_plain_dos},
    {"no-signature", "refused: not PE", build_no_signature},
    {"truncated", "refused: cut off in its section", build_truncated},
    {"elf", "refused: a Linux program", build_elf},
};

const size_t build_kind_count = sizeof build_kinds / sizeof *build_kinds;

const struct build_kind *build_find_kind(const char *name)
{
    for (size_t i = 0; i < build_kind_count; i++)
        if (strcmp(build_kinds[i].name, name) == 0)
            return &build_kinds[i];
    return NULL;
}
