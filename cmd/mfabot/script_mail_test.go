package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	gomail "github.com/emersion/go-message/mail"
	"github.com/rogpeppe/go-internal/testscript"

	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/token/tokentest"
)

// scene is the post office of one script.
type scene struct {
	templates string // the folder with the configuration
	office    *post.Office
	authority *tokentest.Authority
	written   int               // messages, each a minute after the one before
	ahead     time.Duration     // of the true time, as the bot and who writes to it have it
	monday    time.Duration     // likewise where clock begins; 0 until it does
	proven    bool              // messages come in with the proof of who sent them
	config    map[string]string // what stands for $NAME in the configuration
}

type sceneKey struct{}

func sceneOf(ts *testscript.TestScript) *scene {
	s := ts.Value(sceneKey{}).(*scene)
	if s.office == nil {
		ts.Fatalf("there are no mail servers: use office first")
	}
	return s
}

// patiently bounds what waits for mail.
func patiently(ts *testscript.TestScript) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	ts.Defer(cancel)
	return ctx
}

// cmdOffice starts mail servers with the accounts of the demonstration, and writes mfabot.toml, sites.csv and
// the password for them:
//
//	office
func cmdOffice(ts *testscript.TestScript, _ []string) {
	s := ts.Value(sceneKey{}).(*scene)
	var err error
	s.office, err = post.Embedded(context.Background(), demo.Accounts())
	ts.Check(err)
	ts.Defer(func() { ts.Check(s.office.Close()) })
	servers := strings.NewReplacer("$IMAP", s.office.IMAPAddr, "$SMTP", s.office.SMTPAddr)
	for _, name := range []string{"mfabot.toml", "sites.csv"} {
		text, err := os.ReadFile(filepath.Join(s.templates, name))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(servers.Replace(string(text))), 0o600))
	}
	ts.Check(os.WriteFile(ts.MkAbs("password"), []byte(s.office.Password+"\n"), 0o600))
}

// cmdAuthority starts an authority that gives access tokens, has the mail servers take them, and mfabot.toml use them in place of
// passwords, with the table in a file, where $AUTHORITY is its address:
//
//	authority FILE
func cmdAuthority(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "authority FILE")
	s := sceneOf(ts)
	s.authority = tokentest.Start()
	ts.Defer(s.authority.Close)
	s.office.TakeTokens(s.authority.Good)
	table := strings.ReplaceAll(ts.ReadFile(args[0]), "$AUTHORITY", s.authority.URL)
	config := strings.ReplaceAll(ts.ReadFile("mfabot.toml"), `password_file = "password"`, `oauth = "m365"`)
	ts.Check(os.WriteFile(ts.MkAbs("mfabot.toml"), []byte(config+table), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("secret"), []byte(tokentest.Secret+"\n"), 0o600))
}

// cmdRevokes has the authority take back every access token, and the sign-in as well, and the mail servers end all connections:
//
//	revokes [sign-in]
func cmdRevokes(ts *testscript.TestScript, args []string) {
	s := sceneOf(ts)
	s.authority.Revoke(len(args) > 0)
	s.office.Cut()
}

// cmdCloses stops the mail servers, as a fault of the network would:
//
//	closes
func cmdCloses(ts *testscript.TestScript, _ []string) {
	ts.Check(sceneOf(ts).office.Close())
}

// cmdWrites has somebody write to the service, in Outlook. A file that does not exist is attached as a PDF,
// made on the spot:
//
//	writes FROM SUBJECT TEXTFILE [ATTACHMENT...]
func cmdWrites(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, "writes FROM SUBJECT TEXTFILE [ATTACHMENT...]")
	s := sceneOf(ts)
	s.deliver(ts, args[0], s.outlook().New(args[0], service, args[1], ts.ReadFile(args[2]), attachments(ts, args[3:])))
}

// cmdReplies has somebody answer the newest message in their inbox whose subject matches. In the text, \n
// stands for a line break:
//
//	replies FROM SUBJECTPATTERN TEXT [ATTACHMENT...]
func cmdReplies(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, "replies FROM SUBJECTPATTERN TEXT [ATTACHMENT...]")
	s := sceneOf(ts)
	original := s.newest(ts, args[0], args[1])
	s.deliver(ts, args[0], s.outlook().Reply(args[0], original, strings.ReplaceAll(args[2], `\n`, "\n"), attachments(ts, args[3:])))
}

// cmdDrops puts a file into an inbox, the service's if none is named, as it is, as only broken mail servers do; as if it had come
// so long ago, where that is said:
//
//	drops FILE [ADDRESS [AGE]]
func cmdDrops(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "drops FILE [ADDRESS [AGE]]")
	account, came := append(args, service)[1], time.Time{}
	if len(args) > 2 {
		age, err := time.ParseDuration(args[2])
		ts.Check(err)
		came = time.Now().Add(-age)
	}
	c := sceneOf(ts).login(ts, account)
	defer func() { _ = c.Close() }()
	appendTo(ts, c, "INBOX", []byte(ts.ReadFile(args[0])), came)
}

// put appends a message to a folder.
func (s *scene) put(ts *testscript.TestScript, account, folder string, raw []byte) {
	c := s.login(ts, account)
	defer func() { _ = c.Close() }()
	appendTo(ts, c, folder, raw, time.Time{})
}

// login opens somebody's account, until the caller closes the connection.
func (s *scene) login(ts *testscript.TestScript, account string) *imapclient.Client {
	c, err := imapclient.DialInsecure(s.office.IMAPAddr, nil)
	ts.Check(err)
	ts.Check(c.Login(account, s.office.Password).Wait())
	return c
}

// appendTo appends a message to a folder, as if it had come at a moment; zero for now.
func appendTo(ts *testscript.TestScript, c *imapclient.Client, folder string, raw []byte, came time.Time, flags ...imap.Flag) {
	put := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: flags, Time: came})
	_, err := put.Write(raw)
	ts.Check(errors.Join(err, put.Close()))
	_, err = put.Wait()
	ts.Check(err)
}

// cmdReads writes somebody's inbox into a file, as they read it:
//
//	reads ADDRESS FILE
func cmdReads(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, "reads ADDRESS FILE")
	var text strings.Builder
	for _, m := range sceneOf(ts).inbox(ts, args[0]) {
		text.WriteString(letterText(ts, m.Raw))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
}

// cmdReceives waits until a message that matches is in somebody's inbox:
//
//	receives ADDRESS PATTERN
func cmdReceives(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, "receives ADDRESS PATTERN")
	pattern := regexp.MustCompile("(?m)" + args[1])
	_, err := sceneOf(ts).office.Await(patiently(ts), args[0], func(raw []byte) bool {
		return pattern.MatchString(letterText(ts, raw))
	})
	ts.Check(err)
}

// cmdHolds counts the messages in a folder:
//
//	holds ADDRESS FOLDER NUMBER
func cmdHolds(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, "holds ADDRESS FOLDER NUMBER")
	got, err := sceneOf(ts).office.Read(patiently(ts), args[0], args[1])
	ts.Check(err)
	if strconv.Itoa(len(got)) != args[2] {
		ts.Fatalf("%s of %s holds %d messages, expected %s", args[1], args[0], len(got), args[2])
	}
}

func (s *scene) outlook() post.Client {
	s.written++
	return post.Client{App: post.Outlook, Date: s.now().Add(time.Duration(s.written) * time.Minute)}
}

// now is the time as the bot and who writes to it have it.
func (s *scene) now() time.Time { return time.Now().Add(s.ahead) }

// deliver sends a message to the service. The embedded servers have put it into the inbox before they accept
// it.
func (s *scene) deliver(ts *testscript.TestScript, from string, raw []byte) {
	if s.proven {
		s.put(ts, service, "INBOX", []byte(parseDraft(raw).proven().String()))
		return
	}
	ts.Check(s.office.Send(patiently(ts), from, []string{service}, raw))
}

// newest is the newest message in somebody's inbox whose subject matches.
func (s *scene) newest(ts *testscript.TestScript, account, pattern string) []byte {
	subject := regexp.MustCompile("(?m)^Subject: .*(" + pattern + ")")
	for _, m := range slices.Backward(s.inbox(ts, account)) {
		if subject.MatchString(letterText(ts, m.Raw)) {
			return m.Raw
		}
	}
	ts.Fatalf("%s has no message with the subject %q", account, pattern)
	return nil
}

func (s *scene) inbox(ts *testscript.TestScript, account string) []post.Received {
	all, err := s.office.Read(patiently(ts), account, "INBOX")
	ts.Check(err)
	return all
}

// attachments are files of a script, or letters of that name, made here: one whose name begins with "long" has
// 150 KB.
func attachments(ts *testscript.TestScript, names []string) []post.File {
	var files []post.File
	for _, name := range names {
		content, err := os.ReadFile(ts.MkAbs(name))
		if errors.Is(err, os.ErrNotExist) {
			lines := []string{"To whom it may concern"}
			if strings.HasPrefix(name, "long") {
				lines = slices.Repeat(lines, 5000)
			}
			content, err = post.EvidencePDF(name, lines...), nil
		}
		ts.Check(err)
		files = append(files, post.File{Name: name, MediaType: "application/pdf", Content: content})
	}
	return files
}

// letterText is what a person sees of a message: the subject, the text on one line, and the names of the
// files.
func letterText(ts *testscript.TestScript, raw []byte) string {
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	ts.Check(err)
	subject, err := r.Header.Subject()
	ts.Check(err)
	out := "Subject: " + subject + "\n"
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		ts.Check(err)
		switch h := p.Header.(type) {
		case *gomail.InlineHeader:
			if kind, _, _ := h.ContentType(); kind == "text/plain" {
				text, err := io.ReadAll(p.Body)
				ts.Check(err)
				out += strings.Join(strings.Fields(string(text)), " ") + "\n"
			}
		case *gomail.AttachmentHeader:
			name, err := h.Filename()
			ts.Check(err)
			out += "Attached: " + name + "\n"
		}
	}
}
