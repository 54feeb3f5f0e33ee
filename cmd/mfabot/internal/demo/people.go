package demo

import (
	"crypto/tls"
	"strings"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
	"mfabot/intake/senderauth"
	"mfabot/notify"
)

// The people of the story. Each has an account at the post office.
const (
	Service    = "mfa@helpdesk.test"
	Operations = "ops@helpdesk.test"
	Asha       = "Asha Patel <asha@helpdesk.test>"
	Ben        = "Ben Okafor <ben@helpdesk.test>"
	Cleo       = "Cleo Dunn <cleo@helpdesk.test>"
	Pharmacy   = "Oak Street Pharmacy <oakstreet@pharmacy.test>"
	Dentist    = "High Street Dental <highstreet@dental.test>"
	CareHome   = "Lakeside Care Home <lakeside@care.test>"
	Optician   = "Vale Opticians <vale@optical.test>"
	Sam        = "Sam Green <sam.green@pharmacy.test>"
	Rosa       = "Rosa Lind <rosa.lind@dental.test>"
	Tom        = "Tom Hale <tom.hale@care.test>"
	Nia        = "Nia Vaughan <nia.vaughan@optical.test>"
)

// Sites is the register of their sites, as a file sites.csv.
const Sites = `ods_code,name,kind,mailbox,aliases,contacts
FX101,Oak Street Pharmacy,pharmacy,oakstreet@pharmacy.test,,sam.green@pharmacy.test
V2002,High Street Dental,dental,highstreet@dental.test,,rosa.lind@dental.test
VL303,Lakeside Care Home,social care,lakeside@care.test,,tom.hale@care.test
TP404,Vale Opticians,optometry,vale@optical.test,,nia.vaughan@optical.test
`

// Accounts lists everybody's address.
func Accounts() []string {
	return []string{Service, Operations, Asha, Ben, Cleo, Pharmacy, Dentist, CareHome, Optician, Sam, Rosa, Tom, Nia}
}

// Settings configures a bot for the story on an office, with its database in a file.
func Settings(o *post.Office, database string) (*config.Settings, error) {
	policy, err := intake.DefaultPolicy()
	if err != nil {
		return nil, err
	}
	holidays, err := intake.DefaultHolidays()
	if err != nil {
		return nil, err
	}
	sites, err := intake.ReadSites("sites.csv", strings.NewReader(Sites))
	if err != nil {
		return nil, err
	}
	password := func() (string, error) { return o.Password, nil }
	m := config.Mailbox{Trust: senderauth.Trust{AllowUnauthenticated: true}}
	m.Name, m.Addr, m.Security, m.Username, m.Password = "helpdesk", o.IMAPAddr, intake.Security(o.IMAPSecurity), Service, password
	sub := notify.Submission{Addr: o.SMTPAddr, Security: intake.Security(o.SMTPSecurity), Username: Service, Password: password}
	m.TLS = &tls.Config{RootCAs: o.RootCAs, ServerName: "localhost"}
	sub.TLS = m.TLS
	return &config.Settings{
		Database: database,
		Policy:   policy,
		Holidays: holidays,
		Sites:    sites,
		Service:  config.Service{Name: "NHSmail Helpdesk", Address: Service, Operator: Operations},
		Reviewers: intake.Reviewers{
			{Address: "asha@helpdesk.test", Name: "Asha Patel", Deputy: "ben@helpdesk.test"},
			{Address: "ben@helpdesk.test", Name: "Ben Okafor", Deputy: "cleo@helpdesk.test"},
			{Address: "cleo@helpdesk.test", Name: "Cleo Dunn", Standby: true},
		},
		Mailboxes:  []config.Mailbox{m},
		Submission: sub,
	}, nil
}
