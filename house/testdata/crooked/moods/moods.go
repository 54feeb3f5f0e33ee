package moods

// Mood has its values listed here.
type Mood string

const Glad Mood = "glad"

// Plain has none listed.
type Plain string
