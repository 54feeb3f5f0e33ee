package intake

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// wantedValue is how a value of a Go type is written in TOML.
var wantedValue = map[reflect.Kind]string{
	reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Bool: "true or false", reflect.String: "a text in quotes",
	reflect.Slice: "a list in brackets", reflect.Struct: "a table", reflect.Map: "a table",
}

// takes lists which Go types take which kind of a TOML value, and how that is called.
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

// wrongType says what the value of a key should be, where it has another type than dst's field; else it is
// empty. Of several values of the key, in an array of tables, the last that starts on line or before is
// meant.
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

// fieldType is the type of the field that a key is decoded into; nil where there is none.
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

// mismatch says what a value should be; empty where it fits its type.
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
