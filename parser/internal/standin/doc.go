// Package standin knows what comes in the place of a file or of a message: the note of a mail gateway that took a file
// away, the disclaimer that it attached, the envelope of a message that can be read on a web page only, and the link to
// a document that is kept elsewhere. It goes by what such things say and do, and names the product only where one
// names itself.
package standin
