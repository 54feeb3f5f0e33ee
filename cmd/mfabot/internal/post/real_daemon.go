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

// pollReady is how often a starting server is tried.
const pollReady = 10 * time.Millisecond

// daemon is a server that runs in the foreground, as a child of this process.
type daemon struct {
	cmd     *exec.Cmd
	logFile string
	quit    syscall.Signal // the signal that ends it
	output  bytes.Buffer   // to be read when done
	done    chan struct{}  // closed when the server and its own children are gone
	err     error          // to be read when done
}

// startDaemon starts a server and returns once it is ready.
func startDaemon(ctx context.Context, ready probe, logFile, program string, args ...string) (*daemon, error) {
	d := &daemon{logFile: logFile, quit: syscall.SIGTERM, done: make(chan struct{})}
	// The server outlives ctx, which bounds only the start.
	d.cmd = exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	// This writer is not a file, so Wait returns only when the last of the server's children has closed its
	// end of the pipe.
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
	if err := d.await(ctx, ready); err != nil {
		ended := d.end()
		return nil, errors.Join(fmt.Errorf("%s: %w\n%s%s", program, err, d.output.String(), tail(logFile)), ended)
	}
	return d, nil
}

// await returns once the server is ready or has ended.
func (d *daemon) await(ctx context.Context, ready probe) error {
	ticker := time.NewTicker(pollReady)
	defer ticker.Stop()
	var last error
	for {
		if last = ready(ctx); last == nil {
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

// probe returns nil if a server is ready.
type probe func(ctx context.Context) error

// greets connects to a server and reads its greeting; an empty one means that the server waits for its client
// to begin.
func greets(network, addr, greeting string) probe {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
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
}

// stop ends the server and waits until it and its children are gone. It is an error if the server had already
// ended.
func (d *daemon) stop() error {
	select {
	case <-d.done:
		return fmt.Errorf("%s ended by itself: %w\n%s%s", d.cmd.Path, d.err, d.output.String(), tail(d.logFile))
	default:
		return d.end()
	}
}

// end is stop for a server that may already have ended.
func (d *daemon) end() error {
	_ = d.cmd.Process.Signal(d.quit)
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
