package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// inTemporary runs f with a directory that is gone afterwards.
func inTemporary(f func(directory string)) {
	directory, err := os.MkdirTemp("", "go test")
	noError(err)
	f(directory)
	noError(os.RemoveAll(directory))
}

func put(name, text string) {
	noError(os.WriteFile(name, []byte(text), 0666))
}

func files() {
	inTemporary(func(directory string) {
		name := filepath.Join(directory, "é 1.txt")
		put(name, "hello")
		info, err := os.Stat(name)
		noError(err)
		check(info.Size() == 5 && info.Mode().IsRegular() && info.Name() == "é 1.txt", "%v", info)
		check(time.Since(info.ModTime()) < time.Hour, "%v", info.ModTime())
		put(name+"2", "x")
		noError(os.Rename(name, name+"2"))
		_, err = os.Stat(name)
		check(errors.Is(err, os.ErrNotExist), "%v", err)
		_, err = os.OpenFile(name+"2", os.O_CREATE|os.O_EXCL, 0666)
		check(errors.Is(err, os.ErrExist), "%v", err)
		when := time.Date(2001, 2, 3, 4, 5, 6, 700, time.UTC)
		noError(os.Chtimes(name+"2", when, when))
		info, _ = os.Stat(name + "2")
		check(info.ModTime().Equal(when), "%v", info.ModTime())
		appendAndRead(name + "2")
		readOnly(name + "2")
	})
}

func appendAndRead(name string) {
	noError(os.Truncate(name, 1000))
	file, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND, 0)
	noError(err)
	file.WriteString("tail")
	end, _ := file.Seek(0, io.SeekCurrent)
	check(end == 1004, "the end is %d", end)
	tail := make([]byte, 4)
	_, err = file.ReadAt(tail, 1000)
	check(err == nil && string(tail) == "tail", "%q %v", tail, err)
	noError(file.Sync())
	noError(file.Close())
	_, err = file.Write(tail)
	check(errors.Is(err, os.ErrClosed), "%v", err)
}

func readOnly(name string) {
	noError(os.Chmod(name, 0444))
	info, _ := os.Stat(name)
	check(info.Mode().Perm() == 0444, "%v", info.Mode())
	unlessWine("Wine 8 leaves it to Linux, where root may", func() {
		check(errors.Is(os.WriteFile(name, nil, 0666), os.ErrPermission), "a read-only file was written")
	})
	noError(os.Chmod(name, 0666))
}

func links() {
	inTemporary(func(directory string) {
		target, link := filepath.Join(directory, "target"), filepath.Join(directory, "link")
		put(target, "text")
		unlessWine("Wine 8 creates no symbolic links", func() {
			noError(os.Symlink(target, link))
			read, err := os.Readlink(link)
			check(err == nil && read == target, "%q %v", read, err)
			info, err := os.Lstat(link)
			check(err == nil && info.Mode()&os.ModeSymlink != 0, "%v %v", info, err)
		})
		noError(os.Link(target, target+"2"))
		first, _ := os.Stat(target)
		second, _ := os.Stat(target + "2")
		check(os.SameFile(first, second), "a hard link is another file")
	})
}

func directories() {
	inTemporary(func(directory string) {
		const count = 300
		for i := 0; i < count; i++ {
			put(filepath.Join(directory, fmt.Sprint("n", i)), "")
		}
		noError(os.MkdirAll(filepath.Join(directory, "a", "b", "c"), 0777))
		entries, err := os.ReadDir(directory)
		check(err == nil && len(entries) == count+1, "%d entries, %v", len(entries), err)
		walked := 0
		filepath.Walk(directory, func(string, os.FileInfo, error) error {
			walked++
			return nil
		})
		check(walked == count+4, "%d walked", walked)
		names, _ := filepath.Glob(filepath.Join(directory, "n1?"))
		check(len(names) == 10, "%q", names)
		check(os.Remove(filepath.Join(directory, "a")) != nil, "a directory with contents was removed")
		before, err := os.Getwd()
		noError(err)
		noError(os.Chdir(directory))
		now, _ := os.Getwd()
		check(strings.EqualFold(now, directory), "%q instead of %q", now, directory)
		noError(os.Chdir(before))
	})
}

func longPaths() {
	inTemporary(func(directory string) {
		long := directory
		for i := 0; i < 10; i++ {
			long = filepath.Join(long, strings.Repeat("d", 40))
		}
		noError(os.MkdirAll(long, 0777))
		put(filepath.Join(long, "file"), "deep")
		text, err := os.ReadFile(filepath.Join(long, "file"))
		check(err == nil && string(text) == "deep", "%q %v", text, err)
	})
}
