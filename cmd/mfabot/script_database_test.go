package main

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"

	"github.com/emersion/go-imap/v2"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdDamages overwrites a database with noise, except its first page:
//
//	damages FILE
func cmdDamages(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "damages FILE")
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(damage(ts.MkAbs(args[0]), pageSize, info.Size()))
}

// pageSize is the size of a page of the database, in bytes.
const pageSize = 4096

// damage overwrites part of a file with noise.
func damage(file string, from, to int64) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	noise := make([]byte, to-from)
	if _, err := rand.NewChaCha8([32]byte{}).Read(noise); err != nil {
		return err
	}
	_, err = f.WriteAt(noise, from)
	return errors.Join(err, f.Close())
}

// cmdBrings moves messages back into somebody's inbox, by their subject:
//
//	brings ADDRESS FOLDER SUBJECT
func cmdBrings(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, "brings ADDRESS FOLDER SUBJECT")
	c := sceneOf(ts).login(ts, args[0])
	defer func() { _ = c.Close() }()
	_, err := c.Select(args[1], nil).Wait()
	ts.Check(err)
	found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: args[2]}}}, nil).Wait()
	ts.Check(err)
	if len(found.AllUIDs()) == 0 {
		ts.Fatalf("there is no %q in %s of %s", args[2], args[1], args[0])
	}
	_, err = c.Move(imap.UIDSetNum(found.AllUIDs()...), "INBOX").Wait()
	ts.Check(err)
}

// cmdTampers does to the audit of a database what the program never does:
//
//	tampers FILE SQL...
func cmdTampers(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, "tampers FILE SQL...")
	db, err := sql.Open("sqlite3", ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	triggers := make(map[string]string)
	for _, name := range []string{"audit_keep", "audit_redact"} { // they are put back, so that nobody sees that they were gone
		var text string
		ts.Check(db.QueryRow("SELECT sql FROM sqlite_schema WHERE name = $1", name).Scan(&text))
		triggers[name] = text
		_, err = db.Exec("DROP TRIGGER " + name)
		ts.Check(err)
	}
	for _, statement := range append(args[1:], triggers["audit_keep"], triggers["audit_redact"]) {
		_, err = db.Exec(statement)
		ts.Check(err)
	}
}
