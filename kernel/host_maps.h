/* Linux's own view of the address space, for what the region map does not know. */
#ifndef KERNEL_HOST_MAPS_H
#define KERNEL_HOST_MAPS_H

#include <litewin/windows.h>

/* The host mappings that touch a range: where the first starts and the last ends. False if none does. */
bool host_maps_overlap(uintptr_t start, uintptr_t end, uintptr_t *first, uintptr_t *last);

#endif
