// Package machine tells messages sent by machines from those of people: by their header fields, their words
// in many languages, and as delivery reports (RFC 3464), whose failed recipients it names.
package machine
