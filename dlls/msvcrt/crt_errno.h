/* errno as Windows numbers it. Linux agrees up to ERANGE (34), with EINVAL, ENOENT and their like, and
 * on nothing after that: code that sets crt_thread.error uses these names throughout. */
#ifndef MSVCRT_CRT_ERRNO_H
#define MSVCRT_CRT_ERRNO_H

enum {
    CRT_EPERM = 1,
    CRT_ENOENT,
    CRT_ESRCH,
    CRT_EINTR,
    CRT_EIO,
    CRT_ENXIO,
    CRT_E2BIG,
    CRT_ENOEXEC,
    CRT_EBADF,
    CRT_ECHILD,
    CRT_EAGAIN,
    CRT_ENOMEM,
    CRT_EACCES,
    CRT_EFAULT,
    CRT_EBUSY = 16,
    CRT_EEXIST,
    CRT_EXDEV,
    CRT_ENODEV,
    CRT_ENOTDIR,
    CRT_EISDIR,
    CRT_EINVAL,
    CRT_ENFILE,
    CRT_EMFILE,
    CRT_ENOTTY,
    CRT_EFBIG = 27,
    CRT_ENOSPC,
    CRT_ESPIPE,
    CRT_EROFS,
    CRT_EMLINK,
    CRT_EPIPE,
    CRT_EDOM,
    CRT_ERANGE,
    CRT_EDEADLK = 36,
    CRT_ENAMETOOLONG = 38,
    CRT_ENOLCK,
    CRT_ENOSYS,
    CRT_ENOTEMPTY,
    CRT_EILSEQ,
    CRT_STRUNCATE = 80,
};

#endif
