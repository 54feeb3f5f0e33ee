package store_test

import (
	"context"
	"database/sql/driver"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mattn/go-sqlite3"

	"mfabot/store"
)

// recorder is SQLite, and keeps what it is asked.
type recorder struct {
	mu         sync.Mutex
	statements map[string]int // each with its number of arguments
}

// Open opens a connection that records.
func (r *recorder) Open(dsn string) (driver.Conn, error) {
	c, err := new(sqlite3.SQLiteDriver).Open(dsn)
	if err != nil {
		return nil, err
	}
	return &recordedConn{c.(*sqlite3.SQLiteConn), r}, nil
}

func (r *recorder) record(statement string, args int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements[statement] = args
}

type recordedConn struct {
	*sqlite3.SQLiteConn
	recorder *recorder
}

func (c *recordedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.recorder.record(query, len(args))
	return c.SQLiteConn.ExecContext(ctx, query, args)
}

func (c *recordedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.recorder.record(query, len(args))
	return c.SQLiteConn.QueryContext(ctx, query, args)
}

// sqliteOnly matches what migrations and the tests themselves ask SQLite.
var sqliteOnly = regexp.MustCompile(`goose_|audit_before|sqlite_schema|json_each\(`)

// runContract runs the contract on SQLite and returns the queries that it came to, each with its number of arguments.
// It fails for a query in the source to which it never came. What tests, goose and the migrations ask is left out.
func runContract(t *testing.T) map[string]int {
	t.Helper()
	r := &recorder{statements: make(map[string]int)}
	t.Run("contract", func(t *testing.T) {
		contract(t, func(t *testing.T) opener {
			file := filepath.Join(t.TempDir(), "mfabot.db")
			return func(t *testing.T) *store.Store {
				t.Helper()
				return closing(t, must(store.OpenWith(t.Context(), file, r))(t))
			}
		})
	})
	queries := make(map[string]int)
	for _, pieces := range written(t) {
		found := false
		for statement, args := range r.statements {
			if inOrder(statement, pieces) && !sqliteOnly.MatchString(statement) {
				queries[statement] = args
				found = true
			}
		}
		if !found {
			t.Errorf("the contract never comes to this query:\n%s", strings.Join(pieces, "..."))
		}
	}
	return queries
}

// TestSQLite runs the contract, and looks whether SQLite and PostgreSQL number the placeholders of its queries alike.
func TestSQLite(t *testing.T) {
	t.Parallel()
	for query, args := range runContract(t) {
		if n := placeholders(query); n != args {
			t.Errorf("%d arguments, and %d placeholders in the order of their first use:\n%s", args, n, query)
		}
	}
}

// placeholders counts the placeholders of a query; -1 where they are not numbered in the order of their first use.
func placeholders(query string) (n int) {
	for _, found := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(query, -1) {
		switch number, _ := strconv.Atoi(found[1]); {
		case number == n+1:
			n++
		case number > n:
			return -1
		}
	}
	return n
}

// written returns the queries in the package's source that are for both engines, each as the pieces that are literal
// there. A backup, the migrations and what reads a file of any version are SQLite's, and what asks its catalog is PostgreSQL's.
func written(t *testing.T) (queries [][]string) {
	t.Helper()
	for _, name := range must(filepath.Glob("*.go"))(t) {
		if strings.HasSuffix(name, "_test.go") || name == "backup.go" || name == "inspect.go" || name == "migrate.go" ||
			name == "postgresql.go" || name == "postgresql_schema.go" {
			continue
		}
		file := must(parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution))(t)
		ast.Inspect(file, func(n ast.Node) bool {
			e, isExpr := n.(ast.Expr)
			if !isExpr {
				return true
			}
			pieces := literals(e)
			if !isQuery(strings.Join(pieces, "")) {
				return true
			}
			queries = append(queries, pieces)
			return false
		})
	}
	return queries
}

// isQuery reports whether a text is a query, and not one for SQLite's own tables.
func isQuery(text string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}, verb) && !strings.Contains(text, "FROM sqlite_") &&
		!strings.Contains(text, "FROM pragma_")
}

// literals returns what is literal of a sum of strings that begins with a literal, without what Sprintf puts in.
func literals(e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return strings.Split(text, "%s")
		}
	case *ast.BinaryExpr:
		if first := literals(e.X); len(first) > 0 {
			return append(first, literals(e.Y)...)
		}
	}
	return nil
}

// inOrder reports whether a query holds all pieces, one after the other.
func inOrder(query string, pieces []string) bool {
	for _, piece := range pieces {
		_, after, found := strings.Cut(query, piece)
		if !found {
			return false
		}
		query = after
	}
	return true
}
