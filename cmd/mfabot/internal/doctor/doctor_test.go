package doctor

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
	"mfabot/store/nearby"
)

// TestWell: of a setting that is as it should be every line is ok, with --send too, before the bot has run and while it does.
func TestWell(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"new", "running", "with a directory"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			c.around.Send = true
			if name == "running" {
				c.database()
				lock, err := nearby.TakeLock(c.file("mfabot.db"), "process 7 on mail1")
				done(t, err)
				t.Cleanup(func() { done(t, lock.Release()) })
			}
			if name == "with a directory" {
				c.graph("")
			}
			lines := c.examined()
			for _, l := range lines {
				if l.State != OK || l.Found == "" || l.Mend != "" {
					t.Errorf("%+v", l)
				}
			}
			said := shown(lines)
			if held := strings.Contains(said, "the bot that runs on it is process 7 on mail1"); held != (name == "running") {
				t.Errorf("that a bot runs is said: %v\n%s", held, said)
			}
			for _, folder := range []string{"Processed", "Refused"} {
				if data, err := c.user.Status(folder, &imap.StatusOptions{NumMessages: true}); err != nil || *data.NumMessages != 0 {
					t.Errorf("%s: %v, %v: want it empty", folder, data, err)
				}
			}
		})
	}
}

// database makes one, as a bot that has run leaves it.
func (c *clinic) database() *store.Store {
	c.t.Helper()
	db, err := store.Open(c.t.Context(), c.file("mfabot.db"))
	done(c.t, err)
	done(c.t, db.Close())
	done(c.t, os.Chmod(c.file("mfabot.db"), 0o600))
	_, err = config.LoadKey(c.file("mfabot.db.key"))
	done(c.t, err)
	db, err = store.Open(c.t.Context(), c.file("mfabot.db"))
	done(c.t, err)
	c.t.Cleanup(func() { done(c.t, db.Close()) })
	return db
}

// broken is a setting with one thing wrong.
type broken struct {
	name   string
	breaks func(c *clinic)
	line   string   // the check that finds it
	found  string   // what it says was found
	mend   string   // what it says to do
	also   []string // other checks that find the same
	state  State    // WRONG if it is left out
	works  bool     // nothing is left untried for it
}

// TestBroken: each thing that is wrong is found by its own line, which says what to do, and by no other. What needs it is
// not tried.
func TestBroken(t *testing.T) {
	t.Parallel()
	for _, b := range slices.Concat(ways(), tlsRefused(), serversBroken(), mailBroken(), signedMail(), named(), filesBroken()) {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			b.breaks(c)
			lines := c.examined()
			state := b.state
			if state == "" {
				state = Wrong
			}
			said := false
			for _, l := range lines {
				switch {
				case l.Check == b.line:
					said = l.State == state && strings.Contains(l.Found, b.found) && strings.Contains(l.Mend, b.mend)
				case l.State == Wrong && !slices.Contains(b.also, l.Check):
					t.Errorf("%s is WRONG too", l.Check)
				case l.State == NotTried && b.works:
					t.Errorf("%s is not tried", l.Check)
				}
			}
			if !said {
				t.Errorf("%s does not say %q and %q", b.line, b.found, b.mend)
			}
			if t.Failed() {
				t.Log("\n" + shown(lines))
			}
		})
	}
}

const (
	imapURL = "imaps://mfa%40helpdesk.test@imap.helpdesk.test:993/INBOX"
	smtpURL = "smtps://mfa%40helpdesk.test@smtp.helpdesk.test:465"
)

// ways: a server is not where it should be, or its TLS is not right.
func ways() []broken {
	both := []string{"submission: TLS"}
	return []broken{
		{name: "no such server", breaks: func(c *clinic) { delete(c.names, "imap.helpdesk.test") },
			line: "mailbox helpdesk: DNS", found: "no server called imap.helpdesk.test", mend: "url under [[mailbox]]"},
		{name: "no such submission server", breaks: func(c *clinic) { delete(c.names, "smtp.helpdesk.test") },
			line: "submission: DNS", found: "no server called smtp.helpdesk.test", mend: "smtp.url"},
		{name: "IMAP port", breaks: func(c *clinic) { c.edit(":993", ":1993") },
			line: "mailbox helpdesk: connection", found: "nobody answers at imap.helpdesk.test:1993: connection refused", mend: "port in url under [[mailbox]]"},
		{name: "SMTP port", breaks: func(c *clinic) { c.edit(":465", ":1993") },
			line: "submission: connection", found: "nobody answers at smtp.helpdesk.test:1993: connection refused", mend: "port in smtp.url"},
		{name: "TLS on plain", breaks: func(c *clinic) { c.imap.plain = true },
			line: "mailbox helpdesk: TLS", found: "does not speak TLS", mend: "Use imap+starttls:// (143) in url under [[mailbox]]"},
		{name: "SMTP TLS on plain", breaks: func(c *clinic) { c.smtp.plain = true },
			line: "submission: TLS", found: "does not speak TLS", mend: "Use smtp+starttls:// (587) in smtp.url"},
		{name: "STARTTLS on TLS", breaks: func(c *clinic) { c.edit(imapURL, "imap+starttls"+imapURL[5:]); c.around.Silence = time.Second / 2 },
			line: "mailbox helpdesk: TLS", found: "does not greet", mend: "use imaps:// (993)"},
		{name: "no STARTTLS", breaks: func(c *clinic) { c.edit(imapURL, "imap+starttls"+imapURL[5:]); c.imap.plain = true },
			line: "mailbox helpdesk: TLS", found: "offers no STARTTLS", mend: "Use imaps:// (993)"},
		{name: "SMTP no STARTTLS", breaks: func(c *clinic) { c.edit(smtpURL, "smtp+starttls"+smtpURL[5:]); c.smtp.plain = true },
			line: "submission: TLS", found: "offers no STARTTLS", mend: "Use smtps:// (465)"},
		{name: "no TLS", breaks: func(c *clinic) {
			c.edit(imapURL+"\"", "imap"+imapURL[5:]+"\"\ninsecure = true")
			c.imap.plain = true
		}, line: "mailbox helpdesk: TLS", found: "in the clear", mend: "Use imaps:// (993) or imap+starttls:// (143)", works: true},
		{name: "SMTP no TLS", breaks: func(c *clinic) {
			c.edit(smtpURL+"\"", "smtp"+smtpURL[5:]+"\"\ninsecure = true")
			c.smtp.plain = true
		}, line: "submission: log-in", found: "no password is sent", mend: "Use smtps:// (465) or smtp+starttls:// (587)", also: []string{"submission: TLS"}},
		{name: "expired", breaks: func(c *clinic) { c.leaf.NotAfter = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) },
			line: "mailbox helpdesk: TLS", found: "expired on 2 March 2026", mend: "renewed", also: both},
		{name: "not yet", breaks: func(c *clinic) { c.leaf.NotBefore = time.Now().Add(time.Hour) },
			line: "mailbox helpdesk: TLS", found: "good only from", mend: "clock", also: both},
		{name: "expires soon", breaks: func(c *clinic) { c.leaf.NotAfter = time.Now().Add(5*24*time.Hour + time.Hour) },
			line: "mailbox helpdesk: TLS", found: "in 5 days", mend: "renewed", also: both, works: true},
		{name: "wrong name", breaks: func(c *clinic) { c.leaf.DNSNames = []string{"mail.example.org", "smtp.helpdesk.test"} },
			line: "mailbox helpdesk: TLS", found: "for mail.example.org, smtp.helpdesk.test, and not for imap.helpdesk.test", mend: "one of the names of the certificate"},
		{name: "unknown CA", breaks: func(c *clinic) { c.unknown = true },
			line: "mailbox helpdesk: TLS", found: `by "Somebody Else", whom ca_file under [[mailbox]] (ca.pem) does not name`,
			mend: "openssl s_client -showcerts -connect imap.helpdesk.test:993", also: both},
		{name: "no CA", breaks: func(c *clinic) { c.toml = strings.ReplaceAll(c.toml, `ca_file       = "ca.pem"`, "") },
			line: "mailbox helpdesk: TLS", found: `by "Helpdesk CA", whom this machine does not know`, mend: "name that in ca_file under [[mailbox]]. ", also: both},
		{name: "unknown CA, with STARTTLS", breaks: func(c *clinic) {
			c.edit(imapURL, "imap+starttls"+imapURL[5:])
			c.imap.plain, c.imap.startTLS, c.unknown = true, true, true
		}, line: "mailbox helpdesk: TLS", found: `by "Somebody Else"`, mend: "-connect imap.helpdesk.test:993 -starttls imap", also: both},
		{name: "the server's own certificate in ca_file", breaks: func(c *clinic) { c.pinned = true }, state: OK, works: true,
			line: "mailbox helpdesk: TLS", found: "ca_file under [[mailbox]] (ca.pem) names itself: when it is renewed nothing works"},
		{name: "no log-in at this port", breaks: func(c *clinic) { c.smtp.rewrite = []string{"AUTH PLAIN", "8BITMIME"} },
			line: "submission: log-in", found: "the server takes no log-in at smtp.helpdesk.test:465",
			mend: "smtp+starttls:// (587) or smtps:// (465). One for mail from other servers (25) has none."},
		{name: "nobody logs in, and has to", breaks: func(c *clinic) {
			c.edit(smtpURL, "smtps://smtp.helpdesk.test:465") // and the password that is left is not sent: it is wrong
			c.smtp.password, c.smtp.refuses = "another", []string{"from mfa@helpdesk.test"}
			c.smtp.rewrite = []string{"550 5.7.1 not here", "530 5.7.0 log in first"}
		}, line: "submission: sender", found: "530", mend: "put the user before the host into smtp.url"},
		{name: "IMAP password", breaks: func(c *clinic) {
			c.toml = strings.Replace(c.toml, `"password"`, `"other"`, 1)
			c.write("other", "guess\n")
		},
			line: "mailbox helpdesk: log-in", found: "refuses mfa@helpdesk.test", mend: "password_file under [[mailbox]]"},
		{name: "SMTP password", breaks: func(c *clinic) { c.smtp.password = "another" },
			line: "submission: log-in", found: "refuses mfa@helpdesk.test", mend: "smtp.password_file"},
	}
}

// serversBroken: a server that lets us in does not do what it should.
func serversBroken() []broken {
	refuses := func(command string, err error) func(*clinic) {
		return func(c *clinic) { c.imap.refuses = map[string]error{command: err} }
	}
	return []broken{
		{name: "no MOVE", breaks: func(c *clinic) { c.imap.rewrite = []string{" MOVE", ""} },
			line: "mailbox helpdesk: capabilities", found: "no MOVE: without MOVE each message is copied", mend: "Have the server offer MOVE"},
		{name: "no MOVE, no UIDPLUS", breaks: func(c *clinic) { c.imap.rewrite = []string{" MOVE", "", " UIDPLUS", ""} },
			line: "mailbox helpdesk: capabilities", found: "no MOVE, no UIDPLUS", mend: "offer MOVE and UIDPLUS"},
		{name: "no IDLE", breaks: func(c *clinic) { c.imap.rewrite = []string{" IDLE", ""} },
			line: "mailbox helpdesk: capabilities", found: "no IDLE", mend: "offer IDLE"},
		{name: "no folders", breaks: refuses("create", no(imap.ResponseCodeNoPerm, "not allowed")),
			line: "mailbox helpdesk: folders", found: "not allowed", mend: "or create Processed, Refused and Quarantine there"},
		{name: "no such folder", breaks: func(c *clinic) { c.edit("993/INBOX", "993/Requests") },
			line: "mailbox helpdesk: folders", found: "the folder Requests cannot be opened", mend: "Make it, or put the right one behind the host in url under"},
		{name: "may not put", breaks: refuses("append", no(imap.ResponseCodeNoPerm, "not allowed")),
			line: "mailbox helpdesk: rights", found: "fails to put a test message into Processed", mend: "the right to insert"},
		{name: "may not move", breaks: refuses("move", no(imap.ResponseCodeNoPerm, "not allowed")),
			line: "mailbox helpdesk: rights", found: "fails to move a test message from Processed to Refused", mend: "move"},
		{name: "may not delete", breaks: refuses("expunge", no(imap.ResponseCodeNoPerm, "not allowed")),
			line: "mailbox helpdesk: rights", found: "fails to remove a test message from Refused", mend: "delete"},
		{name: "full", breaks: refuses("append", no(imap.ResponseCodeOverQuota, "over quota")),
			line: "mailbox helpdesk: rights", found: "the mailbox is full", mend: "quota raised"},
		{name: "read-only", breaks: func(c *clinic) { c.imap.rewrite = []string{"[READ-WRITE]", "[READ-ONLY]"} },
			line: "mailbox helpdesk: rights", found: "INBOX is read-only", mend: "Give mfa@helpdesk.test the right"},
		{name: "clock ahead", breaks: func(c *clinic) { c.around.Clock = func() time.Time { return time.Now().Add(time.Hour) } },
			line: "mailbox helpdesk: clock", found: "1h0m0s ahead of the server's", mend: "timedatectl"},
		{name: "clock behind", breaks: func(c *clinic) { c.around.Clock = func() time.Time { return time.Now().Add(-time.Hour) } },
			line: "mailbox helpdesk: clock", found: "1h0m0s behind the server's", mend: "timedatectl"},
		{name: "clock of the submission server", breaks: func(c *clinic) { c.smtp.says = " 2 Nov 2025 09:00:00 +0000" },
			line: "submission: clock", found: "ahead of the server's, by its greeting", mend: "timedatectl"},
		{name: "sender refused", breaks: func(c *clinic) { c.smtp.refuses = []string{"from mfa@helpdesk.test"} },
			line: "submission: sender", found: "takes no mail from mfa@helpdesk.test", mend: "right to send as mfa@helpdesk.test"},
		{name: "sender refused without a log-in", breaks: func(c *clinic) {
			c.edit(smtpURL, "smtps://smtp.helpdesk.test:465")
			c.smtp.refuses = []string{"from mfa@helpdesk.test"}
		}, line: "submission: sender", found: "takes no mail from mfa@helpdesk.test",
			mend: "There is no user in smtp.url, so that mfabot does not log in: put the user before the host into smtp.url " +
				"(smtp+starttls://mfa%40helpdesk.test@HOST)"},
		{name: "sender refused at the port of other servers", breaks: func(c *clinic) {
			c.edit(":465", ":25")
			c.smtp.refuses = []string{"from mfa@helpdesk.test"}
		}, line: "submission: sender", found: "takes no mail from mfa@helpdesk.test", mend: "theirs is 587 as a rule: use that in smtp.url."},
		{name: "operator refused", breaks: func(c *clinic) { c.smtp.refuses = []string{"ops@helpdesk.test"} },
			line: "submission: recipients", found: "refuses mail to ops@helpdesk.test", mend: "service.operator"},
		{name: "sub-addressing", breaks: func(c *clinic) {
			c.edit("[[mailbox]]", "plus_address = true\n[[mailbox]]")
			c.smtp.refuses = []string{"mfa+doctor@helpdesk.test"}
		},
			line: "submission: sub-addressing", found: "no mail to mfa+doctor@helpdesk.test", mend: "Take plus_address = true out"},
		{name: "wrong resolver", breaks: func(c *clinic) {
			c.edit(`authserv_id =`, "dkim = true\nauthserv_id =")
			c.edit("[[mailbox]]", "resolver = \""+closedPort(c.t)+"\"\n[[mailbox]]")
		},
			line: "resolver", found: "does not answer", mend: "service.resolver"},
		{name: "clamd", breaks: func(c *clinic) { c.toml += "[evidence]\nclamd = \"tcp:" + closedPort(c.t) + "\"\n" },
			line: "clamd", found: "connection refused", mend: "evidence.clamd"},
		{name: "directory without rights", breaks: func(c *clinic) { c.graph(http.MethodDelete) },
			line: "directory: rights", found: "GroupMember.ReadWrite.All", mend: "right to change the members of the group"},
		{name: "directory shows no group", breaks: func(c *clinic) { c.graph(http.MethodGet) },
			line: "directory: group", found: "GroupMember.ReadWrite.All", mend: "docs/directory.md"},
	}
}

// forbids has the directory forbid requests of a kind from now on.
func (c *clinic) forbids(method string) { c.forbidden.Store(&method) }

// graph has a directory that forbids requests of a kind.
func (c *clinic) graph(forbids string) {
	c.forbids(forbids)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch forbids := *c.forbidden.Load(); {
		case r.Method == http.MethodPost:
			_, _ = w.Write([]byte(`{"access_token": "x", "token_type": "Bearer", "expires_in": 3600}`))
		case r.Method == forbids:
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}`))
		case strings.HasSuffix(r.URL.Path, "/members"), strings.HasSuffix(r.URL.Path, "/users"):
			_, _ = w.Write([]byte(`{"value": []}`))
		case strings.HasPrefix(r.URL.Path, "/v1.0/groups/") && r.Method == http.MethodGet:
			_, _ = w.Write([]byte(`{"id": "11111111-2222-3333-4444-555555555555"}`))
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error": {"code": "Request_ResourceNotFound", "message": "no such object"}}`))
		}
	}))
	c.t.Cleanup(srv.Close)
	c.write("secret", "x\n")
	c.toml += `[directory]
kind  = "graph"
group = "11111111-2222-3333-4444-555555555555"
oauth = "graph"
url   = "` + srv.URL + `/v1.0"
[oauth.graph]
token_url = "` + srv.URL + `/token"
client_id = "mfabot"
client_secret_file = "secret"
`
}

// mailBroken: what comes in is not proven, or not by what is trusted.
func mailBroken() []broken {
	hello := "From: asha@helpdesk.test\r\nTo: mfa@helpdesk.test\r\nMessage-ID: <1@helpdesk.test>\r\nSubject: Hello\r\n\r\nI am here.\r\n"
	const ours = "mailbox helpdesk: mail from reviewers at helpdesk.test"
	return []broken{
		{name: "wrong authserv_id", breaks: func(c *clinic) { c.edit(`"mx.helpdesk.test"`, `"mail.helpdesk.test"`) },
			line: "mailbox helpdesk: trust", found: "none of the newest 1 messages is proven (authserv_id = mail.helpdesk.test); 1 would be by",
			mend: `change authserv_id = "mail.helpdesk.test" under [mailbox.trust] of "helpdesk" to authserv_id = "mx.helpdesk.test"`, also: []string{ours}},
		{name: "Exchange Online", breaks: func(c *clinic) {
			c.mail = []string{"Authentication-Results: spf=pass (sender IP is 192.0.2.1) " +
				"smtp.mailfrom=helpdesk.test; dkim=none (message not signed) " +
				"header.d=none;dmarc=pass action=none header.from=helpdesk.test;compauth=pass reason=100\r\n" +
				"Received: from out.helpdesk.test (192.0.2.1) by AM7EUR03FT001.mail.protection.outlook.com (10.0.0.1) " +
				"with Microsoft SMTP Server id 15.20.1; Mon, 2 Nov 2026 09:00:00 +0000\r\n" + hello}
		}, line: "mailbox helpdesk: trust", found: "1 would be by exchange_online = true", mend: "exchange_online = true", also: []string{ours}},
		{name: "no results", breaks: func(c *clinic) { c.mail = []string{received + hello} },
			line: "mailbox helpdesk: trust", found: "no Authentication-Results of mx.helpdesk.test", mend: "have the mail server check who sends",
			also: []string{ours}},
		{name: "results that prove nobody", breaks: func(c *clinic) {
			c.mail = []string{"Authentication-Results: mx.helpdesk.test; spf=softfail smtp.mailfrom=helpdesk.test\r\n" + received + hello}
		}, line: "mailbox helpdesk: trust", found: "none of the newest 1", mend: "Authentication-Results of mx.helpdesk.test, and none proves",
			also: []string{ours}},
		{name: "results below", breaks: func(c *clinic) { c.mail = []string{received + results + hello} },
			line: "mailbox helpdesk: trust", found: "above the Received field", mend: "at the very top", also: []string{ours}},
		{name: "everybody believed", breaks: func(c *clinic) { c.edit("authserv_id =", "allow_unauthenticated = true\nauthserv_id =") },
			line: "mailbox helpdesk: trust", found: "anybody can approve", mend: "Take allow_unauthenticated out"},
		{name: "reviewers not proven", breaks: func(c *clinic) {
			c.mail = []string{received + hello, results + received + strings.Replace(hello, "asha@", "jo@", 1)}
		}, line: ours, found: "their decisions would be set aside", mend: "for its own users too"},
		{name: "marked by its sender as from inside a tenant of Exchange Online", breaks: func(c *clinic) {
			c.mail = []string{received + "X-MS-Exchange-Organization-AuthAs: Internal\r\n" + hello}
		}, line: "mailbox helpdesk: trust", found: "no Authentication-Results of mx.helpdesk.test", mend: "have the mail server check who sends",
			also: []string{ours}},
		{name: "a reviewer's, marked so", breaks: func(c *clinic) {
			c.mail = []string{received + "X-MS-Exchange-Organization-AuthAs: Internal\r\n" + hello,
				results + received + strings.Replace(hello, "asha@", "jo@", 1)}
		}, line: ours, found: "their decisions would be set aside", mend: "for its own users too"},
		{name: "inside a tenant of Exchange Online", breaks: func(c *clinic) {
			c.mail = []string{"Received: from A.EURPRD05.PROD.OUTLOOK.COM ([fe80::1]) by A.EURPRD05.PROD.OUTLOOK.COM ([fe80::1%6]) " +
				"with mapi id 15.20.1; Mon, 2 Nov 2026 09:00:00 +0000\r\nX-MS-Exchange-Organization-AuthAs: Internal\r\n" + hello}
		}, line: "mailbox helpdesk: trust", found: "1 would be by exchange_online = true", mend: "exchange_online = true", also: []string{ours}},
		{name: "another server's mail where Exchange Online is believed", breaks: func(c *clinic) {
			c.edit("authserv_id =", "exchange_online = true\nauthserv_id =")
		}, line: "mailbox helpdesk: trust", found: "1 of the newest 1 messages did not come by it", mend: "Take exchange_online out of [mailbox.trust] of \"helpdesk\""},
		{name: "another server where Exchange Online is believed", breaks: func(c *clinic) {
			c.edit("authserv_id =", "exchange_online = true\nauthserv_id =")
			c.mail = nil
		}, line: "mailbox helpdesk: trust", found: "is none of its servers", mend: "Take exchange_online out of [mailbox.trust] of \"helpdesk\""},
		{name: "no mail", breaks: func(c *clinic) { c.mail = nil }, state: NotTried,
			line: "mailbox helpdesk: trust", found: "no mail to judge by", mend: "write to mfa@helpdesk.test, and run doctor again. File that message in a folder of your own"},
		{name: "no mail of reviewers", breaks: func(c *clinic) { c.mail = []string{results + received + strings.Replace(hello, "asha@", "jo@", 1)} },
			state: NotTried, line: ours, found: "no mail of theirs",
			mend: "Have one of them write to mfa@helpdesk.test, with any text, and run doctor again. File that message"},
		{name: "nothing arrives", breaks: func(c *clinic) { c.around.Send, c.around.Arrival, c.smtp.loses = true, time.Second/2, true },
			line: "round trip", found: "has not come within 500ms", mend: "junk"},
		{name: "own mail not proven", breaks: func(c *clinic) { c.around.Send, c.smtp.unproven = true, true },
			line: "round trip", found: "is not proven, so that mail of your own users at helpdesk.test would not be", mend: "for its own users too"},
		{name: "another bot", breaks: func(c *clinic) {
			c.database()
			c.mail = append(c.mail, results+received+strings.Replace(hello, "From: asha@", "X-Mfabot: another\r\nFrom: mfa@", 1))
		}, line: "mailbox helpdesk: other bots", found: `(instance "another", here it is`, mend: "Stop one of the two"},
		{name: "another bot, if it is none of a stranger's making", breaks: func(c *clinic) {
			c.database()
			c.mail = append(c.mail, received+strings.Replace(hello, "From: asha@", "X-Mfabot: another\r\nFrom: mfa@", 1))
		}, line: "mailbox helpdesk: other bots", found: "mfa@helpdesk.test; but nothing proves that email", mend: "Stop one of the two"},
		{name: "filed by another", breaks: func(c *clinic) { c.database(); c.filed = []string{received + hello} },
			line: "mailbox helpdesk: other bots", found: "1 messages of the last week were filed that are not on record", mend: "move them back"},
	}
}

// filesBroken: what is on this machine is not as it should be.
func filesBroken() []broken {
	return []broken{
		{name: "secrets open to all", breaks: func(c *clinic) { c.write("password", password); done(c.t, os.Chmod(c.file("password"), 0o644)) },
			line: "secrets", found: "its mode is 0644", mend: "chmod o="},
		{name: "credentials of the service", breaks: func(c *clinic) {
			c.toml = strings.ReplaceAll(c.toml, `"password"`, `"credential:mail.password"`)
		}, line: "secrets", found: "the passwords are the service's credentials", mend: "Type: sudo CREDENTIALS_DIRECTORY=/"},
		{name: "no variable", breaks: func(c *clinic) { c.toml = strings.ReplaceAll(c.toml, `"password"`, `"env:NOT_THERE"`) },
			line: "secrets", found: "there is no NOT_THERE in the environment", mend: "as the bot gets them"},
		{name: "a port that is taken", breaks: func(c *clinic) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			done(c.t, err)
			c.t.Cleanup(func() { done(c.t, l.Close()) })
			c.edit("[[mailbox]]", "listen = \""+l.Addr().String()+"\"\n[[mailbox]]")
		}, line: "listen", found: "cannot be listened at: address already in use", mend: "Put another port into service.listen", works: true},
		{name: "full disk", breaks: func(c *clinic) {
			c.around.Space = func() (free, total int64, err error) { return 1 << 20, 1 << 40, nil }
		},
			line: "disk", found: "1 MB are free", mend: "Make room"},
		{name: "clock_offset", breaks: func(c *clinic) { c.toml += "[testing]\nclock_offset = \"1m\"\n" },
			line: "clock_offset", found: "moved by 1m0s", mend: "[testing]"},
		{name: "database gone", breaks: func(c *clinic) { c.write("mfabot.db.key", "00") },
			line: "database", found: "there was one", mend: "put the newest backup in its place: mfabot restore FILE"},
		{name: "no database", breaks: func(c *clinic) { c.write("mfabot.db", "this is no database, as anybody can see who looks at it") },
			line: "database", found: "file is not a database", mend: "backup"},
		{name: "no folder", breaks: func(c *clinic) { c.edit("sqlite:", "sqlite:missing/") },
			line: "database", found: "no folder", mend: "Make the folder", also: []string{"disk"}},
		{name: "unreadable key", breaks: func(c *clinic) { c.database(); c.write("mfabot.db.key", "nonsense") },
			line: "key", found: "does not contain a key", mend: "Copy back the key"},
		{name: "templates", breaks: func(c *clinic) {
			c.edit("[service]", "templates = \"words\"\n[service]")
			done(c.t, os.MkdirAll(c.file("words/en"), 0o700))
			c.write("words/en/receipt.txt", "{{ .Nothing")
		}, line: "templates", found: "receipt.txt", mend: "mfabot preview"},
		{name: "somebody else's number", breaks: func(c *clinic) { c.edit("policy   = \"policy.toml\"\n", "") }, line: "telephone", works: true,
			found: `is NHSmail's: telephone = "0333 200 1133", relay = "18001 0333 200 1133", name = "NHSmail multi-factor`, mend: "docs/policy.md"},
		{name: "no folder for backups", breaks: func(c *clinic) { c.toml += "[backup]\ndir = \"copies\"\n" }, line: "backups",
			found: "there is no folder", mend: "Make it, or mount its disk (backup.dir)."},
		{name: "a file for backups", breaks: func(c *clinic) { c.toml += "[backup]\ndir = \"sites.csv\"\n" }, line: "backups",
			found: "there is no folder", mend: "Make it, or mount its disk (backup.dir)."},
		{name: "no sites", breaks: func(c *clinic) { c.write("sites.csv", "ods_code,name,kind,mailbox\n") },
			line: "sites", found: "no sites", mend: "Put the sites into the file"},
		{name: "strangers", breaks: func(c *clinic) { c.strangers(fewStrangers + 1) },
			line: "sites", found: "4 messages were refused whose senders none of them has: pharmacy.test (4)", mend: "mfabot inbound"},
	}
}

// strangers have written, of a domain that no site has.
func (c *clinic) strangers(n int) {
	db := c.database()
	done(c.t, db.Update(c.t.Context(), func(tx *store.Tx) error {
		for i := range n {
			m := &intake.Inbound{Arrival: intake.Arrival{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 1,
				UID: uint32(i + 1)}}, //nolint:gosec // few
				From: "jo@pharmacy.test", ReceivedAt: time.Now()}
			if err := add(c.t.Context(), tx, m); err != nil {
				return err
			}
		}
		return nil
	}))
}

func add(ctx context.Context, tx *store.Tx, m *intake.Inbound) error {
	if err := tx.AddInbound(ctx, m); err != nil {
		return err
	}
	return tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyNotRegistered}, nil)
}
