"""Specs of every kind that Wine and ReactOS are known to hold, made up by chance from a fixed seed, and broken ones.

The counts stand for those of a whole Wine tree: 593 files for 32 and 64 bits, 58 for 16 bits.
"""
import random

TYPES = ["long", "ptr", "str", "wstr", "int64", "int128", "float", "double"]
FINE_TYPES = ["dword", "int", "uint", "bool", "ntstatus", "hresult", "error", "uint16", "int16", "uint8", "int8",
              "handle", "size", "ssize", "buffer", "uint64"]
KINDS = ["stdcall"] * 6 + ["cdecl"] * 6 + ["thiscall", "varargs", "stub", "extern", "fastcall"]
KINDS_16 = ["pascal", "pascal", "stub", "cdecl", "varargs", "variable", "equate", "stdcall", "32"]
STDCALL_FLAGS = ["-thiscall", "-fastcall", "-stub", "-version=0x600+", "-version=0x351-0x502", "-syscall=0x12"]
TYPES_16 = ["word", "s_word", "long", "segptr", "segstr", "ptr", "str", "wstr"]
ARCHES = ["-arch=i386", "-arch=x86_64", "-arch=win32", "-arch=win64", "-arch=arm", "-arch=arm64", "-arch=aarch64",
          "-arch=amd64", "-arch=!i386", "-arch=!x86_64,!arm", "-arch=i386,x86_64,arm64", "-i386", "-arch=i686"]
CATEGORIES = ["file_io", "console_io", "memory", "threading", "synchronization", "environment", "process", "registry",
              "dll", "network", "exception", "string", "time"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        self.ordinal = 0

    def chance(self, share):
        return self.random.random() < share

    def name(self):
        """A new name: plain, with an A or W, or mangled as a C++ compiler does."""
        self.count += 1
        plain = self.random.choice(["Create", "Rtl", "_", "Nt", "wine_", "str", "__CxxFrame"]) + f"Thing{self.count}"
        if self.chance(0.3):
            return self.random.choice([
                f"??0?${plain}@DU?$char_traits@D@std@@@std@@QEAA@XZ", f"?{plain}@std@@YAXXZ",
                f"??_7{plain}@@6B@", f"??$?6DU?$char_traits@D@std@@@{plain}@@YAAEAV01@AEAV01@PEBD@Z",
                f"?id@?${plain}@DV?$istreambuf_iterator@D@1@@2V0locale@2@A", f"__imp_:{plain}", f"{plain}$x<y>/z-"])
        return plain + self.random.choice(["", "A", "W", "Ex"])

    def blank(self):
        return self.random.choice([" ", " ", " ", "  ", "\t", " \\\n  "])

    def arguments(self, types, limit=31):
        count = self.random.choice([0, 1, 2, 3, 4, 5, 6, 8, 11, 15, 20, limit])
        names = self.chance(0.2)
        return "(" + self.blank().join(
            self.random.choice(types) + (f":argument{i}" if names else "") for i in range(count)) + ")"

    def target(self):
        choice = self.random.random()
        if choice < 0.5:
            return ""
        if choice < 0.75:
            return " " + self.random.choice(["impl_", "MSVCP_", "_"]) + f"target{self.count}"
        return " " + self.random.choice([
            f"kernelbase.Thing{self.count}", "ntdll.RtlThing", "api-ms-win-core-file-l1-1-0.CreateFileW", "other.\\#12",
            f"msvcp90.??0?$thing{self.count}@@QAE@XZ", "ws2_32.drv.symbol"])

    def prefix(self, kind, flags):
        ordinal = "@"
        if self.chance(0.1):
            self.ordinal += self.random.randint(1, 3)
            ordinal = str(self.ordinal)
            flags = flags + self.random.choice([[], ["-noname"], ["-ordinal"]])
        arch = [self.random.choice(ARCHES)] if self.chance(0.3) else []
        private = ["-private"] if self.chance(0.05) else []
        return self.blank().join([ordinal, kind] + arch + private + flags)

    def tail(self):
        return self.random.choice(["", "", "", "  # a comment", " ; another ( comment", "\t"])

    def line(self):
        kind = self.random.choice(KINDS)
        name = self.name()
        if kind == "extern":
            target = self.target()
            size = f" -size={self.random.randint(1, 5000)}" if not target.count(".") and self.chance(0.3) else ""
            return self.prefix(kind, []) + " " + name + target + size
        if kind == "stub":
            arguments = self.arguments(TYPES) if self.chance(0.2) else ""
            return self.prefix(kind, []) + " " + name + arguments
        flags = []
        if kind in ("stdcall", "cdecl"):
            flags = self.random.choice([[], [], [], ["-norelay"], ["-ret64"], ["-syscall"], ["-import"],
                                        ["-import", "-norelay"]])
        if kind == "stdcall" and self.chance(0.1):
            flags = flags + [self.random.choice(STDCALL_FLAGS)]
        arguments = self.arguments(TYPES + (FINE_TYPES if self.chance(0.3) else []))
        if kind == "thiscall" or "-thiscall" in flags:
            arguments = "(ptr " + self.arguments(TYPES, 30)[1:]
        result = " -ret=" + self.random.choice(TYPES + FINE_TYPES + ["void"]) if self.chance(0.1) else ""
        return self.prefix(kind, flags) + self.blank() + name + arguments + self.target() + result

    def file_32(self):
        lines = [self.random.choice(["# kernel", "", "; comment", "#\tTODO: 1 2 3 stdcall ("])]
        for _ in range(self.random.choice([0, 3, 30, 300])):
            if self.chance(0.05):
                lines.append("#!category " + self.random.choice(CATEGORIES))
            if self.chance(0.05):
                lines.append(self.random.choice(["", "   ", "# @ stdcall commented_out(long)", "#!not a directive"]))
            lines.append(self.line() + self.tail())
        return "\n".join(lines) + self.random.choice(["\n", ""])

    def file_16(self):
        lines = []
        for _ in range(self.random.choice([1, 20, 200])):
            self.ordinal += 1
            kind = self.random.choice(KINDS_16)
            name = self.name()
            if kind == "variable":
                words = [self.random.choice(["0", "0x1234", "-1", "65535"]) for _ in range(self.random.randint(1, 8))]
                lines.append(f"{self.ordinal} variable {name}({' '.join(words)})")
            elif kind == "equate":
                lines.append(f"{self.ordinal} equate {name} {self.random.choice(['0', '0xF000', '-1', '8'])}")
            elif kind == "stub":
                lines.append(f"{self.ordinal} stub {name}")
            elif kind == "32":
                lines.append(f"@ stdcall -arch=win32 {name}(long ptr str){self.target()}")
            else:
                flags = self.random.choice(["", " -ret16", " -register", " -ret16 -register", " -norelay"])
                target = f" {name}16" if name.isidentifier() else ""
                lines.append(f"{self.ordinal} {kind}{flags} {name}{self.arguments(TYPES_16)}{target}")
        return "\n".join(lines) + "\n"

    def file_apisets(self):
        lines = ["# API sets"]
        for number in range(500):
            hosts = ["ntdll.dll"] + [f"kernel32.dll:kernelbase{i}.dll" for i in range(self.random.randint(0, 2))]
            lines.append(f"apiset api-ms-win-core-thing{number}-l1-1-{number % 9} = {' '.join(hosts)}")
        return "\n".join(lines) + "\n"


def special_files():
    long_name = "?" + "very_long_name_" * 25 + "@@YAXXZ"
    yield "empty", ""
    yield "blank", "\n\n   \t\n"
    yield "no-newline", "@ stdcall Name()"
    yield "crlf", "@ stdcall Name(long) target\r\n@ stdcall \\\r\n  Other()\r\n# comment\r\n"
    yield "long-line", f"@ cdecl -arch=i386,x86_64,arm,arm64 {long_name}({' '.join(['double'] * 31)}) {'t' * 400}\n"
    yield "continued", "@ \\\nstdcall\\\n -norelay \\\n\\\n Name( \\\n long\\\n) \\\n target \\\n\n"
    yield "last-ordinal", "65534 stdcall Last()\n65533 stdcall BeforeLast()\n"
    yield "many", "".join(f"@ stdcall Function{i}(long ptr)\n" for i in range(20000))
    shapes = (["double" if i >> bit & 1 else "long" for bit in range(13)] for i in range(8192))
    yield "shapes", "".join(f"@ cdecl Shape{i}({' '.join(shape)})\n" for i, shape in enumerate(shapes))


def good_files():
    """(name, text, sixteen bits)"""
    for number in range(593):
        yield f"made{number}", Maker(number).file_32(), False
    for number in range(58):
        yield f"win16-{number}", Maker(1000 + number).file_16(), True
    yield "apisetschema", Maker(2000).file_apisets(), False
    for name, text in special_files():
        yield name, text, False


# (text, position of the first error, words of its message); sixteen-bit kinds are read as a 32-bit file.
BAD_FILES = [
    ("@", "1:2", "expected stdcall"),
    ("@ frobnicate Name()", "1:3", "unexpected frobnicate"),
    ("0 stdcall Name()", "1:1", "no ordinal"),
    ("65535 stdcall Name()", "1:1", "no ordinal"),
    ("x stdcall Name()", "1:1", "no ordinal"),
    ("99999999999999999999 stdcall Name()", "1:1", "no ordinal"),
    ("@ stdcall Name", "1:15", "expected ("),
    ("@ stdcall Name(", "1:16", "expected a type or )"),
    ("@ stdcall Name(long", "1:20", "expected a type or )"),
    ("@ stdcall Name(long (", "1:21", "expected a type or )"),
    ("@ stdcall Name(lung)", "1:16", "unknown type"),
    ("@ stdcall Name(word)", "1:16", "16-bit"),
    ("@ stdcall Name(void)", "1:16", "void"),
    ("@ stdcall Name(long:)", "1:16", "no argument's name"),
    ("@ stdcall Name(long:a-b)", "1:16", "no argument's name"),
    ("@ stdcall Name(" + "long " * 32 + ")", "1:171", "too many arguments"),
    ("@ stdcall Name() a b", "1:20", "expected the end of the line"),
    ("@ stdcall Name() .b", "1:18", "forwards to nothing"),
    ("@ stdcall Name() b.", "1:18", "forwards to nothing"),
    ('@ stdcall Name() "x"', "1:18", "no symbol"),
    ("@ stdcall Na=me()", "1:11", "no export's name"),
    ("@ stdcall (long)", "1:11", "no name"),
    ("@ stdcall -noname Name()", "1:1", "-noname or -ordinal"),
    ("@ stdcall -ordinal Name()", "1:1", "-noname or -ordinal"),
    ("@ stdcall @() target", "1:1", "no ordinal"),
    ("1 stdcall @()", "1:1", "no target"),
    ("1 extern @", "1:1", "no target"),
    ("@ stdcall -unknown Name()", "1:11", "unknown flag"),
    ("@ stdcall -arch= Name()", "1:11", "unknown CPU"),
    ("@ stdcall -arch=z80 Name()", "1:11", "unknown CPU"),
    ("@ stdcall -arch=i386, Name()", "1:11", "unknown CPU"),
    ("@ stdcall -version=abc- Name()", "1:11", "versions"),
    ("@ stdcall -register Name()", "1:11", "16-bit"),
    ("@ pascal Name()", "1:3", "16-bit"),
    ("1 variable Name(1 2)", "1:3", "16-bit"),
    ("1 equate Name 1", "1:3", "16-bit"),
    ("@ varargs -syscall Name()", "1:11", "-syscall"),
    ("@ stdcall Name() -ret=lung", "1:18", "unknown type"),
    ("@ extern Name -ret=long", "1:15", "-ret="),
    ("@ stdcall Name() -size=4", "1:18", "-size="),
    ("@ extern Name -size=0", "1:15", "no size"),
    ("@ extern Name -size=x", "1:15", "no size"),
    ("@ extern -direct Name", "1:1", "-direct"),
    ("@ stdcall -direct Name() a.b", "1:1", "-direct"),
    ("@ cdecl -thiscall Name(ptr)", "1:1", "-thiscall"),
    ("@ stub Name target", "1:13", "end of the line"),
    ("apiset", "1:7", "expected apiset NAME"),
    ("apiset name host", "1:13", "expected apiset NAME"),
    ("apiset name =", "1:14", "no host"),
    ("apiset name = a b c d", "1:21", "too many hosts"),
    ("#!category nonsense", "1:12", "unknown category"),
    ("@ stdcall A()\n@ stdcall A()", "2:1", "already exported by line 1"),
    ("5 stdcall A()\n5 stdcall B()", "2:1", "already taken by line 1"),
    ("65534 stdcall A()\n@ stdcall B()", "2:1", "no ordinal up to"),
    ("@ stdcall A()\0", None, "NUL"),
    ("@ stdcall \\\n Name(\\\n lung)", "3:2", "unknown type"),
]
