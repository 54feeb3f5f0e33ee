//go:build race

package parser_test

// maxHeap has no meaning under the race detector, which takes memory and time of its own.
const maxHeap = 0
