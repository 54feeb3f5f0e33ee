package config

import (
	"net/url"

	"mfabot/intake"
)

// Alarm is the table [alarm]: who is told, by a way that is not mail, that mail does not work. Either may be left out.
type Alarm struct {
	Command []string `toml:"command"` // a program and its arguments
	Webhook string   `toml:"webhook"` // a URL
	Env     []string `toml:"-"`       // what Command is run with, as NAME=VALUE; nil for all that there is
}

// alarmOf checks the table [alarm].
func alarmOf(l *loader) Alarm {
	a := l.raw.Alarm
	if a.Command != nil {
		a.Command = program(l, "alarm.command", a.Command, "/usr/local/bin/page-us")
		a.Env = environment(l)
	}
	if a.Webhook != "" {
		u, err := url.Parse(a.Webhook)
		if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && intake.IsLoopback(u.Hostname())) {
			l.Bad("alarm.webhook", "expected a URL such as https://alarms.example.org/mfabot (http:// only on this machine)")
		}
	}
	return a
}
