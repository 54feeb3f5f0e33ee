package intake

// MerelyThanks is merelyThanks, for tests.
var MerelyThanks = merelyThanks
