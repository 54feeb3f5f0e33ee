package crowded

// Wide has one method more than a type may have: on it, on what points to it, in
// another file.
type Wide struct{}

func (w Wide) one() {}

func (w *Wide) two() {}

func (w *Wide) three() {}

// Narrow has as many as it may have of its own: what it embeds does not count.
type Narrow struct{ Wide }

func (n Narrow) four() {}

func (n Narrow) five() {}

func (n Narrow) six() {}

// list is generic.
type list[T any] []T

func (l *list[T]) one() {}

func (l list[T]) two() {}

func (l list[T]) three() {}

func (l list[T]) four() {}
