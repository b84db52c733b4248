/* uses: kernel/cmdline.c kernel/utf.c */
/* Command lines to arguments and back. Expected arguments are written with a '|' between them; none of them
 * holds one. */
#include <setjmp.h>
#include <stdlib.h>
#include "kernel/cmdline.h"
#include <cmocka.h>

struct row {
    const char *line;
    const char *crt;
    const char *shell; /* NULL where the rules agree */
};

static const struct row rows[] = {
    /* The name of the program. */
    {"", "", NULL},
    {"prog", "prog", NULL},
    {"prog a", "prog|a", NULL},
    {"\"prog\" a", "prog|a", NULL},
    {"\"a b\" c", "a b|c", NULL},
    {"\"a b\"c d", "a bc|d", "a b|c|d"},
    {"a\"b c\"d e", "ab cd|e", "a\"b|cd e"},
    {"\"unclosed a", "unclosed a", NULL},
    {"\"\" a", "|a", NULL},
    {" a", "|a", NULL},
    {"\ta", "|a", NULL},
    {"C:\\dir\\prog.exe a", "C:\\dir\\prog.exe|a", NULL},
    {"\"C:\\dir\\\" a", "C:\\dir\\|a", NULL},
    {"a\\\"b c\" d", "a\\b c|d", "a\\\"b|c d"},
    {"\"a\"\"b\" c", "ab|c", "a|b|c"},

    /* Blanks. */
    {"p  a   b", "p|a|b", NULL},
    {"p\ta\tb", "p|a|b", NULL},
    {"p a ", "p|a", NULL},
    {"p a\t \t", "p|a", NULL},
    {"p \t ", "p", NULL},
    {"p a\nb", "p|a\nb", NULL},
    {"p a\rb\vc", "p|a\rb\vc", NULL},

    /* Quotes. */
    {"p \"a b\" c", "p|a b|c", NULL},
    {"p \"a\tb\"", "p|a\tb", NULL},
    {"p a\" \"b", "p|a b", NULL},
    {"p \"a\"\"\"", "p|a\"", NULL},
    {"p \"\"", "p|", NULL},
    {"p \"\" \"\"", "p||", NULL},
    {"p \"\" a", "p||a", NULL},
    {"p a\"\"b", "p|ab", NULL},
    {"p \"a b", "p|a b", NULL},
    {"p \"", "p|", NULL},
    {"p a\"", "p|a", NULL},
    {"p \"a\"b\"c\"", "p|abc", NULL},
    {"p \"a b\"\"c d\"", "p|a b\"c d", "p|a b\"c|d"},
    {"p \"a\"\"b c", "p|a\"b c", "p|a\"b|c"},
    {"p \"\"\"", "p|\"", NULL},
    {"p \"\"\"\"", "p|\"", NULL},
    {"p \"\"\"\"\"", "p|\"\"", "p|\""},
    {"p \"\"\"\"\"\"", "p|\"\"", NULL},
    {"p \"\"\"a b\"\"\"", "p|\"a b\"", "p|\"a|b\""},
    {"p \"\"\"\"a b", "p|\"a|b", "p|\"a b"},
    {"p \"a\"\" b", "p|a\" b", "p|a\"|b"},
    {"p 'a b'", "p|'a|b'", NULL},

    /* Backslashes. */
    {"p a\\b", "p|a\\b", NULL},
    {"p \\", "p|\\", NULL},
    {"p \\\\", "p|\\\\", NULL},
    {"p a\\ b", "p|a\\|b", NULL},
    {"p \\\"", "p|\"", NULL},
    {"p \\\\\"a b\"", "p|\\a b", NULL},
    {"p \\\\\\\"a b", "p|\\\"a|b", NULL},
    {"p \\\\\\\\\"a b\" c", "p|\\\\a b|c", NULL},
    {"p \"\\\"\"", "p|\"", NULL},
    {"p \"a\\\\\" b", "p|a\\|b", NULL},
    {"p \"a\\\" b\"", "p|a\" b", NULL},
    {"p \"C:\\dir\\\\\" b", "p|C:\\dir\\|b", NULL},
    {"p \"C:\\dir\\\" b", "p|C:\\dir\" b", NULL},
    {"p a\\\\\\b", "p|a\\\\\\b", NULL},
    {"p \"a\\b\"", "p|a\\b", NULL},
    {"p \"a b\\", "p|a b\\", NULL},
    {"p \\\"a\\\"", "p|\"a\"", NULL},
    {"p \"\\\"\\\"\"", "p|\"\"", NULL},

    /* The examples of Microsoft's documentation. */
    {"p \"abc\" d e", "p|abc|d|e", NULL},
    {"p a\\\\b d\"e f\"g h", "p|a\\\\b|de fg|h", NULL},
    {"p a\\\\\\\"b c d", "p|a\\\"b|c|d", NULL},
    {"p a\\\\\\\\\"b c\" d e", "p|a\\\\b c|d|e", NULL},
    {"p a\"b\"\" c d", "p|ab\" c d", "p|ab\"|c|d"},
    {"p CallMeIshmael", "p|CallMeIshmael", NULL},
    {"p \"Call\\\"Me\\\"Ishmael\"", "p|Call\"Me\"Ishmael", NULL},
};

static void widen(WCHAR *wide, const char *text)
{
    while ((*wide++ = (unsigned char)*text++) != 0)
        ;
}

static void check_row(const struct row *row, enum cmdline_rules rules, const char *expected)
{
    WCHAR line[128], text[128], *argv[32];
    char joined[256] = "";
    size_t counted, counted_size, count, size;
    widen(line, row->line);
    cmdline_parse(line, rules, NULL, NULL, &counted, &counted_size);
    cmdline_parse(line, rules, argv, text, &count, &size);
    assert_int_equal(count, counted);
    assert_int_equal(size, counted_size);
    assert_null(argv[count]);
    char *out = joined;
    for (size_t i = 0; i < count; i++) {
        if (i)
            *out++ = '|';
        for (const WCHAR *p = argv[i]; *p; p++)
            *out++ = (char)*p;
    }
    *out = 0;
    if (strcmp(joined, expected) != 0)
        fail_msg("%s: line <%s>: got <%s>, expected <%s>", rules == CMDLINE_CRT ? "crt" : "shell", row->line,
                 joined, expected);
}

static void splits_by_both_rules(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(&rows[i], CMDLINE_CRT, rows[i].crt);
        check_row(&rows[i], CMDLINE_SHELL, rows[i].shell ? rows[i].shell : rows[i].crt);
    }
}

/* Only CommandLineToArgvW ends an unquoted name at any control character. */
static void control_characters_end_the_shells_program(void **state)
{
    check_row(&(struct row){.line = "a\nb c"}, CMDLINE_CRT, "a\nb|c");
    check_row(&(struct row){.line = "a\nb c"}, CMDLINE_SHELL, "a|\nb|c");
}

static bool has_wildcard(const char *text)
{
    WCHAR line[64];
    const WCHAR *rest = line;
    struct cmdline_argument argument;
    widen(line, text);
    cmdline_program(&rest, CMDLINE_CRT, NULL, &argument);
    assert_true(cmdline_next(&rest, CMDLINE_CRT, NULL, &argument));
    return argument.wildcard;
}

static void sees_wildcards_outside_quotes(void **state)
{
    assert_true(has_wildcard("p *.c"));
    assert_true(has_wildcard("p a?"));
    assert_true(has_wildcard("p \"a b\"*"));
    assert_false(has_wildcard("p abc"));
    assert_false(has_wildcard("p \"*.c\""));
    assert_false(has_wildcard("* abc"));
}

static void check_round_trip(size_t count, const char *const *arguments, enum cmdline_rules rules)
{
    size_t parsed, size;
    WCHAR *line = cmdline_build(count, arguments);
    assert_non_null(line);
    cmdline_parse(line, rules, NULL, NULL, &parsed, &size);
    assert_int_equal(parsed, count);
    WCHAR **argv = malloc((parsed + 1) * sizeof *argv), *text = malloc(size * sizeof *text);
    cmdline_parse(line, rules, argv, text, &parsed, &size);
    for (size_t i = 0; i < count; i++) {
        WCHAR expected[128];
        widen(expected, arguments[i]);
        for (size_t k = 0; k == 0 || expected[k - 1]; k++)
            assert_int_equal(argv[i][k], expected[k]);
    }
    free(argv);
    free(text);
    free(line);
}

static void builds_what_parses_back(void **state)
{
    static const char *const cases[][4] = {
        {"prog", "", "", "a"},
        {"my prog", " ", "\t", "\n"},
        {"C:\\my dir\\", "C:\\my dir\\", "\\", "\\\\"},
        {"p", "\"", "\"\"", "\"\"\""},
        {"p", "\\\"", "\\\\\"", "a\\\"b c"},
        {"p", "a b\\", "a b\\\\", "a b\\\\\\"},
        {"", "x", "a\"b\"c", "--name=\"a b\""},
        {"p", "a b\"\\", "\\\\server\\share name\\", "*"},
        {"p", "\v", "\r", "'a b'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t count = 1; count <= 4; count++) {
            check_round_trip(count, cases[i], CMDLINE_CRT);
            check_round_trip(count, cases[i], CMDLINE_SHELL);
        }
    }
}

/* Every string of up to six of the characters that matter. */
static void builds_every_short_argument(void **state)
{
    static const char letters[] = "\"\\ a";
    for (unsigned length = 0; length <= 6; length++) {
        for (unsigned number = 0; number < 1u << 2 * length; number++) {
            char argument[8] = "";
            for (unsigned i = 0; i < length; i++)
                argument[i] = letters[number >> 2 * i & 3];
            const char *const arguments[] = {"p", argument, "end"};
            check_round_trip(3, arguments, CMDLINE_CRT);
            check_round_trip(3, arguments, CMDLINE_SHELL);
        }
    }
}

static void converts_from_utf8(void **state)
{
    static const WCHAR expected[] = L"p \x00fc \x20ac \xd83d\xde00";
    const char *const arguments[] = {"p", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    WCHAR *line = cmdline_build(4, arguments);
    assert_memory_equal(line, expected, sizeof expected);
    free(line);
}

static void quotes_wildcards(void **state)
{
    static const WCHAR expected[] = L"p \"*.c\" \"a?\" b";
    const char *const arguments[] = {"p", "*.c", "a?", "b"};
    WCHAR *line = cmdline_build(4, arguments);
    assert_memory_equal(line, expected, sizeof expected);
    free(line);
}

static void leaves_plain_arguments_alone(void **state)
{
    static const WCHAR expected[] = L"C:\\p.exe /flag a\\b\\ x=y";
    const char *const arguments[] = {"C:\\p.exe", "/flag", "a\\b\\", "x=y"};
    WCHAR *line = cmdline_build(4, arguments);
    assert_memory_equal(line, expected, sizeof expected);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_by_both_rules),
        cmocka_unit_test(control_characters_end_the_shells_program),
        cmocka_unit_test(sees_wildcards_outside_quotes),
        cmocka_unit_test(builds_what_parses_back),
        cmocka_unit_test(builds_every_short_argument),
        cmocka_unit_test(converts_from_utf8),
        cmocka_unit_test(quotes_wildcards),
        cmocka_unit_test(leaves_plain_arguments_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
