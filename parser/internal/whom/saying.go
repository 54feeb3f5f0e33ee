package whom

import (
	"maps"
	"slices"
	"strings"
)

// sayings are words that say who somebody is in a letter, by what they say.
var sayings = map[string]string{
	"ask": `for exempt exempts exempted exemption exemptions exemptn exception exceptions exeption exepshun
		excemption request requesting asking ask grant granting arrange apply applying application applicant
		behalf please pls plz put add action needs need needing require requires wants dros ar gyfer
		eithriad cais ofyn gofyn angen eisiau esgusodi eithrio user users staff colleague colleagues member
		concerned person people name named defnyddiwr enw aelod staff cydweithiwr subject re following these
		below attached`,
	"who": `she he they her his their him them hi ei fe fo nurse carer dispenser pharmacist technician dentist
		hygienist receptionist optometrist optician trainee starter locum assistant driver`,
	"deny": `not don't dont doesn't doesnt isn't isnt no never without except excluding exclude apart ignore
		leave off remove drop scrub scrap withdraw cancel strike disregard forget nor aren't wasn't ddim nid dim heb peidiwch instead`,
	"fine": `fine ok okay alright happy manages managing cope copes coping sorted grand perfectly uses using works working own
		arrangement arrangements alone untouched unaffected separate untroubled iawn hapus trouble bother`,
	"apart": `different namesake unrelated other another otherwise neither confuse confused mix mixed relation same-named instead
		rather careful correct wrong arall gwahanol`,
	"gone": `closed dead defunct old bounces bounced deleted disabled deactivated moved gone left leaver leaving retired
		maternity sabbatical hen wedi`,
	"several": `both all each two three four five six seven eight following staff they them their exceptions exemptions users people
		colleagues everyone team list listed names i gyd ddau ddwy tri pawb`,
	"manager": `manager managers supervisor boss owner owned director superintendent governor head lead matron
		deputy principal partner partners trustee chief ceo executive rheolwr perchennog pennaeth line mgr
		chair`,
	"evidence": `letter letters gp consultant doctor dr dr. signed wrote written occupational surgery clinic hospital
		specialist assessor assessment report evidence support supports supporting supported psychologist
		therapist physio solicitor officer police charity advisor adviser trainer llythyr meddyg author
		confirms confirmed confirmation statement certificate verify verified idva social worker chaplain
		rabbi minister pastor`,
	"contact": `contact contacts query queries question questions outcome decision reply replies respond response
		ring call phone telephone let know send sent copy copied copying cc cc'd cced write email e-mail
		mail inform tell told update updates correspondence back confirm cysylltu cyswllt ateb anfon
		anfonwch reach address`,
	"former": `had already last previous previously left leaves leaving leaver retired retires expired old former
		formerly was were used longer ago earlier before got gave given gone gadael hen cynt`,
	"new": `new now correct corrected should meant mean sorry actually rather updated changed changes typo
		mistake wrong ignore oops newydd cywir be`,
	"example": `example examples eg e g such format like firstname surname enghraifft bloggs`,
	"writer": `i i'm im am me my mine myself regards signed completed filled form submitted from yours thanks thank
		cheers fi fy sender writing dan diolch cofion`,
	"office": `dpo data protection privacy complaints complaint foi ig gdpr supplier website web www company
		registered disclaimer confidential intended recipient error it helpdesk support itsupport reception
		enquiries general hr payroll mailbox shared inbox office team access rights subject`,
	"self":    `own myself self personal`,
	"also":    `and also plus both as well same likewise hefyd a'r`,
	"other":   `another other others someone somebody else different colleague's person`,
	"private": `personal home gmail hotmail private`,
	"login":   `login log account username email e-mail nhsmail address mail cyfeiriad e-bost ebost cyfrif id user`,
}

// classes are what words say.
var classes = slices.Sorted(maps.Keys(sayings))

// saying has what each of the words says.
var saying = invert()

func invert() map[string][]string {
	out := map[string][]string{}
	for _, class := range classes { // so that signs come in the same order whenever they are learnt
		for _, w := range strings.Fields(sayings[class]) {
			out[w] = append(out[w], class)
		}
	}
	return out
}
