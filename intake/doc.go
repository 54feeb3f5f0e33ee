// Package intake defines the words and the pure rules of mfabot: sites, requests, evidence, exceptions,
// letters and the audit; the policy, the table of states and the retention rules; and the reading of the
// files that operators write.
//
// It runs no SQL, opens no sockets and has no clock of its own. What is done by these rules is in the
// packages below it: inbound, review, outbox, desk, enforce and retain. The adapters (mailbox, senderauth,
// directory, scan, and notify and store beside it) use its types and do not know each other.
package intake
