package intake

import (
	_ "embed"
	"errors"
	"iter"
	"strings"
	"time"
)

//go:embed holidays.txt
var embeddedHolidays []byte

// Holidays are the days besides weekends on which nobody works. The zero value has
// none. It is immutable.
type Holidays struct {
	names map[string]string // by date, as 2026-12-25
	last  string            // the latest date
}

// DefaultHolidays returns the embedded list: the bank holidays of England.
func DefaultHolidays() (Holidays, error) { return ReadHolidays("holidays.txt", embeddedHolidays) }

// ReadHolidays reads a list of holidays: one a line, the date and then its name.
// Blank lines and those that begin with # are passed over. All that is wrong with it
// comes back as FileErrors joined into one error.
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
			bad(number, "the day "+date+" stands above already")
		}
		h.names[date] = strings.TrimSpace(name)
		h.last = max(h.last, date)
	}
	if len(h.names) == 0 && len(errs) == 0 {
		bad(0, "expected holidays, one a line, such as: 2026-12-25 Christmas Day")
	}
	return h, errors.Join(errs...)
}

// LastYear is the year of the latest holiday, as 2035; empty where there is none.
func (h Holidays) LastYear() string { return h.last[:min(len(h.last), len("2006"))] }

// Over reports whether the last year that a list has holidays of is over at a
// moment, so that it says nothing of that moment's.
func (h Holidays) Over(at time.Time) bool { return h.last != "" && at.Format("2006") > h.LastYear() }

// WorkingDays counts the days on which people work: from Monday to Friday, without
// the holidays, as a clock in the zone shows them.
type WorkingDays struct {
	Zone     *time.Location
	Holidays Holidays
}

// Has reports whether a moment is on a working day.
func (w WorkingDays) Has(t time.Time) bool {
	y, m, d := t.In(w.Zone).Date()
	return w.works(time.Date(y, m, d, 12, 0, 0, 0, time.UTC))
}

// works is Has for the day of a time in UTC, at an hour that every day has.
func (w WorkingDays) works(day time.Time) bool {
	_, holiday := w.Holidays.names[day.Format(time.DateOnly)]
	return !holiday && day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// from yields the same clock time on the working days from t on, numbered from 0:
// that of t itself, or of the next where t is on none.
func (w WorkingDays) from(t time.Time) iter.Seq2[int, time.Time] {
	return func(yield func(int, time.Time) bool) {
		t := t.In(w.Zone)
		y, m, d := t.Date()
		for n, day := 0, time.Date(y, m, d, 12, 0, 0, 0, time.UTC); ; day = day.AddDate(0, 0, 1) {
			if !w.works(day) {
				continue
			}
			y, m, d := day.Date()
			if !yield(n, time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, w.Zone).UTC()) {
				return
			}
			n++
		}
	}
}

// After is the same clock time n working days after t. What happens on a day off
// counts from the next working day.
func (w WorkingDays) After(t time.Time, n int) time.Time {
	for i, at := range w.from(t) {
		if i == n {
			return at
		}
	}
	panic("there is always another working day")
}

// Between is how many whole working days lie between two moments: the greatest n
// for which After(from, n) is not after to, and 0 where there is none.
func (w WorkingDays) Between(from, to time.Time) int {
	n := 0
	for i, at := range w.from(from) {
		if at.After(to) {
			return n
		}
		n = i
	}
	return n
}

func (s *Service) workingDays() WorkingDays {
	return WorkingDays{Zone: s.Policy.Zone, Holidays: s.Holidays}
}
