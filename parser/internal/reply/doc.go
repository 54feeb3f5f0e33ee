// Package reply finds what the author of a message wrote now, apart from quotations, attributions, signatures,
// disclaimers and banners, and the command that a reviewer gives on its first line. In doubt something is taken for
// quoted, and nothing for a decision.
package reply
