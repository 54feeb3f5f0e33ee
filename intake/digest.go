package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"mfabot/parser"
)

// digestFields are the header fields that a message keeps on its way to a
// mailbox; every relay adds others.
var digestFields = []string{"from", "to", "date", "message-id", "subject"}

// contentDigest names a message by its content: the fields that do not change in
// delivery, and the body. Two deliveries of one message have the same digest; two
// messages that merely share a Message-ID do not.
func contentDigest(m *parser.Message, raw []byte) string {
	h := sha256.New()
	for _, name := range digestFields {
		for _, f := range m.Header {
			if strings.EqualFold(f.Name, name) {
				_, _ = io.WriteString(h, name+":"+strings.TrimSpace(f.Value)+"\x00")
			}
		}
	}
	_, _ = h.Write(bodyOf(raw))
	return hex.EncodeToString(h.Sum(nil))
}

// bodyOf is what follows the first empty line (RFC 5322, section 2.1).
func bodyOf(raw []byte) []byte {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\n' {
			continue
		}
		rest := raw[i+1:]
		if len(rest) > 0 && rest[0] == '\n' {
			return rest[1:]
		}
		if len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n' {
			return rest[2:]
		}
	}
	return raw
}
