// Package sim is everything around the bot, simulated: the mail server with the watched mailbox and the
// people who use it, the submission server, the disk below the database, and the clock. All that happens
// there follows from a seed, and so do the faults.
//
// The servers have no goroutines: what they do happens within the bot's own write to the connection. Nothing
// takes real time: a read that would wait for ever ends at once with the error of its deadline, and is on
// record as a violation where it has none.
package sim
