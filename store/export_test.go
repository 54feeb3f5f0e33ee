package store

import "database/sql"

// MaxReaders is maxReaders, for tests.
const MaxReaders = maxReaders

// Pools gives tests the connections.
func (s *Store) Pools() (write, read *sql.DB) { return s.write, s.read }

// VerifyTo is Verify with another size up to which all is checked.
var VerifyTo = verify
