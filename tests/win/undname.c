/* The C runtime's reader of Microsoft's mangled names. */
#include "check.h"
#include <stdlib.h>

enum {
    NO_MS_KEYWORDS = 2,
    NO_FUNCTION_RETURNS = 4,
    NO_ACCESS = 0x80,
    NAME_ONLY = 0x1000,
    TYPE_ONLY = 0x2000
};

__declspec(dllimport) char *__unDName(char *buffer, const char *mangled, int size,
                                      void *(__cdecl *allocate)(size_t size),
                                      void(__cdecl *release)(void *block), unsigned short flags);

static void check_name(const char *mangled, unsigned short flags, const char *expected)
{
    char *name = __unDName(NULL, mangled, 0, malloc, free, flags);
    CHECK_STR(name, expected);
    free(name);
}

TEST(functions)
{
    check_name("??2@YAPAXI@Z", 0, "void * __cdecl operator new(unsigned int)");
    check_name("??_V@YAXPAX@Z", 0, "void __cdecl operator delete[](void *)");
    check_name("?terminate@@YAXXZ", 0, "void __cdecl terminate(void)");
    check_name("?set_terminate@@YAP6AXXZP6AXXZ@Z", 0,
               "void (__cdecl*__cdecl set_terminate(void (__cdecl*)(void)))(void)");
    check_name("?f@space@@YGHHPBDZZ", 0, "int __stdcall space::f(int,char const *,...)");
    check_name("?g@@YAXPAH0AAM1@Z", 0, "void __cdecl g(int *,int *,float &,float &)");
}

TEST(members)
{
    check_name("??1type_info@@UAE@XZ", 0, "public: virtual __thiscall type_info::~type_info(void)");
    check_name("??0exception@@QAE@ABQBD@Z", 0,
               "public: __thiscall exception::exception(char const * const &)");
    check_name("??4bad_cast@@QAEAAV0@ABV0@@Z", 0,
               "public: class bad_cast & __thiscall bad_cast::operator=(class bad_cast const &)");
    check_name("?name@type_info@@QBEPBDXZ", 0, "public: char const * __thiscall type_info::name(void)const ");
    check_name("?before@type_info@@QEBAHAEBV1@@Z", 0,
               "public: int __cdecl type_info::before(class type_info const & __ptr64)const __ptr64");
    check_name("?count@box@@KAHXZ", 0, "protected: static int __cdecl box::count(void)");
    check_name("??Bbox@@QAEHXZ", 0, "public: __thiscall box::operator int(void)");
}

TEST(data)
{
    check_name("?number@@3HA", 0, "int number");
    check_name("?text@box@@2PBDB", 0, "public: static char const * const box::text");
    check_name("?handler@@3P6AXH@ZA", 0, "void (__cdecl* handler)(int)");
    check_name("??_7exception@@6B@", 0, "const exception::`vftable'");
    check_name("??_R0?AVexception@@@8", 0, "class exception `RTTI Type Descriptor'");
}

TEST(templates)
{
    check_name("??$swap@H@@YAXAAH0@Z", 0, "void __cdecl swap<int>(int &,int &)");
    check_name("?size@?$vector@HV?$allocator@H@@@@QBEIXZ", 0,
               "public: unsigned int __thiscall vector<int,class allocator<int> >::size(void)const ");
    check_name("?AV?$array@D$0BA@@@", TYPE_ONLY, "class array<char,16>");
}

TEST(types)
{
    check_name("?AVexception@@", TYPE_ONLY, "class exception");
    check_name("PAPBD", TYPE_ONLY, "char const * *");
    check_name("PEA_K", TYPE_ONLY, "unsigned __int64 * __ptr64");
    check_name("P8box@@AEHH@Z", TYPE_ONLY, "int (__thiscall box::*)(int)");
    check_name("$$QAH", TYPE_ONLY, "int &&");
}

TEST(less_of_it)
{
    check_name("?what@exception@@UBEPBDXZ", NAME_ONLY, "exception::what");
    check_name("?what@exception@@UBEPBDXZ", NO_ACCESS,
               "virtual char const * __thiscall exception::what(void)const ");
    check_name("??2@YAPEAX_K@Z", NO_MS_KEYWORDS, "void * operator new(unsigned __int64)");
    check_name("?terminate@@YAXXZ", NO_FUNCTION_RETURNS, "__cdecl terminate(void)");
}

TEST(what_is_no_name)
{
    check_name("plain", 0, "plain");
    check_name("?", 0, "?");
    check_name("?f@@Y", 0, "?f@@Y");
    check_name("?f@@YAX9@Z", 0, "?f@@YAX9@Z");
    char buffer[8];
    CHECK_PTR(__unDName(buffer, "?terminate@@YAXXZ", sizeof buffer, malloc, free, NAME_ONLY), buffer);
    CHECK_STR(buffer, "termina");
}

int main(void)
{
    RUN(functions);
    RUN(members);
    RUN(data);
    RUN(templates);
    RUN(types);
    RUN(less_of_it);
    RUN(what_is_no_name);
    return CHECK_END();
}
