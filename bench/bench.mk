# Benchmarks: the same work by Win32 calls and by Linux ones, and whole processes.

bench_out := $(BUILD)/bench
bench_programs := $(bench_out)/spawn \
    $(foreach a,$(ARCHES),$(bench_out)/$a/hello $(bench_out)/$a/hello.exe $(bench_out)/$a/nativebench $(bench_out)/$a/winbench.exe)

$(bench_out)/spawn: bench/spawn.c
	@mkdir -p $(@D)
	$(Q)gcc -std=gnu11 -O2 -Wall -Wextra -o $@ $<

define bench_rules
$(bench_out)/$1/%: bench/%.c
	@mkdir -p $$(@D)
	$$(Q)$(cc_$1) -std=gnu11 -O2 -fno-builtin-malloc -o $$@ $$< -lm -ldl
$(bench_out)/$1/%.exe: bench/%.c
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc -std=gnu11 -O2 -fno-builtin-malloc -o $$@ $$<
endef
$(foreach a,$(ARCHES),$(eval $(call bench_rules,$a)))

# BENCH=NAME chooses rows by a part of their name.
.PHONY: bench
bench: all $(bench_programs)
	$(Q)python3 bench/run.py --out $(bench_out) --loader $(command) $(BENCH)
