package container

// Limits on what a hostile message could inflate. Anything beyond a limit is left out.
const (
	maxWraps      = 3         // of files within files: winmail.dat, S/MIME, .msg
	maxHeldBytes  = 32 << 20  // of such files read out of order, kept at one time
	maxProperties = 8 << 20   // of one property list in winmail.dat
	maxOLEEntries = 2500      // streams and storages in one compound file
	maxASN1       = 16        // elements within elements
	maxArchiveEnd = 256 << 10 // the end of an archive, with its list of contents
	maxListed     = 5         // names listed from an archive
	maxZipped     = 50        // files in a ZIP archive that is looked into
	maxUnzipped   = 128 << 20 // of files in ZIP archives, unpacked
	maxXML        = 16 << 20  // of one part of a document that is read
	maxInner      = 4 << 20   // of a document in a document
	maxRTF        = 4 << 20   // of RTF, uncompressed
	maxRTFGroups  = 200       // groups within groups in RTF
	longestUU     = 300       // line of a uuencoded file, including its begin line

	pdfBefore  = 2 << 10  // kept before a place in a PDF that says how it is encrypted
	pdfAfter   = 4 << 10  // and after it
	pdfWindows = 8        // such places
	pdfTries   = 40       // attempts to find the security handler in them
	pdfBlock   = 64 << 10 // searched at one time

	maxPDFStream  = 8 << 20  // of one stream of objects in a PDF, packed and unpacked
	maxPDFObjects = 32 << 20 // of all of them, unpacked

	maxFilename = 120  // bytes of a file name
	sniffBytes  = 3072 // head of a file that shows its type
)
