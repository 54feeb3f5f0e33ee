// Package container reads the files that come with a message. It opens those that hold others: winmail.dat
// (TNEF, with its RTF), S/MIME, Outlook's .msg (OLE), uuencoded text; and it looks into PDF, Office documents
// and archives without unpacking them. Of each file it says what it is, what it may safely be called, and
// whether it counts as evidence or why not. Content is hashed, measured and searched as it streams by; what
// has to be held is bounded by limits.go.
package container
