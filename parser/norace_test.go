//go:build !race

package parser_test

// maxHeap is what reading one message may take, whatever it is.
const maxHeap = 64 << 20
