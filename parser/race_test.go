//go:build race

package parser_test

// maxHeap has no meaning under the race detector, which uses time and memory of its own.
const maxHeap = 0
