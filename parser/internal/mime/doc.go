// Package mime reads the structure of an email: its parts (RFC 2045, RFC 2046) with their headers (RFC 5322),
// and the transfer encodings, character sets, encoded words (RFC 2047), parameters (RFC 2231) and addresses
// in them. It reads a message once, passes on the content of each part as it streams by, and keeps none of
// it. It repairs the faults of mail clients where possible, and warns of anything that could mislead;
// whatever exceeds the limits in limits.go is left out.
package mime
