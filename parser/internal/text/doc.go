// Package text turns the text parts of a message into lines as a mail client would show them: HTML without
// what is hidden, plain text with flowed lines joined (RFC 3676), each with its depth of quotation and the
// marks that mail clients left on it. It also has what the readers of such lines share: how a line is
// simplified for comparison, and how many words or phrases are looked for at once.
package text
