/* Microsoft's mangled names, made readable. */
#ifndef MSVCRT_UNDNAME_H
#define MSVCRT_UNDNAME_H

/* What the caller does not want to be told. */
enum undname_flags {
    UNDNAME_NO_LEADING_UNDERSCORES = 0x1,
    UNDNAME_NO_MS_KEYWORDS = 0x2,
    UNDNAME_NO_FUNCTION_RETURNS = 0x4,
    UNDNAME_NO_ALLOCATION_LANGUAGE = 0x10,
    UNDNAME_NO_THISTYPE = 0x60,
    UNDNAME_NO_ACCESS_SPECIFIERS = 0x80,
    UNDNAME_NO_MEMBER_TYPE = 0x200,
    UNDNAME_NAME_ONLY = 0x1000,
    UNDNAME_TYPE_ONLY = 0x2000, /* the name is that of a type */
};

/* A type, such as ".?AVexception@@" without its dot: "class exception". Memory from crt_malloc; NULL if the
 * name is none, or there is no memory. */
char *undname_type(const char *mangled);

#endif
