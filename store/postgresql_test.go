package store_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mfabot/store"
)

// TestMigrationsForBoth: a migration comes for SQLite and for PostgreSQL, from the first of PostgreSQL's on.
func TestMigrationsForBoth(t *testing.T) {
	t.Parallel()
	versions := func(dir string) (out []int) {
		for _, f := range must(os.ReadDir(dir))(t) {
			if number, _, is := strings.Cut(f.Name(), "_"); is {
				out = append(out, must(strconv.Atoi(number))(t))
			}
		}
		slices.Sort(out)
		return out
	}
	sqlite, server := versions("migrations"), versions("migrations/postgresql")
	from, found := slices.BinarySearch(sqlite, server[0])
	if !found {
		t.Fatalf("SQLite has no migration %d, with which PostgreSQL begins", server[0])
	}
	same(t, "migrations, SQLite's and PostgreSQL's", sqlite[from:], server)
}

// TestServerCheck: another machine must prove that it is the right one, and no secret stands in a URL.
func TestServerCheck(t *testing.T) {
	t.Parallel()
	for url, says := range map[string]string{
		"postgres://mfabot@db.test/mfabot":                                                     "",
		"postgres://mfabot@db.test/mfabot?sslmode=verify-full":                                 "",
		"postgresql://mfabot@db.test:5433/mfabot?sslmode=verify-ca":                            "",
		"postgres://mfabot@one.test,two.test/mfabot?sslmode=verify-full":                       "",
		"postgres://mfabot@127.0.0.1/mfabot?sslmode=disable":                                   "",
		"postgres://mfabot@[::1]/mfabot?sslmode=prefer":                                        "",
		"postgres://mfabot@localhost/mfabot":                                                   "",
		"postgres:///mfabot?host=/run/postgresql":                                              "",
		"postgres://mfabot@db.test/mfabot?sslmode=disable":                                     "sslmode=disable does not make sure that db.test is the right server",
		"postgres://mfabot@db.test/mfabot?sslmode=allow":                                       "sslmode=allow",
		"postgres://mfabot@db.test/mfabot?sslmode=prefer":                                      "sslmode=prefer",
		"postgres://mfabot@db.test/mfabot?sslmode=require":                                     "sslmode=require",
		"postgres://mfabot@127.0.0.1,db.test/mfabot?sslmode=disable":                           "db.test",
		"postgres:///mfabot?host=127.0.0.1,db.test&sslmode=disable":                            "db.test",
		"postgres://mfabot@127.0.0.1/mfabot?host=db.test&sslmode=disable":                      "db.test",
		"postgres://mfabot:secret@db.test/mfabot":                                              "no password",
		"postgres://mfabot@db.test/mfabot?password=secret":                                     "no password",
		"mysql://mfabot@db.test/mfabot":                                                        "expected postgres://",
		"postgres://mfabot@db.test/mfabot?sslmode=verify-full&sslmode=disable":                 "db.test is the right server",
		"postgres://mfabot@db.test/mfabot?sslmode=perhaps":                                     "sslmode",
		"postgres://mfabot@192.0.2.1/mfabot?sslmode=disable&hostaddr=127.0.0.1":                "192.0.2.1",
		"postgres://mfabot@db.test/mfabot?sslmode=verify-full&sslrootcert=/does/not/exist.pem": "exist.pem",
	} {
		err := store.Server{URL: url}.Check()
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", url, err, says)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v says the secret", url, err)
		}
	}
}
