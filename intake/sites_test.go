package intake_test

import (
	"strconv"
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

func itoa(n int) string { return strconv.Itoa(n) }

const sitesHeader = "ods_code,name,kind,mailbox,aliases,contacts\n" // as it may be without the last column

func TestReadSites(t *testing.T) {
	t.Parallel()
	s := must(intake.ReadSites("sites.csv", strings.NewReader("\ufeff"+strings.ReplaceAll(sitesHeader+
		"fa001, \"Corner, Pharmacy\",Pharmacy,Pharmacy@Corner.test, old@corner.test ; older@corner.test;,Jo@corner.test\n\n"+
		"FB002,Bright Eyes,social care,eyes@bright.test,,\n", "\n", "\r\n"))))(t)
	same(t, "sites", 2, s.Len())
	want := &intake.Site{ODSCode: "FA001", Name: "Corner, Pharmacy", Kind: "pharmacy", Mailbox: corner,
		Aliases: []string{"old@corner.test", "older@corner.test"}, Contacts: []string{jo}}
	got, found := s.ByCode("Fa001")
	same(t, "by its code", want, got)
	if _, none := s.ByCode("FX999"); none || !found {
		t.Error("ByCode found the wrong ones")
	}
	for addr, code := range map[string]string{"PHARMACY@corner.test": "FA001", "older@corner.test": "FA001",
		"eyes@bright.test": "FB002", jo: "", "": ""} {
		site, found := s.ByMailbox(addr)
		if found != (code != "") || found && site.ODSCode != code {
			t.Errorf("the site of %q is %v", addr, site)
		}
	}
	same(t, "of a contact", 1, len(s.OfContact("JO@CORNER.TEST")))
	same(t, "of a mailbox as a contact", 0, len(s.OfContact(corner)))
	for addr, has := range map[string]bool{corner: true, "OLD@corner.test": true, jo: true, bright: false, "": false} {
		if want.Has(addr) != has {
			t.Errorf("Has(%q) is not %v", addr, has)
		}
	}
	tall := must(intake.ReadSites("sites.csv", strings.NewReader("ods_code,name,kind,mailbox,aliases,contacts,telephone\n"+
		"A,B,other,c@d.test,,,01632 960123\nE,F,other,g@h.test,,,+44 (1632) 960124 ext 5\nI,J,other,k@l.test\n")))(t)
	var numbers []string
	for _, s := range tall.All() {
		numbers = append(numbers, s.Telephone)
	}
	same(t, "telephone numbers", []string{"01632 960123", "+44 (1632) 960124 ext 5", ""}, numbers)
	short := must(intake.ReadSites("sites.csv", strings.NewReader("ods_code,name,kind,mailbox\nA,B,other,c@d.test\n")))(t)
	same(t, "without the last columns", 1, short.Len())
}

// TestSitesInOrder: each site comes with the line that it begins on.
func TestSitesInOrder(t *testing.T) {
	t.Parallel()
	s := must(intake.ReadSites("sites.csv", strings.NewReader(sitesHeader+
		"FB002,\"Bright\nEyes\",optometry,eyes@bright.test,,\n\n"+
		"fa001,Corner,pharmacy,pharmacy@corner.test,,\nFC003,Dental,dental,teeth@dental.test,,\n")))(t)
	var got []string
	for line, site := range s.All() {
		got = append(got, itoa(line)+" "+site.ODSCode)
		if site.ODSCode == "FA001" {
			break
		}
	}
	same(t, "sites until FA001", []string{"2 FB002", "5 FA001"}, got)
}

func TestSitesChanges(t *testing.T) {
	t.Parallel()
	const site = "FA001,Corner,pharmacy,pharmacy@corner.test,old@corner.test,jo@corner.test\n"
	const other = "FB002,Bright Eyes,optometry,eyes@bright.test,,\n"
	for _, c := range []struct {
		name, before, after     string
		added, removed, changed int
	}{
		{"nothing", site + other, site + other, 0, 0, 0},
		{"the order, the case and spaces", site + other,
			other + "fa001, Corner ,Pharmacy,Pharmacy@corner.test,OLD@corner.test;,jo@corner.test\n", 0, 0, 0},
		{"from none", "", site + other, 2, 0, 0},
		{"to none", site + other, "", 0, 2, 0},
		{"another code", site, strings.Replace(site, "FA001", "FA002", 1), 1, 1, 0},
		{"the name", site + other, strings.Replace(site, "Corner,", "Corner Ltd,", 1) + other, 0, 0, 1},
		{"the kind", site, strings.Replace(site, "pharmacy,", "other,", 1), 0, 0, 1},
		{"the mailbox", site, strings.Replace(site, "pharmacy@", "p@", 1), 0, 0, 1},
		{"an alias", site, strings.Replace(site, "old@", "older@", 1), 0, 0, 1},
		{"a contact", site, strings.Replace(site, "jo@", "ann@", 1), 0, 0, 1},
		{"all kinds", site + other,
			strings.Replace(site, "jo@", "ann@", 1) + "FC003,Dental,dental,teeth@dental.test,,\nFD004,D,other,d@d.test,,\n", 2, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before := must(intake.ReadSites("sites.csv", strings.NewReader(sitesHeader+c.before)))(t)
			after := must(intake.ReadSites("sites.csv", strings.NewReader(sitesHeader+c.after)))(t)
			added, removed, changed := after.Changes(before)
			same(t, "added, removed, changed", []int{c.added, c.removed, c.changed}, []int{added, removed, changed})
		})
	}
}

// TestRightSitesBesideWrong: the rows that are right come back with the problems of the others.
func TestRightSitesBesideWrong(t *testing.T) {
	t.Parallel()
	s, err := intake.ReadSites("sites.csv", strings.NewReader(sitesHeader+
		"FX101,X,bakery\nFA001,Corner,pharmacy,pharmacy@corner.test,,\n"))
	says(t, err, "sites.csv:2: ")
	if _, found := s.ByCode("FA001"); !found {
		t.Error("the right row is not there")
	}
}

func TestAlertOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		ok(t, w.AlertOperator(t.Context(), "sites", outbox.Cause{}, "The register is wrong", "one", "two"))
		l := w.expect("alert sites > " + ops)[0]
		same(t, "alert", intake.Facts{Audience: intake.ToOperator, Why: "sites", At: noon,
			AlertFacts: intake.AlertFacts{Headline: "The register is wrong", Lines: []string{"one", "two"}}}, l.Facts)
	}
}

func TestSitesProblems(t *testing.T) {
	t.Parallel()
	const good = "FA001,Corner,pharmacy,pharmacy@corner.test,,\n"
	for _, c := range []struct {
		name, file string
		words      []string
	}{
		{"empty", "", []string{"sites.csv:1: expected the header ods_code,name,kind,mailbox,aliases,contacts,telephone"}},
		{"no header", good, []string{"sites.csv:1: expected the header"}},
		{"another header", "code,name,kind,mailbox\n", []string{"sites.csv:1: expected the header"}},
		{"columns of another order", "name,ods_code,kind,mailbox\n", []string{"sites.csv:1: expected the header"}},
		{"one column", "ods_code\n", []string{"sites.csv:1: expected the header"}},
		{"no code", sitesHeader + ",Corner,pharmacy,a@b.test,,\n", []string{"sites.csv:2: ods_code: expected an ODS code"}},
		{"no name", sitesHeader + "FA001, ,pharmacy,a@b.test,,\n", []string{"sites.csv:2: name: expected"}},
		{"another kind", sitesHeader + "FA001,Corner,bakery,a@b.test,,\n",
			[]string{"sites.csv:2: kind: expected one of pharmacy, optometry", `"bakery"`}},
		{"no mailbox", sitesHeader + "FA001,Corner,pharmacy,,,\n", []string{`sites.csv:2: mailbox: expected an email address, not ""`}},
		{"a mailbox that is none", sitesHeader + "FA001,Corner,pharmacy,a at b,,\n",
			[]string{`mailbox: expected an email address, not "a at b"`}},
		{"aliases with commas", sitesHeader + "FA001,Corner,pharmacy,a@b.test,\"c@b.test,d@b.test\",\n",
			[]string{"sites.csv:2: aliases: expected an email address"}},
		{"a contact with a name", sitesHeader + "FA001,Corner,pharmacy,a@b.test,,Jo <jo@b.test>\n",
			[]string{"sites.csv:2: contacts: expected an email address"}},
		{"a telephone number that is none", strings.TrimSpace(sitesHeader) + ",telephone\nFA001,Corner,pharmacy,a@b.test,,,ask Jo\n",
			[]string{`sites.csv:2: telephone: expected a telephone number, such as 01632 960123, not "ask Jo"`}},
		{"a code twice", sitesHeader + good + "fa001,Other,dental,other@b.test,,\n",
			[]string{"sites.csv:3: ods_code: FA001 is already on line 2"}},
		{"a mailbox twice", sitesHeader + good + "\nFB002,Other,dental,Pharmacy@corner.test,,\n",
			[]string{"sites.csv:4: mailbox: pharmacy@corner.test is already the mailbox of the site on line 2"}},
		{"an alias that is a mailbox", sitesHeader + good + "FB002,Other,dental,x@b.test,pharmacy@corner.test,\n",
			[]string{"sites.csv:3: ", "on line 2"}},
		{"too few columns", sitesHeader + "FA001,Corner\n", []string{"sites.csv:2: expected 6 columns, not 2"}},
		{"too many columns", sitesHeader + "FA001,Corner,pharmacy,a@b.test,,,x\n", []string{"sites.csv:2: expected 6 columns, not 7"}},
		{"a stray quote", sitesHeader + good + "FB\"002,Other,dental,x@b.test,,\n", []string{"sites.csv:3: "}},
		{"a quote that does not end", sitesHeader + "\"FA001,Corner,pharmacy,a@b.test,,\n", []string{"sites.csv:"}},
		{"a quote in the header", "\"ods_code\n", []string{"sites.csv:1: "}},
		{"a row that a formula has not found", sitesHeader + good + "#N/A,Other,dental,x@b.test,,\n", []string{"sites.csv:3: ", `"#N/A"`}},
		{"a row whose code has no room", sitesHeader + good + "\"####\",Other,dental,x@b.test,,\n", []string{"sites.csv:3: ", `"####"`}},
		{"a name that a formula has not found", sitesHeader + "FA001,#REF!,pharmacy,a@b.test,,\n", []string{"sites.csv:2: name: expected"}},
		{"two aliases without quotes between semicolons",
			"ods_code;name;kind;mailbox;aliases;contacts;telephone\nFA001;C;pharmacy;a@b.test;b@b.test;c@b.test;;\n",
			[]string{"sites.csv:2: expected 7 columns, as the header has, not 8", "several aliases stand in quotes"}},
		{"several at once", sitesHeader + ",,bakery,x,,\n",
			[]string{"sites.csv:2: ods_code", "sites.csv:2: name", "sites.csv:2: kind", "sites.csv:2: mailbox"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := intake.ReadSites("sites.csv", strings.NewReader(c.file))
			says(t, err, c.words...)
		})
	}
}

// TestCodesThatASpreadsheetChanged: a code that Excel took for a number or a date is refused with how to keep it from that; what only
// looks like one is a code.
func TestCodesThatASpreadsheetChanged(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"5.00E+01", "5,00E+01", "5E+01", "1E-05", "01-Mar", "1-mar", "Mar-01",
		"01-Mar-26", "1 Sept", "01/03/2026", "2026-03-01", "2026-03-01 00:00:00", "7", "07", "1.5", `'FX101`, "“FX101”"} {
		_, err := intake.ReadSites("sites.csv",
			strings.NewReader(sitesHeader+"FA001,C,pharmacy,a@b.test,,\n"+code+",D,dental,d@b.test,,\n"))
		says(t, err, "sites.csv:3: ods_code: ", "is what a spreadsheet makes of a code", "format the whole column as Text")
	}
	for _, code := range []string{"5E1", "50E0", "MAR01", "A", "102", "00N", "8HK88", "1E05", "MAR-001", "5E1-A", "D-26"} {
		must(intake.ReadSites("sites.csv", strings.NewReader(sitesHeader+code+",D,dental,d@b.test,,\n")))(t)
	}
	_, err := intake.ReadSites("sites.csv", strings.NewReader(sitesHeader+"FX\u200b101,D,dental,d@b.test,,\n"))
	says(t, err, `sites.csv:2: ods_code: expected an ODS code in ASCII characters, not "FX\u200b101"`)
}

// TestUnsureSites: a row between semicolons that ends with what may be a second alias is told of, and a telephone number that may have lost
// its nought; what a spreadsheet writes is not.
func TestUnsureSites(t *testing.T) {
	t.Parallel()
	const header = "ods_code;name;kind;mailbox;aliases;contacts;telephone\n"
	for row, unsure := range map[string]string{
		"FA001;C;pharmacy;a@b.test;b@b.test;c@b.test\n":                 "sites.csv:2: contacts: c@b.test is taken for a contact",
		"FA001;C;pharmacy;a@b.test;;;1632960123\n":                      "sites.csv:2: telephone: 1632960123 may have lost what was in front of it",
		"FA001;C;pharmacy;a@b.test;;;01632960123\n":                     "",
		"FA001;C;pharmacy;a@b.test;b@b.test;c@b.test;\n":                "",
		"FA001;C;pharmacy;a@b.test;\"b@b.test;x@b.test\";c@b.test\n":    "",
		"FA001;C;pharmacy;a@b.test;b@b.test\nFA002;D;dental;d@b.test\n": "",
	} {
		found := must(intake.ReadSites("sites.csv", strings.NewReader(header+row)))(t).Unsure()
		if unsure == "" {
			same(t, row, 0, len(found))
			continue
		}
		same(t, row, 1, len(found))
		says(t, found[0], unsure)
	}
}

func TestIsAddress(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"sam@corner.test": true, "s.o'neil+x@corner.test": true, "": false,
		"sam": false, "sam@": false, "@corner.test": false,
		"Sam <sam@corner.test>": false, "<sam@corner.test>": false, " sam@corner.test": false,
		"sam@corner.test,kim@corner.test": false, "sam@corner.test\r\nBcc: x@y": false,
		`"sam lee"@corner.test`: false, strings.Repeat("x", 250) + "@y.test": false} {
		if intake.IsAddress(s) != want {
			t.Errorf("IsAddress(%q) is not %v", s, want)
		}
	}
}

// TestSitesInWindows1252: a name in an encoding that is not told with certainty is not shown wrong to everybody.
func TestSitesInWindows1252(t *testing.T) {
	t.Parallel()
	const before = "ods_code,name,kind,mailbox\nA,B,other,c@d.test\nC,"
	const after = ",other,e@d.test\n"
	s := must(intake.ReadSites("sites.csv", strings.NewReader(before+"\xc9cole \x93Caf\xe9\x94 \x96 St Mary\x92s"+after)))(t)
	site, _ := s.ByCode("C")
	same(t, "name", "École “Café” – St Mary’s", site.Name)
	for what, name := range map[string]string{
		"DOS":    "Caf\x82",
		"DOS, ö": "Sch\x94n",
		"DOS, ô": "C\x93te",
		"Mac":    "\x8ecole",
		"Mac, ’": "St Mary\xd5s",
		"none":   "\x81",
	} {
		_, err := intake.ReadSites("sites.csv", strings.NewReader(before+name+after))
		if err == nil || !strings.Contains(err.Error(), "sites.csv:3: expected text in UTF-8: save it as \"CSV UTF-8\"") {
			t.Errorf("%s: got the error %v", what, err)
		}
	}
	for what, text := range map[string]string{
		"a mark of UTF-8 that is wrong": "\ufeff" + before + "Caf\xe9" + after,
		"UTF-8 elsewhere":               strings.Replace(before, "B", "Tŷ Gwyn", 1) + "Caf\xe9" + after,
	} {
		_, err := intake.ReadSites("sites.csv", strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), "sites.csv:3: expected text in UTF-8") {
			t.Errorf("%s: got the error %v", what, err)
		}
	}
	_, err := intake.ReadSites("sites.csv", strings.NewReader("ods_code,name,kind,mailbox\nA,\x00,other,c@d.test\n"))
	says(t, err, "sites.csv:2: expected text")
	_, err = intake.ReadSites("sites.csv", strings.NewReader("\xff\xfea\x00\x00\xd8"))
	says(t, err, "sites.csv:1: expected text in UTF-16")
}

// TestSitesOfTheMac: an old kind of CSV has nothing but carriage returns at the ends of lines.
func TestSitesOfTheMac(t *testing.T) {
	t.Parallel()
	s := must(intake.ReadSites("sites.csv", strings.NewReader("ods_code,name,kind,mailbox\rA,B,other,c@d.test\r")))(t)
	same(t, "sites", 1, s.Len())
}
