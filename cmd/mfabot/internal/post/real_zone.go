//go:build real

package post

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
)

// Domain is a domain whose DNS says who may send its mail.
type Domain struct {
	Name string
	// Outgoing is the IP address of its mail server, the only one SPF allows.
	Outgoing string
	// NoDMARC leaves out its DMARC record.
	NoDMARC bool
	// Oversigned are the fields, besides From, that its signatures cover though a message lacks them.
	Oversigned []string
}

// selector names the key in each domain (RFC 6376, section 3.1).
const selector = "mail"

// records returns the domain's own DNS records, in zone file format.
func (d Domain) records(key string) []string {
	all := []string{
		d.Name + ". TXT " + quoted("v=spf1 ip4:"+d.Outgoing+" -all"),
		selector + "._domainkey." + d.Name + ". TXT " + quoted(key),
	}
	if !d.NoDMARC {
		all = append(all, "_dmarc."+d.Name+". TXT "+quoted("v=DMARC1; p=reject"))
	}
	return all
}

// quoted returns the text of a TXT record, in strings of at most 255 bytes.
func quoted(text string) string {
	var parts []string
	for len(text) > 255 {
		parts, text = append(parts, text[:255]), text[255:]
	}
	return `"` + strings.Join(append(parts, text), `" "`) + `"`
}

// makeKeys makes, in a folder, a key for each domain and the configuration with which OpenDKIM signs, and
// returns the DNS records of all domains.
func makeKeys(dir string, domains []Domain) ([]string, error) {
	if err := makeFolder(dir, "root", "root", 0o700); err != nil {
		return nil, err
	}
	var records []string
	for _, d := range domains {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		privateDER, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return nil, err
		}
		publicDER, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
		if err != nil {
			return nil, err
		}
		key := filepath.Join(dir, d.Name+".pem")
		if err := writePEM(key, "PRIVATE KEY", privateDER); err != nil {
			return nil, err
		}
		base := filepath.Join(dir, d.Name)
		conf := fmt.Sprintf(signingConf, base, strings.Join(append([]string{"From"}, d.Oversigned...), ","))
		if err := writeFiles(dir, map[string]string{
			d.Name + ".keys":    fmt.Sprintf("key %s:%s:%s\n", d.Name, selector, key),
			d.Name + ".signing": "* key\n",
			d.Name + ".conf":    conf,
			d.Name + ".own":     conf + fmt.Sprintf(ownConf, base),
			d.Name + ".lua":     ownScript,
		}); err != nil {
			return nil, err
		}
		records = append(records, d.records("v=DKIM1; k=rsa; p="+base64.StdEncoding.EncodeToString(publicDER))...)
	}
	return records, nil
}

// signingConf takes the name of the domain's files without their endings, and the fields that nobody can add
// to once they are signed. It signs messages whoever they say they are from; otherwise it is as in Debian.
const signingConf = `Mode s
KeyTable %[1]s.keys
SigningTable refile:%[1]s.signing
Canonicalization relaxed/simple
OversignHeaders %[2]s
# The temporary folder is everybody's.
RequireSafeKeys no
UMask 000
Syslog yes
`

// ownConf is for what an office's own users hand in: signed is what somebody has logged in for, and nothing else that comes from
// this machine, where From is who they are. It takes the name of the domain's files, without their endings.
const ownConf = `InternalHosts csl:192.0.2.1
SetupPolicyScript %s.lua
`

// ownScript is the one of docs/running.md, which a test holds to this one.
const ownScript = `local field, second = odkim.get_header(ctx, "From", 0), odkim.get_header(ctx, "From", 1)
local from = second == nil and field ~= nil and
    (field:match('^%s*"[^"\\]*"%s*<([^<>@%s]+@[^<>@%s]+)>%s*$') or   -- "Patel, Asha" <asha@example.org>
    field:match('^[^"<>@,:;()\\]*<([^<>@%s]+@[^<>@%s]+)>%s*$') or   -- Asha Patel <asha@example.org>
    field:match('^%s*([^"<>@,:;()%s\\]+@[^"<>@,:;()%s\\]+)%s*$'))     -- asha@example.org
local function is(who) return who and from:lower() == who:gsub("[<>]", ""):lower() end
if not from or not (is(odkim.get_envfrom(ctx)) or is(odkim.get_mtasymbol(ctx, "{auth_authen}"))) then
    odkim.set_result(ctx, SMFIS_ACCEPT) -- goes on, unsigned
end
`

// writeUnbound writes the configuration of a DNS server that knows these records and nothing else.
func writeUnbound(dir, address string, records []string) error {
	var data strings.Builder
	for _, r := range records {
		fmt.Fprintf(&data, "  local-data: '%s'\n", r)
	}
	return writeFiles(dir, map[string]string{"unbound.conf": fmt.Sprintf(unboundConf, dir, address) + data.String()})
}

// unboundConf takes: the scratch folder, and the address to listen on. What is appended to it continues the
// server section.
const unboundConf = `remote-control:
  control-enable: no
server:
  directory: "%[1]s"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "%[1]s/unbound.log"
  log-queries: yes
  interface: %[2]s
  do-daemonize: no
  do-ip6: no
  num-threads: 1
  module-config: "iterator"
  local-zone: "." static
`
