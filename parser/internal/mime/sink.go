package mime

// Sink takes content. One that can fail remembers its own error.
type Sink interface{ Take(b []byte) }

// closer is a sink that has something to do once all of its content has come.
type closer interface{ Close() }

func CloseSink(s Sink) {
	if c, ok := s.(closer); ok {
		c.Close()
	}
}

// Both passes content on to two sinks.
type Both struct{ First, Second Sink }

func (s Both) Take(b []byte) {
	s.First.Take(b)
	s.Second.Take(b)
}

func (s Both) Close() {
	CloseSink(s.First)
	CloseSink(s.Second)
}

// Nowhere is where content goes that nobody wants.
type Nowhere struct{}

func (Nowhere) Take([]byte) {}

// collected keeps content.
type collected []byte

func (c *collected) Take(b []byte) { *c = append(*c, b...) }
