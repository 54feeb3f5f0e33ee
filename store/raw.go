package store

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"mfabot/intake"
	"mfabot/store/internal/fold"
)

const (
	// chunkSize is how many bytes of a raw message one row holds.
	chunkSize = 256 << 10
	// packWindow is how many bytes back compression looks for repetition, and so how many are held in memory
	// while a raw message is written or read.
	packWindow = 256 << 10
	// encrypted begins a raw message that is encrypted (age-encryption.org/v1).
	encrypted = "age-encryption.org/"
	// folded begins, in that, one whose base64 was taken out before it was compressed. Others, which are older, begin with the magic
	// number of zstd.
	folded = "mfabot folded 1\n"
)

// ErrKey says that a raw message is encrypted to a key that is not there.
var ErrKey = errors.New("it is encrypted")

// Key encrypts raw messages, and decrypts those that are encrypted.
type Key struct {
	file       string
	recipient  age.Recipient
	identities []age.Identity
}

// ReadKey reads a file that age-keygen wrote. The first identity in it encrypts and all of them decrypt, so
// that a new key goes above the one it replaces. No error reveals what is in the file.
func ReadKey(file string) (*Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	k := &Key{file: file}
	if k.identities, err = age.ParseIdentities(bytes.NewReader(text)); err == nil {
		switch identity := k.identities[0].(type) {
		case *age.X25519Identity:
			k.recipient = identity.Recipient()
		case *age.HybridIdentity:
			k.recipient = identity.Recipient()
		}
	}
	if k.recipient == nil {
		return nil, fmt.Errorf("%s: expected a file as age-keygen writes it, with lines that begin with AGE-SECRET-KEY", file)
	}
	return k, nil
}

// open decrypts what was encrypted to one of the identities; k may be nil.
func (k *Key) open(from io.Reader) (io.Reader, error) {
	if k == nil {
		return nil, fmt.Errorf("%w, and no key is configured: set age_identity_file to the file with its key", ErrKey)
	}
	content, err := age.Decrypt(from, k.identities...)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return nil, fmt.Errorf("%w to a key that is not in %s: "+
			"add the key that was used then to that file, below the first", ErrKey, k.file)
	}
	return content, err
}

// rawMessages stores raw messages, and reads them.
type rawMessages struct {
	db  *sql.DB // to read from
	key *Key    // nil: raw messages are not encrypted

	// Raw messages are compressed one at a time, by the one connection that writes.
	pack *zstd.Encoder
	rows *bufio.Writer

	readers sync.Pool // of *rawReader
}

func newRawMessages(db *sql.DB) (*rawMessages, error) {
	// What base64 is left after folding has lines of another length: nothing repeats in it, and coding its letters saves a quarter.
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(packWindow), zstd.WithZeroFrames(true),
		zstd.WithAllLitEntropyCompression(true))
	return &rawMessages{db: db, pack: z, rows: bufio.NewWriterSize(nil, chunkSize)}, err
}

// UseKey has raw messages encrypted from now on, and decrypted. It must be called before anything else is done
// with the store.
func (s *Store) UseKey(k *Key) { s.raw.key = k }

// add stores the bytes of a message in chunks: folded, compressed, and then encrypted where there is a key.
func (m *rawMessages) add(ctx context.Context, t *transaction, inboundID int64, raw []byte) (err error) {
	n := 0
	m.rows.Reset(writerFunc(func(content []byte) (int, error) {
		_, err := t.exec(ctx, `INSERT INTO raw_message (inbound_id, n, content) VALUES ($1, $2, $3)`, inboundID, n, content)
		n++
		return len(content), err
	}))
	var to io.WriteCloser = nopCloser{m.rows}
	if m.key != nil {
		if to, err = age.Encrypt(m.rows, m.key.recipient); err != nil {
			return fmt.Errorf("encrypting raw message %d: %w", inboundID, err)
		}
	}
	if _, err = io.WriteString(to, folded); err == nil {
		m.pack.Reset(to)
		err = fold.Write(m.pack, raw)
	}
	for _, finish := range []func() error{m.pack.Close, to.Close, m.rows.Flush} {
		if err == nil {
			err = finish()
		}
	}
	return err
}

// Raw returns the bytes of a message as it arrived, for the caller to read and close. It returns ErrPurged
// where they are not kept any more, ErrNotFound where there is no such message, and ErrKey where they are
// encrypted to a key that the store does not have.
//
// Each chunk is a query of its own: however long the reading takes, it keeps no connection and holds up nobody.
// A missing end is an error of the reading, and never a shorter message.
func (s *Store) Raw(ctx context.Context, inboundID int64) (io.ReadCloser, error) {
	m := s.raw
	r, used := m.readers.Get().(*rawReader)
	if !used {
		r = &rawReader{in: bufio.NewReaderSize(nil, len(folded))}
	}
	r.inboundID, r.release = inboundID, func() { m.readers.Put(r) }
	r.chunks = &chunkReader{next: func(n int, into []byte) ([]byte, error) { return m.chunk(ctx, inboundID, n, into) }}
	err := r.chunks.load()
	if errors.Is(err, sql.ErrNoRows) {
		err = m.missing(ctx, inboundID)
	} else if err == nil {
		err = r.open(m.key)
	}
	if err != nil {
		err = r.explained(err)
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// missing says why a message has no raw bytes: it returns ErrPurged or ErrNotFound.
func (m *rawMessages) missing(ctx context.Context, inboundID int64) error {
	purged, err := value[int64](ctx, reading{m.db, new(sealing)}, `SELECT raw_purged_at FROM inbound WHERE id = $1`, inboundID)
	switch {
	case err != nil:
		return err
	case purged > 0:
		return intake.ErrPurged
	}
	return intake.ErrNotFound
}

// chunk reads one chunk, into the given memory where it fits, or returns sql.ErrNoRows.
func (m *rawMessages) chunk(ctx context.Context, inboundID int64, n int, into []byte) ([]byte, error) {
	rows, err := reading{m.db, nil}.query(ctx, `SELECT content FROM raw_message WHERE inbound_id = $1 AND n = $2`, inboundID, n)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return nil, cmp.Or(rows.Err(), sql.ErrNoRows)
	}
	var content sql.RawBytes // the driver's own memory, which is overwritten
	if err := rows.Scan(&content); err != nil {
		return nil, err
	}
	return append(into[:0], content...), rows.Err()
}

// chunkReader reads a raw message as it is stored.
type chunkReader struct {
	next   func(n int, into []byte) ([]byte, error)
	n      int    // chunks read
	held   []byte // the last one
	rest   []byte // what is still to be read of it
	failed error  // why no further one could be read, other than the end
}

// load reads the next chunk.
func (c *chunkReader) load() (err error) {
	if c.held, err = c.next(c.n, c.held); err == nil {
		c.rest = c.held
		c.n++
	} else if !errors.Is(err, sql.ErrNoRows) {
		c.failed = err
	}
	return err
}

func (c *chunkReader) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if err := c.load(); errors.Is(err, sql.ErrNoRows) {
			return 0, io.EOF
		} else if err != nil {
			return 0, err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// rawReader reads one raw message after another as it arrived.
type rawReader struct {
	inboundID int64
	chunks    *chunkReader
	in        *bufio.Reader // what is compressed
	unpack    *zstd.Decoder
	unfold    fold.Reader
	out       io.Reader
	release   func()
}

// open begins to read what the chunks hold.
func (r *rawReader) open(k *Key) (err error) {
	from := io.Reader(r.chunks)
	if bytes.HasPrefix(r.chunks.rest, []byte(encrypted)) {
		if from, err = k.open(from); err != nil {
			return err
		}
	}
	r.in.Reset(from)
	if r.unpack == nil {
		if r.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true)); err != nil {
			return err
		}
	}
	r.out = r.unpack
	if begins, _ := r.in.Peek(len(folded)); string(begins) == folded { // what cannot be read is found below
		_, err = r.in.Discard(len(folded))
		r.unfold.Reset(r.unpack)
		r.out = &r.unfold
	}
	return cmp.Or(err, r.unpack.Reset(r.in))
}

func (r *rawReader) Read(p []byte) (int, error) {
	n, err := r.out.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = r.explained(err)
	}
	return n, err
}

// explained adds to an error which message it is about. What the database said takes precedence over what age
// and zstd make of it.
func (r *rawReader) explained(err error) error {
	return fmt.Errorf("raw message %d: %w", r.inboundID, cmp.Or(r.chunks.failed, err))
}

// Close ends the reading. It must be called once only.
func (r *rawReader) Close() (err error) {
	r.in.Reset(nil)
	if r.unpack != nil {
		err = r.unpack.Reset(nil)
	}
	defer r.release()
	return err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
