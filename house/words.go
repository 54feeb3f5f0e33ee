package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// words are the breaches of the rule that the values of a type that has any listed are listed in one file, and
// written out nowhere else.
func (s surveyor) words() (all []breach) {
	lists := make(map[types.Type]string) // the file of the first constant, by type
	for _, file := range s.pkg.Syntax {
		for _, d := range file.Decls {
			list, ok := d.(*ast.GenDecl)
			if ok && list.Tok == token.CONST {
				all = append(all, s.scattered(list, lists)...)
				continue
			}
			all = append(all, s.writtenOut(d)...)
		}
	}
	return all
}

// scattered are the constants of a list whose type has others in another file.
func (s surveyor) scattered(list *ast.GenDecl, lists map[types.Type]string) (all []breach) {
	for _, spec := range list.Specs {
		for _, name := range spec.(*ast.ValueSpec).Names {
			t := s.pkg.TypesInfo.TypeOf(name)
			if !s.ours(t) {
				continue
			}
			at := s.place(name.Pos())
			if first, known := lists[t]; known && first != at.file {
				all = append(all, breach{at, fmt.Sprintf("%s is a %s, and others are in %s", name.Name, word(t), first)})
			}
			lists[t] = at.file
		}
	}
	return all
}

// writtenOut are the literals in a declaration that stand for a listed value.
func (s surveyor) writtenOut(d ast.Decl) (all []breach) {
	ast.Inspect(d, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING || lit.Value == `""` {
			return true
		}
		if t := s.pkg.TypesInfo.TypeOf(lit); s.ours(t) && listed(t) {
			all = append(all, breach{s.place(lit.Pos()), fmt.Sprintf("%s is written out, and not a constant of %s", lit.Value, word(t))})
		}
		return true
	})
	return all
}

// ours reports whether t is a named text of the module's own.
func (s surveyor) ours(t types.Type) bool {
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	basic, ok := named.Underlying().(*types.Basic)
	return ok && basic.Kind() == types.String && strings.HasPrefix(named.Obj().Pkg().Path()+"/", s.pkg.Module.Path+"/")
}

// listed reports whether the package of a named type has constants of it.
func listed(t types.Type) bool {
	scope := t.(*types.Named).Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && types.Identical(c.Type(), t) {
			return true
		}
	}
	return false
}

func word(t types.Type) string {
	o := t.(*types.Named).Obj()
	return o.Pkg().Name() + "." + o.Name()
}
