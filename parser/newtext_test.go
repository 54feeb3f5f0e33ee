package parser_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mfabot/parser"
)

// own is what the sender of the messages below wrote, quote what they answered.
const (
	own   = "The ward has moved to the first floor.\nNo phones may be taken in."
	quote = "Which ward is it\n\nand since when"
)

// fromAda returns a message in plain text.
func fromAda(text string) string {
	return "From: Ada Lee <ada@site.test>\r\nTo: mfa@helpdesk.test\r\nSubject: Re: a question\r\n" +
		"Message-ID: <1@site.test>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n")
}

// phrases reads testdata/phrases/NAME.txt: one phrase per line, with the phrase's own line breaks written as
// \n.
func phrases(t *testing.T, name string) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/phrases/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(raw)) {
		out = append(out, strings.ReplaceAll(strings.TrimSuffix(line, "\n"), `\n`, "\n"))
	}
	return out
}

// checkNewText fails unless exactly the own text is read.
func checkNewText(t *testing.T, p *parser.Parser, text string) {
	t.Helper()
	m, err := p.Parse(strings.NewReader(fromAda(text)))
	if err != nil {
		t.Fatal(err)
	}
	if m.NewText != own {
		t.Errorf("%q:\n got %q\nwant %q", text, m.NewText, own)
	}
}

// TestAttributions puts every client's attribution above marked, unmarked and missing quotations, and above
// text posted below one.
func TestAttributions(t *testing.T) {
	p := parser.New(vocabulary)
	marked := "> " + strings.ReplaceAll(quote, "\n", "\n> ")
	for _, a := range phrases(t, "attributions") {
		checkNewText(t, p, own+"\n\n"+a+"\n\n"+marked+"\n")
		checkNewText(t, p, own+"\n"+a+"\n"+marked+"\n")
		checkNewText(t, p, a+"\n\n"+marked+"\n\n"+own+"\n")
		checkNewText(t, p, own+"\n\n"+a+"\n")
		if strings.HasSuffix(a, ":") || strings.HasSuffix(a, "：") {
			checkNewText(t, p, own+"\n\n"+a+"\n\n"+quote+"\n")
		}
	}
}

// TestQuotedHeaders puts the header of the answered mail above it, in every language, order and style.
func TestQuotedHeaders(t *testing.T) {
	p := parser.New(vocabulary)
	values := []string{"Ben Hart <ben@helpdesk.test>", "3 March 2026 10:12", "Ada Lee <ada@site.test>", "Re: a question"}
	for _, line := range phrases(t, "headers") {
		names := strings.Split(line, "|")
		for _, dress := range []string{"NAME: VALUE", "*NAME:* VALUE", "**NAME:** VALUE", "NAME : VALUE", "NAME:VALUE"} {
			for _, order := range [][]int{{0, 1, 2, 3}, {1, 0, 2, 3}, {0, 1, 3}} {
				var block []string
				for _, i := range order {
					block = append(block, strings.NewReplacer("NAME", names[i], "VALUE", values[i]).Replace(dress))
				}
				checkNewText(t, p, own+"\n\n"+strings.Join(block, "\n")+"\n\n"+quote+"\n")
				checkNewText(t, p, own+"\n________________________________\n"+strings.Join(block, "\n")+"\n\n"+quote+"\n")
			}
		}
	}
}

func TestSeparators(t *testing.T) {
	p := parser.New(vocabulary)
	for _, s := range phrases(t, "separators") {
		checkNewText(t, p, own+"\n\n"+s+"\n\n"+quote+"\n")
		checkNewText(t, p, own+"\n\n"+s+"\nFrom: Ben Hart\nSent: 3 March 2026\nTo: Ada\nSubject: x\n\n"+quote+"\n")
	}
}

// TestSignatures puts below the own text what clients, people and organisations add there.
func TestSignatures(t *testing.T) {
	p := parser.New(vocabulary)
	below := "\n\nOn Tue, 3 Mar 2026 at 10:12, Ben Hart <ben@helpdesk.test> wrote:\n\n> Which ward\n"
	for _, name := range []string{"devices", "signatures", "disclaimers"} {
		for _, s := range phrases(t, name) {
			checkNewText(t, p, own+"\n\n"+s+"\n")
			checkNewText(t, p, own+"\n\n"+s+below)
			checkNewText(t, p, own+"\n\nKind regards\n\nAda\n\n"+s+below)
		}
	}
	for _, c := range phrases(t, "closings") {
		checkNewText(t, p, own+"\n\n"+c+"\nAda\n")
		checkNewText(t, p, own+"\n\n"+c+"\n\nKim Rees\nPractice Manager\n01632 960 123\n"+below)
	}
}

// TestSigners: whom a signature names, where it names somebody.
func TestSigners(t *testing.T) {
	p := parser.New(vocabulary)
	for below, want := range map[string]*parser.Signer{
		"Kind regards\n\nPriya Shah\nPharmacy Manager\nOak Street Pharmacy\nTel: 01632 960123": {
			Name: "Priya Shah", Role: "Pharmacy Manager", Telephone: "01632 960123"},
		"Many thanks\nPriya Shah | Superintendent Pharmacist | 01632 960 123": {
			Name: "Priya Shah", Role: "Superintendent Pharmacist", Telephone: "01632 960 123"},
		"Regards,\nSiân O'Neill (Practice Manager)": {Name: "Siân O'Neill", Role: "Practice Manager"},
		"Kind regards, Sam":                         {Name: "Sam"},
		"-- \nOak Street Pharmacy\n12 Oak Street":   nil,
		"": nil,
	} {
		m, err := p.Parse(strings.NewReader("From: oak@pharmacy.test\r\nSubject: MFA\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
			own + "\n\n" + below + "\n\nOn Tue, 3 Mar 2026 at 10:12, Ben Hart <ben@helpdesk.test> wrote:\n\n> " +
			"Which\n>\n> Regards\n> Ben Hart\n"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, m.Signer); diff != "" {
			t.Errorf("%q (-want +got):\n%s", below, diff)
		}
	}
}

func TestBanners(t *testing.T) {
	p := parser.New(vocabulary)
	for _, b := range phrases(t, "banners") {
		checkNewText(t, p, b+"\n\n"+own+"\n")
	}
}

// TestKept: text that only looks like an attribution, a header, a signature or a disclaimer.
func TestKept(t *testing.T) {
	p := parser.New(vocabulary)
	for _, text := range []string{
		"On the whole we agree.\n\nOn Mondays she is at the other site.",
		"The GP wrote a letter on 2 March 2026, it is attached:\nletter.pdf",
		"I wrote to the hospital on 3 March 2026 at 10:00 and asked for the following:\n\n- a letter\n- a date",
		"Have you seen what Ben wrote?\nI have not had it:\nnot at all.",
		"From what I can see she has left.\nTo be honest I would wait.\nDate of leaving was 3 March 2026.",
		"From: 3 March 2026\nTo: 10 March 2026\nShe is away then.",
		"As regards the letter, it is on its way.\n\nWith regards to the ward I have no news.",
		"The letter was sent from my phone to the ward.\n\nSent from my desk, which is easier.",
		"Thanks\nI have attached the letter from occupational health as you asked me to.",
		"Many thanks for looking at this so quickly, she starts on Monday and will need access.",
		"Our address is:\n\nRiverside Pharmacy\n1 High Street\nAB1 2CD",
		"Please exempt the user below\n\nSam Okafor\nsam.okafor@site.test\n07700 900 456",
		"Please exempt these 2 users (sam.okafor@site.test and ada.lee@site.test):\n\nThey work in a prison.",
		"Yes please.\n\nThe number to call is 01632 960 123.",
		"The letter is confidential, so please do not send it on.",
		"Caution is needed here, she is new.\nShe works on a secure ward.",
		"These are the days:\n-- Monday morning\n-- Tuesday, all day\n\nTell me if they suit.",
		"First part of what we found.\n\n______________________________\n\nThe second part is longer, and it has to be read as well.",
		"Best to ring the ward.\n\nThey are open now.",
		"Kind regards,\n\nKim Rees\n\nOne more thing, the letter that we sent in January was for somebody else, sorry about that.",
	} {
		m, err := p.Parse(strings.NewReader(fromAda(text)))
		if err != nil {
			t.Fatal(err)
		}
		if m.NewText != text {
			t.Errorf("got  %q\nwant %q", m.NewText, text)
		}
	}
}

// TestInlineAnswers: text between quoted lines is the sender's, unless it is the rest of a wrapped quoted
// line.
func TestInlineAnswers(t *testing.T) {
	for text, want := range map[string]string{
		"> Which ward does she work on, and since when has she?\noak, since May\n> Is she there for good?\nyes":    "oak, since May\n\nyes",
		"It is Oak.\n\n> The letter that came with your request for an exception\ndoes not say it.\n> Which ward?": "It is Oak.",
		"> One\nFirst answer\n\n> Two\nSecond answer\n\nKind regards\nAda":                                         "First answer\n\nSecond answer",
	} {
		m := parse(t, fromAda(text))
		if m.NewText != want {
			t.Errorf("%q:\n got %q\nwant %q", text, m.NewText, want)
		}
	}
}
