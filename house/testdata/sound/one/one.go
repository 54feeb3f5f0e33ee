// Package one may import two.
package one

import "sound/two"

var number = two.Number
