// Package request reads what a site asks for: the users, the reason in the words of the policy, the
// justification and whether an authentication method is registered, from the form where it was filled in,
// else from free text. It names no reason where more than one could be meant.
package request
