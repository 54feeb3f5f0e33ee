// Package two imports nothing.
package two

const Number = 2
