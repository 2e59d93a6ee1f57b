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

// bare finds where a file starts goroutines whose panics nobody would report, in place of through routine.
func bare(files *gotoken.FileSet, file *ast.File) (found []gotoken.Position) {
	plainGroups := false
	var joins []gotoken.Pos
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = append(found, files.Position(n.Pos()))
		case *ast.SelectorExpr:
			from, _ := n.X.(*ast.Ident)
			switch {
			case from != nil && (from.Name == "time" || from.Name == "context") && n.Sel.Name == "AfterFunc":
				found = append(found, files.Position(n.Pos()))
			case from != nil && from.Name == "sync" && n.Sel.Name == "WaitGroup":
				plainGroups = true
			case n.Sel.Name == "Go" && (from == nil || from.Name != "routine"):
				joins = append(joins, n.Pos())
			}
		}
		return true
	})
	if plainGroups { // without types: a file that uses Go uses routine.Group alone
		for _, at := range joins {
			found = append(found, files.Position(at))
		}
	}
	return found
}

// Rule: a panic in any goroutine restores the terminal and is reported. So there is one way to start one.
func TestGoroutinesAreStartedInOnePlace(t *testing.T) {
	root := filepath.Join("..", "..")
	own := path.Join(everyones[0], "routine.go")
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") ||
			strings.HasSuffix(filepath.ToSlash(name), own) {
			return err
		}
		files := gotoken.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, at := range bare(files, file) {
			t.Errorf("%v starts a goroutine whose panic nobody reports; use targets/routine", at)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A check that cannot fail is none.
func TestBareGoroutinesAreFound(t *testing.T) {
	for text, want := range map[string]int{
		"go f()":                                  1,
		"go func() {}()":                          1,
		"time.AfterFunc(1, f)":                    1,
		"context.AfterFunc(ctx, f)":               1,
		"var g sync.WaitGroup; g.Go(f)":           1,
		"var g sync.WaitGroup; g.Add(1)":          0,
		"var g routine.Group; g.Go(f)":            0,
		"routine.Go(f)":                           0,
		"routine.AfterFunc(1, f)":                 0,
		"s.h.after(func() { go f(); go f() }, 1)": 2,
	} {
		files := gotoken.NewFileSet()
		file, err := parser.ParseFile(files, "x.go", "package x\nfunc x() {\n"+text+"\n}", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := bare(files, file); len(got) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// A process is looked up in /proc by its number through targets/procfs alone, which
// knows whether that /proc is of this PID namespace.
func TestProcessesAreLookedUpInOnePlace(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") ||
			strings.Contains(filepath.ToSlash(name), "targets/procfs/") {
			return err
		}
		files := gotoken.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if ok && (strings.HasPrefix(lit.Value, `"/proc/"`) || strings.HasPrefix(lit.Value, `"/proc/[`) || strings.HasPrefix(lit.Value, `"/proc/%`)) {
				t.Errorf("%v names a process in /proc; use procfs.Dir", files.Position(lit.Pos()))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
