// Package notify puts outbound letters into words and delivers them by SMTP
// submission (RFC 6409).
//
// A Composer makes a message of a letter and the emails of package templates. A
// Sender takes what is due from a Queue and hands it to the submission server
// over one connection that it keeps. Neither starts a goroutine: each call is one
// step, with its clock and its network given.
package notify
