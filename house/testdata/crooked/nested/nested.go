// Package nested is a module of its own, which is not looked at.
package nested
