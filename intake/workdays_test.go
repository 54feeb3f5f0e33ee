package intake_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

func england(t *testing.T) intake.WorkingDays {
	t.Helper()
	return intake.WorkingDays{Zone: must(time.LoadLocation("Europe/London"))(t), Holidays: must(intake.DefaultHolidays())(t)}
}

// TestWorkingDays: the same clock time some working days later, as clocks in London show it.
func TestWorkingDays(t *testing.T) {
	t.Parallel()
	w := england(t)
	const form = "Mon 2 Jan 2006 15:04"
	for _, c := range []struct {
		name, from string
		n          int
		want       string
	}{
		{"none", "Mon 2 Mar 2026 09:00", 0, "Mon 2 Mar 2026 09:00"},
		{"within a week", "Mon 2 Mar 2026 09:00", 2, "Wed 4 Mar 2026 09:00"},
		{"over a weekend", "Thu 5 Mar 2026 23:30", 2, "Mon 9 Mar 2026 23:30"},
		{"from a Saturday", "Sat 7 Mar 2026 15:00", 2, "Wed 11 Mar 2026 15:00"},
		{"from a Saturday, none", "Sat 7 Mar 2026 15:00", 0, "Mon 9 Mar 2026 15:00"},
		{"the clocks go forward", "Fri 27 Mar 2026 12:00", 1, "Mon 30 Mar 2026 12:00"},
		{"the clocks go forward, by night", "Fri 27 Mar 2026 01:30", 1, "Mon 30 Mar 2026 01:30"},
		{"the clocks go back", "Fri 23 Oct 2026 12:00", 1, "Mon 26 Oct 2026 12:00"},
		{"Easter", "Thu 2 Apr 2026 10:00", 1, "Tue 7 Apr 2026 10:00"},
		{"from Good Friday", "Fri 3 Apr 2026 10:00", 2, "Thu 9 Apr 2026 10:00"},
		{"Christmas", "Thu 24 Dec 2026 10:00", 2, "Wed 30 Dec 2026 10:00"},
		{"Christmas at a weekend", "Fri 24 Dec 2027 10:00", 1, "Wed 29 Dec 2027 10:00"},
		{"New Year", "Thu 31 Dec 2026 10:00", 1, "Mon 4 Jan 2027 10:00"},
		{"many", "Mon 2 Mar 2026 09:00", 250, "Thu 25 Feb 2027 09:00"},
	} {
		from := must(time.ParseInLocation(form, c.from, w.Zone))(t)
		same(t, c.name, c.want, w.After(from, c.n).In(w.Zone).Format(form))
	}
}

// TestWorkingDaysBetween: it is the reverse of After, at every hour of two years.
func TestWorkingDaysBetween(t *testing.T) {
	t.Parallel()
	w := england(t)
	for h := 0; h < 2*365*24; h += 7 {
		from := noon.Add(time.Duration(h) * time.Hour)
		for _, n := range []int{0, 1, 2, 5, 10} {
			at := w.After(from, n)
			if got := w.Between(from, at); got != n {
				t.Fatalf("between %v and %v are %d working days, expected %d", from, at, got, n)
			}
			if got := w.Between(from, at.Add(-time.Second)); got != max(n-1, 0) {
				t.Fatalf("a second before %v it is %d working days since %v, expected %d", at, got, from, n-1)
			}
		}
	}
	same(t, "the other way round", 0, w.Between(noon, noon.Add(-100*day)))
	if w.Has(noon.Add(5*day)) || !w.Has(noon) || w.Has(time.Date(2026, 4, 5, 23, 30, 0, 0, time.UTC)) { // Easter Monday in London
		t.Error("which days are working days")
	}
}

// TestLastFor: what takes some working days can begin on that day, at any hour, and not on the next working day.
func TestLastFor(t *testing.T) {
	t.Parallel()
	w := england(t)
	const form = "Mon 2 Jan 2006"
	for _, c := range []struct {
		name, by string
		n        int
		want     string
	}{
		{"within a week", "Fri 6 Mar 2026 12:00", 2, "Tue 3 Mar 2026"},
		{"to the last second of a day", "Fri 6 Mar 2026 23:59", 2, "Wed 4 Mar 2026"},
		{"over a weekend", "Tue 10 Mar 2026 12:00", 2, "Thu 5 Mar 2026"},
		{"by a Saturday", "Sat 7 Mar 2026 12:00", 2, "Wed 4 Mar 2026"},
		{"over Easter", "Thu 9 Apr 2026 12:00", 3, "Wed 1 Apr 2026"},
		{"over Christmas", "Wed 30 Dec 2026 12:00", 2, "Wed 23 Dec 2026"},
	} {
		by := must(time.ParseInLocation("Mon 2 Jan 2006 15:04", c.by, w.Zone))(t).Add(59 * time.Second)
		got := w.LastFor(c.n, by)
		same(t, c.name, c.want, got.In(w.Zone).Format(form))
		if next := w.After(got, 1); w.After(got, c.n).After(by) || !w.After(next, c.n).After(by) {
			t.Errorf("%s: from %v it takes until %v, from %v until %v", c.name, got, w.After(got, c.n), next, w.After(next, c.n))
		}
	}
}

// TestHolidaysOfEngland: the embedded list has what gov.uk has published.
func TestHolidaysOfEngland(t *testing.T) {
	t.Parallel()
	w := england(t)
	for year, published := range map[int]string{
		2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
		2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
		2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
	} {
		var got []string
		for d := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
			if !w.Has(d) && d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
				got = append(got, d.Format("01-02"))
			}
		}
		same(t, fmt.Sprint(year), published, strings.Join(got, " "))
	}
	same(t, "last year", "2035", w.Holidays.LastYear())
	for at, over := range map[string]bool{"2035-12-31": false, "2036-01-01": true} {
		same(t, "over on "+at, over, w.Holidays.Over(must(time.Parse(time.DateOnly, at))(t)))
	}
	same(t, "no list is over", false, intake.Holidays{}.Over(noon))
}

// TestReadHolidays: what is wrong with a list is said with its line.
func TestReadHolidays(t *testing.T) {
	t.Parallel()
	h := must(intake.ReadHolidays("days.txt", []byte("\ufeff# ours\r\n\r\n2026-03-03  The founder's day\r\n")))(t)
	w := intake.WorkingDays{Zone: time.UTC, Holidays: h}
	same(t, "the day after", noon.Add(2*day), w.After(noon, 1))
	for text, want := range map[string]string{
		"":                     "days.txt: expected one holiday on each line, such as: 2026-12-25 Christmas Day",
		"# only\n":             "days.txt: expected one holiday on each line, such as: 2026-12-25 Christmas Day",
		"25/12/2026 Christmas": "days.txt:1: expected a day and its name, such as: 2026-12-25 Christmas Day",
		"2026-12-25 Christmas\n2026-02-30 No day\n2026-12-26\n2026-12-25 Again": "days.txt:2: " +
			"expected a day and its name, such as: 2026-12-25 Christmas Day\n" +
			"days.txt:3: expected a day and its name, such as: 2026-12-25 Christmas Day\ndays.txt:4: 2026-12-25 is already listed above",
	} {
		_, err := intake.ReadHolidays("days.txt", []byte(text))
		if err == nil {
			err = errors.New("none")
		}
		same(t, fmt.Sprintf("error of %q", text), want, err.Error())
	}
}

// TestWorked: of a time only what is on working days counts, by the clocks of the zone.
func TestWorked(t *testing.T) {
	t.Parallel()
	w := england(t)
	paulo := intake.WorkingDays{Zone: must(time.LoadLocation("America/Sao_Paulo"))(t)}
	const form = "Mon 2 Jan 2006 15:04"
	for _, c := range []struct {
		name, from, to string
		days           intake.WorkingDays
		want           time.Duration
	}{
		{"within a day", "Mon 2 Mar 2026 09:00", "Mon 2 Mar 2026 11:30", w, 150 * time.Minute},
		{"over night", "Mon 2 Mar 2026 09:00", "Wed 4 Mar 2026 10:00", w, 49 * time.Hour},
		{"over a weekend", "Fri 6 Mar 2026 18:00", "Mon 9 Mar 2026 09:00", w, 15 * time.Hour},
		{"from a Saturday", "Sat 7 Mar 2026 10:00", "Mon 9 Mar 2026 09:00", w, 9 * time.Hour},
		{"on a Sunday", "Sun 8 Mar 2026 10:00", "Sun 8 Mar 2026 12:00", w, 0},
		{"Easter", "Thu 2 Apr 2026 10:00", "Tue 7 Apr 2026 10:00", w, 24 * time.Hour},
		{"the clocks go forward", "Fri 27 Mar 2026 12:00", "Mon 30 Mar 2026 12:00", w, 24 * time.Hour},
		{"no time", "Mon 2 Mar 2026 09:00", "Mon 2 Mar 2026 09:00", w, 0},
		{"backwards", "Tue 3 Mar 2026 09:00", "Mon 2 Mar 2026 09:00", w, 0},
		{"a day that has no midnight", "Fri 2 Nov 2018 12:00", "Mon 5 Nov 2018 12:00", paulo, 24 * time.Hour},
	} {
		from := must(time.ParseInLocation(form, c.from, c.days.Zone))(t)
		to := must(time.ParseInLocation(form, c.to, c.days.Zone))(t)
		if got := c.days.Worked(from, to); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
