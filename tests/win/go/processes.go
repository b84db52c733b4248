package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// beChild is what this program does when it runs itself.
func beChild(arguments []string) {
	switch arguments[0] {
	case "report":
		report(arguments[1:])
	case "sleep":
		fmt.Println("ready")
		time.Sleep(time.Minute)
	case "wait-for-signal":
		waitForSignal()
	case "fault":
		dereference(nil)
	case "deadlock":
		<-make(chan int)
	case "fault-in-system":
		faultInSystem()
	}
}

// report says what the child was given.
func report(arguments []string) {
	lines := 0
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		lines++
	}
	directory, _ := os.Getwd()
	fmt.Printf("%q %q %d %q", arguments, os.Getenv("GO_TEST"), lines, directory)
	fmt.Fprint(os.Stderr, "to stderr")
	os.Exit(42)
}

func children() {
	inTemporary(func(directory string) {
		arguments := []string{"a b", `quote " and backslash \`, "", "*"}
		var out, errors_ bytes.Buffer
		var ended *exec.ExitError
		self, err := os.Executable()
		check(err == nil && filepath.IsAbs(self), "%q %v", self, err)
		child := exec.Command(self, append([]string{"report"}, arguments...)...)
		child.Env = append(os.Environ(), "GO_TEST=väl ue")
		child.Dir = directory
		child.Stdin = strings.NewReader(strings.Repeat("line\n", 20000))
		child.Stdout, child.Stderr = &out, &errors_
		err = child.Run()
		check(errors.As(err, &ended) && ended.ExitCode() == 42, "%v", err)
		wanted := fmt.Sprintf("%q %q 20000 %q", arguments, "väl ue", directory)
		check(out.String() == wanted, "%s instead of %s", out.String(), wanted)
		check(errors_.String() == "to stderr", "%q", errors_.String())
	})
	_, err := exec.Command("no such program").Output()
	check(errors.Is(err, exec.ErrNotFound), "%v", err)
}

func killedChild() {
	child := exec.Command(os.Args[0], "sleep")
	out, _ := child.StdoutPipe()
	noError(child.Start())
	ready := make([]byte, 6)
	io.ReadFull(out, ready)
	check(string(ready) == "ready\n", "%q", ready)
	noError(child.Process.Kill())
	check(child.Wait() != nil, "a killed child has succeeded")
}

func waitForSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	fmt.Println("ready")
	select {
	case <-signals:
		fmt.Println("interrupted")
	case <-time.After(30 * time.Second):
		fmt.Println("not interrupted")
	}
}

func signals() {
	unlessWine("Wine 8 has no console without a terminal", interruptChild)
}

func interruptChild() {
	child := exec.Command(os.Args[0], "wait-for-signal")
	child.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	out, _ := child.StdoutPipe()
	noError(child.Start())
	lines := bufio.NewReader(out)
	line, _ := lines.ReadString('\n')
	check(line == "ready\n", "%q", line)
	generate := syscall.NewLazyDLL("kernel32.dll").NewProc("GenerateConsoleCtrlEvent")
	sent, _, err := generate.Call(syscall.CTRL_BREAK_EVENT, uintptr(child.Process.Pid))
	check(sent != 0, "%v", err)
	line, _ = lines.ReadString('\n')
	check(line == "interrupted\n", "%q", line)
	noError(child.Wait())
}

func environment() {
	os.Setenv("Go_Test", "ü=1")
	check(os.Getenv("GO_TEST") == "ü=1", "%q", os.Getenv("GO_TEST"))
	found := false
	for _, variable := range os.Environ() {
		found = found || variable == "Go_Test=ü=1"
	}
	check(found, "%q", os.Environ())
	_, exists := os.LookupEnv("GO_TEST_NONE")
	check(!exists, "a variable that nobody has set")
	for _, ask := range []func() (string, error){os.Hostname, os.UserHomeDir, os.UserCacheDir, os.UserConfigDir} {
		answer, err := ask()
		check(err == nil && answer != "", "%q %v", answer, err)
	}
	check(os.Getpid() > 0 && os.Getppid() >= 0, "process %d of %d", os.Getpid(), os.Getppid())
	read, write, err := os.Pipe()
	noError(err)
	go func() {
		write.WriteString("through")
		write.Close()
	}()
	text, _ := io.ReadAll(read)
	check(string(text) == "through", "%q", text)
}
