// Package secret is for tests.
package secret

const Number = 1
