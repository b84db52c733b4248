/* How the C library splits a command line. The program starts itself with each line of the table; with
 * ECHO_ARGUMENTS in its environment it prints what it got, one argument to a line. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *line;      /* what follows the program's name and a blank */
    const char *arguments; /* each with a '|' after it */
} rows[] = {
    {"", ""},
    {"a", "a|"},
    {"a b", "a|b|"},
    {"  a   b  ", "a|b|"},
    {"a\tb", "a|b|"},
    {"\t a", "a|"},
    {"\"a b\"", "a b|"},
    {"\"a b\" c", "a b|c|"},
    {"a\"b c\"d", "ab cd|"},
    {"\"\"", "|"},
    {"\"\" a", "|a|"},
    {"a \"\"", "a||"},
    {"\"\" \"\"", "||"},
    {"a\"\"b", "ab|"},
    {"\"a", "a|"},
    {"\"a b", "a b|"},
    {"a \"", "a||"},
    {"a b\"", "a|b|"},
    {"a\\b", "a\\b|"},
    {"a\\\\b", "a\\\\b|"},
    {"\\", "\\|"},
    {"\\\\", "\\\\|"},
    {"a\\ b", "a\\|b|"},
    {"\\\"", "\"|"},
    {"\\\"a", "\"a|"},
    {"a\\\"b", "a\"b|"},
    {"a\\\\\"b c\"", "a\\b c|"},
    {"a\\\\\\\"b c", "a\\\"b|c|"},
    {"a\\\\\\\\\"b c\" d", "a\\\\b c|d|"},
    {"\"a\\\"b\"", "a\"b|"},
    {"\"a\\\\\" b", "a\\|b|"},
    {"\"a\\\\\\\" b\"", "a\\\" b|"},
    {"\"a\\b\"", "a\\b|"},
    {"\"a\\\\b\"", "a\\\\b|"},
    {"\"C:\\path\\\\\" x", "C:\\path\\|x|"},
    {"\"C:\\path\\\" x", "C:\\path\" x|"},
    /* Microsoft's own examples. */
    {"\"abc\" d e", "abc|d|e|"},
    {"a\\\\b d\"e f\"g h", "a\\\\b|de fg|h|"},
    {"a\\\\\\\"b c d", "a\\\"b|c|d|"},
    {"a\\\\\\\\\"b c\" d e", "a\\\\b c|d|e|"},
    {"a\"b\"\" c d", "ab\" c d|"},
    /* Inside quotes, two quotes are one. */
    {"\"a\"\"b\"", "a\"b|"},
    {"\"a\"\"b c\" d", "a\"b c|d|"},
    {"\"\"\"a\"\"\"", "\"a\"|"},
    {"\"\"\"a b\"\"\" c", "\"a b\"|c|"},
    {"\"a\"\"\" b", "a\"|b|"},
    {"\"\"\"\"", "\"|"},
    {"\"\"\"\"\"", "\"\"|"},
    {"\"\"\"\"\"\"", "\"\"|"},
    {"\"\"\" \"\"\"", "\" \"|"},
    {"a\"\"\"b c\"\"\"", "a\"b c\"|"},
    {"a\"\" b", "a|b|"},
    {"\"a\"b", "ab|"},
    {"\"a\"b\"c d\"", "abc d|"},
    {"\"\\\"\"", "\"|"},
    {"\"\\\\\"", "\\|"},
    {"\"\\\\\\\\\"", "\\\\|"},
    {"\"a \\\\\"b", "a \\b|"},
    {"'a b'", "'a|b'|"},
    {"a^b &c", "a^b|&c|"},
    {"%OS% $OS", "%OS%|$OS|"},
    {"*.c ?", "*.c|?|"},
    {"/a -b --c=d", "/a|-b|--c=d|"},
    {"a\nb", "a\nb|"},
    {"a\rb", "a\rb|"},
    {"\va", "\va|"},
};

static int echo_arguments(int count, char **arguments)
{
    DWORD written;
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE);

    for (int i = 1; i < count; i++) {
        WriteFile(output, arguments[i], (DWORD)strlen(arguments[i]), &written, NULL);
        WriteFile(output, "|", 1, &written, NULL);
    }
    return count;
}

/* Runs a command line and returns what it printed. */
static const char *output_of(const char *program, char *line, DWORD *exit_code)
{
    static char text[4096];
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    HANDLE reader, writer;
    DWORD count, total = 0;

    *exit_code = 0xFFFF;
    text[0] = 0;
    if (!CHECK(CreatePipe(&reader, &writer, &inherit, 0)))
        return text;
    SetHandleInformation(reader, HANDLE_FLAG_INHERIT, 0);
    startup.hStdOutput = startup.hStdError = writer;
    if (CHECK(CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))) {
        CloseHandle(writer);
        while (ReadFile(reader, text + total, sizeof text - 1 - total, &count, NULL) && count > 0)
            total += count;
        text[total] = 0;
        CHECK_EQ(WaitForSingleObject(process.hProcess, 30000), WAIT_OBJECT_0);
        CHECK(GetExitCodeProcess(process.hProcess, exit_code));
        CloseHandle(process.hThread);
        CloseHandle(process.hProcess);
    } else {
        CloseHandle(writer);
    }
    CloseHandle(reader);
    return text;
}

static unsigned count_arguments(const char *text)
{
    unsigned count = 0;

    for (; *text; text++)
        count += *text == '|';
    return count;
}

TEST(lines)
{
    char program[MAX_PATH], line[2 * MAX_PATH];
    DWORD code;

    GetModuleFileNameA(NULL, program, MAX_PATH);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        LONG failed = check_failed;

        sprintf(line, "\"%s\" %s", program, rows[i].line);
        CHECK_STR(output_of(NULL, line, &code), rows[i].arguments);
        CHECK_EQ(code, 1 + count_arguments(rows[i].arguments));
        if (check_failed != failed)
            check_note(rows[i].line);
    }
}

TEST(the_name_of_the_program_has_rules_of_its_own)
{
    static const char *const names[] = {"name", "na\"me x\"", "\"na me\"", "\"a\\\\\"", "a\\\\", "\"\""};
    char program[MAX_PATH], line[MAX_PATH];
    DWORD code;

    GetModuleFileNameA(NULL, program, MAX_PATH);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        sprintf(line, "%s a b", names[i]);
        if (!CHECK_STR(output_of(program, line, &code), "a|b|"))
            check_note(names[i]);
    }
}

int main(int argc, char **argv)
{
    if (getenv("ECHO_ARGUMENTS"))
        return echo_arguments(argc, argv);
    SetEnvironmentVariableA("ECHO_ARGUMENTS", "1");
    RUN(lines);
    RUN(the_name_of_the_program_has_rules_of_its_own);
    return CHECK_END();
}
