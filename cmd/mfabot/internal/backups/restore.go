package backups

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/progress"
	"mfabot/store"
	"mfabot/store/nearby"
)

// How a backup takes the place of the database, so that whatever happens there is either the one or the other.
//
// A copy of it is written beside the database, and looked through. Then a note says what is about to happen: from then on
// whoever comes next, this command or a bot that starts, goes through the same moves to their end, each of which is done
// already or can be. Before that nothing has happened but that a copy lies there, which is removed.

// Restored is what took the place of the database: the note about it.
type Restored struct {
	From    string    `json:"from"`    // the backup
	Aside   string    `json:"aside"`   // where the database of before is now; empty where there was none
	Staged  string    `json:"staged"`  // the copy that takes its place; gone once it has
	Begun   time.Time `json:"begun"`   // when
	AsOf    time.Time `json:"as_of"`   // the last that is on record in it
	Version int64     `json:"version"` // of its schema

	Messages int64 `json:"messages"`
	Requests int64 `json:"requests"`
	Active   int64 `json:"active"`
	Waiting  int64 `json:"waiting"`

	Gone   *store.Gone `json:"gone,omitempty"`   // what the database of before has on record since; nil where it could not be read
	Unread string      `json:"unread,omitempty"` // why it could not

	// Noted is how far the audit had come by the note beside the key, where the database of before did not hold all of that, as one
	// does not that is itself an older copy; or where there was none that could be read.
	Noted *store.Noted `json:"noted,omitempty"`
	Ends  int64        `json:"ends,omitempty"`  // with this entry of the audit the backup does
	Meant *store.Noted `json:"meant,omitempty"` // how far the audit of what takes its place has come; nil where it has no entry
	Over  *store.Noted `json:"over,omitempty"`  // what was noted beside the key before: only that does it go back from

	Unnoted  error `json:"-"` // why it could not be noted beside the key how far it has come; nil if it was
	CutShort bool  `json:"-"` // the command was, and its moves were done afterwards
}

// noteOf is the file of the note.
func noteOf(database string) string { return database + ".restore" }

// restoring is a restore in hand.
type restoring struct {
	settings *config.Settings
	database string // itself, and not a link to it
	from     string
	note     Restored
	gauge    *progress.Gauge
}

// move is one of those that a restore consists of. Each leaves either what was or what is to be, wherever it is cut short.
type move struct {
	what string
	do   func(ctx context.Context) error
}

// Restore puts a backup in the place of the database of the settings; whatever speaks against it is an error, and then nothing
// was changed. A bot must not run on the database. It returns what it did.
func Restore(ctx context.Context, s *config.Settings, from string, now time.Time, g *progress.Gauge) (done Restored, err error) {
	r, lock, err := begin(ctx, s, from, now, g)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	for _, m := range r.moves() {
		if err = m.do(ctx); err != nil {
			break
		}
	}
	switch note, there, unread := readNote(r.database, s.KeyFile()); {
	case err != nil && unread == nil && there && note.Staged == r.note.Staged:
		err = fmt.Errorf("%w\nthe restore has begun, and is not finished: put that right, and give the command again or start the bot, "+
			"which go on with it", err)
	case err != nil:
		err = errors.Join(err, removeStaged(r.database))
	default:
		r.note.Unnoted = Note(ctx, s)
	}
	return r.note, err
}

// Note notes beside the key how far the database has come that a backup has taken the place of, as whoever restores it means to go on
// from there: it is no older copy that somebody else has put there. Where nothing is sealed there is no key, and no note.
func Note(ctx context.Context, s *config.Settings) error {
	n, err := store.NewestEntry(ctx, s.Database)
	if err == nil && n != nil {
		err = config.WriteNoted(s.KeyFile(), *n)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// LookAt says what Restore would do, or why not, while a bot may run on the database. It changes nothing.
func LookAt(ctx context.Context, s *config.Settings, from string, now time.Time, g *progress.Gauge) (Restored, error) {
	r, err := newRestoring(s, from, now, g)
	if err == nil {
		err = r.describe(ctx)
	}
	if err == nil {
		err = r.lookThrough(ctx, from)
	}
	if err != nil {
		return Restored{}, err
	}
	return r.note, nil
}

// newRestoring sees that a backup is another file than the database.
func newRestoring(s *config.Settings, from string, now time.Time, g *progress.Gauge) (*restoring, error) {
	database, err := nearby.Real(s.Database)
	if err == nil {
		from, err = filepath.Abs(from)
	}
	if err != nil {
		return nil, err
	}
	if err := nearby.RootAlone(filepath.Dir(database)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; nothing was changed", err)
	}
	if same, err := sameFile(from, database); err != nil || same {
		return nil, cmp.Or(err, fmt.Errorf("%s is the database itself: expected a backup of it", from))
	}
	begun := now.UTC()
	for exists(asideOf(database, begun)) { // of a restore in the same second
		begun = begun.Add(time.Second)
	}
	return &restoring{settings: s, database: database, from: from, gauge: g,
		note: Restored{From: from, Begun: begun, Staged: database + ".restoring-" + begun.Format(stamp)}}, nil
}

// asideOf is where the database of before goes in a restore that begins then.
func asideOf(database string, begun time.Time) string {
	return database + ".before-restore-" + begun.Format(stamp)
}

// begin takes the lock on the database, and sees that nothing speaks against a restore at once.
func begin(ctx context.Context, s *config.Settings, from string, now time.Time, g *progress.Gauge) (*restoring, *nearby.Lock, error) {
	r, err := newRestoring(s, from, now, g)
	if err != nil {
		return nil, nil, err
	}
	lock, err := nearby.TakeLock(r.database, fmt.Sprintf("process %d, which restores it", os.Getpid()))
	if errors.As(err, new(*nearby.LockedError)) {
		return nil, nil, fmt.Errorf("%w\nstop the bot first, so that nothing is written while the backup takes "+
			"its place; nothing was changed", err)
	}
	if err != nil {
		return nil, nil, err
	}
	before, err := finish(r.database, s.KeyFile())
	if errors.Is(err, errForeign) { // this restore writes its own over it
		err = removeStaged(r.database)
	}
	if err != nil || before != nil {
		if before != nil {
			err = fmt.Errorf("a restore of %s was cut short before, and is finished now: to put %s in its place, give the command again",
				before.From, from)
		}
		if err != nil {
			return nil, nil, errors.Join(err, lock.Release())
		}
	}
	if err := r.describe(ctx); err != nil {
		return nil, nil, errors.Join(err, lock.Release())
	}
	return r, lock, nil
}

// describe notes what the backup says of itself.
func (r *restoring) describe(ctx context.Context) error {
	is, err := store.DescribeCopy(ctx, r.from)
	switch {
	case errors.Is(err, store.ErrMissing):
		return fmt.Errorf("there is no file %s: expected a backup that mfabot wrote", r.from)
	case err != nil:
		return fmt.Errorf("the backup cannot be used: %w; nothing was changed", err)
	case is.Newer():
		return fmt.Errorf("%s was written by a newer version of mfabot (%d, this program knows %d): use that version; nothing was changed",
			r.from, is.Have, is.Known)
	}
	if err := checkKey(ctx, r.settings, r.from); err != nil {
		return fmt.Errorf("%s: %w; nothing was changed", r.from, err)
	}
	r.note.AsOf, r.note.Version = is.At, is.Have
	r.note.Messages, r.note.Requests, r.note.Active, r.note.Waiting = is.Messages, is.Requests, is.Active, is.Waiting
	r.compare(ctx, is)
	r.compareNote(ctx)
	times := int64(1)
	if is.Have < is.Known {
		times = 2 // as it is looked through
	}
	return room(filepath.Dir(r.database), times*is.Bytes)
}

// compare notes what is lost, where the present database can be read and is of the same installation.
func (r *restoring) compare(ctx context.Context, copied store.Described) {
	now, err := store.Describe(ctx, r.database)
	if errors.Is(err, store.ErrMissing) {
		r.note.Unread = "there is none"
		return
	}
	r.note.Aside = asideOf(r.database, r.note.Begun)
	if err == nil && now.Instance != copied.Instance {
		err = errors.New("it is another installation's")
	}
	if err == nil {
		err = store.Verify(ctx, r.database)
	}
	var gone store.Gone
	if err == nil {
		gone, err = store.Since(ctx, r.database, copied)
	}
	if err != nil {
		r.note.Unread = err.Error()
		return
	}
	r.note.Gone = &gone
}

// compareNote notes what else is lost, by the note beside the key. What cannot be read there says nothing.
func (r *restoring) compareNote(ctx context.Context) {
	key, err := config.ReadKey(r.settings.KeyFile())
	if err != nil || key.Noted == nil {
		return
	}
	before := r.database
	if r.note.Gone == nil {
		before = r.from
	}
	short, err := store.FarAs(ctx, before, *key.Noted)
	if err != nil || short == nil || short.What == store.OtherName {
		return
	}
	r.note.Noted = key.Noted
	if ends, err := store.NewestEntry(ctx, r.from); err == nil && ends != nil {
		r.note.Ends = ends.Entry
	}
}

// moves are those of a restore, in order.
func (r *restoring) moves() []move {
	staged := r.note.Staged
	return append([]move{
		{"copy", func(ctx context.Context) error { return r.copyTo(ctx, staged) }},
		{"look through", func(ctx context.Context) error { return r.lookThrough(ctx, staged) }},
		{"go on with the references", func(ctx context.Context) error {
			if r.note.Gone == nil {
				return nil
			}
			return store.GoOn(ctx, staged, r.database)
		}},
		{"note", r.vouch},
	}, swap(r.database, r.note)...)
}

// vouch writes the note: which database is meant to be there from now on, and over which one.
func (r *restoring) vouch(ctx context.Context) error {
	key, err := keyFor(r.settings.KeyFile())
	if err == nil {
		r.note.Over = key.Noted
		r.note.Meant, err = store.NewestEntry(ctx, r.note.Staged)
	}
	if err != nil {
		return err
	}
	return writeNote(r.database, r.settings.KeyFile(), r.note)
}

// copyTo writes the copy that is to take the database's place: whole, as SQLite reads it, and as the database's owner has it.
func (r *restoring) copyTo(ctx context.Context, staged string) error {
	measured(r.gauge, r.from, staged)
	from := store.OpenCopyToBackup(r.from)
	_, err := from.Backup(ctx, staged)
	if err := errors.Join(err, from.Close()); err != nil {
		return fmt.Errorf("the backup %s could not be copied beside the database: %w; nothing was changed", r.from, err)
	}
	f, err := nearby.OpenOurs(staged, os.O_RDONLY)
	if err != nil {
		return err
	}
	return errors.Join(nearby.OwnedLike(f, r.database, r.settings.KeyFile()), f.Close())
}

// lookThrough checks that what is in a copy is as mfabot wrote it. What an older version wrote is brought up to date for that,
// in a copy of the copy: it takes the database's place as it is.
func (r *restoring) lookThrough(ctx context.Context, file string) (err error) {
	is, err := store.DescribeCopy(ctx, file)
	if err == nil && is.Have == is.Known {
		err = check(ctx, r.settings, file, true, r.gauge)
	} else if err == nil {
		err = r.lookThroughOlder(ctx, file)
	}
	if err != nil {
		return fmt.Errorf("the backup %s cannot be used: %w; nothing was changed", r.from, err)
	}
	return nil
}

func (r *restoring) lookThroughOlder(ctx context.Context, file string) (err error) {
	scratch := r.note.Staged + ".looked-at"
	from := store.OpenCopyToBackup(file)
	_, err = from.Backup(ctx, scratch)
	if err := errors.Join(err, from.Close()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeAll(scratch, scratch+"-wal", scratch+"-shm")) }()
	db, err := store.Open(ctx, scratch)
	if err != nil {
		return err
	}
	return errors.Join(checkAudit(ctx, r.settings, db, r.gauge), db.Close())
}

// swap are the moves that put the copy in the database's place, each of which may have been made already. What is moved aside
// is a database with its log. The copy is moved last: as long as it is there, what has the database's name is that of before.
func swap(database string, note Restored) (moves []move) {
	staged := note.Staged
	for _, part := range []string{"", "-wal", "-shm"} {
		moves = append(moves, move{"move aside " + part, func(context.Context) error {
			if !exists(staged) {
				return nil
			}
			if note.Aside == "" { // there was no database: a log that lies there is of none
				return removeAll(database + part)
			}
			if err := os.Rename(database+part, note.Aside+part); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		}})
	}
	return append(moves, move{"put in place", func(context.Context) error {
		if err := nearby.SyncFolder(filepath.Dir(database)); err != nil {
			return err
		}
		if err := os.Rename(staged, database); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nearby.SyncFolder(filepath.Dir(database))
	}})
}
