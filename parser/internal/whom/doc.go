// Package whom tells for whom a letter asks: it finds everybody who is named by an address, wherever that stands, and
// by the signs around the address and around the name that belongs to it, who is asked for, rather than the writer,
// a manager, the author of evidence or somebody to write to. What the signs weigh is learnt from examples.
package whom
