package moods

// Mood has its values listed here.
type Mood string

const Glad Mood = "glad"

var now = Glad
