package intake

import (
	"bytes"
	"cmp"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// wantedValue describes how a value of a Go type is written in TOML.
var wantedValue = map[reflect.Kind]string{
	reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Bool: "true or false",
	reflect.String: "a text in quotes",
	reflect.Slice:  "a list in brackets", reflect.Struct: "a table", reflect.Map: "a table",
}

// takes lists, for each kind of TOML value, its name and the Go types that take it.
var takes = map[unstable.Kind]struct {
	name  string
	types []reflect.Kind
}{
	unstable.String:        {"string", []reflect.Kind{reflect.String}},
	unstable.Bool:          {"boolean", []reflect.Kind{reflect.Bool}},
	unstable.Integer:       {"integer", []reflect.Kind{reflect.Int, reflect.Int64}},
	unstable.Float:         {"float", nil},
	unstable.LocalDate:     {"local date", nil},
	unstable.LocalTime:     {"local time", nil},
	unstable.LocalDateTime: {"local datetime", nil},
	unstable.DateTime:      {"datetime", nil},
	unstable.Array:         {"array", []reflect.Kind{reflect.Slice}},
	unstable.InlineTable:   {"inline table", []reflect.Kind{reflect.Struct, reflect.Map}},
	unstable.Table:         {"table", []reflect.Kind{reflect.Struct, reflect.Map}},
	unstable.ArrayTable:    {"array", []reflect.Kind{reflect.Slice}},
}

// wrongType says what a key's value should be, if its type does not fit dst's field; else it is empty. When
// an array of tables has several values for the key, the last one at or before line is meant.
func wrongType(data []byte, dst any, key []string, line int) (wrong string) {
	for _, m := range mistypedIn(data, dst) {
		if m.line <= line && slices.Equal(m.key, key) {
			wrong = m.want
		}
	}
	return wrong
}

// mistyped is a value that does not fit its field, or a table in a value's place.
type mistyped struct {
	key        []string
	keyLine    int
	line       int // of the value, where it is one of a list
	want       string
	begin, end int // of a value with its key, in the document; the same for a table
}

// mistypedIn finds all of them, up to where the document cannot be read.
func mistypedIn(data []byte, dst any) (wrong []mistyped) {
	var p unstable.Parser
	p.Reset(data)
	var table []string
	ends := func(at int) { // the one before, if that is a value, ends where the next line with a key or a table begins
		if n := len(wrong) - 1; n >= 0 && wrong[n].end < 0 {
			wrong[n].end = at
		}
	}
	for p.NextExpression() {
		expr := p.Expression()
		path, value := keyNames(expr), expr
		key := expr.Key()
		key.Next()
		begin := bytes.LastIndexByte(data[:p.Shape(key.Node().Raw).Start.Offset], '\n') + 1
		ends(begin)
		end := begin
		if expr.Kind == unstable.KeyValue {
			path, value, end = slices.Concat(table, path), expr.Value(), -1
		} else {
			table = path
		}
		if field := fieldType(reflect.TypeOf(dst), path); field != nil {
			if want, at := mismatch(value, field); want != "" {
				keyLine := lineOf(expr, &p)
				line := keyLine
				if at.Raw.Length > 0 && at != value {
					line = p.Shape(at.Raw).Start.Line // of one of a list
				}
				wrong = append(wrong, mistyped{path, keyLine, line, want, begin, end})
			}
		}
	}
	ends(len(data))
	return wrong
}

// without is a document in which blanks stand for the values that do not fit, so that the rest can be read.
func without(data []byte, wrong []mistyped) []byte {
	rest := slices.Clone(data)
	for _, m := range wrong {
		for i := m.begin; i < m.end; i++ {
			if rest[i] != '\n' && rest[i] != '\r' {
				rest[i] = ' '
			}
		}
	}
	return rest
}

// bareValue finds a key, and behind it a value without quotes or brackets, up to a comment.
var bareValue = regexp.MustCompile(`^(\s*[0-9A-Za-z_.-]+\s*=\s*)([^\s"'\[{#].*?)(\s+#.*|\s*)$`)

// quoted is a document in which texts without quotes have them, so that the rest can be read; and the lines of these.
func quoted(data []byte) (document []byte, found []int) {
	lines := bytes.Split(data, []byte("\n"))
	for range lines {
		var syntax *toml.DecodeError
		if !errors.As(toml.Unmarshal(bytes.Join(lines, []byte("\n")), new(map[string]any)), &syntax) {
			break
		}
		n, _ := syntax.Position()
		if n < 1 || n > len(lines) {
			break
		}
		m := bareValue.FindSubmatch(lines[n-1])
		if m == nil || toml.Unmarshal(append([]byte("x = "), m[2]...), new(map[string]any)) == nil {
			break // something else is wrong with it
		}
		text := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(string(m[2])) + `"`
		lines[n-1] = slices.Concat(m[1], []byte(text), m[3])
		found = append(found, n)
	}
	return bytes.Join(lines, []byte("\n")), found
}

// place is a table that may have a key.
type place struct {
	path string // empty for the top of the document
	head string // as it begins in the document
}

// placesOf are all tables in a type that may have a key, by the path of what the type is of.
func placesOf(t reflect.Type, key, path string, many bool) (all []place) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		switch t.Kind() {
		case reflect.Slice:
			many = true
		case reflect.Map:
			path += ".NAME"
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	head := "[" + path + "]"
	if many {
		head = "[" + head + "]"
	}
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case !f.IsExported():
		case strings.EqualFold(keyOf(f), key):
			all = append(all, place{path, head})
		default:
			all = append(all, placesOf(f.Type, key, strings.TrimPrefix(path+"."+keyOf(f), "."), false)...)
		}
	}
	return all
}

// inAny says where a key may stand.
func inAny(places []place) string {
	var in []string
	for _, p := range places {
		if p.path == "" {
			in = append(in, "at the top of the file, above all tables")
		} else {
			in = append(in, "in "+p.head)
		}
	}
	if n := len(in) - 1; n > 0 {
		in = append(in[:n-1], in[n-1]+" or "+in[n])
	}
	return strings.Join(in, ", ")
}

// fieldType returns the type of the field that a key is decoded into; nil if there is none.
func fieldType(t reflect.Type, key []string) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if len(key) == 0 {
		return t
	}
	switch t.Kind() {
	case reflect.Slice:
		return fieldType(t.Elem(), key)
	case reflect.Map:
		return fieldType(t.Elem(), key[1:])
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			if strings.EqualFold(keyOf(f), key[0]) {
				return fieldType(f.Type, key[1:])
			}
		}
	}
	return nil
}

// mismatch says what a value should be, and which one within it that is about; it is empty if the value fits its type.
func mismatch(value *unstable.Node, want reflect.Type) (wrong string, at *unstable.Node) {
	has := takes[value.Kind]
	if !slices.Contains(has.types, want.Kind()) {
		return "expected " + wantedValue[want.Kind()] + ", not " + has.name, value
	}
	for it := value.Children(); it.Next(); {
		switch value.Kind {
		case unstable.Array:
			wrong, at = mismatch(it.Node(), want.Elem())
		case unstable.InlineTable:
			if field := fieldType(want, keyNames(it.Node())); field != nil {
				wrong, at = mismatch(it.Node().Value(), field)
			}
		}
		if wrong != "" {
			return wrong, at
		}
	}
	return "", nil
}

// keysOf are the keys that a table may have, by the type that it is decoded into.
func keysOf(t reflect.Type) (keys []string) {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() {
			keys = append(keys, keyOf(f))
		}
	}
	return keys
}

// keyOf is the key of a field.
func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
	return cmp.Or(name, strings.ToLower(f.Name))
}

// Meant returns the word that somebody may have meant who wrote another: the one of those known that takes the fewest
// letters to be added, left out, changed or swapped with their neighbour. It is empty if none takes as few as a third of them.
func Meant(given string, known []string) (word string) {
	least := max(2, len(given)/3) + 1
	for _, k := range known {
		if d := distance([]rune(strings.ToLower(given)), []rune(k)); d < least && d < len(k) {
			word, least = k, d
		}
	}
	return word
}

// DidYouMean is what to add to a sentence about a word that there is not: which of those known may be meant. It is empty where
// none is.
func DidYouMean(given string, known []string) string {
	if word := Meant(given, known); word != "" {
		return ": did you mean " + word + "?"
	}
	return ""
}

// distance is how many such changes make one word of another.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
		for j := range rows[i] {
			switch {
			case i == 0:
				rows[i][j] = j
			case j > 0:
				changed := rows[i-1][j-1]
				if a[i-1] != b[j-1] {
					changed++
				}
				rows[i][j] = min(changed, rows[i-1][j]+1, rows[i][j-1]+1)
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
				}
			}
		}
	}
	return rows[len(a)][len(b)]
}
