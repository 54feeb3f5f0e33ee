package reply

// remarkParts are the parts of sentences.
var remarkParts = map[string]string{
	"date":  `#{month}#?|#,#,#|{month}#(,?#)?`,
	"dated": `(dated|of|from) {date}`,
	"title": `(dr|mr|mrs|ms|miss|mx|prof|professor|sister|nurse|rev),?`,
	"person": `{title}@@?|{title}{det}?{who}|@@?|{det}?({kind}|{who}('s)?)*{who}((at|of|in|from) {det}?({kind}|{who})*({who}
		|@))?(,?{title}?@@?)?`,
	"role": `{det}?({kind}|{who})*{who}((at|of|in|from) {det}?({kind}|{who})*{who})?`,
	"source": `(from|by|of) {person}|(of|behind|about|for|to|in) (the|this|his|her|their)?({noun}|{disease}|safety)|attached
		|enclosed|supplied|submitted|described|sent|on (the|that) (phone|form|letter)|(to|for) ({pron}|his|her|their
		|the)?patients|on file|here|itself|you sent|they sent|that came with it|you attached`,
	"object": `{det}?({adv}|well)?({praise}|(permanent|severe|long term))?({kind}|{who}('s)?|{title}@('s)?)*({noun}|{disease})
		({kind}*{noun})?`,
	"thing": `{object}({source}|{dated})*(and {object}{source}?)?|what (you|they) sent`,
	"tome": `(to|by|with|from|for) (me|us)|here|(from|on) (my|our) (side|part|end)|at (my|our) end|all round|as far as i am
		concerned|in my view`,
	"goods": `{adv}*({good}((about|on|as to|regarding) {thing})?|(signed|written|prepared|confirmed|provided|supported) by
		{person})((,|and|,and) {verb}?{adv}*({good}|(signed|written|confirmed|supported) by {person}))*`,
	"i": `i|we|i've|i have|we've|we have|have|i have both|both of us have|both of us|my colleague and i|my colleague and
		i have|two of us|two of us have|we both|we have both|i too`,
	"just": `just|now|also|already|personally|independently|both|carefully|since|then|myself|briefly|separately`,
	"detail": `{thing}|{person}|((with|to) )?{det}?(user|applicant|author|author of {thing}|writer)|(with|to|by|at|against|via
		|from|through|about|of) ({person}|{thing}|{det}?(mfa|exception)?{things})|{by}|{when}|on {day}|in full|carefully
		|thoroughly|twice|again|myself|properly|directly|separately|independently|independent of the email`,
	"does": `({adv})?((meets|matches|fits|satisfies|fulfils|complies with|falls within|is (well|clearly)?(in line with
		|within)|in line with) (all|both)?{det}?(exception|mfa|policy)?{things}((fully|in full|well)|)|(supports|backs
		|backs up|explains|confirms|shows|sets out|states|covers|demonstrates|justifies|proves|bears out|describes
		|establishes|documents) {adv}?(so|why|enough|the same|{thing}|(that|why|how)? {claim})|(matches|backs|supports
		|fits) {thing}(up|fully|well|exactly|perfectly)?|speaks for itself|ticks (all the|every) boxes?|makes (perfect
		|complete|total|good)?sense({tome})?|leaves no doubt|says (so|as much|it all)|confirms|does the job|makes (the
		|a) (good|strong|clear|convincing|compelling|very good|very clear)?case)`,
	"do": `({adv})?((meet|match|fit|satisfy|fulfil|comply with|fall within|are in line with) {det}?(exception|mfa
		|policy)?{things}|(support|back|explain|confirm|show|cover|demonstrate|justify|prove|describe) (so|why|{thing}|
		(that|why|how)? {claim})|speak for themselves|tick all the boxes)`,
	"fact": `({pron}|{det}?user|{det}?applicant|{det}?colleague)?(((is|are) ({adv}|permanently)?((registered|certified)
		as?)?)?(registered|certified)? as?({adv}|permanently)?{state}|(has|have) {det}?(severe|serious|longstanding
		|permanent|chronic|physical|lifelong|bad)*{disease}|(has|have) no use of (her|his|their) (hands|fingers|arms
		|right hand|dominant hand)|(his|her|their|the) {disease}(is|are)(permanent|lifelong|progressive|degenerative
		|incurable|irreversible|severe|well known|clear|obvious)|({pron}|staff|nobody|visitors)?(cannot|can't|may not
		|must not|are not allowed to|is not allowed to) (take|have|bring|carry|use) ({det}|any)?(own|mobile)?({device}
		|phones|mobiles|devices) (in|into|inside|onto|on|there|at|to|past) ({det}?{place}|there|with {pron}|site
		|security|reception)?|(mobile)?(phones|mobiles|smartphones|devices)(are)(banned|not allowed|not permitted
		|forbidden|prohibited|locked away)((there|on site|inside|in there)|(in|on|at) {det}?{place})?|{det}?{place}
		(does not|doesn't|do not|don't)(allow|permit)({det}|any)?(mobile)?(phones|mobiles|devices|smartphones)(inside
		|on site|there)?|(works|work|working|is based|are based|based) (permanently|solely|every day|full time|always
		|there)? (in|at|inside|on) {det}?{place}@?|{adv}?(cannot|can't|is unable to|are unable to|is not able to|are
		not able to) (physically)?(use|operate|see|hold) ({det}|any)?{device}|(works|work|is|are|is based|are based)
		there({adv}|full time|every day|permanently)?)((with|because of|due to|given|owing to|from){det}?(severe
		|serious)?{disease})?`,
	"claim":  `{thing} (all|also|both)?{verb}{goods}|{fact}`,
	"assert": `{claim}|({thing}|{pron}|{det}?(user|applicant|colleague)){does}`,
	"agrees": `(all|also|both|has|have|had|kindly|too|since|verbally|fully|then)*((confirmed|verified|agreed|supported
		|explained|confirmed and supported|vouched for (him|her|them)?) (it|this|that|the same|as much|{thing}|(that|why
		|how)?{assert})?({by}|{when}|on {day}|to me|with me|when i rang|when i called|{tome})*|(supports|support|backs
		|endorses|supported)({thing})?(fully|strongly|too|up|entirely)?|(is|are|was|were) (all|also|both|very|too
		|fully)*(happy|content|satisfied|supportive|able) ((with|of) {thing}|to (confirm|support|vouch for|verify|back
		|agree)({thing})?)?)`,
	"ground": `(given|in view of|in light of|in the light of|because of|due to|owing to|based on|on the strength of|having
		(read|seen|reviewed|checked|considered|looked at)) ({thing}|{det}?{disease})`,
	"happy": `happy|content|satisfied|comfortable|pleased|confident|reassured|convinced|persuaded`,
	"approve": `support|approve|agree|confirm|endorse|proceed|go ahead|grant|agree to|sign off|sign this off|sign it off|accept
		|recommend|back|say yes to`,
	"thanks": `many thanks|kind thanks|huge thanks|big thanks|thanks|thank you|thankyou|with thanks|much appreciated
		|appreciated|cheers|ta|thx|much obliged|with many thanks|thank you kindly`,
	"thanked": `{sending}(me|us|it|this|that|these|them|over|on|in|through|so|quickly|promptly|again|up|to me|to us|too|clearly
		|{thing})*|(your|the|all your|all the)? (very)? (quick|prompt|swift|hard|thorough|good|great|careful)? (help
		|time|patience|work|understanding|care|reply|response|effort|efforts|turnaround|update|reminder|nudge) ((with
		|on) (this|it)|here)?|being so (quick|thorough|prompt|clear|patient)|(that|this)|{thing}`,
	"late": `(slight|short|long)? (delay|wait|late reply|late response|slow reply|slow response|late answer|lateness|slowness
		|being (so|a bit|rather)?(slow|late)|taking so long|keeping you waiting|not (replying|answering) sooner) (in
		(replying|getting back to you|getting back|responding|answering|getting to this|deciding|coming back to you
		|looking at this))?(on this|here|with this)?`,
	"doc": `letter|evidence|report|document|documents|certificate|attachment|paperwork|letters|documentation|form|scan`,

	// Welsh.
	"swydd": `(y|yr|'r|ei|eu|fy)? {pwy} (y|yr)?{pwy}?`,
	"cymro": `{title}?@@?|(y|yr|'r|ei|eu|fy)? {pwy} (y|yr)?{pwy}?`,
	"beth": `(y|yr|eich|dy|ei|eu|fy)? {peth} (hwn|hon|hyn|yma)?({da})?((gan|oddi wrth|o|gan y|gan yr|o'r|gan ei) {cymro}|a
		{peth}|a'r {peth})*`,
	"bethyn": `mae'r {peth}((gan|o'r|o|gan y|gan yr) {cymro})?|mae {peth}|mae'n|mae (y|yr) {peth}|{beth}|maen nhw|mae rhain
		|maent`,
	"wedi": `wedi|dw i wedi|dwi wedi|rwyf wedi|rydw i wedi|rydym wedi|rydyn ni wedi|rwy wedi|rwy'n wedi|rydw i hefyd wedi|a
		wedi|ac wedi`,
	"rwyn": `rwy'n|rwyf yn|dw i'n|dwi'n|rydw i'n|rydyn ni'n|rydym yn|yn|rwy yn|rydyn ni'n dau|mae'r ddau ohonom yn`,
	"gyda": `gyda|efo|â|ag|gyda'r|efo'r|â'r|gan|gan y|o|at|ar|yn|i|'r|â'i|gyda'i`,
	"droi": `dros y ffôn|ar y ffôn|drwy e-bost|drwy ebost|bore yma|heddiw|ddoe|prynhawn yma|neithiwr|hefyd|yn ofalus|yn
		drylwyr|yn llawn|yn ddiweddar|trwy ffonio|ar teams|dros teams|wyneb yn wyneb`,
}

// remarkSentences are the comments.
var remarkSentences = []string{
	// Thanks and courtesies.
	`{thanks}(very much|so much|again|a lot|indeed|all|both|everyone|team|as always|as ever|to all|to you both|&|@
		|to {person})*(for {thanked}((and|,)+(for)?{thanked})*)?`,
	`{hello}({all}|the|&|@)*`,
	`(i|we)?hope (you|all|everyone|this)(are|is|finds you)?(both|all)?(well|good|ok|okay|keeping well|fine)`,
	`(i)?hope (this|that) helps`,
	`(have|enjoy)(a|your|the)(good|lovely|nice|great|restful|happy|brilliant|pleasant)?(day|weekend|evening|week
		|afternoon|holiday|break|christmas|rest of your day)`,
	`(well done|great work|good work|nice work|good job|great job|great stuff|good stuff|got it|understood|noted)(all
		|both|team|everyone)?({thanks})?`,
	`received({thanks})?`,
	`(happy|glad|pleased|only too happy)to help`,
	`(you're|you are)(very|most)?welcome|my pleasure|(no|not a)problem(at all)?|no worries(at all)?|any time|anytime`,
	`(best of luck|good luck|all the best|best wishes|congratulations|well done)((to|with){det}?({pron}|him|her|them
		|this|that|everything|{who}))*`,
	`hope {pron}(gets|get|is|are)(on|doing|keeping)?(well|better|ok|okay)`,
	`it (was|is) (a pleasure|good) to (read|see)(such|so)?{object}`,
	`{praise} to see {object}({tome})?`,
	`(so|very|many|my|sincere)*(sorry|apologies|i apologise|apols)(again)?(for|about)(the|my|any|a|this|all
		the)?{late}`,
	`(sorry|apologies)(that)?(this|it)(took|has taken)(so long|a while|some time|longer than usual)`,
	`(sorry|apologies),?(i|we|i've|we've)(was|were|been|have been|had been)(on leave|on annual leave|away|off|off
		sick|in meetings|out of the office|busy)({when})?`,
	`(speak|talk)(to you)?soon`,
	`&+(here)?`,

	// Praise of the evidence.
	`{det}?({adv}|well)*{praise}((and|,)?{praise})*{kind}*({noun}|{case})({source}|{dated}|{tome}|(for|behind) (this
		|it|{thing}))*`,
	`{det}?{adv}*{easy}((and|,){easy})?{case}{tome}?`,
	`{goods}{tome}?`,
	`{verb}{goods}{tome}?`,
	`({thing}|(and|which|who|that)) (all|also|both)?{verb}{goods}({tome}|for (this|it|me))?`,
	`(everything|all|what)(that)?(i|we)(need|needed|asked for|wanted)(is|was){goods}`,
	`(it's|that's|all's|they're|everything's|this is|that is|it is|these are) {goods}{tome}?`,
	`(looks|sounds|reads|works|all looks|it all looks|everything looks) {adv}*({good}|well)?{tome}?`,
	`({thing}|that's|it's) (is|are)?(exactly|just|all)?(what|all|everything)(i|we)(need|needed|want|wanted|asked for
		|require|required|were after|hoped for|was after)`,
	`({thing}|which)?{does}`,
	`{thing}{do}`,
	`({thing}|which|(it|that) all)(all)?((checks|adds|stacks|holds) up|checks out|tallies|matches|tally|match|check
		out|agree|agrees)`,
	`(this|it|that|which|(the|an) exception)(is|looks){adv}*(needed|necessary|warranted|merited|deserved|called for)`,
	`({pron}|{det}?(user|applicant|colleague)){adv}*(needs|need|deserves|deserve|qualifies for|qualify for|is
		entitled to|are entitled to)(this|it|the exception|an exception|the help)`,
	`({pron}|{det}?(user|applicant|colleague)){does}`,
	`(all|well|clearly|fully|comfortably)*(within|in line with|compliant with|consistent with|in keeping with|in
		accordance with|covered by){det}?(our|mfa|nhs|exception)*({things}|(previous|earlier|similar) (cases|requests))`,
	`({person}|they|you)(has|have)(done|made) (a|an)?({adv}|very)?{praise}(job|case|effort|application|request)
		({tome}|(of|with|on) (this|it))?`,
	`(as|because|and that){assert}`,
	`(this|it|that|{thing}|which)(is|was|makes){det}?{adv}*({praise}|{easy})((and|,)({praise}|{easy}))?({case}
		|{kind}*{noun})`,
	`{det}?(mfa|exception|evidence|policy|nhs)*({things}|thresholds|conditions of the policy)(are|is|has been|have
		been)?(all)?(clearly|fully|well|easily)?(met|satisfied|fulfilled){tome}?`,
	`{person}(was|were|has been)?(contacted|called|rung|spoken to|phoned|consulted)(by phone|{when})?((and|,)*(is
		|was)?(supportive|happy|content|satisfied|helpful|confirmed|{agrees}))+`,
	`yes|yep|yup|ie|ydw|oes`,
	`{thing}(opened|opens|downloaded)(fine|ok|okay|well|correctly|without (any)?(issue|problem|problems|issues))`,
	`(two|three|four|both|several){kind}*{noun}({source}|{dated})*({goods})?`,

	// Nothing against it.
	`(i|we)?(have|had|see|saw|found|there are|there is|with)?(no|without any|without|nil)(further|more)?{worry}((or
		|and){worry})?(at all|{tome}|(with|about|on|over|regarding) ({thing}|{person})|to raise|whatsoever|raised)*`,
	`(there is|i have|we have|i've)?nothing(further|more|else)?((to add|to query|to raise|of concern|untoward|to
		object to|to worry about)({tome})?|from (me|us|my side|our side))`,

	// How it was checked.
	`{i}{just}*({checked}|{told})((and|,)({checked}|{told})|{detail}|to (check|verify|confirm|discuss|clarify)
		({thing}|{things})?)*`,
	`{just}*({checked}|read and {checked}|read and agreed|seen and agreed|rang|called|phoned|telephoned|spoke|spoken
		|talked)((and|,)({checked}|{told})|{detail}|to (verify|confirm)({thing}|{things})?)*`,
	`(rang|called|phoned|telephoned|spoke to|spoken to|have rung) {person}({by}|{when}|on {day})*to (check|verify
		|confirm|discuss|clarify)({thing}|{things})?`,
	`{thing}(has|have)?(been|is|are|was|were)?(all|also|both|now|{just})*({checked}|read|{good})((and|,|,and)
		({checked}|read|{good}|found)|{detail}|found|to be {good}|and {does})*`,
	`(and)?found (it|them|this|everything|{thing})?(to be|all)?{goods}`,
	`({person}|who|they|he|she|both|all|we|i) {agrees}`,
	`(i|we)(know|trust){person}(well|very well|personally)?`,
	`(based on|on the strength of|having (read|seen|reviewed|checked|considered|looked at)) ({thing}|{det}?{disease})`,

	// Agreement.
	`({ground},?)?(i'm|i am|we are|we're|am|and am)?(very|more than|quite rightly|also|both|fully|really|all|entirely
		|perfectly|completely|now|personally|so)*{happy}(((with|by|about|on) ({thing}|{role})|(that)?{assert}|to
		{approve}(to|with|on)?({thing})?)|now|{tome}|{ground})*`,
	`(i|we)(can|am able to|are able to|can also|hereby)?(confirm|see)(that|how|why)?{assert}`,
	`(i|we)?(fully|also|both|entirely|completely|strongly|totally|wholeheartedly)*(agree|agreed|concur|support
		|supported|endorse|endorsed|recommend|recommended|accepted|accept|granted)((with|by) ({role}|{thing})|{thing}
		|{tome}|{ground})*`,
	`(i|we|i've|we've)?(have)?agreed(this|it)?with {person}`,
	`(you have)?(my|our)?(full|fully) support{tome}?`,
	`(i|we|i've|i have|we have)+(happily|gladly)?approved(it|this|{thing})?`,
	`(please)?(go ahead|proceed)`,
	`(all)?(good|ok|okay|fine|happy|clear|free)to (go|proceed|go ahead)`,

	// Why the user needs it.
	`{fact}((and|,|where){fact})*`,
	`no (phones|mobiles|smartphones|mobile phones|phone signal|signal|mobile signal)((are|is)?(allowed|permitted
		|available))?(there|inside|on site|on the ward|on the unit|in the prison|in there)?`,

	// Welsh.
	`(llawer o|gyda|gan)?(diolch|ddiolch|diolchiadau)(yn fawr|o galon|mawr|iawn|eto|i chi|i ti|bawb|i bawb|ichi|i'r
		tîm|i'r {pwy}|i {cymro}|&|@|tîm)*(am (({gyda}|'r)?{beth}|(anfon|ddanfon|rannu|ddarparu|drefnu|egluro|roi)(hwn
		|hyn|y|yr|'r|{beth}|ymlaen|ataf|mor gyflym|i mi)*|ymateb|(eich|dy)?(gwaith|waith|help|cymorth|amynedd|ymateb
		|amser)?(da|caled|cyflym)?(mor gyflym|yn gyflym|mor brydlon)?))*`,
	`(bore da|prynhawn da|noswaith dda|helo|annwyl|shwmae|s'mae|hei)(bawb|tîm|dîm|pawb|&|@|gyfaill|gyfeillion)*`,
	`(gobeithio|dw i'n gobeithio|gan obeithio)(eich bod|eich bod chi|dy fod|bod pawb|bod chi)(yn iawn|yn dda|yn
		cadw'n iawn|i gyd yn iawn)`,
	`(penwythnos|diwrnod|noson|prynhawn|wythnos)(da|braf|hyfryd)(i chi|i bawb)?`,
	`(ymddiheuriadau|ymddiheuraf|mae'n ddrwg gen i|mae'n ddrwg gennyf|sori|rwy'n ymddiheuro)(am)(yr oedi|fod yn hwyr
		|yr ateb hwyr|ymateb yn hwyr|gymryd mor hir|fod mor hir)`,
	`{bethyn}(i gyd|hefyd|hwn|hon)?(yn|'n)?(edrych|darllen|ymddangos)?(yn)?{da}((a|ac|,)(yn)?{da}|a (llofnodwyd
		|dyddiedig|chyfredol)|(i mi|gen i|gennyf))*`,
	`{bethyn}(yn)?(edrych yn|darllen yn){da}`,
	`(mae|mae'r|y)*(popeth|cyfan|bob dim)(i'w weld)?(yn|mewn)(iawn|trefn|ei le|glir|dda|gywir)(i mi|gen i|yma)?`,
	`{bethyn}wedi('i|ei)(llofnodi|lofnodi|ddyddio|dyddio|wirio|gadarnhau)((a|a'i|ac)('i|ei)?(llofnodi|lofnodi|dyddio
		|ddyddio)|(a|ac)(yn)?{da})*`,
	`{bethyn}(yn)?(cefnogi|bodloni|egluro|cadarnhau|dangos|cwrdd â|ateb)(y|'r|yr|hyn|pam|popeth|'n glir|yn glir
		|{beth}|polisi|meini prawf|gofynion|â'r|angen)*`,
	`dim(un|unrhyw)?({pryder}|byd|byd arall|mwy)(i'w (ychwanegu|ddweud|godi)|pellach|gen i|gennyf|o gwbl|o'm rhan i
		|yma|(am|gyda|ynghylch) (hyn|hwn|{beth}))*`,
	`(does|nid oes)(gen i|gennyf|gennym|dim)*{pryder}(pellach|o gwbl)?`,
	`(does|nid oes)(gen i|gennyf|gennym) (ddim|unrhyw|dim) {pryder}(pellach|o gwbl|(am|gyda|ynghylch) (hyn|hwn
		|{beth}))?`,
	`{wedi}({gwirio}|(ei|eu)(ddarllen|gwirio|wirio|gweld|darllen))({gyda}*({beth}|{cymro})|{droi}|(a|ac) {gwirio}|i
		(gadarnhau|wirio|drafod)({beth}|hyn)?)*`,
	`(gwiriwyd|cadarnhawyd|darllenwyd|gwelwyd|trafodwyd|siaradais|ffoniais|gwiriais|darllenais|gwelais|trafodais
		|cadarnheais|edrychais)({gyda}*({beth}|{cymro})|{droi}|i (gadarnhau|wirio|drafod)({beth}|hyn)?)*`,
	`{peth}{da}((a|ac|,)(yn)?{da})*((gan|oddi wrth|o|gan y|gan yr|o'r) {cymro})?`,
	`(mae)?(hyn|hwn|popeth|hynny)?(yn)?(edrych|swnio)(yn)(dda|iawn|glir|dda iawn)(i mi|gen i)?`,
	`(gwych|ardderchog|clir|cywir|da iawn|perffaith|hyfryd|bendigedig)`,
	`(yn )?iawn (i mi|gen i|gennyf|gyda fi)`,
	`{rwyn}(hapus|fodlon|bodlon|cytuno|falch|cefnogi|gefnogol)(iawn|yn llwyr|hefyd|{gyda}*({beth}|{swydd})|i
		(gymeradwyo|gefnogi|gytuno)|bod {beth}yn {da}|fod {beth}yn {da})*`,
	`(cytuno|cytunaf|cefnogaf|cytunwyd|cefnogir|hapus|bodlon)(yn llwyr|'n llwyr|'n iawn|hefyd|iawn|i (gymeradwyo
		|gefnogi|gytuno|helpu)|{gyda}*({beth}|{swydd}))*`,
	`(mae|mae'r|mae'r ddau|y|yr)*{pwy}(wedi|hefyd|yn)+(cadarnhau|cytuno|cefnogi)(hyn|hynny|{beth}|{droi})*`,
	`(achos|cais) (clir|cryf|syml|teg|rhesymol|da)(iawn)?`,
	`(ewch ymlaen)`,
}
