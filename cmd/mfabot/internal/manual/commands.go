package manual

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Commands are the pages of a command and of those below it, by the names of their files.
func Commands(root *cobra.Command) map[string]string {
	all := make(map[string]string)
	var add func(*cobra.Command)
	add = func(c *cobra.Command) {
		all[pageName(c)+".1"] = command(c)
		for _, below := range shown(c) {
			add(below)
		}
	}
	add(root)
	return all
}

// shown are the commands below one that have a page.
func shown(c *cobra.Command) (all []*cobra.Command) {
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() && below.Name() != "help" {
			all = append(all, below)
		}
	}
	return all
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

func command(c *cobra.Command) string {
	p := new(page)
	p.head(pageName(c), 1, strings.ToLower(c.Short[:1])+c.Short[1:])
	p.request("SH SYNOPSIS")
	p.line(bold(c.CommandPath()) + escaped(strings.TrimPrefix(c.UseLine(), c.CommandPath())))
	p.request("SH DESCRIPTION")
	p.prose(c.Long)
	if below := shown(c); len(below) > 0 {
		p.request("SH COMMANDS")
		for _, b := range below {
			p.request("TP")
			p.line(bold(b.CommandPath()))
			p.line(escaped(b.Short) + ": see " + bold(pageName(b)) + "(1)")
		}
	}
	p.request("SH OPTIONS")
	for _, flags := range []*pflag.FlagSet{c.NonInheritedFlags(), c.InheritedFlags()} {
		flags.VisitAll(p.option)
	}
	p.request("SH EXIT STATUS")
	p.line("0: done. 1: it failed. 2: the command line or the configuration is wrong.")
	if c.HasExample() {
		p.request("SH EXAMPLES")
		p.asItIs(strings.Split(c.Example, "\n"))
	}
	p.request("SH SEE ALSO")
	if c.HasParent() {
		p.line(bold(pageName(c.Parent())) + "(1), ")
	}
	p.line(bold("mfabot.toml") + "(5)")
	return p.b.String()
}

// prose writes what a command says of itself. A line that is indented stands as it is.
func (p *page) prose(text string) {
	for i, part := range strings.Split(text, "\n\n") {
		lines := strings.Split(strings.Trim(part, "\n"), "\n")
		if strings.HasPrefix(lines[0], " ") {
			p.asItIs(lines)
			continue
		}
		if i > 0 {
			p.paragraph()
		}
		for j, l := range lines {
			if strings.HasPrefix(l, " ") {
				p.asItIs(lines[j:])
				break
			}
			p.line(escaped(l))
		}
	}
}

func (p *page) option(f *pflag.Flag) {
	if f.Hidden {
		return
	}
	value, use := pflag.UnquoteUsage(f)
	name := bold("--" + f.Name)
	if f.Shorthand != "" {
		name = bold("-"+f.Shorthand) + ", " + name
	}
	if value != "" {
		name += ` \fI` + escaped(value) + `\fR`
	}
	p.request("TP")
	p.line(name)
	p.line(escaped(use))
}
