// A Go program that checks itself: its runtime makes its own stacks, threads and timers of Windows' API, and turns
// faults into panics by vectored handlers.
package main

import (
	"fmt"
	"os"
	"syscall"
)

var passed, failed int
var current string

// check counts one check, and says what was wrong with it.
func check(ok bool, format string, what ...any) {
	if ok {
		passed++
		return
	}
	failed++
	fmt.Printf("%s: %s\n", current, fmt.Sprintf(format, what...))
}

func noError(err error) {
	check(err == nil, "%v", err)
}

// unlessWine runs what Windows does and Wine, where the program is tried out, does not.
func unlessWine(reason string, run func()) {
	if syscall.NewLazyDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil {
		run()
	}
}

var tests = []struct {
	name string
	run  func()
}{
	{"goroutines", goroutines},
	{"sleeping", sleeping},
	{"endless loops", endlessLoops},
	{"callbacks", callbacks},
	{"growing stacks", growingStacks},
	{"garbage", garbage},
	{"recovered faults", recoveredFaults},
	{"faults in parallel", faultsInParallel},
	{"deaths", deaths},
	{"files", files},
	{"links", links},
	{"directories", directories},
	{"long paths", longPaths},
	{"children", children},
	{"killed child", killedChild},
	{"signals", signals},
	{"environment", environment},
}

func main() {
	if len(os.Args) > 1 {
		beChild(os.Args[1:])
		return
	}
	for _, test := range tests {
		current = test.name
		test.run()
	}
	fmt.Printf("go: %d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}
