package intake

import "strings"

// readTexts reads what letters say of the service.
func readTexts(f *TOMLFile, p *Policy, raw *policyFile) {
	p.Name, p.Telephone, p.Authenticator = raw.Name, raw.Telephone, raw.Authenticator
	for _, s := range []struct{ key, value string }{
		{"name", p.Name}, {"telephone", p.Telephone}, {"authenticator", p.Authenticator},
	} {
		if strings.TrimSpace(s.value) == "" {
			f.Bad(s.key, "expected a text")
		}
	}
	for words, said := range raw.Welsh {
		if strings.TrimSpace(words) == "" || strings.TrimSpace(said) == "" {
			f.Bad("welsh", "expected words of this policy and the same in Welsh, not %q and %q", words, said)
		}
	}
	p.Welsh = raw.Welsh
	p.Hours = readOptional(f, "hours", raw.Hours)
	p.Relay = readOptional(f, "relay", raw.Relay)
	p.OtherMethods = readOptional(f, "other_methods", raw.OtherMethods)
	for _, s := range []struct{ key, number string }{{"telephone", p.Telephone}, {"relay", p.Relay}} {
		if strings.TrimSpace(s.number) != "" && !strings.ContainsAny(s.number, "0123456789") {
			f.Bad(s.key, "expected a telephone number, not %q", s.number)
		}
	}
}

// readOptional reads a text that may be left out, but not be blank.
func readOptional(f *TOMLFile, key string, s *string) string {
	if s == nil {
		return ""
	}
	if strings.TrimSpace(*s) == "" {
		f.Bad(key, "expected a text, or no such key")
	}
	return *s
}
