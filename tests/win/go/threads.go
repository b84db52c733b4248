package main

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

func goroutines() {
	const count = 5000
	numbers := make(chan int)
	var all sync.WaitGroup
	var sum int64
	for i := 0; i < count; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			atomic.AddInt64(&sum, int64(<-numbers))
		}()
	}
	for i := 0; i < count; i++ {
		numbers <- i
	}
	all.Wait()
	check(sum == count*(count-1)/2, "the sum is %d", sum)
	check(runtime.NumCPU() >= 1, "%d processors", runtime.NumCPU())
}

// A sleep is never shorter than it should be; how much longer depends on what else the machine does.
func sleeping() {
	for _, wanted := range []time.Duration{time.Millisecond, 15 * time.Millisecond} {
		start := time.Now()
		time.Sleep(wanted)
		took := time.Since(start)
		check(took >= wanted && took < wanted+10*time.Second, "slept %v instead of %v", took, wanted)
	}
	ticker := time.NewTicker(4 * time.Millisecond)
	start := time.Now()
	for i := 0; i < 10; i++ {
		<-ticker.C
	}
	ticker.Stop()
	took := time.Since(start)
	check(took >= 36*time.Millisecond, "ten ticks took %v", took)
	select {
	case <-time.After(5 * time.Millisecond):
	case <-make(chan int):
	}
	check(time.AfterFunc(time.Hour, func() {}).Stop(), "a timer cannot be stopped")
}

// The collector stops such goroutines, which call nothing, by suspending their threads and changing their contexts.
func endlessLoops() {
	var stop, ended int32
	for i := 0; i < 2; i++ {
		go func() {
			for atomic.LoadInt32(&stop) == 0 {
			}
			atomic.AddInt32(&ended, 1)
		}()
	}
	before := runtime.GOMAXPROCS(3)
	time.Sleep(5 * time.Millisecond)
	for i := 0; i < 5; i++ {
		runtime.GC()
	}
	check(atomic.LoadInt32(&ended) == 0, "the loops have ended by themselves")
	atomic.StoreInt32(&stop, 1)
	for atomic.LoadInt32(&ended) < 2 {
		time.Sleep(time.Millisecond)
	}
	runtime.GOMAXPROCS(before)
}

func callbacks() {
	kernel := syscall.NewLazyDLL("kernel32.dll")
	add := syscall.NewCallback(func(a, b uintptr) uintptr { return a + b })
	sum, _, _ := syscall.SyscallN(add, 3, 4)
	check(sum == 7, "3 + 4 = %d", sum)
	var seen uintptr
	start := syscall.NewCallback(func(argument uintptr) uintptr {
		seen = argument
		return 5
	})
	thread, _, err := kernel.NewProc("CreateThread").Call(0, 0, start, 11, 0, 0)
	check(thread != 0, "%v", err)
	syscall.WaitForSingleObject(syscall.Handle(thread), syscall.INFINITE)
	var code uint32
	kernel.NewProc("GetExitCodeThread").Call(thread, uintptr(unsafe.Pointer(&code)))
	check(code == 5 && seen == 11, "exit code %d, argument %d", code, seen)
	syscall.CloseHandle(syscall.Handle(thread))
}

//go:noinline
func grow(depth int) int {
	var frame [256]byte
	frame[depth%256] = byte(depth)
	if depth == 0 {
		return 0
	}
	return grow(depth-1) + 1 + int(frame[depth%256]) - int(byte(depth))
}

func growingStacks() {
	const depth = 20000
	depths := make(chan int)
	for i := 0; i < 4; i++ {
		go func() { depths <- grow(depth) }()
	}
	for i := 0; i < 4; i++ {
		found := <-depths
		check(found == depth, "%d", found)
	}
}

type node struct {
	next *node
	data [100]byte
}

func makeList(length int) *node {
	var head *node
	for i := 0; i < length; i++ {
		head = &node{next: head}
	}
	return head
}

func garbage() {
	var finalized int64
	var all sync.WaitGroup
	for i := 0; i < 1000; i++ {
		runtime.SetFinalizer(&node{}, func(*node) { atomic.AddInt64(&finalized, 1) })
	}
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < 30; i++ {
				length := 0
				for n := makeList(2000); n != nil; n = n.next {
					length++
				}
				if length != 2000 {
					panic("a list has lost nodes")
				}
			}
		}()
	}
	all.Wait()
	for i := 0; i < 100 && atomic.LoadInt64(&finalized) < 900; i++ {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	}
	check(atomic.LoadInt64(&finalized) >= 900, "%d finalizers ran", finalized)
	debug.FreeOSMemory()
}
