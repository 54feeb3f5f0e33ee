package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed mail/*.mail shared/*.mail layout.html parts.html parts.txt
var files embed.FS

// Files returns the files that the emails are made of, as an operator may replace them one by one: mail/ has a file for
// each email, shared/ the words that several have in common, and the rest is how the two forms of an email look.
func Files() fs.FS { return files }

// maxFile bounds a file of an operator's, in bytes.
const maxFile = 256 << 10

// source is what the files say, by path.
type source map[string]string

// read takes the files of a folder. Files whose names begin with a dot are left out.
func read(from fs.FS) (source, error) {
	all := make(source)
	err := fs.WalkDir(from, ".", func(file string, d fs.DirEntry, err error) error {
		hidden := file != "." && strings.HasPrefix(path.Base(file), ".")
		switch {
		case err != nil:
			return err
		case hidden && d.IsDir():
			return fs.SkipDir
		case hidden || d.IsDir():
			return nil
		}
		if info, err := fs.Stat(from, file); err != nil {
			return err
		} else if !info.Mode().IsRegular() || info.Size() > maxFile {
			return fmt.Errorf("%s: expected a file of at most %d KB", file, maxFile>>10)
		}
		words, err := fs.ReadFile(from, file)
		all[file] = string(words)
		return err
	})
	return all, err
}

// replaced returns the embedded files with an operator's own in their places. A file that takes no file's place is an
// error, as it would be one whose name was mistyped.
func replaced(own fs.FS) (source, error) {
	all, err := read(files)
	if err != nil || own == nil {
		return all, err
	}
	theirs, err := read(own)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, file := range theirs.names("*") {
		if _, ok := all[file]; !ok {
			errs = append(errs, fmt.Errorf("%s: no file of that name is replaced (mfabot templates DIR writes all that can be)", file))
		}
		all[file] = theirs[file]
	}
	return all, errors.Join(errs...)
}

// names are the paths that match a pattern, in alphabetical order; "*" matches all.
func (s source) names(pattern string) []string {
	var names []string
	for file := range s {
		if ok, _ := path.Match(pattern, file); ok || pattern == "*" {
			names = append(names, file)
		}
	}
	slices.Sort(names)
	return names
}

// place is where a template comes from: line n of the template is line from[n-1] of the file.
type place struct {
	file string
	from []int
}

// whole is the place of a template that is a file as it is.
func whole(file, words string) place {
	p := place{file, make([]int, strings.Count(words, "\n")+1)}
	for i := range p.from {
		p.from[i] = i + 1
	}
	return p
}

// places are where templates come from, by their names.
type places map[string]place

// located matches how text/template and html/template say where something is wrong.
var located = regexp.MustCompile(`(?:html/)?template: ?([\w.-]+):(\d+)(?::\d+)?:`)

// fault is an error in a file.
type fault struct {
	words string
	err   error
}

func (f *fault) Error() string { return f.words }
func (f *fault) Unwrap() error { return f.err }

// in says an error of a template with the line of the file that it comes from.
func (p places) in(file string, err error) error {
	if err == nil {
		return nil
	}
	if m := located.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[2])
		from, ok := p[m[1]]
		switch {
		case ok && 0 < line && line <= len(from.from):
			return &fault{from.file + ":" + strconv.Itoa(from.from[line-1]) + ":" + strings.Replace(err.Error(), m[0], "", 1), err}
		case ok:
			return &fault{from.file + ":" + strings.Replace(err.Error(), m[0], "", 1), err}
		}
	}
	return &fault{file + ": " + err.Error(), err}
}
