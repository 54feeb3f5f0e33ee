//go:build real

package main

import "fmt"

// toxic is a fault of the network: one of toxiproxy's, or a server that is down.
type toxic struct {
	server, kind, stream string
	attributes           map[string]int
}

// hardship is what happens to the network, and how the bot shows that it noticed.
type hardship struct {
	name    string
	toxics  []toxic
	notices string // a line of the log; empty where all goes on. A connection cut between two letters is none
	before  bool   // it is so already when the bot connects
}

// What a log says when something has failed.
const (
	notRead = "reading the mailbox failed"
	// A message at which the connection is lost again and again, while the server can be reached, is left for a while.
	setAside = "the server does not do with a message what it should"
	notSent  = "put back"
)

// delays are hardships in which all goes on, only slower.
func delays() []hardship {
	both := func(kind string, attributes map[string]int) (all []toxic) {
		for _, server := range []string{"imap", "smtp"} {
			for _, stream := range []string{"upstream", "downstream"} {
				all = append(all, toxic{server, kind, stream, attributes})
			}
		}
		return all
	}
	return []hardship{
		{name: "latency with jitter", toxics: both("latency", map[string]int{"latency": 25, "jitter": 20})},
		{name: "slow", toxics: both("bandwidth", map[string]int{"rate": 60})},
		{name: "in small pieces", toxics: both("slicer", map[string]int{"average_size": 200, "size_variation": 150, "delay": 200})},
		{name: "slow to close", toxics: both("slow_close", map[string]int{"delay": 300})},
	}
}

// hardships are those that the bot notices.
func hardships() []hardship {
	one := func(server, kind, stream string, attributes map[string]int) []toxic {
		return []toxic{{server, kind, stream, attributes}}
	}
	all := []hardship{
		{name: "silent IMAP server", toxics: one("imap", "timeout", "downstream", map[string]int{"timeout": 0}), notices: notRead, before: true},
		{name: "deaf IMAP server", toxics: one("imap", "timeout", "upstream", map[string]int{"timeout": 0}), notices: notRead},
		{name: "silent SMTP server", toxics: one("smtp", "timeout", "downstream", map[string]int{"timeout": 0}), notices: notSent},
		{name: "deaf SMTP server", toxics: one("smtp", "timeout", "upstream", map[string]int{"timeout": 0}), notices: notSent},
		{name: "reset by the IMAP server", toxics: one("imap", "reset_peer", "downstream", map[string]int{"timeout": 20}), notices: notRead},
		{name: "reset by the SMTP server", toxics: one("smtp", "reset_peer", "downstream", map[string]int{"timeout": 20}), notices: notSent},
		{name: "reset to the SMTP server", toxics: one("smtp", "reset_peer", "upstream", map[string]int{"timeout": 0}), notices: notSent},
		{name: "IMAP server down", toxics: one("imap", "down", "", nil), notices: notRead},
		{name: "SMTP server down", toxics: one("smtp", "down", "", nil), notices: notSent},
	}
	cut := func(server, stream, notices string, after ...int) {
		for _, n := range after {
			all = append(all, hardship{name: fmt.Sprintf("%s cut %s after %d bytes", server, stream, n),
				toxics: one(server, "limit_data", stream, map[string]int{"bytes": n}), notices: notices})
		}
	}
	cut("imap", "downstream", notRead, 1000)
	cut("imap", "downstream", setAside, 6000, 15_000, 30_000)
	cut("smtp", "upstream", notSent, 100, 4000, 14_000)
	cut("smtp", "downstream", notSent, 60, 3150, 3225, 3300)
	return all
}
