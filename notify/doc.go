// Package notify renders outbound letters and delivers them by SMTP submission (RFC 6409).
//
// A Composer builds a message from a letter and the emails of package templates. A Sender takes what is due
// from a Queue and hands it to the submission server over one connection that it keeps open. Neither starts a
// goroutine: each call is one step, with its clock and its network passed in.
package notify
