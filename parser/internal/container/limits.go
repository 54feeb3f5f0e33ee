package container

// What a hostile message could make grow. Whatever lies beyond a limit is left out.
const (
	maxWraps      = 3         // of files within files: winmail.dat, S/MIME, .msg
	maxHeldBytes  = 32 << 20  // of such files that are read out of order, held at one time
	maxProperties = 8 << 20   // of one list of properties in winmail.dat
	maxOLEEntries = 2500      // of streams and storages in one compound file
	maxASN1       = 16        // of elements within elements
	maxArchiveEnd = 256 << 10 // of an archive, where its list of contents is
	maxListed     = 5         // of the names in an archive that are told
	maxRTF        = 4 << 20   // of RTF, uncompressed
	maxRTFGroups  = 200       // of groups within groups in RTF
	longestUU     = 300       // line of a uuencoded file, its begin line included

	pdfBefore  = 2 << 10  // kept before a place of a PDF that says how it is encrypted
	pdfAfter   = 4 << 10  // and after it
	pdfWindows = 8        // of such places
	pdfTries   = 40       // to find the security handler in them
	pdfBlock   = 64 << 10 // searched at one time

	maxFilename = 120  // bytes of a file name
	sniffBytes  = 3072 // head of a file by which its type is told
)
