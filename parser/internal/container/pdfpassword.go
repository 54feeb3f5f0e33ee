package container

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
)

// pdfSecurity is what the standard security handler of a PDF says.
type pdfSecurity struct {
	revision, keyBytes int
	permissions        uint32
	id, owner, user    []byte
	plainMetadata      bool
}

// pdfPadding fills passwords up (ISO 32000-2 section 7.6.4.3.2).
const pdfPadding = "\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08" +
	"\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a"

// opens reports whether the empty password is the user's: such a document only forbids printing or changing.
func (s pdfSecurity) opens() bool {
	switch s.revision {
	case 2, 3, 4:
		return len(s.owner) >= 32 && len(s.user) >= 32 && bytes.HasPrefix(s.user, s.userEntry())
	case 5, 6:
		if len(s.user) < 48 {
			return false
		}
		salt := s.user[32:40]
		if s.revision == 5 {
			sum := sha256.Sum256(salt)
			return bytes.Equal(sum[:], s.user[:32])
		}
		return bytes.Equal(pdfHash(salt), s.user[:32])
	}
	return false
}

// userEntry computes what /U must begin with for the empty password (algorithms 2, 4 and 5).
func (s pdfSecurity) userEntry() []byte {
	n := 5
	switch s.revision {
	case 3:
		n = min(max(s.keyBytes, 5), 16)
	case 4:
		n = 16
	}
	h := md5.New()
	h.Write([]byte(pdfPadding))
	h.Write(s.owner[:32])
	h.Write(binary.LittleEndian.AppendUint32(nil, s.permissions))
	h.Write(s.id)
	if s.revision == 4 && s.plainMetadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)[:n]
	if s.revision == 2 {
		return rc4Of(key, []byte(pdfPadding))
	}
	for range 50 {
		sum := md5.Sum(key)
		key = sum[:n]
	}
	sum := md5.Sum(append([]byte(pdfPadding), s.id...))
	out := sum[:]
	for i := range 20 {
		round := make([]byte, n)
		for j := range round {
			round[j] = key[j] ^ byte(i)
		}
		out = rc4Of(round, out)
	}
	return out
}

func rc4Of(key, b []byte) []byte {
	out := make([]byte, len(b))
	if c, err := rc4.NewCipher(key); err == nil {
		c.XORKeyStream(out, b)
	}
	return out
}

// pdfHash is algorithm 2.B for the empty password, whose rounds end by chance but never go far beyond 64.
func pdfHash(salt []byte) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	for i := 0; ; i++ {
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		e := bytes.Repeat(k, 64)
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(e, e)
		mod := 0
		for _, c := range e[:16] {
			mod += int(c)
		}
		switch mod % 3 {
		case 0:
			sum := sha256.Sum256(e)
			k = sum[:]
		case 1:
			sum := sha512.Sum384(e)
			k = sum[:]
		default:
			sum := sha512.Sum512(e)
			k = sum[:]
		}
		if i >= 63 && int(e[len(e)-1]) <= i-31 {
			return k[:32]
		}
	}
}
