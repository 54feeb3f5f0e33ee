// Package crowded has too much of everything.
package crowded

// AtMost has as many lines as a function may have. The comment above one does not
// count, however long it is:
// it
// is
// not
// code.
func AtMost() int {
	n := 1
	n++
	return n
}

func tooLong() int {
	n := 1
	n++
	n++
	return n
}

func (w *Wide) tooLongAsWell() int {
	n := 1
	n++
	n++
	return n
}

var longLiteral = func() int {
	n := 1
	n++
	n++
	return n
}

func allOnOneLine() { _ = tooLong(); _ = longLiteral(); (&Wide{}).tooLongAsWell() }
