#!/usr/bin/env python3
"""Writes the ABI test: a DLL whose functions record what they were given, and a Windows program that calls them.

    generate.py DIRECTORY

makes DIRECTORY/abitest.spec, abitest.c (the DLL's ELF side) and program/abitest_main.c. Everything is derived from
the tables below, so that both sides agree on what is passed.
"""
import itertools
import os
import random
import struct
import sys

# kind: (type in the .spec, C type, letter for names)
KINDS = {
    "i": ("int", "int32_t"),
    "q": ("int64", "int64_t"),
    "f": ("float", "float"),
    "d": ("double", "double"),
    "p": ("ptr", "void *"),
}
CONVENTIONS = {
    "stdcall": "__stdcall",
    "cdecl": "__cdecl",
    "thiscall": "__thiscall",
    "fastcall": "__fastcall",
}
RESULTS = {"i": "int", "q": "int64", "f": "float", "d": "double", "p": "ptr", "v": "void"}
FIRST_POSITIONS = 6


class Function:
    def __init__(self, name, convention, arguments, result="i", variable=None, direct=False):
        self.name = name
        self.convention = convention
        self.arguments = arguments  # a letter each
        self.result = result
        self.variable = variable  # letters of what is passed for "...", None without
        self.direct = direct

    @property
    def symbol(self):
        return "impl_" + self.name

    def random(self):
        return random.Random(self.name)


def functions():
    """All functions of the DLL, each under a name of its own."""
    for count in range(21):
        yield Function(f"ints_{count}", "stdcall", "i" * count)
        yield Function(f"cdecl_{count}", "cdecl", "p" * count, "p")
    yield Function("ints_31", "stdcall", "i" * 31)

    chooser = random.Random("mixed")
    for position, kind in itertools.product(range(FIRST_POSITIONS), "iqfd"):
        others = [chooser.choice("iqfd") for _ in range(FIRST_POSITIONS)]
        others[position] = kind
        yield Function(f"mixed_{position}{kind}", chooser.choice(["stdcall", "cdecl"]), "".join(others),
                       chooser.choice("iqfdp"))
        alone = ["i"] * FIRST_POSITIONS
        alone[position] = kind
        yield Function(f"alone_{position}{kind}", "stdcall", "".join(alone))
    for kind in "qfd":
        for count in (1, 2, 3, 4, 5, 8, 9, 12):
            yield Function(f"same_{kind}{count}", chooser.choice(["stdcall", "cdecl"]), kind * count, kind)
    for number in range(24):
        letters = "".join(chooser.choice("iqfdp") for _ in range(chooser.randint(7, 20)))
        yield Function(f"long_{number}", chooser.choice(["stdcall", "cdecl"]), letters, chooser.choice("iqfdpv"))

    for result, convention in itertools.product("iqfdpv", ["stdcall", "cdecl"]):
        yield Function(f"result_{result}_{convention}", convention, "", result)
        yield Function(f"result_{result}_{convention}_5", convention, "idqfp", result)

    for count in range(1, 8):
        yield Function(f"thiscall_{count}", "thiscall", "p" + "i" * (count - 1))
    yield Function("thiscall_mixed", "thiscall", "pdiqf", "d")
    for count in range(8):
        yield Function(f"fastcall_{count}", "fastcall", "i" * count)
    yield Function("fastcall_mixed", "fastcall", "ipdqfi", "q")

    for fixed in range(1, 8):
        yield Function(f"varargs_none_{fixed}", "cdecl", "p" * fixed, variable="")
        yield Function(f"varargs_{fixed}", "cdecl", "p" * fixed, variable="idqpddi")
    for number, letters in enumerate(["d", "i", "q", "dd", "idid", "ddddddddd", "iiiiiiiiiiii", "qdqdqdqd"]):
        yield Function(f"varargs_letters_{number}", "cdecl", "p", "d" if number % 2 else "i", variable=letters)
    yield Function("varargs_double", "cdecl", "pdi", variable="did")
    yield Function("varargs_doubles", "cdecl", "dddd", "d", variable="ddii")

    for convention in ("stdcall", "cdecl"):
        yield Function(f"direct_{convention}", convention, "iqdpi", "d", direct=True)


FUNCTIONS = list(functions())

# The .spec

SPEC_TAIL = """\
@ stdcall seen() get_seen -ret=ptr
@ stdcall set_number(int:value) -ret=void
@ stdcall get_number() -ret=int
@ stdcall get_block_byte(int:index) -ret=int
@ stdcall set_block_byte(int:index int:value) -ret=void
@ stdcall get_real() -ret=double
@ stdcall coordinates(dword:packed) -ret=dword
@ stdcall pair(int64:packed) -ret=int64
@ stdcall clobber_all(int:a double:b) -ret=int
@ varargs clobber_varargs(int:a) -ret=int
@ stdcall control_words() -ret=int
@ stdcall call_back(ptr:function int:a double:b int64:c float:d int:e) -ret=double
@ extern number exported_number -size=4
@ extern block exported_block -size=100
@ extern real exported_real -size=8
@ extern pointer exported_pointer
900 stdcall -noname by_ordinal(int:a int:b) -ret=int
901 stdcall -ordinal by_ordinal_too(int:a int:b) -ret=int
@ stdcall forwarded(int:a int:b int:c) abitest.ints_3
@ stub not_there
"""


def spec():
    for function in FUNCTIONS:
        kind = "varargs" if function.variable is not None else function.convention
        flags = {"fastcall": "stdcall -fastcall", "thiscall": "stdcall -thiscall"}.get(kind, kind)
        if function.direct:
            flags += " -direct"
        arguments = " ".join(f"{KINDS[k][0]}:a{i}" for i, k in enumerate(function.arguments))
        yield f"@ {flags} {function.name}({arguments}) {function.symbol} -ret={RESULTS[function.result]}\n"
    yield SPEC_TAIL


# The ELF side

IMPLEMENTATION_HEAD = r"""
#include <litewin/windows.h>
#include <litewin/varargs.h>

/* What the last call was given; abitest_main.c has the same structure. */
struct seen {
    uint64_t values[40];
    const char *function;
    uint32_t count, aligned;
};

static struct seen seen;

static uint64_t bits_of_int(int32_t value) { return (uint32_t)value; }
static uint64_t bits_of_int64(int64_t value) { return (uint64_t)value; }
static uint64_t bits_of_pointer(const void *value) { return (uintptr_t)value; }
static uint64_t bits_of_float(float value) { uint32_t bits; memcpy(&bits, &value, 4); return bits; }
static uint64_t bits_of_double(double value) { uint64_t bits; memcpy(&bits, &value, 8); return bits; }

#define BITS(value) _Generic((value), int32_t: bits_of_int, int64_t: bits_of_int64, float: bits_of_float, \
                             double: bits_of_double, default: bits_of_pointer)(value)

/* The frame pointer tells how the stack was aligned at the call. */
#ifdef __x86_64__
#define ALIGNED() (((uintptr_t)__builtin_frame_address(0) & 15) == 0)
#else
#define ALIGNED() (((uintptr_t)__builtin_frame_address(0) & 15) == 8)
#endif

static void begin(const char *function, bool aligned)
{
    memset(&seen, 0xee, sizeof seen);
    seen.function = function;
    seen.aligned = aligned;
    seen.count = 0;
}

static void add(uint64_t bits)
{
    seen.values[seen.count++] = bits;
}

struct seen *get_seen(void) { return &seen; }

int32_t *exported_number;
char (*exported_block)[100];
double *exported_real;
void **exported_pointer;
static int attached;

void litewin_attach(void *image_base)
{
    attached++;
    *exported_number = 42;
    memset(*exported_block, 7, sizeof *exported_block);
    *exported_real = 2.5;
    *exported_pointer = image_base;
}

void set_number(int32_t value) { *exported_number = value; }
int32_t get_number(void) { return *exported_number; }
int32_t get_block_byte(int32_t index) { return (*exported_block)[index]; }
void set_block_byte(int32_t index, int32_t value) { (*exported_block)[index] = (char)value; }
double get_real(void) { return *exported_real * attached; }
int32_t by_ordinal(int32_t a, int32_t b) { return a - b; }
int32_t by_ordinal_too(int32_t a, int32_t b) { return a * b; }

/* Small structures travel like integers of their size. */
struct coordinates { int16_t x, y; };
struct pair { int32_t first, second; };
struct coordinates coordinates(struct coordinates point) { return (struct coordinates){point.y, point.x}; }
struct pair pair(struct pair pair) { return (struct pair){pair.second, pair.first}; }

/* Destroys all that Linux code may destroy. */
static void clobber(void)
{
#ifdef __x86_64__
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n movdqa %%xmm0, %%xmm1\n movdqa %%xmm0, %%xmm2\n movdqa %%xmm0, %%xmm3\n"
                     "movdqa %%xmm0, %%xmm4\n movdqa %%xmm0, %%xmm5\n movdqa %%xmm0, %%xmm6\n movdqa %%xmm0, %%xmm7\n"
                     "movdqa %%xmm0, %%xmm8\n movdqa %%xmm0, %%xmm9\n movdqa %%xmm0, %%xmm10\n movdqa %%xmm0, %%xmm11\n"
                     "movdqa %%xmm0, %%xmm12\n movdqa %%xmm0, %%xmm13\n movdqa %%xmm0, %%xmm14\n"
                     "movdqa %%xmm0, %%xmm15\n"
                     "movq $-1, %%rax\n movq %%rax, %%rcx\n movq %%rax, %%rdx\n movq %%rax, %%rsi\n movq %%rax, %%rdi\n"
                     "movq %%rax, %%r8\n movq %%rax, %%r9\n movq %%rax, %%r10\n movq %%rax, %%r11\n"
                     ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                     "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10",
                     "r11", "memory");
#else
    __asm__ volatile("movl $-1, %%eax\n movl %%eax, %%ecx\n movl %%eax, %%edx\n" ::: "eax", "ecx", "edx", "memory");
#endif
}

int32_t clobber_all(int32_t a, double b) { clobber(); return a + (int32_t)b; }
int32_t clobber_varargs(int32_t a, guest_va_list list)
{
    int32_t sum = a + (int32_t)guest_va_int(&list);
    sum += (int32_t)guest_va_double(&list);
    clobber();
    return sum;
}

#ifdef __x86_64__
#define READ_FLAGS() __builtin_ia32_readeflags_u64()
#else
#define READ_FLAGS() __builtin_ia32_readeflags_u32()
#endif

/* 1: rounding of MXCSR is downwards as the caller set it; 2: the x87 control word is Windows'; 4: DF is clear. */
int32_t control_words(void)
{
    uint32_t mxcsr;
    uint16_t control;
    __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(mxcsr), "=m"(control));
    return ((mxcsr & 0x6000) == 0x2000) | (control == 0x027f) << 1 | ((READ_FLAGS() & 0x400) == 0) << 2;
}

typedef double(GUEST_STDCALL *callback)(int32_t, double, int64_t, float, int32_t);
double call_back(callback function, int32_t a, double b, int64_t c, float d, int32_t e)
{
    return function(a, b, c, d, e) + 1;
}
"""


def results(function):
    """The value that the function returns, in C for both sides."""
    number = FUNCTIONS.index(function)
    return {
        "i": f"(int32_t)0x{0x80000000 | number * 7919:x}",
        "q": f"(int64_t)0x{0xfedcba9800000000 | number * 7919:x}",
        "f": f"{number}.25f",
        "d": f"-{number}.0625",
        "p": f"(void *)(uintptr_t)0x{0x12340000 + number:x}",
    }.get(function.result)


def c_result(function):
    return KINDS[function.result][1] if function.result != "v" else "void"


def variable_reads(letters):
    read = {"i": "(int32_t)guest_va_int", "q": "(int64_t)guest_va_int64", "d": "guest_va_double",
            "p": "guest_va_pointer"}
    for letter in letters:
        yield f"    add(BITS({read[letter]}(&list)));\n"


def implementation():
    yield IMPLEMENTATION_HEAD
    for function in FUNCTIONS:
        parameters = [f"{KINDS[k][1]} a{i}" for i, k in enumerate(function.arguments)]
        if function.variable is not None:
            parameters.append("guest_va_list list")
        convention = f"GUEST_{function.convention.upper()} " if function.direct else ""
        aligned = "true" if function.direct else "ALIGNED()"
        yield f"\n{c_result(function)} {convention}{function.symbol}({', '.join(parameters) or 'void'})\n{{\n"
        yield f'    begin("{function.name}", {aligned});\n'
        for i in range(len(function.arguments)):
            yield f"    add(BITS(a{i}));\n"
        if function.variable:
            yield from variable_reads(function.variable)
        if function.result != "v":
            yield f"    return {results(function)};\n"
        yield "}\n"


# The program


def values(function):
    """(C expression, bits as the DLL records them) of each argument."""
    chooser = function.random()
    for letter in function.arguments + (function.variable or ""):
        if letter == "i":
            number = chooser.getrandbits(32)
            yield f"(int32_t)0x{number:x}u", f"0x{number:x}"
        elif letter == "q":
            number = chooser.getrandbits(64)
            yield f"(int64_t)0x{number:x}ull", f"0x{number:x}ull"
        elif letter == "p":
            number = chooser.getrandbits(31)
            yield f"(void *)(uintptr_t)0x{number:x}", f"0x{number:x}"
        elif letter == "f":
            number = struct.unpack("<f", struct.pack("<f", chooser.uniform(-1e6, 1e6)))[0]
            yield f"{number!r}f", f"0x{struct.unpack('<I', struct.pack('<f', number))[0]:x}"
        else:
            number = chooser.uniform(-1e100, 1e100)
            yield f"{number!r}", f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:x}ull"


def program():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "program_head.c")) as head:
        yield head.read()
    for function in FUNCTIONS:
        parameters = [KINDS[k][1] for k in function.arguments]
        if function.variable is not None:
            parameters.append("...")
        yield f"__declspec(dllimport) {c_result(function)} {CONVENTIONS[function.convention]} {function.name}"
        yield f"({', '.join(parameters) or 'void'});\n"
    for function in FUNCTIONS:
        pairs = list(values(function))
        arguments = ", ".join(expression for expression, _ in pairs)
        yield f"\nstatic void test_{function.name}(void)\n{{\n"
        if pairs:
            yield f"    static const uint64_t expected[] = {{{', '.join(bits for _, bits in pairs)}}};\n"
        if function.result == "v":
            yield f"    {function.name}({arguments});\n"
        else:
            yield f"    {c_result(function)} result = {function.name}({arguments});\n"
            yield f'    check(result == {results(function)}, "{function.name}: result");\n'
        yield f'    check_seen("{function.name}", {len(pairs)}, {"expected" if pairs else "NULL"});\n}}\n'
    yield "\nvoid start(void)\n{\n"
    for function in FUNCTIONS:
        yield f"    test_{function.name}();\n"
    yield "    test_others();\n    finish();\n}\n"


def main():
    directory = sys.argv[1]
    os.makedirs(os.path.join(directory, "program"), exist_ok=True)
    outputs = {"abitest.spec": spec(), "abitest.c": implementation(), "program/abitest_main.c": program()}
    for name, parts in outputs.items():
        with open(os.path.join(directory, name), "w") as file:
            file.write("".join(parts))


if __name__ == "__main__":
    main()
