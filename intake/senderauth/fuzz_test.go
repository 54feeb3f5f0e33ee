package senderauth_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"mfabot/intake/senderauth"
	"mfabot/parser"
)

// FuzzJudge has whole messages and whole records: Judge does not panic, and the one who has no key proves
// nothing.
func FuzzJudge(f *testing.F) {
	const key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	for _, header := range [][]string{
		lines(passed, fromOutside, signed), lines(relayed, fromOutside, signed),
		arrived("spf=pass smtp.mailfrom=site.test", signedByExchange), lines(google),
		lines("DKIM-Signature: v=1; a=ed25519-sha256; c=simple/relaxed; d=site.test; s=mail; i=@site.test; " +
			"q=dns/txt; t=1; x=9999999999; h=From:From; bh=AAAA; b=AAAA"),
	} {
		f.Add(message(header), key)
	}
	f.Add(message(rest), "v=DKIM1; k=rsa; h=sha256; t=s; s=*; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ==")
	p := parser.New(parser.Vocabulary{})
	f.Fuzz(func(t *testing.T, raw []byte, record string) {
		m, err := p.Parse(bytes.NewReader(raw))
		if err != nil {
			return
		}
		every := senderauth.Trust{AuthservID: "mx.helpdesk.test", ExchangeOnline: true, DKIM: true}
		byOthers := byServer
		byOthers.Aligned = []string{"news.site.test"}
		for i, trust := range []senderauth.Trust{{DKIM: true}, every, byServer, byOthers, byGoogle, byExchange} {
			v, err := senderauth.New(trust, anyName(record)).Judge(context.Background(), m, raw)
			if err != nil {
				t.Errorf("error %v", err)
			}
			if v.Authentic && i == 0 {
				t.Errorf("proven without the key: %v", v.Checks)
			}
			if len(v.Checks) == 0 || (!v.Authentic && v.Uncovered != nil) {
				t.Errorf("checks %v, uncovered %v", v.Checks, v.Uncovered)
			}
		}
	})
}

// anyName answers every question with the same record.
type anyName string

func (a anyName) LookupTXT(_ context.Context, name string) ([]string, error) {
	if name == "" {
		return nil, errors.New("no name")
	}
	return []string{string(a)}, nil
}
