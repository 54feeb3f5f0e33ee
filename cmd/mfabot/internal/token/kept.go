package token

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/oauth2"

	"mfabot/store/nearby"
)

// A sign-in is kept as a refresh token (RFC 6749, section 6), in a file of one line: encrypted, so that a copy of the file
// without the key beside the database is no use to anybody. The authority may give a new one with each access token, and
// then take the old one no more. So the new one is on the disk before the access token is used, what is on the disk is
// what is asked with, and one process at a time asks.

// begins is the beginning of the line, before the encrypted sign-in in base64.
const begins = "mfabot-sign-in-1 "

// refresh asks for an access token with the sign-in that is kept.
func (s *Source) refresh(ctx context.Context, secret string) (*oauth2.Token, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, &failure{err: s.prefixed(err)}
	}
	defer unlock()
	kept, err := s.kept()
	if err != nil {
		return nil, &failure{err: s.prefixed(err)}
	}
	got, err := s.inEitherWay(secret, func(style oauth2.AuthStyle) (*oauth2.Token, error) {
		return s.oauth(secret, style).TokenSource(ctx, &oauth2.Token{RefreshToken: kept}).Token()
	})
	if err != nil {
		return nil, s.explain(err, secret, kept)
	}
	if got.RefreshToken != kept {
		s.keepOrTell(got.RefreshToken, kept)
	}
	return got, nil
}

// oauth is the protocol in somebody's name.
func (s *Source) oauth(secret string, style oauth2.AuthStyle) *oauth2.Config {
	return &oauth2.Config{ClientID: s.cfg.ClientID, ClientSecret: secret, Scopes: s.cfg.Scopes,
		Endpoint: oauth2.Endpoint{TokenURL: s.cfg.TokenURL, DeviceAuthURL: s.cfg.DeviceURL, AuthStyle: style}}
}

// KeepsSignIn reports whether its tokens are in the name of somebody who has signed in.
func (s *Source) KeepsSignIn() bool { return s.cfg.File != "" }

// NeedsLogin reports whether somebody must sign in before there is any token.
func (s *Source) NeedsLogin() bool {
	if !s.KeepsSignIn() {
		return false
	}
	_, err := os.Stat(s.cfg.File)
	return errors.Is(err, fs.ErrNotExist)
}

// kept returns the sign-in that is kept, or the one that could not be written in its place.
func (s *Source) kept() (string, error) {
	s.mu.Lock()
	newer := s.unkept.refresh
	s.mu.Unlock()
	if newer != "" {
		return newer, nil
	}
	return s.read()
}

// read returns the sign-in in the file.
func (s *Source) read() (string, error) {
	text, err := nearby.ReadOurs(s.cfg.File)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("nobody has signed in yet: there is no %s: run mfabot login %s", s.cfg.File, s.cfg.Name)
	}
	if err != nil {
		return "", err
	}
	box, err := s.box()
	if err != nil {
		return "", err
	}
	sealed, found := strings.CutPrefix(strings.TrimSpace(string(text)), begins)
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err == nil {
		data, err = box.Open(nil, nil, data, s.belongs())
	}
	if err != nil || !found {
		return "", fmt.Errorf("%s is not a sign-in for this table, kept with the key beside the database: run mfabot login %s",
			s.cfg.File, s.cfg.Name)
	}
	return string(data), nil
}

// keep writes a sign-in in place of the one before, which stays until the new one is safe on the disk.
func (s *Source) keep(refresh string) error {
	box, err := s.box()
	if err != nil {
		return err
	}
	sealed := base64.StdEncoding.EncodeToString(box.Seal(nil, nil, []byte(refresh), s.belongs()))
	return nearby.Replace(s.cfg.File, []byte(begins+sealed+"\n"), s.cfg.Like)
}

// mayKeep returns an error if no sign-in could be kept now.
func (s *Source) mayKeep() error {
	if _, err := s.box(); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(s.cfg.File), filepath.Base(s.cfg.File)+".*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// keepOrTell keeps a sign-in that replaces another. What cannot be written is used all the same, and tried again.
func (s *Source) keepOrTell(refresh, over string) {
	err := s.keep(refresh)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.unkept = unkept{}
		return
	}
	if s.unkept.refresh == "" {
		s.unkept.over, s.unkept.since = over, s.cfg.Clock()
	}
	s.unkept.refresh, s.unkept.why = refresh, s.prefixed(fmt.Errorf("the new sign-in could not be kept: %w", err))
}

// keepAgain tries to keep what could not be before, unless somebody has signed in since.
func (s *Source) keepAgain() {
	s.mu.Lock()
	waits := s.unkept
	s.mu.Unlock()
	if waits.refresh == "" {
		return
	}
	unlock, err := s.lock()
	if err != nil {
		return
	}
	defer unlock()
	if kept, err := s.read(); err == nil && kept != waits.over {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unkept = unkept{}
		return
	}
	s.keepOrTell(waits.refresh, waits.over)
}

// box encrypts with a key that is derived for this.
func (s *Source) box() (cipher.AEAD, error) {
	secret, err := s.cfg.Key()
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "mfabot sign-in", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// belongs binds a sign-in to the authority and the application that it was given for.
func (s *Source) belongs() []byte { return []byte(s.cfg.TokenURL + "\n" + s.cfg.ClientID) }

// lock waits until no other process has the lock on the file that the sign-in's owner is taken from, which nobody else can open; where
// there is none, on the folder. The system releases it with the process.
func (s *Source) lock() (unlock func(), err error) {
	like, err := nearby.Real(s.cfg.Like)
	if err != nil {
		return nil, err
	}
	f, err := nearby.OpenOurs(like, os.O_RDONLY)
	if err != nil {
		f, err = os.Open(filepath.Dir(s.cfg.File))
	}
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}
