/* The C library's stream functions that other files of the runtime call. */
#ifndef MSVCRT_STDIO_H
#define MSVCRT_STDIO_H

#include "dlls/msvcrt/stream.h"

struct crt_file *crt_wfdopen(int fd, const WCHAR *mode);
int crt_fclose(struct crt_file *file);
int crt_fflush(struct crt_file *file);
int crt_rmtmp(void);
size_t crt_fwrite(const void *data, size_t size, size_t count, struct crt_file *file);
int crt_fputs(const char *text, struct crt_file *file);

WCHAR crt_fgetwc(struct crt_file *file);
WCHAR crt_ungetwc(WCHAR unit, struct crt_file *file);

/* error_text.c */
char *crt_strerror(int error);

/* Characters are stored as the stream's mode says. Returns how many units were written; the stream is locked.
 */
size_t stream_write_wide(struct crt_file *file, const WCHAR *units, size_t count);

#endif
