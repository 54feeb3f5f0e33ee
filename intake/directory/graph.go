package directory

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mfabot/intake"
)

// GraphConfig is how to reach Microsoft Graph, and which group to maintain.
type GraphConfig struct {
	URL    string // with the version, such as https://graph.microsoft.com/v1.0
	Group  string // the object id of the group
	Client *http.Client
	Token  func(context.Context) (string, error)
	// Refused is told which token Graph has refused, so that Token gives another.
	Refused func(token string)
	Clock   func() time.Time // what a date in Retry-After is held against
}

// Graph maintains the members of a group in Entra, through Microsoft Graph.
type Graph struct {
	base    *url.URL
	group   string
	client  http.Client
	token   func(context.Context) (string, error)
	refuses func(token string)
	clock   func() time.Time
	timeout time.Duration // for each request
}

// NewGraph returns the directory of a configuration. It does not connect.
func NewGraph(c GraphConfig) (*Graph, error) {
	base, err := url.Parse(strings.TrimSuffix(c.URL, "/"))
	if err != nil || base.Host == "" {
		return nil, errors.New("expected a URL such as https://graph.microsoft.com/v1.0")
	}
	g := &Graph{base: base, group: c.Group, client: *c.Client, token: c.Token, refuses: c.Refused, clock: c.Clock, timeout: graphTimeout}
	if !isObjectID(c.Group) {
		return nil, fmt.Errorf("expected the object id of a group, not %q", c.Group)
	}
	// An answer that points elsewhere is not followed: the token is for this server.
	g.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return g, nil
}

// The application permissions that are missing where Graph answers 403, as Microsoft documents them for each
// request.
const (
	mayReadUsers   = "the permission User.Read.All"
	mayReadGroup   = "the permissions GroupMember.ReadWrite.All and User.Read.All"
	mayChangeGroup = "the permission GroupMember.ReadWrite.All " +
		"(and, where the group can be assigned to roles, RoleManagement.ReadWrite.Directory)"
	mayReadReport = "the permission AuditLog.Read.All"
)

// graphObject is what is read of a user, or of another member of a group.
type graphObject struct {
	Type              string   `json:"@odata.type"` // of members only
	ID                string   `json:"id"`
	DisplayName       string   `json:"displayName"`
	Department        string   `json:"department"`
	UserPrincipalName string   `json:"userPrincipalName"`
	Mail              string   `json:"mail"`
	ProxyAddresses    []string `json:"proxyAddresses"`
	AccountEnabled    *bool    `json:"accountEnabled"`
}

// isObjectID reports whether id can stand in a path: a GUID, in practice.
func isObjectID(id string) bool {
	return id != "" && strings.Trim(id, "0123456789abcdefABCDEF-") == ""
}

// find looks for a user by their sign-in name, or else by the addresses of their mailbox, and reads these fields of
// theirs besides the id. intake.ErrNoAccount if there is none.
func (g *Graph) find(ctx context.Context, user, fields string) (*graphObject, error) {
	fields = "id," + fields
	var found graphObject
	err := g.get(ctx, mayReadUsers, "/users/"+url.PathEscape(user)+"?$select="+fields, &found)
	if err == nil || !isStatus(err, http.StatusNotFound) {
		return &found, g.checked(&found, err)
	}
	// Without ConsistencyLevel, which eq does not need: the answer is of now, and not of an index that comes
	// later.
	quoted := strings.ReplaceAll(user, "'", "''")
	filter := fmt.Sprintf("mail eq '%[1]s' or proxyAddresses/any(x:x eq 'smtp:%[1]s')", quoted)
	var list struct {
		Value []graphObject `json:"value"`
	}
	if err := g.get(ctx, mayReadUsers, "/users?$select="+fields+"&$top=2&$filter="+url.QueryEscape(filter), &list); err != nil {
		return nil, err
	}
	switch len(list.Value) {
	case 0:
		return nil, noAccount(g.base.Host, user)
	case 1:
		return &list.Value[0], g.checked(&list.Value[0], nil)
	}
	return nil, lasting("%s: more than one user has the address %s: let only one have it", g.base.Host, user)
}

// checked makes sure that an object which was read has an id to go on with.
func (g *Graph) checked(o *graphObject, err error) error {
	if err == nil && !isObjectID(o.ID) {
		return lasting("%s: it answers with a user without an id", g.base.Host)
	}
	return err
}

// Apply adds the user to the group.
func (g *Graph) Apply(ctx context.Context, user string) (string, error) {
	found, err := g.find(ctx, user, "accountEnabled")
	if err != nil {
		return "", err
	}
	return found.ID, g.add(ctx, found)
}

func (g *Graph) add(ctx context.Context, found *graphObject) error {
	err := g.call(ctx, request{method: http.MethodPost, path: g.members() + "/$ref", needs: mayChangeGroup,
		body: map[string]string{"@odata.id": g.base.String() + "/directoryObjects/" + found.ID}}, nil)
	switch {
	case isStatus(err, http.StatusBadRequest, http.StatusConflict) && says(err, "already exist"):
		return nil
	case isStatus(err, http.StatusBadRequest) && says(err, "do not exist"), isStatus(err, http.StatusConflict):
		// What is new is not on all of the directory's servers yet.
		return passing("%w", err)
	case isStatus(err, http.StatusNotFound):
		if gone := g.groupExists(ctx); gone != nil {
			return gone
		}
		return passing("%w", err)
	}
	return err
}

// Remove takes the user out of the group.
func (g *Graph) Remove(ctx context.Context, user string) error {
	found, err := g.find(ctx, user, "accountEnabled")
	if errors.Is(err, intake.ErrNoAccount) {
		return nil
	}
	if err != nil {
		return err
	}
	return g.Expel(ctx, found.ID)
}

// Expel takes an object out of the group. The object itself stays: /$ref is what says so, and must never be
// missing.
func (g *Graph) Expel(ctx context.Context, id string) error {
	if !isObjectID(id) {
		return lasting("%s: not an object id: %q", g.base.Host, id)
	}
	err := g.call(ctx, request{method: http.MethodDelete, path: g.members() + "/" + id + "/$ref", needs: mayChangeGroup}, nil)
	if isStatus(err, http.StatusNotFound) {
		return g.groupExists(ctx) // if the group exists, the user is not a member
	}
	return err
}

// Account reads the user, and whether they have registered for MFA. The report on that covers neither
// disabled users nor every tenant, and needs a permission of its own: without it nothing is known of it.
func (g *Graph) Account(ctx context.Context, user string) (intake.Account, error) {
	found, err := g.find(ctx, user, "accountEnabled,displayName,department,userPrincipalName")
	if errors.Is(err, intake.ErrNoAccount) {
		return intake.Account{Methods: intake.Unknown}, nil
	}
	if err != nil {
		return intake.Account{}, err
	}
	type registration struct {
		IsMfaRegistered *bool `json:"isMfaRegistered"`
	}
	var report struct {
		registration
		Value *registration `json:"value"` // Microsoft documents it so, and by its kind it would be without
	}
	err = g.get(ctx, mayReadReport, "/reports/authenticationMethods/userRegistrationDetails/"+found.ID, &report)
	if err != nil && !isStatus(err, http.StatusForbidden, http.StatusNotFound) {
		return intake.Account{}, err
	}
	if report.Value != nil {
		report.registration = *report.Value
	}
	a := intake.Account{Exists: true, Enabled: found.AccountEnabled == nil || *found.AccountEnabled, Methods: intake.Unknown,
		Name: found.DisplayName, Department: found.Department, SignIn: found.UserPrincipalName}
	if registered := report.IsMfaRegistered; registered != nil {
		a.Methods = intake.No
		if *registered {
			a.Methods = intake.Yes
		}
	}
	return a, nil
}

// Members lists the direct members of the group.
func (g *Graph) Members(ctx context.Context) ([]intake.Member, error) {
	var out []intake.Member
	err := g.list(ctx, g.members()+"?$select=id,displayName,userPrincipalName,mail,proxyAddresses&$top=999", func(o graphObject) error {
		m, err := g.member(o)
		out = append(out, m)
		return err
	})
	switch {
	case isStatus(err, http.StatusNotFound):
		return nil, g.noGroup(err)
	case err != nil:
		return nil, err
	}
	return out, nil
}

// Names returns the name to sign in with, and the addresses of the mailbox.
func (g *Graph) Names(ctx context.Context, user string) ([]string, error) {
	found, err := g.find(ctx, user, "userPrincipalName,mail,proxyAddresses")
	if errors.Is(err, intake.ErrNoAccount) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return found.addresses(), nil
}

// addresses returns the addresses of a user, the name to sign in with first.
func (o graphObject) addresses() []string {
	return addresses(append([]string{o.UserPrincipalName, o.Mail}, proxied(o.ProxyAddresses)...))
}

// Groups lists the groups that the user is in, also by way of other groups.
func (g *Graph) Groups(ctx context.Context, user string) ([]string, error) {
	found, err := g.find(ctx, user, "accountEnabled")
	if errors.Is(err, intake.ErrNoAccount) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	err = g.list(ctx, "/users/"+found.ID+"/transitiveMemberOf?$select=id,displayName&$top=999", func(o graphObject) error {
		switch {
		case !strings.HasSuffix(o.Type, ".group"): // a role
			return nil
		case o.DisplayName == "": // as of all that the application may not read
			return lasting("%s: it does not name the groups of %s: give the application %s", g.base.Host, user, mayReadGroup)
		}
		out = append(out, o.DisplayName)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// list reads a list page by page.
func (g *Graph) list(ctx context.Context, path string, take func(graphObject) error) error {
	next := g.base.String() + path
	for pages := 0; next != ""; pages++ {
		if pages == graphPages {
			return lasting("%s: a list has more than %d pages: %s", g.base.Host, graphPages, path)
		}
		var page struct {
			Value []graphObject `json:"value"`
			Next  string        `json:"@odata.nextLink"`
		}
		if err := g.call(ctx, request{method: http.MethodGet, url: next, needs: mayReadGroup}, &page); err != nil {
			return err
		}
		for _, o := range page.Value {
			if err := take(o); err != nil {
				return err
			}
		}
		next = page.Next
		if !g.isOurs(next) {
			return lasting("%s: the list goes on at another server, which is not asked", g.base.Host)
		}
	}
	return nil
}

// member is a member of the group; a group, a device or an application in it has no addresses that could be a
// user's.
func (g *Graph) member(o graphObject) (intake.Member, error) {
	m := intake.Member{ID: o.ID, Name: o.DisplayName}
	if !strings.HasSuffix(o.Type, ".user") {
		return m, nil
	}
	// Graph returns only the id of objects that the application may not read. Such a user would look like a
	// member that is not a user.
	if o.UserPrincipalName == "" {
		return m, lasting("%s: it names no addresses of the group's members: give the application %s", g.base.Host, mayReadUsers)
	}
	m.Addresses = o.addresses()
	return m, nil
}

func (g *Graph) members() string { return "/groups/" + g.group + "/members" }

// groupExists tells an unknown group from an unknown member, both of which are 404.
func (g *Graph) groupExists(ctx context.Context) error {
	err := g.get(ctx, mayReadGroup, "/groups/"+g.group+"?$select=id", nil)
	if isStatus(err, http.StatusNotFound) {
		return g.noGroup(err)
	}
	return err
}

func (g *Graph) noGroup(err error) error {
	return lasting("there is no group %s (check the object id): %w", g.group, err)
}

// isOurs reports whether a link, where there is one, leads to the same server.
func (g *Graph) isOurs(link string) bool {
	u, err := url.Parse(link)
	return link == "" || (err == nil && u.Scheme == g.base.Scheme && u.Host == g.base.Host && u.User == nil)
}
