package moods

const Sad Mood = "sad"

var (
	now  Mood  = "angry"
	none Mood  = ""
	any  Plain = "whatever"
)
