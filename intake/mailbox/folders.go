package mailbox

import (
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake"
)

// folders are the server's names of the folders that a watcher uses.
type folders struct {
	watched string
	filing  map[intake.Folder]string
	// prefixes are what a filing folder's name may begin with, best first. There are several where the server
	// does not say.
	prefixes []string
}

// findFolders finds the folders to file into, and creates missing ones. A server that refuses to says so
// before any mail is read. Where nothing is filed there are none.
func (k *link) findFolders(s *session) error {
	delim, err := s.delimiter()
	if err != nil {
		return err
	}
	f := folders{watched: k.cfg.Folder, filing: make(map[intake.Folder]string)}
	if delim != "" {
		f.watched = strings.ReplaceAll(k.cfg.Folder, "/", delim)
	}
	if k.cfg.ReadOnly {
		k.folders = f
		return nil
	}
	if f.prefixes, err = s.prefixes(f.watched, delim); err != nil {
		return err
	}
	for _, folder := range []intake.Folder{intake.Processed, intake.RefusedBox, intake.Quarantine} {
		if f.filing[folder], err = s.ensure(f.prefixes, folder); err != nil {
			return err
		}
	}
	k.folders = f
	return nil
}

// delimiter asks for the hierarchy separator (RFC 9051, section 6.3.9); empty if folders are flat.
func (s *session) delimiter() (string, error) {
	list, err := s.client.List("", "", nil).Collect()
	if err != nil {
		return "", err
	}
	if len(list) == 0 || list[0].Delim == 0 {
		return "", nil
	}
	return string(list[0].Delim), nil
}

// prefixes returns where the neighbours of the watched folder are: in the same parent, or for one at the top,
// such as INBOX, where the personal namespace begins (RFC 2342). A server without NAMESPACE, or that offers it
// and refuses to tell, may want all below INBOX.
func (s *session) prefixes(watched, delim string) ([]string, error) {
	if delim == "" {
		return []string{""}, nil
	}
	if i := strings.LastIndex(watched, delim); i >= 0 {
		return []string{watched[:i+len(delim)]}, nil
	}
	unsaid := []string{"", "INBOX" + delim}
	if !s.caps.Has(imap.CapNamespace) {
		return unsaid, nil
	}
	data, err := s.client.Namespace().Wait()
	if isRefusal(err) {
		return unsaid, nil
	}
	if err != nil {
		return nil, err
	}
	if len(data.Personal) == 0 {
		return []string{""}, nil
	}
	return []string{data.Personal[0].Prefix}, nil
}

// ensure returns the folder's name on the server, creating the folder if it does not exist. It subscribes to
// a new folder, so that mail clients show it.
func (s *session) ensure(prefixes []string, folder intake.Folder) (string, error) {
	for _, prefix := range prefixes {
		if ok, err := s.exists(prefix + string(folder)); ok || err != nil {
			return prefix + string(folder), err
		}
	}
	var refusal error
	for _, prefix := range prefixes {
		name := prefix + string(folder)
		err := s.client.Create(name, nil).Wait()
		if isRefusal(err) {
			refusal = err
			if hasCode(err, imap.ResponseCodeAlreadyExists) {
				return name, nil
			}
			// Somebody else may have created it first, on a server without that code.
			if ok, err := s.exists(name); ok || err != nil {
				return name, err
			}
			continue
		}
		if err != nil {
			return "", err
		}
		if err := s.client.Subscribe(name).Wait(); err != nil && !isRefusal(err) {
			return "", err
		}
		return name, nil
	}
	return "", fmt.Errorf("create folder %s: %w", prefixes[0]+string(folder), refusal)
}

func (s *session) exists(name string) (bool, error) {
	list, err := s.client.List("", name, nil).Collect()
	for _, data := range list {
		if data.Mailbox != name {
			continue // the name held a wildcard
		}
		for _, attr := range data.Attrs {
			if attr == imap.MailboxAttrNonExistent || attr == imap.MailboxAttrNoSelect {
				return false, err
			}
		}
		return true, err
	}
	return false, err
}
