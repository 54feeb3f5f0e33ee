// Package prying imports what the map does not allow.
package prying

import (
	"crooked/crowded"
	"crooked/secret"
)

var number = secret.Number + crowded.AtMost()
