"""How a command line becomes arguments: hard arguments, and the two sets of rules that programs apply."""

# Each row is one run: what the program must find after its own name.
ARGUMENTS = [
    [],
    ['plain'],
    ['two', 'words'],
    ['7', '7', '7'],
    ['one argument'],
    [''],
    ['', ''],
    ['', 'a', ''],
    [' '],
    ['  leading and trailing  '],
    ['\t'],
    ['a\tb'],
    ['\ttab', 'x'],
    ['line\nfeed'],
    ['carriage\rreturn'],
    ['\x0b vertical'],
    ['"'],
    ['""'],
    ['"""'],
    ['""""'],
    ['"quoted"'],
    ['a"b'],
    ['a""b'],
    ['a b"c d'],
    ['a b""c d'],
    ['a b"""c d'],
    ['"a b"'],
    ['" "'],
    ['\\'],
    ['\\\\'],
    ['\\\\\\'],
    ['\\ '],
    [' \\'],
    ['a\\'],
    ['a\\\\'],
    ['a b\\'],
    ['a b\\\\'],
    ['a b\\\\\\', 'c'],
    ['a\\b'],
    ['a\\\\b'],
    ['a\\\\b c'],
    ['\\"'],
    ['\\\\"'],
    ['\\\\\\"'],
    ['a\\"b'],
    ['a\\\\"b'],
    ['a\\\\\\"b'],
    ['a b\\"c'],
    ['a b\\\\"c'],
    ['a b\\\\\\"c'],
    ['\\" \\"'],
    ['"\\'],
    ['"\\\\'],
    ['a"\\', 'b"\\'],
    ['C:\\Program Files\\x\\'],
    ['C:\\Program Files\\x\\', '/flag', 'D:\\y\\'],
    ['--name=value with blanks'],
    ['--name="value"'],
    ["'single'", "'single quoted'"],
    ['*'],
    ['*.c', '?'],
    ['%PATH%', '$HOME', '${x}', '`id`', '!x!'],
    ['a&b', 'c|d', '<e>', 'f^g', '(h)', 'i;j'],
    ['--trace-apis', '--help', '--', '-'],
    ['~', '~/x', '/etc/passwd', './x', '../y'],
    ['\u00fc\u00f6', '\u20ac', '\u4e2d\u6587', '\U0001F600'],
    ['x' * 8000],
    [str(i) for i in range(200)],
    ['a' * 50 + ' ' + '"' * 20 + '\\' * 20],
]


def split_by_crt_rules(line):
    """The C library's rules, as Microsoft's "Parsing C command-line arguments" gives them. The program's
    name ends at a blank outside quotes, and backslashes mean nothing in it."""
    arguments, i = [], 0
    name, quoted = '', False
    while i < len(line) and (quoted or line[i] not in ' \t'):
        if line[i] == '"':
            quoted = not quoted
        else:
            name += line[i]
        i += 1
    arguments.append(name)
    while True:
        while i < len(line) and line[i] in ' \t':
            i += 1
        if i == len(line):
            return arguments
        text, quoted = '', False
        while i < len(line) and (quoted or line[i] not in ' \t'):
            backslashes = 0
            while i < len(line) and line[i] == '\\':
                backslashes += 1
                i += 1
            if i < len(line) and line[i] == '"':
                text += '\\' * (backslashes // 2)
                if backslashes % 2:
                    text += '"'
                elif quoted and line[i + 1:i + 2] == '"':
                    text += '"'
                    i += 1
                else:
                    quoted = not quoted
                i += 1
            else:
                text += '\\' * backslashes
                if i < len(line) and (quoted or line[i] not in ' \t'):
                    text += line[i]
                    i += 1
        arguments.append(text)
