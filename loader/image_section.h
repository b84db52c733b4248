/* Images that the program maps itself, as sections with SEC_IMAGE, and what it is told of its own. */
#ifndef LOADER_IMAGE_SECTION_H
#define LOADER_IMAGE_SECTION_H

/* Lets floor 0 make such sections. */
void image_sections_initialize(void);

#endif
