package crowded

import "io"

// fine has as many methods as an interface may have.
type fine interface {
	io.Reader
	Close() error
}

// large has one more, by what it embeds.
type large interface {
	fine
	Sync() error
}

// alias is large under another name: it is counted where it is spelt out.
type alias = large

func takes(x interface {
	A()
	B()
	C()
}) {
}
