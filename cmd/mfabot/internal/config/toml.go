package config

import (
	"net"

	"mfabot/intake"
)

// configFile is mfabot.toml as it is written. The example explains each key.
type configFile struct {
	Database  string                 `toml:"database"`
	Password  string                 `toml:"database_password_file"`
	KeyFile   string                 `toml:"key_file"`
	Sites     string                 `toml:"sites"`
	Policy    string                 `toml:"policy"`
	AgeFile   string                 `toml:"age_identity_file"`
	Holidays  string                 `toml:"holidays"`
	Templates string                 `toml:"templates"`
	Service   Service                `toml:"service"`
	Mailbox   []mailboxTable         `toml:"mailbox"`
	SMTP      smtpTable              `toml:"smtp"`
	Reviewer  []reviewerTable        `toml:"reviewer"`
	OAuth     map[string]*oauthTable `toml:"oauth"`
	Evidence  evidenceTable          `toml:"evidence"`
	Directory directoryTable         `toml:"directory"`
	Alarm     Alarm                  `toml:"alarm"`
	Backup    *backupTable           `toml:"backup"`
	Log       Log                    `toml:"log"`
	Trial     *trialTable            `toml:"trial"`
	Testing   testingTable           `toml:"testing"`
}

// Service is the table [service]: the service as people see it, and what the bot itself listens on and asks.
type Service struct {
	Name        string `toml:"name"`
	Address     string `toml:"address"`
	Operator    string `toml:"operator"`
	Auditor     string `toml:"auditor"`
	Owner       string `toml:"owner"`
	Listen      string `toml:"listen"`
	Resolver    string `toml:"resolver"`
	PlusAddress bool   `toml:"plus_address"`

	PageTokenFile  string   `toml:"page_token_file"`
	PageUserHeader string   `toml:"page_user_header"`
	PageProxies    []string `toml:"page_proxies"`
	ShowPersonal   bool     `toml:"show_personal"`
}

// ListensOutside reports whether other machines reach /healthz and /metrics, for which nobody logs in.
func (s Service) ListensOutside() bool {
	host, _, err := net.SplitHostPort(s.Listen)
	return err == nil && !intake.IsLoopback(host)
}

type mailboxTable struct {
	Name         string     `toml:"name"`
	URL          string     `toml:"url"`
	PasswordFile string     `toml:"password_file"`
	OAuth        string     `toml:"oauth"`
	Site         string     `toml:"site"`
	CAFile       string     `toml:"ca_file"`
	Insecure     bool       `toml:"insecure"`
	Since        string     `toml:"since"`
	Trust        trustTable `toml:"trust"`
}

type trustTable struct {
	AuthservID           string   `toml:"authserv_id"`
	ExchangeOnline       bool     `toml:"exchange_online"`
	TenantDomains        []string `toml:"tenant_domains"`
	DKIM                 bool     `toml:"dkim"`
	Aligned              []string `toml:"aligned"`
	AllowUnauthenticated bool     `toml:"allow_unauthenticated"`
}

type smtpTable struct {
	URL          string `toml:"url"`
	PasswordFile string `toml:"password_file"`
	OAuth        string `toml:"oauth"`
	CAFile       string `toml:"ca_file"`
	Insecure     bool   `toml:"insecure"`
	PerMinute    *int   `toml:"per_minute"` // nil: what the server is known to take
}

type reviewerTable struct {
	Address string   `toml:"address"`
	Name    string   `toml:"name"`
	Aliases []string `toml:"aliases"`
	Deputy  string   `toml:"deputy"`
}

type oauthTable struct {
	TokenURL         string   `toml:"token_url"`
	ClientID         string   `toml:"client_id"`
	ClientSecretFile string   `toml:"client_secret_file"`
	SecretEnds       string   `toml:"secret_ends"`
	TokenFile        string   `toml:"token_file"`
	DeviceURL        string   `toml:"device_url"`
	Scopes           []string `toml:"scopes"`
}

type trialTable struct {
	Only []string `toml:"only"`
}

type evidenceTable struct {
	Clamd string `toml:"clamd"`
}

type directoryTable struct {
	Kind         string   `toml:"kind"`
	Group        string   `toml:"group"`
	OAuth        string   `toml:"oauth"`
	URL          string   `toml:"url"`
	BindDN       string   `toml:"bind_dn"`
	PasswordFile string   `toml:"password_file"`
	Base         string   `toml:"base"`
	Filter       string   `toml:"filter"`
	Member       string   `toml:"member"`
	CAFile       string   `toml:"ca_file"`
	Command      []string `toml:"command"`
}

// Log is the table [log].
type Log struct {
	HashAddresses bool `toml:"hash_addresses"`
}

type testingTable struct {
	ClockOffset string `toml:"clock_offset"`
}
