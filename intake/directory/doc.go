// Package directory applies MFA exceptions where MFA is enforced: it keeps the
// members of a group whom a policy of the directory exempts. There is a kind for
// Microsoft Graph (Entra), one for LDAP (OpenLDAP, Active Directory) and one that
// runs a command of the operator's.
//
// Each is an intake.Directory and safe for concurrent use. It keeps no record:
// who is exempt is what the directory says at the time. Every call is bounded in
// time and in what it reads. Errors name the server and what to do, in words for
// operators, and never hold a secret; each says by Temporary whether a later
// attempt may succeed.
package directory
