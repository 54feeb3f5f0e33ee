// Package mailbox watches IMAP mailboxes (RFC 3501, RFC 9051): it fetches what
// is new, hands it over in batches, and files each message where the intake
// says.
//
// The inbox is the queue. What is in it and not on the intake's record is new;
// flags say nothing, because people read shared mailboxes, and \Seen is never
// changed. A message is touched only after the intake has it on record, and
// always by UID. Whatever fails, the next step starts from what the server and
// the record say: a message may be copied twice, none is lost.
//
// The connection is opened by hand (greeting, STARTTLS, login) and only then
// given to the IMAP client, for three reasons: nothing said before TLS is
// believed, a refused OAuth token is answered as servers expect it (an empty
// line), and the words of a server that refuses us reach the operator.
package mailbox
