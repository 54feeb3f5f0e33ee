package reply

// bannerWords mark the warning that a gateway puts above mail from outside.
var bannerWords = []string{
	"originated from outside", "originated outside", "sent from outside", "came from outside", "email from outside",
	"external email", "external sender", "[external]", "[ext]", "external message", "external mail",
	"sender is from outside", "sender is external",
	"don't often get email from", "do not often get email from", "have not previously corresponded",
	"do not click links", "do not click on links", "do not click on any links", "don't click links",
	"do not open attachments", "open attachments unless", "provient de l'extérieur", "stammt von außerhalb",
	"externe e-mail", "correo externo", "y tu allan i", "message is from an external", "email is from an external",
	"first-time sender", "first time sender", "this sender failed", "learn about spoofing", "came from the internet",
	"is from outside the", "external source", "be careful with this message", "unusual sender", "this is an external",
	"don't usually receive emails from", "courriel externe", "e-mail esterna", "outside your organization",
	"outside of your organi", "zewnętrzny nadawca", "ekstern e-post",
}

// bannerMore continue such a warning on the following lines.
var bannerMore = []string{
	"do not click", "don't click", "unless you recogni", "unless you trust", "content is safe", "be cautious",
	"take care", "think before you click", "exercise caution", "use caution", "with caution", "suspicious",
	"learn why this is important", "attachments or links", "links or attachments", "open attachments",
	"know the sender", "verify the sender", "report phish", "make sure you trust", "expecting them",
	"if you were not expecting", "from (", "before taking any action",
}

// bannerStart are words that stand alone above such a warning.
var bannerStart = []string{
	"caution", "warning", "external", "attention", "alert", "notice", "be careful", "important", "rhybudd", "achtung",
	"atención", "let op", "attenzione", "atenção", "uwaga", "pas på", "varning", "sicherheitshinweis",
	"security notice", "hinweis", "avertissement",
}

// bannerOutside say, after such a word, that the mail came from outside.
var bannerOutside = []string{
	"outside", "external", "extern", "außerhalb", "ausserhalb", "extérieur", "buiten", "esterno", "zewnątrz",
	"zewnętrzn", "udefra", "utifrån", "utenfra", "y tu allan", "o'r tu allan",
}
