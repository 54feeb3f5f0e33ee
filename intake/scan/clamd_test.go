package scan_test

import (
	"testing"

	"mfabot/intake/scan"
)

func TestAddresses(t *testing.T) {
	for address, ok := range map[string]bool{
		"unix:/run/clamav/clamd.ctl": true, "tcp:127.0.0.1:3310": true, "tcp:[::1]:3310": true,
		"": false, "unix:clamd.ctl": false, "tcp:3310": false, "/run/clamav/clamd.ctl": false, "udp:127.0.0.1:3310": false,
	} {
		if _, err := scan.New(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
