// Package tagged has a file that is built elsewhere only.
package tagged
