package intake

import (
	_ "embed"
	"errors"
	"strings"
	"time"
)

// Holidays are the days other than weekends on which nobody works. The zero value has none. It is immutable.
type Holidays struct {
	names map[string]string // by date, as 2026-12-25
	last  string            // the latest date
}

//go:embed holidays.txt
var embeddedHolidays []byte

// DefaultHolidays returns the embedded list: the bank holidays of England.
func DefaultHolidays() (Holidays, error) { return ReadHolidays("holidays.txt", embeddedHolidays) }

// ReadHolidays reads a list of holidays, one on each line: the date, then the name. Blank lines and lines
// that begin with # are skipped. Every mistake is reported, as FileErrors joined into one error.
func ReadHolidays(file string, data []byte) (Holidays, error) {
	h := Holidays{names: make(map[string]string)}
	var errs []error
	bad := func(line int, want string) { errs = append(errs, &FileError{File: file, Line: line, Want: want}) }
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		date, name, _ := strings.Cut(line, " ")
		if _, err := time.Parse(time.DateOnly, date); err != nil || strings.TrimSpace(name) == "" {
			bad(number, "expected a day and its name, such as: 2026-12-25 Christmas Day")
			continue
		}
		if _, twice := h.names[date]; twice {
			bad(number, date+" is already listed above")
		}
		h.names[date] = strings.TrimSpace(name)
		h.last = max(h.last, date)
	}
	if len(h.names) == 0 && len(errs) == 0 {
		bad(0, "expected one holiday on each line, such as: 2026-12-25 Christmas Day")
	}
	return h, errors.Join(errs...)
}

// LastYear returns the year of the latest holiday, such as 2035; empty if there are no holidays.
func (h Holidays) LastYear() string { return h.last[:min(len(h.last), len("2006"))] }

// Over reports whether the list has run out: at is in a later year than its last holiday.
func (h Holidays) Over(at time.Time) bool { return h.last != "" && at.Format("2006") > h.LastYear() }
