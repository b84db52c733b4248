/* Linux's own view of the address space, for what the region map does not know. */
#ifndef KERNEL_HOST_MAPS_H
#define KERNEL_HOST_MAPS_H

#include <litewin/windows.h>

/* The host mappings that touch a range, and those that follow with less than `gap` between them: where the
 * first starts and the last ends. False if none does. */
bool host_maps_overlap(uintptr_t start, uintptr_t end, size_t gap, uintptr_t *first, uintptr_t *last);

#endif
