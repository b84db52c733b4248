# A program of Rust's, and one under its test harness. Both are made where a compiler with the standard library for
# Windows is installed, which there is for 64 bits alone.

win_rustc      := $(firstword $(wildcard /usr/bin/rustc))
win_rust_std   := $(if $(win_rustc),$(wildcard $(shell $(win_rustc) --print sysroot)/lib/rustlib/x86_64-pc-windows-gnu/lib))
win_rust_flags := --edition 2021 --target x86_64-pc-windows-gnu -D warnings -C linker=x86_64-w64-mingw32-gcc

define win_rust_rules
$(win_out)/x86_64/rust/rust.exe: tests/win/rust/rust.rs $(win_out)/x86_64/rust/harness.exe
	@mkdir -p $$(@D)
	$$(Q)$(win_rustc) $(win_rust_flags) -o $$@ $$<
$(win_out)/x86_64/rust/harness.exe: tests/win/rust/harness.rs
	@mkdir -p $$(@D)
	$$(Q)$(win_rustc) $(win_rust_flags) --test -o $$@ $$<
win_results += $(win_out)/x86_64/rust/rust.exe
endef
$(if $(win_rust_std),$(eval $(call win_rust_rules)))
