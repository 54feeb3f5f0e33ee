package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mistyped is a command line that can mean nothing, whatever is on record, and what is said of it. One that begins with "absent"
// is right, and what it names is not there.
var mistyped = []struct{ line, says string }{
	// References.
	{"show LT-26-42", `there is no request or exception "LT-26-42": expected a reference such as`},
	{"show LT-2026-00042x", "expected a reference such as"},
	{"show sam.green@", "is not an email address"},
	{"absent show LT-2026-00042", `there is no request or exception "LT-2026-00042"`},
	{"evidence LT-26-42 --out DIR", `"LT-26-42" is not a reference`},
	{"absent evidence LT-2026-00042 --out DIR", "there is no request or exception"},
	{"decide LT-26-42 approve --as asha@helpdesk.test", `"LT-26-42" is not a reference`},
	{"absent decide LT-2026-00042 approve --as asha@helpdesk.test", "there is no request or exception"},
	{"correct sam --name Sam --as Jo", `"sam" is not a reference`},
	{"absent correct LT-2026-00042 --name Sam --as Jo", "there is no request or exception"},
	{"close LT2026-00042 moved --as Jo", `"LT2026-00042" is not a reference`},
	{"absent close LT-2026-00042 moved --as Jo", "there is no request or exception"},
	{"revoke 42 moved --as Jo", `"42" is not a reference`},
	{"absent revoke ST-2026-00042 moved --as Jo", "there is no request or exception"},
	{"hold LT-2026-42 complaint --as Jo", `"LT-2026-42" is not a reference`},
	{"absent hold LT-2026-00042 complaint --as Jo", "there is no request or exception"},

	// Numbers.
	{"done two --as Jo", "not the number of a to-do"},
	{"done 0 --as Jo", "not the number of a to-do"},
	{"absent done 99 --as Jo", "there is no to-do 99"},
	{"requeue seven", "not the number of a message"},
	{"requeue 1 2 x", `not the number of a message: "x"`},
	{"absent requeue 99", "there is no message 99"},
	{"resend -- -1", "not the number of an email"},
	{"absent resend 99", "there is no email 99"},
	{"absent why 99", "there is no message 99"},

	// Addresses.
	{"grant --user sam --reason other", `"sam" is not an email address`},
	{"erase sam", `"sam" is not an email address`},
	{"export sam", `"sam" is not an email address`},
	{"absent export sam.green@pharmacy.test", "nothing is on record about"},
	{"correct LT-2026-00042 --user sam --as Jo", `"sam" is not an email address`},
	{"decide LT-2026-00042 approve --as asha@helpdesk.test --user sam", `"sam" is not an email address`},

	// Reviewers.
	{"decide LT-2026-00042 approve --as ash@helpdesk.test", "is not a reviewer: expected the address of a [[reviewer]] of the " +
		"configuration: did you mean asha@helpdesk.test?"},
	{"decide --site FX101 reject forged --as asha@helpdesk.tset", "did you mean asha@helpdesk.test?"},
	{"delegate mallory@helpdesk.test --as Jo", "is not a reviewer: expected the address of a [[reviewer]] of the configuration\n"},
	{"delegate asha@helpdesk.test --to mallory@helpdesk.test --as Jo", "must not decide"},
	{"delegate asha@helpdesk.test --as Jo", "expected --to ADDRESS"},
	{"delegate asha@helpdesk.test --to asha@helpdesk.test --as Jo", "cannot stand in for themselves"},
	{"absent delegate asha@helpdesk.test --end --as Jo", "is not away"},

	// Reasons, decisions and other words.
	{"grant --user sam@pharmacy.test --reason phone-misplaed", "did you mean phone-misplaced?"},
	{"correct LT-2026-00042 --reason accesibility --as Jo", "did you mean accessibility?"},
	{"requeue --reason unauthentic", `no message is set aside for the reason "unauthentic": expected one of `},
	{"requeue --reason not-registred", "did you mean not-registered?"},
	{"preview approved --reason accesibility", "did you mean accessibility?"},
	{"preview aproved", "did you mean approved?"},
	{"decide LT-2026-00042 aprove --as asha@helpdesk.test", "expected approve, reject or info"},
	{"decide LT-2026-00042 reject --as asha@helpdesk.test", "reject needs a reason"},
	{"decide LT-2026-00042 info --as asha@helpdesk.test", "info needs a question"},
	{"decide --site FX101 approve all --as asha@helpdesk.test", "expected reject or info"},
	{"accept sties --as Jo", "expected: mfabot accept sites|clock"},
	{"inbound --state quarantine", "did you mean quarantined?"},
	{"queue --state pendin", "did you mean pending?"},
	{"exceptions --state over", "no state \"over\": expected active"},
	{"outbound --state quued", "did you mean queued?"},
	{"audit verify --root abc", "expected the 64 hexadecimal digits"},

	// Sites.
	{"grant --user sam@pharmacy.test --reason other --site FX999", `there is no site "FX999"`},
	{"decide --site FX999 reject forged --as asha@helpdesk.test", "is the ODS code right?"},
	{"absent decide --site FX101 reject forged --as asha@helpdesk.test", "has no open request"},
	{"inbound --site FX999", `there is no site "FX999"`},
	{"queue --site FX999", `there is no site "FX999"`},
	{"exceptions --site FX999 --json", `there is no site "FX999"`},
	{"outbound --site FX999", `there is no site "FX999"`},
	{"show FX999", `there is no request or exception "FX999"`},

	// Days.
	{"inbound --since yesterday", "expected a day such as"},
	{"queue --since 2026-02-30", "expected a day such as"},
	{"exceptions --since 1.11.2026", "expected a day such as"},
	{"outbound --since 2026-13-01", "expected a day such as"},
	{"report --from May", "expected a day such as"},
	{"report --from 2026-05-01 --to May", "expected a day such as"},
	{"report --from 2026-05-01 --to 2026-04-01", "no later than"},
	{"run --shadow --since May", "expected a day such as"},
	{"import --since May", "expected a day such as"},
	{"delegate asha@helpdesk.test --to ben@helpdesk.test --until May --as Jo", "expected a day from today on"},
	{"delegate asha@helpdesk.test --to ben@helpdesk.test --until 2020-01-01 --as Jo", "expected a day from today on"},
	{"decide LT-2026-00042 approve UNTIL_2020-01-01 --as asha@helpdesk.test", "UNTIL needs a day"},

	// Pages.
	{"inbound --limit 0", "expected --limit 1 or more"},
	{"queue --limit -1", "expected --limit 1 or more"},
	{"exceptions --limit 9999999999", "and 1000000 at most"},
	{"outbound --limit many", `invalid argument "many"`},
	{"find sam --limit 0", "expected --limit 1 or more"},
	{"find sam --limit 9223372036854775807", "and 1000000 at most"},
	{"inbound --page 0", "expected --page 1 or more"},
	{"queue --page -1", "expected --page 1 or more"},
	{"exceptions --page 9999999999", "and 1000000 at most"},
	{"outbound --page 0", "expected --page 1 or more"},

	// In whose name, and what goes together.
	{"done 1", "--as NAME"},
	{"accept sites", "--as NAME"},
	{"hold LT-2026-00042 complaint", "--as NAME"},
	{"leavers FILE", "--as NAME"},
	{"delegate asha@helpdesk.test", "--as NAME"},
	{"revoke LT-2026-00042 moved", "--as NAME"},
	{"close LT-2026-00042 moved", "--as NAME"},
	{"correct LT-2026-00042 --name Sam", "--as NAME"},
	{"decide LT-2026-00042 approve", "--as REVIEWER"},
	{"reconcile --fix", "--as NAME"},
	{"migrate", "expected --to"},
	{"migrate --to mfabot.db", "expected postgres://USER@HOST/DATABASE"},
	{"requeue", "expected: mfabot requeue"},
	{"requeue 1 --reason old", "and not both"},
	{"requeue 1 --dry-run", "go with --reason"},
	{"requeue --reason failed --as Jo", "name each message by its number"},
	{"requeue --reason old --yes", "without --reason"},
	{"decide LT-2026-00042 approve --as asha@helpdesk.test --yes", "--yes goes with --site"},
}

// TestMistyped: a command line that is wrong ends with 2 and says so on standard error alone, over all commands; one that is right
// and names what is not there ends with 1.
func TestMistyped(t *testing.T) {
	t.Parallel()
	file := emptyOffice(t)
	for _, c := range mistyped {
		line, absent := strings.CutPrefix(c.line, "absent ")
		want := exitUsage
		if absent {
			want = exitFailed
		}
		args := strings.Fields(line)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "_", " ")
		}
		var stdout, stderr bytes.Buffer
		status := runMain(append([]string{"--config", file}, args...), &stdout, &stderr)
		if status != want || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("mfabot %s: exit status %d, expected %d and %q:\n%s", line, status, want, c.says, stderr.String())
		}
		if stdout.Len() > 0 {
			t.Errorf("mfabot %s printed:\n%s", line, stdout.String())
		}
	}
}

// TestMistypedAll: the table has each command with whatever of it can be mistyped.
func TestMistypedAll(t *testing.T) {
	t.Parallel()
	has := func(name, part string) bool {
		return slices.ContainsFunc(mistyped, func(c struct{ line, says string }) bool {
			return strings.HasPrefix(c.line, name+" ") && (strings.Contains(c.line+" ", part+" ") || strings.Contains(c.says, part))
		})
	}
	checked := []string{"since", "from", "to", "until", "site", "state", "limit", "page", "reason", "user"}
	named := []string{"grant", "erase", "purge", "resend", "import"} // without --as they take the login name
	for _, c := range commandsOf(newRoot(&app{})) {
		name := strings.TrimPrefix(c.CommandPath(), "mfabot ")
		if name == "init" { // which checks answers
			continue
		}
		words := strings.FieldsFunc(c.Use, func(r rune) bool { return strings.ContainsRune(" |.[]", r) })
		for _, argument := range []string{"REF", "ADDRESS", "REVIEWER"} {
			if slices.Contains(words, argument) && !has(name, "") {
				t.Errorf("nothing mistyped of %s", c.Use)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if must := slices.Contains(checked, f.Name) || f.Name == "as" && !slices.Contains(named, name); must &&
				!has(name, "--"+f.Name) {
				t.Errorf("nothing mistyped of %s --%s", name, f.Name)
			}
		})
	}
}

// commandsOf are all commands below one.
func commandsOf(c *cobra.Command) (all []*cobra.Command) {
	for _, sub := range c.Commands() {
		all = append(append(all, sub), commandsOf(sub)...)
	}
	return all
}

// emptyOffice writes the configuration of the scripts to a folder, with a database that has a grant in it, and returns its name.
func emptyOffice(t *testing.T) (file string) {
	t.Helper()
	dir := t.TempDir()
	servers := strings.NewReplacer("$IMAP", "127.0.0.1:1", "$SMTP", "127.0.0.1:1")
	for _, name := range []string{"mfabot.toml", "sites.csv"} {
		text, err := os.ReadFile(filepath.Join("testdata", "office", name))
		done(t, err)
		done(t, os.WriteFile(filepath.Join(dir, name), []byte(servers.Replace(string(text))), 0o600))
	}
	done(t, os.WriteFile(filepath.Join(dir, "password"), []byte("secret\n"), 0o600))
	file = filepath.Join(dir, "mfabot.toml")
	var out bytes.Buffer
	if runMain([]string{"--config", file, "grant", "--user", "kim.day@pharmacy.test", "--reason", "no-signal"}, &out, &out) != exitOK {
		t.Fatal(out.String())
	}
	return file
}
