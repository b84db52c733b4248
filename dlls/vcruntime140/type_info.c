/* What std::type_info's inline functions call. */
#include <litewin/windows.h>

/* Behind the vtable. The name is mangled, and begins with a dot. */
struct type_info_data {
    const char *readable;
    char mangled[];
};

int vc_type_info_compare(const struct type_info_data *a, const struct type_info_data *b)
{
    return a == b ? 0 : strcmp(a->mangled + 1, b->mangled + 1);
}

/* FNV-1a: the same in every program, as a hash must be that is compiled into some. */
size_t vc_type_info_hash(const struct type_info_data *type)
{
    const bool is_64_bit = sizeof(size_t) == 8;
    uint64_t hash = is_64_bit ? 14695981039346656037ull : 2166136261u;
    const uint64_t prime = is_64_bit ? 1099511628211ull : 16777619u;
    for (const char *at = type->mangled + 1; *at; at++)
        hash = (hash ^ (uint8_t)*at) * prime;
    hash = (size_t)hash;
    return is_64_bit ? hash ^ hash >> 32 : hash;
}
