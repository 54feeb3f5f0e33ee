// Package intake is the domain of mfabot: sites, requests, their evidence and
// the exceptions that come of them, the policy they follow, the table of
// states, and what is done with each message that arrives.
//
// It does no SQL and opens no sockets: what it needs of a store, a clock, a
// source of random bytes or a judge of senders it declares as a small interface
// and is given. Packages that talk to the outside know this package's types and
// not each other.
package intake
