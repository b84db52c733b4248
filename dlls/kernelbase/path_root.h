/* What a path begins with. */
#ifndef KERNELBASE_PATH_ROOT_H
#define KERNELBASE_PATH_ROOT_H

#include "dlls/kernelbase/path_cch.h"

#define PREFIX_LENGTH     4 /* of \\?\ */
#define UNC_PREFIX_LENGTH 8 /* of \\?\UNC\ */

bool path_has_prefix(const WCHAR *path);
bool path_has_unc_prefix(const WCHAR *path);
bool path_is_drive(const WCHAR *path);

/* Where the root ends, a separator behind it included; NULL for a path without one. `bare`, unless it is
 * NULL, is then where the part ends that a path cannot be without: that includes the separator, but for a
 * server's or a share's. */
const WCHAR *path_root_end(const WCHAR *path, const WCHAR **bare);

#endif
