package sim

import (
	"fmt"
	"os"
	"path/filepath"
)

// noteSuffix ends the name of the note of how far the database has come.
const noteSuffix = ".key.noted"

// Disk is where the database is. When the process dies, the disk's contents at that moment are kept under
// another name: nothing done to the old files afterwards counts.
type Disk struct {
	world *World
	dir   string
	lives int
	mood  Fault // a lasting one: full, locked or read-only
	low   bool  // nearly full, for a while
	spare bool  // what was kept from the last life is not in use yet

	statements int // run so far
}

// Path returns the database file of the running process.
func (d *Disk) Path() string { return d.path(d.lives) }

func (d *Disk) path(life int) string {
	return filepath.Join(d.dir, fmt.Sprintf("%d.db", life))
}

// Install puts a prepared database in place, with its key.
func (d *Disk) Install(template string) error {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return err
	}
	return copyDatabase(template, d.Path())
}

// copyDatabase copies a database unchanged: with its write-ahead log, but without the log's index, which
// SQLite rebuilds.
func copyDatabase(from, to string) error {
	for _, suffix := range []string{noteSuffix, "", "-wal", ".key"} { // the note first: it never says more than the database has
		content, err := os.ReadFile(from + suffix)
		if os.IsNotExist(err) && (suffix == "-wal" || suffix == noteSuffix) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(to+suffix, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// freeze keeps the disk as it is now.
func (d *Disk) freeze() {
	if err := copyDatabase(d.path(d.lives), d.path(d.lives+1)); err != nil {
		d.world.Violate("simulation", "keeping the disk: %v", err)
	}
	d.spare = true
}

// thaw puts the kept disk into use.
func (d *Disk) thaw() {
	if d.spare {
		d.remove(d.lives)
		d.lives++
		d.spare = false
	}
}

// Remove deletes all the run's files.
func (d *Disk) Remove() { _ = os.RemoveAll(d.dir) }

func (d *Disk) remove(life int) {
	for _, suffix := range []string{"", "-wal", "-shm", ".key", noteSuffix} {
		_ = os.Remove(d.path(life) + suffix)
	}
}

// Weather may start a lasting fault; otherwise it ends the current one.
func (d *Disk) Weather() {
	d.mood = d.world.Faults.Choose(DiskFullLong, DiskLockedLong, DiskReadOnlyLong, DiskFilling)
	if d.low = d.mood == DiskFilling; d.low {
		d.mood = None
	}
}

// Fill makes the disk nearly full until the weather changes, or gives it room again.
func (d *Disk) Fill(low bool) { d.low = low }

// Works reports whether the database can be written at the moment.
func (d *Disk) Works() bool { return d.mood == None }

// Space is how many bytes of the disk are free, and how many it has. Where it is nearly full, there is no room for any
// message, and enough for what ends.
func (d *Disk) Space() (free, total int64, err error) {
	if d.low {
		return 16 << 20, 1 << 30, nil
	}
	return 1 << 30, 1 << 30, nil
}
