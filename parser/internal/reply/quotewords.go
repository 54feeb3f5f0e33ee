package reply

// The words by which mail clients introduce what they quote, in the languages of the people who write. All
// are in lower case.

// headerWords are the names of the fields that Outlook and others put above a quoted message.
var headerWords = struct{ from, sent, to, subject []string }{
	from: []string{"from", "oddi wrth", "o", "de", "von", "da", "van", "od", "de la", "fra", "från", "lähettäjä",
		"feladó", "gönderen", "kimden", "от", "від",
		"από", "من", "מאת", "发件人", "寄件者", "寄件人", "差出人", "送信者", "보낸 사람", "보낸사람", "expéditeur", "absender", "remitente",
		"mittente", "afzender",
		"nadawca", "expeditor", "odesílatel", "αποστολέας", "отправитель", "відправник", "от кого", "odosielateľ",
		"šalje", "pošiljatelj", "подател", "saatja", "sūtītājs", "siuntėjas"},
	sent: []string{"sent", "date", "anfonwyd", "dyddiad", "envoyé", "envoyé le", "date d'envoi", "gesendet", "datum",
		"enviado", "enviado el", "enviada", "enviada em", "enviada el", "le", "gönderilme", "gönderilme tarihi",
		"odoslané", "poslano", "изпратено", "αποστολή", "date d’envoi", "message du", "data de envio", "data wysłania",
		"enviado em",
		"fecha", "data", "inviato", "verzonden", "wysłano", "trimis", "dată", "sendt", "dato", "skickat", "lähetetty",
		"päivämäärä", "päiväys", "pvm", "odesláno", "elküldve",
		"küldve", "dátum", "gönderildi", "gönderme tarihi", "tarih", "отправлено", "дата", "надіслано", "відправлено",
		"στάλθηκε", "ημερομηνία", "تاريخ الإرسال", "التاريخ", "تم الإرسال",
		"נשלח", "תאריך", "发送时间", "发送日期", "日期", "时间", "時間", "寄件日期", "傳送時間", "傳送日期", "送信日時", "送信", "日時", "日付", "보낸 날짜",
		"날짜"},
	to: []string{"to", "at", "à", "a", "an", "para", "aan", "do", "către", "catre", "til", "till", "vastaanottaja",
		"komu", "címzett", "kime", "alıcı", "кому", "προς",
		"إلى", "אל", "收件人", "收件者", "宛先", "받는 사람", "받는사람", "destinataire", "empfänger", "destinatario", "cc", "cc/kopie",
		"kopie", "copie", "copia", "kopi", "kopia", "dw", "抄送", "副本", "참조", "копия", "копія", "κοιν.", "נמען", "kopio",
		"kopia till", "prima", "répondre à", "copie à", "reply-to", "до", "pour", "á", "dirigido a", "til:", "bcc",
		"σε", "получател", "másolat", "bilgi", "نسخة", "עותק"},
	subject: []string{"subject", "pwnc", "testun", "objet", "sujet", "betreff", "asunto", "assunto", "oggetto",
		"onderwerp", "temat", "subiect", "emne", "ämne", "aihe",
		"předmět", "tárgy", "konu", "тема", "θέμα", "الموضوع", "موضوع", "נושא", "主题", "主題", "主旨", "件名", "제목",
		"subiectul", "predmet", "относно", "teema"},
}

// separatorWords stand between dashes above a quoted or forwarded message.
var separatorWords = []string{
	"original message", "original appointment", "forwarded message", "forwarded by", "begin forwarded message",
	"reply message", "original",
	"neges wreiddiol", "neges a anfonwyd ymlaen", "message d'origine", "message original", "message transféré",
	"message transmis", "début du message réexpédié", "début du message transféré",
	"ursprüngliche nachricht", "originalnachricht", "original-nachricht", "weitergeleitete nachricht",
	"anfang der weitergeleiteten nachricht", "mensaje original", "mensaje reenviado", "inicio del mensaje reenviado",
	"mensagem original", "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada",
	"messaggio originale", "messaggio inoltrato", "inizio messaggio inoltrato",
	"oorspronkelijk bericht", "doorgestuurd bericht", "begin doorgestuurd bericht", "wiadomość oryginalna",
	"oryginalna wiadomość", "wiadomość przekazana dalej", "początek przekazywanej wiadomości",
	"mesaj original", "mesajul original", "mesaj redirecționat", "mesaj redirectionat", "oprindelig meddelelse",
	"oprindelig besked", "original besked", "videresendt meddelelse", "opprinnelig melding", "videresendt melding",
	"ursprungligt meddelande", "originalmeddelande", "vidarebefordrat meddelande", "alkuperäinen viesti",
	"edelleenlähetetty viesti", "välitetty viesti", "původní zpráva", "přeposlaná zpráva",
	"eredeti üzenet", "továbbított üzenet", "orijinal mesaj", "özgün ileti", "iletilen mesaj", "iletilmiş ileti",
	"исходное сообщение", "пересылаемое сообщение", "оригинальное сообщение", "пересланное сообщение",
	"начало переадресованного сообщения",
	"вихідне повідомлення", "оригінальне повідомлення", "переслане повідомлення", "αρχικό μήνυμα", "προωθημένο μήνυμα",
	"الرسالة الأصلية", "رسالة أصلية", "رسالة معاد توجيهها",
	"הודעה מקורית", "הודעה שהועברה", "原始邮件", "转发的邮件", "转发邮件信息", "原始郵件", "轉寄的郵件", "轉寄郵件", "元のメッセージ", "転送メッセージ",
	"転送されたメッセージ", "원본 메시지", "원본 메일", "전달된 메시지", "전달된 메일",
	"treść przekazanej wiadomości", "videresendt besked", "start på videresendt besked",
	"begyndelse på videresendt besked", "vidarebefordrat brev", "början på vidarebefordrat meddelande",
	"välitetty viesti alkaa", "viesti välitetty",
	"začátek přeposílané zprávy", "továbbított levél kezdete", "yönlendirilen ileti", "iletinin başlangıcı",
	"ileti başlangıcı", "έναρξη προωθημένου μηνύματος", "邮件原件", "начало пересылаемого сообщения",
	"początek wiadomości przekazanej",
}

// wroteWords end an attribution such as "On 3 March 2026, Asha wrote:" or stand within it.
var wroteWords = []string{
	"wrote", "writes", "has written", "said", "ysgrifennodd", "a écrit", "ha écrit", "écrivait", "schrieb",
	"schrieb am", "geschrieben", "escribió", "escribió el", "ha escrito", "escreveu", "ha scritto", "scrisse",
	"schreef", "heeft geschreven", "geschreven",
	"napisał", "napisała", "napisał(a)", "napisał/a", "pisze", "a scris", "skrev", "kirjoitti", "napsal", "napsala",
	"napsal(a)", "napsal/a", "írta", "ezt írta", "şunu yazdı", "yazdı", "написал", "написала", "написал(а)", "пишет",
	"написав", "написала", "пише", "написав(ла)", "έγραψε",
	"كتب", "كتبت", "כתב", "כתבה", "כתב/ה", "写道", "寫道", "写道：", "さんは書きました", "のメール", "作成", "작성", "쓴 글", "님이 작성",
	"wrote on", "napisana przez", "quoting", "zitat von", "citando a", "citat", "schrieben sie", "hat geschrieben",
	"folgendes geschrieben", "va escriure", "napisao je", "napísal(a)", "napísal", "je napisal",
	"je napisala", "написа", "a következőt írta", "şunları yazdı", "nous a dit", "napisał/-a", "kirjutas", "rašė",
	"のメッセージ", "へのメール", "작성하였습니다",
}

// quotingWords are those that begin an attribution.
var quotingWords = []string{"quoting", "zitat von", "citando a", "citat"}

// onWords begin an attribution.
var onWords = []string{
	"on", "ar", "le", "am", "el", "em", "no dia", "il", "in data", "il giorno", "op", "w dniu", "dnia", "în data", "pe",
	"den", "på", "dne", "ke", "στις", "в", "у", "в дата", "בתאריך", "ב", "في", "بتاريخ", "在", "于", "於", "at", "mar.",
	"a", "dana", "dňa", "на", "v", "kl.",
}
