package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io"
	"strconv"
	"time"

	"mfabot/intake"
)

// How the entries of the audit are chained.
//
// The hash of an entry covers the whole entry, and the hash of the entry before it of the same reference. Its
// words and who it was by are covered by way of a digest, so that they can be removed later (see Redact). A
// salt, which is removed with them, keeps anybody from guessing them from the digest.
//
// All entries together form a chain as well, in the order of their numbers, so that one hash stands for all
// that is on record: the root of a checkpoint.
//
// Anybody can make hashes. So the head of each chain is sealed with a key that is not in the database. A seal
// is made from the one before it, which is kept nowhere: whoever changes the end of a chain cannot make a seal
// that fits, and the seals that follow do not fit either.

// everything is the reference of the head of all entries.
const everything = "*"

// saltSize is the size of a salt in bytes.
const saltSize = 16

// entry is a row of the audit. Its hashes are in hexadecimal.
type entry struct {
	id       int64 // among all entries, from 1, without gaps
	ref      string
	seq      int64 // among those of ref, from 1, without gaps
	at       int64
	event    string
	by, text string // empty where they were redacted
	command  string // likewise
	salt     string // likewise
	digest   string // of these four
	hash     string
	redacted string // the mark of who redacted it
	until    int64  // until when it exempts; 0 for an entry with which no exception begins
	whom     string // the user, as a hash that auditKey.user makes
}

// contentDigest is the digest of what can be redacted. An entry that no command caused has the digest that all
// had before commands were told apart.
func (e *entry) contentDigest() string {
	content := []string{"mfabot audit content", e.salt, e.by, e.text}
	if e.command != "" {
		content = append(content, e.command)
	}
	return sum(sha256.New(), content...)
}

// hashAfter is the hash of the entry when it follows one that has the hash previous, which is empty for the
// first.
func (e *entry) hashAfter(previous string) string {
	fields := []string{"mfabot audit entry", previous, decimal(e.id), e.ref, decimal(e.seq), decimal(e.at), e.event, e.digest}
	if e.until != 0 || e.whom != "" { // others are as they were before there were such
		fields = append(fields, decimal(e.until), e.whom)
	}
	return sum(sha256.New(), fields...)
}

// hashOfAll is the hash over all entries up to the one with the given hash.
func hashOfAll(previous, hash string) string {
	return sum(sha256.New(), "mfabot audit root", previous, hash)
}

// head is the end of a chain.
type head struct {
	ref    string
	length int64  // the number of its newest entry
	hash   string // of that entry; of all entries where ref is everything
	mac    string // the seal
}

// next is the head after one more entry.
func (h head) next(entryHash, hash string, key auditKey) head {
	h.length++
	return head{h.ref, h.length, hash, key.seal(h.mac, h.ref, h.length, entryHash)}
}

// linked makes an entry of the audit, and returns it with the heads of its chain and of all entries as they
// are after it.
func linked(e intake.HistoryEntry, own, all head, key auditKey) (r entry, newOwn, newAll head, err error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return r, own, all, err
	}
	r = entry{id: all.length + 1, ref: e.Ref, seq: own.length + 1, at: unix(e.At), event: string(e.Event), by: e.By, text: e.Text,
		command: e.Command, salt: hex.EncodeToString(salt), until: unix(e.Until), whom: key.user(e.Ref, e.User)}
	r.digest = r.contentDigest()
	r.hash = r.hashAfter(own.hash)
	return r, own.next(r.hash, r.hash, key), all.next(r.hash, hashOfAll(all.hash, r.hash), key), nil
}

// auditKey seals the heads. A nil key seals nothing: its seals are empty.
type auditKey []byte

// SealKey is what the audit, and the rows that the bot acts on, are sealed with. All of it is kept apart from the
// database: whoever can write only
// there can neither make a seal nor pretend that there never was one.
type SealKey struct {
	Secret []byte
	Used   bool   // the audit was sealed with it: if no seal is there, they were removed
	Rows   bool   // and so were the rows that the bot acts on, or were about to be
	Begun  string // what these were when that began: see SealRows
	Noted  *Noted // how far the audit had come at least; nil where that is not known
}

// Noted is how far the audit has come: its newest entry, and in whose database. It is kept beside the key as well, sealed, and
// may lag behind. All that an older copy of the database holds is as mfabot wrote it; only this tells that it is older.
type Noted struct {
	Instance string    `json:"instance"`
	Entry    int64     `json:"entry"`
	Hash     string    `json:"hash"`
	At       time.Time `json:"at"`
	Root     string    `json:"root,omitempty"` // of all entries up to it; empty where an earlier version noted it
}

// SealOf returns the seal of what is noted beside the key.
func (k SealKey) SealOf(n Noted) string {
	fields := []string{"mfabot audit noted", n.Instance, decimal(n.Entry), n.Hash, decimal(unix(n.At))}
	if n.Root != "" { // others are as they were before there was one
		fields = append(fields, n.Root)
	}
	return newAuditKey(k.Secret).mac(fields...)
}

// SealOfRestore returns the seal of the note of a restore, as it is written; empty where there is no key.
func (k SealKey) SealOfRestore(note []byte) string {
	return newAuditKey(k.Secret).mac("mfabot restore", string(note))
}

// newAuditKey derives the key from the one that is kept beside the database.
func newAuditKey(key []byte) auditKey {
	if len(key) == 0 {
		return nil
	}
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, "audit")
	return h.Sum(nil)
}

// seal returns the seal of a chain whose seal was previous before its newest entry.
func (k auditKey) seal(previous, ref string, length int64, hash string) string {
	return k.mac("mfabot audit head", previous, ref, decimal(length), hash)
}

// redaction returns the mark of a redacted entry, by the entry's hash.
func (k auditKey) redaction(hash string) string { return k.mac("mfabot audit redacted", hash) }

// user returns what the entry with which an exception begins has of its user: nobody without the key can tell who it
// is, or that two exceptions are of one user.
func (k auditKey) user(ref, email string) string {
	if email == "" {
		return ""
	}
	return k.mac("mfabot audit user", ref, email)
}

func (k auditKey) mac(fields ...string) string {
	if k == nil {
		return ""
	}
	return sum(hmac.New(sha256.New, k), fields...)
}

// sum hashes fields, each preceded by its length, so that no two lists of fields hash the same bytes.
func sum(h hash.Hash, fields ...string) string {
	feed(h, fields...)
	return hex.EncodeToString(h.Sum(nil))
}

func feed(h hash.Hash, fields ...string) {
	for _, f := range fields {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		_, _ = h.Write(n[:])
		_, _ = io.WriteString(h, f)
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
