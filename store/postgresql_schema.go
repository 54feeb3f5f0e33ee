package store

import (
	"context"
	_ "embed"
	"slices"
)

//go:embed schema_postgresql.json
var serverSchema []byte

// serverParts selects what a schema is made of, as PostgreSQL's catalog says it. What is on a table stands in the table's text.
const serverParts = `
	WITH ours AS (
		SELECT oid, relname, relkind FROM pg_class
		WHERE relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'goose^_db^_version%' ESCAPE '^')
	SELECT 'table', c.relname::text, c.relname::text, concat_ws(E'\n', CASE WHEN p.relpersistence <> 'p' THEN 'not logged' END,
		CASE WHEN p.relrowsecurity THEN 'row security' END, CASE WHEN p.relkind <> 'r' THEN 'kind ' || p.relkind::text END,
		(SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), 'COLLATE ' || l.collname::text,
				CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
				CASE WHEN a.attidentity <> '' THEN 'IDENTITY ' || a.attidentity::text END,
				CASE WHEN a.attgenerated <> '' THEN 'GENERATED ' || a.attgenerated::text END), E'\n' ORDER BY a.attnum)
			FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
				LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
			WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
		(SELECT string_agg(pg_get_constraintdef(k.oid, true), E'\n' ORDER BY pg_get_constraintdef(k.oid, true))
			FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x')))
		FROM ours AS c JOIN pg_class AS p ON p.oid = c.oid WHERE c.relkind IN ('r', 'p', 'f')
	UNION ALL SELECT 'index', c.relname::text, i.indrelid::regclass::text, pg_get_indexdef(c.oid, 0, true)
		FROM ours AS c JOIN pg_index AS i ON i.indexrelid = c.oid
	UNION ALL SELECT 'view', c.relname::text, c.relname::text, pg_get_viewdef(c.oid) FROM ours AS c WHERE c.relkind IN ('v', 'm')
	UNION ALL SELECT 'trigger', t.tgname::text, t.tgrelid::regclass::text,
			concat_ws(E'\n', pg_get_triggerdef(t.oid, true), 'enabled ' || t.tgenabled::text, f.prosrc)
		FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS f ON f.oid = t.tgfoid
		WHERE c.relnamespace = current_schema()::regnamespace AND (NOT t.tgisinternal OR t.tgenabled <> 'O')
	UNION ALL SELECT 'rule', r.rulename::text, r.ev_class::regclass::text, pg_get_ruledef(r.oid)
		FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
		WHERE c.relnamespace = current_schema()::regnamespace AND r.rulename <> '_RETURN'
	UNION ALL SELECT 'policy', p.polname::text, p.polrelid::regclass::text, '' FROM pg_policy AS p JOIN ours AS c ON c.oid = p.polrelid
	UNION ALL SELECT 'function', f.proname::text, '',
			concat_ws(E'\n', pg_get_function_arguments(f.oid), CASE WHEN f.prosecdef THEN 'as its owner' END, f.prosrc)
		FROM pg_proc AS f
		WHERE f.pronamespace = current_schema()::regnamespace AND f.proname IN ('redact_audit', 'audit_kept', 'audit_redacted')`

// serverNumber is made of the numbers of the transactions that have last changed the rows of the catalog.
const serverNumber = `
	WITH ours AS (SELECT oid, xmin, relkind FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
	SELECT COALESCE(SUM(xmin::text::bigint * 7 + oid::bigint), 0)::bigint FROM (
		SELECT xmin, oid FROM ours
		UNION ALL SELECT a.xmin, a.attrelid FROM pg_attribute AS a JOIN ours ON ours.oid = a.attrelid WHERE relkind = 'r' AND a.attnum > 0
		UNION ALL SELECT d.xmin, d.oid FROM pg_attrdef AS d JOIN ours ON ours.oid = d.adrelid
		UNION ALL SELECT t.xmin, t.oid FROM pg_trigger AS t JOIN ours ON ours.oid = t.tgrelid
		UNION ALL SELECT r.xmin, r.oid FROM pg_rewrite AS r JOIN ours ON ours.oid = r.ev_class
		UNION ALL SELECT p.xmin, p.oid FROM pg_policy AS p JOIN ours ON ours.oid = p.polrelid
		UNION ALL SELECT f.xmin, f.oid FROM pg_proc AS f
			WHERE f.pronamespace = current_schema()::regnamespace
				AND f.proname IN ('redact_audit', 'audit_kept', 'audit_redacted')) AS parts`

// harmlessInServer is engine.harmless of PostgreSQL: a table of others' with no key to one of ours, what is on such a table, and an
// index of theirs on one of ours that is not unique and has to work nothing out.
func harmlessInServer(ctx context.Context, db querier, added []thing) (names []string, err error) {
	for _, t := range added {
		fine := false
		switch {
		case t.kind == "table":
			refersTo, err := collect(ctx, db, scanValue[string], `
				SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass($1)`, t.name)
			if err != nil {
				return nil, err
			}
			fine = !slices.ContainsFunc(refersTo, func(table string) bool { return !theirs(added, table) })
		case t.kind == "index" && theirs(added, t.table):
			fine = true
		case t.kind == "index":
			fine, err = value[bool](ctx, db, `
				SELECT NOT indisunique AND indexprs IS NULL AND indpred IS NULL
				FROM pg_index WHERE indexrelid = to_regclass($1)`, t.name)
			if err != nil {
				return nil, err
			}
		}
		if fine {
			names = append(names, t.String())
		}
	}
	return names, nil
}
