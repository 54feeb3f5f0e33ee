package intake

import "sync/atomic"

// Register holds the register of sites that is in use. It is safe for concurrent use.
type Register struct{ current atomic.Pointer[Sites] }

// NewRegister returns a register that begins with sites.
func NewRegister(sites *Sites) *Register {
	r := new(Register)
	r.Use(sites)
	return r
}

// Use puts other sites in place of those in use.
func (r *Register) Use(sites *Sites) { r.current.Store(sites) }

// Now returns the sites in use.
func (r *Register) Now() *Sites { return r.current.Load() }
