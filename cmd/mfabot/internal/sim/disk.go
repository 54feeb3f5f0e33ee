package sim

import (
	"fmt"
	"os"
	"path/filepath"
)

// Disk holds the database. When the process dies, what is on the disk is kept as it is at that moment, under
// another name: nothing that is done to the old files later counts.
type Disk struct {
	world *World
	dir   string
	lives int
	mood  Fault // that lasts: full, locked, read-only
	spare bool  // what was kept of the last life is still to be put in use

	statements int // that were run
}

// Path is the database file of the process that runs.
func (d *Disk) Path() string { return d.path(d.lives) }

func (d *Disk) path(life int) string {
	return filepath.Join(d.dir, fmt.Sprintf("%d.db", life))
}

// Install puts a prepared database in place, with the key that belongs to it.
func (d *Disk) Install(template string) error {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return err
	}
	return copyDatabase(template, d.Path())
}

// copyDatabase copies a database as it is: with its write-ahead log, and without the index of that, which
// SQLite makes anew.
func copyDatabase(from, to string) error {
	for _, suffix := range []string{"", "-wal", ".key"} {
		content, err := os.ReadFile(from + suffix)
		if os.IsNotExist(err) && suffix == "-wal" {
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

// freeze keeps the disk as it is.
func (d *Disk) freeze() {
	if err := copyDatabase(d.path(d.lives), d.path(d.lives+1)); err != nil {
		d.world.Violate("simulation", "keeping the disk: %v", err)
	}
	d.spare = true
}

// thaw puts what was kept in use.
func (d *Disk) thaw() {
	if d.spare {
		d.remove(d.lives)
		d.lives++
		d.spare = false
	}
}

// Remove deletes all files of the run.
func (d *Disk) Remove() { _ = os.RemoveAll(d.dir) }

func (d *Disk) remove(life int) {
	for _, suffix := range []string{"", "-wal", "-shm", ".key"} {
		_ = os.Remove(d.path(life) + suffix)
	}
}

// Weather has a lasting trouble begin, or none.
func (d *Disk) Weather() {
	d.mood = d.world.Faults.Choose(DiskFullLong, DiskLockedLong, DiskReadOnlyLong)
}
