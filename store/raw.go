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

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

const (
	// chunkSize is how many bytes of a raw message one row holds.
	chunkSize = 256 << 10
	// packWindow is how many bytes back compression looks for repetition, and so how many are held in memory
	// while a raw message is written or read.
	packWindow = 256 << 10
	// encrypted begins a raw message that is encrypted (age-encryption.org/v1). Others begin with the magic
	// number of zstd.
	encrypted = "age-encryption.org/"
)

// packer compresses raw messages, one at a time: it belongs to the one connection that writes.
type packer struct {
	zstd *zstd.Encoder
	rows *bufio.Writer
}

func newPacker() (*packer, error) {
	// Evidence is base64: nothing repeats in it, and coding its letters saves a quarter nonetheless.
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(packWindow), zstd.WithZeroFrames(true),
		zstd.WithAllLitEntropyCompression(true))
	return &packer{zstd: z, rows: bufio.NewWriterSize(nil, chunkSize)}, err
}

// addRaw stores the bytes of a message in chunks: compressed, and then encrypted where there is a key.
func (t *tx) addRaw(ctx context.Context, inboundID int64, raw []byte) (err error) {
	n := 0
	rows := t.store.pack.rows
	rows.Reset(writerFunc(func(content []byte) (int, error) {
		_, err := t.ExecContext(ctx, `INSERT INTO raw_message (inbound_id, n, content) VALUES ($1, $2, $3)`, inboundID, n, content)
		n++
		return len(content), err
	}))
	var to io.WriteCloser = nopCloser{rows}
	if key := t.store.rawKey; key != nil {
		if to, err = age.Encrypt(rows, key.recipient); err != nil {
			return fmt.Errorf("encrypting raw message %d: %w", inboundID, err)
		}
	}
	pack := t.store.pack.zstd
	pack.Reset(to)
	_, err = pack.Write(raw)
	for _, finish := range []func() error{pack.Close, to.Close, rows.Flush} {
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
// Each chunk is a query of its own: however long the reading takes, it keeps no connection and holds up
// nobody. A missing end is an error of the reading, and never a shorter message.
func (s *Store) Raw(ctx context.Context, inboundID int64) (io.ReadCloser, error) {
	c := &chunkReader{next: func(n int, into []byte) ([]byte, error) { return s.chunk(ctx, inboundID, n, into) }}
	r := &rawReader{inboundID: inboundID, chunks: c}
	if err := c.load(); errors.Is(err, sql.ErrNoRows) {
		return nil, r.explained(s.missing(ctx, inboundID))
	} else if err != nil {
		return nil, r.explained(err)
	}
	from, err := io.Reader(c), error(nil)
	if bytes.HasPrefix(c.rest, []byte(encrypted)) {
		from, err = s.rawKey.open(c)
	}
	if err != nil {
		return nil, r.explained(err)
	}
	var used bool
	if r.unpack, used = s.unpackers.Get().(*zstd.Decoder); !used {
		r.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	}
	if err == nil {
		err = r.unpack.Reset(from)
	}
	if err != nil {
		return nil, r.explained(err)
	}
	r.release = func() error {
		defer s.unpackers.Put(r.unpack)
		return r.unpack.Reset(nil)
	}
	return r, nil
}

// chunk reads one chunk, into the given memory where it fits, or returns sql.ErrNoRows.
func (s *Store) chunk(ctx context.Context, inboundID int64, n int, into []byte) ([]byte, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT content FROM raw_message WHERE inbound_id = $1 AND n = $2`, inboundID, n)
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

// rawReader reads one raw message as it arrived.
type rawReader struct {
	inboundID int64
	chunks    *chunkReader
	unpack    *zstd.Decoder
	release   func() error
}

func (r *rawReader) Read(p []byte) (int, error) {
	n, err := r.unpack.Read(p)
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
func (r *rawReader) Close() error { return r.release() }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
