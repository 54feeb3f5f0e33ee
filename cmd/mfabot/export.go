package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake"
	"mfabot/parser"
	"mfabot/store"
	"mfabot/templates"
)

func newExport(a *app) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "export ADDRESS [--out DIR]",
		Short: "Writes what is on record about one person to a folder",
		Long: `export writes what is on record about one person, by their address, to a new folder
that only you may read, named after the address unless --out says otherwise:
person.json with their requests, exceptions, messages, letters and history, and with it
the messages, the evidence and the letters to them as files.

A message that also serves other people's requests is left out and listed, and so is the
text taken from it: read it yourself, and pass on what is the person's. Letters to the
person about other people's requests, as to a reviewer, are only listed. Read the rest
too before you pass it on: free text may name anybody.`,
		Example: "  mfabot export sam@site.test --out sam",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withBotOn(bot.Looking, func(ctx context.Context, b *bot.Bot, args []string) error {
				address := intake.Canonical(args[0])
				if !intake.IsAddress(address) {
					return intake.NotAnAddress(args[0])
				}
				return a.export(ctx, b, address, cmp.Or(out, safeName(address)))
			})(c, args)
		},
	}
	c.Flags().StringVar(&out, "out", "", "the `DIR`ectory to write to, new or empty (default: the address)")
	return c
}

// personJSON is person.json.
type personJSON struct {
	Address    string            `json:"address"`
	MadeAt     time.Time         `json:"made_at"`
	Requests   []requestView     `json:"requests,omitempty"`
	Exceptions []exceptionView   `json:"exceptions,omitempty"` // those without a request: short-term ones
	Evidence   []exportedFile    `json:"evidence,omitempty"`
	Messages   []exportedMessage `json:"messages,omitempty"`
	Letters    []exportedLetter  `json:"letters,omitempty"`
}

// exportedFile is a piece of evidence. One without a file is withheld, or no longer kept.
type exportedFile struct {
	Ref      string `json:"ref"`
	Filename string `json:"filename"`
	SHA256   string `json:"sha256"`
	exported
}

// exportedMessage is a message from the person, with its file unless it is withheld.
type exportedMessage struct {
	whyView
	exported
}

// exportedLetter is a letter to the person, with its file, or one that is only listed: to others about the
// person's requests, or to the person about other people's.
type exportedLetter struct {
	outboundView
	exported
}

// exported says where something is in the folder, or why it is not there.
type exported struct {
	File     string `json:"file,omitempty"`
	Withheld string `json:"withheld,omitempty"`
}

// export writes one person's data to a folder.
func (a *app) export(ctx context.Context, b *bot.Bot, address, dir string) error {
	p, err := b.Store.Person(ctx, address)
	if err != nil {
		return err
	}
	if len(p.Refs)+len(p.Messages)+len(p.Letters) == 0 {
		return fmt.Errorf("nothing is on record about %s", address)
	}
	root, err := emptyFolder(dir)
	if err != nil {
		return err
	}
	e := &export{bot: b, root: root, address: address, person: p,
		doc: personJSON{Address: address, MadeAt: b.Clock().UTC().Truncate(time.Second)}}
	if err := errors.Join(e.write(ctx), root.Close()); err != nil {
		return err
	}
	for _, m := range e.doc.Messages {
		if m.Withheld != "" {
			fmt.Fprintf(a.stdout, "message %d: %s\n", m.ID, m.Withheld)
		}
	}
	_, err = fmt.Fprintf(a.stdout, "%s: %s, %s, %s, %s; %s\n", dir, templates.Counted(len(e.doc.Requests), "request"),
		templates.Counted(len(e.doc.Exceptions), "short-term exception"), templates.Counted(len(e.doc.Messages), "message"),
		templates.Counted(len(e.doc.Letters), "letter"), templates.Counted(e.files, "file"))
	return err
}

// emptyFolder opens a new or empty folder, which only its owner may read from then on.
func emptyFolder(dir string) (*os.Root, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("%s is not empty: expected a new folder", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder
		return nil, err
	}
	return os.OpenRoot(dir)
}

// export is one person's data on its way to a folder.
type export struct {
	bot     *bot.Bot
	root    *os.Root
	address string
	person  store.Person
	doc     personJSON
	files   int
}

// write writes all of it, and last the list of it.
func (e *export) write(ctx context.Context) error {
	for _, ref := range e.person.Refs {
		if err := e.reference(ctx, ref); err != nil {
			return err
		}
	}
	for _, m := range e.person.Messages {
		if err := e.message(ctx, m); err != nil {
			return err
		}
	}
	for _, o := range e.person.Letters {
		if err := e.letter(ctx, o); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(e.doc, "", "  ")
	if err != nil {
		return err
	}
	return e.put("person.json", append(text, '\n'))
}

// reference adds a request with its exception and its evidence, or a short-term exception.
func (e *export) reference(ctx context.Context, ref string) error {
	b := e.bot
	r, err := b.Store.Request(ctx, ref)
	if errors.Is(err, intake.ErrNotFound) {
		x, err := b.Store.Exception(ctx, ref)
		if errors.Is(err, intake.ErrNotFound) { // somebody else wrote it: it is left out, with a warning
			return nil
		}
		if err != nil {
			return err
		}
		v := viewException(b.Settings, *x, b.Clock())
		v.History, err = viewHistory(ctx, b.Store, ref)
		e.doc.Exceptions = append(e.doc.Exceptions, v)
		return err
	}
	if err != nil {
		return err
	}
	v, err := viewRequest(ctx, b.Store, b.Settings, r, b.Clock())
	if err != nil {
		return err
	}
	v.Hold = nil // not the person's concern
	if err := e.withhold(ctx, &v, r); err != nil {
		return err
	}
	e.doc.Requests = append(e.doc.Requests, v)
	for i, ev := range r.Evidence {
		if err := e.evidence(ctx, r.Ref, i+1, ev); err != nil {
			return err
		}
	}
	return nil
}

// withheld stands for text from a message that also serves other people's requests.
const withheld = "[withheld: the message names other people too]"

// withhold takes text out of a request if it comes from a message that also serves other people's requests:
// what was said of all of them alike, and what the message itself adds to the history.
func (e *export) withhold(ctx context.Context, v *requestView, r *intake.Request) error {
	for _, m := range e.person.Messages {
		if len(e.person.Others[m.ID]) == 0 {
			continue
		}
		for i, h := range v.History {
			if h.Text != "" && h.At.Equal(m.ReceivedAt) && h.By == m.From {
				v.History[i].Text = withheld
			}
		}
		for _, other := range e.person.Others[m.ID] {
			o, err := e.bot.Store.Request(ctx, other)
			if errors.Is(err, intake.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if v.Justification != "" && (o.Justification == r.Justification || !o.PurgedAt.IsZero()) {
				v.Justification = withheld
			}
		}
	}
	return nil
}

// whyNot says why a message and what came with it is left out; empty if it is not.
func (e *export) whyNot(id int64) string {
	if others := e.person.Others[id]; len(others) > 0 {
		return "it serves other people's requests too (" + strings.Join(others, ", ") + ")"
	}
	return ""
}

// evidence adds a piece of evidence of a request.
func (e *export) evidence(ctx context.Context, ref string, n int, ev intake.Evidence) error {
	f := exportedFile{Ref: ref, Filename: ev.Filename, SHA256: ev.SHA256}
	f.Withheld = e.whyNot(ev.InboundID)
	if f.Withheld == "" && parser.IsElsewhere(ev.MediaType, ev.Size) {
		f.Withheld = ev.Why // no file came
	}
	if f.Withheld == "" {
		var content bytes.Buffer
		err := e.bot.Attachments.Evidence(ctx, ev.InboundID, ev.Part, &content)
		if f.exported, err = e.file(path.Join("evidence", ref, fmt.Sprintf("%d-%s", n, safeName(ev.Filename))),
			content.Bytes(), err); err != nil {
			return err
		}
	}
	e.doc.Evidence = append(e.doc.Evidence, f)
	return nil
}

// message adds a message from the person.
func (e *export) message(ctx context.Context, m intake.Inbound) error {
	x := exportedMessage{whyView: viewWhy(m)}
	if x.Withheld = e.whyNot(m.ID); x.Withheld == "" {
		kept, err := e.bot.Store.Message(ctx, m.ID)
		if err != nil && !errors.Is(err, intake.ErrPurged) {
			return err
		}
		if x.exported, err = e.file(fmt.Sprintf("messages/%d.eml", m.ID), kept.Raw, err); err != nil {
			return err
		}
	}
	e.doc.Messages = append(e.doc.Messages, x)
	return nil
}

// letter adds a letter. Letters to the person appear as they were sent, apart from the date. A letter to them
// about somebody else, or one by which they decide, is only listed, without its subject, which may name
// others; so is a letter to others that is about more than them. The Message-ID of a review email contains its code,
// which is for its reviewer only.
func (e *export) letter(ctx context.Context, o intake.Outbound) error {
	v, err := viewOutbound(ctx, e.bot, o)
	if err != nil {
		return err
	}
	x := exportedLetter{outboundView: v}
	if o.Facts.Seed != "" {
		x.MessageID = intake.MaskCodes(x.MessageID)
	}
	other := func(ref string) bool { return ref != "" && !slices.Contains(e.person.Refs, ref) }
	own := !slices.ContainsFunc(o.Refs(), other)
	x.Refs = slices.DeleteFunc(x.Refs, other)
	switch {
	case o.To != e.address && own:
	case o.To != e.address:
		x.Subject = ""
	case !own, o.Facts.Seed != "", o.Template == intake.LetterMorning, o.Template == intake.LetterAlert:
		x.Withheld, x.Subject = "it is about other people's requests", ""
	default:
		var eml bytes.Buffer
		msg, err := e.bot.Composer.Compose(ctx, o, cmp.Or(o.SentAt, o.CreatedAt))
		if err == nil {
			err = msg.Stream(ctx, &eml)
		}
		if x.exported, err = e.file(fmt.Sprintf("letters/%d.eml", o.ID), eml.Bytes(), err); err != nil {
			return err
		}
	}
	e.doc.Letters = append(e.doc.Letters, x)
	return nil
}

// file writes content, the reading of which ended with err. What is no longer kept is only said to be so.
func (e *export) file(name string, content []byte, err error) (exported, error) {
	if errors.Is(err, intake.ErrPurged) {
		return exported{Withheld: intake.ErrPurged.Error()}, nil
	}
	if err == nil {
		err = e.put(name, content)
	}
	return exported{File: name}, err
}

// put writes one file, and creates the folders that it is in.
func (e *export) put(name string, content []byte) error {
	if err := e.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	e.files++
	return e.root.WriteFile(name, content, 0o600)
}

// maxSafeName is in characters of at most four bytes each: file systems take 255 bytes.
const maxSafeName = 50

// safeName is the end of the name that somebody gave a file, without anything that a file system or a shell
// takes for more than a name.
func safeName(name string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, name))
	return string(runes[max(0, len(runes)-maxSafeName):])
}
