package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// peakMemory has a process of its own read the sample from files, ten times, and returns the most memory that it held, in MB.
func peakMemory(readerName string, s sample) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	args := []string{"-peak", readerName}
	for i, raw := range s.raw {
		name := filepath.Join(dir, strconv.Itoa(i)+".eml")
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			return "", err
		}
		args = append(args, name)
	}
	out, err := exec.CommandContext(context.Background(), self, args...).Output()
	return string(out), err
}

// printPeak is that process.
func printPeak(all []reader, readerName string, files []string) error {
	for _, r := range all {
		if r.name != readerName {
			continue
		}
		for range 10 {
			for _, file := range files {
				if err := readFile(r, file); err != nil {
					return err
				}
			}
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, os.ErrNotExist) { // not Linux
		_, err = fmt.Print("-")
		return err
	}
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	kB, _, _ := strings.Cut(strings.TrimSpace(string(rest)), " ")
	n, err := strconv.Atoi(kB)
	fmt.Print((n + 1023) / 1024)
	return err
}

func readFile(r reader, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, err = r.read(f)
	return err
}
