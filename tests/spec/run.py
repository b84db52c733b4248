#!/usr/bin/env python3
"""Tests of genthunks on .spec files: what must parse parses, what is wrong is refused with its place and reason, and
a finished stub exports exactly what its .spec says; a C function that differs from its line is found.

    run.py GENTHUNKS DIRECTORY        DIRECTORY receives what is built on the way
"""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import adversarial  # noqa: E402
import check_stub  # noqa: E402
import verify  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = {"x86_64": ("x86_64-w64-mingw32-", "i386pep"), "i386": ("i686-w64-mingw32-", "i386pe")}
SCRIPT = os.path.join(HERE, "..", "..", "genthunks", "stub.ld")


class Run:
    def __init__(self, genthunks, directory):
        self.genthunks, self.directory = genthunks, directory
        self.passed = self.failed = 0

    def check(self, problems):
        """One test: it passed if there are no problems."""
        problems = list(problems)
        self.failed += bool(problems)
        self.passed += not problems
        for problem in problems:
            print(problem)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", newline="") as file:
            file.write(text)
        return self.path(name)

    def run(self, *command):
        return subprocess.run(command, capture_output=True, text=True)

    def parse_good(self):
        for win16 in (False, True):
            files = [(name, text) for name, text, is_16 in adversarial.good_files() if is_16 == win16]
            paths = [self.write(name + ".spec", text) for name, text in files]
            result = self.run(self.genthunks, "--check", *(["--win16"] if win16 else []), *paths)
            wrong = {line.split(":")[0] for line in result.stderr.splitlines()}
            for path in paths:
                self.check([line for line in result.stderr.splitlines() if line.startswith(path + ":")][:3])
            self.check([] if (result.returncode == 0) == (not wrong) else [f"exit code {result.returncode}"])

    def refuse_bad(self):
        for number, (text, place, words) in enumerate(adversarial.BAD_FILES):
            path = self.write(f"bad{number}.spec", text)
            result = self.run(self.genthunks, "--check", path)
            first = result.stderr.split("\n")[0]
            start = f"{path}:{place}: " if place else f"{path}: "
            if result.returncode != 1 or not first.startswith(start) or words not in first:
                self.check([f"{text!r}: exit code {result.returncode}, {first!r}, expected {start!r} and {words!r}"])
            else:
                self.check([])

    def build(self, spec, arch):
        """The path of the DLL made from a .spec, or None after a message."""
        prefix, emulation = TOOLS[arch]
        stem = self.path(f"{os.path.basename(spec)[:-5]}.{arch}")
        base = self.run(self.genthunks, "--arch=" + arch, "--print-base", spec).stdout.strip()
        for command in (
            [self.genthunks, "--arch=" + arch, f"--stub={stem}.S", f"--def={stem}.def", f"--bind={stem}.bind.c",
             f"--stamp={stem}.stamp", spec],
            [prefix + "as", "-o", stem + ".o", stem + ".S"],
            [prefix + "objcopy", "--update-section", f".litewin={stem}.stamp", stem + ".o"],
            [prefix + "ld", "-m", emulation, "-T", SCRIPT, "-shared", "-e", "0", "--image-base=" + base,
             "--exclude-all-symbols", "--file-alignment=4096", "--section-alignment=4096", "--dynamicbase",
             "--nxcompat", "--no-insert-timestamp", "-o", stem + ".dll", stem + ".o"],
            [prefix + "dlltool", "--kill-at", "-d", stem + ".def", "-l", stem + ".a"],
            ["gcc", "-m32" if arch == "i386" else "-m64", "-Wall", "-Wextra", "-Werror", "-fPIC",
             "-I" + os.path.join(HERE, "..", "..", "include"), "-c", "-o", stem + ".bind.o", stem + ".bind.c"],
        ):
            result = self.run(*command)
            if result.returncode or result.stderr:
                self.check([f"{' '.join(command)}: exit code {result.returncode} {result.stderr}"])
                return None
        return stem + ".dll"

    def compare_stubs(self):
        for arch in TOOLS:
            for name in ("rich",):
                spec = os.path.join(HERE, name + ".spec")
                dll = self.build(spec, arch)
                if dll:
                    self.check(f"{name}.spec, {arch}: {problem}" for problem in check_stub.check(spec, dll, arch))

    def verify_good(self, arch, backing):
        result = self.run(self.genthunks, "--arch=" + arch, "--verify=" + backing, self.write("good.spec", verify.GOOD))
        self.check([result.stderr] if result.returncode or result.stderr else [])

    def verify_bad(self, arch, backing):
        for where, line, words in verify.BAD:
            path = self.write("bad.spec", "# first line\n" + line + "\n")
            result = self.run(self.genthunks, "--arch=" + arch, "--verify=" + backing, path)
            message = result.stderr.split("\n")[0]
            if where not in (arch, "both"):
                continue
            if result.returncode != 1 or not message.startswith(path + ":2:") or words not in message:
                self.check([f"{arch}: {line}: exit code {result.returncode}, {message!r}, expected {words!r}"])
            else:
                self.check([])

    def verify_backings(self):
        for arch, flags in (("x86_64", ["-m64"]), ("i386", ["-m32", "-msse2", "-freg-struct-return"])):
            for level in ("-O0", "-O2"):
                backing = self.path(f"verify.{arch}.so")
                result = self.run("gcc", *flags, level, "-g", "-fPIC", "-shared", "-fvisibility=hidden", "-o", backing,
                                  os.path.join(HERE, "verify.c"), self.write("references.c", verify.REFERENCES))
                self.check([result.stderr] if result.returncode else [])
                self.verify_good(arch, backing)
                self.verify_bad(arch, backing)
        for path, words in (("/absent", "cannot read"), (os.path.abspath(__file__), "no ELF file"),
                            (backing.replace("i386", "x86_64"), "no ELF file for i386"),
                            (self.stripped(backing), "no debug information")):
            result = self.run(self.genthunks, "--arch=i386", "--verify=" + path, self.path("good.spec"))
            self.check([] if result.returncode == 1 and words in result.stderr else [f"{path}: {result.stderr}"])

    def stripped(self, backing):
        self.run("strip", "-o", backing + ".stripped", backing)
        return backing + ".stripped"


def main():
    run = Run(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    os.makedirs(run.directory, exist_ok=True)
    run.parse_good()
    run.refuse_bad()
    run.compare_stubs()
    run.verify_backings()
    print(f"spec: {run.passed} passed, {run.failed} failed")
    sys.exit(run.failed != 0)


if __name__ == "__main__":
    main()
