package retain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// Eraser finds and deletes what is stored of one person.
type Eraser interface {
	// Traces returns where an address occurs.
	Traces(ctx context.Context, address string) (intake.Traces, error)
	// PurgeLetter blanks a letter that was sent or given up.
	PurgeLetter(ctx context.Context, id int64, now time.Time) error
	// EraseMentions removes an address from every stored text. It returns how many texts it occurred in, and
	// their references; one string may be several, separated by commas.
	EraseMentions(ctx context.Context, address string) (n int, refs []string, err error)
}

// Erased is what Erase deleted.
type Erased struct {
	Refs     []string             // the references whose user it was
	Messages int                  // inbound messages
	Letters  int                  // letters to them
	Mentions int                  // other texts that the address was removed from
	Left     []intake.KeptMessage // raw messages that were kept, as other people's requests need them too
}

// ErrRefused is in the chain of every error that refuses an erasure because of something that has to be put
// right first.
var ErrRefused = errors.New("nothing was changed")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}

// eraseRule is what the proof of an erasure names instead of a rule of the policy.
const eraseRule = "erase"

// Erase deletes one person's data now, by their address: as user, as writer and as recipient. References,
// dates and decisions remain, without the person. It refuses, with ErrRefused, while anything of theirs is
// open, active, on its way or under a legal hold; and for an address of the service, a reviewer or a site. as names
// the operator.
func (k *Keeper) Erase(ctx context.Context, address, as string) (*Erased, error) {
	if !intake.IsAddress(address) {
		return nil, intake.NotAnAddress(address)
	}
	address = intake.Canonical(address)
	if err := k.mayErase(address); err != nil {
		return nil, err
	}
	var done *Erased
	err := k.update(ctx, func(tx Tx) error {
		e := &erasure{k: k, tx: tx, address: address, as: strings.TrimSpace(as)}
		done = &e.done
		return e.run(ctx)
	})
	if err != nil {
		return nil, err
	}
	return done, k.store.Wipe(ctx)
}

// mayErase refuses the addresses in the configuration and the register: they belong to organisations, or to
// people who decide for one.
func (k *Keeper) mayErase(address string) error {
	_, reviewer := k.Reviewers.ByAddress(address)
	_, site := k.Sites.Now().ByMailbox(address)
	switch {
	case address == k.Address || address == k.Operator:
		return refused("%s is this service's own or its operator's", address)
	case reviewer:
		return refused("%s is a reviewer's: remove it from the configuration first", address)
	case site:
		return refused("%s is a site's shared mailbox: remove it from the register of sites first", address)
	}
	return nil
}

// erasure is one run of Erase, in its transaction.
type erasure struct {
	k       *Keeper
	tx      Tx
	address string
	as      string
	traces  intake.Traces
	done    Erased
}

func (e *erasure) run(ctx context.Context) (err error) {
	if e.traces, err = e.tx.Traces(ctx, e.address); err != nil {
		return err
	}
	if err := e.check(ctx); err != nil {
		return err
	}
	messages := slices.Clone(e.traces.Messages)
	for _, ref := range e.traces.Refs {
		of, err := e.tx.MessagesOf(ctx, ref)
		if err != nil {
			return err
		}
		messages = append(messages, of...)
	}
	slices.Sort(messages)
	for _, id := range slices.Compact(messages) {
		if err := e.message(ctx, id); err != nil {
			return err
		}
	}
	for _, ref := range e.traces.Refs {
		if err := shred(ctx, e.tx, &Purge{Fate: e.fate(), Refs: []string{ref}, Personal: true}); err != nil {
			return err
		}
	}
	for _, id := range e.traces.Letters {
		if err := e.tx.PurgeLetter(ctx, id, e.tx.Now); err != nil {
			return err
		}
	}
	e.done.Refs, e.done.Letters = e.traces.Refs, len(e.traces.Letters)
	var touched []string
	if e.done.Mentions, touched, err = e.tx.EraseMentions(ctx, e.address); err != nil {
		return err
	}
	if err := e.unheld(ctx, touched); err != nil {
		return err
	}
	return e.tx.Record(ctx, intake.HistoryEntry{At: e.tx.Now, Event: intake.EventErased, By: e.as, Text: fmt.Sprintf(
		"one person: %d references, %d messages, %d letters, %d mentions elsewhere; %d messages left that serve others",
		len(e.done.Refs), e.done.Messages, e.done.Letters, e.done.Mentions, len(e.done.Left))})
}

func (e *erasure) fate() intake.Fate {
	return intake.Fate{Rule: eraseRule, Since: e.tx.Now, Due: e.tx.Now}
}

// check refuses an erasure while anything has to be put right first, and says how.
func (e *erasure) check(ctx context.Context) error {
	for _, name := range slices.Concat(e.traces.Refs, e.traces.Asked) {
		ref, err := e.tx.Reference(ctx, name)
		if err != nil {
			return err
		}
		if ref.Ending == "" {
			if _, err := e.tx.Exception(ctx, name); err == nil {
				return refused("%s is active: end it first, with `mfabot revoke %s REASON --as NAME`", name, name)
			}
			return refused("%s is open: have the site withdraw it, or decide it with "+
				"`mfabot decide %s reject REASON --as REVIEWER`", name, name)
		}
		if ref.Waiting {
			return refused("emails or directory changes for %s are still waiting: `mfabot run` deals with them", name)
		}
		todos, err := e.tx.AskedActions(ctx, name, "")
		if err != nil {
			return err
		}
		if len(todos) > 0 { // nobody could do it any more
			return refused("something is to be done by hand about %s: do it, and then `mfabot done %d --as NAME`", name, todos[0].ID)
		}
	}
	if e.traces.Queued > 0 {
		return refused("%d emails to or about %s are waiting to be sent: `mfabot run` sends them",
			e.traces.Queued, e.address)
	}
	return e.unheld(ctx, slices.Concat(e.traces.Refs, e.traces.Asked))
}

// unheld refuses an erasure if one of the references is under a legal hold.
func (e *erasure) unheld(ctx context.Context, refs []string) error {
	for _, ref := range strings.Split(strings.Join(refs, ","), ",") {
		h, err := e.tx.HoldOn(ctx, ref)
		if err == nil {
			return refused("%s has been under a legal hold since %s, by %s: "+
				"`mfabot hold %s --release --as NAME` ends it", ref, e.k.Moment(h.At), h.By, ref)
		}
		if !errors.Is(err, intake.ErrNotFound) {
			return err
		}
	}
	return nil
}

// message deletes a message, raw and in the ledger. It leaves one that belongs to somebody else's request
// too, and lists it in Left.
func (e *erasure) message(ctx context.Context, id int64) error {
	m, err := e.tx.KeptMessage(ctx, id)
	if err != nil {
		return err
	}
	refs, err := referencesOf(ctx, e.tx, m)
	if err != nil {
		return err
	}
	var gone []string
	for name, ref := range refs {
		if slices.Contains(e.traces.Refs, name) {
			gone = append(gone, name)
		} else if !ref.Purged {
			if m.HasRaw {
				e.done.Left = append(e.done.Left, m)
			}
			return nil
		}
	}
	slices.Sort(gone)
	p := Purge{Fate: e.fate(), Refs: gone, Message: id, Bytes: m.Size}
	if m.HasRaw {
		if err := shred(ctx, e.tx, &p); err != nil {
			return err
		}
	}
	e.done.Messages++
	return e.tx.PurgeMessage(ctx, id, e.tx.Now)
}
