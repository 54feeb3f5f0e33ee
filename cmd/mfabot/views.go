package main

import "cmp"

// The views are what --json prints. Their fields are relied on from outside:
// they are added to, and never renamed.

// orDash shows an absent value in a table.
func orDash(s string) string { return cmp.Or(s, "-") }
