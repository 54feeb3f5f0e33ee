package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	stdmultipart "mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"github.com/jhillyerd/enmime/v2"

	"mfabot/intake"
	"mfabot/parser"
)

// reader reads a message and returns the SHA-256 of each attachment in it, in hexadecimal.
type reader struct {
	name string
	read func(raw io.Reader) ([]string, error)
	one  bool // it reads messages with one attachment only
}

func readers() ([]reader, error) {
	policy, err := intake.DefaultPolicy()
	if err != nil {
		return nil, err
	}
	p := parser.New(policy.Vocabulary())
	return []reader{
		{name: "mfabot", read: func(raw io.Reader) ([]string, error) { return readAll(p, raw) }},
		{name: "mfabot, MIME alone", read: extract, one: true},
		{name: "net/mail + mime/multipart", read: bare},
		{name: "enmime", read: readEnmime},
	}, nil
}

// readAll reads with mfabot all that it reads in a message.
func readAll(p *parser.Parser, raw io.Reader) ([]string, error) {
	m, err := p.Parse(raw)
	if err != nil {
		return nil, err
	}
	var sums []string
	for _, a := range m.Evidence {
		sums = append(sums, a.SHA256)
	}
	return sums, nil
}

// extract takes the attachment out of a message whose second part it is.
func extract(raw io.Reader) ([]string, error) {
	h := sha256.New()
	if err := new(parser.Extractor).Extract(raw, "2", h); err != nil {
		return nil, err
	}
	return []string{hex.EncodeToString(h.Sum(nil))}, nil
}

func readEnmime(raw io.Reader) ([]string, error) {
	e, err := enmime.ReadEnvelope(raw)
	if err != nil {
		return nil, err
	}
	var sums []string
	for _, parts := range [][]*enmime.Part{e.Inlines, e.Attachments, e.OtherParts} {
		for _, p := range parts {
			sum := sha256.Sum256(p.Content)
			sums = append(sums, hex.EncodeToString(sum[:]))
		}
	}
	return sums, nil
}

// bare is what one writes with the standard library: text decoded and kept, everything else decoded and hashed.
func bare(raw io.Reader) ([]string, error) {
	m, err := mail.ReadMessage(raw)
	if err != nil {
		return nil, err
	}
	var sums []string
	var text bytes.Buffer
	err = walk(textproto.MIMEHeader(m.Header), m.Body, &text, &sums)
	return sums, err
}

func walk(header textproto.MIMEHeader, body io.Reader, text *bytes.Buffer, sums *[]string) error {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		parts := stdmultipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := walk(p.Header, p, text, sums); err != nil {
				return err
			}
		}
	}
	switch encoding := strings.ToLower(header.Get("Content-Transfer-Encoding")); encoding {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "":
	default:
		return fmt.Errorf("transfer encoding %q", encoding)
	}
	if strings.HasPrefix(mediaType, "text/") {
		_, err := text.ReadFrom(body)
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return err
	}
	*sums = append(*sums, hex.EncodeToString(h.Sum(nil)))
	return nil
}
