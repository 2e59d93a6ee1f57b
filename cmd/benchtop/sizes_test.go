package main

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// The sizes of the house: what is larger is probably two things. Tests may be larger.
const (
	mostFiles       = 25  // of a package
	mostLines       = 400 // of a file
	longestFunction = 60  // lines of a function, its table apart
)

func TestSizes(t *testing.T) {
	files := map[string]int{}
	check := func(what string, n, most int, of string) {
		if n > most {
			t.Errorf("%s has %d %s; allowed: %d", what, n, of, most)
		}
	}
	for _, s := range house(t) {
		if s.test {
			continue
		}
		files[s.room]++
		check(s.name, s.lines(s.file), mostLines, "lines")
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				check(s.name+": "+function(f), s.length(f), longestFunction, "lines")
			}
		}
	}
	for room, n := range files {
		check(room, n, mostFiles, "files")
	}
}

// source is one file of Go.
type source struct {
	name, room string // from the root of the repository, with slashes
	test       bool
	fset       *gotoken.FileSet
	file       *ast.File
}

// house parses every file of Go in the repository.
func house(t *testing.T) []source {
	t.Helper()
	var out []source
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		s := source{name: filepath.ToSlash(rel), test: strings.HasSuffix(name, "_test.go"), fset: gotoken.NewFileSet()}
		s.room = path.Dir(s.name)
		s.file, err = parser.ParseFile(s.fset, name, nil, parser.SkipObjectResolution)
		out = append(out, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lines is how many lines a node takes; a file has those to its end.
func (s *source) lines(n ast.Node) int {
	if f, ok := n.(*ast.File); ok {
		return s.fset.File(f.Pos()).LineCount()
	}
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// length is how many lines a function takes, without its table if it is mostly one: the largest composite literal, when
// it takes more than half of the function and no function in it is longer than a line.
func (s *source) length(f *ast.FuncDecl) int {
	table, all := 0, s.lines(f)
	ast.Inspect(f, func(n ast.Node) bool {
		if literal, ok := n.(*ast.CompositeLit); ok && s.plain(literal) {
			table = max(table, s.lines(literal))
		}
		return true
	})
	if 2*table > all {
		return all - table
	}
	return all
}

// plain reports whether a literal has no function of more than a line.
func (s *source) plain(literal *ast.CompositeLit) bool {
	plain := true
	ast.Inspect(literal, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncLit); ok && s.lines(f) > 1 {
			plain = false
		}
		return plain
	})
	return plain
}

// function is a function's name, with its receiver's type.
func function(f *ast.FuncDecl) string {
	name := f.Name.Name
	if f.Recv != nil {
		ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
			receiver, ok := n.(*ast.Ident)
			if ok {
				name = receiver.Name + "." + name
			}
			return !ok
		})
	}
	return name
}
