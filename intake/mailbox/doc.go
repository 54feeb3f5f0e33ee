// Package mailbox watches IMAP mailboxes (RFC 3501, RFC 9051): it fetches new messages, hands them over in
// batches, and files each where the intake says.
//
// The inbox is the queue. A message in it that the intake has not recorded is new. Flags mean nothing,
// because people read shared mailboxes, and \Seen is never changed. A message is touched only after the
// intake has recorded it, and always by UID. Whatever fails, the next step starts from what the server and
// the record say: a message may be copied twice, but none is lost.
//
// Servers fail on single messages, and say so in many ways. What fails for several is tried with fewer until the one is
// alone; that is set aside, put on record as stuck, and tried again later. What is new always comes before that.
//
// The package opens the connection itself (greeting, STARTTLS, login) and only then hands it to the IMAP
// client, for three reasons: nothing said before TLS is believed, a refused OAuth token is answered as
// servers expect (with an empty line), and the words of a server that refuses us reach the operator. What the server
// answers later is mended on its way to the client, which ends the connection over any word that it does not know.
package mailbox
