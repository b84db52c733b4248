/* Thread-local data by hand, the way compilers lay it out: a template, its index, callbacks, and the
 * directory that tells the loader of them. MinGW's compiler would emulate __thread by calls instead. */
#ifndef TLS_DIRECTORY_H
#define TLS_DIRECTORY_H

#include <windows.h>

/* The loader's array of templates, through which compiled code finds its data. */
static inline void **tls_array(void)
{
    void **array;

#ifdef _WIN64
    __asm__ volatile("movq %%gs:0x58, %0" : "=r"(array));
#else
    __asm__ volatile("movl %%fs:0x2C, %0" : "=r"(array));
#endif
    return array;
}

#endif
