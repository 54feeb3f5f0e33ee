package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// tags are the build tags under which all of the repository is built.
const tags = "real"

// place is a line of a file, whose name is relative to the root.
type place struct {
	file string
	line int
}

// folder is a package without its tests.
type folder struct {
	name    string // the path of its folder below the root
	main    bool
	files   []string
	lines   int
	things  []thing
	imports []imported // of the module's own packages
	words   []breach   // values written out that are listed elsewhere
}

// imported is a package that a file imports.
type imported struct {
	name string
	at   place
}

// load measures all packages of the module in the folder root.
func load(root string) ([]folder, error) {
	cfg := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedModule | packages.NeedImports |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo,
		Dir:        root,
		BuildFlags: []string{"-tags=" + tags},
	}
	pkgs, err := packages.Load(cfg, "./...")
	if err != nil {
		return nil, err
	}
	var folders []folder
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("%s: %w", p.PkgPath, p.Errors[0])
		}
		if len(p.Syntax) > 0 { // and not tests only
			folders = append(folders, surveyor{root: root, pkg: p}.survey())
		}
	}
	if len(folders) == 0 {
		return nil, errors.New("no package was found")
	}
	slices.SortFunc(folders, func(a, b folder) int { return strings.Compare(a.name, b.name) })
	return folders, nil
}

// surveyor measures one package.
type surveyor struct {
	root string
	pkg  *packages.Package
}

func (s surveyor) survey() folder {
	f := folder{name: s.relative(s.pkg.PkgPath), main: s.pkg.Name == "main", things: s.types(), words: s.words()}
	for _, file := range s.pkg.Syntax {
		name, lines := s.place(file.FileStart).file, s.pkg.Fset.File(file.FileStart).LineCount()
		f.files = append(f.files, name)
		f.lines += lines
		f.things = append(f.things, thing{aFile, path.Base(name), lines, place{name, 1}})
		f.things = append(f.things, s.functions(file)...)
		f.things = append(f.things, s.interfaces(file)...)
		f.imports = append(f.imports, s.imports(file)...)
	}
	f.things = append(f.things, thing{aPackage, f.name, len(f.files), place{f.files[0], 1}})
	return f
}

// relative is an import path of the module below the module's own.
func (s surveyor) relative(importPath string) string {
	if importPath == s.pkg.Module.Path {
		return "."
	}
	return strings.TrimPrefix(importPath, s.pkg.Module.Path+"/")
}

func (s surveyor) place(pos token.Pos) place {
	at := s.pkg.Fset.PositionFor(pos, false)
	return place{below(s.root, at.Filename), at.Line}
}

// below is the name of a file below root, relative to root.
func below(root, file string) string {
	return filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))
}

func (s surveyor) imports(file *ast.File) (all []imported) {
	for _, spec := range file.Imports {
		// The parser has seen that it is well formed.
		importPath, _ := strconv.Unquote(spec.Path.Value)
		if importPath == s.pkg.Module.Path || strings.HasPrefix(importPath, s.pkg.Module.Path+"/") {
			all = append(all, imported{s.relative(importPath), s.place(spec.Pos())})
		}
	}
	return all
}

// types are the package's types by their own methods, without those of what they embed.
func (s surveyor) types() (all []thing) {
	scope := s.pkg.Types.Scope()
	for _, name := range scope.Names() {
		object, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || object.IsAlias() {
			continue
		}
		if named, ok := object.Type().(*types.Named); ok && !types.IsInterface(named) {
			all = append(all, thing{aType, name, named.NumMethods(), s.place(object.Pos())})
		}
	}
	return all
}

// interfaces are the interfaces that a file spells out, anywhere, by all that they
// ask for: what they embed is counted.
func (s surveyor) interfaces(file *ast.File) (all []thing) {
	names := make(map[ast.Expr]string)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			names[n.Type] = n.Name.Name
		case *ast.InterfaceType:
			if i, ok := s.pkg.TypesInfo.TypeOf(n).(*types.Interface); ok {
				name := names[n]
				if name == "" {
					name = "without a name"
				}
				all = append(all, thing{anInterface, name, i.NumMethods(), s.place(n.Pos())})
			}
		}
		return true
	})
	return all
}

// functions are a file's functions, by the lines from that of func to that of the
// closing brace, both counted. What stands inside another is part of that.
func (s surveyor) functions(file *ast.File) (all []thing) {
	ast.Inspect(file, func(n ast.Node) bool {
		var name string
		switch n := n.(type) {
		case *ast.FuncDecl:
			name = n.Name.Name
			if n.Recv != nil {
				name = receiver(n.Recv.List[0].Type) + "." + name
			}
			all = append(all, thing{aFunction, name, s.span(n.Type.Func, n.End()), s.place(n.Type.Func)})
			return false
		case *ast.FuncLit:
			all = append(all, thing{aFunction, "without a name", s.span(n.Pos(), n.End()), s.place(n.Pos())})
			return false
		}
		return true
	})
	return all
}

// span is how many lines there are from one position to another, counting both.
func (s surveyor) span(from, to token.Pos) int {
	return s.place(to).line - s.place(from).line + 1
}

func receiver(t ast.Expr) string {
	if _, ok := t.(*ast.StarExpr); ok {
		return "(" + types.ExprString(t) + ")"
	}
	return types.ExprString(t)
}

// sourcesBelow are all Go files of the module in the folder root, tests too and
// whatever tags they are built with.
func sourcesBelow(root string) (files []string, err error) {
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != root && passedOver(file) {
			return filepath.SkipDir
		}
		if !d.IsDir() && path.Ext(d.Name()) == ".go" {
			files = append(files, below(root, file))
		}
		return nil
	})
	return files, err
}

// passedOver reports whether ./... leaves a folder out.
func passedOver(dir string) bool {
	name := filepath.Base(dir)
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}
