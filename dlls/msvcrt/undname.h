/* Microsoft's mangled names, made readable. */
#ifndef MSVCRT_UNDNAME_H
#define MSVCRT_UNDNAME_H

/* A type, such as ".?AVexception@@" without its dot: "class exception". Memory from crt_malloc; NULL if the
 * name is none, or there is no memory. */
char *undname_type(const char *mangled);

#endif
