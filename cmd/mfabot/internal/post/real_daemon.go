//go:build real

package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// pollReady is how often a server that is starting is tried.
const pollReady = 10 * time.Millisecond

// daemon is a server that runs in the foreground, as a child of this process.
type daemon struct {
	cmd     *exec.Cmd
	logFile string
	output  bytes.Buffer  // to be read when done
	done    chan struct{} // closed when the server and its own children are gone
	err     error         // to be read when done
}

// startDaemon starts a server and returns when it greets at addr.
func startDaemon(ctx context.Context, addr, greeting, logFile, program string, args ...string) (*daemon, error) {
	d := &daemon{logFile: logFile, done: make(chan struct{})}
	// The server outlives ctx, which bounds the start only.
	d.cmd = exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	// A writer that is no file: Wait then returns when the last of the server's
	// children has closed its end of the pipe.
	d.cmd.Stdout, d.cmd.Stderr = &d.output, &d.output
	d.cmd.WaitDelay = stopWithin
	// Postfix tells its children to stop through the process group.
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(d.done)
		d.err = d.cmd.Wait()
	}()
	if err := d.ready(ctx, addr, greeting); err != nil {
		stopped := d.stop()
		return nil, errors.Join(fmt.Errorf("%s: %w\n%s%s", program, err, d.output.String(), tail(logFile)), stopped)
	}
	return d, nil
}

func (d *daemon) ready(ctx context.Context, addr, greeting string) error {
	ticker := time.NewTicker(pollReady)
	defer ticker.Stop()
	var last error
	for {
		if last = greets(ctx, addr, greeting); last == nil {
			return nil
		}
		select {
		case <-d.done:
			return fmt.Errorf("it ended: %w", d.err)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), last)
		case <-ticker.C:
		}
	}
}

// greets connects to a server and reads its greeting.
func greets(ctx context.Context, addr, greeting string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	line := make([]byte, len(greeting))
	if _, err := conn.Read(line); err != nil {
		return err
	}
	if string(line) != greeting {
		return fmt.Errorf("it greets with %q", line)
	}
	return nil
}

// stop ends the server and waits until it and its children are gone.
func (d *daemon) stop() error {
	// An error means that it has ended by itself.
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(stopWithin, func() { _ = syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL) })
	defer timer.Stop()
	<-d.done
	var exit *exec.ExitError
	if d.err != nil && !errors.As(d.err, &exit) {
		return fmt.Errorf("stopping %s: %w\n%s", d.cmd.Path, d.err, tail(d.logFile))
	}
	return nil
}

// tail returns the end of a log, for an error message.
func tail(file string) string {
	const most = 4000
	content, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-most):])
}
