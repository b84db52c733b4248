/* What the processor can do, as IsProcessorFeaturePresent and KUSER_SHARED_DATA number it. */
#ifndef KERNEL_PROCESSOR_H
#define KERNEL_PROCESSOR_H

#include <litewin/windows.h>

#define PROCESSOR_FEATURE_COUNT 64

/* `feature` is a PF_ constant; false for those that are not known. */
EXPORTED bool processor_has_feature(DWORD feature);

#endif
