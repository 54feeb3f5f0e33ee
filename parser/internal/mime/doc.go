// Package mime reads the structure of an email: its parts (RFC 2045, RFC 2046) with their headers (RFC 5322),
// and the transfer encodings, character sets, encoded words (RFC 2047), parameters (RFC 2231) and addresses
// in them. It goes through a message once, passes on the content of each part as it streams by, and keeps
// none of it. Faults that mail clients make are mended where they can be, and what could mislead is warned
// of; what lies beyond the limits in limits.go is left out.
package mime
