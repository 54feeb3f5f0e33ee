package bot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/notify"
	"mfabot/notify/specimen"
	"mfabot/parser"
	"mfabot/templates"
)

// Emails are the words of the emails, the operator's own among them. These are tried on every kind of letter: an error is a
// config.Error, and names the file and the line of what is wrong.
func Emails(s *config.Settings) (*templates.Set, error) {
	set, err := untried(s)
	if err != nil || s.Templates == "" {
		return set, err
	}
	if err := errors.Join(set.Check(), tried(set, NewPreview(s, set))); err != nil {
		return nil, wrongWords(s, err)
	}
	return set, nil
}

// emailsFor is Emails for the bot. A command writes few of them, and does without the trial.
func emailsFor(s *config.Settings, n Need) (*templates.Set, error) {
	if n == Verified {
		return Emails(s)
	}
	return untried(s)
}

// untried is Emails as they are.
func untried(s *config.Settings) (*templates.Set, error) {
	if s.Templates == "" {
		return templates.New(s.Policy.Zone, lookOf(s), nil)
	}
	set, err := templates.New(s.Policy.Zone, lookOf(s), os.DirFS(s.Templates))
	if err != nil {
		return nil, wrongWords(s, err)
	}
	return set, nil
}

// lookOf is the colours that the policy chooses.
func lookOf(s *config.Settings) templates.Look {
	return templates.Look{Colour: s.Policy.Look.Colour, Dark: s.Policy.Look.ColourDark}
}

func wrongWords(s *config.Settings, err error) error {
	return config.Wrong(fmt.Errorf("%s: %w", filepath.Base(s.Templates), err))
}

// NewPreview returns a composer for letters that nobody is sent.
func NewPreview(s *config.Settings, set *templates.Set) *notify.Composer {
	return notify.NewPreview(set, introduced(s, "preview"))
}

// tried renders a letter of every kind in every language that it is in. The errors are of the first letter in which each is found.
func tried(set *templates.Set, c *notify.Composer) error {
	var errs []error
	seen := make(map[string]bool)
	reader := parser.New(parser.Vocabulary{})
	for _, sample := range specimen.Letters() {
		for _, language := range []string{intake.English, intake.Welsh} {
			l := sample.Letter
			if language == intake.Welsh && !set.Has(templates.Welsh, string(l.Template)) {
				continue
			}
			l.Facts.Language = language
			email, err := c.Render(l, specimen.Monday())
			if err == nil {
				err = answers(reader, set, l.Template, email.Text)
			}
			if err == nil {
				continue
			}
			if words := strings.TrimPrefix(err.Error(), notify.ErrUnsendable.Error()+": "); !seen[words] {
				seen[words] = true
				errs = append(errs, errors.New(words))
			}
		}
	}
	return errors.Join(errs...)
}

// answers returns an error for a line of a letter that would be an answer, or a field of the form, where it comes back at the top of
// an answer. The letter that asks for what is missing has the form itself.
func answers(p *parser.Parser, set *templates.Set, t intake.Template, text string) error {
	for line := range strings.Lines(text) {
		m, err := p.Parse(strings.NewReader("From: a@x.test\r\nSubject: Re: a letter\r\nContent-Type: " +
			"text/plain; charset=utf-8\r\n\r\n" + line))
		if err != nil {
			return err
		}
		what := ""
		switch {
		case m.Decision != nil, m.Withdraw, m.Done, inbound.IsPlainAnswer(line):
			what = "an answer"
		case t != intake.LetterIncomplete && isField(set, line):
			what = "a field of the form"
		default:
			continue
		}
		return fmt.Errorf("%s: a line of its own must not begin like %s, as it would count as one where it is sent back: %q",
			t, what, strings.TrimSpace(line))
	}
	return nil
}

// isField reports whether a line begins with a label of the form, in a language of letters.
func isField(set *templates.Set, line string) bool {
	line = strings.ToLower(strings.TrimLeftFunc(line, func(r rune) bool { return !unicode.IsLetter(r) }))
	return slices.ContainsFunc(notify.FormLabels(), func(label string) bool {
		return strings.HasPrefix(line, strings.ToLower(label)+":") ||
			strings.HasPrefix(line, strings.ToLower(set.Say(templates.Welsh, label))+":")
	})
}
