//go:build !race

package parser_test

// maxHeap is the most memory that reading any one message may take.
const maxHeap = 64 << 20
