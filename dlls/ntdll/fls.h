/* What fiber-local storage does beside the Rtl functions. */
#ifndef NTDLL_FLS_H
#define NTDLL_FLS_H

void fls_initialize(void);

#endif
