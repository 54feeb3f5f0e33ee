package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/doctor"
	"mfabot/cmd/mfabot/internal/setup"
)

func newInit(a *app) *cobra.Command {
	var examined bool
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Writes a configuration to begin with, from questions or flags",
		Long: `init asks what no flag has said, where it runs on a terminal, and writes to a folder, or to
this one: mfabot.toml, a register of sites without sites, and a file for each secret, to be
filled in. With --service there is the unit of a systemd service too, unless the package of
mfabot has brought it. Where a file is there already it says which, and writes nothing; an
example of the package that nobody has changed is written anew. Then it says what to do next. With --doctor it
waits until the secrets are filled in, and tries every connection, as mfabot doctor does.`,
		Example: "  mfabot init\n  mfabot init /etc/mfabot --service\n" +
			"  mfabot init --name Helpdesk --address mfa@helpdesk.test --operator ops@helpdesk.test \\\n" +
			"    --reviewers 'Asha Patel <asha@helpdesk.test>' --authserv-id mx.helpdesk.test",
		Args: usage(cobra.MaximumNArgs(1)),
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if c.Flags().Changed("config") {
			return usageError{errors.New("expected the folder to write to, and no --config: see mfabot init --help")}
		}
		dir := "."
		if len(args) == 1 {
			dir = args[0]
		}
		dir, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		var lines *terminal
		if isTerminal(c.InOrStdin()) {
			lines = newTerminal(c.InOrStdin(), a.stdout)
		}
		p, err := planned(c, dir, lines)
		if err != nil {
			return err
		}
		if err := p.Write(); err != nil {
			return err
		}
		for _, path := range p.Files() {
			fmt.Fprintln(a.stdout, "wrote", printable(path))
		}
		filled := false
		if examined {
			filled, err = a.doctorOf(c.Context(), p, lines)
		}
		return errors.Join(err, tellNext(a.stdout, p, filled))
	}
	for _, q := range setup.Questions() {
		if q.YesNo {
			c.Flags().Bool(q.Flag, false, q.Usage)
		} else {
			c.Flags().String(q.Flag, "", q.Usage)
		}
	}
	c.Flags().BoolVar(&examined, "doctor", false, "run mfabot doctor afterwards")
	return c
}

// planned is what to write, by the flags and by what is asked.
func planned(c *cobra.Command, dir string, lines *terminal) (*setup.Plan, error) {
	if err := setup.There(dir, setup.ConfigFile, setup.SitesFile, setup.UnitFile); err != nil {
		return nil, err // before anybody has answered anything
	}
	given := make(setup.Answers)
	for _, q := range setup.Questions() {
		flag := c.Flags().Lookup(q.Flag)
		if !flag.Changed {
			continue
		}
		given[q.Flag] = flag.Value.String()
		if q.YesNo {
			given[q.Flag] = map[string]string{"true": "yes", "false": "no"}[flag.Value.String()]
		}
	}
	var read setup.Reader
	if lines != nil {
		read = lines.ask
	}
	p, err := setup.Planned(c.Context(), dir, given, read)
	if err != nil {
		return nil, usageError{err}
	}
	return p, nil
}

// doctorOf runs the doctor on what was written, once the secrets are filled in by who can be asked. filled is whether they are.
func (a *app) doctorOf(ctx context.Context, p *setup.Plan, lines *terminal) (filled bool, err error) {
	if p.Service && os.Getenv("CREDENTIALS_DIRECTORY") == "" { // as systemd does for the service
		if err := os.Setenv("CREDENTIALS_DIRECTORY", p.Dir); err != nil {
			return false, err
		}
	}
	waits := lines != nil && len(p.Secrets) > 0
	if waits {
		tellSecrets(a.stdout, p)
	}
	for {
		if waits {
			if _, stopped := lines.ask(ctx, "Press Enter when that is done: "); stopped != nil {
				return false, cmp.Or(err, stopped)
			}
		}
		var s *config.Settings
		if s, err = config.Load(filepath.Join(p.Dir, setup.ConfigFile)); err == nil {
			return true, examine(ctx, a.stdout, doctor.New(s, doctor.Surroundings{}), false)
		}
		if !waits {
			return false, err
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(a.stdout, printable(line))
		}
	}
}

// tellSecrets says what to fill in.
func tellSecrets(w io.Writer, p *setup.Plan) {
	for _, s := range p.Secrets {
		fmt.Fprintf(w, "Put %s into %s, in the place of what stands there.\n", printable(s.What), printable(filepath.Join(p.Dir, s.Name)))
	}
}

// unseen are the folders that a service of systemd does not see, by its unit.
var unseen = []string{"/tmp", "/var/tmp", "/home", "/root"}

// program is what to type for this program: its name where the shell finds it, else where it is.
func program() string {
	if _, err := exec.LookPath("mfabot"); err == nil {
		return "mfabot"
	}
	if path, err := os.Executable(); err == nil {
		return printable(path)
	}
	return "mfabot"
}

// tellNext says what to do next. filled is whether the secrets are there.
func tellNext(w io.Writer, p *setup.Plan, filled bool) error {
	var b strings.Builder
	fmt.Fprintln(&b, "\nNext:")
	if !filled {
		tellSecrets(&b, p)
	}
	fmt.Fprintf(&b, "Put your sites into %s.\n", printable(filepath.Join(p.Dir, setup.SitesFile)))
	for _, folder := range unseen {
		if p.Service && strings.HasPrefix(p.Dir+"/", folder+"/") {
			fmt.Fprintf(&b, "The service sees nothing in %s: move %s to where it does, such as /etc/mfabot, and put its place into %s.\n",
				folder, printable(p.Dir), setup.UnitFile)
		}
	}
	tellCommands(&b, p)
	_, err := io.WriteString(w, b.String())
	return err
}

// tellCommands says what to type then.
func tellCommands(w io.Writer, p *setup.Plan) {
	name, as, at := program(), "", " --config "+printable(filepath.Join(p.Dir, setup.ConfigFile))
	if p.Service {
		as = "sudo -u mfabot "
	}
	fmt.Fprintln(w)
	if p.Service && !p.Packaged {
		fmt.Fprintln(w, "useradd --system --home-dir /var/lib/mfabot --shell /usr/sbin/nologin mfabot\n"+
			"install -d -o mfabot -g mfabot -m 700 /var/lib/mfabot")
	}
	if p.SignsIn {
		fmt.Fprintf(w, "%s%s login%s\n", as, name, at)
	}
	with := ""
	if p.Service && len(p.Secrets) > 0 {
		with = "sudo CREDENTIALS_DIRECTORY=" + printable(p.Dir) + " " // the files are root's
	} else if p.Service {
		with = as
	}
	fmt.Fprintf(w, "%[1]s%[3]s check%[2]s    # what is wrong with the files\n"+
		"%[1]s%[3]s doctor%[2]s   # every connection tried\n"+
		"%[1]s%[3]s run --shadow --until-idle%[2]s   # what it would do, and does not\n", with, at, name)
	if p.Packaged {
		fmt.Fprintln(w, "systemctl enable --now mfabot   # the bot")
		return
	}
	if p.Service {
		fmt.Fprintf(w, "systemctl enable --now %s   # the bot; it is /usr/local/bin/mfabot there\n",
			printable(filepath.Join(p.Dir, setup.UnitFile)))
		return
	}
	fmt.Fprintf(w, "%s run%s      # the bot\n", name, at)
}

// terminal asks somebody.
type terminal struct {
	out   io.Writer
	lines *bufio.Reader
}

func newTerminal(in io.Reader, out io.Writer) *terminal { return &terminal{out, bufio.NewReader(in)} }

// ask prints a question and reads a line. It does not wait for one once the program is to stop.
func (t *terminal) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(t.out, question)
	type read struct {
		line string
		err  error
	}
	got := make(chan read, 1)
	go func() {
		line, err := t.lines.ReadString('\n')
		got <- read{line, err}
	}()
	select {
	case r := <-got:
		if errors.Is(r.err, io.EOF) {
			return "", errors.New("expected an answer, and no more came")
		}
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
