package config

import (
	"time"

	"mfabot/intake"
)

// Backup is the table [backup]: which copies of the database the bot makes by itself.
type Backup struct {
	Every time.Duration
	Keep  int
	Dir   string
}

type backupTable struct {
	Every string `toml:"every"`
	Keep  *int   `toml:"keep"`
	Dir   string `toml:"dir"`
}

// What is made where [backup] does not say.
const (
	DefaultBackupEvery = 24 * time.Hour
	DefaultBackupKeep  = 14
	// LeastBackupEvery is the shortest time between two.
	LeastBackupEvery = time.Minute
)

// backupOf checks the table [backup]; nil where there is none. Whether the folder is there is seen at each backup: it may be
// that of a disk which is not always there.
func backupOf(l *loader) *Backup {
	raw := l.raw.Backup
	if raw == nil {
		return nil
	}
	b := &Backup{Every: DefaultBackupEvery, Keep: DefaultBackupKeep}
	if raw.Every != "" {
		every, err := intake.ParseDuration(raw.Every)
		if err != nil || every < LeastBackupEvery {
			l.Bad("backup.every", "expected a duration of a minute or more, such as 24h or 7d, not %q", raw.Every)
		}
		b.Every = every
	}
	if raw.Keep != nil {
		if *raw.Keep < 1 {
			l.Bad("backup.keep", "expected how many are kept, 1 or more, not %d", *raw.Keep)
		}
		b.Keep = *raw.Keep
	}
	if raw.Dir == "" {
		l.Bad("backup.dir", "expected a folder for the backups, on another disk than the database's")
		return b
	}
	b.Dir = l.path(raw.Dir)
	return b
}
