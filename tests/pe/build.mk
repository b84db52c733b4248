# Special PE files: what --dump says of them, and what comes of running them.
#
#   $(pe_out)/make_pe      writes a PE file of a special kind (build_kinds.c)
#   $(pe_out)/dump_file    --dump without the rest of the loader
#
# The top Makefile includes this file.

pe_out     := $(BUILD)/tests/pe
pe_objects  = $(patsubst %.c,$(BUILD)/obj/x86_64/%.o,$1)

$(pe_out)/make_pe: $(call pe_objects,tests/pe/make_pe.c tests/pe/build_kinds.c tests/pe/build_pe.c)
$(pe_out)/dump_file: $(call pe_objects,tests/pe/dump_file.c $(wildcard loader/pe*.c) loader/dump.c)
$(pe_out)/make_pe $(pe_out)/dump_file:
	@mkdir -p $(@D)
	$(Q)$(cc_x86_64) -o $@ $^

.PHONY: pe-programs check-dump check-kinds
pe-programs: $(pe_out)/make_pe $(pe_out)/dump_file

check-dump: pe-programs $(command)
	$(Q)python3 tests/pe/dump_test.py $(pe_out)/make_pe $(pe_out)/dump_file
	$(Q)python3 tests/pe/dump_test.py $(pe_out)/make_pe $(command) --dump

check-kinds: pe-programs all
	$(Q)python3 tests/pe/kinds_test.py $(pe_out)/make_pe $(command)
