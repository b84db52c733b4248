# Tests. A unit test or fuzz target begins with a comment that lists the sources it is built with:
#
#   /* uses: loader/pe.c loader/pe_exports.c */
#
# Both may use libdw, and are built with AddressSanitizer and UndefinedBehaviorSanitizer.

include tests/win/build.mk
include tests/abi/build.mk
include tests/pe/build.mk
include tests/debugger/build.mk

test_out := $(BUILD)/tests
sanitize := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
uses      = $(shell awk '{ last = sub("\\*/.*", ""); sub("^/\\* uses:", ""); sub("^ \\*", ""); print } last { exit }' $1)

# Generated and Linux-only sources are compiled like the floor that they belong to.
unit_flags := $(guest_cflags) -Wno-missing-field-initializers -Wno-unused-function

unit_tests := $(patsubst tests/unit/%.c,$(test_out)/unit/%,$(wildcard tests/unit/*_test.c))
fuzzers    := $(patsubst tests/fuzz/%.c,$(test_out)/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))

# Units that ThreadSanitizer watches, for `make stress`. It knows nothing of fences; the code that has them
# orders its accesses by atomic operations as well.
tsan_tests := $(patsubst %,$(test_out)/tsan/%,wait_test handle_test locks_test)

.PHONY: unit-tests fuzzers check-traced check-wine fuzz stress
unit-tests: $(unit_tests)
fuzzers: $(fuzzers)

# What several tests use is compiled once for all of them, with each of the two compilers.
unit_objects := $(test_out)/objects
fuzz_flags   := $(filter-out -Werror -fms-extensions -fno-ipa-icf,$(unit_flags)) -fsanitize=fuzzer,address,undefined
objects_of    = $(patsubst %,$(unit_objects)/$1/%.o,$(basename $(filter %.c %.S,$2)))

$(unit_objects)/gcc/%.o: %.c $(headers)
	@mkdir -p $(@D)
	$(Q)gcc $(unit_flags) $(sanitize) -MMD -MP -c -o $@ $<
$(unit_objects)/gcc/%.o: %.S
	@mkdir -p $(@D)
	$(Q)gcc -I. -Iinclude -c -o $@ $<
$(unit_objects)/clang/%.o: %.c $(headers)
	@mkdir -p $(@D)
	$(Q)clang $(fuzz_flags) -MMD -MP -c -o $@ $<

$(test_out)/unit/%: $(unit_objects)/gcc/tests/unit/%.o $$(call objects_of,gcc,$$(call uses,tests/unit/$$*.c))
	@mkdir -p $(@D)
	$(Q)gcc $(sanitize) -o $@ $^ -lcmocka -ldw -lelf -lm
$(test_out)/fuzz/%: $(unit_objects)/clang/tests/fuzz/%.o $$(call objects_of,clang,$$(call uses,tests/fuzz/$$*.c))
	@mkdir -p $(@D)
	$(Q)clang -fsanitize=fuzzer,address,undefined -o $@ $^ -ldw -lelf -lm
$(test_out)/tsan/%: tests/unit/%.c $$(call uses,tests/unit/$$*.c) $(headers)
	@mkdir -p $(@D)
	$(Q)gcc $(unit_flags) -fsanitize=thread -Wno-tsan -MMD -MP -MF $@.d -o $@ $(filter %.c %.S,$^) -lcmocka
.PRECIOUS: $(unit_objects)/gcc/%.o $(unit_objects)/clang/%.o

-include $(shell find $(unit_objects) $(test_out)/tsan -name '*.d' 2>/dev/null)

.PHONY: check run-tests
check:
	@tools/packages check
	@$(MAKE) --no-print-directory run-tests
# Every test there is, and one line at the end.
run-tests: all unit-tests fuzzers win-programs abi-programs pe-programs debugger-programs check-traced
	$(Q)python3 tests/run.py --loader $(command) --programs $(win_out) --programs $(abi_out) \
	    --unit $(test_out)/unit --fuzz $(test_out)/fuzz \
	    --script "python3 tests/spec/run.py $(genthunks) $(test_out)/spec" \
	    --script "python3 tests/pe/dump_test.py $(pe_out)/make_pe $(command) --dump" \
	    --script "python3 tests/pe/kinds_test.py $(pe_out)/make_pe $(command)" \
	    --script "python3 tests/install/install_test.py $(BUILD) $(win_out)" \
	    --script "python3 tests/trace/trace_test.py $(command) $(win_out)" \
	    --script "python3 tests/trace/view_test.py $(command) $(win_out)" \
	    --script "python3 tests/debugger/debugger_test.py $(command) $(debugger_out)" \
	    --script "python3 tests/crash/crash_test.py $(command) $(win_out)" \
	    --script "python3 tests/docs/docs_test.py $(command)"

# The programs of tests/win/storms with their long arguments, and the units under ThreadSanitizer.
stress: all win-programs $(tsan_tests)
	$(Q)python3 tests/run.py --loader $(command) --programs $(win_out) --storms tests/win/storms --unit $(test_out)/tsan \
	    --timeout 900 -v

# The same programs while they are traced, which must make no difference to them.
check-traced: win-programs abi-programs all
	$(Q)python3 tests/run.py --traced --loader $(command) --programs $(win_out) --programs $(abi_out)

# The 64-bit programs under Wine: shows whether a test expects what Windows does.
check-wine: win-programs
	$(Q)python3 tests/run.py --wine --programs $(win_out)

fuzz: fuzzers
	$(Q)for fuzzer in $(fuzzers); do \
	    mkdir -p $$fuzzer.found && $$fuzzer -max_total_time=60 -timeout=10 $$fuzzer.found \
	        tests/fuzz/corpus/$$(basename $$fuzzer _fuzz) || exit 1; \
	done
