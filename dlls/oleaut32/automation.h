#ifndef OLEAUT32_AUTOMATION_H
#define OLEAUT32_AUTOMATION_H

#include <litewin/windows.h>
#pragma GCC visibility push(default)
#include <ole2.h>
#include <oleauto.h>
#pragma GCC visibility pop

#endif
