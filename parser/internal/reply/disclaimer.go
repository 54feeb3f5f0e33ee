package reply

import (
	"strings"

	"mfabot/parser/internal/text"
)

// isDisclaimer reports whether a line begins the legal text below a message: by its first words, or by
// several legal ones.
func isDisclaimer(s string) bool {
	if text.StartsWithAny(s, disclaimers) || strings.HasPrefix(s, "p ") && text.StartsWithAny(s[2:], disclaimers) {
		return true
	}
	if len(s) < 40 {
		return false
	}
	first, several := -1, false
	legalWords.Each(" "+s, func(p text.Phrase, _ int) {
		several = several || first >= 0 && p.Number != first
		first = p.Number
	})
	return several
}

// OnlyDisclaims reports whether lines are legal text about a message and nothing else, paragraph by paragraph.
func OnlyDisclaims(lines []text.Line) bool {
	found, paragraph := false, ""
	for i := range len(lines) + 1 {
		s := ""
		if i < len(lines) {
			s = lines[i].Simple()
		}
		switch {
		case s != "":
			paragraph += s + " "
			continue
		case paragraph == "":
			continue
		case !isDisclaimer(paragraph) || !text.ContainsAny(paragraph, aboutMail):
			return false
		}
		found, paragraph = true, ""
	}
	return found
}

// aboutMail are the words for what such text is about.
var aboutMail = []string{"email", "e-mail", "message", "communication", "transmission", "neges", "e-bost", "recipient", "addressee"}

// disclaimers begin the legal text below a message.
var disclaimers = text.Beginnings(
	"this message may contain confidential", "this message contains confidential", "this email and any",
	"this e-mail and any", "this email may contain", "this e-mail may contain", "this email is confidential",
	"this e-mail is confidential", "this email (and any", "this message (and any", "this message and any",
	"this message is intended", "this email is intended", "this e-mail is intended",
	"this communication is confidential", "this communication may contain", "the information contained in this",
	"the information in this email", "the contents of this email", "the contents of this e-mail",
	"the content of this email", "if you are not the intended recipient", "if you have received this email in error",
	"if you have received this message in error", "confidentiality notice", "confidentiality:",
	"confidentiality warning", "disclaimer", "legal disclaimer", "privileged and confidential",
	"private and confidential", "important notice:", "please consider the environment", "please think before you print",
	"think before printing", "save paper", "before printing, think",
	"nhsmail is the secure email", "nhsmail is approved for", "nhs.net is the secure",
	"for more information and to find out how you can switch", "any views or opinions", "the views expressed in this",
	"registered in england", "registered office:", "mae'r neges hon", "gall y neges hon",
	"mae'r e-bost hwn yn gyfrinachol", "ce message est confidentiel", "ce message et",
	"diese e-mail enthält vertrauliche", "diese nachricht", "este mensaje", "esta mensagem", "questo messaggio",
	"dit bericht", "ta wiadomość", "acest mesaj", "denne e-mail", "detta meddelande",
	"you received this message because you are subscribed", "to unsubscribe from this group",
	"this email has been scanned", "this message has been scanned", "this message has been checked",
	"this mail has been scanned", "scanned by", "strictly private and confidential", "private & confidential",
	"the content of this e-mail", "the content of this message", "the contents of this message",
	"this e-mail is sent in confidence", "this email is sent in confidence", "this email is private",
	"this e-mail is private", "internet communications are not secure", "please note that electronic mail",
	"please note that e-mails", "emails may be monitored", "all emails sent", "unless otherwise stated",
	"to the extent permitted by law", "please don't print", "please do not print", "do you really need to print",
	"be green", "go green", "save a tree", "rydym yn croesawu gohebiaeth", "rydyn ni'n croesawu gohebiaeth",
	"croeso i chi gysylltu", "croesewir gohebiaeth", "mae'r e-bost hwn", "mae'r wybodaeth yn yr", "os nad chi yw'r",
	"cyn argraffu", "we welcome correspondence in welsh", "correspondence in welsh", "any view or opinion",
	"the opinions expressed in", "this email was scanned",
	"ce courriel", "ce mail est", "ce mail et", "ce message peut", "les informations contenues dans",
	"l'information contenue dans", "der inhalt dieser e-mail", "der inhalt dieser nachricht", "diese e-mail ist",
	"diese e-mail kann", "diese mail", "dieses e-mail", "die in dieser", "vertraulichkeitshinweis",
	"este correo electrónico", "este correo", "este e-mail", "este email", "la información contenida en este",
	"aviso legal", "aviso de confidencialidad", "a informação contida", "as informações contidas",
	"aviso de confidencialidade",
	"questa e-mail", "questa mail", "le informazioni contenute", "il presente messaggio", "avviso di riservatezza",
	"de informatie in dit", "de inhoud van dit", "deze e-mail", "dit e-mailbericht", "niniejsza wiadomość",
	"niniejszy e-mail", "treść tej wiadomości", "informacje zawarte w", "acest e-mail", "acest email",
	"informațiile conținute", "denne mail", "denne e-post", "denne meddelelse", "denne meldingen",
	"oplysningerne i denne", "detta mail", "detta e-post", "denna e-post", "tämä viesti", "tämä sähköposti",
	"tato zpráva", "tento e-mail", "obsah této zprávy", "ez az üzenet", "ez az e-mail", "jelen üzenet",
	"bu e-posta", "bu mesaj", "bu ileti", "это сообщение", "данное сообщение", "это письмо и", "информация в этом",
	"це повідомлення", "цей лист", "το παρόν μήνυμα", "το μήνυμα αυτό", "هذه الرسالة", "محتوى هذه الرسالة", "הודעה זו",
	"מייל זה", "本邮件", "本郵件", "此邮件", "本メール", "このメールは", "본 메일", "이 메일은 기밀", "이 이메일", "virus-free", "checked by avg",
	"this email has been checked for viruses",
)

// legalWords are the legal words of English disclaimers; people hardly ever write two of them in one line.
var legalWords = stems(
	"confidential", "privileged", "intended recipient", "intended solely", "intended only", "addressee",
	"entity to whom", "entity to which", "in error", "unauthorised", "unauthorized", "disclosure",
	"legal responsibility", "liability", "viruses",
	"is a company registered", "registered number", "registered charity", "company number", "copyright", "monitored",
	"strictly prohibited", "disseminat",
)

// stems indexes the beginnings of words.
func stems(words ...string) *text.PhraseIndex {
	var index text.PhraseIndex
	for _, w := range words {
		index.Add(" "+w, 0)
	}
	return &index
}
