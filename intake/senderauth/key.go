package senderauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

const (
	maxSignatures = 5                // that are verified, and so names looked up
	maxKeyBytes   = 8 << 10          // of a key's record; one of 4096 bits takes 750
	lookupTime    = 5 * time.Second  // for one name
	lookupsTime   = 10 * time.Second // for all of a message
)

// key is the result of looking up a signature's key.
type key struct {
	record  string
	problem string // why it cannot be used; empty where it can
	passing bool   // the problem may be gone later
}

// lookUpKeys looks up all names at once. It returns in time even if the resolver does not.
func (j *Judge) lookUpKeys(ctx context.Context, names []string) map[string]key {
	ctx, cancel := context.WithTimeout(ctx, lookupsTime)
	defer cancel()
	type answer struct {
		name string
		key
	}
	answers := make(chan answer, len(names))
	for _, name := range names {
		go func() { answers <- answer{name, j.lookUpKey(ctx, name)} }()
	}
	keys := make(map[string]key)
	for range names {
		select {
		case a := <-answers:
			keys[a.name] = a.key
		case <-ctx.Done():
		}
	}
	for _, name := range names {
		if _, answered := keys[name]; !answered {
			keys[name] = key{passing: true, problem: "no answer in time"}
		}
	}
	return keys
}

func (j *Judge) lookUpKey(ctx context.Context, name string) key {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	records, err := j.resolver.LookupTXT(ctx, name)
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return key{problem: "no such key is published"}
	case err != nil:
		return key{passing: true, problem: clip(err.Error())}
	case len(records) != 1:
		return key{problem: fmt.Sprintf("%d records are published where one key should be", len(records))}
	case len(records[0]) > maxKeyBytes:
		return key{problem: "the key's record is too long"}
	}
	return key{record: records[0]}
}

// refuses says why a key's record rules out a signature made with it (RFC 6376, section 3.6.1), apart from
// what verifying finds; empty if it does not.
func (k key) refuses(s signature) string {
	if k.problem != "" {
		return k.problem
	}
	tags, err := parseTags(k.record)
	if err != nil {
		return "the key's record cannot be relied on: " + err.Error()
	}
	var flags []string
	for flag := range strings.SplitSeq(tags["t"], ":") {
		flags = append(flags, strings.TrimSpace(flag))
	}
	switch {
	case tags["p"] == "":
		return "the key was revoked"
	case slices.Contains(flags, "y"):
		return "the domain only tests signing with this key (t=y)"
	case slices.Contains(flags, "s") && s.identity != s.domain:
		return "the key does not hold for subdomains (t=s)"
	}
	return ""
}
