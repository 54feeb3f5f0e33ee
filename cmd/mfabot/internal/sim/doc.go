// Package sim simulates everything around the bot: the mail server with the watched mailbox and the people
// who use it, the submission server, the disk under the database, the directory and the clock. Everything
// that happens follows from a seed, faults included.
//
// The servers have no goroutines: what they do happens inside the bot's own write to the connection. Nothing
// takes real time: a read that would wait for ever fails at once as if its deadline had passed, and is
// recorded as a violation if it has no deadline.
package sim
