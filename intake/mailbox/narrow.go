package mailbox

// narrowing finds out which message a server cannot deal with. What fails for several is tried with fewer, until the one
// is alone that it fails for.
type narrowing struct {
	width  int    // how many to try at once; 0: as many as there are
	alone  uint32 // the last that was alone when the connection was lost, which may have been by chance
	lost   int    // how often in a row
	failed int    // messages that it failed for when alone, since one last went well
	blames bool   // whatever is alone when the connection is lost, at once
}

// oneByOne is for messages that it failed for before.
func oneByOne() narrowing { return narrowing{width: 1, blames: true} }

// hopeless is how many messages in a row may fail alone before the trouble is taken to be the server's.
const hopeless = 3

// mayBe is how often in a row a connection may be lost by one message, and the server be out of reach after that, before
// the message is to blame for that as well.
const mayBe = 5

// maxWidth is how many messages may be tried before all may be.
const maxWidth = 1 << 10

// few returns the first of the messages, as many as may be tried.
func (n *narrowing) few(uids []uint32) []uint32 {
	if n.width > 0 {
		return uids[:min(len(uids), n.width)]
	}
	return uids
}

// went notes that it went well, and lets more be tried.
func (n *narrowing) went() {
	n.alone, n.lost, n.failed = 0, 0, 0
	if n.width *= 2; n.width > maxWidth {
		n.width = 0
	}
}

// refused notes that the server refuses to do it for some messages, and reports whether the one is found. good is how many
// of the first went well before the one that it seems to be about; -1 if nothing is known of that.
func (n *narrowing) refused(uids []uint32, good int) bool {
	switch {
	case len(uids) == 1:
		n.failed++
		n.alone, n.lost, n.width = 0, 0, 1
		return true
	case good >= 0:
		n.width = max(min(good, len(uids)-1), 1)
	default:
		n.width = len(uids) / 2
	}
	return false
}

// cut is refused for a connection that was lost. back reports whether the server can be reached now: then the network is
// not to blame.
func (n *narrowing) cut(uids []uint32, good int, back bool) bool {
	if len(uids) > 1 {
		return n.refused(uids, good)
	}
	if n.alone != uids[0] {
		n.alone, n.lost = uids[0], 0
	}
	if n.lost++; back && (n.blames || n.lost > 1) || n.lost >= mayBe {
		return n.refused(uids, good)
	}
	return false
}
