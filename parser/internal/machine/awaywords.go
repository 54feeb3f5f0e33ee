package machine

import "mfabot/parser/internal/text"

// outOfOffice begin the subjects that automatic answers are given.
var outOfOffice = text.Beginnings(
	"automatic reply", "automatic response", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response",
	"autoresponse", "out of office", "out of the office", "out-of-office", "ooo:", "ooo re", "on annual leave",
	"away from office", "vacation reply", "i am out of", "i am on annual leave", "i'm out of", "currently out of",
	"ymateb awtomatig", "ateb awtomatig", "allan o'r swyddfa", "réponse automatique", "absence du bureau",
	"absent du bureau", "automatische antwort", "abwesenheitsnotiz", "abwesend", "abwesenheit", "respuesta automática",
	"respuesta automatica", "fuera de la oficina", "fuera de oficina", "resposta automática", "ausência temporária",
	"fora do escritório", "risposta automatica", "fuori sede", "fuori ufficio",
	"automatisch antwoord", "automatische reactie", "afwezigheidsbericht", "afwezig", "odpowiedź automatyczna",
	"automatyczna odpowiedź", "autoodpowiedź", "poza biurem", "răspuns automat", "raspuns automat", "în afara biroului",
	"automatisk svar", "autosvar", "fraværsmeddelelse", "ikke til stede", "fravær", "autosvar:", "automatiskt svar",
	"frånvaro",
	"automaattinen vastaus", "poissaoloilmoitus", "poissa", "automatická odpověď", "mimo kancelář",
	"automatikus válasz", "házon kívül", "otomatik yanıt", "otomatik cevap", "ofis dışında", "автоматический ответ",
	"автоответ", "вне офиса", "нет на месте", "автоматична відповідь", "автовідповідь", "не в офісі",
	"αυτόματη απάντηση", "εκτός γραφείου",
	"رد تلقائي", "الرد التلقائي", "خارج المكتب", "תשובה אוטומטית", "מענה אוטומטי", "מחוץ למשרד", "自动答复", "自动回复", "自動回覆",
	"自動回复", "外出", "自動応答", "自動返信", "不在通知", "자동 회신", "자동 응답", "부재중",
)

// The words of machines that leave no mark in the header. All are as text.Simplify writes them.

// awayWords say that somebody is not there.
var awayWords = []string{
	"i am out of the office", "i am out of office", "i'm out of the office", "i am currently out of",
	"i'm currently out of", "i will be out of the office", "i am away from", "i am currently away", "i am on leave",
	"i am on annual leave", "i'm on annual leave", "i am currently on annual leave",
	"i am on maternity leave", "i am currently on maternity leave", "i am on sick leave", "i am on holiday",
	"i will be on annual leave", "i have left the", "i no longer work", "out of the office until",
	"out of office until", "allan o'r swyddfa", "ar fy ngwyliau", "ar wyliau blynyddol",
	"je suis absent", "je suis actuellement absent", "je suis en congé", "je serai absent", "ich bin nicht im büro",
	"ich bin derzeit nicht im", "ich bin zurzeit nicht im", "ich bin im urlaub", "ich bin bis", "ich bin ab dem",
	"bin ich nicht im büro", "bin ich nicht erreichbar", "ich bin abwesend",
	"estoy fuera de la oficina", "estoy de vacaciones", "estaré fuera", "me encuentro fuera",
	"estou fora do escritório", "estou de férias", "estarei ausente", "encontro-me ausente", "sono fuori ufficio",
	"sono in ferie", "sarò assente", "sono assente", "ik ben afwezig", "ik ben niet aanwezig", "ik ben met vakantie",
	"ik ben op vakantie",
	"jestem poza biurem", "jestem na urlopie", "przebywam na urlopie", "jestem nieobecn", "nu sunt la birou",
	"sunt în concediu", "sunt in concediu", "sunt plecat", "jeg er ikke på kontoret", "jeg er på ferie",
	"jeg har ferie", "jeg holder ferie", "jeg er bortreist", "jag är inte på kontoret", "jag är på semester",
	"jag har semester", "jag är ledig", "jag är borta",
	"olen poissa", "olen lomalla", "en ole paikalla", "jsem mimo kancelář", "jsem na dovolené", "nejsem v kanceláři",
	"mám dovolenou", "szabadságon vagyok", "házon kívül vagyok", "nem vagyok az irodában", "ofis dışındayım",
	"ofiste değilim", "izindeyim", "yıllık izindeyim", "я в отпуске", "меня нет в офисе", "нахожусь в отпуске",
	"я отсутствую",
	"я у відпустці", "я перебуваю у відпустці", "мене немає в офісі", "είμαι εκτός γραφείου", "βρίσκομαι σε άδεια",
	"είμαι σε άδεια", "λείπω από το γραφείο", "أنا خارج المكتب", "أنا في إجازة", "سأكون خارج المكتب", "אני מחוץ למשרד",
	"אני בחופשה", "אני לא נמצא", "我不在办公室", "我正在休假", "我目前不在", "本人正在休假", "我不在辦公室", "我正在休假中", "我目前休假",
	"不在にしております", "休暇をいただいて", "休暇中です", "외출 중입니다", "휴가 중입니다", "부재 중입니다", "자리를 비웠습니다",
}

// insteadWords say what to do meanwhile, as such messages go on.
var insteadWords = []string{
	"please contact", "in my absence", "please email", "please e-mail", "please call", "please direct",
	"limited access", "no access to", "not have access", "will respond", "will reply", "will get back",
	"respond to your", "reply to your", "on my return", "when i return", "upon my return", "for urgent", "if urgent",
	"if your query is urgent", "not being monitored", "not monitored", "will not be forwarded",
	"cysylltwch â", "ar fy nychweliad", "veuillez contacter", "vous pouvez contacter", "en mon absence", "à mon retour",
	"en cas d'urgence", "wenden sie sich", "in dringenden", "in meiner abwesenheit", "nicht weitergeleitet",
	"meine vertretung", "nach meiner rückkehr", "wieder erreichbar", "wieder im büro",
	"póngase en contacto", "contacte con", "a mi regreso", "en caso de urgencia", "para cualquier urgencia",
	"por favor contacte", "em caso de urgência", "no meu regresso", "entre em contato", "na minha ausência",
	"in caso di urgenza", "per urgenze", "al mio ritorno", "si prega di contattare", "in mia assenza",
	"neem contact op", "bij dringende", "voor dringende", "kunt u contact", "tijdens mijn afwezigheid",
	"proszę o kontakt", "w pilnych sprawach", "w sprawach pilnych", "po powrocie", "vă rog să contactați",
	"va rog sa contactati", "pentru urgențe", "la întoarcere", "kontakt venligst", "du kan kontakte", "ved hastesager",
	"ved behov for", "kontakt gjerne", "ved haster", "kontakta", "vid brådskande", "när jag är tillbaka",
	"ota yhteyttä", "kiireellisissä", "palaan", "v naléhavých", "kontaktujte", "prosím obraťte", "po návratu",
	"sürgős esetben", "keressék", "visszatérésem", "forduljon", "acil durumlarda", "lütfen", "по срочным",
	"обращайтесь", "свяжитесь", "з термінових", "звертайтеся", "зверніться", "για επείγοντα", "επικοινωνήστε",
	"παρακαλώ", "يرجى الاتصال", "للأمور العاجلة", "يرجى التواصل", "לפנות אל", "בנושאים דחופים", "אנא פנו", "请联系",
	"如有急事", "如有紧急", "請聯絡", "如有急事", "急用の", "ご連絡ください", "お急ぎの", "연락 주시기", "연락해 주", "급한 용무", "문의해 주",
}

// plainAway begin subjects that people write too: alone, or before a colon, they are a machine's.
var plainAway = text.Beginnings(
	"out of office", "out of the office", "out-of-office", "on annual leave", "away from office", "i am out of",
	"i am on annual leave", "i'm out of", "currently out of", "abwesend", "abwesenheit", "absent du bureau",
	"absence du bureau", "fuera de la oficina", "fuera de oficina", "fora do escritório", "fuori sede", "fuori ufficio",
	"afwezig", "poza biurem", "în afara biroului", "ikke til stede", "fravær", "frånvaro", "poissa", "mimo kancelář",
	"házon kívül", "ofis dışında", "вне офиса", "нет на месте", "не в офісі", "εκτός γραφείου", "خارج المكتب",
	"מחוץ למשרד", "外出", "부재중",
)
