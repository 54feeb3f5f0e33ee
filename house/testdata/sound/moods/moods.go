package moods

type Mood string

const Glad Mood = "glad"

var now = Glad
