package intake

import (
	"iter"
	"time"
)

// WorkingDays counts the days on which people work: Monday to Friday except holidays, by the clocks in Zone.
type WorkingDays struct {
	Zone     *time.Location
	Holidays Holidays
}

// Has reports whether t is on a working day.
func (w WorkingDays) Has(t time.Time) bool {
	y, m, d := t.In(w.Zone).Date()
	return w.works(time.Date(y, m, d, 12, 0, 0, 0, time.UTC))
}

// works is Has for a day, given as noon in UTC.
func (w WorkingDays) works(day time.Time) bool {
	_, holiday := w.Holidays.names[day.Format(time.DateOnly)]
	return !holiday && day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// from yields t's clock time on each working day, numbered from 0. The first is t's own day, or the next
// working day if that is not one.
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

// After returns t's clock time n working days after t. What happens on a day off counts from the next working
// day.
func (w WorkingDays) After(t time.Time, n int) time.Time {
	for i, at := range w.from(t) {
		if i == n {
			return at
		}
	}
	panic("there is always another working day")
}

// Between returns the number of whole working days from one moment to another: the greatest n for which
// After(from, n) is not after to, or 0.
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

// Worked returns how much of the time from one moment to another is on working days, each of 24 hours; 0 where to is earlier.
func (w WorkingDays) Worked(from, to time.Time) (worked time.Duration) {
	y, m, d := from.In(w.Zone).Date()
	for at := from; at.Before(to); d++ { // by the day, as there are clocks that have no midnight on some
		ends := time.Date(y, m, d+1, 0, 0, 0, 0, w.Zone)
		if to.Before(ends) {
			ends = to
		}
		if w.works(time.Date(y, m, d, 12, 0, 0, 0, time.UTC)) {
			worked += ends.Sub(at)
		}
		at = ends
	}
	return worked
}

// LastFor returns the last second of the last working day on which something that takes n working days can begin, whatever
// the hour, and be over by a moment.
func (w WorkingDays) LastFor(n int, by time.Time) time.Time {
	y, m, d := by.In(w.Zone).Date()
	for day := time.Date(y, m, d, 12, 0, 0, 0, time.UTC); ; day = day.AddDate(0, 0, -1) {
		y, m, d := day.Date()
		ends := time.Date(y, m, d, 23, 59, 59, 0, w.Zone).UTC()
		if !w.After(ends, n).After(by) {
			return ends
		}
	}
}

// clock returns the time of day by the clocks in Zone, since midnight.
func (w WorkingDays) clock(t time.Time) time.Duration {
	h, m, s := t.In(w.Zone).Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}

// HasOpened reports whether t is on a working day, and not before a time of day.
func (w WorkingDays) HasOpened(t time.Time, clock time.Duration) bool {
	return w.Has(t) && w.clock(t) >= clock
}

// NextOpening returns the first time of day on a working day that is after t.
func (w WorkingDays) NextOpening(t time.Time, clock time.Duration) time.Time {
	for days := 0; ; days++ {
		if at := w.at(t, days, clock); at.After(t) && w.Has(at) {
			return at
		}
	}
}

// at returns a time of day so many days after t's.
func (w WorkingDays) at(t time.Time, days int, clock time.Duration) time.Time {
	y, m, d := t.In(w.Zone).Date()
	return time.Date(y, m, d+days, int(clock.Hours()), int(clock.Minutes())%60, 0, 0, w.Zone).UTC()
}

// opening returns the first time of day that is not before t, on a day with or without work.
func (w WorkingDays) opening(t time.Time, clock time.Duration) time.Time {
	if at := w.at(t, 0, clock); !at.Before(t) {
		return at
	}
	return w.at(t, 1, clock)
}

// morning returns the last time of day on a working day that is not after t.
func (w WorkingDays) morning(t time.Time, clock time.Duration) time.Time {
	for days := 0; ; days-- {
		if at := w.at(t, days, clock); !at.After(t) && w.Has(at) {
			return at
		}
	}
}
