/* Which handler takes an exception, and how its object gets there. */
#ifndef MSVCRT_CXX_MATCH_H
#define MSVCRT_CXX_MATCH_H

#include "dlls/msvcrt/cxx_tables.h"

/* True if the handler takes the exception; `catchable` is then what it takes it for, NULL for catch (...). */
bool cxx_matches(const struct cxx_handler *handler, const EXCEPTION_RECORD *record,
                 const struct cxx_catchable **catchable);

/* Puts the exception, or a reference to it, where a handler expects it. An exception from a copy constructor
 * ends the program. */
void cxx_build_object(const struct cxx_handler *handler, const EXCEPTION_RECORD *record,
                      const struct cxx_catchable *catchable, char *target);

#endif
