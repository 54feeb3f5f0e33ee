package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/manual"
	"mfabot/cmd/mfabot/internal/setup"
)

// newPackage is for who makes a package: it is in no list of commands.
func newPackage() *cobra.Command {
	return &cobra.Command{
		Use:    "package DIR",
		Hidden: true,
		Short:  "Writes what a package of mfabot holds besides the program",
		Long: `package writes to a folder what a package of mfabot holds besides the program: man pages,
completion, the unit and its user, an example of a configuration. It is run where
docs/configuration.md is, which becomes the man page of mfabot.toml.`,
		Example: "  mfabot package bin/package",
		Args:    usage(cobra.ExactArgs(1)),
		RunE:    func(c *cobra.Command, args []string) error { return writePackage(c.Root(), args[0]) },
	}
}

func writePackage(root *cobra.Command, dir string) error {
	all, err := setup.Packaged()
	if err != nil {
		return err
	}
	paper, err := os.ReadFile("docs/configuration.md")
	if err != nil {
		return err
	}
	pages := manual.Commands(root)
	pages["mfabot.toml.5"] = manual.Paper("mfabot.toml", 5, "configuration of mfabot", string(paper))
	for name, text := range pages {
		packed, err := zipped(text)
		if err != nil {
			return err
		}
		all[fmt.Sprintf("/usr/share/man/man%s/%s.gz", name[len(name)-1:], name)] = packed
	}
	for shell, path := range map[string]string{
		"bash": "/usr/share/bash-completion/completions/mfabot",
		"fish": "/usr/share/fish/vendor_completions.d/mfabot.fish",
		"zsh":  "/usr/share/zsh/vendor-completions/_mfabot",
	} {
		var script bytes.Buffer
		if err := complete(root, shell, &script); err != nil {
			return err
		}
		all[path] = script.Bytes()
	}
	for name, content := range all {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// zipped is text in the form of gzip, without a time, so that the same makes the same.
func zipped(text string) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
