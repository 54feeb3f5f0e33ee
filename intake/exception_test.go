package intake_test

import (
	"testing"
	"time"

	"mfabot/intake"
)

// TestWhenNoticesGoOut: what comes after the moment of an exception's start, one after the other, as clocks in London show it.
func TestWhenNoticesGoOut(t *testing.T) {
	t.Parallel()
	const form = "Mon 2 Jan 2006 15:04"
	days := func(n ...int) (out []time.Duration) {
		for _, d := range n {
			out = append(out, time.Duration(d)*day)
		}
		return out
	}
	long := days(30, 14, 7, 1)
	for _, c := range []struct {
		name     string
		warnings []time.Duration
		begins   string
		ends     string
		want     []string
	}{
		{"by day", long, "Mon 2 Mar 2026 12:00", "Fri 28 Aug 2026 12:00",
			[]string{"Wed 29 Jul 2026 12:00", "Fri 14 Aug 2026 12:00", "Fri 21 Aug 2026 12:00", "Thu 27 Aug 2026 12:00"}},
		{"as work begins and before it ends", long, "Mon 2 Mar 2026 12:00", "Fri 28 Aug 2026 08:30",
			[]string{"Wed 29 Jul 2026 08:30", "Fri 14 Aug 2026 08:30", "Fri 21 Aug 2026 08:30", "Thu 27 Aug 2026 08:30"}},
		{"as it ends", long, "Mon 2 Mar 2026 12:00", "Fri 28 Aug 2026 18:00",
			[]string{"Wed 29 Jul 2026 08:30", "Fri 14 Aug 2026 08:30", "Fri 21 Aug 2026 08:30", "Thu 27 Aug 2026 18:00"}},
		{"before work begins", long, "Mon 2 Mar 2026 12:00", "Fri 28 Aug 2026 08:29",
			[]string{"Tue 28 Jul 2026 08:30", "Thu 13 Aug 2026 08:30", "Thu 20 Aug 2026 08:30", "Thu 27 Aug 2026 08:29"}},
		{"at a weekend", long, "Mon 2 Mar 2026 12:00", "Sat 29 Aug 2026 13:00",
			[]string{"Thu 30 Jul 2026 13:00", "Fri 14 Aug 2026 08:30", "Fri 21 Aug 2026 08:30", "Fri 28 Aug 2026 13:00"}},
		{"the last, at a weekend and by night", long, "Mon 2 Mar 2026 12:00", "Mon 31 Aug 2026 03:00",
			[]string{"Fri 31 Jul 2026 08:30", "Fri 14 Aug 2026 08:30", "Fri 21 Aug 2026 08:30", "Sun 30 Aug 2026 03:00"}},
		{"Christmas and the New Year", long, "Mon 1 Jun 2026 12:00", "Fri 1 Jan 2027 12:00",
			[]string{"Wed 2 Dec 2026 12:00", "Fri 18 Dec 2026 12:00", "Thu 24 Dec 2026 08:30", "Thu 31 Dec 2026 12:00"}},
		{"Easter", long, "Mon 1 Sep 2025 12:00", "Mon 13 Apr 2026 07:00",
			[]string{"Fri 13 Mar 2026 08:30", "Fri 27 Mar 2026 08:30", "Thu 2 Apr 2026 08:30", "Sun 12 Apr 2026 07:00"}},
		{"the clocks go forward", long, "Mon 1 Sep 2025 12:00", "Sun 29 Mar 2026 01:30",
			[]string{"Thu 26 Feb 2026 08:30", "Fri 13 Mar 2026 08:30", "Fri 20 Mar 2026 08:30", "Sat 28 Mar 2026 01:30"}},
		{"the clocks go back", long, "Mon 2 Mar 2026 12:00", "Mon 26 Oct 2026 08:30", // by summer time it is an hour later
			[]string{"Fri 25 Sep 2026 08:30", "Mon 12 Oct 2026 09:30", "Mon 19 Oct 2026 09:30", "Sun 25 Oct 2026 08:30"}},
		{"begun too late for some", long, "Fri 14 Aug 2026 09:00", "Sat 29 Aug 2026 13:00",
			[]string{"Fri 21 Aug 2026 08:30", "Fri 28 Aug 2026 13:00"}},
		{"24 hours", []time.Duration{time.Hour}, "Fri 27 Feb 2026 23:00", "Sat 28 Feb 2026 23:00", []string{"Sat 28 Feb 2026 22:00"}},
		{"several moved to one moment", days(3, 2, 1), "Mon 2 Feb 2026 12:00", "Mon 9 Mar 2026 20:00",
			[]string{"Fri 6 Mar 2026 08:30", "Sun 8 Mar 2026 20:00"}},
		{"none", nil, "Mon 2 Feb 2026 12:00", "Mon 9 Mar 2026 20:00", nil},
	} {
		zone := england(t).Zone
		notices := intake.Notices{Warnings: c.warnings, Opens: 8*time.Hour + 30*time.Minute, Days: england(t)}
		at := must(time.ParseInLocation(form, c.begins, zone))(t)
		ends := must(time.ParseInLocation(form, c.ends, zone))(t)
		var got []string
		for at.Before(ends) {
			if at = notices.Next(ends, at); at.Before(ends) {
				got = append(got, at.In(zone).Format(form))
				same(t, c.name+": at its moment it goes out at once", at, notices.When(ends, at))
			}
		}
		same(t, c.name+": the end", ends, at)
		same(t, c.name, c.want, got)
	}
}

// TestLateNotices: what is late comes at once, by day; by night it waits for the morning, or for the next if that is sooner.
func TestLateNotices(t *testing.T) {
	t.Parallel()
	const form = "Mon 2 Jan 2006 15:04"
	w := england(t)
	ends := time.Date(2026, 8, 29, 13, 0, 0, 0, w.Zone)
	for _, c := range []struct {
		opens     time.Duration
		late, out string
	}{
		{8*time.Hour + 30*time.Minute, "Fri 31 Jul 2026 12:00", "Fri 31 Jul 2026 12:00"},
		{8*time.Hour + 30*time.Minute, "Sat 1 Aug 2026 12:00", "Sat 1 Aug 2026 12:00"},
		{8*time.Hour + 30*time.Minute, "Sat 1 Aug 2026 03:00", "Sat 1 Aug 2026 08:30"},
		{8*time.Hour + 30*time.Minute, "Sat 1 Aug 2026 18:00", "Sun 2 Aug 2026 08:30"},
		{8*time.Hour + 30*time.Minute, "Fri 28 Aug 2026 03:00", "Fri 28 Aug 2026 08:30"},
		{14 * time.Hour, "Fri 28 Aug 2026 12:59", "Fri 28 Aug 2026 13:00"}, // the last
		{8*time.Hour + 30*time.Minute, "Fri 28 Aug 2026 22:00", "Fri 28 Aug 2026 22:00"},
		{8*time.Hour + 30*time.Minute, "Sat 29 Aug 2026 13:00", "Sat 29 Aug 2026 13:00"}, // the end
		{19 * time.Hour, "Fri 31 Jul 2026 18:30", "Fri 31 Jul 2026 19:00"},
		{19 * time.Hour, "Fri 31 Jul 2026 19:30", "Fri 31 Jul 2026 19:30"},
	} {
		notices := intake.Notices{Warnings: []time.Duration{30 * day, 14 * day, 7 * day, day}, Opens: c.opens, Days: w}
		late := must(time.ParseInLocation(form, c.late, w.Zone))(t)
		same(t, "late on "+c.late, c.out, notices.When(ends, late).In(w.Zone).Format(form))
	}
}
