# Programs in Microsoft's ABI: clang compiles them as for Microsoft's compiler, with MinGW's headers, and MinGW links
# them. The runtime's functions that MinGW's import library lacks are listed in msvcrt_ARCH.def.

msvc_cpp_triple_x86_64 := x86_64-pc-windows-msvc
msvc_cpp_triple_i386   := i686-pc-windows-msvc
msvc_cpp_flags         := -fgnuc-version=4.2.1 -fno-ms-compatibility -fms-extensions -fexceptions -fcxx-exceptions \
    -isystem $(mingw_headers)
msvc_cpp_flags_i386    := -D_X86_=1
msvc_cpp_link_i386     := -Wl,--defsym,__tls_array=0x2c
msvc_cpp_dlltool_i386  := --no-leading-underscore

msvc_cpp_programs_x86_64 := msvc_cpp rtti scopes uncaught frame4
msvc_cpp_programs_i386   := msvc_cpp rtti scopes uncaught
msvc_cpp_flags_msvc_cpp  := -Wno-exceptions

define win_msvc_cpp_rules
$(win_out)/$1/msvc_cpp/msvcrt.a: tests/win/msvc_cpp/msvcrt_$1.def
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)dlltool $(msvc_cpp_dlltool_$1) -d $$< -l $$@
$(win_out)/$1/msvc_cpp/long_division.o: tests/win/msvc_cpp/long_division.c
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc $(win_c) -c -o $$@ $$<
# MinGW's linker would put the list of safe handlers where no section may be.
$(win_out)/$1/msvc_cpp/%.exe: tests/win/msvc_cpp/%.cpp tests/win/msvc_cpp/runtime.h tests/win/check.h \
    $(win_out)/$1/msvc_cpp/msvcrt.a $(win_out)/$1/msvc_cpp/long_division.o
	@mkdir -p $$(@D)
	$$(Q)clang++ --target=$(msvc_cpp_triple_$1) $(msvc_cpp_flags) $(msvc_cpp_flags_$1) $(win_cpp) \
	    $$(msvc_cpp_flags_$$*) -g0 -c -o $$@.o $$<
	$$(Q)$(mingw_$1)objcopy -R .sxdata $$@.o
	$$(Q)$(mingw_$1)gcc $(msvc_cpp_link_$1) -o $$@ $$@.o $$(filter %.o,$$^) $$(filter %.a,$$^)
$(win_out)/$1/msvc_cpp/%.o: tests/win/msvc_cpp/%.S
	@mkdir -p $$(@D)
	$$(Q)$(mingw_$1)gcc -c -o $$@ $$<
win_results += $(msvc_cpp_programs_$1:%=$(win_out)/$1/msvc_cpp/%.exe) $(win_out)/$1/msvc_cpp/fibers.exe
endef
$(foreach a,$(ARCHES),$(eval $(call win_msvc_cpp_rules,$a)))

$(win_out)/x86_64/msvc_cpp/frame4.exe: $(win_out)/x86_64/msvc_cpp/frame4.o

# Programs in C around a function in assembly, ARCH/NAME.
define win_msvc_frame_rule
$(win_out)/$1.exe: tests/win/msvc_cpp/$(notdir $1).c tests/win/check.h $(win_out)/$1_frame.o $(dir $(win_out)/$1)msvcrt.a
	$$(Q)$(mingw_$(firstword $(subst /, ,$1)))gcc $(win_c) -o $$@ $$< $$(filter %.o %.a,$$^)
win_results += $(win_out)/$1.exe
endef
$(foreach f,x86_64/msvc_cpp/local_unwind i386/msvc_cpp/handler4,$(eval $(call win_msvc_frame_rule,$f)))
