/* uses: dlls/ntdll/manifest.c dlls/ntdll/manifest_xml.c kernel/utf.c kernel/upcase.c */
#include <setjmp.h>
#include <stdlib.h>
#include "dlls/ntdll/manifest.h"
#include "dlls/ntdll/manifest_xml.h"
#include <cmocka.h>

#define ROOT     "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v1\" manifestVersion=\"1.0\">"
#define IDENTITY "<assemblyIdentity name=\"A.B\" type=\"win32\" version=\"1.2.3.4\"/>"
#define END      "</assembly>"

/* In memory of its own, so that a byte read too far is noticed. */
static NTSTATUS parse(struct manifest *manifest, struct arena *arena, const char *text)
{
    size_t size = strlen(text);
    char *copy = malloc(size ? size : 1);
    memcpy(copy, text, size);
    NTSTATUS status = manifest_parse(manifest, arena, copy, size);
    free(copy);
    return status;
}

static bool is_good(const char *text)
{
    struct manifest manifest;
    struct arena arena = {0};
    bool good = parse(&manifest, &arena, text) == STATUS_SUCCESS;
    arena_free(&arena);
    return good;
}

static bool is_text(const WCHAR *wide, const char *text)
{
    if (!wide)
        return false;
    while (*wide && *wide == (unsigned char)*text)
        wide++, text++;
    return *wide == (unsigned char)*text;
}

static void identities(void **state)
{
    struct manifest manifest;
    struct arena arena = {0};
    assert_int_equal(parse(&manifest, &arena,
                           "\xef\xbb\xbf<?xml version='1.0'?><!-- c -->" ROOT
                           "<assemblyIdentity name = 'A&amp;&#66;&#x43;' version='6.5.4.3' language='*'/>" END
                           "\n"),
                     STATUS_SUCCESS);
    assert_true(is_text(manifest.identity.name, "A&BC"));
    assert_true(is_text(manifest.identity.language, "*"));
    assert_null(manifest.identity.key);
    assert_int_equal(manifest.identity.version[0], 6);
    assert_int_equal(manifest.identity.version[3], 3);
    arena_free(&arena);
}

static void files_and_classes(void **state)
{
    struct manifest manifest;
    struct arena arena = {0};
    assert_int_equal(parse(&manifest, &arena,
                           ROOT IDENTITY
                           "<file name='one.dll'><windowClass versioned='no'>C</windowClass></file>"
                           "<file name='two.dll'/>" END),
                     STATUS_SUCCESS);
    assert_true(is_text(manifest.files->name, "one.dll"));
    assert_true(is_text(manifest.files->next->name, "two.dll"));
    assert_null(manifest.files->next->next);
    assert_int_equal(manifest.items->kind, ITEM_WINDOW_CLASS);
    assert_ptr_equal(manifest.items->file, manifest.files);
    assert_true(is_text(manifest.items->text, "C"));
    assert_true(is_text(manifest_value(manifest.items, L"versioned"), "no"));
    arena_free(&arena);
}

static void dependencies(void **state)
{
    struct manifest manifest;
    struct arena arena = {0};
    assert_int_equal(parse(&manifest, &arena,
                           ROOT IDENTITY
                           "<dependency><dependentAssembly>"
                           "<assemblyIdentity name='D' version='1.0'/>"
                           "</dependentAssembly></dependency>"
                           "<dependency optional='yes'><dependentAssembly>"
                           "<assemblyIdentity name='O'/></dependentAssembly></dependency><dependency/>" END),
                     STATUS_SUCCESS);
    assert_true(is_text(manifest.dependencies->identity.name, "D"));
    assert_false(manifest.dependencies->optional);
    assert_true(manifest.dependencies->next->optional);
    assert_null(manifest.dependencies->next->next);
    arena_free(&arena);
}

static void what_a_program_asks_for(void **state)
{
    struct manifest manifest;
    struct arena arena = {0};
    assert_int_equal(
        parse(
            &manifest, &arena,
            ROOT IDENTITY
            "<x:trustInfo xmlns:x='urn:schemas-microsoft-com:asm.v2'><x:security><x:requestedPrivileges>"
            "<x:requestedExecutionLevel level='ASINVOKER' uiAccess='false'/>"
            "</x:requestedPrivileges></x:security></x:trustInfo>"
            "<compatibility xmlns='urn:schemas-microsoft-com:compatibility.v1'><application>"
            "<supportedOS Id='{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}'/><maxversiontested Id='10.0.18362.1'/>"
            "</application></compatibility>"
            "<application xmlns='urn:schemas-microsoft-com:asm.v3'><windowsSettings>"
            "<longPathAware "
            "xmlns='http://schemas.microsoft.com/SMI/2016/WindowsSettings'>true</longPathAware>"
            "</windowsSettings></application>" END),
        STATUS_SUCCESS);
    assert_int_equal(manifest.run_level, ACTCTX_RUN_LEVEL_AS_INVOKER);
    assert_int_equal(manifest.compatibility->type, ACTCTX_COMPATIBILITY_ELEMENT_TYPE_OS);
    assert_int_equal(manifest.compatibility->id.Data1, 0x8e0f7a12);
    assert_int_equal(manifest.compatibility->id.Data4[7], 0x9a);
    assert_true(manifest.compatibility->next->version == 0x000a000047ba0001ull);
    assert_true(is_text(manifest.settings->name, "longPathAware"));
    assert_true(is_text(manifest.settings->value, "true"));
    arena_free(&arena);
}

static void wide_text(void **state)
{
    const char *text = ROOT IDENTITY END;
    size_t length = strlen(text);
    for (unsigned big = 0; big < 2; big++) {
        struct manifest manifest;
        struct arena arena = {0};
        char *wide = calloc(length + 1, 2);
        wide[big] = '\xff';
        wide[!big] = '\xfe';
        for (size_t i = 0; i < length; i++)
            wide[2 * (i + 1) + big] = text[i];
        assert_int_equal(manifest_parse(&manifest, &arena, wide, 2 * (length + 1)), STATUS_SUCCESS);
        assert_true(is_text(manifest.identity.name, "A.B"));
        /* Without the mark it is no text at all. */
        arena_free(&arena);
        assert_int_not_equal(manifest_parse(&manifest, &arena, wide + 2, 2 * length), STATUS_SUCCESS);
        arena_free(&arena);
        free(wide);
    }
}

static void what_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "text",
        "<",
        ROOT,
        ROOT IDENTITY,
        ROOT IDENTITY "</assembl>",
        ROOT IDENTITY END "<a/>",
        ROOT IDENTITY END "text",
        "<assembly manifestVersion='1.0'/>",
        "<assembly xmlns='urn:schemas-microsoft-com:asm.v1'/>",
        "<assembly xmlns='urn:schemas-microsoft-com:asm.v5' manifestVersion='1.0'/>",
        "<assembly test='1' xmlns='urn:schemas-microsoft-com:asm.v1' manifestVersion='1.0'/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]>" ROOT IDENTITY END,
        ROOT "<assemblyIdentity name='&nothing;'/>" END,
        ROOT "<assemblyIdentity name='&#xd800;'/>" END,
        ROOT "<assemblyIdentity name='&#x110000;'/>" END,
        ROOT "<assemblyIdentity name='\xff'/>" END,
        ROOT "<assemblyIdentity name='a' name='b'/>" END,
        ROOT "<assemblyIdentity name='a'version='1.0'/>" END,
        ROOT "<assemblyIdentity name='a' version='1.70000'/>" END,
        ROOT "<assemblyIdentity name='a' version='1.2.3.4.5'/>" END,
        ROOT "<assemblyIdentity name=a/>" END,
        ROOT "<assemblyIdentity name='a<b'/>" END,
        ROOT IDENTITY "<test/>" END,
        ROOT IDENTITY "<file/>" END,
        ROOT IDENTITY "<file name='a' hashalg='SHA1' hash='12'/>" END,
        ROOT IDENTITY "<!-- " END,
        ROOT IDENTITY "<![CDATA[ " END,
    };
    for (unsigned i = 0; i < ARRAYSIZE(bad); i++)
        if (is_good(bad[i]))
            fail_msg("accepted: %s", bad[i]);
    assert_true(is_good(ROOT IDENTITY END));
    assert_true(is_good(ROOT IDENTITY "<description>a <![CDATA[b]]> c</description>" END));
    assert_true(is_good(ROOT IDENTITY "<other xmlns='urn:unknown'><x a='1'/></other><p:q/>" END));
}

/* Every beginning of a good manifest, and every one with a byte changed, is read to some end. */
static void damaged_text(void **state)
{
    const char *text = ROOT IDENTITY "<file name='one.dll'><windowClass>C&lt;</windowClass></file>" END;
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        struct manifest manifest;
        struct arena arena = {0};
        char *copy = malloc(size);
        memcpy(copy, text, size);
        manifest_parse(&manifest, &arena, copy, i);
        arena_free(&arena);
        for (unsigned char byte = 1; byte; byte <<= 1) {
            copy[i] ^= byte;
            manifest_parse(&manifest, &arena, copy, size);
            arena_free(&arena);
            copy[i] ^= byte;
        }
        free(copy);
    }
}

static void too_deep(void **state)
{
    char text[8192] = ROOT IDENTITY "<description>";
    for (unsigned i = 0; i < 500; i++)
        strcat(text, "<a>");
    assert_false(is_good(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identities),   cmocka_unit_test(files_and_classes),
        cmocka_unit_test(dependencies), cmocka_unit_test(what_a_program_asks_for),
        cmocka_unit_test(wide_text),    cmocka_unit_test(what_is_refused),
        cmocka_unit_test(damaged_text), cmocka_unit_test(too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
