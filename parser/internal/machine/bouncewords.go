package machine

import "mfabot/parser/internal/text"

// delaySubjects begin reports of mail that is still being tried.
var delaySubjects = text.Beginnings(
	"warning: message ", "delayed mail", "delayed:", "delivery delayed", "mail delivery delayed",
	"delivery status notification (delay)",
)

// bounceSubjects begin the subjects of delivery reports.
var bounceSubjects = text.Beginnings(
	"undeliverable", "undelivered mail", "delivery status notification", "delivery failure", "delivery delayed",
	"mail delivery failed", "mail delivery failure", "mail delivery system", "mail system error", "returned mail",
	"failure notice", "failed delivery", "delivery notification", "message not delivered", "could not send message",
	"mail could not be delivered", "warning: could not send message", "message undeliverable", "non-delivery report",
	"delivery has failed",
	"unzustellbar", "nicht zustellbar", "non remis", "non distribuable", "échec de la remise", "no se puede entregar",
	"no entregado", "não entregue", "não é possível entregar", "non recapitabile", "impossibile recapitare",
	"onbestelbaar", "niet te bezorgen", "niedostarczalne", "nie można dostarczyć", "imposibil de livrat", "nelivrabil",
	"ikke leveret", "kan ikke leveres", "olevererbar", "går ej att leverera", "ei voitu toimittaa", "toimittamaton",
	"nedoručitelné", "kézbesíthetetlen", "teslim edilemedi", "недоставленное", "не удается доставить",
	"не вдалося доставити", "δεν ήταν δυνατή η παράδοση", "تعذر التسليم", "غير قابل للتسليم", "לא ניתן למסור", "无法送达",
	"未送达", "無法傳遞", "配信不能", "배달되지 않음", "배달할 수 없음",
)
