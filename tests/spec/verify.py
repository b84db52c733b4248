"""Lines about the functions of verify.c: those that agree with C, and those that do not with what is wrong."""

GOOD = """\
@ stdcall nothing()
@ stdcall Nothing() nothing -ret=void
@ stdcall four_bytes(dword:a int:b uint:c) -ret=bool
@ stdcall four_bytes_too(ntstatus hresult error) four_bytes -ret=dword
@ stdcall four_bytes_long(long long long) four_bytes -ret=long
@ stdcall small(int16 uint8 int8) -ret=uint16
@ stdcall wide(int64 uint64 int64) -ret=uint64
@ stdcall pointers(str ptr ptr handle) -ret=handle
@ stdcall pointers_long(long long long long) pointers -ret=ptr
@ stdcall pointers_finer(buffer wstr buffer size) pointers
@ stdcall sizes(size ssize) -ret=size
@ stdcall sizes_handle(handle ptr) sizes -ret=long
@ stdcall real(float double) -ret=double
@ stdcall single(float) -ret=float
@ stdcall point(dword) -ret=dword
@ stdcall point_long(long) point
@ varargs listed(str) -ret=int
@ varargs -direct variadic(str) -ret=int
@ stdcall aliased(int) -ret=int
@ stdcall alias_of(int) -ret=int
@ stdcall inlined(int int64) -ret=int
@ cdecl -direct assembly(ptr)
@ extern number -size=4
@ extern block -size=100
@ extern untyped -size=12
@ extern elements numbers -size=40
@ extern -arch=arm absent
@ stdcall -stub absent_stub(long)
@ stdcall forwarded(long) other.function
"""

# What a binding table refers to, so that the linker knows what is missing.
REFERENCES = """\
extern void hidden_from_others(void), assembly(void);
void (*const references[])(void) = {hidden_from_others, assembly};
"""

# Instead of `i386` or `x86_64` a line may be wrong on both.
BAD = [
    ("both", "@ stdcall absent()", 'no function "absent"'),
    ("both", "@ stdcall hidden_from_others(int)", 'no function "hidden_from_others"'),
    ("both", "@ stdcall -direct hidden_from_others(int)", 'no function "hidden_from_others"'),
    ("both", "@ stdcall assembly()", "no debug information"),
    ("both", "@ stdcall four_bytes(dword int)", "takes 3 arguments, expected 2"),
    ("both", "@ stdcall four_bytes()", "takes 3 arguments, expected 0"),
    ("both", "@ stdcall aliased()", "takes 1 argument, expected 0"),
    ("both", "@ stdcall alias_of(int int)", "takes 1 argument, expected 2"),
    ("both", "@ stdcall inlined(int)", "takes 2 arguments, expected 1"),
    ("both", "@ stdcall aliased(int64)", "argument 1 of aliased"),
    ("both", "@ stdcall aliased(int16)", "is a 4-byte integer, expected a 2-byte integer"),
    ("both", "@ stdcall aliased(int8)", "expected a 1-byte integer"),
    ("both", "@ stdcall aliased(str)", 'expected a pointer for "str"'),
    ("both", "@ stdcall aliased(float)", 'is a 4-byte integer, expected a float for "float"'),
    ("x86_64", "@ stdcall aliased(handle)", "expected a pointer or an 8-byte integer"),
    ("x86_64", "@ stdcall aliased(size)", 'expected an 8-byte integer for "size"'),
    ("both", "@ stdcall single(double)", "is a 4-byte floating number, expected a double"),
    ("both", "@ stdcall single(dword)", "is a 4-byte floating number, expected a 4-byte integer"),
    ("both", "@ stdcall real(float float) -ret=double", "argument 2 of real"),
    ("both", "@ stdcall real(float double)", "returns an 8-byte floating number, expected a -ret= that says so"),
    ("both", "@ stdcall real(float double) -ret=float", 'expected a float for "float"'),
    ("both", "@ stdcall real(float double) -ret=int64", 'expected an 8-byte integer for "int64"'),
    ("both", "@ stdcall longer(double) -ret=double", "argument 1 of longer"),
    ("both", "@ stdcall nothing() -ret=dword", "returns void, expected a 4-byte integer"),
    ("both", "@ stdcall aliased(int) -ret=void", "returns a 4-byte integer, expected void"),
    ("both", "@ stdcall aliased(int) -ret=int64", "expected an 8-byte integer"),
    ("both", "@ stdcall small(int16 uint8 int8) -ret=bool", "returns a 2-byte integer, expected a 4-byte integer"),
    ("i386", "@ stdcall wide(long uint64 int64)", "is an 8-byte integer, expected a pointer or an integer of up to 4"),
    ("i386", "@ stdcall wide(ptr uint64 int64)", "expected a pointer or a 4-byte integer"),
    ("both", "@ stdcall pointers(dword ptr ptr handle)", "argument 1 of pointers"),
    ("both", "@ stdcall pointers(str ptr int64 handle)", "is a pointer, expected an 8-byte integer"),
    ("both", "@ stdcall pointers(str size ptr handle)", "is a pointer, expected"),
    ("both", "@ stdcall three(long)", "is a 3-byte structure"),
    ("both", "@ stdcall large(ptr)", "is a 24-byte structure"),
    ("both", "@ stdcall large_result()", "expected a pointer to the result as first argument"),
    ("x86_64", "@ stdcall sixteen(int128)", "is a 16-byte structure, expected a pointer"),
    ("i386", "@ stdcall pointers(int128 ptr ptr ptr)", "is a pointer, expected a structure of 16 bytes"),
    ("both", "@ stdcall floating_structure(int64)", "is an 8-byte structure with a floating member"),
    ("both", "@ stdcall variadic(str)", 'takes "...", expected the arguments of the line'),
    ("both", "@ varargs variadic(str)", 'takes "...", expected a guest_va_list'),
    ("both", "@ varargs listed()", "takes 2 arguments, expected 1 with the guest_va_list"),
    ("both", "@ varargs listed_badly(str)", "is no pointer, expected a guest_va_list"),
    ("both", "@ stdcall number()", 'no function "number"'),
    ("both", "@ extern absent", 'no variable "absent"'),
    ("both", "@ extern hidden_number", 'no variable "hidden_number"'),
    ("both", "@ extern nothing", 'no variable "nothing"'),
    ("both", "@ extern no_pointer", "is no pointer"),
    ("both", "@ extern number -size=6", "points to 4 bytes and the line declares 6"),
    ("both", "@ extern block", "points to 100 bytes and the line declares"),
    ("x86_64", "@ extern number", "points to 4 bytes and the line declares 8"),
    ("both", "@ extern block -size=50", "points to 100 bytes and the line declares 50"),
    ("both", "@ extern block -size=99", "points to 100 bytes and the line declares 99"),
]
