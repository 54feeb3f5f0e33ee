package intake

// KindDirectory is the kind of alert that asks for a change in the directory.
const KindDirectory = "directory"

// KindRefused is the kind of alert about changes that the directory does not take:
// one cause may keep it from taking any.
const KindRefused = "directory-refused"

// KindUnreachable is the kind of alert about answers that did not arrive: a
// stranger can write from an address that takes no mail as often as they like.
const KindUnreachable = "answer-undelivered"

// KindAnswers is the kind of alert that says that a cap is reached.
const KindAnswers = "many-answers"

// KindHeld is the kind of alert about messages that cannot be dealt with yet.
const KindHeld = "held"

// KindNobody is the kind of alert about a request for which nobody is there.
const KindNobody = "nobody-there"
