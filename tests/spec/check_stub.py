"""Compares a stub DLL with its .spec file. The .spec is read by a parser of its own, from the format's description."""
import re
import struct
import subprocess

TAKES_TARGET = {"stdcall", "cdecl", "varargs", "thiscall", "fastcall", "extern"}
ALIASES = {"win32": {"i386", "arm"}, "win64": {"x86_64", "arm64"}, "amd64": {"x86_64"}, "aarch64": {"arm64"}}


def logical_lines(text):
    for line in re.sub(r"\\\n", " ", text).split("\n"):
        tokens = []
        for token in re.findall(r"[()]|[#;].*|[^\s()]+", line):
            if token[0] in "#;":
                break
            tokens.append(token.replace("\\", ""))
        if tokens:
            yield tokens


def visible(flags, arch):
    for flag in flags:
        if flag == "-i386" and arch != "i386":
            return False
        if flag.startswith("-version=") and not flag.endswith("+"):
            return False
        if flag.startswith("-arch="):
            names = flag[len("-arch="):].split(",")
            named = set().union(*(ALIASES.get(n, {n}) for n in names if n[0] != "!"))
            excluded = set().union(*(ALIASES.get(n[1:], {n[1:]}) for n in names if n[0] == "!"))
            if arch in excluded or (named and arch not in named):
                return False
    return True


def parse_entry(tokens):
    ordinal, kind, *rest = tokens
    flags = []
    while rest[0].startswith("-"):
        flags.append(rest.pop(0))
    name = rest.pop(0)
    if rest and rest[0] == "(":
        rest = rest[rest.index(")") + 1:]
    rest = [token for token in rest if not token.startswith(("-ret=", "-size="))]
    target = rest[0] if rest and kind in TAKES_TARGET else ""
    if "-stub" in flags:
        kind = "stub"
    if "." in target:
        kind = "forward"
    shown = "" if name == "@" or "-noname" in flags else name
    return {"ordinal": None if ordinal == "@" else int(ordinal), "kind": kind, "name": shown, "target": target,
            "direct": "-direct" in flags, "flags": flags}


def expected_exports(text, arch):
    """The exports by ordinal, as the .spec format's rules number them."""
    entries = [parse_entry(tokens) for tokens in logical_lines(text) if tokens[0] != "apiset"]
    entries = [entry for entry in entries if visible(entry["flags"], arch)]
    explicit = {entry["ordinal"] for entry in entries if entry["ordinal"]}
    number = min(explicit, default=1)
    for entry in entries:
        if not entry["ordinal"]:
            while number in explicit:
                number += 1
            entry["ordinal"] = number
            number += 1
    return {entry["ordinal"]: entry for entry in entries}


def section_of(sections, rva):
    return next((name for name, (start, size) in sections.items() if start <= rva < start + size), None)


class Image:
    """What objdump says of a DLL, and its bytes."""

    def __init__(self, path):
        text = subprocess.run(["x86_64-w64-mingw32-objdump", "-h", "-p", path], check=True, capture_output=True,
                              text=True).stdout
        with open(path, "rb") as file:
            self.bytes = file.read()
        self.text = text
        self.base = int(re.search(r"^ImageBase\s+(\w+)", text, re.M)[1], 16)
        self.sections, self.offsets = {}, {}
        for name, size, address, offset in re.findall(r"^ +\d+ (\.\w+) +(\w+)  (\w+)  \w+  (\w+)", text, re.M):
            self.sections[name] = (int(address, 16) - self.base, int(size, 16))
            self.offsets[name] = int(offset, 16)
        self.ordinal_base = int(re.search(r"^Ordinal Base\s+(\d+)", text, re.M)[1])
        self.rvas, self.forwards = {}, {}
        for ordinal, rva, kind, forward in re.findall(
                r"\+base\[ *(\d+)\] +(\w+) (Export|Forwarder) RVA(?: -- (\S+))?", text):
            self.rvas[int(ordinal)] = int(rva, 16)
            if kind == "Forwarder":
                self.forwards[int(ordinal)] = forward
        names = text.split("[Ordinal/Name Pointer] Table")[1].split("\n\n")[0]
        self.names = [(name, int(index) + self.ordinal_base) for index, name in
                      re.findall(r"^\t\[ *(\d+)\] (?:\+base\[ *\d+\] +\w+ )?(\S+)$", names, re.M)]
        functions = re.findall(r"^ [0-9a-f]{16}:\t([0-9a-f]{16}) ([0-9a-f]{16}) ", text, re.M)
        self.functions = [tuple(int(x, 16) - self.base for x in pair) for pair in functions]

    def at(self, rva, count):
        return self.bytes[rva:rva + count]  # file offsets are RVAs, which check_layout has made sure


def check_layout(image, arch):
    for name, (rva, _) in image.sections.items():
        if image.offsets[name] != rva or rva % 4096:
            yield f"section {name} is at offset 0x{image.offsets[name]:x} and RVA 0x{rva:x}, expected equal pages"
    wanted = {".bind", ".text", ".edata", ".litewin"} | ({".pdata", ".xdata"} if arch == "x86_64" else {".reloc"})
    for name in sorted(wanted - set(image.sections)):
        yield f"no section {name}"
    if image.at(image.sections[".litewin"][0], 8) != b"litewin\0":
        yield "the .litewin section is not stamped"
    if not re.search("Time/Date\t\tThu Jan  1 00:00:00 1970", image.text):
        yield "the header has a time stamp"
    for flag in ("NX_COMPAT", "DYNAMIC_BASE"):
        if flag not in image.text:
            yield f"no {flag}"
    if not re.search(r"^AddressOfEntryPoint\s+0+$", image.text, re.M):
        yield "the DLL has an entry point"


def check_code(image, arch, ordinal, entry, index):
    """The entry loads its index and jumps to a thunk, or jumps through its slot."""
    code = image.at(image.rvas[ordinal], 16)
    if entry["direct"]:
        if code[:2] != b"\xff\x25":
            yield f"ordinal {ordinal} does not jump through a slot: {code.hex()}"
        return
    jump = {0xE9: "<i", 0xEB: "<b"}.get(code[5])
    if code[0] != 0xB8 or not jump or struct.unpack_from("<I", code, 1)[0] != index:
        yield f"ordinal {ordinal} does not load index {index}: {code.hex()}"
        return
    thunk = image.rvas[ordinal] + 6 + struct.calcsize(jump) + struct.unpack_from(jump, code, 6)[0]
    if arch == "x86_64" and thunk not in {begin for begin, _ in image.functions}:
        yield f"the thunk of ordinal {ordinal} has no unwind data"


def check_exports(image, arch, expected):
    if image.ordinal_base != min(expected):
        yield f"ordinal base {image.ordinal_base}, expected {min(expected)}"
    found = {ordinal for ordinal, rva in image.rvas.items() if rva}
    if found != set(expected):
        yield f"ordinals differ: {sorted(found ^ set(expected))}"
        return
    for index, ordinal in enumerate(sorted(expected)):
        entry = expected[ordinal]
        if image.forwards.get(ordinal, "") != (entry["target"] if entry["kind"] == "forward" else ""):
            yield f"ordinal {ordinal} forwards to {image.forwards.get(ordinal)}, expected {entry['target']}"
            continue
        place = {"forward": ".edata", "extern": ".data"}.get(entry["kind"], ".text")
        if section_of(image.sections, image.rvas[ordinal]) != place:
            yield f"ordinal {ordinal} is not in {place}"
        elif place == ".text":
            yield from check_code(image, arch, ordinal, entry, index)


def check_names(image, expected):
    names = sorted((entry["name"], ordinal) for ordinal, entry in expected.items() if entry["name"])
    if image.names != names:
        yield f"names differ: {sorted(set(image.names) ^ set(names))}, or are not sorted"


def check(spec_path, dll_path, arch):
    """All differences, as sentences."""
    with open(spec_path) as file:
        expected = expected_exports(file.read(), arch)
    image = Image(dll_path)
    yield from check_layout(image, arch)
    yield from check_exports(image, arch, expected)
    yield from check_names(image, expected)
