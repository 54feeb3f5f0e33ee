package parser

// The words by which mail clients introduce what they quote, in the languages of the people who write. All are in lower case.

// headerWords are the names of the fields that Outlook and others put above a quoted message.
var headerWords = struct{ from, sent, to, subject []string }{
	from: []string{"from", "oddi wrth", "o", "de", "von", "da", "van", "od", "de la", "fra", "från", "lähettäjä", "feladó", "gönderen", "kimden", "от", "від",
		"από", "من", "מאת", "发件人", "寄件者", "寄件人", "差出人", "送信者", "보낸 사람", "보낸사람", "expéditeur", "absender", "remitente", "mittente", "afzender",
		"nadawca", "expeditor", "odesílatel", "αποστολέας", "отправитель", "відправник"},
	sent: []string{"sent", "date", "anfonwyd", "dyddiad", "envoyé", "envoyé le", "date d'envoi", "gesendet", "datum", "enviado", "enviado el", "enviada", "enviado em",
		"fecha", "data", "inviato", "verzonden", "wysłano", "trimis", "dată", "sendt", "dato", "skickat", "lähetetty", "päivämäärä", "päiväys", "pvm", "odesláno", "elküldve",
		"küldve", "dátum", "gönderildi", "gönderme tarihi", "tarih", "отправлено", "дата", "надіслано", "відправлено", "στάλθηκε", "ημερομηνία", "تاريخ الإرسال", "التاريخ", "تم الإرسال",
		"נשלח", "תאריך", "发送时间", "发送日期", "日期", "时间", "時間", "寄件日期", "傳送時間", "傳送日期", "送信日時", "送信", "日時", "日付", "보낸 날짜", "날짜"},
	to: []string{"to", "at", "à", "a", "an", "para", "aan", "do", "către", "catre", "til", "till", "vastaanottaja", "komu", "címzett", "kime", "alıcı", "кому", "προς",
		"إلى", "אל", "收件人", "收件者", "宛先", "받는 사람", "받는사람", "destinataire", "empfänger", "destinatario", "cc", "cc/kopie", "kopie", "copie", "copia", "kopi", "kopia", "dw", "抄送", "副本", "참조", "копия", "копія", "κοιν.", "נמען"},
	subject: []string{"subject", "pwnc", "testun", "objet", "sujet", "betreff", "asunto", "assunto", "oggetto", "onderwerp", "temat", "subiect", "emne", "ämne", "aihe",
		"předmět", "tárgy", "konu", "тема", "θέμα", "الموضوع", "موضوع", "נושא", "主题", "主題", "主旨", "件名", "제목"},
}

// separatorWords stand between dashes above a quoted or forwarded message.
var separatorWords = []string{
	"original message", "original appointment", "forwarded message", "forwarded by", "begin forwarded message", "reply message", "original",
	"neges wreiddiol", "neges a anfonwyd ymlaen", "message d'origine", "message original", "message transféré", "message transmis", "début du message réexpédié", "début du message transféré",
	"ursprüngliche nachricht", "originalnachricht", "original-nachricht", "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "mensaje original", "mensaje reenviado", "inicio del mensaje reenviado",
	"mensagem original", "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada", "messaggio originale", "messaggio inoltrato", "inizio messaggio inoltrato",
	"oorspronkelijk bericht", "doorgestuurd bericht", "begin doorgestuurd bericht", "wiadomość oryginalna", "oryginalna wiadomość", "wiadomość przekazana dalej", "początek przekazywanej wiadomości",
	"mesaj original", "mesajul original", "mesaj redirecționat", "mesaj redirectionat", "oprindelig meddelelse", "oprindelig besked", "original besked", "videresendt meddelelse", "opprinnelig melding", "videresendt melding",
	"ursprungligt meddelande", "originalmeddelande", "vidarebefordrat meddelande", "alkuperäinen viesti", "edelleenlähetetty viesti", "välitetty viesti", "původní zpráva", "přeposlaná zpráva",
	"eredeti üzenet", "továbbított üzenet", "orijinal mesaj", "özgün ileti", "iletilen mesaj", "iletilmiş ileti", "исходное сообщение", "пересылаемое сообщение", "оригинальное сообщение", "пересланное сообщение", "начало переадресованного сообщения",
	"вихідне повідомлення", "оригінальне повідомлення", "переслане повідомлення", "αρχικό μήνυμα", "προωθημένο μήνυμα", "الرسالة الأصلية", "رسالة أصلية", "رسالة معاد توجيهها",
	"הודעה מקורית", "הודעה שהועברה", "原始邮件", "转发的邮件", "转发邮件信息", "原始郵件", "轉寄的郵件", "轉寄郵件", "元のメッセージ", "転送メッセージ", "転送されたメッセージ", "원본 메시지", "원본 메일", "전달된 메시지", "전달된 메일",
}

// wroteWords end an attribution such as "On 3 March 2026, Asha wrote:" or stand within it.
var wroteWords = []string{
	"wrote", "writes", "has written", "said", "ysgrifennodd", "a écrit", "ha écrit", "écrivait", "schrieb", "schrieb am", "geschrieben", "escribió", "escribió el", "ha escrito", "escreveu", "ha scritto", "scrisse", "schreef", "heeft geschreven", "geschreven",
	"napisał", "napisała", "napisał(a)", "napisał/a", "pisze", "a scris", "skrev", "kirjoitti", "napsal", "napsala", "napsal(a)", "napsal/a", "írta", "ezt írta", "şunu yazdı", "yazdı", "написал", "написала", "написал(а)", "пишет", "написав", "написала", "пише", "написав(ла)", "έγραψε",
	"كتب", "كتبت", "כתב", "כתבה", "כתב/ה", "写道", "寫道", "写道：", "さんは書きました", "のメール", "作成", "작성", "쓴 글", "님이 작성", "wrote on",
}

// onWords begin an attribution.
var onWords = []string{
	"on", "ar", "le", "am", "el", "em", "no dia", "il", "in data", "il giorno", "op", "w dniu", "dnia", "în data", "pe", "den", "på", "dne", "ke", "στις", "в", "у", "в дата", "בתאריך", "ב", "في", "بتاريخ", "在", "于", "於",
}

// sentFrom are the lines that phones and apps add below a message.
var sentFrom = []string{
	"sent from my", "sent from outlook", "sent from mail for", "sent from yahoo", "sent from samsung", "sent from proton", "sent from a mobile", "sent from gmail", "sent with", "sent via", "sent using", "get outlook for", "download outlook",
	"sent from the all new", "sent from blackberry", "sent on the move", "sent on the go", "sent from aol", "anfonwyd o", "envoyé de mon", "envoyé depuis", "envoyé à partir", "télécharger outlook", "obtenez outlook", "von meinem", "gesendet von", "gesendet mit", "holen sie sich outlook", "outlook für",
	"enviado desde mi", "enviado desde", "obtener outlook", "enviado do meu", "enviado de meu", "enviado a partir", "obter o outlook", "inviato da", "inviato dal", "ottieni outlook", "scarica outlook", "verzonden vanaf", "verstuurd vanaf", "verzonden met", "outlook voor", "wysłane z", "wysłano z", "pobierz program outlook",
	"trimis de pe", "trimis din", "obțineți outlook", "sendt fra min", "sendt fra", "hent outlook", "sendt fra outlook", "skickat från", "skaffa outlook", "hämta outlook", "lähetetty", "hanki outlook", "odesláno z", "odesláno ze", "získat outlook", "stáhnout outlook",
	"az iphone-omról", "elküldve az", "küldve", "outlook beszerzése", "iphone'umdan gönderildi", "outlook'u edinin", "samsung galaxy", "отправлено с", "отправлено из", "скачайте outlook", "получить outlook", "надіслано з", "надіслано через", "στάλθηκε από", "εστάλη από",
	"أُرسلت من", "أرسلت من", "تم الإرسال من", "נשלח מה", "נשלח מ", "发自我的", "从我的", "來自我的", "從我的", "iphoneから送信", "androidから送信", "나의 iphone에서 보냄", "내 iphone에서", "outlook for ios を入手", "获取 outlook",
}

// closings begin the end of a letter when they stand alone on their line.
var closings = []string{
	"kind regards", "kindest regards", "warm regards", "warmest regards", "best regards", "with regards", "with kind regards", "with best regards", "regards", "many thanks", "with thanks", "thanks", "thank you", "thank you very much", "thanks very much",
	"thanks in advance", "many thanks in advance", "thank you in advance", "thanks and regards", "thanks & regards", "thanks and kind regards", "many thanks and kind regards", "thanks again", "best wishes", "with best wishes", "best", "all the best", "yours sincerely", "yours faithfully",
	"yours truly", "yours", "sincerely", "respectfully", "cheers", "kr", "br", "rgds", "ta", "cofion", "cofion gorau", "cofion cynnes", "diolch", "diolch yn fawr", "gyda diolch", "yn gywir", "cordialement", "bien cordialement", "bien à vous", "merci", "mit freundlichen grüßen", "mit freundlichen grüssen",
	"freundliche grüße", "viele grüße", "beste grüße", "lg", "mfg", "saludos", "saludos cordiales", "un saludo", "atentamente", "gracias", "atenciosamente", "cumprimentos", "com os melhores cumprimentos", "obrigado", "obrigada", "cordiali saluti", "distinti saluti", "grazie", "saluti",
	"met vriendelijke groet", "met vriendelijke groeten", "groeten", "mvg", "pozdrawiam", "z poważaniem", "dziękuję", "cu stimă", "mulțumesc", "med venlig hilsen", "venlig hilsen", "mvh", "hilsen", "vennlig hilsen", "med vänlig hälsning", "med vänliga hälsningar", "hälsningar", "ystävällisin terveisin", "terveisin",
	"s pozdravem", "děkuji", "üdvözlettel", "köszönettel", "saygılarımla", "teşekkürler", "с уважением", "спасибо", "з повагою", "дякую", "με εκτίμηση", "ευχαριστώ", "مع التحية", "شكرا", "בברכה", "תודה", "此致", "谢谢", "謝謝", "よろしくお願いいたします", "よろしくお願いします", "감사합니다",
}

// greetings begin a letter when they stand alone on its first line, with or without names after them.
var greetings = []string{
	"hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "morning", "afternoon", "to whom it may concern", "greetings", "helo", "annwyl", "bore da", "prynhawn da", "bonjour", "hallo", "guten tag", "hola", "olá", "ciao", "buongiorno", "dzień dobry", "bună ziua", "hej",
}

// outOfOffice begin the subjects that automatic answers are given.
var outOfOffice = []string{
	"automatic reply", "automatic response", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "out of office", "out of the office", "out-of-office", "ooo:", "ooo re", "on annual leave", "away from office", "vacation reply", "i am out of", "i am on annual leave", "i'm out of", "currently out of",
	"ymateb awtomatig", "ateb awtomatig", "allan o'r swyddfa", "réponse automatique", "absence du bureau", "absent du bureau", "automatische antwort", "abwesenheitsnotiz", "abwesend", "abwesenheit", "respuesta automática", "respuesta automatica", "fuera de la oficina", "fuera de oficina", "resposta automática", "ausência temporária", "fora do escritório", "risposta automatica", "fuori sede", "fuori ufficio",
	"automatisch antwoord", "automatische reactie", "afwezigheidsbericht", "afwezig", "odpowiedź automatyczna", "automatyczna odpowiedź", "autoodpowiedź", "poza biurem", "răspuns automat", "raspuns automat", "în afara biroului", "automatisk svar", "autosvar", "fraværsmeddelelse", "ikke til stede", "fravær", "autosvar:", "automatiskt svar", "frånvaro",
	"automaattinen vastaus", "poissaoloilmoitus", "poissa", "automatická odpověď", "mimo kancelář", "automatikus válasz", "házon kívül", "otomatik yanıt", "otomatik cevap", "ofis dışında", "автоматический ответ", "автоответ", "вне офиса", "нет на месте", "автоматична відповідь", "автовідповідь", "не в офісі", "αυτόματη απάντηση", "εκτός γραφείου",
	"رد تلقائي", "الرد التلقائي", "خارج المكتب", "תשובה אוטומטית", "מענה אוטומטי", "מחוץ למשרד", "自动答复", "自动回复", "自動回覆", "自動回复", "外出", "自動応答", "自動返信", "不在通知", "자동 회신", "자동 응답", "부재중",
}

// forwardPrefixes begin the subjects of forwarded messages.
var forwardPrefixes = []string{"fw:", "fwd:", "fw :", "fwd :", "wg:", "tr:", "tr :", "rv:", "enc:", "i:", "doorst:", "vb:", "vs:", "vl:", "pd:", "ytb:", "ilt:", "iltn:", "πρθ:", "пересл:", "转发:", "轉寄:", "転送:", "전달:", "הועבר:", "إعادة توجيه:"}

// bounceSubjects begin the subjects of delivery reports.
var bounceSubjects = []string{
	"undeliverable", "undelivered mail", "delivery status notification", "delivery failure", "delivery delayed", "mail delivery failed", "mail delivery failure", "mail delivery system", "mail system error", "returned mail", "failure notice", "failed delivery", "delivery notification", "message not delivered", "could not send message", "mail could not be delivered", "warning: could not send message", "message undeliverable", "non-delivery report", "delivery has failed",
	"unzustellbar", "nicht zustellbar", "non remis", "non distribuable", "échec de la remise", "no se puede entregar", "no entregado", "não entregue", "não é possível entregar", "non recapitabile", "impossibile recapitare", "onbestelbaar", "niet te bezorgen", "niedostarczalne", "nie można dostarczyć", "imposibil de livrat", "nelivrabil", "ikke leveret", "kan ikke leveres", "olevererbar", "går ej att leverera", "ei voitu toimittaa", "toimittamaton", "nedoručitelné", "kézbesíthetetlen", "teslim edilemedi", "недоставленное", "не удается доставить", "не вдалося доставити", "δεν ήταν δυνατή η παράδοση", "تعذر التسليم", "غير قابل للتسليم", "לא ניתן למסור", "无法送达", "未送达", "無法傳遞", "配信不能", "배달되지 않음", "배달할 수 없음",
}

// bannerWords mark the warning that a gateway puts above mail from outside.
var bannerWords = []string{
	"originated from outside", "originated outside", "sent from outside", "came from outside", "email from outside", "external email", "external sender", "[external]", "[ext]", "external message", "external mail", "sender is from outside", "sender is external",
	"don't often get email from", "do not often get email from", "have not previously corresponded", "do not click links", "do not click on links", "do not click on any links", "don't click links", "do not open attachments", "open attachments unless", "provient de l'extérieur", "stammt von außerhalb", "externe e-mail", "correo externo", "y tu allan i",
}

// bannerMore continue such a warning on its next lines.
var bannerMore = []string{
	"do not click", "don't click", "unless you recogni", "unless you trust", "content is safe", "be cautious", "take care", "think before you click", "exercise caution", "use caution", "with caution", "suspicious", "learn why this is important", "attachments or links", "links or attachments", "open attachments", "know the sender", "verify the sender", "report phish",
}

// bannerStart are the words that stand alone above such a warning.
var bannerStart = []string{"caution", "warning", "external", "attention", "alert", "notice", "be careful", "important", "rhybudd", "achtung", "atención"}

// disclaimers begin the legal text below a message.
var disclaimers = []string{
	"this message may contain confidential", "this message contains confidential", "this email and any", "this e-mail and any", "this email may contain", "this e-mail may contain", "this email is confidential", "this e-mail is confidential", "this email (and any", "this message (and any", "this message and any", "this message is intended", "this email is intended", "this e-mail is intended", "this communication is confidential", "this communication may contain", "the information contained in this", "the information in this email", "the contents of this email", "the contents of this e-mail",
	"the content of this email", "if you are not the intended recipient", "if you have received this email in error", "if you have received this message in error", "confidentiality notice", "confidentiality:", "confidentiality warning", "disclaimer", "legal disclaimer", "privileged and confidential", "private and confidential", "important notice:", "please consider the environment", "please think before you print", "think before printing", "save paper", "before printing, think",
	"nhsmail is the secure email", "nhsmail is approved for", "nhs.net is the secure", "for more information and to find out how you can switch", "any views or opinions", "the views expressed in this", "registered in england", "registered office:", "mae'r neges hon", "gall y neges hon", "mae'r e-bost hwn yn gyfrinachol", "ce message est confidentiel", "ce message et", "diese e-mail enthält vertrauliche", "diese nachricht", "este mensaje", "esta mensagem", "questo messaggio", "dit bericht", "ta wiadomość", "acest mesaj", "denne e-mail", "detta meddelande", "you received this message because you are subscribed", "to unsubscribe from this group",
	"this email has been scanned", "this message has been scanned", "this email was scanned", "virus-free", "checked by avg", "this email has been checked for viruses",
}
