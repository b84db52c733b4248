/* The functions that are told how large their target is, for one kind of character. secure_string.c defines,
 * for each kind, CHARACTER and FILL_CHARACTER, SECURE(name), which names the function, LIMITED_LENGTH, LOWER
 * and UPPER, which do that kind's work, and CLEARS_WITHOUT_SIZE.
 *
 * They return errno, and in the target leave what they came to copy, of which the first character is 0 where
 * that is not all. */

/* Copies from the first character on, so that the target may lie behind the source in the same memory. */
static int SECURE(copy)(CHARACTER *start, CHARACTER *target, size_t size, const CHARACTER *source,
                        size_t count)
{
    size_t i = 0;
    for (; i < size && i < count && source[i]; i++)
        target[i] = source[i];
    if (i < size) {
        target[i] = 0;
        return 0;
    }
    if (count == TRUNCATE) {
        target[size - 1] = 0;
        return CRT_STRUNCATE;
    }
    *start = 0;
    return crt_invalid_parameter(CRT_ERANGE);
}

int SECURE(cpy_s)(CHARACTER *target, size_t size, const CHARACTER *source)
{
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    if (!source) {
        *target = 0;
        return crt_invalid_parameter(CRT_EINVAL);
    }
    return SECURE(copy)(target, target, size, source, ALL);
}

/* Copies up to `count`, or with a count of TRUNCATE as much as there is room for. */
int SECURE(ncpy_s)(CHARACTER *target, size_t size, const CHARACTER *source, size_t count)
{
    if (!target && !size && !count)
        return 0;
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    if (!count || !source) {
        *target = 0;
        return count ? crt_invalid_parameter(CRT_EINVAL) : 0;
    }
    return SECURE(copy)(target, target, size, source, count);
}

int SECURE(ncat_s)(CHARACTER *target, size_t size, const CHARACTER *source, size_t count)
{
    if (!target && !size && !count)
        return 0;
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    size_t used = LIMITED_LENGTH(target, size);
    if (used == size || (!source && count)) {
        *target = 0;
        return crt_invalid_parameter(CRT_EINVAL);
    }
    return count ? SECURE(copy)(target, target + used, size - used, source, count) : 0;
}

int SECURE(cat_s)(CHARACTER *target, size_t size, const CHARACTER *source)
{
    return SECURE(ncat_s)(target, size, source, ALL);
}

/* What the functions that change a string in place ask of it. */
static int SECURE(check)(CHARACTER *string, size_t size)
{
    if (string && size && LIMITED_LENGTH(string, size) < size)
        return 0;
    if (string && (size || CLEARS_WITHOUT_SIZE))
        *string = 0;
    return crt_invalid_parameter(CRT_EINVAL);
}

int SECURE(lwr_s)(CHARACTER *string, size_t size)
{
    int error = SECURE(check)(string, size);
    if (!error)
        LOWER(string);
    return error;
}

int SECURE(upr_s)(CHARACTER *string, size_t size)
{
    int error = SECURE(check)(string, size);
    if (!error)
        UPPER(string);
    return error;
}

/* Sets up to `count` characters, and finds out on the way whether the string ends within its size. */
static int SECURE(set)(CHARACTER *string, size_t size, FILL_CHARACTER c, size_t count)
{
    if (!string || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    for (size_t i = 0; i < size - 1; i++) {
        if (!string[i])
            return 0;
        if (i < count)
            string[i] = c;
    }
    if (!string[size - 1])
        return 0;
    *string = 0;
    return crt_invalid_parameter(CRT_EINVAL);
}

int SECURE(set_s)(CHARACTER *string, size_t size, FILL_CHARACTER c)
{
    return SECURE(set)(string, size, c, ALL);
}

int SECURE(nset_s)(CHARACTER *string, size_t size, FILL_CHARACTER c, size_t count)
{
    if (!string && !size && !count)
        return 0;
    return SECURE(set)(string, size, c, count);
}

#undef CHARACTER
#undef FILL_CHARACTER
#undef SECURE
#undef LIMITED_LENGTH
#undef LOWER
#undef UPPER
#undef CLEARS_WITHOUT_SIZE
