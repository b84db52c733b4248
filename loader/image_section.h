/* Images that the program maps itself, as sections with SEC_IMAGE. */
#ifndef LOADER_IMAGE_SECTION_H
#define LOADER_IMAGE_SECTION_H

#include <litewin/windows.h>

struct pe_image;
struct section_image_information;

/* What Windows tells of an image that lies, or would lie, at `base`. */
EXPORTED void image_describe(const struct pe_image *image, uint64_t base, uint64_t file_size,
                             struct section_image_information *information);

/* Lets floor 0 make such sections. */
void image_sections_initialize(void);

#endif
