# Tests. A unit test or fuzz target begins with a comment that lists the sources it is built with:
#
#   /* uses: loader/pe.c loader/pe_exports.c */
#
# Both may use libdw, and are built with AddressSanitizer and UndefinedBehaviorSanitizer.

include tests/win/build.mk
include tests/abi/build.mk
include tests/pe/build.mk

test_out := $(BUILD)/tests
sanitize := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
uses      = $(shell awk '{ last = sub("\\*/.*", ""); sub("^/\\* uses:", ""); sub("^ \\*", ""); print } last { exit }' $1)

# Generated and Linux-only sources are compiled like the floor that they belong to.
unit_flags := $(guest_cflags) -Wno-missing-field-initializers -Wno-unused-function

unit_tests := $(patsubst tests/unit/%.c,$(test_out)/unit/%,$(wildcard tests/unit/*_test.c))
fuzzers    := $(patsubst tests/fuzz/%.c,$(test_out)/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))

.PHONY: unit-tests fuzzers check-wine fuzz
unit-tests: $(unit_tests)
fuzzers: $(fuzzers)

$(test_out)/unit/%: tests/unit/%.c $$(call uses,tests/unit/$$*.c) $(headers)
	@mkdir -p $(@D)
	$(Q)gcc $(unit_flags) $(sanitize) -MMD -MP -MF $@.d -o $@ $(filter %.c %.S,$^) -lcmocka -ldw -lelf -lm
$(test_out)/fuzz/%: tests/fuzz/%.c $$(call uses,tests/fuzz/$$*.c) $(headers)
	@mkdir -p $(@D)
	$(Q)clang $(filter-out -Werror -fms-extensions -fno-ipa-icf,$(unit_flags)) -fsanitize=fuzzer,address,undefined -o $@ $(filter %.c %.S,$^) -ldw -lelf -lm

-include $(wildcard $(test_out)/unit/*.d)

.PHONY: check run-tests
check:
	@tools/packages check
	@$(MAKE) --no-print-directory run-tests
# Every test there is, and one line at the end.
run-tests: all unit-tests fuzzers win-programs abi-programs pe-programs
	$(Q)python3 tests/run.py --loader $(command) --programs $(win_out) --programs $(abi_out) \
	    --unit $(test_out)/unit --fuzz $(test_out)/fuzz \
	    --script "python3 tests/spec/run.py $(genthunks) $(test_out)/spec" \
	    --script "python3 tests/pe/dump_test.py $(pe_out)/make_pe $(command) --dump" \
	    --script "python3 tests/pe/kinds_test.py $(pe_out)/make_pe $(command)" \
	    --script "python3 tests/install/install_test.py $(BUILD) $(win_out)" \
	    --script "python3 tests/docs/docs_test.py $(command)"

# The 64-bit programs under Wine: shows whether a test expects what Windows does.
check-wine: win-programs
	$(Q)python3 tests/run.py --wine --programs $(win_out)

fuzz: fuzzers
	$(Q)for fuzzer in $(fuzzers); do \
	    mkdir -p $$fuzzer.found && $$fuzzer -max_total_time=60 -timeout=10 $$fuzzer.found \
	        tests/fuzz/corpus/$$(basename $$fuzzer _fuzz) || exit 1; \
	done
