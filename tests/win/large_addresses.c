/* The build marks this one as large-address-aware. */
#include "addresses.c"
