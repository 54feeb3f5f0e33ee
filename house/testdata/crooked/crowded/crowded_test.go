package crowded

import (
	"testing"

	"crooked/secret"
)

func (n Narrow) ofTests() {}

func TestLong(t *testing.T) {
	n := secret.Number
	n++
	n++
	n++
	t.Log(n)
}
