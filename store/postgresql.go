package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"mfabot/store/nearby"
)

// Server is a database of a PostgreSQL server's.
type Server struct {
	URL      string                 // postgres://user@host/database, without a password
	Password func() (string, error) // asked before each connection; nil: there is none
}

// The keys of PostgreSQL's advisory locks. They are of one database, and nobody else's in it.
const (
	turnKey  = `7235171101` // whoever has it is the only one that writes
	aloneKey = `7235171102` // whoever has it is the one bot that runs on the database
)

// postgreSQL is PostgreSQL. A transaction that writes waits for its turn before it reads anything: what it reads from then on, by
// READ COMMITTED, is all that those before it have written.
func postgreSQL() engine {
	return engine{
		goose: goose.DialectPostgres, migrations: "migrations/postgresql",
		turn:      `SELECT pg_advisory_xact_lock(` + turnKey + `)`,
		name:      `SELECT COALESCE(pg_current_xact_id_if_assigned()::text || ' ' || pg_postmaster_start_time()::text, '')`,
		committed: committedThere,
		redact:    `SELECT redact_audit($1, $2)`,
		parts:     serverParts, made: serverSchema, number: serverNumber, harmless: harmlessInServer,
	}
}

// committedThere reports whether a transaction has committed whose connection broke off before that was answered. Only the server that
// ran it is asked, and as long as it runs: another that has taken its place may never have heard of it, and have another of that name.
func committedThere(ctx context.Context, db *sql.DB, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, gone)
	defer cancel()
	begun, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false
	}
	defer func() { _ = begun.Rollback() }()
	if _, err := begun.ExecContext(ctx, postgreSQL().turn); err != nil { // which the server gives once that one has ended
		return false
	}
	number, since, _ := strings.Cut(name, " ")
	var is bool
	err = begun.QueryRowContext(ctx, `SELECT COALESCE(CASE WHEN pg_postmaster_start_time()::text = $2
		THEN pg_xact_status(CAST($1::text AS xid8)) END, '') = 'committed'`, number, since).Scan(&is)
	return err == nil && is
}

// Check returns an error where the URL is none, has a password in it, or leads to another machine without TLS by which it is known to
// be the right one.
func (s Server) Check() error {
	u, err := url.Parse(s.URL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("expected postgres://USER@HOST/DATABASE")
	}
	if _, there := u.User.Password(); there || u.Query().Has("password") {
		return errors.New("expected no password in the URL: set database_password_file")
	}
	c, err := s.config()
	if err != nil {
		return err
	}
	unproven := func(host string, by *tls.Config) error {
		if isHere(host) || by != nil && (!by.InsecureSkipVerify || by.VerifyPeerCertificate != nil) {
			return nil
		}
		return fmt.Errorf("sslmode=%s does not make sure that %s is the right server: set sslmode=verify-full, and sslrootcert "+
			"to the certificate of who signed the server's, unless the system knows it", u.Query().Get("sslmode"), host)
	}
	err = unproven(c.Host, c.TLSConfig)
	for _, other := range c.Fallbacks {
		err = cmp.Or(err, unproven(other.Host, other.TLSConfig))
	}
	return err
}

// isHere reports whether a host is this machine: a socket or a loopback address.
func isHere(host string) bool {
	if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// Name is the URL without the role, and what else only says how to connect.
func (s Server) Name() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "postgres://"
	}
	u.User, u.RawQuery = nil, ""
	return u.String()
}

// gone is after how long the other side of a connection that says nothing is taken to be gone, by either side.
const gone = 20 * time.Second

// config is how to connect.
func (s Server) config() (*pgx.ConnConfig, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	asGiven := q.Has("sslmode")
	if !asGiven {
		q.Set("sslmode", "verify-full")
	}
	if !q.Has("connect_timeout") {
		q.Set("connect_timeout", "10")
	}
	if !q.Has("target_session_attrs") && strings.Contains(u.Host, ",") {
		q.Set("target_session_attrs", "read-write") // of several, the one that is not a standby
	}
	u.RawQuery = q.Encode()
	c, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, err
	}
	elsewhere := func(f *pgconn.FallbackConfig) bool { return !isHere(f.Host) }
	if !asGiven && isHere(c.Host) && !slices.ContainsFunc(c.Fallbacks, elsewhere) {
		c.TLSConfig = nil
		for _, f := range c.Fallbacks {
			f.TLSConfig = nil
		}
	}
	alive := net.KeepAliveConfig{Enable: true, Idle: gone / 2, Interval: gone / 8, Count: 4}
	c.DialFunc = (&net.Dialer{KeepAliveConfig: alive, Timeout: gone / 2}).DialContext
	for name, value := range map[string]string{"application_name": "mfabot", "timezone": "UTC", "client_encoding": "UTF8",
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "4"} {
		if _, set := c.RuntimeParams[name]; !set || name != "application_name" {
			c.RuntimeParams[name] = value
		}
	}
	return c, nil
}

// pool opens connections, each with settings of its own besides those of all; after, unless nil, is done with each first.
func (s Server) pool(settings map[string]string, after func(context.Context, *pgx.Conn) error) (*sql.DB, error) {
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	for name, value := range settings {
		c.RuntimeParams[name] = value
	}
	options := []stdlib.OptionOpenDB{stdlib.OptionBeforeConnect(func(_ context.Context, c *pgx.ConnConfig) (err error) {
		if s.Password != nil {
			c.Password, err = s.Password()
		}
		return err
	})}
	if after != nil {
		options = append(options, stdlib.OptionAfterConnect(after))
	}
	return stdlib.OpenDB(*c, options...), nil
}

// readOnlySettings are those of connections that only read.
func readOnlySettings() map[string]string {
	return map[string]string{"default_transaction_read_only": "on"}
}

// connected is a Store whose writing connection has these settings, and does after first.
func (s Server) connected(settings map[string]string, after func(context.Context, *pgx.Conn) error) (*Store, error) {
	write, err := s.pool(settings, after)
	if err != nil {
		return nil, err
	}
	read, err := s.pool(readOnlySettings(), nil)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	write.SetMaxOpenConns(1)
	read.SetMaxOpenConns(maxReaders)
	read.SetMaxIdleConns(maxReaders)
	store := &Store{engine: postgreSQL(), seals: new(sealing), write: write, read: read}
	store.reader = newReader(reading{read, store.seals})
	return store, nil
}

// Open opens the database, and makes what is in it or brings it up to date where needed, for which the role must own it. The caller
// closes it. It returns ErrNewer where a newer version wrote it.
func (s Server) Open(ctx context.Context) (*Store, error) { return s.open(ctx, nil, nil) }

// OpenAlone is Open for the one bot that runs on the database, as holder says in one line: nobody else opens it so until the Store is
// closed, or its connection is lost. A nearby.LockedError says who has it. What it writes, it writes by a connection that has the
// lock: where that is lost and somebody else has taken it, nothing is written any more.
func (s Server) OpenAlone(ctx context.Context, holder string) (*Store, error) {
	var mark [4]byte // tells this one from any other, however many letters of its name the server keeps
	if _, err := rand.Read(mark[:]); err != nil {
		return nil, err
	}
	name := hex.EncodeToString(mark[:]) + " " + holder
	return s.open(ctx, map[string]string{"application_name": name}, s.alone)
}

func (s Server) open(ctx context.Context, settings map[string]string, after func(context.Context, *pgx.Conn) error) (*Store, error) {
	store, err := s.connected(settings, after)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", s.Name(), err)
	}
	return prepared(s.Name(), store, func(store *Store) error {
		err := store.engine.current(ctx, store.write)
		if err == nil {
			return store.checkCurrent(ctx)
		}
		if made, again := isMade(ctx, store.write); again != nil || made && !errors.Is(err, ErrOlder) {
			return disconnected(errors.Join(err, again))
		}
		return s.migrated(ctx, store)
	})
}

// migrated brings a database up to date while nobody else does.
func (s Server) migrated(ctx context.Context, store *Store) (err error) {
	turn, err := s.pool(nil, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	begun, err := turn.BeginTx(ctx, nil)
	if err != nil {
		return disconnected(err)
	}
	defer func() { _ = begun.Rollback() }()
	if _, err := begun.ExecContext(ctx, store.engine.turn); err != nil {
		return disconnected(err)
	}
	if err := hasUTF8(ctx, begun); err != nil {
		return err
	}
	if err := store.engine.migrate(ctx, store.write); err != nil {
		return disconnected(err)
	}
	return store.nameInstance(ctx)
}

// hasUTF8 returns a Trouble where a database cannot hold every text.
func hasUTF8(ctx context.Context, begun *sql.Tx) error {
	var encoding string
	if err := begun.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		return disconnected(err)
	}
	if encoding != "UTF8" {
		return &Trouble{Hint: "create the database with ENCODING 'UTF8'", err: fmt.Errorf("its encoding is %s", encoding)}
	}
	return nil
}

// isMade reports whether there is anything of mfabot's in a database.
func isMade(ctx context.Context, db *sql.DB) (made bool, err error) {
	err = db.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&made)
	return made, disconnected(err)
}

// OpenCurrent opens the database without bringing it up to date, for a command beside the one process that does. It returns ErrOlder
// or ErrNewer where another version wrote it.
func (s Server) OpenCurrent(ctx context.Context) (*Store, error) { return s.openCurrent(ctx, nil) }

// OpenToRead is OpenCurrent for a command that only looks: whatever is called, the database stays as it is.
func (s Server) OpenToRead(ctx context.Context) (*Store, error) {
	return s.openCurrent(ctx, readOnlySettings())
}

func (s Server) openCurrent(ctx context.Context, settings map[string]string) (*Store, error) {
	store, err := s.connected(settings, nil)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", s.Name(), err)
	}
	return prepared(s.Name(), store, func(store *Store) error { return disconnected(store.checkCurrent(ctx)) })
}

// Inspect checks that there is a database of ours; it changes nothing. It returns ErrMissing where nothing of mfabot's is in it.
func (s Server) Inspect(ctx context.Context) error {
	err := s.asked(func(db *sql.DB) error {
		made, err := isMade(ctx, db)
		if err == nil && !made {
			err = ErrMissing
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("database %s: %w", s.Name(), err)
	}
	return nil
}

// asked passes a connection to do, for reading.
func (s Server) asked(do func(*sql.DB) error) (err error) {
	db, err := s.pool(readOnlySettings(), nil)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(db)
}

// alone takes the lock of the one bot on a connection. It is that connection's, and is given up with it. One that this bot had before
// and has lost may be there still, where the server has not noticed: it is ended.
func (s Server) alone(ctx context.Context, c *pgx.Conn) error {
	if _, err := c.Exec(ctx, `SELECT pg_terminate_backend(pid, 10000) FROM (`+lockHolder+`) AS h
		WHERE name = current_setting('application_name') AND pid <> pg_backend_pid()`); err != nil {
		return err
	}
	var taken bool
	if err := c.QueryRow(ctx, `SELECT pg_try_advisory_lock(`+aloneKey+`)`).Scan(&taken); err != nil || taken {
		return err
	}
	var holder string
	if err := c.QueryRow(ctx, `SELECT name FROM (`+lockHolder+`) AS h`).Scan(&holder); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	return &Trouble{Passes: true, Hint: "leave the work to one of the two, and stop the other",
		err: &nearby.LockedError{Database: s.Name(), Holder: unmarked(holder)}}
}

// unmarked is the name of a holder without what tells it from others.
func unmarked(holder string) string {
	_, name, _ := strings.Cut(holder, " ")
	return name
}

// lockHolder selects the connection that has the lock of the one bot, and what that calls itself.
const lockHolder = `
	SELECT pid, application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
	WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid::bigint << 32 | objid::bigint = ` + aloneKey + `
		AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`

// Holder returns who has the lock on the database, as it calls itself; empty if nobody has.
func (s Server) Holder(ctx context.Context) (holder string, err error) {
	err = s.asked(func(db *sql.DB) error {
		err := db.QueryRowContext(ctx, `SELECT name FROM (`+lockHolder+`) AS h`).Scan(&holder)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return disconnected(err)
	})
	return unmarked(holder), err
}
