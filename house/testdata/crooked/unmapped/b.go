// Package unmapped is not on the map, so that nothing is said of what it imports.
package unmapped

import "crooked/secret"

var number = secret.Number
