/* The C++ classes that the runtime has: std's exception and what it throws itself. */
#ifndef MSVCRT_EXCEPTION_CLASS_H
#define MSVCRT_EXCEPTION_CLASS_H

#include "dlls/msvcrt/cxx.h"

#ifdef __x86_64__
#define CXX_METHOD_FUNCTION CXX_METHOD
#else
#define CXX_METHOD_FUNCTION CXX_METHOD __attribute__((force_align_arg_pointer))
#endif

/* Fills in the vtables, which lie in the DLL's image for programs to use. */
void exception_class_attach(void);

/* Throw objects of the runtime's classes. */
_Noreturn void throw_bad_cast(const char *text);
_Noreturn void throw_bad_typeid(const char *text);
_Noreturn void throw_non_rtti_object(const char *text);

#endif
