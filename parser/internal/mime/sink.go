package mime

// Sink takes content. One that can fail remembers its own error.
type Sink interface{ Take(b []byte) }

// closer is a sink with something to do once all of its content has come.
type closer interface{ Close() }

// CloseSink tells a sink that all of its content has come.
func CloseSink(s Sink) {
	if c, ok := s.(closer); ok {
		c.Close()
	}
}

// Both passes content on to two sinks.
type Both struct{ First, Second Sink }

// Take passes b on to both.
func (s Both) Take(b []byte) {
	s.First.Take(b)
	s.Second.Take(b)
}

// Close tells both that all of the content has come.
func (s Both) Close() {
	CloseSink(s.First)
	CloseSink(s.Second)
}

// Nowhere discards its content.
type Nowhere struct{}

// Take does nothing.
func (Nowhere) Take([]byte) {}

// collected keeps content.
type collected []byte

func (c *collected) Take(b []byte) { *c = append(*c, b...) }
