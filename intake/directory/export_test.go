package directory

import "time"

// SetTimeout sets how long a directory waits, for tests of what happens then.
func SetTimeout(d any, timeout time.Duration) {
	switch d := d.(type) {
	case *LDAP:
		d.timeout = timeout
	case *Graph:
		d.timeout = timeout
	case *Command:
		d.timeout = timeout
	}
}
