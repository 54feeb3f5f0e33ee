package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
	"mfabot/store/nearby"
)

// clockOffset says so where the clock is moved, which is for tests only.
func (d *Doctor) clockOffset(context.Context) finding {
	if off := d.settings.ClockOffset; off != 0 {
		return bad(fmt.Sprintf("the clock is moved by %s", off), "Take clock_offset out of [testing].")
	}
	return fine("the clock is the machine's")
}

// secrets finds those that are not there, and files with secrets that everybody may read.
func (d *Doctor) secrets(context.Context) finding {
	switch folder, err := d.settings.Missing(); {
	case folder != "":
		return bad("the passwords are the service's credentials, which systemd gives to nobody else", fmt.Sprintf(
			"Type: sudo CREDENTIALS_DIRECTORY=%s mfabot doctor --config %s", folder, d.settings.File))
	case err != nil:
		return bad(err.Error(), "Give them to doctor as the bot gets them, in the same variables or credentials.")
	}
	if err := d.settings.CheckExposed(); err != nil {
		return poor(err.Error(), "chmod o= each of these files, and have another secret if somebody may have read it.")
	}
	return fine("nobody else reads the files with secrets, the database and its key")
}

// listen says whether the status page can be where it is to be.
func (d *Doctor) listen(ctx context.Context) finding {
	addr := d.settings.Service.Listen
	if d.db != nil {
		if d.runs(ctx) {
			return fine("%s is for the bot that runs", addr)
		}
	}
	if err := bot.CheckListen(ctx, addr); err != nil {
		return bad(addr+" cannot be listened at: "+last(err), fmt.Sprintf(
			"Put another port into service.listen, or end what has %s (ss -ltnp says who): `mfabot run` ends without it.", addr))
	}
	return fine("%s can be listened at", addr)
}

// runs reports whether a bot runs on the database.
func (d *Doctor) runs(ctx context.Context) bool {
	holder, err := "", error(nil)
	if d.settings.Server != nil {
		holder, err = d.settings.Server.Holder(ctx)
	} else {
		holder, err = nearby.LockHolder(d.settings.Database)
	}
	return err == nil && holder != ""
}

// templates tries the operator's own words.
func (d *Doctor) templates(context.Context) finding {
	if _, err := bot.Emails(d.settings); err != nil {
		return bad(err.Error(), "Put the file right. `mfabot preview TEMPLATE` shows what comes of it.")
	}
	if d.settings.Templates == "" {
		return fine("the embedded ones")
	}
	return fine("those in %s, and the embedded ones", d.settings.Templates)
}

// ours says whose telephone number letters give.
func (d *Doctor) ours(context.Context) finding {
	p := d.settings.Policy
	borrowed, err := p.Borrowed(d.settings.Service.Address)
	switch {
	case err != nil:
		return bad(err.Error(), "This is a fault of mfabot.")
	case len(borrowed) > 0:
		return poor("letters give what is built in, and is NHSmail's: "+strings.Join(borrowed, ", "),
			"Put your own into a policy of yours, and name its file in policy (docs/policy.md).")
	}
	return fine("letters say to call %s", p.Telephone)
}

// backups says whether a copy of the database could be made now.
func (d *Doctor) backups(context.Context) finding {
	b := d.settings.Backup
	if err := (backups.Folder{Dir: b.Dir}).Usable(); err != nil {
		found, mend, _ := strings.Cut(err.Error(), ": ")
		return bad(found, strings.ToUpper(mend[:1])+mend[1:]+" (backup.dir).")
	}
	return fine("one can be written into %s", b.Dir)
}

// disk says whether there is room for the database.
func (d *Doctor) disk(context.Context) finding {
	if d.around.Space == nil {
		return fine("the database is a server's, where its disk is looked after")
	}
	folder := filepath.Dir(d.settings.Database)
	free, total, err := d.around.Space()
	if err != nil {
		return bad(fmt.Sprintf("%s: %v", folder, err), "See that the folder of the database is there, and its disk mounted.")
	}
	if kept := bot.Kept(total); free <= kept {
		return bad(fmt.Sprintf("%d MB are free in %s, and %d MB are kept for what must not wait: new messages stay in the inbox",
			free>>20, folder, kept>>20), "Make room on the disk of the database.")
	}
	if err := syscall.Access(folder, mayWrite); err != nil {
		return bad(fmt.Sprintf("this user may not write in %s: %v", folder, err),
			"Run doctor as the user that runs mfabot, and give the folder to that user with chown.")
	}
	return fine("%d MB are free in %s", free>>20, folder)
}

// What access(2) is asked for: the right to write to a file, and to make files in a folder.
const (
	mayChangeFile = 0x2
	mayWrite      = mayChangeFile | 0x1
)

// database opens it for reading, and says who has it.
func (d *Doctor) database(ctx context.Context) finding {
	if d.settings.Server != nil {
		return d.server(ctx)
	}
	file := d.settings.Database
	if err := store.Inspect(ctx, file); errors.Is(err, store.ErrMissing) {
		return d.noDatabase()
	}
	db, err := bot.OpenUnchecked(ctx, d.settings)
	if err != nil {
		first, rest, _ := strings.Cut(err.Error(), "\n")
		if rest == "" {
			rest = "See that this user may read and write " + file + ", and that this is the version that wrote it " +
				"(docs/backup.md, A new version)."
		}
		return bad(first, rest)
	}
	d.db = db
	if err := syscall.Access(file, mayChangeFile); err != nil {
		return bad(fmt.Sprintf("this user may not write to %s: %v", file, err),
			"Run doctor as the user that runs mfabot, and give the file to that user with chown.")
	}
	holder, err := nearby.LockHolder(file)
	switch {
	case err != nil:
		return bad(err.Error(), "Run doctor as the user that runs mfabot.")
	case holder == "":
		return fine("%s can be read; no bot runs on it", file)
	}
	return fine("%s can be read; the bot that runs on it is %s", file, holder)
}

// server is database for one of a server's.
func (d *Doctor) server(ctx context.Context) finding {
	name := d.settings.Database
	if err := d.settings.Server.Inspect(ctx); errors.Is(err, store.ErrMissing) {
		return fine("there is nothing in %s yet: `mfabot migrate` or `mfabot run` makes the tables", name)
	}
	db, err := bot.OpenUnchecked(ctx, d.settings)
	if err != nil {
		first, rest, _ := strings.Cut(err.Error(), "\n")
		return bad(first, cmp.Or(rest, "See docs/postgresql.md."))
	}
	d.db = db
	holder, err := d.settings.Server.Holder(ctx)
	switch {
	case err != nil:
		return bad(err.Error(), "See docs/postgresql.md.")
	case holder == "":
		return fine("%s can be read; no bot runs on it", name)
	}
	return fine("%s can be read; the bot that runs on it is %s", name, holder)
}

// noDatabase says whether one can be made.
func (d *Doctor) noDatabase() finding {
	file, key := d.settings.Database, d.settings.KeyFile()
	if _, err := os.Stat(key); err == nil {
		return bad(fmt.Sprintf("there is no database %s, but there was one, as its key %s exists", file, key),
			"If the path is right, put the newest backup in its place: mfabot restore FILE. To start afresh, move "+
				"the key into another folder.")
	}
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		return bad("there is no folder for the database: "+err.Error(), "Make the folder, or put the right path into database.")
	}
	return fine("there is none yet: `mfabot run` makes %s", file)
}

// key says whether the key beside the database is its own.
func (d *Doctor) key(ctx context.Context) finding {
	if err := bot.CheckKey(ctx, d.settings); err != nil {
		return bad(err.Error(), fmt.Sprintf("Copy back the key that belongs to the database, from where you "+
			"keep it, to %s, and give it to the "+
			"user that runs mfabot.", d.settings.KeyFile()))
	}
	if _, err := config.ReadKey(d.settings.KeyFile()); err != nil {
		return fine("there is none yet: `mfabot run` makes %s", d.settings.KeyFile())
	}
	if err := bot.CheckNote(ctx, d.settings); err != nil {
		return poor(err.Error(), "Stop the bot, and put the newest database that you have in its place: mfabot restore FILE. "+
			"Or to go on with this one: mfabot backup COPY, and mfabot restore COPY.")
	}
	if err := errors.Join(d.settings.MayNote(), config.CheckNote(d.settings.KeyFile())); err != nil {
		return fine("%s is the database's; keep a copy of it apart from the backups. But %v", d.settings.KeyFile(), err)
	}
	return fine("%s is the database's; keep a copy of it apart from the backups", d.settings.KeyFile())
}

// lookBack is how far back the senders are looked for whom no site has.
const lookBack = 30 * 24 * time.Hour

// fewStrangers is how many messages from one domain that no site has are nothing to speak of.
const fewStrangers = 3

// sites counts them, and who wrote whom they have not.
func (d *Doctor) sites(ctx context.Context) finding {
	n := d.settings.Sites.Len()
	if n == 0 {
		return bad("the register has no sites: nobody can ask for an exception", "Put the sites into the file that sites names.")
	}
	if d.db == nil {
		return fine("%d in the register", n)
	}
	strangers, err := d.db.Strangers(ctx, d.around.Clock().Add(-lookBack))
	if err != nil {
		return bad(err.Error(), "See what is said of the database.")
	}
	var often []string
	total := int64(0)
	for _, s := range strangers {
		total += s.N
		if s.N > fewStrangers && len(often) < 5 {
			often = append(often, fmt.Sprintf("%s (%d)", s.Domain, s.N))
		}
	}
	if len(often) > 0 {
		return bad(fmt.Sprintf("%d in the register, and in the last 30 days %d messages were refused whose "+
			"senders none of them has: %s", n, total,
			strings.Join(often, ", ")),
			"See who wrote (`mfabot inbound`). If they are sites, add their mailboxes to the file that sites names.")
	}
	return fine("%d in the register; in the last 30 days %d messages came from senders whom none of them has", n, total)
}

// clamd has a harmless file checked.
func (d *Doctor) clamd(ctx context.Context) finding {
	_, err := d.settings.Scanner.Scan(ctx, func(w io.Writer) error {
		_, err := io.WriteString(w, "a harmless file of mfabot doctor")
		return err
	})
	if err != nil {
		return bad(err.Error(), "See that clamd runs where evidence.clamd says, and that this user may use its socket.")
	}
	return fine("it checks files")
}

// asked is the name server that keys are asked of, in words.
func (d *Doctor) asked() string { return cmp.Or(d.settings.Service.Resolver, "the system's") }

// resolver asks the name server for something that need not be there.
func (d *Doctor) resolver(ctx context.Context) finding {
	within, cancel := context.WithTimeout(ctx, d.around.Silence)
	defer cancel()
	_, domain, _ := strings.Cut(d.settings.Service.Address, "@")
	_, err := d.keys.LookupTXT(within, "_dmarc."+domain)
	where := d.asked()
	var dns *net.DNSError
	if err != nil && !(errors.As(err, &dns) && dns.IsNotFound) {
		return bad(fmt.Sprintf("the name server (%s) does not answer: %v", where, err),
			"Put the address of a name server that answers into service.resolver, such as 127.0.0.1:53, or leave it out.")
	}
	return fine("%s answers", where)
}

// mayChange is a directory that can say whether its group may be changed, without changing it.
type mayChange interface {
	MayChange(ctx context.Context) error
}

// directorySteps are about where MFA is enforced.
func (d *Doctor) directorySteps() []step {
	dir := d.settings.Directory
	all := []step{{"directory: group", []string{secrets}, func(ctx context.Context) finding {
		members, err := dir.Members(ctx)
		if err != nil {
			return bad(err.Error(), "Put right what is named of [directory], or give its account the rights in docs/directory.md.")
		}
		return fine("%d users are exempt now", len(members))
	}}}
	if may, can := dir.(mayChange); can {
		all = append(all, step{"directory: rights", []string{"directory: group"}, func(ctx context.Context) finding {
			if err := may.MayChange(ctx); err != nil {
				return bad(err.Error(), "Give the account of [directory] the right to change the members of the group (docs/directory.md).")
			}
			return fine("the group may be changed")
		}})
	}
	return append(all, step{"directory: a user", []string{"directory: group"}, d.someUser})
}

// someUser looks up reviewers, who may well have an account, until one is found.
func (d *Doctor) someUser(ctx context.Context) finding {
	for _, r := range d.settings.Reviewers {
		a, err := d.settings.Directory.Account(ctx, r.Address)
		if err != nil {
			return bad(err.Error(), "Give the account of [directory] the right to read users, and see that base "+
				"and filter fit (docs/directory.md).")
		}
		if a.Exists {
			return fine("%s is found, methods registered: %s", r.Address, methodsOf(a))
		}
	}
	return fine("users can be looked for; no reviewer has an account in this directory")
}

func methodsOf(a intake.Account) string { return string(a.Methods) }
