package intake

import (
	"reflect"
	"slices"
	"strings"

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
func wrongType(data []byte, dst any, key []string, line int) string {
	want := fieldType(reflect.TypeOf(dst), key)
	if want == nil {
		return ""
	}
	var p unstable.Parser
	p.Reset(data)
	var table []string
	wrong := ""
	for p.NextExpression() {
		expr := p.Expression()
		path := keyNames(expr)
		value := expr
		if expr.Kind == unstable.KeyValue {
			path, value = slices.Concat(table, path), expr.Value()
		} else {
			table = path
		}
		if lineOf(expr, &p) <= line && slices.Equal(path, key) {
			wrong = mismatch(value, want)
		}
	}
	return wrong
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
			if name, _, _ := strings.Cut(f.Tag.Get("toml"), ","); name == key[0] {
				return fieldType(f.Type, key[1:])
			}
		}
	}
	return nil
}

// mismatch says what a value should be; it is empty if the value fits its type.
func mismatch(value *unstable.Node, want reflect.Type) string {
	has := takes[value.Kind]
	if !slices.Contains(has.types, want.Kind()) {
		return "expected " + wantedValue[want.Kind()] + ", not " + has.name
	}
	for it := value.Children(); it.Next(); {
		wrong := ""
		switch value.Kind {
		case unstable.Array:
			wrong = mismatch(it.Node(), want.Elem())
		case unstable.InlineTable:
			if field := fieldType(want, keyNames(it.Node())); field != nil {
				wrong = mismatch(it.Node().Value(), field)
			}
		}
		if wrong != "" {
			return wrong
		}
	}
	return ""
}
