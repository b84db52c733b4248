# litewin's build. Everything it makes goes under $(BUILD); `make help` lists what it can do.
#
#   $(BUILD)/bin/litewin-load              the command, which becomes one of the next
#   $(BUILD)/lib/litewin/ARCH/litewin-load the loader for programs of that architecture
#   $(BUILD)/lib/litewin/ARCH/             the DLLs: NAME.dll (PE stub) and NAME.so (its ELF backing)
#   $(BUILD)/obj/ARCH/                     objects and generated sources
#   $(BUILD)/tests/                        unit tests, fuzzers and Windows test programs

BUILD  ?= build
PREFIX ?= /usr/local
ARCHES := x86_64 i386

.DEFAULT_GOAL := all
.SECONDEXPANSION:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
ifneq ($(V),1)
Q := @
endif

# Tools

cc_x86_64        := gcc -m64
cc_i386          := gcc -m32
mingw_x86_64     := x86_64-w64-mingw32-
mingw_i386       := i686-w64-mingw32-
mingw_headers    ?= /usr/share/mingw-w64/include
emulation_x86_64 := i386pep
emulation_i386   := i386pe
dlltool_i386     := --kill-at

warnings := -Wall -Wextra -Werror
host_cflags := -std=gnu11 -D_GNU_SOURCE -O2 -g $(warnings) -I. -Iinclude
# Windows prototypes have parameters that an implementation rightly has no use for. SysV's i386 returns
# small structures through memory, Windows in registers. Functions that happen to have the same code stay apart,
# for the debug information of each to be checked. A large frame must not step over the stack's guard.
guest_cflags := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -O2 -g $(warnings) -Wno-unused-parameter -fms-extensions -fshort-wchar -fno-strict-aliasing \
    -fPIC -fno-ipa-icf -fvisibility=hidden -ftls-model=initial-exec -fasynchronous-unwind-tables -fstack-clash-protection \
    -I. -Iinclude -I$(BUILD)/generated -idirafter $(BUILD)/include/mingw
guest_cflags_i386 := -msse2 -freg-struct-return -D_FILE_OFFSET_BITS=64
# Few segments and packed relocations make a short start; lazy binding leaves unused calls alone.
link_flags := -Wl,-O1 -Wl,--hash-style=gnu -Wl,-z,lazy -Wl,-z,noseparate-code -Wl,-z,pack-relative-relocs

genthunks    := $(BUILD)/bin/genthunks
headers      := $(BUILD)/include/mingw/.copied
library      := $(BUILD)/lib/litewin
comma        := ,
command      := $(BUILD)/bin/litewin-load
loader_x86_64 := $(library)/x86_64/litewin-load
loader_i386   := $(library)/i386/litewin-load

# $(call sources,FOLDER,ARCH): a file whose name ends in _ARCH is for that architecture alone.
sources = $(filter-out $(foreach a,$(filter-out $2,$(ARCHES)),%_$a.c %_$a.S),$(wildcard $1/*.c $1/*.S))
objects = $(patsubst %,$(BUILD)/obj/$2/%.o,$(basename $(call sources,$1,$2)))

dlls := $(notdir $(patsubst %/,%,$(dir $(wildcard dlls/*/*.spec))))
# Windows programs that are in System32, too.
programs := $(notdir $(basename $(wildcard programs/*.c)))

# A DLL that is no more, as after a change of branches, must not be loaded. (abitest is a test's own.)
stale_dlls := $(foreach f,$(wildcard $(library)/*/*.dll),$(if $(filter abitest $(dlls),$(basename $(notdir $f))),,$f))
$(if $(stale_dlls),$(shell rm -f $(stale_dlls) $(stale_dlls:.dll=.so)))

# What gdb knows of litewin: a script, and a package beside it.
debugger := $(patsubst debugger/%,$(library)/%,$(wildcard debugger/*.py debugger/*/*.py))

# What the registry holds at first.
registry := $(library)/registry.reg

.PHONY: all dlls loader genthunks debugger
all: loader dlls debugger $(registry)
loader: $(command) $(loader_x86_64) $(loader_i386)
dlls: $(foreach a,$(ARCHES),$(foreach d,$(dlls),$(library)/$a/$d.dll $(library)/$a/$d.so) $(programs:%=$(library)/$a/%.exe))
genthunks: $(genthunks)
debugger: $(debugger)
$(registry): dlls/advapi32/registry.reg
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(library)/%.py: debugger/%.py
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Generator

genthunks_objects := $(patsubst %.c,$(BUILD)/host/%.o,$(wildcard genthunks/*.c))

$(genthunks): $(genthunks_objects)
	@mkdir -p $(@D)
	$(Q)gcc -o $@ $^ -ldw -lelf
$(BUILD)/host/%.o: %.c
	@mkdir -p $(@D)
	$(Q)gcc $(host_cflags) -MMD -MP -c -o $@ $<

$(headers): tools/guest-headers
	@mkdir -p $(@D)
	$(Q)tools/guest-headers $(mingw_headers) $(@D)
	@touch $@

# The names of errors and statuses, which the headers have.
code_names := $(BUILD)/generated/loader/trace/status_names.h
$(code_names): tools/code-names $(headers)
	@mkdir -p $(@D)
	$(Q)tools/code-names $(mingw_headers) >$@.new && mv $@.new $@
$(foreach a,$(ARCHES),$(BUILD)/obj/$a/loader/trace/names.o): $(code_names)

# Both architectures

define arch_rules
$(BUILD)/obj/$1/%.o: %.c $(headers)
	@mkdir -p $$(@D)
	$$(Q)$(cc_$1) $(guest_cflags) $(guest_cflags_$1) $$(file_cflags) -MMD -MP -c -o $$@ $$<
$(BUILD)/obj/$1/%.o: %.S
	@mkdir -p $$(@D)
	$$(Q)$(cc_$1) -I. -Iinclude -MMD -MP -c -o $$@ $$<
$(BUILD)/obj/$1/%.bind.o: $(BUILD)/obj/$1/%.bind.c
	$$(Q)$(cc_$1) $(guest_cflags) $(guest_cflags_$1) -c -o $$@ $$<
$(BUILD)/obj/$1/%.stub.o: $(BUILD)/obj/$1/%.stub.S $(BUILD)/obj/$1/%.stamp
	$$(Q)$(mingw_$1)as -o $$@ $$<
	$$(Q)$(mingw_$1)objcopy --update-section .litewin=$(BUILD)/obj/$1/$$*.stamp $$@

$(loader_$1): $(call objects,kernel,$1) $(call objects,loader,$1) $(call objects,loader/trace,$1) \
    $(call objects,loader/crash,$1)
	@mkdir -p $$(@D)
	$$(Q)$(cc_$1) -pie -rdynamic $(link_flags) -o $$@ $$^
endef
$(foreach a,$(ARCHES),$(eval $(call arch_rules,$a)))

# A thread whose exception a handler settles may have a stack too small for the dynamic linker to look a name up: what
# is called on that way is known from the start.
frugal := exception vectored extended_state context_x86_64 context_i386
$(foreach a,$(ARCHES),$(frugal:%=$(BUILD)/obj/$a/dlls/ntdll/%.o)): file_cflags := -fno-plt

# No C library, no relocations: it starts in a tenth of the time.
$(command): loader/launcher/launcher.c
	@mkdir -p $(@D)
	$(Q)gcc -std=gnu11 -Os -g $(warnings) -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables \
	    -static -nostdlib -Wl,-z,noseparate-code -Wl,--build-id=none -o $@ $<

# DLLs

# What a DLL's backing may call: the floors below it. A backing that is named and not used is not loaded.
needs_ntdll    :=
needs_kernel32 := ntdll
needs_ucrtbase := msvcrt kernel32 ntdll
needs           = $(if $(filter ntdll kernel32 ucrtbase,$1),$(needs_$1),kernel32 ntdll)

# $(call dll_rules,FOLDER,DLL,ARCH,OUTPUT-FOLDER)
define dll_rules
$(BUILD)/obj/$3/$1/$2.stub.S $(BUILD)/obj/$3/$1/$2.bind.c $(BUILD)/obj/$3/$1/$2.def $(BUILD)/obj/$3/$1/$2.stamp &: \
    $1/$2.spec $(genthunks)
	@mkdir -p $$(@D)
	$$(Q)$(genthunks) --arch=$3 --stub=$(BUILD)/obj/$3/$1/$2.stub.S --bind=$(BUILD)/obj/$3/$1/$2.bind.c \
	    --def=$(BUILD)/obj/$3/$1/$2.def --stamp=$(BUILD)/obj/$3/$1/$2.stamp $$<

$(BUILD)/obj/$3/$1/$2.stub.o: $(wildcard $1/leaf_$3.s)
$(BUILD)/obj/$3/$1/$2.version.o: genthunks/version.rc
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$3)windres -DDLL=$2 -o $$@ $$<
	$$(Q)$(mingw_$3)objcopy --set-section-flags .rsrc=alloc,load,readonly,data,contents $$@
$4/$2.dll: $(BUILD)/obj/$3/$1/$2.stub.o $(BUILD)/obj/$3/$1/$2.version.o genthunks/stub.ld
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$3)ld -m $(emulation_$3) -T genthunks/stub.ld -shared -o $$@.new $$(filter %.o,$$^) -e litewin_dll_main --exclude-all-symbols \
	    --image-base=$$$$($(genthunks) --arch=$3 --print-base $1/$2.spec) \
	    --file-alignment=4096 --section-alignment=4096 --dynamicbase --nxcompat --no-insert-timestamp
	$$(Q)mv $$@.new $$@

$4/$2.so: $(call objects,$1,$3) $(BUILD)/obj/$3/$1/$2.bind.o \
    | $(loader_$3) $(foreach n,$(call needs,$2),$(library)/$3/$n.so)
	@mkdir -p $$(@D)
	$$(Q)$(cc_$3) -shared -Wl,-soname,$2.so -Wl,-Bsymbolic $(link_flags) -o $$@.new \
	    $$^ -Wl,--as-needed $$(filter %.so,$$|) $(if $(filter msvcrt ucrtbase,$2),-lm) $(if $(filter ucrtbase,$2),-Wl$(comma)-rpath$(comma)'$$$$ORIGIN')
	$$(Q)$(genthunks) --arch=$3 --verify=$$@.new $1/$2.spec
	$$(Q)tools/check-symbols $$@.new $$|
	$$(Q)mv $$@.new $$@

$(BUILD)/obj/$3/import/lib$2.a: $(BUILD)/obj/$3/$1/$2.def
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$3)dlltool $(dlltool_$3) -d $$< -l $$@
endef
$(foreach a,$(ARCHES),$(foreach d,$(dlls),$(eval $(call dll_rules,dlls/$d,$d,$a,$(library)/$a))))

define program_rules
$(programs:%=$(library)/$1/%.exe): $(library)/$1/%.exe: programs/%.c
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc -Os -s -Wall -Wextra -o $$@ $$<
endef
$(foreach a,$(ARCHES),$(eval $(call program_rules,$a)))

-include $(wildcard tests/tests.mk bench/bench.mk)

# For people

demo = $(foreach a,$(ARCHES),$(BUILD)/demo/$a/demo.exe)
define demo_rule
$(BUILD)/demo/$1/demo.exe: tools/demo.c
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc -O1 -Wall -Wextra -o $$@ $$<
endef
$(foreach a,$(ARCHES),$(eval $(call demo_rule,$a)))

# The packages must be there before make can look at anything that needs them, so the work is a second make's.
.PHONY: run demo docs install clean format lint help
run:
	@tools/packages build
	@$(MAKE) --no-print-directory demo
demo: all $(demo)
	@for program in $(demo); do \
	    echo "\$$ $(command) $$program one 'two words'"; $(command) $$program one 'two words' || exit; \
	done

# The API reference is made from the .spec files, so it is always what is there.
docs: $(ARCHES:%=$(BUILD)/docs/api-%.md)
$(BUILD)/docs/api-%.md: tools/api-table $(genthunks) $(wildcard dlls/*/*.spec)
	@mkdir -p $(@D)
	$(Q)tools/api-table $(genthunks) $* $(wildcard dlls/*/*.spec) >$@.new && mv $@.new $@

install: all docs
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/doc/litewin
	install $(command) $(DESTDIR)$(PREFIX)/bin
	for arch in $(ARCHES); do \
	    install -d $(DESTDIR)$(PREFIX)/lib/litewin/$$arch || exit; \
	    install $(library)/$$arch/litewin-load $(DESTDIR)$(PREFIX)/lib/litewin/$$arch || exit; \
	    for dll in $(dlls); do \
	        install -m 644 $(library)/$$arch/$$dll.dll $(library)/$$arch/$$dll.so $(DESTDIR)$(PREFIX)/lib/litewin/$$arch || exit; \
	    done; \
	    install -m 644 $(programs:%=$(library)/$$arch/%.exe) $(DESTDIR)$(PREFIX)/lib/litewin/$$arch || exit; \
	done
	install -m 644 $(registry) $(DESTDIR)$(PREFIX)/lib/litewin
	install tools/trace-view $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/share/litewin/trace-view-page
	install -m 644 tools/trace-view-page/* $(DESTDIR)$(PREFIX)/share/litewin/trace-view-page
	install -d $(DESTDIR)$(PREFIX)/lib/litewin/litewin_gdb
	install -m 644 debugger/litewin-gdb.py $(DESTDIR)$(PREFIX)/lib/litewin
	install -m 644 debugger/litewin_gdb/*.py $(DESTDIR)$(PREFIX)/lib/litewin/litewin_gdb
	install -m 644 docs/litewin-load.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 README.md LICENSE docs/*.md docs/*.png $(BUILD)/docs/*.md $(DESTDIR)$(PREFIX)/share/doc/litewin

# Needs clang-tidy (see .clang-tidy) and cppcheck. The latter takes enumerations for signed, and a pointer that is
# only written through for one that is read.
lint: $(headers)
	$(Q)cppcheck -q --std=c11 --error-exitcode=1 --enable=warning,portability,performance --platform=unix64 \
	    --suppress=invalidPrintfArgType_uint --suppress=ctuuninitvar -D__x86_64__ -D__GNUC__=12 -I. -Iinclude \
	    genthunks kernel loader
	$(Q)clang-tidy --quiet $(wildcard genthunks/*.c) -- $(host_cflags)
	$(Q)clang-tidy --quiet --checks='-clang-analyzer-*' $(filter %.c,$(call sources,kernel,x86_64) $(call sources,loader,x86_64)) -- \
	    $(filter-out -fms-extensions -fno-ipa-icf,$(guest_cflags))

clean:
	rm -rf $(BUILD)
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
help:
	@echo 'make               build everything'
	@echo 'make dlls          build the DLLs whose .spec or C files changed'
	@echo 'make run           install what is missing, build, run a demonstration'
	@echo 'make check         run every test (check-wine: the 64-bit Windows programs under Wine,
	@echo '                   check-traced: all programs while they are traced)'
	@echo 'make stress        five minutes of threads against every lock and object, and races that ThreadSanitizer sees'
	@echo 'make fuzz          fuzz every parser for a minute'
	@echo 'make bench         measure against native programs and Wine (BENCH=NAME: some rows)'
	@echo 'make docs          the API reference: every export of every DLL, from the .spec files'
	@echo 'make install       PREFIX=/usr/local DESTDIR='
	@echo 'make lint          look for defects with cppcheck and clang-tidy'
	@echo 'make format clean'

-include $(shell find $(BUILD)/obj $(BUILD)/host -name '*.d' 2>/dev/null)
