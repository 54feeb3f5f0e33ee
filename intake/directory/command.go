package directory

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"

	"mfabot/intake"
)

// Command runs the operator's own program for each call: without a shell, and with the call as JSON on its
// standard input. The program answers with its exit status, and with JSON on its standard output.
type Command struct {
	Env     []string // its environment, as NAME=VALUE; nil for all of ours
	args    []string
	timeout time.Duration // for a run
}

// The exit statuses that mean more than success or failure (sysexits.h).
const (
	exitNoUser   = 67 // EX_NOUSER
	exitTempFail = 75 // EX_TEMPFAIL
)

const (
	commandTimeout = time.Minute     // for a run
	commandLinger  = 5 * time.Second // for what it started to let go of its output
	commandOutput  = 8 << 20         // bytes of its standard output
)

// NewCommand returns the directory that runs a program: args are its path and its arguments.
func NewCommand(args []string) *Command { return &Command{args: args, timeout: commandTimeout} }

// call is what the program reads.
type call struct {
	Action string `json:"action"`
	User   string `json:"user,omitempty"`
	ID     string `json:"id,omitempty"`
}

// Apply has the program exempt the user. The program may answer with an object that has the id of the member.
// If it prints nothing, Remove will use the address.
func (c *Command) Apply(ctx context.Context, user string) (string, error) {
	out, err := c.run(ctx, call{Action: "apply", User: user})
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		return "", err
	}
	var m struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(out, &m); err != nil {
		return "", lasting("%s: apply: expected nothing, or one JSON object, on its standard output: %w",
			c.args[0], err)
	}
	return m.ID, nil
}

// Remove has the program end the user's exemption.
func (c *Command) Remove(ctx context.Context, user string) error {
	_, err := c.run(ctx, call{Action: "remove", User: user})
	return unlessUnknown(err)
}

// Expel has the program end the exemption of a member.
func (c *Command) Expel(ctx context.Context, id string) error {
	_, err := c.run(ctx, call{Action: "expel", ID: id})
	return unlessUnknown(err)
}

// unlessUnknown returns err, unless it only says that there is no such user.
func unlessUnknown(err error) error {
	if errors.Is(err, intake.ErrNoAccount) {
		return nil
	}
	return err
}

// account returns what the program answers about a user, and whether there is such an account.
func (c *Command) account(ctx context.Context, user string) (out []byte, found bool, err error) {
	out, err = c.run(ctx, call{Action: "account", User: user})
	if errors.Is(err, intake.ErrNoAccount) {
		return nil, false, nil
	}
	return out, err == nil, err
}

// Account asks the program for one object with exists, enabled and methods.
func (c *Command) Account(ctx context.Context, user string) (intake.Account, error) {
	out, found, err := c.account(ctx, user)
	if err != nil {
		return intake.Account{}, err
	}
	if !found {
		return intake.Account{Methods: intake.Unknown}, nil
	}
	a := struct {
		Exists  bool             `json:"exists"`
		Enabled bool             `json:"enabled"`
		Methods intake.Knowledge `json:"methods"`

		Name       string `json:"name"`
		Department string `json:"department"`
		SignIn     string `json:"sign_in"`
	}{Methods: intake.Unknown}
	if err := json.Unmarshal(out, &a); err != nil {
		return intake.Account{}, lasting("%s: account: expected one JSON object on its standard output: %w",
			c.args[0], err)
	}
	switch a.Methods {
	case intake.Yes, intake.No, intake.Unknown:
		return intake.Account(a), nil
	}
	return intake.Account{}, lasting("%s: account: expected yes, no or unknown as methods, not %q",
		c.args[0], said(string(a.Methods)))
}

// Names asks the program for one object with sign_in and addresses, both of which it may leave out.
func (c *Command) Names(ctx context.Context, user string) ([]string, error) {
	out, found, err := c.account(ctx, user)
	if !found {
		return nil, err
	}
	var a struct {
		SignIn    string   `json:"sign_in"`
		Addresses []string `json:"addresses"`
	}
	if err := json.Unmarshal(out, &a); err != nil {
		return nil, lasting("%s: account: expected sign_in to be a string, and addresses a list of them: %w", c.args[0], err)
	}
	names := addresses(a.Addresses)
	if a.SignIn != "" {
		names = append(names, a.SignIn)
	}
	return names, nil
}

// Groups asks the program for one object with groups.
func (c *Command) Groups(ctx context.Context, user string) ([]string, error) {
	out, found, err := c.account(ctx, user)
	if !found {
		return nil, err
	}
	var a struct {
		Exists bool     `json:"exists"`
		Groups []string `json:"groups"`
	}
	if err := json.Unmarshal(out, &a); err != nil || a.Exists && a.Groups == nil {
		return nil, lasting("%s: account: expected a list of groups in its answer, since the policy protects groups", c.args[0])
	}
	return a.Groups, nil
}

// Members asks the program for one object per line, with id, addresses and name.
func (c *Command) Members(ctx context.Context) ([]intake.Member, error) {
	out, err := c.run(ctx, call{Action: "members"})
	if err != nil {
		return nil, err
	}
	var members []intake.Member
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct {
			ID        string   `json:"id"`
			Addresses []string `json:"addresses"`
			Name      string   `json:"name"`
		}
		switch err := d.Decode(&m); {
		case errors.Is(err, io.EOF):
			return members, nil
		case err != nil:
			return nil, lasting("%s: members: expected a JSON object a line on its standard output: %w", c.args[0], err)
		case m.ID == "":
			return nil, lasting("%s: members: a member has no id", c.args[0])
		}
		members = append(members, intake.Member{ID: m.ID, Addresses: addresses(m.Addresses), Name: m.Name})
	}
}

// run runs the program once, and returns its standard output. When its time is up, it is killed together with
// everything it started.
func (c *Command) run(ctx context.Context, what call) ([]byte, error) {
	input, err := json.Marshal(what)
	if err != nil {
		return nil, lasting("%s: %w", c.args[0], err)
	}
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(within, c.args[0], c.args[1:]...) //nolint:gosec // the operator's own
	cmd.Env = c.Env
	cmd.Stdin = bytes.NewReader(append(input, '\n'))
	out, words := &limited{left: commandOutput}, &tail{}
	cmd.Stdout, cmd.Stderr = out, words
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = commandLinger
	err = cmd.Run()
	name := c.args[0] + ": " + what.Action
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, passing("%s: %w", name, ctx.Err())
	case within.Err() != nil:
		return nil, passing("%s: it was not done in time and was ended%s", name, words)
	case out.exceeded:
		return nil, lasting("%s: it says more than %d bytes", name, commandOutput)
	case err == nil:
		return out.kept.Bytes(), nil
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, lasting("%s: it left a program running that keeps its output open", name)
	case !errors.As(err, &exit):
		return nil, lasting("%s: it cannot be run: %w", name, err)
	}
	switch exit.ExitCode() {
	case exitTempFail:
		return nil, passing("%s: it failed for the moment (%v)%s", name, exit, words)
	case exitNoUser:
		return nil, lasting("%s: %s: %w%s", name, what.User, intake.ErrNoAccount, words)
	}
	return nil, lasting("%s: it failed (%v)%s", name, exit, words)
}

// limited keeps what is written, up to a bound.
type limited struct {
	kept     bytes.Buffer
	left     int
	exceeded bool
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		l.exceeded = true
		return 0, bufio.ErrTooLong
	}
	l.left -= len(p)
	return l.kept.Write(p)
}

// tail keeps the end of what is written.
type tail struct{ last []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p[max(0, len(p)-saidMost):]...)
	t.last = t.last[max(0, len(t.last)-saidMost):]
	return len(p), nil
}

// String returns the end, to be added to the text of an error.
func (t *tail) String() string {
	if words := said(string(t.last)); words != "" {
		return fmt.Sprintf(": %s", words)
	}
	return ""
}
