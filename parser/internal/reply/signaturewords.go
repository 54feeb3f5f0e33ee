package reply

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/text"
)

// pictureLine is what plain text has for a picture: a logo's alternative text, its Content-ID or its address.
var pictureLine = regexp.MustCompile(`^!?\[(cid:[^\]]*|(?i:[^\]]{0,60}(logo|icon|image|picture|banner|facebook|` +
	`twitter|linkedin|instagram|youtube)[^\]]{0,200})|https?://[^\]]*)\](<[^>]*>|\([^)]*\))?$`)

// isSentFrom reports whether a line is one that a phone or an app adds below a message.
func isSentFrom(s, fromName string) bool {
	if len(s) > 160 {
		return false
	}
	s = strings.Trim(s, "<>()[]-–—_* ")
	if text.StartsWithAny(s, sentFrom) {
		return len(strings.Fields(s)) <= 14 && !text.HasAnyWord(s, sayingMore)
	}
	if strings.Contains(s, "outlook") && len(strings.Fields(s)) <= 10 {
		return strings.Contains(s, "ios") || strings.Contains(s, "android")
	}
	if name, ok := strings.CutSuffix(s, " from mobile"); ok {
		return isName(name, fromName)
	}
	return false
}

// sayingMore are the words that make a sentence of a line such as "Sent from my desk is easier".
var sayingMore = text.WordSet("is are was were will can i we you")

// sentFrom are the lines that phones and apps add below a message.
var sentFrom = text.Beginnings(
	"sent from my", "sent from outlook", "sent from mail for", "sent from yahoo", "sent from samsung",
	"sent from proton", "sent from a mobile", "sent from gmail", "sent with", "sent via", "sent using",
	"get outlook for", "download outlook",
	"sent from the all new", "sent from mailbox", "sent from mail ", "sent from mail<", "sent from windows",
	"sent from typeapp", "sent from nine", "sent from bluemail", "sent from acompli", "sent from spark",
	"sent from mobile", "sent from phone", "sent from a phone", "sent from iphone", "sent from the", "sent by galaxy",
	"sent from huawei", "sent from an", "from my iphone", "from my ipad", "from my mobile", "from my phone",
	"from my android", "yahoo mail: search", "obtenir outlook", "enviado via", "verzonden vanuit", "från min",
	"diese nachricht wurde von mein", "baixar o outlook", "gesendet aus", "sent securely from", "отправлено из",
	"відправлено з", "sent from blackberry", "sent on the move", "sent on the go", "sent from aol", "anfonwyd o",
	"envoyé de mon", "envoyé depuis", "envoyé à partir", "télécharger outlook", "obtenez outlook", "von meinem",
	"gesendet von", "gesendet mit", "holen sie sich outlook", "outlook für",
	"enviado desde mi", "enviado desde", "obtener outlook", "enviado do meu", "enviado de meu", "enviado a partir",
	"obter o outlook", "inviato da", "inviato dal", "ottieni outlook", "scarica outlook", "verzonden vanaf",
	"verstuurd vanaf", "verzonden met", "outlook voor", "wysłane z", "wysłano z", "pobierz program outlook",
	"trimis de pe", "trimis din", "obțineți outlook", "sendt fra min", "sendt fra", "hent outlook", "sendt fra outlook",
	"skickat från", "skaffa outlook", "hämta outlook", "lähetetty", "hanki outlook", "odesláno z", "odesláno ze",
	"získat outlook", "stáhnout outlook",
	"az iphone-omról", "elküldve az", "küldve", "outlook beszerzése", "iphone'umdan gönderildi", "outlook'u edinin",
	"samsung galaxy", "отправлено с", "отправлено из", "скачайте outlook", "получить outlook", "надіслано з",
	"надіслано через", "στάλθηκε από", "εστάλη από",
	"أُرسلت من", "أرسلت من", "تم الإرسال من", "נשלח מה", "נשלח מ", "发自我的", "从我的", "來自我的", "從我的", "iphoneから送信",
	"androidから送信", "나의 iphone에서 보냄", "내 iphone에서", "outlook for ios を入手", "获取 outlook", "取得 ios", "取得 android",
	"iphone용", "發自我的", "传送自",
)

// signatureSentences mark the sentences that people keep below their names.
var signatureSentences = []string{
	"my working", "working days", "working hours", "working pattern", "work monday", "work tuesday", "work wednesday",
	"work part", "i work flexibly", "i work from", "i do not work on", "i don't work on", "i am not in on",
	"office hours", "opening hours", "opening times", "we are open", "out of hours", "for urgent", "if urgent",
	"if your query is urgent", "in an emergency",
	"please note i", "follow us", "visit our", "find us on", "like us on", "www.", "http",
	"outside of your working hours", "outside your working hours", "respond outside", "respect your", "feel obliged",
	"we aim to respond", "we aim to reply", "not monitored", "gymraeg", "correspondence in", "she/her", "he/him",
	"they/them", "cqc rating",
}
