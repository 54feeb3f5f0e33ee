// Package reply finds what the author of a message wrote now, apart from quotations, attributions,
// signatures, disclaimers and banners, and the command that a reviewer gives on its first line. In doubt
// nothing is a decision.
package reply
