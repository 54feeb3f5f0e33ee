package machine

import (
	"regexp"

	"mfabot/parser/internal/text"
)

// receiptSubjects begin the receipts of mail that was read or deleted, and of invitations that were answered.
var receiptSubjects = text.Beginnings(
	"read:", "read receipt", "return receipt", "not read:", "not read (", "deleted:", "disposition notification",
	"message disposition", "wedi'i ddarllen:", "darllenwyd:", "lu :", "lu:", "accusé de réception", "gelesen:",
	"lesebestätigung", "empfangsbestätigung", "leído:", "confirmación de lectura", "lida:", "lido:", "letto:",
	"conferma di lettura", "gelezen:", "leesbevestiging", "przeczytano:", "przeczytane:", "citit:", "læst:", "lest:",
	"läst:", "luettu:", "přečteno:", "olvasott:", "elolvasva:", "okundu:", "прочтено:", "прочитано:", "διαβάστηκε:",
	"قراءة:", "נקרא:", "已读:", "已讀取:", "開封済み:", "읽음:",
)

// receiptBegins are the words of which one begins receiptText.
var receiptBegins = text.Beginnings("this is a re", "your message", "dies ist eine", "ihre nachricht", "ceci est un", "votre message")

// receiptText is what such a receipt says.
var receiptText = regexp.MustCompile(`(?i)^(this is a (return|read) receipt|` +
	`your message\b[^\n]{0,300}\n?[^\n]{0,200}\b(was read|was displayed|was deleted without being read|has been read)|` +
	`dies ist eine (empfangs|lese)bestätigung|ihre nachricht\b(?s:.{0,300})\bwurde gelesen|` +
	`ceci est un accusé|votre message\b(?s:.{0,300})\ba été lu)|` +
	`^your message\s*\n\s*to:(?s:.{0,400})\bwas (read|deleted)`)
