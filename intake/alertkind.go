package intake

// AlertDirectory is the kind of alert that asks for a change in the directory.
const AlertDirectory = "directory"

// AlertRefused is the kind of alert about changes that the directory does not take:
// one cause may keep it from taking any.
const AlertRefused = "directory-refused"

// AlertUnreachable is the kind of alert about answers that did not arrive: a
// stranger can write from an address that takes no mail as often as they like.
const AlertUnreachable = "answer-undelivered"

// AlertAnswers is the kind of alert that says that a cap is reached.
const AlertAnswers = "many-answers"

// AlertHeld is the kind of alert about messages that cannot be dealt with yet.
const AlertHeld = "held"

// AlertNobody is the kind of alert about a request for which nobody is there.
const AlertNobody = "nobody-there"
