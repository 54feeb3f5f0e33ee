package intake

// Folder is where a message is filed once it is on record.
type Folder string

// The folders, created below the watched mailbox's own level when missing.
const (
	Processed  Folder = "Processed"
	RefusedBox Folder = "Refused"
	Quarantine Folder = "Quarantine"
)

// Copy names one copy of a message on an IMAP server (RFC 3501, section
// 2.3.1.1): a mailbox of the configuration, and a UID that holds while the
// UIDVALIDITY stays as it is.
type Copy struct {
	Mailbox     string
	UIDValidity uint32
	UID         uint32
}

// Arrival is a message as it was fetched.
type Arrival struct {
	Copy
	Raw []byte
	// Size is the size that the server gives, in bytes. Above the limit only
	// the header is fetched: Raw then holds just that, and HeaderOnly is set.
	Size       int64
	HeaderOnly bool
}

// Filing says where a copy goes, once what it brought has been committed.
type Filing struct {
	Copy
	Folder Folder
}
