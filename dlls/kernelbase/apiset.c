#include <litewin/windows.h>
#include "loader/apiset.h"

BOOL WINAPI IsApiSetImplemented(PCSTR name)
{
    BOOLEAN in_schema, present;
    return NT_SUCCESS(apiset_query(name, &in_schema, &present)) && present;
}
