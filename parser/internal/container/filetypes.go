package container

// What may be evidence, as data. Types are those found in the content, unless stated otherwise.

const (
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)

// What a file that counts may be called: extensions, with a blank on either side of each. Word opens its own
// types under any of their names, phones give pictures each other's, and some people call a photo a PDF.
const (
	wordNames    = " .doc .docx .rtf "
	messageNames = " .eml "
	pictureNames = " .jpg .jpeg .jpe .jfif .pjpeg .png .heic .heif .hif .tif .tiff .gif .webp .bmp .dib .pdf "
)

// accepted are the types of document that count, each with what it may be called.
var accepted = map[string]string{
	"application/pdf": " .pdf ", "application/msword": wordNames, "text/rtf": wordNames, "application/rtf": wordNames,
	docx: wordNames, "application/vnd.oasis.opendocument.text": " .odt .fodt ",
	"application/vnd.ms-outlook": " .msg ", "message/rfc822": messageNames, "message/global": messageNames,
	"application/zip": " .zip ",
	"image/jpeg":      pictureNames, "image/png": pictureNames, "image/heic": pictureNames, "image/heif": pictureNames,
	"image/heic-sequence": pictureNames, "image/heif-sequence": pictureNames, "image/tiff": pictureNames,
	"image/gif": pictureNames, "image/webp": pictureNames, "image/bmp": pictureNames,
}

// zipDocuments are the document types that are ZIP archives inside.
var zipDocuments = map[string]bool{docx: true, xlsx: true, pptx: true, "application/vnd.oasis.opendocument.text": true}

// refusal is why a kind of file does not count as evidence.
type refusal struct {
	why       string
	inArchive string   // what a file of that kind is called in an archive; empty if it is allowed there
	types     []string // media types, as found in the content or declared
	exts      string   // extensions, with a blank on either side of each
}

// program is what a program or script is called in an archive.
const program = "a program or script"

var refusals = []refusal{
	{
		why: whySignature,
		types: []string{
			"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys",
		},
		exts: " .p7s .asc .sig ",
	},
	{
		why:   WhyEncryptedMail,
		types: []string{"application/pgp-encrypted", "application/x-microsoft-rpmsg-message", "application/x-switch"},
		exts:  " .gpg .pgp .rpmsg .switch ",
	},
	{why: whyPieceOfMail, types: []string{"message/partial"}},
	{why: whyOpaqueDamaged, types: []string{"application/pkcs7-mime", "application/x-pkcs7-mime"}, exts: " .p7m "},
	{why: whyTNEF, types: []string{typeTNEF, "application/vnd.ms-tnef"}},
	{
		why:   whyContact,
		types: []string{"text/vcard", "text/x-vcard", "text/directory"},
		exts:  " .vcf ",
	},
	{
		why:   whyCalendar,
		types: []string{"text/calendar", "application/ics"},
		exts:  " .ics ",
	},
	{
		why: whyReport,
		types: []string{
			"message/delivery-status", "message/disposition-notification", "message/feedback-report",
			"text/rfc822-headers", "message/global-delivery-status", "message/global-headers",
		},
	},
	{
		why:       "It only points to a document that is kept somewhere else: attach the document itself.",
		inArchive: "a link",
		types:     []string{"message/external-body", "application/x-ms-shortcut"},
		exts:      " .url .lnk .webloc ",
	},
	{
		why:       "It is a program or script, which is never accepted: send the document as PDF.",
		inArchive: program,
		types: []string{
			"application/x-msdownload", "application/vnd.microsoft.portable-executable", "application/x-elf",
			"application/x-executable", "application/x-mach-binary", "application/javascript", "text/javascript",
			"text/x-python", "text/x-shellscript", "application/x-sh", "text/x-perl", "text/x-php", "text/x-lua",
			"text/x-tcl", "application/java-archive", "application/jar", "application/x-ms-installer",
			"application/x-sharedlib", "application/x-object", "application/vnd.android.package-archive",
		},
		exts: " .exe .com .scr .pif .bat .cmd .ps1 .psm1 .vbs .vbe .js .jse .mjs .wsf .wsh .hta .msi .msp .jar .sh .py " +
			".pl .php .rb .app .cpl .dll .reg .apk .chm .iso .img .vhd .vhdx .one .xll .sct .inf " +
			".iqy .oqy .rqy .dqy .slk .rdp .ica .jnlp .application .appref-ms .msc .scf .library-ms .search-ms .searchconnector-ms " +
			".settingcontent-ms .theme .themepack .diagcab .diagcfg .diagpkg .gadget .msix .msixbundle .appx .appinstaller .mst " +
			".cer .crt .hlp .hta .inx .isp .job .mde .mdb .accdb .ade .adp .prg .ws .wsc .wsb .ps1xml .psd1 .cdxml .command " +
			".terminal .workflow .dmg .pkg .deb .rpm .mobileconfig .desktop .cmdline .shb .shs .udl .website .xbap .xnk .grp " +
			".printerexport ",
	},
	{
		why:       "It is a web page, which is not accepted: send the document as PDF.",
		inArchive: "a web page",
		types:     []string{"text/html", "application/xhtml+xml", "image/svg+xml", "multipart/related"},
		exts:      " .htm .html .xhtml .shtml .mht .mhtml .svg ",
	},
	{
		why:       whyMacros,
		inArchive: "a document with macros",
		types:     []string{"application/vnd.ms-word.document.macroenabled.12"},
		exts:      " .docm .dotm .xlsm .xltm .xlam .xlsb .pptm .potm .ppsm .ppam ",
	},
	{
		why:       "It is an archive, which is not opened: attach the files themselves.",
		inArchive: "another archive",
		types: []string{
			"application/x-rar-compressed", "application/vnd.rar", "application/x-7z-compressed",
			"application/gzip", "application/x-tar", "application/x-bzip2", "application/x-xz", "application/zstd",
			"application/vnd.ms-cab-compressed", "application/x-iso9660-image",
		},
		exts: " .rar .7z .gz .tgz .tar .bz2 .xz .zst .cab .ace .arj .lzh ",
	},
}

// WhyEncryptedMail says that a file is a message that cannot be read for its encryption.
const WhyEncryptedMail = "It is encrypted mail, which cannot be read here: send the message again without encryption."

// Reasons that do not follow from the type alone.
const (
	whyEmpty     = "The file is empty: attach it again."
	whyPassword  = "The file is protected by a password: send it without one."
	whyMacros    = "It is a document with macros, which is not accepted: send it as PDF."
	whyScript    = "It is a PDF with a script or a command in it, which is not accepted: print it to PDF and send that."
	whyAttached  = "It is a PDF with other files in it, which is not accepted: print it to PDF, and attach the others themselves."
	whyEmbedded  = "It is a document with files or objects of other programs in it, which is not accepted: send it as PDF."
	whyInArchive = "It is in an archive that is not accepted: attach it by itself."
	whyRemote    = "It is a document that fetches something from elsewhere when it is opened, which is not accepted: send it as PDF."
	whyUnread    = "Not all that is in it can be looked through, which is not accepted: send the documents themselves, as PDF."
	whyLarge     = "It is too large to be looked through: send it as PDF, or in smaller files."
	whyName      = "Its name says that it is another kind of file than it is: save it as PDF and attach it again."
	whyProgram   = "Its name says that it is a program, which is never accepted: save the document under another name."
	whyDamaged   = "The file is damaged and cannot be opened: attach it again."
	whyCut       = "The file ends early, so it cannot be opened: attach it again."
	whyNoPDF     = "The file is called a PDF but is none: save it as PDF and attach it again."
	whyInText    = "It is a picture within the text of the message, as a logo is: if it is evidence, attach " +
		"it as a file."
	whyLogo = "It is a small picture that is called a logo or the like: if it is evidence, attach a larger copy " +
		"under another name."
	whyPieceOfMail = "It is a piece of a message that was sent in several: send the message again in one piece, with " +
		"smaller files."
	whyTiny          = "The picture is too small to be read, as a logo is: if it is evidence, attach a larger copy."
	whyBodyPiece     = "It is a piece of the message's own text that a mail system made a file."
	whyType          = "This type of file is not accepted: send a PDF, a Word document or a photo."
	whyContact       = "It is a contact card, not a document."
	whyCalendar      = "It is a calendar entry, not a document."
	whyReport        = "It is part of a report by a mail system, not a document."
	whySignature     = "It is a digital signature, not a document."
	whyOpaqueDamaged = "It is signed or encrypted mail that cannot be read here: send the message again without " +
		"signing or encrypting it."
	whyOpaqueLarge = "It is signed or encrypted mail that is too large to be opened here: send the message " +
		"again without signing or encrypting it."
	whySignedWrapping = "It is the wrapping of a signed message, whose files are listed by themselves."
	whyTNEF           = "The attachments are wrapped in winmail.dat, which cannot be opened here: send them again " +
		"in a new message in HTML or plain text format, not Rich Text."
	whyUnwrapped   = "It is the wrapping that Outlook put around the attachments, which are listed by themselves."
	whyFormatting  = "It is the formatting that Outlook sent with the message, with no file in it."
	whyOutlookItem = "It is a message in a form that only Outlook can open; files in it are listed by " +
		"themselves: if the message is evidence, send it as PDF."
)

// WarnEncrypted is the warning about a message that is encrypted by its structure.
const WarnEncrypted = "the message is encrypted: nothing in it could be read"

// Sizes that distinguish a picture that belongs to the text from a photograph of a letter.
const (
	tinyImage   = 5 << 10
	logoImage   = 100 << 10 // upper bound for a picture whose name is one that Outlook gives to pasted ones, or a logo's
	photoAtSize = 150 << 10 // a picture of this size in the text is a photograph
	pastedPhoto = 40 << 10  // likewise, of one whose content stands in the HTML and that is no drawing
)
