package standin

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// Link is a link to a document that is kept elsewhere.
type Link struct {
	Name string // of the document, as the message has it; what the link says where it has none
	URL  string
	At   string // where it is kept: "OneDrive", or the name of the host
}

// maxLinks bounds the links that are named of one message.
const maxLinks = 10

// Links finds the links to documents in what the author of a message wrote and, where they are called as files are, in
// what was taken for the signature below: mail clients put them at the end.
func Links(own, signature []text.Line) []Link {
	var out []Link
	known := map[string]bool{}
	for i, lines := range [][]text.Line{own, signature} {
		for j := range lines {
			for _, l := range linksIn(&lines[j]) {
				at, name := kept(l)
				if at == "" || known[l.URL] || len(out) == maxLinks || i == 1 && !wholeFileName.MatchString(name) {
					continue
				}
				known[l.URL] = true
				out = append(out, Link{Name: name, URL: l.URL, At: at})
			}
		}
	}
	return out
}

// HasLink reports whether there is a link to a web page in lines.
func HasLink(lines []text.Line) bool {
	for i := range lines {
		if len(linksIn(&lines[i])) > 0 {
			return true
		}
	}
	return false
}

// linksIn returns the links of a line: those behind its words, and addresses of web pages that stand in it, with the words
// before them.
func linksIn(ln *text.Line) []text.Link {
	out := text.LinksOf(ln)
	rest := ln.Text
	for strings.Contains(rest, "://") {
		at := webAddress.FindStringIndex(rest)
		if at == nil || len(out) >= maxLinks*10 {
			break
		}
		before := strings.Trim(iconBefore.ReplaceAllString(strings.TrimSpace(rest[:at[0]]), ""), " <([:-*•\t")
		if !wholeFileName.MatchString(before) {
			before = "" // it is a sentence
		}
		out = append(out, text.Link{URL: rest[at[0]:at[1]], Text: before})
		rest = rest[at[1]:]
	}
	return out
}

var webAddress = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"\]]{4,}`)

// kept tells where a link leads to, and what the document there is called; empty where it leads to none.
func kept(l text.Link) (at, name string) {
	u, host := target(l.URL)
	if host == "" {
		return "", ""
	}
	last, _ := url.PathUnescape(path.Base(u.Path))
	for _, values := range u.Query() {
		if !wholeFileName.MatchString(last) && wholeFileName.MatchString(values[0]) {
			last = values[0]
		}
	}
	label := strings.TrimSpace(iconBefore.ReplaceAllString(l.Text, ""))
	if webAddress.MatchString(label) {
		label = ""
	}
	at = serviceOf(host, u)
	switch {
	case wholeFileName.MatchString(label):
		name = label
	case wholeFileName.MatchString(last):
		name = last
	case at == "":
		return "", ""
	default:
		name = mime.Shorten(label, 80)
	}
	if at == "" {
		at = host
	}
	if name == "" {
		name = "link to " + at
	}
	return at, name
}

var (
	iconBefore    = regexp.MustCompile(`(?i)^\[[^\]]{0,40}\]\s*`)
	wholeFileName = regexp.MustCompile(`(?i)^[^/\\?<>|"*]{1,150}\.(?:` + documentExts + `)$`)
	wrapped       = regexp.MustCompile(`(?i)/v3/__(https?:/.+?)__;`)
	dashed        = regexp.MustCompile(`-([0-9A-Fa-f]{2})`)
)

// target returns where a link leads, also through the services that check links, and the host, which is all that some of
// them tell.
func target(link string) (u *url.URL, host string) {
	for range 3 {
		var err error
		if u, err = url.Parse(strings.TrimRight(link, ".,;:!?)'")); err != nil || u.Scheme != "http" && u.Scheme != "https" {
			return nil, ""
		}
		if serviceOf(strings.ToLower(u.Hostname()), u) != "" {
			break
		}
		next := ""
		if m := wrapped.FindStringSubmatch(link); m != nil {
			next = strings.Replace(m[1], ":/", "://", 1)
			next = strings.Replace(next, ":///", "://", 1)
		}
		for key, values := range u.Query() {
			v := values[0]
			if strings.HasPrefix(strings.ToLower(v), "http") && strings.Contains(v, "-3A_") { // Proofpoint's way to write it
				v, _ = url.PathUnescape(strings.ReplaceAll(dashed.ReplaceAllString(v, "%$1"), "_", "/"))
			}
			switch lower := strings.ToLower(v); {
			case strings.HasPrefix(lower, "https://"), strings.HasPrefix(lower, "http://"):
				next = v
			case (key == "domain" || key == "d") && strings.Contains(v, ".") && !strings.ContainsAny(v, "/ "):
				return &url.URL{Scheme: "https", Host: v, Path: "/-"}, lower
			}
		}
		if next == "" {
			break
		}
		link = next
	}
	return u, strings.ToLower(u.Hostname())
}

// services are the places where people keep documents, by labels of their hosts' names, all of which must be there: the
// last but one as "=label". Pages that only tell of something are no documents.
var services = []struct {
	labels []string
	name   string
}{
	{[]string{"sharepoint"}, "SharePoint"}, {[]string{"onedrive"}, "OneDrive"}, {[]string{"=1drv"}, "OneDrive"},
	{[]string{"drive", "google"}, "Google Drive"}, {[]string{"docs", "google"}, "Google Docs"},
	{[]string{"photos", "google"}, "Google Photos"}, {[]string{"photos", "goo"}, "Google Photos"},
	{[]string{"=dropbox"}, "Dropbox"}, {[]string{"=dropboxusercontent"}, "Dropbox"}, {[]string{"=db", "tt"}, "Dropbox"},
	{[]string{"=icloud"}, "iCloud"}, {[]string{"=wetransfer"}, "WeTransfer"}, {[]string{"=we", "tl"}, "WeTransfer"},
	{[]string{"=box"}, "Box"}, {[]string{"=mega"}, "MEGA"}, {[]string{"=mediafire"}, "MediaFire"}, {[]string{"=sharefile"}, "ShareFile"},
	{[]string{"=egnyte"}, "Egnyte"}, {[]string{"=hightail"}, "Hightail"}, {[]string{"=filemail"}, "Filemail"},
	{[]string{"=transfernow"}, "TransferNow"}, {[]string{"=swisstransfer"}, "SwissTransfer"}, {[]string{"=pcloud"}, "pCloud"},
	{[]string{"=smash"}, "Smash"}, {[]string{"=fromsmash"}, "Smash"}, {[]string{"=terabox"}, "TeraBox"},
	{[]string{"=tresorit"}, "Tresorit"},
	{[]string{"drive", "=proton"}, "Proton Drive"}, {[]string{"nextcloud"}, "Nextcloud"}, {[]string{"owncloud"}, "ownCloud"},
	{[]string{"=imgur"}, "Imgur"}, {[]string{"acrobat", "adobe"}, "Adobe"}, {[]string{"documentcloud", "adobe"}, "Adobe"},
	{[]string{"workdrive"}, "WorkDrive"}, {[]string{"filetransfer"}, "a file transfer service"}, {[]string{"=docdroid"}, "DocDroid"},
}

// serviceOf names the place where people keep documents that a link leads to; empty for none.
func serviceOf(host string, u *url.URL) string {
	at := strings.ToLower(u.Path)
	page := strings.HasSuffix(at, ".aspx") && u.Query().Get("id") == "" && !strings.Contains(at, "/_layouts/")
	if strings.Trim(at, "/") == "" && u.RawQuery == "" || page {
		return ""
	}
	labels := strings.FieldsFunc(host, func(r rune) bool { return r == '.' })
	if len(labels) < 2 {
		return ""
	}
	has := func(want string) bool {
		if exact, second := strings.CutPrefix(want, "="); second {
			return labels[len(labels)-2] == exact || len(labels) > 2 && labels[len(labels)-3] == exact && len(labels[len(labels)-2]) < 4
		}
		for _, l := range labels {
			if l == want {
				return true
			}
		}
		return false
	}
	for _, s := range services {
		all := true
		for _, l := range s.labels {
			all = all && has(l)
		}
		switch {
		case !all:
		case s.name == "SharePoint" && strings.Contains(host, "-my."):
			return "OneDrive"
		default:
			return s.name
		}
	}
	return ""
}
