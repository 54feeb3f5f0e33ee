package setup

import (
	"bytes"
	"net/mail"
	"os"
	"path/filepath"
)

// Where a package has its configuration and its unit.
const (
	PackageDir  = "/etc/mfabot"
	packageUnit = "/usr/lib/systemd/system/" + UnitFile
)

// example answers the questions that need an answer, with nothing that is anybody's.
func example() Answers {
	return Answers{"kind": server, "name": "MFA Helpdesk", "address": "mfa@example.org", "operator": "ops@example.org",
		"reviewers": "Asha Patel <asha.patel@example.org>, Ben Okafor <ben.okafor@example.org>",
		"user":      "mfa@example.org", "imap": "imap.example.org", "smtp": "smtp.example.org",
		"tenant": "tenant", "client-id": "client", "tenant-domains": "example.org"}
}

// Packaged is what a package of mfabot holds besides the program, by the paths of the files: a configuration that is all example,
// the unit, and its user. The register is the package's to copy: it becomes the operator's, and no package takes it away.
func Packaged() (map[string][]byte, error) {
	a := example()
	f := facts{A: a, Dir: PackageDir, Service: true, Secrets: secretsOf(a), Program: "/usr/bin/mfabot", Example: true}
	var err error
	if f.Reviewers, err = mail.ParseAddressList(a["reviewers"]); err != nil {
		return nil, err
	}
	f.IMAP, f.SMTP = urls(a)
	conf, err := f.fill(ConfigFile)
	if err != nil {
		return nil, err
	}
	unit, err := f.fill(UnitFile)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		PackageDir + "/" + ConfigFile:     conf,
		"/usr/share/mfabot/" + SitesFile:  []byte(sites),
		packageUnit:                       unit,
		"/usr/lib/sysusers.d/mfabot.conf": []byte("u mfabot - \"MFA exceptions by email\" " + state + " /usr/sbin/nologin\n"),
	}, nil
}

// packagedAt reports whether a file is one that a package brings, as it brings it, and what is in it.
func packagedAt(path string) ([]byte, bool) {
	packaged, err := Packaged()
	if err != nil {
		return nil, false
	}
	is, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	for name, content := range packaged {
		if filepath.Base(name) == filepath.Base(path) && bytes.Equal(content, is) {
			return content, true
		}
	}
	return nil, false
}

// undo is how a file was before it was written.
type undo struct {
	path     string
	packaged []byte // nil if it was not there
}

func (u undo) do() error {
	if u.packaged == nil {
		return os.Remove(u.path)
	}
	return os.WriteFile(u.path, u.packaged, 0o644)
}

func fileThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
