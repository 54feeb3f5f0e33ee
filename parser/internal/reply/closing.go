package reply

import (
	"strings"

	"mfabot/parser/internal/text"
)

// isClosing reports whether a line is a closing such as "Kind regards,": alone, in two languages, or with the
// sender's name after it.
func isClosing(s, fromName string) bool {
	if len(s) > 80 {
		return false
	}
	s = strings.TrimRightFunc(s, text.NotLetter)
	for _, sep := range []string{"/", "|", " - ", " and ", " & "} {
		if first, second, both := strings.Cut(s, sep); both && isOneClosing(strings.TrimSpace(first), fromName) {
			return isOneClosing(strings.TrimSpace(second), fromName)
		}
	}
	return isOneClosing(s, fromName)
}

func isOneClosing(s, fromName string) bool {
	s = strings.TrimRight(s, " ,.!-–")
	for _, c := range closings.Like(s) {
		rest, ok := strings.CutPrefix(s, c)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.!-") && isName(strings.TrimLeft(rest, " ,.!-"), fromName)) {
			return true
		}
		if ok && strings.HasSuffix(c, "regards") && strings.HasPrefix(rest, ",") && len(strings.Fields(rest)) <= 2 {
			return true // whoever signs
		}
	}
	return false
}

// closings begin the end of a letter when they stand alone on their line.
var closings = text.Beginnings(
	"kind regards", "kindest regards", "warm regards", "warmest regards", "best regards", "with regards",
	"with kind regards", "with best regards", "regards", "many thanks", "with thanks", "thanks", "thank you",
	"thank you very much", "thanks very much",
	"thanks in advance", "many thanks in advance", "thank you in advance", "thanks and regards", "thanks & regards",
	"thanks and kind regards", "many thanks and kind regards", "thanks again", "best wishes", "with best wishes",
	"best", "all the best", "yours sincerely", "yours faithfully",
	"yours truly", "yours", "sincerely", "respectfully", "cheers", "kr", "br", "rgds", "ta", "cofion", "cofion gorau",
	"cofion cynnes", "diolch", "diolch yn fawr", "gyda diolch", "yn gywir", "cordialement", "bien cordialement",
	"bien à vous", "merci", "mit freundlichen grüßen", "mit freundlichen grüssen",
	"freundliche grüße", "viele grüße", "beste grüße", "lg", "mfg", "saludos", "saludos cordiales", "un saludo",
	"atentamente", "gracias", "atenciosamente", "cumprimentos", "com os melhores cumprimentos", "obrigado", "obrigada",
	"cordiali saluti", "distinti saluti", "grazie", "saluti",
	"met vriendelijke groet", "met vriendelijke groeten", "groeten", "mvg", "pozdrawiam", "z poważaniem", "dziękuję",
	"cu stimă", "mulțumesc", "med venlig hilsen", "venlig hilsen", "mvh", "hilsen", "vennlig hilsen",
	"med vänlig hälsning", "med vänliga hälsningar", "hälsningar", "ystävällisin terveisin", "terveisin",
	"s pozdravem", "děkuji", "üdvözlettel", "köszönettel", "saygılarımla", "teşekkürler", "с уважением", "спасибо",
	"з повагою", "дякую", "με εκτίμηση", "ευχαριστώ", "مع التحية", "شكرا", "בברכה", "תודה", "此致", "谢谢", "謝謝",
	"よろしくお願いいたします", "よろしくお願いします", "감사합니다",
	"thx", "thank you and kind regards", "many thanks in anticipation", "speak soon", "take care",
	"have a lovely weekend", "have a good weekend", "have a great day", "have a nice day", "have a lovely day",
	"thank you for your help", "thanks for your help", "many thanks for your help", "thank you for your time",
	"with many thanks", "much appreciated", "warmly", "warm wishes", "kindly",
	"dymuniadau gorau", "hwyl", "cofion caredig", "llawer o ddiolch", "gan ddiolch", "salutations",
	"meilleures salutations", "sincères salutations", "bonne journée", "bonne soirée", "bonne réception",
	"bonne fin de journée", "bonne fin de semaine", "bon week-end", "bien à toi", "merci d'avance", "merci beaucoup",
	"mit freundlichem gruß", "mit freundlichem gruss", "mit besten grüßen", "freundliche grüsse", "freundlichen gruß",
	"liebe grüße", "lieben gruß", "schöne grüße", "herzliche grüße", "viele grüsse",
	"beste grüsse", "gruß", "gruss", "grüße", "grüsse", "vg", "vielen dank", "danke", "besten dank", "cordialmente",
	"muchas gracias", "un cordial saludo", "reciba un cordial saludo", "un abrazo", "abraços", "um abraço",
	"melhores cumprimentos", "com os meus cumprimentos", "muito obrigado", "muito obrigada", "un saluto",
	"cordialmente saluto", "grazie mille", "un cordiale saluto", "vriendelijke groet", "vriendelijke groeten",
	"hartelijke groet", "hartelijke groeten", "groetjes", "groet", "bedankt", "dank u",
	"pozdrawiam serdecznie", "serdecznie pozdrawiam", "z wyrazami szacunku", "z pozdrowieniami", "cu respect",
	"toate cele bune", "o zi bună", "vă mulțumesc", "med vennlig hilsen", "bedste hilsner", "de bedste hilsner",
	"mange hilsner", "kh", "dbh", "tak", "på forhånd tak", "takk", "vänliga hälsningar", "vänlig hälsning", "vänligen",
	"bästa hälsningar", "tack", "tack på förhand", "med vennlige hilsener", "parhain terveisin", "yt", "kiitos",
	"s úctou", "s přáním hezkého dne", "hezký den", "děkujeme", "s pozdravom", "tisztelettel", "üdv", "köszönöm",
	"i̇yi çalışmalar", "iyi çalışmalar", "iyi günler", "sevgiler", "с наилучшими пожеланиями",
	"с уважением и наилучшими пожеланиями", "з найкращими побажаннями", "φιλικά", "με φιλικούς χαιρετισμούς",
	"σας ευχαριστώ", "مع خالص التحية", "وتفضلوا بقبول فائق الاحترام", "شكراً", "شكرًا", "تحياتي", "مع أطيب التحيات",
	"敬礼", "敬禮", "祝好", "順祝商祺", "顺祝商祺", "以上、よろしくお願いいたします", "以上", "敬具", "ありがとうございます", "안녕히 계세요", "고맙습니다",
)
