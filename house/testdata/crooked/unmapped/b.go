// Package unmapped is not on the map.
package unmapped
