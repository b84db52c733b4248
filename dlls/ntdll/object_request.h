/* OBJECT_ATTRIBUTES as what the kernel's nameable objects are created and opened with. */
#ifndef NTDLL_OBJECT_REQUEST_H
#define NTDLL_OBJECT_REQUEST_H

#include "kernel/named.h"

NTSTATUS object_request(struct object_request *request, const OBJECT_ATTRIBUTES *attributes,
                        ACCESS_MASK access);

#endif
