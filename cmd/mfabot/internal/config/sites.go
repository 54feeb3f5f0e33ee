package config

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"mfabot/intake"
)

// Register is the file with the register of sites, and what the configuration requires of it. It is
// immutable.
type Register struct {
	Path      string
	own       ownAddresses
	reviewers intake.Reviewers
	needed    []neededSite
}

// neededSite is a site that the configuration names.
type neededSite struct {
	code    string
	missing error // what is wrong if it is missing
}

// Edition tells one state of the file from another.
type Edition struct {
	ID   string      // the same for the same content or the same error
	info fs.FileInfo // nil if the file could not be read
}

// Look is what one look at the file found.
type Look struct {
	Edition
	data []byte
	err  error
}

// Look reads the file.
func (r *Register) Look() Look {
	info, err := os.Stat(r.Path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", r.Path) // a pipe would block for ever
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(r.Path)
	}
	if err != nil {
		return Look{Edition: Edition{ID: err.Error()}, err: err}
	}
	return Look{Edition: Edition{ID: fmt.Sprintf("%x", sha256.Sum256(data)), info: info}, data: data}
}

// Same reports whether two looks found the same content, in a file that was neither replaced nor written to
// in between.
func (v Edition) Same(other Edition) bool { return v.ID == other.ID && sameFile(v.info, other.info) }

// Unchanged reports whether the file is still the one that a look found, without reading it.
func (r *Register) Unchanged(v Edition) bool {
	if v.info == nil {
		return false
	}
	info, err := os.Stat(r.Path)
	return err == nil && sameFile(info, v.info)
}

// sameFile reports whether a file was neither replaced nor written to.
func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// Read returns the sites that a look found, at the start and later alike. All that is wrong with them comes
// back in one error, a line each.
func (r *Register) Read(l Look) (*intake.Sites, error) {
	if l.err != nil {
		return nil, l.err
	}
	sites, err := intake.ReadSites(r.Path, bytes.NewReader(l.data))
	if sites == nil {
		return nil, err
	}
	problems := append([]error{err}, r.clashes(sites)...)
	for _, n := range r.needed {
		// A row that is wrong has been reported already, and may be this one.
		if _, there := sites.ByCode(n.code); !there && err == nil {
			problems = append(problems, n.missing)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return sites, nil
}

// clashes returns an error for each address that has another use already.
func (r *Register) clashes(sites *intake.Sites) []error {
	var problems []error
	for line, site := range sites.All() {
		check := func(column string, addresses ...string) {
			for _, addr := range addresses {
				if want := r.clash(site, column, addr); want != "" {
					problems = append(problems, &intake.FileError{File: r.Path, Line: line, Key: column, Want: want})
				}
			}
		}
		check("mailbox", site.Mailbox)
		check("aliases", site.Aliases...)
		check("contacts", site.Contacts...)
	}
	return problems
}

// clash says why an address cannot be a site's; empty if it can. One of the bot's own cannot, except the
// watched mailbox of that very site. A reviewer's cannot be a shared mailbox: anybody who reads it could
// decide, and mail from it could be a request or a decision. It may be a contact's: that reviewer does not
// decide on that site.
func (r *Register) clash(site *intake.Site, column, addr string) string {
	if own, found := r.own.find(addr); found && own.site != site.ODSCode {
		return fmt.Sprintf("%s is %s, so that mail to the site would come back to the bot: expected the site's own", addr, own.what)
	}
	if name := r.reviewer(addr); name != "" && column != "contacts" {
		return fmt.Sprintf("%s belongs to %s of the configuration, so that mail from it could be a request or a decision: "+
			"expected a mailbox that nobody decides from", addr, name)
	}
	return ""
}

// reviewer says who decides from an address; empty if nobody does.
func (r *Register) reviewer(addr string) string {
	if rev, found := r.reviewers.Regular().ByAddress(addr); found {
		return "the reviewer " + rev.Name
	}
	if i := slices.IndexFunc(r.reviewers, func(rev intake.Reviewer) bool { return rev.Deputy == addr && addr != "" }); i >= 0 {
		return "the deputy of the reviewer " + r.reviewers[i].Name
	}
	return ""
}
