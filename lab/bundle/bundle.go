// Package bundle makes the folder that a class is given: this program for every system, checksums, and a page to start from.
// It needs a clone, Go and nothing else; what is built is the same wherever it is built from the same commit.
package bundle

import (
	"context"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"benchtop/lab/figure"
	"benchtop/lab/outfile"
	"benchtop/lab/report"
)

// Names of what stands besides the programs in the folder.
const (
	SumsName = "SHA256SUMS" // as sha256sum --check reads it
	PageName = "start.html"
)

// System is a system that there is a program for.
type System struct {
	OS, Arch string
	Name     string   // of the program's file
	Words    string   // for whom it is
	Start    []string // lines to type in the folder
}

// Systems are those of a release.
func Systems() []System {
	unix := func(os, arch, name, words string, first ...string) System {
		return System{os, arch, name, words, append(first, "chmod +x "+name, "./"+name)}
	}
	const quarantine = "xattr -d com.apple.quarantine "
	return []System{
		unix("linux", "amd64", "benchtop-linux-amd64", "Linux on Intel or AMD, and WSL 2 on Windows"),
		unix("linux", "arm64", "benchtop-linux-arm64", "Linux on ARM, and WSL 2 on Windows on ARM"),
		unix("darwin", "arm64", "benchtop-macos-arm64", "macOS on Apple's processors", quarantine+"benchtop-macos-arm64"),
		unix("darwin", "amd64", "benchtop-macos-amd64", "macOS on Intel", quarantine+"benchtop-macos-amd64"),
		{"windows", "amd64", "benchtop-windows-amd64.exe", "Windows itself: lessons, quiz, recorded runs and reports; to run servers and load use WSL 2", []string{`.\benchtop-windows-amd64.exe`}},
	}
}

// Built is a program that was built.
type Built struct {
	System
	Bytes int64
	Sum   string // SHA-256, hexadecimal
}

// Module is the name of this program's module, whatever it is called.
func Module() string {
	return strings.TrimSuffix(reflect.TypeFor[System]().PkgPath(), "/lab/bundle")
}

// ErrNoClone is wrapped by the error of Clone.
var ErrNoClone = errors.New("no clone of this program's source")

// Clone finds the clone that a folder lies in.
func Clone(dir string) (root string, err error) {
	begin, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for root = begin; ; root = filepath.Dir(root) {
		content, err := os.ReadFile(filepath.Join(root, "go.mod")) //nolint:gosec // above the folder where the person is
		if first, _, _ := strings.Cut(string(content), "\n"); err == nil && strings.TrimSpace(first) == "module "+Module() {
			return root, nil
		}
		if filepath.Dir(root) == root {
			return "", fmt.Errorf("%w in %s or above it; change into one (the folder with go.mod) and run it there: go run ./cmd/benchtop bundle DIR", ErrNoClone, begin)
		}
	}
}

// Make builds the programs of all systems from a clone into a folder, which it makes, and writes checksums and the page. Each
// line of progress says one file. Nothing is loaded that the module cache has.
func Make(ctx context.Context, clone, dir string, progress io.Writer) error {
	if _, err := exec.LookPath("go"); err != nil {
		return fmt.Errorf("building needs Go, which is not in PATH: %w; https://go.dev/dl has it", err)
	}
	dir, err := filepath.Abs(dir) // the build runs in the clone
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // it is handed round
		return err
	}
	var all []Built
	var sums strings.Builder
	for _, s := range Systems() {
		b, err := build(ctx, clone, dir, s)
		if err != nil {
			return fmt.Errorf("building %s: %w", s.Name, err)
		}
		all = append(all, b)
		fmt.Fprintf(&sums, "%s  %s\n", b.Sum, b.Name)
		fmt.Fprintf(progress, "%s  %s  %s\n", b.Sum, figure.Bytes(float64(b.Bytes)), b.Name)
	}
	if err := outfile.Write(filepath.Join(dir, SumsName), []byte(sums.String()), 0o644); err != nil {
		return err
	}
	var text strings.Builder
	if err := writePage(&text, all); err != nil {
		return err
	}
	return outfile.Write(filepath.Join(dir, PageName), []byte(text.String()), 0o644)
}

// flags make the same file from the same commit, on whatever machine and in whatever folder: no path of the builder is in it.
// The tables of symbols, a quarter of it, are left out; what a panic prints needs none.
var flags = []string{"build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w -buildid="}

func build(ctx context.Context, clone, dir string, s System) (Built, error) {
	path := filepath.Join(dir, s.Name)
	cmd := exec.CommandContext(ctx, "go", append(flags, "-o", path, "./cmd/benchtop")...)
	cmd.Dir = clone
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+s.OS, "GOARCH="+s.Arch)
	if said, err := cmd.CombinedOutput(); err != nil {
		return Built{}, fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(said)))
	}
	f, err := os.Open(path) //nolint:gosec // it was just built
	if err != nil {
		return Built{}, err
	}
	defer func() { _ = f.Close() }()
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	return Built{System: s, Bytes: n, Sum: hex.EncodeToString(hash.Sum(nil))}, err
}

//go:embed start.html
var pageText string

var page = report.NewPage("start", pageText)

// row is a system on the page.
type row struct {
	Built
	Size string
}

// writePage writes the page that people start from.
func writePage(w io.Writer, all []Built) error {
	rows := make([]row, len(all))
	for i, b := range all {
		rows[i] = row{b, figure.Bytes(float64(b.Bytes))}
	}
	if err := report.Page(w, page, rows); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}
