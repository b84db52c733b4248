/* The functions that are told how large their target is, for one kind of character. secure_string.c defines,
 * for each kind, CHARACTER, SECURE(name), which names the function, and LENGTH, LIMITED_LENGTH, LOWER and
 * UPPER, which do that kind's work.
 *
 * On bad arguments they leave an empty string where there is a target, and return errno. */

int SECURE(cpy_s)(CHARACTER *target, size_t size, const CHARACTER *source)
{
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *target = 0;
    if (!source)
        return crt_invalid_parameter(CRT_EINVAL);
    size_t length = LENGTH(source);
    if (length >= size)
        return crt_invalid_parameter(CRT_ERANGE);
    memcpy(target, source, (length + 1) * sizeof *target);
    return 0;
}

/* Copies up to `count`, or with a count of TRUNCATE as much as there is room for. */
int SECURE(ncpy_s)(CHARACTER *target, size_t size, const CHARACTER *source, size_t count)
{
    if (!target && !size && !count)
        return 0;
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *target = 0;
    if (!count)
        return 0;
    if (!source)
        return crt_invalid_parameter(CRT_EINVAL);
    size_t length = LIMITED_LENGTH(source, count);
    if (length >= size && count != TRUNCATE)
        return crt_invalid_parameter(CRT_ERANGE);
    size_t copied = length < size ? length : size - 1;
    memcpy(target, source, copied * sizeof *target);
    target[copied] = 0;
    return copied < length ? CRT_STRUNCATE : 0;
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
    if (!count)
        return 0;
    int error = SECURE(ncpy_s)(target + used, size - used, source, count);
    if (error && error != CRT_STRUNCATE)
        *target = 0;
    return error;
}

int SECURE(cat_s)(CHARACTER *target, size_t size, const CHARACTER *source)
{
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    size_t used = LIMITED_LENGTH(target, size);
    if (used == size) {
        *target = 0;
        return crt_invalid_parameter(CRT_EINVAL);
    }
    int error = SECURE(cpy_s)(target + used, size - used, source);
    if (error)
        *target = 0;
    return error;
}

/* What the functions that change a string in place ask of it. */
static int SECURE(check)(CHARACTER *string, size_t size)
{
    if (string && size && LIMITED_LENGTH(string, size) < size)
        return 0;
    if (string && size)
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

int SECURE(set_s)(CHARACTER *string, size_t size, FILL_CHARACTER c)
{
    int error = SECURE(check)(string, size);
    for (CHARACTER *p = string; !error && *p; p++)
        *p = c;
    return error;
}

int SECURE(nset_s)(CHARACTER *string, size_t size, FILL_CHARACTER c, size_t count)
{
    int error = SECURE(check)(string, size);
    for (CHARACTER *p = string; !error && count && *p; p++, count--)
        *p = c;
    return error;
}

#undef CHARACTER
#undef FILL_CHARACTER
#undef SECURE
#undef LENGTH
#undef LIMITED_LENGTH
#undef LOWER
#undef UPPER
