// Package directory applies MFA exceptions where MFA is enforced. It maintains the members of a group that a
// policy of the directory exempts from MFA. There is one kind for Microsoft Graph (Entra), one for LDAP
// (OpenLDAP, Active Directory), and one that runs the operator's own command.
//
// Each is an enforce.Directory and safe for concurrent use. None keeps a record: the directory itself says
// who is exempt. Every call is bounded in time and in what it reads. Errors are for operators: they name the
// server and say what to do, never contain a secret, and report by Temporary whether a later attempt may
// succeed.
package directory
