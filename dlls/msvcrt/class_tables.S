/* What a compiler writes for the runtime's own classes: type_info, exception, bad_cast, bad_typeid and
 * __non_rtti_object. On x86-64 the tables hold offsets from class_tables, on i386 addresses. */
#ifdef __x86_64__
#define REFERENCE(symbol) .long symbol - class_tables
#define WORD              .quad
#define WORD_SIZE         8
#define SELF(symbol)      REFERENCE(symbol)
#define SIGNATURE         1
#define EXCEPTION_SIZE    24
#else
#define REFERENCE(symbol) .long symbol
#define WORD              .long
#define WORD_SIZE         4
#define SELF(symbol)
#define SIGNATURE         0
#define EXCEPTION_SIZE    12
#endif

#define HAS_HIERARCHY 0x40

        .data
        .balign 16
        .globl  class_tables
        .hidden class_tables
class_tables:
        WORD    0 /* An offset of 0 means nothing. */

/* A class's name, and what is told of one that is a base: its place is the object's beginning. */
.macro class name, mangled, bases
        .balign WORD_SIZE
        .globl  type_of_\name
        .hidden type_of_\name
type_of_\name:
        WORD    type_info_vtable
        WORD    0
        .asciz  "\mangled"
        .balign 4
base_\name:
        REFERENCE(type_of_\name)
        .long   \bases
        .long   0, -1, 0
        .long   HAS_HIERARCHY
        REFERENCE(hierarchy_\name)
.endm

/* How it is caught: with a copy, if by value. */
.macro catchable name
        .hidden \name\()_copy
catchable_\name:
        .long   0
        REFERENCE(type_of_\name)
        .long   0, -1, 0
        .long   EXCEPTION_SIZE
        REFERENCE(\name\()_copy)
.endm

/* Its bases, itself the first, and the locator, which its vtable refers to. */
.macro hierarchy name, bases, count
hierarchy_\name:
        .long   0, 0, \count
        REFERENCE(bases_\name)
bases_\name:
        .irp    base, \bases
        REFERENCE(base_\base)
        .endr
        .globl  locator_of_\name
        .hidden locator_of_\name
locator_of_\name:
        .long   SIGNATURE, 0, 0
        REFERENCE(type_of_\name)
        REFERENCE(hierarchy_\name)
        SELF(locator_of_\name)
.endm

/* What describes a throw. */
.macro throw name, bases, count
catchables_\name:
        .long   \count
        .irp    base, \bases
        REFERENCE(catchable_\base)
        .endr
        .hidden exception_destroy
        .globl  throw_of_\name
        .hidden throw_of_\name
throw_of_\name:
        .long   0
        REFERENCE(exception_destroy)
        .long   0
        REFERENCE(catchables_\name)
.endm

        class   type_info, ".?AVtype_info@@", 0
        class   exception, ".?AVexception@@", 0
        class   bad_cast, ".?AVbad_cast@@", 1
        class   bad_typeid, ".?AVbad_typeid@@", 1
        class   non_rtti_object, ".?AV__non_rtti_object@@", 2
        hierarchy type_info, "type_info", 1
        hierarchy exception, "exception", 1
        hierarchy bad_cast, "bad_cast, exception", 2
        hierarchy bad_typeid, "bad_typeid, exception", 2
        hierarchy non_rtti_object, "non_rtti_object, bad_typeid, exception", 3
        catchable exception
        catchable bad_cast
        catchable bad_typeid
        catchable non_rtti_object
        throw   bad_cast, "bad_cast, exception", 2
        throw   bad_typeid, "bad_typeid, exception", 2
        throw   non_rtti_object, "non_rtti_object, bad_typeid, exception", 3

/* The vtable of the descriptions themselves. */
        .balign WORD_SIZE
        .hidden type_info_destroy_and_delete
        WORD    locator_of_type_info
type_info_vtable:
        WORD    type_info_destroy_and_delete

        .section .note.GNU-stack, "", @progbits
