package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

//go:noinline
func dereference(p *int) int { return *p }

//go:noinline
func divide(a, b int) int { return a / b }

func recovered(f func()) (reason string) {
	defer func() {
		if err, ok := recover().(runtime.Error); ok {
			reason = err.Error()
		}
	}()
	f()
	return ""
}

func recoveredFaults() {
	zero := len(os.Args) - 1
	for i := 0; i < 100; i++ {
		reason := recovered(func() { dereference(nil) })
		check(strings.Contains(reason, "nil pointer"), "%q", reason)
		reason = recovered(func() { divide(1, zero) })
		check(strings.Contains(reason, "divide by zero"), "%q", reason)
	}
	reason := recovered(func() { _ = make([]int, 1)[zero+1] })
	check(strings.Contains(reason, "out of range"), "%q", reason)
	debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(false)
	reason = recovered(func() { dereference((*int)(unsafe.Pointer(uintptr(0xfff0000 + zero)))) })
	check(strings.Contains(reason, "invalid memory address"), "%q", reason)
}

// Each on the small stack of its goroutine, below which lies another's.
func faultsInParallel() {
	var all sync.WaitGroup
	var count int64
	for i := 0; i < 50; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for j := 0; j < 50; j++ {
				if recovered(func() { dereference(nil) }) != "" {
					atomic.AddInt64(&count, 1)
				}
			}
		}()
	}
	all.Wait()
	check(count == 2500, "%d recovered", count)
}

// What a child that ends by a fault says.
func lastWords(how string) string {
	var words bytes.Buffer
	var ended *exec.ExitError
	child := exec.Command(os.Args[0], how)
	child.Stderr = &words
	err := child.Run()
	check(errors.As(err, &ended) && ended.ExitCode() == 2, "%s: %v", how, err)
	return words.String()
}

func deaths() {
	words := lastWords("fault")
	check(strings.Contains(words, "nil pointer dereference") && strings.Contains(words, "main.dereference"),
		"%s", words)
	words = lastWords("deadlock")
	check(strings.Contains(words, "all goroutines are asleep"), "%s", words)
	unlessWine("Wine 8 calls no continue handlers then", func() {
		words = lastWords("fault-in-system")
		check(strings.Contains(words, "Exception 0xc0000005"), "%s", words)
	})
}

func faultInSystem() {
	syscall.NewLazyDLL("ntdll.dll").NewProc("RtlMoveMemory").Call(8, 16, 8)
}
