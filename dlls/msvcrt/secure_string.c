/* strcpy_s and its kin, narrow and wide. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/crt_string.h"
#include "dlls/msvcrt/wcsstring.h"

#define TRUNCATE ((size_t)-1)
#define ALL      (TRUNCATE - 1) /* whatever the length */

#define CHARACTER           char
#define FILL_CHARACTER      int
#define SECURE(name)        crt_str##name
#define LIMITED_LENGTH      strnlen
#define LOWER               crt_strlwr
#define UPPER               crt_strupr
#define CLEARS_WITHOUT_SIZE false
#include "dlls/msvcrt/secure_string.h"

#define CHARACTER           WCHAR
#define FILL_CHARACTER      WCHAR
#define SECURE(name)        crt_wcs##name
#define LIMITED_LENGTH      crt_wcsnlen
#define LOWER               crt_wcslwr
#define UPPER               crt_wcsupr
#define CLEARS_WITHOUT_SIZE true
#include "dlls/msvcrt/secure_string.h"
